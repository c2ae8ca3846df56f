import { afterEach, beforeEach, expect, it } from 'vitest'
import { createFakeOkx } from './create-fake-okx.js'
import type { FakeOkx } from './fake-okx.js'
import { createOkxClient, type Node, type OkxClient } from './okx-client.test-support.js'

let fake: FakeOkx
let client: OkxClient
beforeEach(async () => {
  fake = await createFakeOkx({ cash: { USDT: '100000', BTC: '10' } })
  client = createOkxClient(fake)
  for (const instId of ['BTC-USDT', 'BTC-USDT-SWAP']) {
    await fake.market.trade(instId, '100')
    await fake.market.quote(instId, '99.9', '100.1')
  }
})
afterEach(() => fake.close())

const swap = { instId: 'BTC-USDT-SWAP', tdMode: 'cross', sz: '3' }
const atMarket = { ...swap, ordType: 'market', px: '' }
const target = (tpTriggerPx: string): Node => ({ attachAlgoOrds: [{ tpTriggerPx, tpOrdPx: '-1' }] })
const stop = (slTriggerPx: string, more: Node = {}): Node => ({
  attachAlgoOrds: [{ slTriggerPx, slOrdPx: '-1', ...more }],
})

it.each<[string, Node, string]>([
  ['a target that the price has reached', { ...atMarket, ...target('100') }, '51279'],
  ['a stop above the price', { ...atMarket, ...stop('101') }, '51280'],
  ['a target above the price, of a sale', { ...atMarket, side: 'sell', ...target('101') }, '51277'],
  ['a stop that the price has reached, of a sale', { ...atMarket, side: 'sell', ...stop('100') }, '51278'],
  ['a stop past the mark', { ...atMarket, ...stop('101', { slTriggerPxType: 'mark' }) }, '51304'],
  ['a target at the limit', { ...swap, px: '90', ...target('90') }, '51046'],
  ['a stop above the limit', { ...swap, px: '90', ...stop('95') }, '51047'],
  ['a target above the limit, of a sale', { ...swap, side: 'sell', px: '110', ...target('111') }, '51048'],
  ['a stop below the limit, of a sale', { ...swap, side: 'sell', px: '110', ...stop('105') }, '51049'],
  ['a stop larger than one may be', { ...swap, sz: '30001', px: '1', ...stop('0.5') }, '51005'],
  ['a stop for a part', { ...swap, px: '90', ...stop('80', { sz: '1' }) }, '51000'],
  ['a stop by ratio besides', { ...swap, px: '90', ...stop('80', { tpTriggerRatio: '0.1' }) }, '51000'],
  ['exits of coins bought by their number', { ordType: 'market', tgtCcy: 'base_ccy', ...stop('90') }, '51044'],
  ['another quote currency', { tradeQuoteCcy: 'USD' }, '51000'],
  ['a limit order of more than 20 million dollars', { side: 'sell', px: '20000001', sz: '1' }, '51203'],
])('an order with what the venue does not take leaves no trace: %s', async (_name, fields, code) => {
  expect(await client.place(fields)).toMatchObject({ sCode: code, ordId: '' })
  expect(fake.orders()).toEqual([])
})

it('exits beyond their order are taken, though the market has not come to it yet', async () => {
  const exits = [{ tpTriggerPx: '95', tpOrdPx: '-1', slTriggerPx: '85', slOrdPx: '-1', attachAlgoClOrdId: 'exit1' }]
  expect(await client.place({ ...swap, px: '90', attachAlgoOrds: exits })).toMatchObject({ sCode: '0' })
  expect(await client.place({ ...atMarket, ...target('100.1') })).toMatchObject({ sCode: '0' })
})

it('an id of exits is not used twice while the first may come to life, or lives', async () => {
  const exits = stop('80', { attachAlgoClOrdId: 'exit1' })
  const algo = { ...swap, side: 'sell', ordType: 'conditional', slTriggerPx: '80', slOrdPx: '-1', algoClOrdId: 'exit1' }
  const refused = { sCode: '51065' }
  await client.place({ ...swap, px: '90', ...exits })
  expect(await client.place({ ...swap, px: '91', ...exits })).toMatchObject(refused)
  expect((await client.post('trade/order-algo', algo)).data[0]).toMatchObject(refused)
  await fake.market.trade('BTC-USDT-SWAP', '89')
  expect(await client.place({ ...swap, px: '81', ...exits })).toMatchObject(refused)
  expect(fake.orders()).toMatchObject([{ state: 'filled' }, { state: 'live', algoClOrdId: 'exit1' }])
})

it('an amendment does not take the order past its exits, nor the exits along', async () => {
  const { ordId } = await client.place({ ...swap, px: '90', ...target('95') })
  const amend = async (fields: Node): Promise<unknown> =>
    (await client.post('trade/amend-order', { instId: swap.instId, ordId, ...fields })).data[0]?.['sCode']
  expect(await amend({ newPx: '95' })).toBe('51046')
  expect(await amend({ newPx: '94', attachAlgoOrds: [{ newTpTriggerPx: '99' }] })).toBe('51000')
  expect(await amend({ newPx: '94.9' })).toBe('0')
})

it('a batch with one id twice places it once, though the first has ended meanwhile', async () => {
  const order = { ...atMarket, side: 'buy', clOrdId: 'twice' }
  const { code, data } = await client.post('trade/batch-orders', [order, order, { ...order, clOrdId: 'other' }])
  expect([code, data.map(({ sCode }) => sCode)]).toEqual(['2', ['0', '51016', '0']])
  expect((await client.place(order))['sCode']).toBe('0')
})

it('algo orders of what is suspended are refused, and those off the grid', async () => {
  const algo = async (fields: Node): Promise<unknown> =>
    (await client.post('trade/order-algo', { ...swap, side: 'sell', ...fields })).data[0]?.['sCode']
  const trail = { ordType: 'move_order_stop', callbackSpread: '1.05' }
  expect(await algo(trail)).toBe('51150')
  expect(await algo({ ...trail, callbackSpread: '1', activePx: '110.01' })).toBe('51150')
  fake.setState('BTC-USDT-SWAP', 'suspend')
  expect(await algo({ ordType: 'conditional', slTriggerPx: '90', slOrdPx: '-1' })).toBe('51022')
})

it('all orders are listed as they arrived, algo orders and what they became too', async () => {
  await client.place({ ...atMarket, sz: '5', clOrdId: 'entry' })
  const algo = { ...swap, side: 'sell', ordType: 'conditional', slTriggerPx: '90', slOrdPx: '-1', algoClOrdId: 'stop1' }
  await client.post('trade/order-algo', algo)
  await client.place({ ...swap, px: '80', clOrdId: 'rests' })
  expect(fake.orders()).toMatchObject([
    { clOrdId: 'entry' },
    { algoClOrdId: 'stop1', state: 'live' },
    { clOrdId: 'rests' },
  ])
  await fake.market.trade('BTC-USDT-SWAP', '89')
  expect(fake.orders()).toMatchObject([
    {},
    { ordType: 'conditional', state: 'effective' },
    {},
    { ordType: 'market', algoClOrdId: 'stop1', state: 'filled' },
  ])
})
