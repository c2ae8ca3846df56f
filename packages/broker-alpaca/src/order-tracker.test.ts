import { type BrokerEvent, decimal } from '@tradeswarm/trading'
import { describe, expect, test } from 'vitest'
import { OrderTracker } from './order-tracker.js'
import { type AlpacaOrder, type FillActivity, parseOrder } from './parse-order.js'

const at = (second: number): string => new Date(Date.UTC(2026, 2, 2, 15, 0, second)).toISOString()

function orderAt(second: number, status: string, filled: number, fields: object = {}): AlpacaOrder {
  return parseOrder({
    id: 'v1',
    client_order_id: 'one',
    submitted_at: at(0),
    updated_at: at(second),
    asset_class: 'us_equity',
    symbol: 'AAPL',
    qty: '10',
    filled_qty: String(filled),
    type: 'limit',
    side: 'buy',
    time_in_force: 'gtc',
    status,
    ...fields,
  })
}

const activity = (second: number, quantity: number, cumulative: number, orderId = 'v1'): FillActivity => ({
  id: `a${second}`,
  orderId,
  time: Date.parse(at(second)),
  price: '10',
  quantity: String(quantity),
  cumulative: String(cumulative),
})

function tracking() {
  const events: BrokerEvent[] = []
  const fees = { maker: decimal('0'), taker: decimal('0') }
  const tracker: OrderTracker = new OrderTracker({
    emit: (event) => void events.push(event),
    fees,
    idOfReplacement: ({ replacedBy }) => replacedBy && tracker.known(replacedBy)?.clientOrderId,
  })
  return { tracker, names: () => events.map(({ eventId }) => eventId) }
}

test('what an order had filled when it was found is not told when a list tells of it, and hides no execution that is missing', () => {
  const { tracker, names } = tracking()
  tracker.seed(orderAt(3, 'partially_filled', 3))
  const order = orderAt(5, 'partially_filled', 5)
  tracker.hear({ event: 'partial_fill', time: Date.parse(at(5)), price: '10', quantity: '2', order })
  // A look-up after a break fetches all that it has executed.
  tracker.execute(activity(3, 3, 3))
  tracker.execute(activity(5, 2, 5))
  expect(names()).toEqual(['v1:fill:5'])
  expect(tracker.note(orderAt(9, 'canceled', 8))).toBe(false)
  tracker.execute(activity(8, 3, 8))
  expect(tracker.note(orderAt(9, 'canceled', 8))).toBe(true)
  expect(names()).toEqual(['v1:fill:5', 'v1:fill:8', 'v1:canceled'])
})

test('an execution that is heard of after the order was amended counts for the order that took its place as well', () => {
  const { tracker, names } = tracking()
  tracker.note(orderAt(1, 'new', 0))
  const second = { id: 'v2', client_order_id: 'two', replaces: 'v1' }
  // Of the 3 that it had filled nobody has told.
  expect(tracker.note(orderAt(4, 'partially_filled', 3, second))).toBe(false)
  expect(tracker.predecessorsOf('v2').map(({ id }) => id)).toEqual(['v1'])
  tracker.execute(activity(3, 3, 3))
  expect(tracker.note(orderAt(4, 'replaced', 3, { replaced_by: 'v2' }))).toBe(true)
  expect(tracker.note(orderAt(4, 'partially_filled', 3, second))).toBe(true)
  tracker.execute(activity(5, 4, 7, 'v2'))
  expect(tracker.note(orderAt(6, 'canceled', 7, second))).toBe(true)
  expect(names()).toEqual(['v1:accepted', 'v1:fill:3', 'v1:replaced', 'v2:fill:7', 'v2:canceled'])
  expect([tracker.live(), tracker.predecessorsOf('v2')]).toEqual([[], []])
})

describe('among many orders that end', () => {
  const endAll = (tracker: OrderTracker, from: number, till: number): void => {
    const ended = orderAt(1, 'canceled', 0)
    for (let index = from; index < till; index += 1)
      tracker.note({ ...ended, id: `w${index}`, clientOrderId: `c${index}` })
  }

  test('one that lives is not forgotten, nor the stop beside it', () => {
    const { tracker, names } = tracking()
    tracker.note(orderAt(1, 'new', 0))
    const second = { id: 'v2', client_order_id: 'two', replaces: 'v1' }
    tracker.note(orderAt(2, 'new', 0, second))
    tracker.note(orderAt(2, 'replaced', 0, { replaced_by: 'v2' }))
    const stop = orderAt(1, 'held', 0, { id: 's1', client_order_id: 'stop', type: 'stop', order_class: 'oco' })
    tracker.note({ ...orderAt(1, 'new', 0, { id: 't1', client_order_id: 'pair', order_class: 'oco' }), legs: [stop] })
    expect(tracker.liveUnder('one')?.id).toBe('v2')
    endAll(tracker, 0, 45_000)
    expect([tracker.liveUnder('two')?.id, tracker.ownerOf('s1')?.id, tracker.known('s1')?.id]).toEqual([
      'v2',
      't1',
      's1',
    ])
    const told = names().length
    tracker.note(orderAt(9, 'canceled', 0, second))
    expect(names().slice(told)).toEqual(['v2:canceled'])
    expect(tracker.live().map(({ id }) => id)).toEqual(['t1'])
  })

  test('one that has ended is known for 20,000 more, and is forgotten then', () => {
    const { tracker, names } = tracking()
    tracker.note(orderAt(1, 'canceled', 0))
    endAll(tracker, 0, 20_000)
    const told = names().length
    tracker.note(orderAt(1, 'canceled', 0))
    expect(names()).toHaveLength(told)
    endAll(tracker, 20_000, 40_000)
    expect(tracker.known('v1')).toBeUndefined()
  })
})
