import { existsSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, it } from 'vitest'
import { parseInstrument } from './instruments.js'
import { parseBalances, parsePosition } from './parse-account.js'
import { parseBar, parseBestPrices, parseBook, parseFundingRate, parseTicker, parseTrade } from './parse-market-data.js'
import { parseAlgo, parseFill, parseOrder, parseOrderUpdate } from './parse-order.js'

// Where payloads of the venue lie; they are not part of the repository.
const folder = join(process.env['TRADESWARM_DATA'] ?? 'nowhere', 'captures', 'okx')

/** What the venue tells in a payload, row by row; one without an envelope is a row itself. */
function rowsOf(name: string): readonly unknown[] {
  const payload = JSON.parse(readFileSync(join(folder, `${name}.json`), 'utf8')) as {
    readonly data?: readonly unknown[]
  }
  if (Array.isArray(payload)) return payload
  return payload.data ?? [payload]
}

const bar = (row: unknown) => parseBar('BTC-USDT', row)
const best = (row: unknown) => parseBestPrices('BTC-USDT', row)

describe.runIf(existsSync(folder))('what OKX was seen to send is read: ', () => {
  it.each<[string, (row: unknown) => unknown, readonly unknown[]]>([
    ['http_get_account_balance', parseBalances, [[{ currency: 'USDT', total: '94.42612990333333' }]]],
    [
      'ws_account',
      parseBalances,
      [[{ currency: 'USDT' }, { currency: 'BTC', total: '0.0000000051' }, { currency: 'ETH' }]],
    ],
    ['ws_account_empty', parseBalances, [[]]],
    [
      'http_get_positions',
      parsePosition,
      [{ symbol: 'BTC-USDT-SWAP', quantity: '0.5', averagePrice: '10000', margin: { currency: 'BTC', amount: '0.5' } }],
    ],
    [
      'http_get_candlesticks_full',
      bar,
      [
        { close: '102820.4', isFinal: true },
        { close: '102806.1', isFinal: true },
      ],
    ],
    ['ws_candle', bar, [{ open: '8533.02', volume: '45247', isFinal: true }]],
    [
      'http_get_trades',
      parseTrade,
      [
        { price: '102537.9', side: 'sell' },
        { id: '734864332', side: 'buy' },
      ],
    ],
    ['ws_trades', parseTrade, [{ price: '42219.9', quantity: '0.12060306', side: 'buy' }]],
    ['ws_bbo_tbt', best, [{ bid: '8476.97', ask: '8476.98', bidSize: '256', askSize: '415' }]],
    ['ws_tickers', parseTicker, [{ bid: '8888.88', ask: '9999.99' }]],
    ['ws_funding_rate', parseFundingRate, [{ symbol: 'BTC-USDT-SWAP', rate: '0.0001' }]],
    ['ws_books_snapshot', parseBook, [{ sequence: 123456, previous: -1, checksum: -855196043 }]],
    ['ws_books_update', parseBook, [{ sequence: 123457, previous: 123456 }]],
    ['http_get_order_book', parseBook, [{ bids: [['41006.7', '0.48792100'], ['41006.6', '0.23970000'], {}] }]],
  ])('%s', expectRead)

  it('instruments, with their grid and what a contract stands for', () => {
    expectRead('http_get_instruments_spot', parseInstrument, [
      { instrument: { symbol: 'BTC-USD', kind: 'crypto-spot', tickSize: '0.1', lotSize: '0.00000001' }, isLive: true },
      ...['ETH-USD', 'SOL-USD', 'XRP-USD', 'USDT-USD'].map((symbol) => ({ instrument: { symbol, currency: 'USD' } })),
    ])
    expectRead('http_get_instruments_swap', parseInstrument, [
      { instrument: { symbol: 'BTC-USD-SWAP', currency: 'BTC', multiplier: '100', contractType: 'inverse' } },
      { instrument: { symbol: 'ETH-USDT-SWAP', currency: 'USDT', multiplier: '0.1' } },
      { instrument: { symbol: 'BTC-USDT-SWAP', currency: 'USDT', multiplier: '0.01', minimumQuantity: '0.01' } },
    ])
  })

  it('orders, of lists and of the stream', () => {
    expectRead('http_get_orders_history', parseOrder, [
      { state: 'filled', filledQuantity: '0.03', averagePrice: '103698.9' },
    ])
    expectRead('http_get_orders_pending', parseOrder, [{ state: 'live', price: '103500', filledQuantity: '0' }])
    expectRead('http_get_orders_pending_with_attached_tp_sl', parseOrder, [{ clientOrderId: 'O-attached-entry' }])
    // Without the fee of the execution, which lists tell: no fill is told before it is known.
    for (const [name, order] of [
      ['ws_orders', { type: 'market', isSwap: true, state: 'filled' }],
      ['ws_orders_fok', { type: 'fok', isSwap: false, price: '50000' }],
      ['ws_orders_ioc', { type: 'ioc', state: 'partially_filled', filledQuantity: '0.02' }],
      ['ws_orders_optimal_limit_ioc', { type: 'optimal_limit_ioc', averagePrice: '103750.25' }],
      ['ws_orders_liquidation', { clientOrderId: '', side: 'sell' }],
      ['ws_orders_adl', { clientOrderId: '', side: 'buy' }],
      ['ws_orders_trigger', { algoId: '706620792746729474' }],
    ] as const)
      expectRead(name, parseOrderUpdate, [{ order, fill: undefined }])
  })

  it('executions, whose fee is above 0 where it is paid', () => {
    expectRead('http_transaction_detail', parseFill, [{ price: '42000.5', fee: '-0.042', feeCurrency: 'USDT' }])
    expectRead('http_transaction_detail_empty_fee', parseFill, [{ price: '42000.5', fee: '0' }])
  })

  it('algo orders, set off or not', () => {
    expectRead('http_get_orders_algo_pending', parseAlgo, [{ state: 'live', stopPrice: '40000', childIds: [] }])
    expectRead('http_get_orders_algo_history', parseAlgo, [{ state: 'effective', childIds: ['ord_456'] }])
    expectRead('http_get_orders_algo_pending_attached_oco', parseAlgo, [{ type: 'oco', stopPrice: '39000' }])
    expectRead('http_get_orders_algo_pending_close_fraction', parseAlgo, [{ quantity: '0', stopPrice: '50000' }])
    expectRead('ws_orders_algo', parseAlgo, [
      { state: 'live', stopPrice: '95000', limitPrice: undefined },
      { state: 'live', stopPrice: '105000', limitPrice: '106000' },
      { state: 'order_placed', childIds: ['706620792746729999'] },
      { state: 'canceled' },
      { state: 'filled', childIds: ['706620792746730000'] },
    ])
  })
})

function expectRead(name: string, parse: (row: unknown) => unknown, wanted: readonly unknown[]): void {
  expect(rowsOf(name).map(parse)).toMatchObject(wanted)
}
