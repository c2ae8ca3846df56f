import { openByHand } from '@tradeswarm/testing'
import { createFakeAlpaca } from '@tradeswarm/testing/fakes'
import type { BrokerEvent } from '@tradeswarm/trading'
import { afterEach, expect, onTestFinished, test, vi } from 'vitest'
import { createAlpacaBroker } from './create-alpaca-broker.js'
import { stopAll, stopLater } from './fake-account.test-support.js'
import { createKeptLog, until } from './live-account.test-support.js'

afterEach(stopAll)

test('an account that is opened by hand trades, and says what became of each order', async () => {
  const fake = await createFakeAlpaca()
  stopLater(() => fake.close())
  await fake.market.quote('AAPL', '187.40', '187.50', { askSize: '4' })
  const { keyId, secret, url } = fake
  const definition = createAlpacaBroker({ keyId, secret, symbols: ['AAPL'], account: 'mine', urls: { trading: url } })
  const { broker, trade } = await openByHand(definition)
  stopLater(() => broker.close())
  const order = { symbol: 'AAPL', side: 'buy', type: 'market', timeInForce: 'day' } as const
  // In two parts: the first is not the end.
  const traded = trade({ ...order, quantity: '10' })
  while (fake.orders()[0]?.['status'] !== 'partially_filled') await broker.time()
  await fake.market.quote('AAPL', '187.40', '187.60')
  expect((await traded).map(({ type }) => type)).toEqual(['accepted', 'filled', 'filled'])
  expect(await trade({ ...order, side: 'sell', quantity: '11' })).toMatchObject([{ type: 'rejected' }])
  const resting = trade({ ...order, type: 'limit', limitPrice: '1', quantity: '1' }, { timeoutMs: 1 })
  await expect(resting).rejects.toMatchObject({ code: 'TIMED_OUT' })
  // It lives on, under an id of its own.
  const ids = (): number => new Set(fake.orders().map((one) => one['client_order_id'])).size
  await until(() => ids() === 2, 'the order is there')
})

test('what takes too long says what the venue has of it, and an order that is to rest is not waited for', async () => {
  const fake = await createFakeAlpaca({ alwaysOpen: true })
  stopLater(() => fake.close())
  await fake.market.quote('AAPL', '187.40', '187.50')
  const { keyId, secret, url } = fake
  const definition = createAlpacaBroker({ keyId, secret, symbols: ['AAPL'], urls: { trading: url } })
  const { broker, trade } = await openByHand(definition)
  stopLater(() => broker.close())
  const order = { symbol: 'AAPL', side: 'buy', type: 'limit', quantity: '1', timeInForce: 'day' } as const
  const told = await trade({ ...order, limitPrice: '100' }, { until: 'accepted' })
  expect(told).toMatchObject([{ type: 'accepted' }])
  await broker.cancel(told[0]?.clientOrderId ?? '')
  const says = (message: RegExp, context = {}) => ({
    code: 'TIMED_OUT',
    message: expect.stringMatching(message),
    context: expect.objectContaining(context),
  })
  await expect(trade({ ...order, limitPrice: '100' }, { timeoutMs: 300 })).rejects.toMatchObject(
    says(/no end was told within 300 ms: it lives on, with 0 of 1 filled/, { status: 'open' }),
  )
  fake.conditions.loseUpdates = true
  await expect(trade({ ...order, limitPrice: '188' }, { timeoutMs: 300 })).rejects.toMatchObject(
    says(/the venue has it as filled, with 1 of 1 filled, and has not told so/, { status: 'filled' }),
  )
  fake.fail({ kind: 'hang', on: 'POST /v2/orders' })
  await expect(trade({ ...order, limitPrice: '100' }, { timeoutMs: 300 })).rejects.toMatchObject(
    says(/the venue knows no such order, which may yet arrive/),
  )
})

test('an order for an amount has ended when what is left of it is told to be gone', async () => {
  const fake = await createFakeAlpaca({ alwaysOpen: true })
  stopLater(() => fake.close())
  await fake.market.quote('BTC/USD', '49990', '50010')
  const { keyId, secret, url } = fake
  const { broker, trade } = await openByHand(createAlpacaBroker({ keyId, secret, urls: { trading: url } }))
  stopLater(() => broker.close())
  const amount = { symbol: 'BTC-USD', side: 'buy', type: 'market', quantity: '1000', sizedIn: 'quote' } as const
  const told = await trade({ ...amount, timeInForce: 'gtc' })
  expect(told.map(({ type }) => type)).toEqual(['accepted', 'filled', 'canceled'])
  expect(await broker.order(told[0]?.clientOrderId ?? '')).toMatchObject({ status: 'canceled' })
})

test('an entry brings its exits along, and what Alpaca has no group for is refused with what to do', async () => {
  const fake = await createFakeAlpaca({ alwaysOpen: true })
  stopLater(() => fake.close())
  await fake.market.quote('AAPL', '187.40', '187.50')
  const { keyId, secret, url } = fake
  const definition = createAlpacaBroker({ keyId, secret, symbols: ['AAPL', 'BTC-USD'], urls: { trading: url } })
  const { broker, permit } = await openByHand(definition)
  stopLater(() => broker.close())
  const told: BrokerEvent[] = []
  broker.subscribe((event) => void told.push(event))
  const exits = { targetPrice: '195', stopPrice: '180' }
  const entry = { symbol: 'AAPL', side: 'buy', type: 'market', quantity: '10', timeInForce: 'gtc' } as const
  const order = permit(entry)
  await broker.placeWithExits(order, exits)
  const open = async () => (await broker.openOrders()).map(({ side, status, quantity }) => [side, status, quantity])
  await until(() => told.some(({ type }) => type === 'filled'), 'the entry has filled')
  expect(told[0]).toMatchObject({ type: 'accepted', clientOrderId: order.request.clientOrderId })
  expect(await open()).toEqual([
    ['sell', 'open', '10'],
    ['sell', 'open', '10'],
  ])
  await fake.market.quote('AAPL', '195.10', '195.20')
  await until(() => told.some(({ type }) => type === 'canceled'), 'the target has filled, and the stop is gone')
  expect(fake.orders().map(({ status }) => status)).toEqual(['filled', 'filled', 'canceled'])

  const sent = fake.orders().length
  told.splice(0)
  await broker.placeWithExits(permit(entry), {})
  await broker.placeWithExits(permit(entry), { targetPrice: '195', stopLimitPrice: '179' })
  await broker.placeWithExits(permit({ ...entry, side: 'sell', reduceOnly: true }), exits)
  await broker.placeWithExits(permit({ ...entry, type: 'stop', stopPrice: '190' }), exits)
  await broker.placeWithExits(permit({ ...entry, symbol: 'BTC-USD' }), exits)
  await broker.placeWithExits(permit({ ...entry, timeInForce: 'ioc' }), exits)
  await broker.placeWithExits(permit({ ...entry, quantity: '0.5' }), exits)
  await broker.placeWithExits(permit(entry), { targetPrice: '180', stopPrice: '195' })
  expect(told.map((event) => ('code' in event ? event.code : event.type))).toEqual([
    'INVALID_ORDER',
    'INVALID_ORDER',
    'INVALID_ORDER',
    'UNSUPPORTED_ORDER_TYPE',
    'UNSUPPORTED_ORDER_TYPE',
    'UNSUPPORTED_TIME_IN_FORCE',
    'QUANTITY_PRECISION',
    'INVALID_ORDER',
  ])
  expect(fake.orders()).toHaveLength(sent)
})

test('an entry with exits whose answer is lost is found, and not sent again', async () => {
  const fake = await createFakeAlpaca({ alwaysOpen: true })
  stopLater(() => fake.close())
  const { keyId, secret, url } = fake
  const definition = createAlpacaBroker({ keyId, secret, symbols: ['AAPL'], urls: { trading: url } })
  const { broker, permit } = await openByHand(definition)
  stopLater(() => broker.close())
  fake.fail({ kind: 'cut', when: 'after', on: 'POST /v2/orders' })
  const entry = {
    symbol: 'AAPL',
    side: 'buy',
    type: 'limit',
    limitPrice: '90',
    quantity: '1',
    timeInForce: 'day',
  } as const
  await broker.placeWithExits(permit(entry), { stopPrice: '80' })
  expect(fake.requests.filter(({ method }) => method === 'POST')).toHaveLength(1)
  expect(fake.orders()[0]).toMatchObject({ order_class: 'oto', status: 'new' })
})

test('exits that cannot be meant are refused, and nothing is sent', async () => {
  const fake = await createFakeAlpaca({ alwaysOpen: true })
  stopLater(() => fake.close())
  const { keyId, secret, url } = fake
  const definition = createAlpacaBroker({ keyId, secret, symbols: ['AAPL'], urls: { trading: url } })
  const { broker, permit } = await openByHand(definition)
  stopLater(() => broker.close())
  const told: BrokerEvent[] = []
  broker.subscribe((event) => void told.push(event))
  const order = permit({ symbol: 'AAPL', side: 'buy', type: 'market', quantity: '1', timeInForce: 'day' })
  for (const [odd, message] of [
    [{ targetPrise: '195', stopPrice: '180' }, /exits: there is no option targetPrise; did you mean targetPrice/],
    [{ stopPrice: 180 }, /exits: stopPrice is 180; it must be a decimal text above 0/],
    [{ stopPrice: '180', stopLimitPrice: '-1' }, /exits: stopLimitPrice is "-1"; it must be/],
    [undefined, /exits: its options are undefined; give it an object/],
  ] as const) {
    const refused = { code: 'INVALID_OPTION', message: expect.stringMatching(message) }
    await expect(broker.placeWithExits(order, odd as object)).rejects.toMatchObject(refused)
  }
  await expect(broker.placeWithExits(order.request as unknown as typeof order, {})).rejects.toMatchObject({
    code: 'PERMIT_FORGED',
    message: expect.stringMatching(/give what permit\(order\) returns/),
  })
  expect([told, fake.orders()]).toEqual([[], []])
})

test('a symbol that is misspelt is warned of when the account is opened: on the console, or to the logger that was given', async () => {
  const fake = await createFakeAlpaca()
  stopLater(() => fake.close())
  const lines: string[] = []
  const spy = vi.spyOn(console, 'warn').mockImplementation((line: string) => void lines.push(line))
  onTestFinished(() => spy.mockRestore())
  const { keyId, secret, url } = fake
  const open = (symbols: readonly string[], options?: Parameters<typeof openByHand>[1]) =>
    openByHand(createAlpacaBroker({ keyId, secret, symbols, urls: { trading: url } }), options)
  const listed = await open(['AAPL'])
  stopLater(() => listed.broker.close())
  expect(lines).toEqual([])
  const { broker } = await open(['AAPL', 'APPL'])
  stopLater(() => broker.close())
  expect(lines.map((line) => JSON.parse(line))).toMatchObject([
    { level: 'warn', message: expect.stringContaining('cannot be traded'), symbol: 'APPL' },
  ])
  const kept = createKeptLog()
  const told = await open(['APPL'], { logger: kept.logger })
  stopLater(() => told.broker.close())
  expect(kept.lines).toEqual([expect.stringMatching(/cannot be traded.*APPL/)])
  expect(lines).toHaveLength(1)
})

test('what is no instant to list from is refused before anything is asked', async () => {
  const fake = await createFakeAlpaca()
  stopLater(() => fake.close())
  const { keyId, secret, url } = fake
  const { broker } = await openByHand(createAlpacaBroker({ keyId, secret, urls: { trading: url } }))
  stopLater(() => broker.close())
  const asked = fake.requests.length
  const lists = [(since: number) => broker.executions(since), (since: number) => broker.movements(since)]
  for (const list of lists)
    for (const since of ['2024-01-01', undefined, Number.NaN])
      await expect(list(since as unknown as number)).rejects.toMatchObject({
        code: 'INVALID_OPTION',
        message: expect.stringContaining('is no instant; use milliseconds since 1970'),
      })
  expect(fake.requests).toHaveLength(asked)
})
