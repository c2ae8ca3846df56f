import { afterEach, beforeEach, expect, it } from 'vitest'
import { createFakeOkx } from './create-fake-okx.js'
import type { FakeOkx } from './fake-okx.js'
import { createOkxClient, type Node, type OkxClient, type OkxListener } from './okx-client.test-support.js'

let fake: FakeOkx
let client: OkxClient
const start = async (options: Parameters<typeof createFakeOkx>[0] = {}): Promise<void> => {
  await fake?.close()
  fake = await createFakeOkx({ streamTiming: 'before', connectionsPerSecond: 99, ...options })
  client = createOkxClient(fake)
  await fake.market.trade('BTC-USDT', '100')
  await fake.market.quote('BTC-USDT', '99', '101')
}
beforeEach(() => start())
afterEach(() => fake.close())

const hasData = ({ data }: Node): boolean => data !== undefined
const row = (message: Node): Node => (message['data'] as readonly Node[])[0] ?? {}
const privately = async (...args: readonly Node[]): Promise<OkxListener> => {
  const listener = await client.connect('private')
  await listener.login()
  await listener.subscribe(...args)
  return listener
}
const orders = { channel: 'orders', instType: 'ANY' }

it('text pings are answered, and each channel by itself', async () => {
  const listener = await client.connect('public')
  listener.send('ping')
  expect(await listener.next()).toEqual({ pong: true })
  const args = [
    { channel: 'tickers', instId: 'BTC-USDT' },
    { channel: 'trades', instId: 'BTC-USDT' },
  ]
  expect(await listener.subscribe(...args)).toMatchObject([
    { id: '1512', event: 'subscribe', arg: args[0], connId: expect.stringMatching(/^[0-9a-f]{8}$/) },
    { event: 'subscribe', arg: args[1] },
  ])
  expect(row(await listener.next(hasData))).toMatchObject({ last: '100', bidPx: '99', askPx: '101', instType: 'SPOT' })
  listener.send({ op: 'unsubscribe', args: [args[0]] })
  expect(await listener.next(({ event }) => event === 'unsubscribe')).toMatchObject({ arg: args[0] })
  await fake.market.trade('BTC-USDT', '101', '3')
  expect(row(await listener.next(hasData))).toMatchObject({ px: '101', sz: '3', side: 'buy', count: '1' })
  expect(listener.heard).toEqual([])
})

it.each<[Node, string]>([
  [{ apiKey: 'another' }, '60005'],
  [{ passphrase: 'another' }, '60024'],
  [{ timestamp: 'now' }, '60004'],
  [{ timestamp: '1700000000' }, '60006'],
  [{ sign: 'bm8=' }, '60007'],
])('a login with %o fails and the socket is closed', async (fields, code) => {
  const listener = await client.connect('private')
  expect(await listener.login(fields)).toMatchObject({ event: 'error', code })
  expect(await listener.closed).toBe(4001)
})

it.each<['public' | 'private' | 'business', Node, string]>([
  ['private', { channel: 'orders', instType: 'ANY' }, '60011'],
  ['public', { channel: 'orders', instType: 'ANY' }, '60018'],
  ['public', { channel: 'nothing', instId: 'BTC-USDT' }, '60018'],
  ['public', { channel: 'tickers', instId: 'NO-USDT' }, '60018'],
  ['public', { channel: 'candle1m', instId: 'BTC-USDT' }, '64001'],
  ['business', { channel: 'candle7m', instId: 'BTC-USDT' }, '60018'],
  ['business', { channel: 'tickers', instId: 'BTC-USDT' }, '64002'],
  ['business', { channel: 'orders-algo', instType: 'ANY' }, '60011'],
  ['public', { channel: 'books-l2-tbt', instId: 'BTC-USDT' }, '60029'],
  ['public', { channel: 'books50-l2-tbt', instId: 'BTC-USDT' }, '60030'],
])('on the %s socket %o is refused', async (path, arg, code) => {
  const listener = await client.connect(path)
  expect(await listener.subscribe(arg)).toMatchObject([{ event: 'error', code, id: '1512' }])
})

it('what is no request is refused by its text', async () => {
  const listener = await client.connect('public')
  listener.send('{"op": "subscribe"}')
  expect(await listener.next()).toMatchObject({ event: 'error', code: '60012' })
  listener.send({ op: 'dance', args: [] })
  expect(await listener.next()).toMatchObject({ event: 'error', code: '60019' })
  listener.send({ op: 'subscribe', args: [{ channel: 'tickers', instId: 'BTC-USDT', more: 'x'.repeat(65_536) }] })
  expect(await listener.next()).toMatchObject({ event: 'error', code: '60013' })
  for (let count = 0; count < 480; count += 1)
    listener.send({ op: 'unsubscribe', args: [{ channel: 'tickers', instId: 'BTC-USDT' }] })
  expect(await listener.next(({ event }) => event === 'error')).toMatchObject({ code: '60014' })
})

it('a second login is refused, and the first one stands', async () => {
  const listener = await privately(orders)
  expect(await listener.login()).toMatchObject({ event: 'error', code: '60031' })
  await client.place({ px: '90' })
  expect(row(await listener.next(hasData))).toMatchObject({ state: 'live' })
})

it('whoever says nothing is cut off, and whoever opens too many sockets is turned away', async () => {
  await start({ idleMs: 60, connectionsPerSecond: 2 })
  const listener = await client.connect('public')
  await listener.subscribe({ channel: 'trades', instId: 'BTC-USDT' })
  expect(await listener.closed).toBe(4004)
  await client.connect('public')
  await expect(client.connect('public')).rejects.toThrow('429')
})

it('a socket without a subscription is cut off though it pings', async () => {
  await start({ idleMs: 80 })
  const listener = await client.connect('public')
  listener.send('ping')
  expect(await listener.closed).toBe(4004)
})

it('the number of connections to a channel is told', async () => {
  const listener = await privately(orders)
  expect(await listener.next(({ event }) => event === 'channel-conn-count')).toMatchObject({
    channel: 'orders',
    connCount: '1',
  })
  const second = await privately(orders)
  expect(await second.next(({ event }) => event === 'channel-conn-count')).toMatchObject({ connCount: '2' })
})

it('beyond thirty connections the last one hears nothing', async () => {
  for (let count = 0; count < 30; count += 1) await privately(orders)
  const last = await privately(orders)
  expect(await last.next(({ event }) => event === 'channel-conn-count-error')).toMatchObject({ connCount: '30' })
  await client.place({ px: '90' })
  last.send('ping')
  await last.next(({ pong }) => pong === true)
  expect(last.heard.filter(hasData)).toEqual([])
})

it('the account is told whole, then what has changed of it', async () => {
  const listener = await privately({ channel: 'account' }, { channel: 'balance_and_position' })
  const snapshot = await listener.next(({ eventType }) => eventType === 'snapshot')
  expect(snapshot).toMatchObject({ arg: { channel: 'account', uid: expect.any(String) }, curPage: 1, lastPage: true })
  expect(
    row(await listener.next(({ data, eventType }) => data !== undefined && eventType === undefined)),
  ).toMatchObject({
    eventType: 'snapshot',
    balData: [{ ccy: 'USDT', cashBal: '100000' }],
  })
  await client.place({ ordType: 'market', px: '', sz: '202' })
  const changed = await listener.next(({ eventType }) => eventType === 'event_update')
  expect(changed).not.toHaveProperty('curPage')
  const update = row(changed)
  expect((update['details'] as readonly Node[]).map(({ ccy }) => ccy)).toEqual(['BTC', 'USDT'])
  const both = row(await listener.next(({ data, eventType }) => data !== undefined && eventType === undefined))
  expect(both).toMatchObject({ eventType: 'filled', trades: [{ instId: 'BTC-USDT' }] })
})

it('the account is told again though nothing has changed, unless the subscription does not want it', async () => {
  await start({ regularPushMs: 20 })
  const listener = await privately({ channel: 'account' })
  for (let count = 0; count < 3; count += 1)
    expect(await listener.next(hasData)).toMatchObject({
      eventType: 'snapshot',
      data: [{ details: [{ ccy: 'USDT' }] }],
    })
  const quiet = await privately({ channel: 'account', extraParams: '{"updateInterval": "0"}' })
  await listener.next(hasData)
  await listener.next(hasData)
  await listener.next(hasData)
  expect(quiet.heard.filter(hasData)).toMatchObject([{ eventType: 'snapshot' }])
})

it('a suspended instrument takes no orders and fills none, and its channel says so', async () => {
  const listener = await client.connect('public')
  await listener.subscribe({ channel: 'instruments', instType: 'SPOT' })
  await listener.next(hasData)
  await client.place({ px: '98', clOrdId: 'resting' })
  fake.setState('BTC-USDT', 'suspend')
  expect(row(await listener.next(hasData))).toMatchObject({ instId: 'BTC-USDT', state: 'suspend' })
  expect(await client.place({ px: '98' })).toMatchObject({ sCode: '51022' })
  await fake.market.trade('BTC-USDT', '97')
  expect(fake.orders()).toMatchObject([{ state: 'live' }])
  fake.setState('BTC-USDT', 'live')
  await fake.market.trade('BTC-USDT', '97')
  expect(fake.orders()).toMatchObject([{ state: 'filled' }])
})

it('orders are placed, amended and cancelled over the private socket, too', async () => {
  const listener = await privately()
  const operate = async (op: string, ...args: readonly Node[]): Promise<Node> => {
    listener.send({ id: 'op1', op, args })
    return listener.next(({ id }) => id === 'op1')
  }
  const body = { instId: 'BTC-USDT', tdMode: 'cash', side: 'buy', ordType: 'limit', px: '90', sz: '1' }
  const placed = await operate('order', { ...body, clOrdId: 'ws1' })
  expect(placed).toMatchObject({
    op: 'order',
    code: '0',
    data: [{ sCode: '0', clOrdId: 'ws1' }],
    inTime: expect.stringMatching(/^\d{16}$/),
  })
  const code = Number((await client.get('public/instruments?instType=SPOT&instId=BTC-USDT')).data[0]?.['instIdCode'])
  const { instId: _instId, ...unnamed } = body
  expect(await operate('batch-orders', { ...unnamed, instIdCode: code }, { ...body, sz: '0' })).toMatchObject({
    code: '2',
    data: [{ sCode: '0' }, { sCode: '51000' }],
  })
  expect(await operate('amend-order', { instId: 'BTC-USDT', clOrdId: 'ws1', newPx: '91' })).toMatchObject({ code: '0' })
  expect(await operate('cancel-order', { instId: 'BTC-USDT', clOrdId: 'ws1' })).toMatchObject({ code: '0' })
  expect(await operate('cancel-order', { instId: 'BTC-USDT', clOrdId: 'ws1' })).toMatchObject({
    code: '1',
    data: [{ sCode: '51400' }],
  })
  listener.send({ id: 'op1', op: 'order', expTime: '1', args: [body] })
  expect(await listener.next(({ id }) => id === 'op1')).toMatchObject({ code: '50036', data: [] })
})

it('an operation is struck by a fault of its own: not carried out, or not answered', async () => {
  const listener = await privately(orders)
  const args = [{ instId: 'BTC-USDT', tdMode: 'cash', side: 'buy', ordType: 'limit', px: '90', sz: '1' }]
  fake.fail({ kind: 'code', code: '50001', on: 'WS order' })
  listener.send({ id: 'op1', op: 'order', args })
  expect(await listener.next(({ id }) => id === 'op1')).toMatchObject({ code: '50001', data: [] })
  fake.fail({ kind: 'hang', when: 'after', on: 'WS order' })
  listener.send({ id: 'op2', op: 'order', args })
  expect(row(await listener.next(hasData))).toMatchObject({ state: 'live' })
  fake.fail({ kind: 'cut', when: 'after', on: 'WS' })
  listener.send({ id: 'op3', op: 'order', args })
  expect(await listener.closed).toBe(1006)
  expect(fake.orders()).toHaveLength(2)
})

it('updates come twice, in another order, or not at all, as it is set', async () => {
  const listener = await privately(orders)
  fake.conditions.duplicateUpdates = true
  await client.place({ px: '90', clOrdId: 'twice' })
  const [one, two] = [row(await listener.next(hasData)), row(await listener.next(hasData))]
  expect(two).toEqual({ ...one, uTime: String(Number(one['uTime']) + 1) })
  fake.conditions.duplicateUpdates = false
  fake.conditions.shuffleUpdates = true
  await client.place({ ordType: 'post_only', px: '101' })
  expect(row(await listener.next(hasData))).toMatchObject({ state: 'canceled' })
  expect(row(await listener.next(hasData))).toMatchObject({ state: 'live' })
  fake.conditions.shuffleUpdates = false
  fake.conditions.loseUpdates = true
  await client.place({ px: '90' })
  fake.conditions.loseUpdates = false
  fake.conditions.frozenUpdates = true
  listener.send('ping')
  await client.place({ px: '90' })
  fake.conditions.frozenUpdates = false
  await client.place({ px: '91' })
  expect(row(await listener.next(hasData))).toMatchObject({ px: '91' })
  expect(listener.heard.some(({ pong }) => pong === true)).toBe(false)
  expect(fake.sent.updates).toBe(5)
})

it('an update comes after the answer where that is asked for', async () => {
  await start({ streamTiming: 'after' })
  const listener = await privately(orders)
  const placed = await client.place({ px: '90' })
  expect(listener.heard.filter(hasData)).toEqual([])
  expect(row(await listener.next(hasData))).toMatchObject({ ordId: placed['ordId'] })
})

it('sockets are cut, and an upgrade is announced', async () => {
  const listener = await privately(orders)
  fake.announceUpgrade()
  expect(await listener.next(({ event }) => event === 'notice')).toMatchObject({ code: '64008' })
  fake.cutStreams('market')
  fake.cutStreams('updates')
  expect(await listener.closed).toBe(1006)
})

it('a cancel that is on its way is not taken twice', async () => {
  await start({ cancelDelayMs: 40 })
  const listener = await privately(orders)
  const { ordId } = await client.place({ px: '90' })
  const cancel = { instId: 'BTC-USDT', ordId }
  expect((await client.post('trade/cancel-order', cancel)).data).toMatchObject([{ sCode: '0' }])
  expect((await client.post('trade/cancel-order', cancel)).data).toMatchObject([{ sCode: '51410' }])
  expect(row(await listener.next((one) => hasData(one) && row(one)['state'] === 'canceled'))).toMatchObject({
    cancelSource: '1',
  })
})
