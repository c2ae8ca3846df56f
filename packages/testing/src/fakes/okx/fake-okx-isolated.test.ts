import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { createFakeOkx } from './create-fake-okx.js'
import type { FakeOkx } from './fake-okx.js'
import { createOkxClient, type Node, type OkxClient } from './okx-client.test-support.js'

const instId = 'BTC-USDT-SWAP'
const isolated = { instId, tdMode: 'isolated' }
const mgnMode = 'isolated'

let fake: FakeOkx
let client: OkxClient
beforeEach(async () => {
  fake = await createFakeOkx({ streamTiming: 'before', connectionsPerSecond: 99, rateMultiplier: 50 })
  client = createOkxClient(fake)
  await quote('50000')
})
afterEach(() => fake.close())

const quote = (price: string) => fake.market.quote(instId, price, price)
const market = (side: 'buy' | 'sell', sz: string, more: Node = {}) =>
  client.place({ ...isolated, ordType: 'market', px: '', side, sz, ...more })
const positions = async (): Promise<readonly Node[]> => (await client.get('account/positions')).data
const details = async (): Promise<Node> => {
  const [balance = {}] = (await client.get('account/balance?ccy=USDT')).data
  return (balance['details'] as readonly Node[])[0] ?? {}
}
const bills = async (): Promise<readonly (readonly unknown[])[]> =>
  (await client.get('account/bills')).data.map((bill) =>
    ['type', 'subType', 'balChg', 'bal', 'posBalChg', 'posBal'].map((field) => bill[field]),
  )
const lever = (times: string) => client.post('account/set-leverage', { instId, mgnMode, lever: times })
/** Once for each instant. */
let fundings = 0
const fund = (rate: string) => {
  fundings += 1
  return fake.market.emit({ type: 'funding', symbol: instId, time: fake.market.now() + fundings, rate, price: '50000' })
}

describe('an isolated position', () => {
  it('has a part of the balance set aside for it, and gives it back by the share that is closed', async () => {
    await market('buy', '10')
    expect(await positions()).toMatchObject([
      { pos: '10', mgnMode, margin: '1666.6666666666666667', imr: '', lever: '3', fee: '-5', ccy: 'USDT', mmr: '50' },
    ])
    // The margin is no cash any more; the fee has come out of the cash.
    expect(await details()).toMatchObject({
      cashBal: '98328.3333333333333333',
      availBal: '98328.3333333333333333',
      availEq: '98328.3333333333333333',
      eq: '99995',
      isoEq: '1666.6666666666666667',
      frozenBal: '1666.6666666666666667',
      imr: '0',
      ordFrozen: '0',
    })
    await quote('51000')
    // What it has made is not to be had for others.
    expect(await details()).toMatchObject({
      availEq: '98328.3333333333333333',
      eq: '100095',
      isoEq: '1766.6666666666666667',
      isoUpl: '100',
      upl: '100',
    })
    expect(await client.get('account/balance')).toMatchObject({ data: [{ isoEq: '1766.6666666666666667' }] })
    await market('sell', '4', { reduceOnly: true })
    expect(await positions()).toMatchObject([{ pos: '6', margin: '1000', realizedPnl: '32.96', upl: '60' }])
    await market('sell', '6', { reduceOnly: true })
    expect(await positions()).toEqual([])
    expect(await details()).toMatchObject({ cashBal: '100089.9', isoEq: '0', frozenBal: '0', eq: '100089.9' })
    expect(await bills()).toEqual([
      ['2', '2', '1056.94', '100089.9', '-1000', '0'],
      ['2', '2', '704.6266666666666667', '99032.96', '-666.6666666666666667', '1000'],
      ['2', '1', '-1671.6666666666666667', '98328.3333333333333333', '1666.6666666666666667', '1666.6666666666666667'],
    ])
  })

  it('pays funding out of its margin, and has it added when it is received: the bill leaves the balance alone', async () => {
    await lever('5')
    await market('sell', '10')
    await fund('0.0001')
    await fund('-0.0003')
    expect(await positions()).toMatchObject([{ pos: '-10', margin: '999', fundingFee: '-1', lever: '5' }])
    expect(await details()).toMatchObject({ cashBal: '98995', availBal: '98995', eq: '99994' })
    expect((await bills()).slice(0, 2)).toEqual([
      ['8', '173', '0', '98995', '-1.5', '999'],
      ['8', '174', '0', '98995', '0.5', '1000.5'],
    ])
    expect((await client.get('account/bills?type=8&mgnMode=isolated')).data).toMatchObject([{ pnl: '-1.5' }, {}])
    await market('buy', '10', { reduceOnly: true })
    expect(await details()).toMatchObject({ cashBal: '99989', isoEq: '0' })
  })

  it('says where it would be liquidated: where its margin is used up but for what must be left and the fee', async () => {
    await market('buy', '10')
    // (0.1 × 50000 − 1666.6…) / (0.1 × (1 − 0.01 − 0.001))
    expect(await positions()).toMatchObject([{ liqPx: '33704.078193461409', mgnRatio: '30.30303030303' }])
    await market('sell', '20')
    expect(await positions()).toMatchObject([
      { pos: '-10', liqPx: '65941.312232113419', margin: '1666.6666666666666667' },
    ])
    await client.post('trade/close-position', { instId, mgnMode })
    await lever('1')
    await market('buy', '10')
    // All of it is there: no price takes it away.
    expect(await positions()).toMatchObject([{ margin: '5000', liqPx: '' }])
  })

  it('lives beside a cross one of the same swap: positions, exits, funding and leverage are apart', async () => {
    await market('buy', '10')
    await market('sell', '4', { tdMode: 'cross' })
    const both = await positions()
    expect(both.map(({ mgnMode: mode, pos, margin }) => [mode, pos, margin])).toEqual([
      ['isolated', '10', '1666.6666666666666667'],
      ['cross', '-4', ''],
    ])
    expect(new Set(both.map(({ posId }) => posId)).size).toBe(2)
    expect(await details()).toMatchObject({ cashBal: '98326.3333333333333333', imr: '666.66666667' })
    // Neither covers the other.
    expect(await market('buy', '1', { reduceOnly: true })).toMatchObject({ sCode: '51170' })
    expect(await market('sell', '1', { tdMode: 'cross', reduceOnly: true })).toMatchObject({ sCode: '51170' })
    await fund('0.0001')
    expect((await client.get('account/bills?type=8')).data).toMatchObject([
      { mgnMode, balChg: '0', posBalChg: '-0.5', pnl: '-0.5', sz: '10' },
      { mgnMode: 'cross', balChg: '0.2', posBalChg: '0', pnl: '0.2', sz: '4' },
    ])
    await lever('10')
    for (const [mode, wanted] of [['cross', '3'] as const, [mgnMode, '10'] as const])
      expect((await client.get(`account/leverage-info?instId=${instId}&mgnMode=${mode}`)).data).toMatchObject([
        { lever: wanted, mgnMode: mode },
      ])
    expect(await client.post('trade/close-position', { instId, mgnMode: 'cross' })).toMatchObject({ code: '0' })
    expect(await client.post('trade/close-position', { instId, mgnMode: 'cross' })).toMatchObject({ code: '51023' })
    expect(await client.post('trade/close-position', { instId, mgnMode: 'both' })).toMatchObject({ code: '51000' })
    expect(await positions()).toMatchObject([{ mgnMode, pos: '10' }])
  })

  it('is left by its own stops, which end with it and with it alone', async () => {
    const stop = { ordType: 'conditional', side: 'sell', reduceOnly: true, cxlOnClosePos: true, slOrdPx: '-1' }
    const placed = (tdMode: string, slTriggerPx: string) =>
      client.post('trade/order-algo', { ...stop, instId, tdMode, closeFraction: '1', slTriggerPx })
    await market('buy', '10')
    await market('buy', '3', { tdMode: 'cross' })
    await placed('isolated', '49000')
    await placed('isolated', '48000')
    await placed('cross', '47000')
    await quote('48900')
    expect(await positions()).toMatchObject([{ mgnMode: 'cross', pos: '3' }])
    const plain = fake.orders().filter(({ accFillSz }) => accFillSz !== undefined)
    const algos = fake.orders().filter(({ accFillSz }) => accFillSz === undefined)
    expect(algos.map(({ tdMode, state }) => [tdMode, state])).toEqual([
      ['isolated', 'effective'],
      ['isolated', 'canceled'],
      ['cross', 'live'],
    ])
    expect(plain.at(-1)).toMatchObject({ tdMode: 'isolated', side: 'sell', sz: '10', state: 'filled', lever: '3' })
  })

  it('is told on its channel with its margin, as it changes', async () => {
    const listener = await client.connect('private')
    await listener.login()
    await listener.subscribe({ channel: 'positions', instType: 'SWAP' })
    const next = async (): Promise<readonly Node[]> =>
      (await listener.next(({ data }) => data !== undefined))['data'] as readonly Node[]
    expect(await next()).toEqual([])
    await market('buy', '3')
    expect(await next()).toMatchObject([{ pos: '3', mgnMode, margin: '500' }])
    await fund('0.01')
    expect(await next()).toMatchObject([{ pos: '3', margin: '485' }])
    await lever('6')
    expect(await next()).toMatchObject([{ pos: '3', margin: '235', lever: '6' }])
    await market('buy', '1', { tdMode: 'cross' })
    expect(await next()).toMatchObject([{ pos: '1', mgnMode: 'cross', margin: '' }])
    await client.post('trade/close-position', { instId, mgnMode })
    expect(await next()).toMatchObject([{ pos: '0', mgnMode, margin: '0' }])
  })
})

describe('the leverage of isolated positions', () => {
  it('decides what an order needs, and what is not there is refused', async () => {
    expect(await market('buy', '600')).toMatchObject({ sCode: '51008', subCode: '1001' })
    await lever('10')
    expect(await market('buy', '600')).toMatchObject({ sCode: '0' })
    expect(await details()).toMatchObject({ cashBal: '69700', availBal: '69700' })
    await client.place({ ...isolated, px: '40000', sz: '100' })
    expect(await details()).toMatchObject({ availBal: '65700', ordFrozen: '4000', frozenBal: '34000' })
    expect((await client.get(`account/max-size?instId=${instId}&tdMode=isolated`)).data).toMatchObject([
      { maxBuy: '1314' },
    ])
    // Nor is there margin for cross positions in what is set aside.
    expect(await market('buy', '395', { tdMode: 'cross' })).toMatchObject({ sCode: '51008' })
    expect(await market('buy', '390', { tdMode: 'cross' })).toMatchObject({ sCode: '0' })
  })

  it('moves the margin of what is held, unless orders rest or the cash is not there', async () => {
    await market('buy', '100')
    const { ordId } = await client.place({ ...isolated, px: '40000', sz: '1' })
    expect(await lever('5')).toMatchObject({ code: '59101' })
    await client.post('trade/cancel-order', { instId, ordId })
    expect(await lever('5')).toMatchObject({ code: '0', data: [{ lever: '5', mgnMode }] })
    expect(await positions()).toMatchObject([{ margin: '10000', lever: '5' }])
    expect(await bills()).toMatchObject([
      ['6', '161', '6666.6666666666666667', '89950', '-6666.6666666666666667', '10000'],
      {},
    ])
    await lever('1')
    expect((await bills())[0]).toEqual(['6', '160', '-40000', '49950', '40000', '50000'])
    await lever('2')
    await market('buy', '290')
    expect(await lever('1')).toMatchObject({ code: '59103' })
    expect(await positions()).toMatchObject([{ margin: '97500', lever: '2' }])
    expect(await lever('0.5')).toMatchObject({ code: '59105' })
    expect(await lever('101')).toMatchObject({ code: '59102' })
  })
})

it('an order with the margin of its own is one of swaps, and is suspended and taken back like any other', async () => {
  expect(await client.place({ px: '100', tdMode: 'isolated' })).toMatchObject({ sCode: '51010' })
  const { ordId } = await client.place({ ...isolated, px: '49000', sz: '1' })
  fake.setState(instId, 'suspend')
  await quote('48000')
  expect(fake.orders()).toMatchObject([{ tdMode: 'isolated', state: 'live' }])
  fake.setState(instId, 'live')
  expect(await client.post('trade/amend-order', { instId, ordId, newPx: '47000' })).toMatchObject({ code: '0' })
  await quote('46000')
  expect(fake.orders()).toMatchObject([{ state: 'filled', avgPx: '47000' }])
})
