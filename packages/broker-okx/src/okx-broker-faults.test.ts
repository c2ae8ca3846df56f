import { createSeededRandom } from '@tradeswarm/core'
import { createOpenGuard } from '@tradeswarm/testing'
import { createFakeOkx, type FakeOkxFault } from '@tradeswarm/testing/fakes'
import { afterEach, describe, expect, it, test } from 'vitest'
import { stopAll, stopLater } from './fake-account.test-support.js'
import { hurriedLine, market, openLive, until } from './live-account.test-support.js'
import { parseOkxOptions } from './parse-okx-options.js'
import { RestClient } from './rest-client.js'

afterEach(stopAll)

const order = 'POST /api/v5/trade/order'
const algo = 'POST /api/v5/trade/order-algo'
const stop = { side: 'sell', type: 'stop', stopPrice: '45000' } as const

const landed = (on: string): readonly FakeOkxFault[] => [
  { kind: 'hang', when: 'after', on },
  { kind: 'cut', when: 'after', on },
  { kind: 'status', status: 500, when: 'after', on },
  { kind: 'status', status: 503, when: 'after', on },
  { kind: 'code', code: '50004', status: 400, when: 'after', on },
  { kind: 'code', code: '51149', status: 500, when: 'after', on },
  { kind: 'slow-body', delayMs: 60_000, on },
]

describe.each<FakeOkxFault>([
  { kind: 'cut' },
  { kind: 'hang' },
  { kind: 'status', status: 503 },
  { kind: 'code', code: '50001', status: 503 },
  { kind: 'html', status: 200 },
])('without an answer: %o', (fault) => {
  it('a read says that nothing was changed, and what to do', async () => {
    const { fake, broker } = await openLive()
    fake.fail({ ...fault, on: 'GET', times: 1_000 })
    const reads: readonly (() => Promise<unknown>)[] = [
      () => broker.balances(),
      () => broker.openOrders(),
      () => broker.executions(0),
      () => broker.movements(0),
      () => broker.order('order1'),
      () => broker.time(),
    ]
    for (const read of reads) {
      const thrown: unknown = await read().catch((error: unknown) => error)
      expect(String(thrown)).toMatch(/GET \/api\/v5\/.*(; nothing was changed by it: | was not sent, ).*ask again/)
      expect(String(thrown)).not.toContain('took effect')
    }
  })

  it('an order says that nobody knows', async () => {
    const { fake, place } = await openLive()
    fake.fail({ ...fault, on: 'POST', times: 1_000 })
    await expect(place()).rejects.toThrow(
      /POST \/api\/v5\/trade\/order.*; whether it took effect is not known; it was looked up/,
    )
  })
})

describe('a placement without an answer', () => {
  it.each(landed(order))('that has landed is found by its client order id, and not sent again: %o', async (fault) => {
    const { fake, broker, place, words, asked } = await openLive()
    fake.fail(fault)
    const id = await place()
    expect(words(id)).toEqual(['accepted'])
    expect(await broker.order(id)).toMatchObject({ status: 'open', quantity: '0.1' })
    expect(asked('POST trade/order')).toBe(1)
  })

  it.each(landed(algo))('of a stop that has landed is found too: %o', async (fault) => {
    const { fake, broker, place, words, asked } = await openLive()
    fake.fail(fault)
    const id = await place(stop)
    expect(words(id)).toEqual(['accepted'])
    expect(await broker.order(id)).toMatchObject({ status: 'open', quantity: '0.1' })
    expect(asked('POST trade/order-algo')).toBe(1)
  })

  it('that is not to be seen at first is looked up again', async () => {
    const { fake, place, words, asked } = await openLive()
    fake.fail({ kind: 'cut', when: 'after', on: order })
    fake.fail({ kind: 'hidden', on: 'GET /api/v5/trade/order', times: 3 })
    expect(words(await place())).toEqual(['accepted'])
    expect(asked('GET trade/order')).toBe(4)
    expect(asked('POST trade/order')).toBe(1)
  })

  it.each<FakeOkxFault>([
    { kind: 'hang', on: order },
    { kind: 'cut', on: order },
    { kind: 'code', code: '50026', status: 500, on: order },
    { kind: 'html', status: 502, on: order },
  ])('that is found nowhere, not even after its deadline, stays unknown, and is not sent again: %o', async (fault) => {
    const { fake, place, events, asked } = await openLive()
    fake.fail(fault)
    const before = fake.market.now()
    await expect(place()).rejects.toMatchObject({ code: 'ORDER_OUTCOME_UNKNOWN', retryability: 'unknown-outcome' })
    expect(fake.market.now() - before).toBeGreaterThan(1_000)
    expect(asked('POST trade/order')).toBe(1)
    expect(events).toEqual([])
  })

  it.each([400, 404, 408, 413])('that somebody on the way answers with %i is looked up', async (status) => {
    const { fake, place, words, events, asked } = await openLive()
    const page = { kind: 'status', status, body: '<html>no</html>', on: order } as const
    fake.fail({ ...page, when: 'after' })
    expect(words(await place())).toEqual(['accepted'])
    fake.fail(page)
    await expect(place()).rejects.toMatchObject({ code: 'ORDER_OUTCOME_UNKNOWN' })
    expect(events.map(({ type }) => type)).toEqual(['accepted'])
    expect(asked('POST trade/order')).toBe(2)
  })

  it('that reaches the venue too late is dropped there, and has been rejected', async () => {
    const { clock, transport } = hurriedLine()
    const fetch: typeof transport.fetch = async (url, init) => {
      // Longer than it is good for.
      if (url.endsWith('/trade/order')) await new Promise<void>((go) => void clock.at(clock.now() + 1_500, go))
      return transport.fetch(url, init)
    }
    const line = { ...transport, clock, fetch }
    const { fake, place, events, asked } = await openLive({ transport: line, requestTimeoutMs: 5_000 }, { clock })
    const id = await place()
    expect(events).toMatchObject([{ clientOrderId: id, type: 'rejected', code: 'REQUEST_EXPIRED' }])
    expect(fake.orders()).toEqual([])
    expect(asked('POST trade/order')).toBe(1)
  })
})

test('an order that was not sent, for what it needs could not be read, may be sent again', async () => {
  const { fake, broker, guard, request, words, asked } = await openLive()
  const wanted = request({ type: 'market', timeInForce: 'fok' })
  fake.fail({ kind: 'status', status: 503, on: 'GET /api/v5/public/price-limit', times: 5 })
  await expect(broker.place(guard.permit(wanted))).rejects.toMatchObject({ retryability: 'retryable' })
  expect(asked('POST trade/order')).toBe(0)
  await broker.place(guard.permit(wanted))
  await until(() => words(wanted.clientOrderId).includes('filled'), 'filled')
})

test('a cancel of which nobody could look up the order is of unknown fate, not refused', async () => {
  const first = await openLive()
  const id = await first.place()
  const { fake, broker, words } = await first.reopen()
  fake.fail({ kind: 'status', status: 503, on: 'POST /api/v5/trade/cancel-order', times: 5 })
  await expect(broker.cancel(id)).rejects.toMatchObject({ retryability: 'unknown-outcome' })
  fake.fail({ kind: 'status', status: 503, on: 'GET', times: 1_000 })
  await expect(broker.cancel('another')).rejects.toMatchObject({ retryability: 'unknown-outcome' })
  fake.heal()
  await broker.cancel(id)
  await until(() => words(id).includes('canceled'), 'canceled')
})

test('one id is sent once, however often it is asked for while it is on its way or of unknown fate', async () => {
  const { fake, broker, request, asked } = await openLive()
  const guard = createOpenGuard()
  const wanted = request(market)
  const answers = await Promise.allSettled([1, 2, 3].map(() => broker.place(guard.permit(wanted))))
  expect(answers.map(({ status }) => status)).toEqual(['fulfilled', 'rejected', 'rejected'])
  expect(answers[1]).toMatchObject({ reason: { code: 'DUPLICATE_CLIENT_ORDER_ID' } })
  expect(asked('POST trade/order')).toBe(1)
  const lost = request()
  fake.fail({ kind: 'hang', on: order })
  await expect(broker.place(guard.permit(lost))).rejects.toMatchObject({ code: 'ORDER_OUTCOME_UNKNOWN' })
  await expect(broker.place(guard.permit(lost))).rejects.toMatchObject({ code: 'DUPLICATE_CLIENT_ORDER_ID' })
  expect(asked('POST trade/order')).toBe(2)
  // What was turned away for certain may be sent once more.
  const limited = request()
  fake.fail({ kind: 'code', code: '50011', status: 429, on: order })
  await expect(broker.place(guard.permit(limited))).rejects.toMatchObject({ code: 'BROKER_RATE_LIMITED' })
  await expect(broker.place(guard.permit(limited))).rejects.toMatchObject({ code: 'BROKER_RATE_LIMITED' })
})

test.each<FakeOkxFault>([{ kind: 'status', status: 429 }, { kind: 'too-many' }])(
  'too many is what HTTP 429 says, by whichever fault: the order was not taken (%o)',
  async (fault) => {
    const { fake, place, asked } = await openLive()
    fake.fail({ ...fault, on: order })
    await expect(place()).rejects.toMatchObject({ code: 'BROKER_RATE_LIMITED', retryability: 'retryable' })
    expect(asked('POST trade/order')).toBe(1)
  },
)

test('the time of the venue is measured by the request that was answered, not by those before it', async () => {
  let now = 1_700_000_000_000
  let attempts = 0
  const { connection } = parseOkxOptions({
    key: 'k',
    secret: 's',
    passphrase: 'p',
    transport: {
      async fetch() {
        attempts += 1
        now += attempts === 1 ? 8_000 : 100
        if (attempts === 1) throw new Error('cut')
        return Response.json({ code: '0', msg: '', data: [{ ts: String(now - 50) }] })
      },
    },
  })
  const client = new RestClient(connection, createSeededRandom(1), { now: () => now })
  await client.time.measure()
  expect([attempts, client.time.offsetMs]).toEqual([2, 0])
})

describe('too many requests', () => {
  it.each([200, 429] as const)(
    'end a placement at once, with HTTP %d, and no other follows for two seconds',
    async (status) => {
      const { fake, broker, place, asked } = await openLive()
      fake.fail({ kind: 'too-many', on: order, status })
      await expect(place()).rejects.toMatchObject({
        code: 'BROKER_RATE_LIMITED',
        retryability: 'retryable',
        context: { retryAfterMs: 2_000 },
      })
      await expect(place()).rejects.toMatchObject({ code: 'BROKER_RATE_LIMITED' })
      expect(asked('POST trade/order')).toBe(1)
      // Each endpoint has a rate of its own.
      expect(await broker.balances()).toEqual([{ asset: 'USDT', total: '100000' }])
    },
  )

  it('do not keep a cancel back', async () => {
    const { fake, broker, place, words } = await openLive()
    const id = await place()
    fake.fail({ kind: 'too-many', on: 'POST /api/v5/trade/cancel-order' })
    await broker.cancel(id)
    await until(() => words(id).includes('canceled'), 'canceled')
  })

  it('are not sent in the first place: the documented rates are kept', async () => {
    const { fake, broker } = await openLive({ rateMultiplier: 1 }, { rateMultiplier: 1 })
    await Promise.all(Array.from({ length: 12 }, () => broker.balances()))
    expect(fake.requests.filter(({ path }) => path.startsWith('/api/v5/account/balance'))).toHaveLength(12)
  })
})

it('reads and cancels are repeated through what passes', async () => {
  const { fake, broker, place, words, asked } = await openLive()
  const id = await place()
  const opened = asked('GET account/positions')
  fake.fail({ kind: 'status', status: 502, on: 'GET /api/v5/account/positions', times: 2 })
  fake.fail({ kind: 'html', status: 500, on: 'POST /api/v5/trade/cancel-order' })
  fake.fail({ kind: 'cut', on: 'POST /api/v5/trade/cancel-order' })
  expect(await broker.balances()).toHaveLength(1)
  expect(asked('GET account/positions')).toBe(opened + 3)
  await broker.cancel(id)
  await until(() => words(id).includes('canceled'), 'canceled')
  expect(asked('POST trade/cancel-order')).toBe(3)
})

describe('the clock of the venue', () => {
  it('is measured', async () => {
    const { fake, broker } = await openLive()
    fake.conditions.clockSkewMs = 300_000
    await broker.time()
    expect(Math.abs(broker.clockOffsetMs - 300_000)).toBeLessThan(2_000)
  })

  it('is measured again when it turns a request away, which is signed anew', async () => {
    const { fake, broker, place, words, asked } = await openLive()
    fake.conditions.clockSkewMs = -300_000
    expect(words(await place())).toEqual(['accepted'])
    expect(Math.abs(broker.clockOffsetMs + 300_000)).toBeLessThan(2_000)
    expect(asked('POST trade/order')).toBe(2)
    expect(fake.orders()).toHaveLength(1)
    // A stream logs in by it too.
    fake.conditions.clockSkewMs = 300_000
    fake.cutStreams('updates')
    await until(() => fake.listening.updates === 0, 'the break')
    await until(() => fake.listening.updates === 1, 'it stands again')
  })
})

describe('a clock that was moved by less than what OKX takes', () => {
  // Up to 30 s its requests are read, and their deadlines are over, or far away.
  it.each([20_000, -20_000, 29_000])('does not turn orders into late ones: %i ms', async (skewMs) => {
    const { fake, broker, place, words, asked } = await openLive()
    fake.conditions.clockSkewMs = skewMs
    expect(words(await place())).toEqual(['accepted'])
    expect(words(await place())).toEqual(['accepted'])
    expect(fake.orders()).toHaveLength(2)
    expect(asked('POST trade/order')).toBe(skewMs > 0 ? 3 : 2)
    if (skewMs > 0) expect(Math.abs(broker.clockOffsetMs - skewMs)).toBeLessThan(2_000)
  })

  it('is one only where it can be asked for anew', async () => {
    const { fake, place, events } = await openLive()
    fake.conditions.clockSkewMs = 20_000
    fake.fail({ kind: 'cut', on: 'GET /api/v5/public/time', times: 100 })
    const id = await place()
    expect(events).toMatchObject([{ clientOrderId: id, type: 'rejected', code: 'REQUEST_EXPIRED' }])
  })
})

describe('the streams of the account', () => {
  it('tell each event once, however often and in whatever order it comes', async () => {
    const { fake, place, words, events } = await openLive()
    fake.conditions.duplicateUpdates = true
    fake.conditions.shuffleUpdates = true
    const ids: string[] = []
    for (let count = 0; count < 6; count += 1) ids.push(await place({ ...market, quantity: '0.1' }))
    fake.flushUpdates()
    await until(() => ids.every((id) => words(id).includes('filled')), 'filled')
    for (const id of ids) expect(words(id).filter((word) => word === 'filled')).toHaveLength(1)
    expect(new Set(events.map(({ eventId }) => eventId)).size).toBe(events.length)
  })

  it('that broke are opened anew, and what was missed is fetched', async () => {
    const { fake, broker, place, words, events } = await openLive()
    const [resting, filled] = [await place(), await place({ limitPrice: '49000' })]
    fake.conditions.loseUpdates = true
    await fake.market.quote('BTC-USDT', '48800', '48900')
    await broker.cancel(resting)
    fake.conditions.loseUpdates = false
    fake.cutStreams('updates')
    await until(() => words(filled).includes('filled') && words(resting).includes('canceled'), 'both ends')
    expect(words(filled)).toEqual(['accepted', 'filled'])
    expect(words(resting)).toEqual(['accepted', 'canceled'])
    const fill = events.find(({ type }) => type === 'filled')
    expect(await broker.executions(0)).toMatchObject([fill?.type === 'filled' ? { execution: fill.execution } : {}])
  })

  it('that lost the end of a stop get it too', async () => {
    const { fake, broker, place, words } = await openLive()
    await place(market)
    const [id, kept] = [
      await place({ ...stop, quantity: '0.05' }),
      await place({ ...stop, stopPrice: '40000', quantity: '0.01' }),
    ]
    fake.conditions.loseUpdates = true
    await fake.market.quote('BTC-USDT', '44000', '44010')
    await broker.cancel(kept)
    fake.conditions.loseUpdates = false
    fake.cutStreams()
    await until(() => words(id).includes('filled') && words(kept).includes('canceled'), 'both ends')
    expect(words(id)).toEqual(['accepted', 'triggered', 'filled'])
  })

  it('that lost one execution of several get it from the account’s list', async () => {
    const { fake, broker, place, words } = await openLive()
    const id = await place({ limitPrice: '49000' })
    fake.conditions.loseUpdates = true
    await fake.market.trade('BTC-USDT', '48990', '0.04')
    fake.conditions.loseUpdates = false
    await fake.market.quote('BTC-USDT', '48800', '48900')
    await until(() => words(id).filter((word) => word === 'filled').length >= 2, 'all executions')
    await broker.settled()
    expect(words(id).filter((word) => word === 'filled')).toHaveLength((await broker.executions(0)).length)
    expect(await broker.order(id)).toMatchObject({ status: 'filled', filledQuantity: '0.1' })
  })

  it('that give no sign of life are left within two heartbeats', async () => {
    const { fake, place, words } = await openLive({ heartbeatMs: 100 })
    const id = await place({ limitPrice: '49000' })
    const frozenAt = fake.market.now()
    fake.conditions.frozenUpdates = true
    await fake.market.quote('BTC-USDT', '48800', '48900')
    await until(() => fake.listening.updates === 0, 'the socket is left')
    expect(fake.market.now() - frozenAt).toBeLessThan(2 * 100 + 150)
    fake.conditions.frozenUpdates = false
    await until(() => words(id).includes('filled'), 'filled')
  })

  it('move to another connection when the venue is about to close this one', async () => {
    const { fake, place, words } = await openLive()
    const id = await place({ limitPrice: '49000' })
    fake.announceUpgrade()
    await fake.market.quote('BTC-USDT', '48800', '48900')
    await until(() => words(id).includes('filled'), 'filled')
  })
})

describe('an account does not open', () => {
  it.each([
    [{ secret: 'another' }, /check secret/],
    [{ passphrase: 'another' }, /check passphrase: it is not that of key/],
    [{ mode: 'live', allowLive: true }, /demo trading and live trading have keys of their own/],
  ] as const)('with keys that do not hold: %o', async (options, remedy) => {
    const opening = openLive(options)
    await expect(opening).rejects.toMatchObject({ code: 'BROKER_UNAUTHORIZED' })
    await expect(opening).rejects.toThrow(remedy)
  })

  it('that keeps longs and shorts apart', async () => {
    const opening = openLive({}, { positionMode: 'long_short_mode' })
    await expect(opening).rejects.toMatchObject({ code: 'BROKER_ACCOUNT_MODE' })
    await expect(opening).rejects.toThrow(/net mode/)
  })

  it('during maintenance', async () => {
    const fake = await createFakeOkx()
    stopLater(() => fake.close())
    fake.conditions.maintenance = true
    await expect(openLive({ urls: { rest: fake.url } })).rejects.toMatchObject({ code: 'BROKER_SERVER_ERROR' })
  })

  it('where the venue is not, and says so', async () => {
    await expect(openLive({ urls: { rest: 'http://127.0.0.1:1' } })).rejects.toMatchObject({
      code: 'BROKER_CONNECTION_LOST',
    })
  })
})

it('a redirect is not followed, and the keys stay where they are', async () => {
  const elsewhere = await createFakeOkx()
  stopLater(() => elsewhere.close())
  const { fake, broker } = await openLive()
  fake.fail({
    kind: 'redirect',
    to: `${elsewhere.url}/api/v5/account/balance`,
    on: 'GET /api/v5/account/balance',
    times: 10,
  })
  await expect(broker.balances()).rejects.toMatchObject({ code: 'BROKER_REDIRECTED' })
  expect(elsewhere.requests).toEqual([])
})

test('secrets are in no error, log line or event, whatever fails', async () => {
  const secrets = { key: 'canary0000-key-1', secret: 'CANARY/SECRET+OF=ACCOUNT', passphrase: 'canary-Pass=phrase1' }
  const account = await openLive(
    { ...secrets, requestTimeoutMs: 150, heartbeatMs: 100, outcomeWaitsMs: [1] },
    { keyId: secrets.key, secret: secrets.secret, passphrase: secrets.passphrase },
  )
  const { fake, broker, place, events, log } = account
  const seen: unknown[] = []
  const note = (thrown: unknown): void => {
    const error = thrown as Error & { context?: unknown }
    seen.push(String(error), error.stack, error.cause, error.context, JSON.stringify(error))
  }
  const said = `bad ${secrets.key} ${secrets.secret} ${secrets.passphrase}`
  const bodies: readonly FakeOkxFault[] = [200, 400, 401, 403, 404, 500, 503].flatMap((status) => [
    { kind: 'status', status, body: JSON.stringify({ code: '51000', msg: said, data: [] }) },
    { kind: 'status', status, body: JSON.stringify({ code: '1', msg: said, data: [{ sCode: '51008', sMsg: said }] }) },
    { kind: 'status', status, body: said },
  ])
  const all: readonly FakeOkxFault[] = [
    ...bodies,
    ...landed(order),
    { kind: 'hang' },
    { kind: 'cut' },
    { kind: 'html', status: 401 },
    { kind: 'too-many' },
    { kind: 'code', code: '50113', status: 401 },
    { kind: 'redirect', to: `http://127.0.0.1:1/?${secrets.secret}` },
  ]
  const { connection } = parseOkxOptions({
    ...secrets,
    requestTimeoutMs: 150,
    urls: { rest: fake.url },
    transport: hurriedLine().transport,
  })
  for (const fault of all) {
    fake.fail({ ...fault, on: order, times: 1 })
    await place().catch(note)
    fake.heal()
    // One attempt, with a breaker of its own, so that the failure itself is seen.
    fake.fail({ ...fault, on: 'GET /api/v5/account/config' })
    const client = new RestClient(connection, createSeededRandom(1), connection.clock)
    await client.send({ method: 'GET', path: '/api/v5/account/config' }, 'order').catch(note)
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

it('executions of orders that another life placed are told with one look-up for each algo order, and none for others', async () => {
  const account = await openLive()
  for (let count = 0; count < 4; count += 1) await account.place({ ...market, quantity: '0.1' })
  const stop = await account.place({
    side: 'sell',
    type: 'stop',
    stopPrice: '48000',
    quantity: '0.3',
    reduceOnly: true,
  })
  await account.fake.market.quote('BTC-USDT', '47000', '47010')
  await account.fake.market.trade('BTC-USDT', '47000')
  await until(() => account.words(stop).includes('filled'), 'the stop has filled')
  const again = await account.reopen()
  const before = again.asked('GET trade/order')
  const told = await again.broker.executions(0)
  expect(told).toHaveLength(5)
  expect(told.at(-1)?.clientOrderId).toBe(stop)
  expect(again.asked('GET trade/order') - before).toBe(1)
  // What was found is not asked for again.
  expect(await again.broker.executions(0)).toEqual(told)
  expect(again.asked('GET trade/order') - before).toBe(1)
})

describe('to cancel all', () => {
  const batch = 'POST /api/v5/trade/cancel-batch-orders'

  it('cancels the stops as well where the orders could not be', async () => {
    const { fake, broker, place, words } = await openLive()
    await place(market)
    const ids = [await place(), await place({ ...stop, quantity: '0.05' })]
    fake.fail({ kind: 'status', status: 502, on: batch, times: 5 })
    await expect(broker.cancelAll()).rejects.toMatchObject({ code: 'BROKER_SERVER_ERROR' })
    await until(() => words(ids[1] ?? '').includes('canceled'), 'the stop is cancelled')
    expect(await broker.openOrders()).toMatchObject([{ clientOrderId: ids[0] }])
  })

  it('cancels the rest where some could not be', async () => {
    const { fake, broker, place } = await openLive()
    for (let count = 0; count < 23; count += 1) await place({ quantity: '0.01' })
    fake.fail({ kind: 'status', status: 502, on: batch, times: 5 })
    await expect(broker.cancelAll()).rejects.toMatchObject({ code: 'BROKER_SERVER_ERROR' })
    expect(await broker.openOrders()).toHaveLength(20)
  })
})
