import type { KernelRecord, OrderEvent } from '@tradeswarm/trading'
import { expect, test } from 'vitest'
import { exactText } from '../exact.js'
import { type FoldedOrder, filledOf, foldedOrder, foldedStatus, hear } from './folded-order.js'

const said = { clientOrderId: 'c1', venueOrderId: 'v1' }
const figures = { fee: '0', feeCurrency: 'USD', referencePrice: '10', referenceTime: 1, liquidity: 'taker' } as const

function executed(type: 'filled' | 'corrected', quantity: string, time: number): OrderEvent {
  const execution = { tradeId: 't1', quantity, price: '10', ...figures }
  return { ...said, type, eventId: `${type}-${time}`, time, execution }
}

/** An order for five units of which this was heard. */
function orderOf(events: readonly OrderEvent[]): FoldedOrder {
  const header = { orderId: 'order-1', request: { clientOrderId: 'c1', quantity: '5' } }
  const record = { type: 'order-assessed', header, verdict: { permit: {} } }
  const order = foldedOrder(record as unknown as Extract<KernelRecord, { type: 'order-assessed' }>, undefined)
  for (const event of events) hear(order, event)
  return order
}

const [full, less, least] = [
  executed('corrected', '5', 1),
  executed('corrected', '4', 2),
  executed('corrected', '2', 3),
]

test.each([
  ['filled', [full, less, least]],
  ['filled', [least, less, full]],
  ['filled', [executed('filled', '5', 0), least]],
  ['partially-filled', [less, least]],
  ['partially-filled', [executed('filled', '3', 0), full, least]],
  ['partially-filled', [least, full, executed('filled', '3', 0)]],
])(
  'I01 I04 an order is %s by what its execution was at first, and has what the last correction says: %j',
  (status, events) => {
    const order = orderOf(events)
    expect(foldedStatus(order)).toBe(status)
    expect(exactText(filledOf(order))).toBe('2')
  },
)
