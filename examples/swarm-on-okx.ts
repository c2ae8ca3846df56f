// A swarm on an account at OKX, here at its double on this machine. With keys of your own, leave `urls` out.
import {
  AssessRisk,
  createTradingSwarm,
  defineTradingSwarm,
  GetPortfolio,
  OrderFilled,
  SubmitOrder,
} from '@tradeswarm/agents'
import { createOkxBroker, createOkxMarketData } from '@tradeswarm/broker-okx'
import { Agent, createSilentLogger, createSystemRandom } from '@tradeswarm/core'
import { createMemoryStorage } from '@tradeswarm/storage-memory'
import { createFakeOkx } from '@tradeswarm/testing/fakes'
import type { Instrument } from '@tradeswarm/trading'

const symbol = 'BTC-USDT'
const instrument: Instrument = {
  symbol,
  kind: 'crypto-spot',
  asset: 'BTC',
  currency: 'USDT',
  tickSize: '0.1',
  lotSize: '0.00000001',
  minimumNotional: '0',
  calendar: 'always-open',
}

const bought = Promise.withResolvers<void>()

/** Buys once, as soon as the risk authority permits it. */
class Buyer extends Agent<typeof Buyer> {
  static readonly role = 'buyer'
  static readonly requests = [GetPortfolio, AssessRisk, SubmitOrder]
  #tries = 0
  #isDone = false

  protected override onStart() {
    this.subscribe(OrderFilled, () => bought.resolve())
    this.every('100ms', async (context) => {
      if (this.#isDone) return
      this.#tries += 1
      const { account } = await context.request(GetPortfolio, { symbol })
      const intent = {
        intentId: `buy-${this.#tries}`,
        account,
        agent: this.id,
        strategy: 'buy-once',
        symbol,
        side: 'buy' as const,
        type: 'market' as const,
        quantity: '0.1',
        timeInForce: 'gtc' as const,
        exits: { stopPrice: '45000', targetPrice: '60000', maximumSessions: 9 },
        decidedAt: context.clock.now(),
        causationId: 'example',
        correlationId: 'example',
      }
      const answer = await context.request(AssessRisk, intent)
      // Denied until there is a price; `answer.findings` says what else it is.
      if (answer.status !== 'permitted') return
      this.#isDone = true
      await context.request(SubmitOrder, { intent, permitId: answer.permitId })
    })
  }
}

const venue = await createFakeOkx()
const { keyId: key, secret, passphrase, url: rest } = venue // process.env of yours
const logger = createSilentLogger()
const symbols = [symbol]
const feed = await createOkxMarketData({ symbols, urls: { rest } }).open({
  random: createSystemRandom(),
  logger,
})
const swarm = createTradingSwarm(
  defineTradingSwarm({
    symbols,
    brokers: [createOkxBroker({ key, secret, passphrase, symbols, urls: { rest } })],
    agents: [Buyer],
    // Asks for the mean volume of twenty days, which nobody has told of here.
    rules: { remove: ['SYMBOL_DENIED'] },
  }),
  {
    storage: createMemoryStorage(),
    feed,
    instruments: [instrument],
    deposits: { okx: '100000' },
    runtime: { logger },
  },
)
await swarm.start()
await venue.market.quote(symbol, '49990', '50010')
await venue.market.trade(symbol, '50000')

await bought.promise
// A coin pays its fee in what was bought.
for (const { symbol, quantity, averagePrice } of swarm.portfolio().positions)
  console.log(`${quantity} ${symbol} at ${averagePrice}`)

await swarm.stop()
await feed.close()
await venue.close()
