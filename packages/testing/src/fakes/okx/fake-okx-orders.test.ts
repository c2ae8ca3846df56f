import { afterEach, beforeEach, expect, it } from 'vitest'
import { createFakeOkx } from './create-fake-okx.js'
import type { FakeOkx } from './fake-okx.js'
import { createOkxClient, type Node, type OkxClient, type OkxListener } from './okx-client.test-support.js'

let fake: FakeOkx
let client: OkxClient
beforeEach(async () => {
  fake = await createFakeOkx({ cash: { USDT: '100000', BTC: '10' }, streamTiming: 'before', connectionsPerSecond: 99 })
  client = createOkxClient(fake)
  await fake.market.trade('BTC-USDT', '100')
  await fake.market.quote('BTC-USDT', '99', '101', { bidSize: '50', askSize: '50' })
})
afterEach(() => fake.close())

const orders = async (): Promise<OkxListener> => {
  const listener = await client.connect('private')
  await listener.login()
  await listener.subscribe({ channel: 'orders', instType: 'ANY' })
  return listener
}
const nextOrder = async (listener: OkxListener): Promise<Node> => {
  const message = await listener.next(({ data }) => data !== undefined)
  return (message['data'] as readonly Node[])[0] ?? {}
}

it('a limit order rests, fills in parts at its price, and tells so on the stream', async () => {
  const listener = await orders()
  const placed = await client.place({ clOrdId: 'first1', px: '98', sz: '3' })
  expect(placed).toMatchObject({ sCode: '0', sMsg: '', clOrdId: 'first1', ordId: expect.stringMatching(/^\d{19}$/) })
  expect(await nextOrder(listener)).toMatchObject({
    state: 'live',
    ordId: placed['ordId'],
    accFillSz: '0',
    fillSz: '0',
    avgPx: '0',
    tradeId: '',
    instType: 'SPOT',
    code: '0',
  })
  await fake.market.trade('BTC-USDT', '97.5', '1')
  expect(await nextOrder(listener)).toMatchObject({
    state: 'partially_filled',
    accFillSz: '1',
    fillSz: '1',
    fillPx: '98',
    avgPx: '98',
    execType: 'M',
    fillFee: '-0.0008',
    fillFeeCcy: 'BTC',
    fee: '-0.0008',
    feeCcy: 'BTC',
  })
  await fake.market.trade('BTC-USDT', '97.5', '2')
  expect(await nextOrder(listener)).toMatchObject({ state: 'filled', accFillSz: '3', fillSz: '2', fee: '-0.0024' })
  const { data } = await client.get(`trade/order?instId=BTC-USDT&clOrdId=first1`)
  expect(data[0]).toMatchObject({ state: 'filled', avgPx: '98', fee: '-0.0024', fillSz: '2', sz: '3', px: '98' })
  const fills = (await client.get('trade/fills?instType=SPOT')).data
  expect(fills.map(({ fillSz, fee, feeRate }) => [fillSz, fee, feeRate])).toEqual([
    ['2', '-0.0016', '-0.0008'],
    ['1', '-0.0008', '-0.0008'],
  ])
})

it('a spot market buy is sized in the quote currency, unless it says otherwise', async () => {
  const spent = await client.place({ ordType: 'market', px: '', sz: '202' })
  expect((await client.get(`trade/order?instId=BTC-USDT&ordId=${String(spent['ordId'])}`)).data[0]).toMatchObject({
    state: 'filled',
    tgtCcy: 'quote_ccy',
    sz: '202',
    accFillSz: '2',
    avgPx: '101',
    fee: '-0.002',
    px: '',
  })
  const bought = await client.place({ ordType: 'market', px: '', sz: '2', tgtCcy: 'base_ccy' })
  expect((await client.get(`trade/order?instId=BTC-USDT&ordId=${String(bought['ordId'])}`)).data[0]).toMatchObject({
    state: 'filled',
    accFillSz: '2',
    tgtCcy: 'base_ccy',
  })
  const details = (await client.get('account/balance?ccy=BTC,USDT')).data[0]?.['details'] as readonly Node[]
  expect(details.map(({ ccy, cashBal }) => [ccy, cashBal])).toEqual([
    ['BTC', '13.996'],
    ['USDT', '99596'],
  ])
})

it('a purchase of coins at the market freezes a twentieth more than it costs', async () => {
  const buy = (sz: string): Promise<Node> => client.place({ ordType: 'market', tgtCcy: 'base_ccy', sz })
  // 100,000 USDT at 101 each.
  expect(await buy('945')).toMatchObject({ sCode: '51008' })
  expect(await buy('940')).toMatchObject({ sCode: '0' })
})

it('a purchase of coins at the market is held to a worth', async () => {
  await fake.market.quote('BTC-USDT', '20000', '20001')
  expect(await client.place({ ordType: 'market', tgtCcy: 'base_ccy', sz: '51' })).toMatchObject({ sCode: '51201' })
})

it('a client order id is taken only while its order lives', async () => {
  const first = await client.place({ clOrdId: 'again', px: '90' })
  expect(await client.place({ clOrdId: 'again', px: '90' })).toMatchObject({ sCode: '51016', ordId: '' })
  expect((await client.post('trade/cancel-order', { instId: 'BTC-USDT', clOrdId: 'again' })).data[0]).toMatchObject({
    sCode: '0',
    ordId: first['ordId'],
  })
  const second = await client.place({ clOrdId: 'again', px: '91' })
  expect(second['sCode']).toBe('0')
  expect((await client.get('trade/order?instId=BTC-USDT&clOrdId=again')).data[0]).toMatchObject({
    ordId: second['ordId'],
    px: '91',
  })
})

it.each<[Node, string]>([
  [{ instId: 'NOPE-USDT' }, '51001'],
  [{ side: 'up' }, '51000'],
  [{ ordType: 'stop' }, '51000'],
  [{ clOrdId: 'no-dashes' }, '51000'],
  [{ clOrdId: 'x'.repeat(33) }, '51000'],
  [{ sz: '0' }, '51000'],
  [{ sz: '0.000001' }, '51020'],
  [{ sz: '1.000000001' }, '51121'],
  [{ px: '100.05' }, '51150'],
  [{ px: '' }, '51204'],
  [{ ordType: 'market', sz: '0.001' }, '51020'],
  [{ sz: '99999' }, '51008'],
  [{ side: 'sell', sz: '11' }, '51008'],
  [{ tdMode: 'cross' }, '51010'],
  [{ instId: 'BTC-USDT-SWAP', tdMode: 'cross', reduceOnly: true }, '51169'],
])('what the venue does not take is refused with its code: %o', async (fields, code) => {
  const item = await client.place(fields)
  expect(item).toMatchObject({ sCode: code, ordId: '' })
  expect(item['sMsg']).not.toBe('')
  expect((await client.get('trade/orders-pending')).data).toEqual([])
})

it('a refused order is HTTP 200 with code 1, a missing parameter 400, a batch tells of each item', async () => {
  const body = { instId: 'BTC-USDT', tdMode: 'cash', side: 'buy', ordType: 'limit', px: '90', sz: '1' }
  const refused = await client.raw('POST', 'trade/order', { ...body, sz: '99999' })
  expect(refused.status).toBe(200)
  expect(await refused.json()).toMatchObject({
    code: '1',
    msg: 'All operations failed',
    data: [{ sCode: '51008', subCode: '1000' }],
    inTime: expect.stringMatching(/^\d{16}$/),
    outTime: expect.stringMatching(/^\d{16}$/),
  })
  const { side: _side, ...without } = body
  const missing = await client.raw('POST', 'trade/order', without)
  expect([missing.status, await missing.json()]).toMatchObject([400, { code: '50014', data: [] }])
  const batch = [body, { ...body, sz: '99999' }]
  expect(await client.post('trade/batch-orders', batch)).toMatchObject({
    code: '2',
    data: [{ sCode: '0' }, { sCode: '51008' }],
  })
  const many = Array.from({ length: 21 }, () => body)
  expect(await client.post('trade/batch-orders', many)).toMatchObject({ code: '50025' })
})

it('what trades at once or not at all ends with the reason why', async () => {
  const listener = await orders()
  await client.place({ ordType: 'post_only', px: '101' })
  expect(await nextOrder(listener)).toMatchObject({ state: 'live' })
  expect(await nextOrder(listener)).toMatchObject({ state: 'canceled', cancelSource: '31', accFillSz: '0' })
  await client.place({ ordType: 'fok', px: '101', sz: '51' })
  expect(await nextOrder(listener)).toMatchObject({ state: 'canceled', cancelSource: '13' })
  await client.place({ ordType: 'ioc', px: '101', sz: '51' })
  expect(await nextOrder(listener)).toMatchObject({ state: 'partially_filled', fillSz: '50', execType: 'T' })
  expect(await nextOrder(listener)).toMatchObject({ state: 'canceled', cancelSource: '14', accFillSz: '50' })
})

it('a book stands until it changes', async () => {
  await fake.close()
  let time = Date.parse('2026-03-02T15:00:00Z')
  fake = await createFakeOkx({ clock: { now: () => time, elapsed: () => time } })
  client = createOkxClient(fake)
  await fake.market.quote('BTC-USDT', '99', '101')
  time += 3_600_000
  await client.place({ ordType: 'ioc', px: '101' })
  expect(fake.orders()).toMatchObject([{ state: 'filled', avgPx: '101' }])
})

it('an amendment keeps the order, and at what is filled already it is done', async () => {
  const listener = await orders()
  const { ordId } = await client.place({ px: '98', sz: '3' })
  await nextOrder(listener)
  const amended = await client.post('trade/amend-order', {
    instId: 'BTC-USDT',
    ordId,
    newPx: '97',
    newSz: '5',
    reqId: 'r1',
  })
  expect(amended.data[0]).toMatchObject({ sCode: '0', ordId, reqId: 'r1' })
  expect(await nextOrder(listener)).toMatchObject({ state: 'live', px: '97', sz: '5', amendResult: '0', reqId: 'r1' })
  await fake.market.trade('BTC-USDT', '96', '2')
  expect(await nextOrder(listener)).toMatchObject({ state: 'partially_filled', ordId, accFillSz: '2' })
  const same = await client.post('trade/amend-order', { instId: 'BTC-USDT', ordId })
  expect(same.data[0]).toMatchObject({ sCode: '51500' })
  await client.post('trade/amend-order', { instId: 'BTC-USDT', ordId, newSz: '2' })
  expect(await nextOrder(listener)).toMatchObject({ state: 'filled', accFillSz: '2', sz: '2' })
  const late = await client.post('trade/amend-order', { instId: 'BTC-USDT', ordId, newSz: '9' })
  expect(late).toMatchObject({ code: '1', data: [{ sCode: '51503' }] })
  expect((await client.post('trade/cancel-order', { instId: 'BTC-USDT', ordId })).data[0]).toMatchObject({
    sCode: '51400',
  })
})

it('an order never meets one of the same account: one of the two is cancelled', async () => {
  const listener = await orders()
  const resting = await client.place({ side: 'sell', px: '100.5' })
  await nextOrder(listener)
  const taken = await client.place({ px: '100.5' })
  expect(await nextOrder(listener)).toMatchObject({ ordId: resting['ordId'], state: 'canceled', cancelSource: '32' })
  expect(await nextOrder(listener)).toMatchObject({ ordId: taken['ordId'], state: 'live' })
  const taker = await client.place({ side: 'sell', px: '100.5', stpMode: 'cancel_taker' })
  expect(taker['sCode']).toBe('0')
  expect(await nextOrder(listener)).toMatchObject({ ordId: taker['ordId'], state: 'canceled', cancelSource: '32' })
})

it.each(['with-fill', 'apart'] as const)('a spot market order ends %s', async (marketEnds) => {
  await fake.close()
  fake = await createFakeOkx({ streamTiming: 'before', marketEnds, connectionsPerSecond: 99 })
  client = createOkxClient(fake)
  await fake.market.quote('BTC-USDT', '99', '101')
  const listener = await orders()
  await client.place({ ordType: 'market', px: '', sz: '101' })
  const last = await nextOrder(listener)
  if (marketEnds === 'with-fill') expect(last).toMatchObject({ state: 'filled', fillSz: '1' })
  else {
    expect(last).toMatchObject({ state: 'partially_filled', fillSz: '1', tradeId: expect.stringMatching(/^\d+$/) })
    expect(await nextOrder(listener)).toMatchObject({ state: 'filled', fillSz: '0', tradeId: '', accFillSz: '1' })
  }
})

it('lists page by order id, newest first', async () => {
  const ids: unknown[] = []
  for (const px of ['90', '91', '92', '93']) ids.push((await client.place({ px }))['ordId'])
  const page = async (query: string): Promise<readonly unknown[]> =>
    (await client.get(`trade/orders-pending?${query}`)).data.map(({ ordId }) => ordId)
  expect(await page('limit=2')).toEqual([ids[3], ids[2]])
  expect(await page(`limit=2&after=${String(ids[2])}`)).toEqual([ids[1], ids[0]])
  expect(await page(`before=${String(ids[1])}`)).toEqual([ids[3], ids[2]])
  expect(await page('instType=SWAP')).toEqual([])
  await client.post(
    'trade/cancel-batch-orders',
    ids.map((ordId) => ({ instId: 'BTC-USDT', ordId })),
  )
  expect(await page('')).toEqual([])
  expect((await client.get('trade/orders-history?instType=SPOT&limit=1')).data).toMatchObject([
    { ordId: ids[3], state: 'canceled', cancelSource: '1' },
  ])
  expect((await client.get('trade/orders-history-archive?instType=SPOT')).data).toEqual([])
  expect(await client.get('trade/order?instId=BTC-USDT&ordId=1')).toMatchObject({ code: '51603', data: [] })
})
