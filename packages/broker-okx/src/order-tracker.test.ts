import type { BrokerEvent } from '@tradeswarm/trading'
import { describe, expect, test } from 'vitest'
import { OrderTracker } from './order-tracker.js'
import type { OkxAlgo, OkxFill, OkxOrder } from './parse-order.js'

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

test('an execution that the list did not tell of at the start is counted once when it does', () => {
  const events: BrokerEvent[] = []
  const tracker = new OrderTracker((event) => events.push(event))
  // Of the three that it had, the list was behind with two.
  tracker.seed(seen, [fill(1)])
  for (const index of [1, 2, 3]) tracker.execute(fill(index))
  expect(events).toEqual([])
  const ended = { ...seen, state: 'canceled', filledQuantity: '4', updatedAt: 1_005 }
  expect(tracker.note(ended)).toBe(false)
  tracker.execute(fill(4))
  expect(tracker.note(ended)).toBe(true)
  expect(events.map(({ eventId }) => eventId)).toEqual(['11:fill:4', '11:canceled'])
})

const waiting: OkxAlgo = {
  kind: 'algo',
  id: '7',
  clientOrderId: 'mine',
  symbol: 'BTC-USDT',
  isSwap: false,
  side: 'sell',
  type: 'conditional',
  state: 'live',
  quantity: '4',
  stopPrice: '90',
  limitPrice: undefined,
  childIds: [],
  failCode: undefined,
  tag: '',
  createdAt: 1_000,
  updatedAt: 1_010,
}

test('a stop that failed in part has not ended before what the other part has executed', () => {
  const events: BrokerEvent[] = []
  const tracker = new OrderTracker((event) => events.push(event))
  tracker.note(waiting)
  expect(tracker.note({ ...waiting, state: 'partially_failed', childIds: ['11'], updatedAt: 1_011 })).toBe(false)
  const child = { ...seen, state: 'filled', quantity: '3', algoId: '7', updatedAt: 1_012 }
  expect(tracker.note(child)).toBe(false)
  for (const index of [1, 2, 3]) tracker.execute(fill(index))
  expect(tracker.note(child)).toBe(true)
  expect(events.map(({ type }) => type)).toEqual(['accepted', 'triggered', 'filled', 'filled', 'filled', 'canceled'])
  expect(tracker.live()).toEqual([])
})

test('a stop that OKX calls filled, as a captured push does, was set off, and what it became is missing', () => {
  const events: BrokerEvent[] = []
  const tracker = new OrderTracker((event) => events.push(event))
  tracker.note(waiting)
  expect(tracker.note({ ...waiting, state: 'filled', childIds: ['11'], updatedAt: 1_011 })).toBe(false)
  expect(events.map(({ type }) => type)).toEqual(['accepted', 'triggered'])
})

test('a stop whose order was heard of first, without its name, goes by its name from when that is known', () => {
  const events: BrokerEvent[] = []
  const tracker = new OrderTracker((event) => events.push(event))
  const child = { ...seen, clientOrderId: '7_0', algoId: '7', state: 'live', filledQuantity: '0' }
  tracker.hear({ order: child, fill: undefined, amendResult: '', requestId: undefined })
  tracker.note({ ...waiting, state: 'effective', childIds: ['11'] })
  expect(tracker.named('mine')?.id).toBe('7')
  tracker.hear({
    order: { ...child, state: 'filled', filledQuantity: '4', updatedAt: 1_020 },
    fill: { ...fill(1), quantity: '4' },
    amendResult: '',
    requestId: undefined,
  })
  expect(events.at(-1)).toMatchObject({ type: 'filled', clientOrderId: 'mine' })
})

test('the end of a stop is told though its message is dated before the last look at it', () => {
  const events: BrokerEvent[] = []
  const tracker = new OrderTracker((event) => events.push(event))
  tracker.note(waiting)
  expect(tracker.note({ ...waiting, state: 'canceled', updatedAt: 1_000 })).toBe(true)
  expect(events.map(({ type }) => type)).toEqual(['accepted', 'canceled'])
})

/** One of the orders that a large stop became: of so much, with as much filled. */
const partOf = (id: string, quantity: string, state: string, filledQuantity: string): OkxOrder => ({
  ...seen,
  id,
  clientOrderId: '',
  algoId: '7',
  algoClientOrderId: 'mine',
  type: 'market',
  state,
  quantity,
  filledQuantity,
  updatedAt: 1_012,
})
const both: OkxAlgo = { ...waiting, state: 'effective', childIds: ['11', '12'], updatedAt: 1_011 }

test('a stop that OKX made two orders of has ended when both have, with what both have executed', () => {
  const events: BrokerEvent[] = []
  const tracker = new OrderTracker((event) => events.push(event))
  tracker.note(waiting)
  // Before anybody knows that there are two.
  expect(tracker.note({ ...partOf('11', '3', 'filled', '3') })).toBe(false)
  for (const index of [1, 2, 3]) tracker.execute(fill(index))
  expect(tracker.note(partOf('11', '3', 'filled', '3'))).toBe(false)
  expect(tracker.note(both)).toBe(false)
  expect(tracker.live()).toHaveLength(1)
  expect(tracker.note(partOf('12', '1', 'live', '0'))).toBe(true)
  const last = { ...fill(4), orderId: '12' }
  const update = { order: partOf('12', '1', 'filled', '1'), fill: last, amendResult: '', requestId: undefined }
  expect(tracker.hear(update)).toBe(true)
  expect(events.map(({ eventId }) => eventId)).toEqual([
    '7:accepted',
    '7:triggered',
    '7:fill:1',
    '7:fill:2',
    '7:fill:3',
    '7:fill:4',
  ])
  expect(tracker.live()).toEqual([])
})

test('of a stop that OKX made two orders of, what one did not fill has been cancelled', () => {
  const events: BrokerEvent[] = []
  const tracker = new OrderTracker((event) => events.push(event))
  tracker.note(both)
  expect(tracker.note(partOf('12', '1', 'canceled', '0'))).toBe(false)
  tracker.note(partOf('11', '3', 'filled', '3'))
  for (const index of [1, 2, 3]) tracker.execute(fill(index))
  expect(tracker.note(partOf('11', '3', 'filled', '3'))).toBe(true)
  expect(events.map(({ type }) => type)).toEqual(['accepted', 'triggered', 'filled', 'filled', 'filled', 'canceled'])
})

test('both orders that a stop has become are found at the start', () => {
  const events: BrokerEvent[] = []
  const tracker = new OrderTracker((event) => events.push(event))
  tracker.seed(partOf('11', '3', 'partially_filled', '1'), [fill(1)])
  tracker.seed(partOf('12', '1', 'live', '0'), [])
  for (const index of [1, 2, 3]) tracker.execute(fill(index))
  tracker.note(partOf('11', '3', 'filled', '3'))
  expect(tracker.live()).toHaveLength(1)
  tracker.execute({ ...fill(4), orderId: '12' })
  tracker.note(partOf('12', '1', 'filled', '1'))
  expect(events.map(({ type }) => type)).toEqual(['filled', 'filled', 'filled'])
  expect(tracker.live()).toEqual([])
})

describe('an order that OKX has cut down to the position that it reduces', () => {
  const cut: OkxOrder = { ...seen, state: 'filled', quantity: '3' }

  test('ends with what it has filled', () => {
    const events: BrokerEvent[] = []
    const tracker = new OrderTracker((event) => events.push(event))
    tracker.expectSize('mine', '4.0')
    for (const index of [1, 2, 3]) {
      const order = { ...cut, state: index < 3 ? 'partially_filled' : 'filled', filledQuantity: String(index) }
      tracker.hear({ order, fill: fill(index), amendResult: '', requestId: undefined })
    }
    expect(events.map(({ type }) => type)).toEqual(['accepted', 'filled', 'filled', 'filled', 'canceled'])
  })

  test('is as large as it was amended to be', () => {
    const events: BrokerEvent[] = []
    const tracker = new OrderTracker((event) => events.push(event))
    tracker.expectSize('mine', '4')
    tracker.note({ ...seen, state: 'live', quantity: '4', filledQuantity: '0', updatedAt: 1_000 })
    tracker.revisions.expect('mine', { by: 'second', quantity: '3', limitPrice: '100', stopPrice: undefined })
    for (const index of [1, 2, 3]) tracker.execute(fill(index))
    expect(tracker.note(cut)).toBe(true)
    expect(events.map(({ type }) => type)).toEqual(['accepted', 'filled', 'filled', 'filled', 'replaced'])
    expect(tracker.live()).toEqual([])
  })

  test('is not remembered for ever where it never arrives', () => {
    const events: BrokerEvent[] = []
    const tracker = new OrderTracker((event) => events.push(event))
    tracker.expectSize('mine', '4')
    tracker.noteSetOff('mine', true)
    for (let lost = 0; lost < 10_000; lost += 1) {
      tracker.expectSize(`lost${lost}`, '4')
      tracker.noteSetOff(`lost${lost}`, true)
    }
    tracker.hear({ order: cut, fill: { ...fill(1), quantity: '3' }, amendResult: '', requestId: undefined })
    expect(events.map(({ type }) => type)).toEqual(['accepted', 'filled'])
  })

  test('is not expected any more once it was refused', () => {
    const events: BrokerEvent[] = []
    const tracker = new OrderTracker((event) => events.push(event))
    tracker.expectSize('mine', '4')
    tracker.expectSize('mine', undefined)
    tracker.hear({ order: cut, fill: { ...fill(1), quantity: '3' }, amendResult: '', requestId: undefined })
    expect(events.map(({ type }) => type)).toEqual(['accepted', 'filled'])
  })
})

describe('among many orders that end', () => {
  const endAll = (tracker: OrderTracker, from: number, till: number): void => {
    for (let index = from; index < till; index += 1)
      tracker.note({ ...seen, id: `v${index}`, clientOrderId: `c${index}`, state: 'canceled', filledQuantity: '0' })
  }

  test('one that lives is not forgotten, nor what it became, nor any of its names', () => {
    const events: BrokerEvent[] = []
    const tracker = new OrderTracker((event) => events.push(event))
    tracker.note({ ...seen, filledQuantity: '0', state: 'live' })
    tracker.revisions.expect('mine', { by: 'second', quantity: '4', limitPrice: '100', stopPrice: undefined })
    tracker.note({ ...seen, filledQuantity: '0', state: 'live' })
    tracker.note({ ...waiting, id: '21', clientOrderId: 'stop', state: 'effective', childIds: ['22', '23'] })
    endAll(tracker, 0, 45_000)
    expect([tracker.named('mine')?.id, tracker.named('second')?.id, tracker.known('11')?.name]).toEqual([
      '11',
      '11',
      'second',
    ])
    expect(['21', '22', '23'].map((id) => tracker.known(id)?.name)).toEqual(['stop', 'stop', 'stop'])
    const told = events.length
    tracker.hear({ order: { ...seen, filledQuantity: '1' }, fill: fill(1), amendResult: '', requestId: undefined })
    expect(events.slice(told)).toMatchObject([{ type: 'filled', clientOrderId: 'second' }])
  })

  test('one that has ended is known for 20,000 more, and is forgotten then with its names', () => {
    const events: BrokerEvent[] = []
    const tracker = new OrderTracker((event) => events.push(event))
    tracker.note({ ...seen, filledQuantity: '0', state: 'live' })
    tracker.revisions.expect('mine', { by: 'second', quantity: '4', limitPrice: '100', stopPrice: undefined })
    tracker.note({ ...seen, filledQuantity: '0', state: 'canceled' })
    endAll(tracker, 0, 20_000)
    const told = events.length
    tracker.note({ ...seen, filledQuantity: '0', state: 'canceled' })
    expect(events).toHaveLength(told)
    expect(tracker.named('mine')?.name).toBe('second')
    endAll(tracker, 20_000, 40_000)
    expect([tracker.known('11'), tracker.named('mine'), tracker.revisions.isEmpty]).toEqual([
      undefined,
      undefined,
      true,
    ])
  })
})
