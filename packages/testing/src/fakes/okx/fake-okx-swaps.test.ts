import { type Decimal, decimal, decimalText } from '@tradeswarm/trading'
import { afterEach, beforeEach, expect, it } from 'vitest'
import { createFakeOkx } from './create-fake-okx.js'
import type { FakeOkx } from './fake-okx.js'
import { createOkxClient, type Node, type OkxClient } from './okx-client.test-support.js'

const start = Date.parse('2026-03-02T15:00:00Z')
let time = start
const clock = { now: () => time, elapsed: () => time }
const instId = 'BTC-USDT-SWAP'
const swap = { instId, tdMode: 'cross' }

let fake: FakeOkx
let client: OkxClient
const begin = async (options: Parameters<typeof createFakeOkx>[0] = {}): Promise<void> => {
  await fake?.close()
  fake = await createFakeOkx({ streamTiming: 'before', connectionsPerSecond: 99, rateMultiplier: 50, ...options })
  client = createOkxClient(fake)
  await quote('50000', '50001')
}
const quote = (bid: string, ask: string) => fake.market.quote(instId, bid, ask)
beforeEach(async () => {
  time = start
  await begin()
})
afterEach(() => fake.close())

const market = (side: 'buy' | 'sell', sz: string, more: Node = {}) =>
  client.place({ ...swap, ordType: 'market', px: '', side, sz, ...more })
const position = async (): Promise<Node> => (await client.get('account/positions')).data[0] ?? {}
const details = async (): Promise<Node> => {
  const [balance = {}] = (await client.get('account/balance?ccy=USDT')).data
  return (balance['details'] as readonly Node[])[0] ?? {}
}

it('contracts are counted by their value, positions are signed, and what closing makes is paid', async () => {
  await market('buy', '10')
  expect(await position()).toMatchObject({
    pos: '10',
    posSide: 'net',
    mgnMode: 'cross',
    avgPx: '50001',
    lever: '3',
    fee: '-5.0001',
    notionalUsd: '5000.05',
    upl: '-0.05',
  })
  expect(await details()).toMatchObject({ cashBal: '99994.9999', upl: '-0.05', eq: '99994.9499' })
  await client.place({ ...swap, px: '45000', sz: '2' })
  expect(await details()).toMatchObject({ frozenBal: expect.stringMatching(/^1966\.7/), ordFrozen: '300' })
  await client.post('trade/cancel-order', { instId, ordId: fake.orders().at(-1)?.['ordId'] })
  await quote('50101', '50102')
  await market('sell', '25')
  const closing = (await client.get('trade/fills?instType=SWAP')).data[0]
  expect(closing).toMatchObject({ fillSz: '25', fillPnl: '10', feeCcy: 'USDT', fee: '-12.52525' })
  expect(await position()).toMatchObject({ pos: '-15', avgPx: '50101' })
  expect(await details()).toMatchObject({ cashBal: '99992.47465' })
  expect((await client.get('trade/orders-history?instType=SWAP')).data[0]).toMatchObject({
    pnl: '10',
    feeCcy: 'USDT',
    lever: '3',
  })
})

it('what fills and bills tell is what moves the balance, where an average does not come out even', async () => {
  await market('buy', '1')
  await quote('50010.1', '50010.2')
  await market('buy', '2')
  await quote('50033.7', '50033.8')
  for (const sz of ['1', '1.5', '0.25', '0.25']) await market('sell', sz)
  const bills = (await client.get('account/bills')).data.map(({ balChg }) => decimal(balChg as string))
  const moved = bills.reduce((sum: Decimal, change) => sum.plus(change), decimal('100000'))
  expect((await details())['cashBal']).toBe(decimalText(moved))
})

it('a position is told as it changes, and once more when it is gone', async () => {
  const listener = await client.connect('private')
  await listener.login()
  await listener.subscribe({ channel: 'positions', instType: 'SWAP' })
  const next = async (): Promise<readonly Node[]> =>
    (await listener.next(({ data }) => data !== undefined))['data'] as readonly Node[]
  expect(await next()).toEqual([])
  await market('buy', '10')
  expect(await next()).toMatchObject([{ pos: '10', pTime: expect.any(String) }])
  await client.post('trade/close-position', { instId, mgnMode: 'cross' })
  expect(await next()).toMatchObject([{ pos: '0', instId }])
  expect((await client.get('account/positions')).data).toEqual([])
  expect(await client.post('trade/close-position', { instId, mgnMode: 'cross' })).toMatchObject({ code: '51023' })
})

it('what only reduces never opens, and margin must be there', async () => {
  expect(await market('sell', '1', { reduceOnly: true })).toMatchObject({ sCode: '51169' })
  await market('buy', '2')
  expect(await market('buy', '1', { reduceOnly: true })).toMatchObject({ sCode: '51170' })
  await market('sell', '9', { reduceOnly: true })
  expect((await client.get('account/positions')).data).toEqual([])
  expect(await market('buy', '601')).toMatchObject({ sCode: '51008', subCode: '1001' })
  expect((await market('buy', '590'))['sCode']).toBe('0')
})

it('funding is paid once an interval, and its bill says which way', async () => {
  await begin({ clock, funding: { rates: { [instId]: '0.0001' } } })
  await fake.market.trade(instId, '50000')
  await market('buy', '10')
  expect((await client.get(`public/funding-rate?instId=${instId}`)).data[0]).toMatchObject({
    fundingRate: '0.0001',
    fundingTime: String(Date.parse('2026-03-02T16:00:00Z')),
  })
  time = Date.parse('2026-03-02T16:00:00Z')
  await quote('50000', '50001')
  expect((await client.get('account/bills?type=8')).data).toMatchObject([
    { ccy: 'USDT', balChg: '-0.5', subType: '173', instId, bal: '99994.4999', sz: '10' },
  ])
  expect(await position()).toMatchObject({ fundingFee: '-0.5', realizedPnl: '-5.5001' })
  await fake.market.emit({ type: 'funding', symbol: instId, time: time + 1, rate: '-0.0002', price: '50000' })
  const bills = (await client.get('account/bills?instType=SWAP')).data
  expect(bills.map(({ type, subType, balChg }) => [type, subType, balChg])).toEqual([
    ['8', '174', '1'],
    ['8', '173', '-0.5'],
    ['2', '1', '-5.0001'],
  ])
})

it('the account is set up by its options, and by requests', async () => {
  expect((await client.get('account/config')).data[0]).toMatchObject({
    acctLv: '2',
    posMode: 'net_mode',
    perm: 'read_only,trade',
  })
  const lever = { instId, mgnMode: 'cross' }
  expect((await client.post('account/set-leverage', { ...lever, lever: '5' })).data[0]).toMatchObject({ lever: '5' })
  expect((await client.get(`account/leverage-info?instId=${instId}&mgnMode=cross`)).data[0]).toMatchObject({
    lever: '5',
  })
  expect(await client.post('account/set-leverage', { ...lever, lever: '200' })).toMatchObject({ code: '59102' })
  await market('buy', '1')
  expect(await client.post('account/set-position-mode', { posMode: 'long_short_mode' })).toMatchObject({
    code: '59000',
  })
  await client.post('trade/close-position', { instId, mgnMode: 'cross' })
  expect(await client.post('account/set-position-mode', { posMode: 'long_short_mode' })).toMatchObject({ code: '0' })
  expect(await market('buy', '1')).toMatchObject({ sCode: '51000' })
  await begin({ feeBasisPoints: '5', feeType: '1' })
  expect((await client.get('account/trade-fee?instType=SWAP')).data[0]).toMatchObject({
    maker: '-0.0005',
    takerU: '-0.0005',
  })
  expect((await client.get('account/config')).data[0]).toMatchObject({ feeType: '1' })
  await begin({ accountLevel: '1' })
  expect(await market('buy', '1')).toMatchObject({ sCode: '51010' })
  await begin({ accountLevel: '3' })
  expect(await client.place({ px: '100' })).toMatchObject({ sCode: '51010' })
  expect(await client.place({ px: '100', tdMode: 'cross' })).toMatchObject({ sCode: '0' })
})

it('unless it is wound up again, all is cancelled', async () => {
  let due: (() => void | Promise<void>) | undefined
  const timers = {
    at(at: number, callback: () => void | Promise<void>) {
      if (at === time + 10_000) due = callback
      else queueMicrotask(() => void callback())
      return () => undefined
    },
  }
  await begin({ clock, timers })
  await client.place({ ...swap, px: '40000', sz: '1', tag: 'mine' })
  expect(await client.post('trade/cancel-all-after', { timeOut: '9' })).toMatchObject({ code: '51000' })
  const seconds = Math.floor(time / 1_000)
  expect((await client.post('trade/cancel-all-after', { timeOut: '10', tag: 'mine' })).data[0]).toEqual({
    triggerTime: String(seconds + 10),
    tag: 'mine',
    ts: String(seconds),
  })
  await due?.()
  expect(fake.orders()).toMatchObject([{ state: 'canceled', cancelSource: '20' }])
})

it('an order that was cancelled unfilled is forgotten after two hours, others later', async () => {
  await begin({ clock })
  const kept = await market('buy', '1')
  const gone = await client.place({ ...swap, px: '40000', sz: '1' })
  await client.post('trade/cancel-order', { instId, ordId: gone['ordId'] })
  const history = async (): Promise<readonly unknown[]> =>
    (await client.get('trade/orders-history?instType=SWAP')).data.map(({ ordId }) => ordId)
  expect(await history()).toEqual([gone['ordId'], kept['ordId']])
  time = start + 2 * 3_600_000
  expect(await history()).toEqual([kept['ordId']])
  expect(await client.get(`trade/order?instId=${instId}&ordId=${String(gone['ordId'])}`)).toMatchObject({
    code: '51603',
  })
  time = start + 7 * 86_400_000
  expect(await history()).toEqual([])
  expect((await client.get('trade/orders-history-archive?instType=SWAP')).data).toHaveLength(1)
  expect((await client.get('trade/fills')).data).toEqual([])
  expect((await client.get('trade/fills-history?instType=SWAP')).data).toHaveLength(1)
})
