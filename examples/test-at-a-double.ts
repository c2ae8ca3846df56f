// How a trading swarm is tested: the whole of it, at a double of its venue that fails as it is told to. Any test runner will do; this one is Node's own.
import assert from 'node:assert/strict'
import { test } from 'node:test'
import {
  AlertRaised,
  AssessRisk,
  createTradingSwarm,
  defineTradingSwarm,
  GetPortfolio,
  OrderUpdated,
  SubmitOrder,
} from '@tradeswarm/agents'
import { createAlpacaBroker, createAlpacaMarketData } from '@tradeswarm/broker-alpaca'
import { Agent, createSilentLogger, createSystemRandom } from '@tradeswarm/core'
import { createMemoryStorage } from '@tradeswarm/storage-memory'
import { eventLoopTurn } from '@tradeswarm/testing'
import { createFakeAlpaca, type FakeFault } from '@tradeswarm/testing/fakes'
import type { Instrument } from '@tradeswarm/trading'

const symbol = 'BTC-USD'
const grid = { tickSize: '0.01', lotSize: '0.0001', minimumNotional: '10', calendar: 'always-open' } as const
const instrument: Instrument = { symbol, kind: 'crypto-spot', asset: 'BTC', currency: 'USD', ...grid }

const isEnd = (status: string): boolean => /^(filled|rejected|canceled|expired)/.test(status)

/** What the agent was told: the answer to its order, what became of that, and alerts. */
let told = { answer: '', order: [] as string[], alerts: [] as string[] }
let ended = Promise.withResolvers<void>()

/** The agent under test: buys once, as soon as it is permitted. */
class Buyer extends Agent<typeof Buyer> {
  static readonly role = 'buyer'
  static readonly requests = [GetPortfolio, AssessRisk, SubmitOrder]
  #tries = 0
  #isDone = false

  protected override onStart() {
    this.subscribe(AlertRaised, ({ code }) => void told.alerts.push(code))
    this.subscribe(OrderUpdated, ({ purpose, status, rejection }) => {
      // Denied is what it asks for before there is a price.
      if (purpose !== 'entry' || status === 'denied') return
      told.order.push(rejection === undefined ? status : `${status} ${rejection.code}`)
      if (isEnd(status) && told.answer !== '') ended.resolve()
    })
    this.every('50ms', async (context) => {
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
        causationId: 'test',
        correlationId: 'test',
      }
      const assessed = await context.request(AssessRisk, intent)
      if (assessed.status !== 'permitted') return
      this.#isDone = true
      const { status } = await context.request(SubmitOrder, { intent, permitId: assessed.permitId })
      told.answer = status
      if (told.order.some(isEnd)) ended.resolve()
    })
  }
}

/** Lets the agent trade at a double where something goes wrong with its order, and answers what it was told and what the venue has. */
async function tradeWith(fault?: FakeFault | 'a silent stream') {
  told = { answer: '', order: [], alerts: [] }
  ended = Promise.withResolvers()
  const venue = await createFakeAlpaca()
  const { keyId, secret, url } = venue
  const logger = createSilentLogger()
  const keys = { keyId, secret, symbols: [symbol] }
  // Short waits, so that the test is short; long enough for a machine that is busy.
  const waits = { requestTimeoutMs: 2_000, heartbeatMs: 500, outcomeWaitsMs: [10, 50, 100] }
  const feed = await createAlpacaMarketData({ ...keys, urls: { data: url } }).open({
    random: createSystemRandom(),
    logger,
  })
  const swarm = createTradingSwarm(
    defineTradingSwarm({
      symbols: [symbol],
      brokers: [createAlpacaBroker({ ...keys, ...waits, urls: { trading: url } })],
      agents: [Buyer],
      // Asks for the mean volume of twenty days, which nobody has told of here.
      rules: { remove: ['SYMBOL_DENIED'] },
    }),
    {
      storage: createMemoryStorage(),
      feed,
      instruments: [instrument],
      deposits: { alpaca: '100000' },
      runtime: { logger },
    },
  )
  await swarm.start()
  if (fault === 'a silent stream') venue.conditions.frozenUpdates = true
  else if (fault !== undefined) venue.fail(fault)
  // Denied until there is a price: what goes wrong is said before.
  await venue.market.quote('BTC/USD', '49990', '50010')
  await venue.market.trade('BTC/USD', '50000')
  if (fault === 'a silent stream') {
    // The adapter leaves it, since it gives no sign of life; the next one speaks again.
    while (venue.orders().length === 0 || venue.listening.updates > 0) await eventLoopTurn()
    venue.conditions.frozenUpdates = false
  }
  await ended.promise
  await swarm.stop()
  const bought = venue.orders().filter(({ side }) => side === 'buy').length
  const held = swarm.portfolio().positions.map(({ quantity }) => quantity)
  await feed.close()
  await venue.close()
  return { ...told, bought, held }
}

const on = 'POST /v2/orders'
const bought = { bought: 1, held: ['0.09975'] }
const nothing = { bought: 0, held: [] }
const filled = { answer: 'submitted', order: ['permitted', 'submitted', 'accepted', 'filled'], alerts: [], ...bought }

await test('all is well', async () => assert.deepEqual(await tradeWith(), filled))

await test('the order lands, and its answer never comes: it is looked up, and the agent notices nothing', async () =>
  assert.deepEqual(await tradeWith({ kind: 'hang', when: 'after', on }), filled))

await test('the stream of the account stands still: what it did not tell is told once it is back', async () =>
  assert.deepEqual(await tradeWith('a silent stream'), filled))

// Nobody knows whether it has arrived, so that it is asked for and then sent again under its own id, which Alpaca takes once.
const inDoubt = {
  ...filled,
  order: ['permitted', 'submitted', 'unknown', 'accepted', 'filled'],
  alerts: ['ORDER_UNKNOWN'],
}

await test('the order is lost on its way: it is unknown for a while, then filled, once', async () =>
  assert.deepEqual(await tradeWith({ kind: 'cut', when: 'before', on }), inDoubt))

await test('the venue answers with 503: the same', async () =>
  assert.deepEqual(await tradeWith({ kind: 'status', status: 503, on }), inDoubt))

await test('one request too many: the order was not sent, and the agent may ask again', async () => {
  const order = ['permitted', 'submitted', 'rejected BROKER_RATE_LIMITED']
  const tooMany = { kind: 'too-many', retryAfterSeconds: 1, on } as const
  assert.deepEqual(await tradeWith(tooMany), { answer: 'refused', order, alerts: [], ...nothing })
})

await test('the venue refuses: that is told of the order, after the answer', async () => {
  const body = JSON.stringify({ code: 40310000, message: 'insufficient buying power' })
  const order = ['permitted', 'submitted', 'rejected INSUFFICIENT_FUNDS']
  const refusal = { kind: 'status', status: 403, body, on } as const
  assert.deepEqual(await tradeWith(refusal), { answer: 'submitted', order, alerts: [], ...nothing })
})
