import { afterEach, beforeEach, expect, it } from 'vitest'
import { createFakeOkx } from './create-fake-okx.js'
import type { FakeOkx } from './fake-okx.js'
import { createOkxClient, type Node, type OkxClient, type OkxListener } from './okx-client.test-support.js'

let fake: FakeOkx
let client: OkxClient
beforeEach(async () => {
  fake = await createFakeOkx({ cash: { USDT: '100000', BTC: '10' }, streamTiming: 'before', connectionsPerSecond: 99 })
  client = createOkxClient(fake)
  for (const instId of ['BTC-USDT', 'BTC-USDT-SWAP']) {
    await fake.market.trade(instId, '100')
    await fake.market.quote(instId, '99.9', '100.1')
  }
})
afterEach(() => fake.close())

const algo = async (fields: Node): Promise<Node> =>
  (await client.post('trade/order-algo', { instId: 'BTC-USDT', tdMode: 'cash', side: 'sell', sz: '2', ...fields }))
    .data[0] ?? {}
const state = async (algoId: unknown): Promise<Node> =>
  (await client.get(`trade/order-algo?algoId=${String(algoId)}`)).data[0] ?? {}
const listen = async (channel: string): Promise<OkxListener> => {
  const listener = await client.connect('business')
  await listener.login()
  await listener.subscribe({ channel, instType: 'ANY' })
  return listener
}
const nextAlgo = async (listener: OkxListener): Promise<Node> =>
  ((await listener.next(({ data }) => data !== undefined))['data'] as readonly Node[])[0] ?? {}

it('a stop-loss waits, is set off by the last price, and names the order it became', async () => {
  const listener = await listen('orders-algo')
  const placed = await algo({ ordType: 'conditional', slTriggerPx: '95', slOrdPx: '-1', algoClOrdId: 'stop1' })
  expect(placed).toMatchObject({ sCode: '0', algoClOrdId: 'stop1', algoId: expect.stringMatching(/^\d{19}$/) })
  expect(await nextAlgo(listener)).toMatchObject({ state: 'live', slTriggerPx: '95', slOrdPx: '-1', ordId: '' })
  await fake.market.trade('BTC-USDT', '95.1')
  expect(await state(placed['algoId'])).toMatchObject({ state: 'live' })
  await fake.market.quote('BTC-USDT', '94.8', '94.9')
  const told = await nextAlgo(listener)
  expect(told).toMatchObject({ state: 'effective', actualSide: 'sl', actualSz: '2', actualPx: '94.8' })
  const order = (await client.get(`trade/order?instId=BTC-USDT&ordId=${String(told['ordId'])}`)).data[0]
  expect(order).toMatchObject({
    state: 'filled',
    source: '7',
    algoId: placed['algoId'],
    algoClOrdId: 'stop1',
    side: 'sell',
  })
})

it('of a pair one side alone is carried out', async () => {
  const legs = { tpTriggerPx: '110', tpOrdPx: '109', slTriggerPx: '95', slOrdPx: '-1' }
  const pair = await algo({ ordType: 'oco', ...legs })
  await fake.market.trade('BTC-USDT', '111')
  expect(await state(pair['algoId'])).toMatchObject({ state: 'effective', actualSide: 'tp', actualPx: '109' })
  await fake.market.trade('BTC-USDT', '90')
  expect((await client.get('trade/orders-algo-pending?ordType=oco')).data).toEqual([])
  expect((await client.get('trade/orders-algo-history?ordType=oco&state=effective')).data).toMatchObject([legs])
  expect((await client.get('trade/orders-pending')).data).toMatchObject([{ ordType: 'limit', px: '109' }])
})

it('a trigger order is set off from the side that the price was not at', async () => {
  const rising = await algo({ ordType: 'trigger', side: 'buy', sz: '1', triggerPx: '105', orderPx: '-1' })
  const falling = await algo({ ordType: 'trigger', side: 'buy', sz: '1', triggerPx: '95', orderPx: '94' })
  await fake.market.trade('BTC-USDT', '100.5')
  expect(await state(rising['algoId'])).toMatchObject({ state: 'live' })
  await fake.market.trade('BTC-USDT', '105')
  expect(await state(rising['algoId'])).toMatchObject({ state: 'effective', actualSide: '' })
  expect(await state(falling['algoId'])).toMatchObject({ state: 'live' })
  await fake.market.trade('BTC-USDT', '95')
  expect(await state(falling['algoId'])).toMatchObject({ state: 'effective', ordPx: '94' })
})

it('a trailing stop follows the best price from its activation on', async () => {
  const listener = await listen('algo-advance')
  const placed = await algo({ ordType: 'move_order_stop', callbackRatio: '0.1', activePx: '105', sz: '1' })
  expect(await nextAlgo(listener)).toMatchObject({ state: 'live', moveTriggerPx: '', callbackRatio: '0.1' })
  await fake.market.trade('BTC-USDT', '90')
  for (const price of ['105', '120', '108.1']) await fake.market.trade('BTC-USDT', price)
  expect(await state(placed['algoId'])).toMatchObject({ state: 'live', moveTriggerPx: '108' })
  await fake.market.trade('BTC-USDT', '108')
  expect(await nextAlgo(listener)).toMatchObject({ state: 'effective', algoId: placed['algoId'] })
})

it('what is attached to an order lives once all of it has filled, for what it has brought', async () => {
  const attachAlgoOrds = [
    { attachAlgoClOrdId: 'exit1', tpTriggerPx: '120', tpOrdPx: '-1', slTriggerPx: '80', slOrdPx: '-1' },
  ]
  const entry = await client.place({ px: '98', sz: '2', attachAlgoOrds })
  await fake.market.trade('BTC-USDT', '97', '1')
  expect((await client.get('trade/orders-algo-pending?ordType=oco')).data).toEqual([])
  await fake.market.trade('BTC-USDT', '97', '1')
  expect((await client.get('trade/orders-algo-pending?ordType=conditional,oco')).data).toMatchObject([
    { algoClOrdId: 'exit1', ordType: 'oco', side: 'sell', sz: '1.9984', state: 'live' },
  ])
  expect((await client.get(`trade/order?instId=BTC-USDT&ordId=${String(entry['ordId'])}`)).data[0]).toMatchObject({
    attachAlgoClOrdId: 'exit1',
    attachAlgoOrds: [{ slTriggerPx: '80', slTriggerPxType: 'last' }],
  })
  const cut = await client.place({ px: '98', sz: '2', attachAlgoOrds: [{ slTriggerPx: '80', slOrdPx: '-1' }] })
  await fake.market.trade('BTC-USDT', '97', '1')
  await client.post('trade/cancel-order', { instId: 'BTC-USDT', ordId: cut['ordId'] })
  expect((await client.get('trade/orders-algo-pending?ordType=conditional')).data).toEqual([])
})

it('of a swap it closes what is held, and ends with the position', async () => {
  const swap = { instId: 'BTC-USDT-SWAP', tdMode: 'cross' }
  await client.place({ ...swap, ordType: 'market', px: '', sz: '30' })
  const stop = { ...swap, ordType: 'conditional', slTriggerPx: '90', slOrdPx: '-1', reduceOnly: true }
  const whole = await algo({ ...stop, sz: '', closeFraction: '1', slTriggerPxType: 'mark' })
  const bound = await algo({ ...stop, sz: '5', slTriggerPx: '85', cxlOnClosePos: true })
  expect(await state(whole['algoId'])).toMatchObject({ closeFraction: '1', sz: '', reduceOnly: 'true' })
  await fake.market.quote('BTC-USDT-SWAP', '89', '90')
  expect(await state(whole['algoId'])).toMatchObject({ state: 'effective', actualSz: '30' })
  expect(await state(bound['algoId'])).toMatchObject({ state: 'canceled' })
  expect((await client.get('account/positions')).data).toEqual([])
})

it('what is off the grid is refused of an amendment and of what is attached, as of a new order', async () => {
  const { algoId } = await algo({ ordType: 'conditional', slTriggerPx: '95', slOrdPx: '-1' })
  const amend = async (fields: Node): Promise<unknown> =>
    (await client.post('trade/amend-algos', { instId: 'BTC-USDT', algoId, ...fields })).data[0]?.['sCode']
  expect(await amend({ newSlTriggerPx: '95.00001' })).toBe('51150')
  expect(await amend({ newSz: '1.0000000001' })).toBe('51121')
  expect(await amend({ newSz: '0.0000000001' })).toBe('51020')
  expect(await state(algoId)).toMatchObject({ slTriggerPx: '95', sz: '2' })
  const entry = { instId: 'BTC-USDT', tdMode: 'cash', side: 'buy', ordType: 'limit', sz: '1', px: '90' }
  const attachAlgoOrds = [{ slTriggerPx: '80.00001', slOrdPx: '-1' }]
  expect((await client.post('trade/order', { ...entry, attachAlgoOrds })).data[0]).toMatchObject({ sCode: '51150' })
})

it('it is amended, cancelled once, and fails where its order is refused', async () => {
  const { algoId } = await algo({ ordType: 'conditional', slTriggerPx: '95', slOrdPx: '-1', sz: '8' })
  const change = { instId: 'BTC-USDT', algoId }
  expect(
    (await client.post('trade/amend-algos', { ...change, newSlTriggerPx: '96', reqId: 'r1' })).data[0],
  ).toMatchObject({
    sCode: '0',
    reqId: 'r1',
  })
  expect((await client.post('trade/amend-algos', change)).data[0]).toMatchObject({ sCode: '51500' })
  expect((await client.post('trade/amend-algos', { ...change, newSlTriggerPx: '101' })).data[0]).toMatchObject({
    sCode: '51280',
  })
  const other = await algo({ ordType: 'conditional', slTriggerPx: '95', slOrdPx: '-1' })
  const cancel = [{ instId: 'BTC-USDT', algoId: other['algoId'] }]
  expect(await client.post('trade/cancel-algos', cancel)).toMatchObject({ code: '0', data: [{ sCode: '0' }] })
  expect(await client.post('trade/cancel-algos', cancel)).toMatchObject({ code: '1', data: [{ sCode: '51400' }] })
  await client.place({ side: 'sell', px: '150', sz: '9' })
  await fake.market.trade('BTC-USDT', '96')
  expect(await state(algoId)).toMatchObject({ state: 'order_failed', failCode: '51008', slTriggerPx: '96' })
})

it.each<[Node, string]>([
  [{ ordType: 'conditional' }, '50015'],
  [{ ordType: 'oco', slTriggerPx: '95', slOrdPx: '-1' }, '50015'],
  [{ ordType: 'twap' }, '51000'],
  [{ ordType: 'conditional', slTriggerPx: '101', slOrdPx: '-1' }, '51280'],
  [{ ordType: 'conditional', tpTriggerPx: '99', tpOrdPx: '-1' }, '51279'],
  [{ ordType: 'conditional', side: 'buy', tpTriggerPx: '101', tpOrdPx: '-1' }, '51277'],
  [{ ordType: 'conditional', side: 'buy', slTriggerPx: '99', slOrdPx: '-1' }, '51278'],
  [{ ordType: 'conditional', slTriggerPx: '95', slOrdPx: '-1', slTriggerPxType: 'mark' }, '51415'],
  [{ ordType: 'conditional', slTriggerPx: '95.55', slOrdPx: '-1' }, '51150'],
  [{ ordType: 'trigger', orderPx: '-1', triggerPx: '95', tgtCcy: 'base_ccy' }, '51281'],
  [{ ordType: 'move_order_stop', callbackRatio: '0.1', callbackSpread: '1' }, '50024'],
  [{ ordType: 'move_order_stop', callbackRatio: '0.0001' }, '51257'],
  [{ ordType: 'move_order_stop', callbackRatio: '0.1', activePx: '99' }, '51258'],
  [{ ordType: 'conditional', slTriggerPx: '95', slOrdPx: '-1', algoClOrdId: 'a_b' }, '51000'],
])('what the venue does not take is refused with its code: %o', async (fields, code) => {
  expect(await algo(fields)).toMatchObject({ sCode: code, algoId: '' })
})
