import { createSeededRandom, createSequentialIds, createSilentLogger } from '@tradeswarm/core'
import { createManualFeed, createOpenGuard } from '@tradeswarm/testing'
import { createFakeAlpaca, type FakeFault } from '@tradeswarm/testing/fakes'
import { afterEach, describe, expect, it, test } from 'vitest'
import { createAlpacaBroker } from './create-alpaca-broker.js'
import { stopAll, stopLater } from './fake-account.test-support.js'
import { hurriedLine, market, openLive, until } from './live-account.test-support.js'
import { parseConnection } from './parse-alpaca-options.js'
import { RestClient } from './rest-client.js'
import { TradingClient } from './trading-client.js'

afterEach(stopAll)

const landed: readonly FakeFault[] = [
  { kind: 'hang', when: 'after', on: 'POST /v2/orders' },
  { kind: 'cut', when: 'after', on: 'POST /v2/orders' },
  { kind: 'status', status: 500, when: 'after', on: 'POST /v2/orders' },
  { kind: 'status', status: 504, when: 'after', on: 'POST /v2/orders' },
  { kind: 'slow-body', delayMs: 60_000, on: 'POST /v2/orders' },
]

describe('a placement without an answer', () => {
  it.each(landed)(
    'that has landed is found by its client order id, and not sent again: $kind $status',
    async (fault) => {
      const { fake, broker, place, words, asked } = await openLive()
      fake.fail(fault)
      const id = await place()
      expect(words(id)).toEqual(['accepted'])
      expect(await broker.order(id)).toMatchObject({ status: 'open', quantity: '10' })
      expect(asked('POST /v2/orders')).toBe(1)
    },
  )

  it.each([400, 404, 408, 413])('that somebody on the way answers with %i is looked up', async (status) => {
    const { fake, place, words, events, asked } = await openLive()
    const page = { kind: 'status', status, body: '<html>no</html>', on: 'POST /v2/orders' } as const
    fake.fail({ ...page, when: 'after' })
    expect(words(await place())).toEqual(['accepted'])
    fake.fail(page)
    await expect(place()).rejects.toMatchObject({ code: 'ORDER_OUTCOME_UNKNOWN' })
    expect(events.map(({ type }) => type)).toEqual(['accepted'])
    expect(asked('POST /v2/orders')).toBe(2)
  })

  it.each(['after', 'before'] as const)(
    'that is refused in other words is looked up before it is told: %s',
    async (when) => {
      const { fake, broker, request, guard, words, events } = await openLive()
      const body = JSON.stringify({ code: 40010001, message: 'that name is taken' })
      fake.fail({ kind: 'status', status: 422, body, when, on: 'POST /v2/orders' })
      const one = request()
      const placing = broker.place(guard.permit(one))
      if (when === 'after') await expect(placing).rejects.toMatchObject({ code: 'DUPLICATE_CLIENT_ORDER_ID' })
      else await placing
      expect(words(one.clientOrderId).includes('rejected')).toBe(when === 'before')
      expect(events.some(({ type }) => type === 'rejected')).toBe(when === 'before')
    },
  )

  it('that is not to be seen at first is looked up again', async () => {
    const { fake, place, words, asked } = await openLive()
    fake.fail({ kind: 'cut', when: 'after', on: 'POST /v2/orders' })
    fake.fail({ kind: 'hidden', on: 'GET /v2/orders:by_client_order_id', times: 3 })
    expect(words(await place())).toEqual(['accepted'])
    expect(asked('GET /v2/orders:by_client_order_id')).toBe(4)
    expect(asked('POST /v2/orders')).toBe(1)
  })

  it.each<FakeFault>([
    { kind: 'hang', on: 'POST /v2/orders' },
    { kind: 'cut', on: 'POST /v2/orders' },
    { kind: 'status', status: 503, on: 'POST /v2/orders' },
  ])('that is found nowhere stays unknown, and is not sent again: $kind', async (fault) => {
    const { fake, place, events, asked } = await openLive()
    fake.fail(fault)
    await expect(place()).rejects.toMatchObject({ code: 'ORDER_OUTCOME_UNKNOWN', retryability: 'unknown-outcome' })
    expect(asked('POST /v2/orders')).toBe(1)
    expect(events).toEqual([])
  })
})

describe.each<FakeFault>([
  { kind: 'cut' },
  { kind: 'hang' },
  { kind: 'status', status: 503 },
  { kind: 'html', status: 200 },
])('without an answer: $kind', (fault) => {
  it('a read says that nothing was changed, and what to do', async () => {
    const { fake, broker } = await openLive()
    fake.fail({ ...fault, on: 'GET', times: 1_000 })
    const reads: readonly (() => Promise<unknown>)[] = [
      () => broker.balances(),
      () => broker.openOrders(),
      () => broker.executions(0),
      () => broker.order('order1'),
      () => broker.time(),
      () => broker.marketClock(),
    ]
    for (const read of reads) {
      const thrown: unknown = await read().catch((error: unknown) => error)
      expect(String(thrown)).toMatch(/GET \/v2\/.*(; nothing was changed by it: | was not sent, ).*ask again/)
      expect(String(thrown)).not.toContain('took effect')
    }
  })

  it('an order says that nobody knows', async () => {
    const { fake, place } = await openLive()
    fake.fail({ ...fault, on: 'POST', times: 1_000 })
    fake.fail({ kind: 'hidden', on: 'GET /v2/orders:by_client_order_id', times: 1_000 })
    await expect(place()).rejects.toThrow(/POST \/v2\/orders.*; whether it took effect is not known; it was looked up/)
  })
})

it('an amendment whose order could not be looked up was not sent; of such a cancel nobody knows', async () => {
  const { fake, broker, guard, request, place, asked } = await openLive()
  const id = await place()
  fake.fail({ kind: 'status', status: 503, on: 'GET', times: 1_000 })
  const amending = broker.replace(id, guard.permit(request({ limitPrice: '91' })))
  await expect(amending).rejects.toMatchObject({ retryability: 'retryable' })
  expect(asked('PATCH /v2/orders')).toBe(0)
  await expect(broker.cancel('another')).rejects.toMatchObject({ retryability: 'unknown-outcome' })
})

it('an amendment uses its permit when it leaves, not while its order is looked up', async () => {
  const { fake, broker, guard, request, place, asked } = await openLive()
  const id = await place()
  fake.fail({ kind: 'slow-body', delayMs: 100, on: 'GET /v2/orders:by_client_order_id' })
  const amending = broker.replace(id, guard.permit(request({ limitPrice: '91' })))
  // Trading is halted meanwhile.
  guard.refuse('TRADING_HALTED')
  await expect(amending).rejects.toMatchObject({ code: 'TRADING_HALTED' })
  expect(asked('PATCH /v2/orders')).toBe(0)
})

describe('too many requests', () => {
  it('end a placement at once, and reads wait as long as the venue says', async () => {
    const { fake, broker, place, asked } = await openLive()
    fake.fail({ kind: 'too-many', on: 'POST /v2/orders', retryAfterSeconds: 0.3 })
    await expect(place()).rejects.toMatchObject({
      code: 'BROKER_RATE_LIMITED',
      retryability: 'retryable',
      context: { retryAfterMs: 300 },
    })
    const before = asked('GET /v2/account')
    const balances = broker.balances()
    // Nothing but cancels goes out meanwhile.
    await expect(place()).rejects.toMatchObject({ code: 'BROKER_RATE_LIMITED' })
    expect(asked('POST /v2/orders')).toBe(1)
    expect(asked('GET /v2/account')).toBe(before)
    expect(await balances).toEqual([{ asset: 'USD', total: '100000' }])
  })

  it('do not keep a cancel back', async () => {
    const { fake, broker, place, words } = await openLive()
    const id = await place()
    fake.fail({ kind: 'too-many', on: 'POST /v2/orders', retryAfterSeconds: 30 })
    await expect(place()).rejects.toMatchObject({ code: 'BROKER_RATE_LIMITED' })
    await broker.cancel(id)
    await until(() => words(id).includes('canceled'), 'canceled')
  })

  it('do not keep a cancel back that must find out what its order has become', async () => {
    const { fake, broker, guard, place, request } = await openLive()
    const id = await place()
    await until(() => fake.orders()[0]?.['status'] === 'new', 'it rests')
    const amended = request({ limitPrice: '91' })
    await broker.replace(id, guard.permit(amended))
    await broker.close()
    const again = await openLive({ urls: { trading: fake.url } })
    fake.fail({ kind: 'too-many', on: 'POST /v2/orders', retryAfterSeconds: 30 })
    await expect(again.place()).rejects.toMatchObject({ code: 'BROKER_RATE_LIMITED' })
    const before = again.fake.market.now()
    await again.broker.cancel(id)
    expect(again.fake.market.now() - before).toBeLessThan(5_000)
    await until(() => again.words(amended.clientOrderId).includes('canceled'), 'canceled')
  })

  it('leave cancels a part of the rate when orders have used up the rest', async () => {
    const { broker, place, words } = await openLive({ requestsPerMinute: 40 })
    const id = await place()
    const flood = Array.from({ length: 60 }, () => broker.balances().catch(() => undefined))
    await broker.cancel(id)
    await until(() => words(id).includes('canceled'), 'canceled')
    void Promise.allSettled(flood)
  })
})

it('reads and cancels are repeated through what passes', async () => {
  const { fake, broker, place, words, asked } = await openLive()
  const id = await place()
  fake.fail({ kind: 'status', status: 502, on: 'GET /v2/positions', times: 2 })
  fake.fail({ kind: 'html', status: 500, on: 'DELETE /v2/orders' })
  fake.fail({ kind: 'cut', on: 'DELETE /v2/orders' })
  expect(await broker.balances()).toHaveLength(1)
  expect(asked('GET /v2/positions')).toBe(3)
  await broker.cancel(id)
  await until(() => words(id).includes('canceled'), 'canceled')
  expect(asked('DELETE /v2/orders')).toBe(3)
})

describe('the stream of order updates', () => {
  it('tells each event once, however often and in whatever order it comes', async () => {
    const { fake, place, words, events } = await openLive()
    fake.conditions.duplicateUpdates = true
    fake.conditions.shuffleUpdates = true
    const ids: string[] = []
    for (let count = 0; count < 6; count += 1) ids.push(await place({ ...market, quantity: '3' }))
    fake.flushUpdates()
    await until(() => ids.every((id) => words(id).includes('filled')), 'filled')
    for (const id of ids) expect(words(id).filter((word) => word === 'filled')).toHaveLength(1)
    expect(new Set(events.map(({ eventId }) => eventId)).size).toBe(events.length)
  })

  it('that broke, and missed nothing, asks for no executions', async () => {
    const { fake, broker, place, words, asked } = await openLive()
    const filled = await place({ ...market, quantity: '3' })
    await place()
    await until(() => words(filled).includes('filled'), 'filled')
    const before = asked('GET /v2/account/activities/FILL')
    const listed = asked('GET /v2/orders')
    fake.cutStreams('updates')
    await until(() => asked('GET /v2/orders') > listed, 'it is opened anew')
    await broker.settled()
    expect(asked('GET /v2/account/activities/FILL')).toBe(before)
  })

  it('that broke is opened anew, and what was missed is fetched', async () => {
    const { fake, broker, place, words, events } = await openLive()
    const [resting, filled] = [await place(), await place({ limitPrice: '99' })]
    fake.conditions.loseUpdates = true
    await fake.market.quote('AAPL', '98', '98.5')
    await broker.cancel(resting)
    fake.conditions.loseUpdates = false
    fake.cutStreams('updates')
    await until(() => words(filled).includes('filled') && words(resting).includes('canceled'), 'both ends')
    expect(words(filled)).toEqual(['accepted', 'filled'])
    expect(words(resting)).toEqual(['accepted', 'canceled'])
    const fill = events.find(({ type }) => type === 'filled')
    expect(await broker.executions(0)).toMatchObject([fill?.type === 'filled' ? { execution: fill.execution } : {}])
  })

  it('that lost one execution of several gets it from the account’s activities', async () => {
    const { fake, broker, place, words } = await openLive()
    const id = await place({ limitPrice: '99' })
    fake.conditions.loseUpdates = true
    await fake.market.trade('AAPL', '98.9', '4')
    await fake.market.quote('AAPL', '98', '98.5', { askSize: '4' })
    fake.conditions.loseUpdates = false
    await fake.market.quote('AAPL', '98', '98.4', { askSize: '100' })
    await until(() => words(id).filter((word) => word === 'filled').length >= 2, 'all executions')
    await broker.settled()
    const told = (await broker.executions(0)).length
    expect(words(id).filter((word) => word === 'filled')).toHaveLength(told)
    expect(await broker.order(id)).toMatchObject({ status: 'filled', filledQuantity: '10' })
  })

  it('that lost an execution of an order that was amended then gets it, and the end of what took its place', async () => {
    const { fake, broker, guard, place, request, words } = await openLive()
    const id = await place({ limitPrice: '99' })
    await until(() => fake.orders()[0]?.['status'] === 'new', 'it rests')
    fake.conditions.loseUpdates = true
    await fake.market.quote('AAPL', '98', '98.5', { askSize: '4' })
    expect(fake.orders()[0]).toMatchObject({ status: 'partially_filled' })
    const amended = request({ limitPrice: '97.9' })
    await broker.replace(id, guard.permit(amended))
    fake.conditions.loseUpdates = false
    await until(() => words(id).includes('replaced'), 'replaced')
    await fake.market.quote('AAPL', '97', '97.5')
    await until(() => words(amended.clientOrderId).includes('filled'), 'filled')
    await broker.settled()
    const asked = fake.requests.length
    await broker.settled()
    expect(words(id)).toEqual(['accepted', 'filled', 'replaced'])
    expect(fake.requests.length).toBe(asked)
    await broker.cancel(amended.clientOrderId)
    expect(words(amended.clientOrderId)).toEqual(['filled', 'cancel-rejected'])
  })

  it('that broke tells of all that took the place of an order meanwhile, and what these executed, and asks for each once', async () => {
    const { fake, broker, place, words, asked } = await openLive()
    const connection = parseConnection('test', { keyId: fake.keyId, secret: fake.secret }, 'trading')
    const somebody = new TradingClient(new RestClient(fake.url, connection, createSeededRandom(1)))
    const atVenue = (name: string) => fake.orders().find((order) => order['client_order_id'] === name)
    const amend = async (name: string, limitPrice: string, by: string) => {
      const body = { limit_price: limitPrice, client_order_id: by }
      await somebody.replace(String(atVenue(name)?.['id']), body)
      await until(() => atVenue(by)?.['status'] === 'new', `${by} rests`)
    }
    const id = await place({ limitPrice: '99' })
    await until(() => atVenue(id)?.['status'] === 'new', 'it rests')
    await broker.settled()
    const before = asked('GET /v2/account/activities/FILL')
    fake.conditions.loseUpdates = true
    await amend(id, '98.5', 'second')
    await fake.market.quote('AAPL', '98', '98.45', { askSize: '4' })
    await amend('second', '98.4', 'third')
    await fake.market.quote('AAPL', '98', '98.3', { askSize: '100' })
    fake.conditions.loseUpdates = false
    fake.cutStreams('updates')
    await until(() => words('third').includes('filled'), 'all is told')
    await broker.settled()
    expect([id, 'second', 'third'].map(words)).toEqual([['accepted', 'replaced'], ['filled', 'replaced'], ['filled']])
    expect(asked('GET /v2/account/activities/FILL')).toBe(before + 1)
    expect(asked('GET /v2/orders/')).toBe(3)
  })

  it('that broke tells of an order which nobody told of, with what it has executed meanwhile', async () => {
    const { fake, broker, words } = await openLive()
    const connection = parseConnection('test', { keyId: fake.keyId, secret: fake.secret }, 'trading')
    const somebody = new TradingClient(new RestClient(fake.url, connection, createSeededRandom(1)))
    fake.conditions.loseUpdates = true
    const terms = { symbol: 'AAPL', qty: '10', side: 'buy', type: 'limit', time_in_force: 'gtc' } as const
    await somebody.submit({ ...terms, limit_price: '99', client_order_id: 'theirs' })
    await fake.market.quote('AAPL', '98', '98.5', { askSize: '4' })
    expect(fake.orders()).toMatchObject([{ status: 'partially_filled' }])
    fake.conditions.loseUpdates = false
    fake.cutStreams('updates')
    await until(() => words('theirs').includes('accepted'), 'it is found')
    await broker.settled()
    expect(words('theirs')).toEqual(['accepted', 'filled'])
  })

  it('that lost an execution tells the end after it, though the order is not to be seen at once', async () => {
    const { fake, broker, place, words } = await openLive()
    const id = await place({ limitPrice: '99' })
    fake.conditions.loseUpdates = true
    await fake.market.quote('AAPL', '98', '98.5', { askSize: '4' })
    fake.conditions.loseUpdates = false
    fake.fail({ kind: 'hidden', on: 'GET /v2/orders/' })
    await broker.cancel(id)
    await until(() => words(id).includes('canceled'), 'canceled')
    expect(words(id)).toEqual(['accepted', 'filled', 'canceled'])
  })

  it('that gives no sign of life is left within two heartbeats', async () => {
    const { fake, place, words } = await openLive({ heartbeatMs: 100 })
    const id = await place({ limitPrice: '99' })
    const frozenAt = fake.market.now()
    fake.conditions.frozenUpdates = true
    await fake.market.quote('AAPL', '98', '98.5')
    await until(() => fake.listening.updates === 0, 'the socket is left')
    expect(fake.market.now() - frozenAt).toBeLessThan(2 * 100 + 150)
    fake.conditions.frozenUpdates = false
    await until(() => words(id).includes('filled'), 'filled')
  })
})

describe('an account does not open', () => {
  it('with keys that do not hold', async () => {
    await expect(openLive({ secret: 'another' })).rejects.toMatchObject({ code: 'BROKER_UNAUTHORIZED' })
  })

  it('during maintenance', async () => {
    const fake = await createFakeAlpaca()
    stopLater(() => fake.close())
    fake.conditions.maintenance = true
    await expect(openLive({ urls: { trading: fake.url } })).rejects.toMatchObject({ code: 'BROKER_SERVER_ERROR' })
  })

  it('where the venue is not, and says so', async () => {
    await expect(openLive({ urls: { trading: 'http://127.0.0.1:1' } })).rejects.toMatchObject({
      code: 'BROKER_CONNECTION_LOST',
    })
  })
})

it('a redirect is not followed, and the keys stay where they are', async () => {
  const elsewhere = await createFakeAlpaca()
  stopLater(() => elsewhere.close())
  const { fake, broker } = await openLive()
  fake.fail({ kind: 'redirect', to: `${elsewhere.url}/v2/account`, on: 'GET /v2/account', times: 10 })
  await expect(broker.balances()).rejects.toMatchObject({ code: 'BROKER_REDIRECTED' })
  expect(elsewhere.requests).toEqual([])
})

it('the clock of the venue is measured', async () => {
  const { fake, broker } = await openLive()
  fake.conditions.clockSkewMs = 300_000
  await broker.time()
  expect(Math.abs(broker.clockOffsetMs - 300_000)).toBeLessThan(2_000)
})

test('secrets are in no error, log line or event, whatever fails', async () => {
  const secrets = { keyId: 'PKCANARYKEYID0001', secret: 'canary/secret+of=the-account' }
  const account = await openLive({ ...secrets, requestTimeoutMs: 150, heartbeatMs: 100, outcomeWaitsMs: [1] }, secrets)
  const { fake, broker, place, events, log } = account
  const seen: unknown[] = []
  const note = (thrown: unknown): void => {
    const error = thrown as Error & { context?: unknown }
    seen.push(String(error), error.stack, error.cause, error.context, JSON.stringify(error))
  }
  const echo = JSON.stringify({ code: 40010001, message: `bad key ${secrets.keyId} ${secrets.secret}` })
  const bodies: readonly FakeFault[] = [422, 403, 400, 404, 500, 503].map((status) => ({
    kind: 'status',
    status,
    body: echo,
  }))
  const all: readonly FakeFault[] = [
    ...bodies,
    ...landed,
    { kind: 'hang' },
    { kind: 'cut' },
    { kind: 'html', status: 401 },
    { kind: 'too-many', retryAfterSeconds: 0 },
    { kind: 'redirect', to: `http://127.0.0.1:1/?${secrets.secret}` },
  ]
  const connection = parseConnection(
    'test',
    { ...secrets, requestTimeoutMs: 150, transport: hurriedLine().transport },
    'trading',
  )
  for (const fault of all) {
    fake.fail({ ...fault, on: 'POST /v2/orders', times: 1 })
    await place().catch(note)
    fake.heal()
    // One attempt, with a breaker of its own, so that the failure itself is seen.
    fake.fail({ ...fault, on: 'GET /v2/account' })
    const client = new RestClient(fake.url, connection, createSeededRandom(1))
    await client.send({ method: 'GET', path: '/v2/account' }, 'order').catch(note)
    fake.heal()
  }
  fake.cutStreams()
  const text = [...seen, ...log, JSON.stringify(events), JSON.stringify(broker)].map(String).join('\n')
  expect(seen.length).toBeGreaterThan(80)
  for (const secret of Object.values(secrets)) {
    expect(text).not.toContain(secret)
    expect(text).not.toContain(encodeURIComponent(secret))
  }
})

it('executions of orders that another life placed are told with one request for all of those', async () => {
  const { fake, place } = await openLive()
  const ids: string[] = []
  for (let count = 0; count < 6; count += 1) ids.push(await place({ ...market, quantity: '1' }))
  await until(() => fake.orders().every(({ status }) => status === 'filled'), 'they have filled')
  const again = await createAlpacaBroker({
    keyId: fake.keyId,
    secret: fake.secret,
    symbols: ['AAPL'],
    urls: { trading: fake.url },
    transport: hurriedLine().transport,
  }).open({
    clock: { now: () => fake.market.now() },
    ids: createSequentialIds(),
    random: createSeededRandom(1),
    logger: createSilentLogger(),
    feed: createManualFeed(),
    guard: createOpenGuard(),
  })
  stopLater(() => again.close())
  const reads = (): number => fake.requests.filter(({ path }) => path.startsWith('/v2/orders')).length
  const before = reads()
  expect((await again.executions(0)).map(({ clientOrderId }) => clientOrderId)).toEqual(ids)
  expect(reads() - before).toBe(1)
  // What was found is not asked for again.
  await again.executions(0)
  expect(reads() - before).toBe(1)
})

it('to cancel all asks once more for what the venue had no time for', async () => {
  const { fake, broker, place, words } = await openLive()
  const id = await place()
  const body = { code: 50010000, message: 'failed to cancel order' }
  const items = [
    { id: fake.orders()[0]?.['id'], status: 500, body },
    { id: 'gone', status: 500, body },
  ]
  fake.fail({ kind: 'status', status: 207, body: JSON.stringify(items), on: 'DELETE /v2/orders' })
  expect(await broker.cancelAll()).toBe(1)
  await until(() => words(id).includes('canceled'), 'canceled')
})

it('an execution of an order that is not to be seen is not left out: it is asked for again, and is in the end of nobody', async () => {
  const { fake, broker } = await openLive()
  const connection = parseConnection('test', { keyId: fake.keyId, secret: fake.secret }, 'trading')
  const somebody = new TradingClient(new RestClient(fake.url, connection, createSeededRandom(1)))
  fake.conditions.loseUpdates = true
  const terms = { symbol: 'AAPL', qty: '10', side: 'buy', type: 'market', time_in_force: 'day' } as const
  await somebody.submit({ ...terms, client_order_id: 'theirs' })
  await until(() => fake.orders()[0]?.['status'] === 'filled', 'it has filled')
  fake.fail({ kind: 'hidden', on: 'GET /v2/orders/', times: 2 })
  await expect(broker.executions(0)).rejects.toMatchObject({ code: 'BROKER_ORDER_UNSEEN', retryability: 'retryable' })
  fake.conditions.clockSkewMs = 120_000
  await broker.time()
  const venueOrderId = fake.orders()[0]?.['id']
  expect(await broker.executions(0)).toMatchObject([{ clientOrderId: venueOrderId, venueOrderId }])
  expect(await broker.executions(0)).toMatchObject([{ clientOrderId: 'theirs', execution: { quantity: '10' } }])
})
