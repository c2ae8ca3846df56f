import type { BrokerEvent } from '@tradeswarm/trading'
import { expect, test } from 'vitest'
import { OrderTracker } from './order-tracker.js'
import type { OkxFill, OkxOrder } from './parse-order.js'

const seen: OkxOrder = {
  kind: 'order',
  id: '11',
  clientOrderId: 'mine',
  symbol: 'BTC-USDT',
  isSwap: false,
  side: 'buy',
  type: 'limit',
  state: 'partially_filled',
  quantity: '4',
  isInQuote: false,
  price: '100',
  filledQuantity: '3',
  averagePrice: '100',
  cancelSource: '',
  algoId: undefined,
  algoClientOrderId: undefined,
  tag: '',
  createdAt: 1_000,
  updatedAt: 1_003,
}
const fill = (index: number, time = 1_000 + index): OkxFill => ({
  tradeId: String(index),
  orderId: '11',
  clientOrderId: 'mine',
  symbol: 'BTC-USDT',
  isSwap: false,
  price: '100',
  quantity: '1',
  fee: '0',
  feeCurrency: 'USDT',
  paidOut: undefined,
  isMaker: true,
  time,
})

test.each([
  ['later', 1_004],
  ['in the same millisecond', 1_003],
])('an execution that came %s, between the look at an order and the look at its executions, is told', (_, time) => {
  const events: BrokerEvent[] = []
  const tracker = new OrderTracker((event) => events.push(event))
  tracker.seed(seen, [fill(1), fill(2), fill(3), fill(4, time)])
  const filled = { ...seen, state: 'filled', filledQuantity: '4', updatedAt: 1_005 }
  expect(tracker.hear({ order: filled, fill: fill(4, time), amendResult: '', requestId: undefined })).toBe(true)
  expect(events).toMatchObject([{ type: 'filled', execution: { tradeId: '4' } }])
  expect(tracker.live()).toEqual([])
})

test('an execution of a list that forgot the oldest is told where it came after the look', () => {
  const events: BrokerEvent[] = []
  const tracker = new OrderTracker((event) => events.push(event))
  tracker.seed(seen, [fill(3), fill(4)])
  tracker.execute(fill(3))
  tracker.execute(fill(4))
  expect(events).toMatchObject([{ type: 'filled', execution: { tradeId: '4' } }])
})
