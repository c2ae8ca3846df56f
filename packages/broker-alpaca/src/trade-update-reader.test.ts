import fc from 'fast-check'
import { expect, test } from 'vitest'
import { parseTradeUpdate } from './parse-order.js'
import { TradeUpdateReader } from './trade-update-reader.js'

const order = {
  id: '61e69015-8549-4bfd-b9c3-01e75843f47d',
  client_order_id: 'mine',
  created_at: '2026-01-05T15:00:00.123456Z',
  updated_at: '2026-01-05T15:00:01Z',
  submitted_at: '2026-01-05T15:00:00.2Z',
  filled_at: null,
  replaced_by: null,
  replaces: null,
  asset_id: 'b0b6dd9d-8b9b-48a9-ba46-b9d54906e415',
  symbol: 'BTC/USD',
  asset_class: 'crypto',
  notional: null,
  qty: '1.50',
  filled_qty: '0',
  filled_avg_price: null,
  order_class: '',
  type: 'limit',
  side: 'buy',
  time_in_force: 'gtc',
  limit_price: '10',
  status: 'new',
  legs: null,
}
const maybe = <Value>(...values: Value[]) => fc.option(fc.constantFrom(...values), { nil: null, freq: 12 })
const orders = fc.record(
  {
    id: fc.constantFrom('61e69015-8549-4bfd-b9c3-01e75843f47d', 'b', ''),
    client_order_id: fc.constantFrom('mine', 'yours', ''),
    symbol: fc.constantFrom('BTC/USD', 'AAPL'),
    asset_class: fc.constantFrom('crypto', 'us_equity'),
    qty: maybe('1.50', '2', 'x'),
    notional: maybe('100'),
    filled_qty: fc.constantFrom('0', '1.0', '-'),
    filled_avg_price: maybe('10.5'),
    filled_at: maybe('2026-01-05T15:00:01Z', '2026-01-05T15:00:02Z'),
    replaced_by: maybe('c'),
    replaces: maybe('d'),
    updated_at: maybe('2026-01-05T15:00:01Z', '2026-01-05T15:00:02.123456789Z'),
    side: fc.constantFrom('buy', 'sell'),
    status: fc.constantFrom('new', 'filled'),
    legs: fc.oneof({ weight: 9, arbitrary: fc.constant(null) }, fc.constant([]), fc.constant([order])),
    limit_price: maybe('10', '11'),
  },
  {
    requiredKeys: [
      'replaced_by',
      'replaces',
      'notional',
      'filled_avg_price',
      'filled_at',
      'qty',
      'updated_at',
      'limit_price',
      'legs',
    ],
  },
)
const updates = fc.record(
  {
    event: fc.constantFrom('new', 'fill'),
    timestamp: fc.constantFrom('2026-01-05T15:00:01Z', '2026-01-05T15:00:02Z', ''),
    price: fc.constantFrom('10.50', ''),
    qty: fc.constantFrom('1', ''),
    order: orders.map((fields) => ({ ...order, ...fields })),
  },
  { requiredKeys: ['event', 'timestamp', 'price', 'qty', 'order'] },
)
const known = { id: order.id, clientOrderId: 'mine' }

function outcome(read: () => unknown): unknown {
  try {
    return read()
  } catch (thrown) {
    return (thrown as Error).message
  }
}

test('a message is read as JSON.parse and its checks read it, or left alone', () => {
  let read = 0
  fc.assert(
    fc.property(fc.array(updates, { minLength: 5, maxLength: 60 }), (all) => {
      const reader = new TradeUpdateReader((id) => (id === known.id ? known : undefined))
      for (const data of all) {
        const found = outcome(() => reader.read(JSON.stringify({ stream: 'trade_updates', data })))
        if (found === undefined) continue
        read += 1
        expect(found).toEqual(outcome(() => parseTradeUpdate(data)))
      }
    }),
    { numRuns: 50 },
  )
  expect(read).toBeGreaterThan(50)
})
