// Prices of one's own: a feed that reads what a data provider says, and a swarm that trades on it.
import { AssessRisk, createTradingSwarm, defineTradingSwarm, OrderFilled, SubmitOrder } from '@tradeswarm/agents'
import { createPaperBroker } from '@tradeswarm/broker-paper'
import { Agent, createSilentLogger, createSystemClock, defineTopic } from '@tradeswarm/core'
import { createMemoryStorage } from '@tradeswarm/storage-memory'
import type { Instrument, MarketDataFeed, MarketEvent, MarketListener } from '@tradeswarm/trading'
import { z } from 'zod'

const symbol = 'BTC-USD'
const instrument: Instrument = {
  symbol,
  kind: 'crypto-spot',
  asset: 'BTC',
  currency: 'USD',
  tickSize: '0.01',
  lotSize: '0.0001',
  minimumNotional: '1',
  calendar: 'always-open',
}

/** What a data provider says; yours comes over a socket, or is asked for every second. */
type Tick = {
  readonly product: string
  readonly bid: number
  readonly ask: number
  readonly last: number
  readonly at: number
}

function createMyFeed(): MarketDataFeed & { read(tick: Tick): Promise<void> } {
  const listeners = new Set<MarketListener>()
  let before: Promise<unknown> = Promise.resolve()
  // One event after the other, and each listener is awaited before the next one hears it.
  const tell = (event: MarketEvent): Promise<void> => {
    const told = before.then(async () => {
      for (const listener of listeners) await listener(event)
    })
    before = told.catch(() => undefined) // what one event met keeps no other back
    return told
  }
  const price = (value: number): string => value.toFixed(2) // decimal texts, on the tick of the instrument
  return {
    name: 'my-feed',
    subscribe(listener) {
      listeners.add(listener)
      return () => void listeners.delete(listener)
    },
    async read({ product, bid, ask, last, at }) {
      const of = { symbol: product, time: at }
      await tell({ ...of, type: 'quote', bid: price(bid), ask: price(ask) }) // what an order may get now
      await tell({ ...of, type: 'trade', price: price(last), quantity: '1' }) // what it is measured and valued by
    },
  }
}

const BuyWanted = defineTopic('buy.wanted', { schema: z.object({ intentId: z.string() }), delivery: 'durable' })
const answered = Promise.withResolvers<void>()
const filled = Promise.withResolvers<void>()

class Buyer extends Agent<typeof Buyer> {
  static readonly role = 'buyer'
  static readonly requests = [AssessRisk, SubmitOrder]

  protected override onStart() {
    this.subscribe(BuyWanted, async ({ intentId }, context) => {
      const intent = {
        intentId,
        account: 'paper',
        agent: this.id,
        strategy: 'example',
        symbol,
        side: 'buy',
        type: 'market',
        quantity: '0.1',
        timeInForce: 'gtc',
        exits: { stopPrice: '45000', targetPrice: '60000', maximumSessions: 9 },
        decidedAt: context.clock.now(),
        causationId: 'example',
        correlationId: 'example',
      } as const
      const answer = await context.request(AssessRisk, intent)
      if (answer.status === 'permitted') await context.request(SubmitOrder, { intent, permitId: answer.permitId })
      else console.log(`${intentId}: ${answer.findings[0]?.code}, ${answer.findings[0]?.message}`)
      answered.resolve()
    })
    this.subscribe(OrderFilled, ({ intentId, quantity, price }) => {
      console.log(`${intentId}: ${quantity} at ${price}`)
      filled.resolve()
    })
  }
}

const clock = createSystemClock()
const feed = createMyFeed()
const swarm = createTradingSwarm(
  defineTradingSwarm({
    symbols: [symbol],
    brokers: [
      createPaperBroker({ instruments: [instrument], cash: { USD: '100000' }, slippage: { basisPoints: '0' } }),
    ],
    agents: [Buyer],
    policy: { maximumQuoteAgeMs: 60_000 }, // an older quote is as good as none
    rules: { remove: ['SYMBOL_DENIED'] }, // asks for the mean volume of twenty days, which this feed does not tell
  }),
  {
    storage: createMemoryStorage(),
    feed,
    instruments: [instrument],
    deposits: { paper: '100000' },
    runtime: { logger: createSilentLogger() },
  },
)
await swarm.start()

await swarm.publish(BuyWanted, { intentId: 'too-early' })
await answered.promise
await feed.read({ product: symbol, bid: 50_000, ask: 50_001.5, last: 50_000.5, at: clock.now() })
await swarm.publish(BuyWanted, { intentId: 'in-time' })
await filled.promise
await feed.read({ product: symbol, bid: 51_000, ask: 51_001, last: 51_000, at: clock.now() })
const { equity, positions } = swarm.portfolio()
console.log(`${positions[0]?.quantity} ${symbol} worth ${positions[0]?.marketValue}, equity ${equity}`)
await swarm.stop()
