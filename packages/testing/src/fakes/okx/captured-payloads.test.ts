import { existsSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { afterEach, beforeEach, describe, expect, it, test } from 'vitest'
import { bookChecksum } from './book-checksum.js'
import { createFakeOkx } from './create-fake-okx.js'
import type { FakeOkx } from './fake-okx.js'
import { createOkxClient, type Node, type OkxClient, type OkxListener } from './okx-client.test-support.js'
import { okxSign } from './okx-sign.js'

// Where payloads of the venue lie; they are not part of the repository.
const folder = join(process.env['TRADESWARM_DATA'] ?? 'nowhere', 'captures', 'okx')
const isThere = existsSync(folder)
const load = (name: string): Node => JSON.parse(readFileSync(join(folder, `${name}.json`), 'utf8')) as Node
const rowOf = (sample: Node): Node => {
  const { data } = sample
  return Array.isArray(data) ? ((data as readonly Node[])[0] ?? {}) : sample
}

/** Every field of the sample is there, with a value of the same type; texts that are numbers are so in both, or empty in one. */
function expectShape(actual: unknown, sample: unknown, where: string, leave?: RegExp): void {
  if (Array.isArray(sample)) {
    expect(Array.isArray(actual), where).toBe(true)
    const [first] = actual as readonly unknown[]
    if (sample.length > 0 && first !== undefined) expectShape(first, sample[0], `${where}[0]`, leave)
    return
  }
  if (typeof sample !== 'object' || sample === null) {
    expect(typeof actual, where).toBe(typeof sample)
    const [given, wanted] = [String(actual), String(sample)]
    if (given !== '' && /^-?\d+(\.\d+)?$/.test(wanted) && !/(Id|state)$/.test(where))
      expect(given, where).toMatch(/^-?\d+(\.\d+)?$/)
    return
  }
  for (const [field, value] of Object.entries(sample)) {
    if (leave?.test(field)) continue
    expect(Object.keys(actual as Node), `${where}: ${field}`).toContain(field)
    expectShape((actual as Node)[field], value, `${where}.${field}`, leave)
  }
}

describe.runIf(isThere)('the fake answers as OKX does', () => {
  let fake: FakeOkx
  let client: OkxClient
  const swap = { instId: 'BTC-USDT-SWAP', tdMode: 'cross' }
  const expectLike = (actual: unknown, name: string): void => expectShape(actual, rowOf(load(name)), name)
  const first = async (target: string): Promise<Node> => (await client.get(target)).data[0] ?? {}

  beforeEach(async () => {
    fake = await createFakeOkx({ cash: { USDT: '100000', BTC: '1' }, connectionsPerSecond: 99, streamTiming: 'before' })
    client = createOkxClient(fake)
    for (const instId of ['BTC-USDT', 'BTC-USDT-SWAP']) {
      await fake.market.trade(instId, '50000', '0.5')
      await fake.market.quote(instId, '49990', '50010', { bidSize: '10', askSize: '10' })
    }
  })
  afterEach(() => fake.close())

  it.each([
    ['public/instruments?instType=SPOT', 'http_get_instruments_spot'],
    ['public/instruments?instType=SWAP', 'http_get_instruments_swap'],
    ['account/instruments?instType=SPOT', 'http_get_instruments_spot'],
    ['market/books?instId=BTC-USDT&sz=5', 'http_get_order_book'],
    ['market/trades?instId=BTC-USDT', 'http_get_trades'],
    ['public/mark-price?instType=SWAP&instId=BTC-USDT-SWAP', 'http_get_mark_price'],
    ['account/trade-fee?instType=SPOT', 'http_get_trade_fee_response'],
  ])('%s as %s', async (target, name) => {
    expectLike(await first(target), name)
  })

  it('candles: nine texts', async () => {
    for (const name of ['http_get_candlesticks', 'http_get_candlesticks_full'])
      expectShape(await first('market/candles?instId=BTC-USDT'), rowOf(load(name)), name)
  })

  it('balances and positions', async () => {
    await client.place({ ...swap, ordType: 'market', px: '', sz: '3' })
    expectLike(await first('account/balance'), 'http_get_account_balance')
    for (const name of ['http_balance_detail_new_fields'])
      expectShape(((await first('account/balance'))['details'] as readonly Node[])[0], load(name), name)
    expectLike(await first('account/positions'), 'http_get_positions')
    await client.place({ ...swap, tdMode: 'isolated', ordType: 'market', px: '', sz: '3' })
    const [, isolated] = (await client.get('account/positions')).data
    expectShape(isolated, rowOf(load('http_get_positions')), 'isolated')
    await fake.market.emit({
      type: 'funding',
      symbol: 'BTC-USDT-SWAP',
      time: fake.market.now(),
      rate: '0.0001',
      price: '50000',
    })
    expectLike(await first('public/funding-rate-history?instId=BTC-USDT-SWAP'), 'http_get_funding_rate_history')
    expectLike(
      (await client.post('account/set-position-mode', { posMode: 'net_mode' })).data[0],
      'http_set_position_mode_response',
    )
  })

  it('the margin of an isolated position is out of the cash, and with what it has made out of what is available', async () => {
    const figures = (balance: Node): readonly string[] => {
      const [detail = {}] = balance['details'] as readonly Node[]
      const of = (name: string): number => Number(detail[name])
      // What OKX tells of a balance is rounded.
      const parts = [of('cashBal') + of('isoEq'), of('isoEq'), of('cashBal'), of('isoUpl')]
      expect(of('isoEq')).toBeGreaterThan(1)
      return ['eq', 'frozenBal', 'availEq', 'upl'].map(
        (name, at) => `${name} ${(of(name) - (parts[at] ?? 0)).toFixed(9)}`,
      )
    }
    await client.place({ ...swap, tdMode: 'isolated', ordType: 'market', px: '', sz: '3' })
    await fake.market.quote(swap.instId, '49000', '49010')
    const captured = figures(rowOf(load('http_get_account_balance')))
    expect(figures(await first('account/balance?ccy=USDT')).map(unsigned)).toEqual(captured.map(unsigned))
    expect(captured.map(unsigned)).toEqual(['eq', 'frozenBal', 'availEq', 'upl'].map((name) => `${name} 0.000000000`))
  })

  it('orders, fills and what is said of a new one', async () => {
    expectLike(await client.place({ ...swap, px: '40000', sz: '1' }), 'http_place_order_response')
    expectLike(await first('trade/orders-pending'), 'http_get_orders_pending')
    const attached = [
      { attachAlgoClOrdId: 'a1', slTriggerPx: '30000', slOrdPx: '-1', tpTriggerPx: '60000', tpOrdPx: '-1' },
    ]
    await client.place({ ...swap, px: '40000', sz: '1', attachAlgoOrds: attached })
    const row = rowOf(load('http_get_orders_pending_with_attached_tp_sl'))
    expectShape(await first('trade/orders-pending'), row, 'attached', /^(attachAlgoId)$/)
    await client.place({ ...swap, ordType: 'market', px: '', sz: '3' })
    expectLike(await first('trade/orders-history?instType=SWAP'), 'http_get_orders_history')
    expectLike(await first('trade/fills'), 'http_transaction_detail')
  })

  it('algo orders', async () => {
    const trigger = { ...swap, side: 'buy', ordType: 'trigger', sz: '1', triggerPx: '40000', orderPx: '40000' }
    const placed = await client.post('trade/order-algo', { ...trigger, algoClOrdId: 'algo1' })
    expectShape(placed, load('http_place_algo_order_response'), 'placed')
    const list = async (type: string): Promise<Node> => first(`trade/orders-algo-pending?ordType=${type}`)
    expectLike(await list('trigger'), 'http_get_orders_algo_pending')
    const legs = { slTriggerPx: '39000', slOrdPx: '-1', tpTriggerPx: '61000', tpOrdPx: '-1' }
    await client.post('trade/order-algo', { ...swap, side: 'sell', ordType: 'oco', sz: '1', reduceOnly: true, ...legs })
    expectLike(await list('oco'), 'http_get_orders_algo_pending_attached_oco')
    const whole = { closeFraction: '1', reduceOnly: true, slTriggerPx: '39000', slOrdPx: '-1' }
    await client.post('trade/order-algo', { ...swap, side: 'sell', ordType: 'conditional', ...whole })
    expectLike(await list('conditional'), 'http_get_orders_algo_pending_close_fraction')
    const [{ algoId } = { algoId: '' }] = placed.data
    expectShape(
      await client.post('trade/cancel-algos', [{ instId: swap.instId, algoId }]),
      load('http_cancel_algo_order_response'),
      'cancelled',
    )
    expectLike(await first('trade/orders-algo-history?ordType=trigger&state=canceled'), 'http_get_orders_algo_history')
    const refused = await client.post('trade/order-algo', { ...trigger, side: 'up' })
    expectShape(refused.data, load('http_place_algo_order_rejected')['data'], 'refused')
  })

  const push = async (listener: OkxListener, action?: string): Promise<Node> =>
    listener.next((message) => message['data'] !== undefined && (action === undefined || message['action'] === action))

  it('messages of the private and business sockets', async () => {
    const [priv, business] = [await client.connect('private'), await client.connect('business')]
    await priv.login()
    await business.login()
    await priv.subscribe({ channel: 'account' })
    expectShape(await push(priv), load('ws_account'), 'ws_account')
    await priv.subscribe({ channel: 'orders', instType: 'SWAP' })
    await business.subscribe({ channel: 'orders-algo', instType: 'SWAP' })
    await client.place({ ...swap, ordType: 'market', px: '', sz: '3' })
    const order = await priv.next(({ arg }) => (arg as Node | undefined)?.['channel'] === 'orders')
    for (const name of ['ws_orders', 'ws_orders_optimal_limit_ioc', 'ws_orders_trigger'])
      expectShape(order, load(name), name)
    const stop = { ...swap, side: 'sell', sz: '1', triggerPx: '40000', orderPx: '-1', ordType: 'trigger' }
    await client.post('trade/order-algo', stop)
    expectShape(await push(business), load('ws_orders_algo'), 'ws_orders_algo')
    await business.subscribe({ channel: 'candle1Dutc', instId: 'BTC-USDT' })
    expectShape(await push(business), load('ws_candle'), 'ws_candle')
  })

  it('messages of the public socket', async () => {
    const listener = await client.connect('public')
    const begin = async (channel: string, arg: Node = { instId: 'BTC-USDT' }): Promise<Node> => {
      await listener.subscribe({ channel, ...arg })
      return push(listener)
    }
    expectShape(await begin('books'), load('ws_books_snapshot'), 'ws_books_snapshot')
    await fake.book('BTC-USDT', [['49980', '2']], [['50020', '1']])
    expectShape(await push(listener), load('ws_books_update'), 'ws_books_update')
    expectShape(await begin('bbo-tbt'), load('ws_bbo_tbt'), 'ws_bbo_tbt')
    expectShape(await begin('tickers'), load('ws_tickers'), 'ws_tickers')
    expectShape(await begin('instruments', { instType: 'SWAP' }), load('ws_instruments'), 'ws_instruments')
    expectShape(await begin('funding-rate', { instId: 'BTC-USDT-SWAP' }), load('ws_funding_rate'), 'ws_funding_rate')
    await listener.subscribe({ channel: 'trades', instId: 'BTC-USDT' })
    await fake.market.trade('BTC-USDT', '50000', '1')
    const trade = await listener.next(({ arg, data }) => data !== undefined && (arg as Node)['channel'] === 'trades')
    expectShape(trade, load('ws_trades'), 'ws_trades')
  })
})

const unsigned = (text: string): string => text.replace(' -0.000000000', ' 0.000000000')

test('checksums and signatures are those of known vectors', () => {
  const level = (price: string, size: string) => [price, size, '0', '1'] as const
  const [bid, ask, other] = [level('3366.1', '7'), level('3366.8', '9'), level('3368', '8')]
  expect(bookChecksum([bid, level('3366', '6')], [ask, other])).toBe(-1881014294)
  expect(bookChecksum([bid], [ask, other, level('3372', '8')])).toBe(831078360)
  const secret = '22582BD0CFF14C41EDBF1AB98506286D'
  expect(okxSign(secret, '2020-12-08T09:08:57.715ZGET/api/v5/account/balance?ccy=BTC')).toBe(
    'HiZhvSfMtWJA3uUIVXV3a/bSXNPCWvYFXoGCVS8V4zY=',
  )
  expect(okxSign(secret, '1704876947GET/users/self/verify')).toBe('5/36BgGV6m/6pmdc20zdqk0mzF5ZalmzzPD2fo3wavU=')
})
