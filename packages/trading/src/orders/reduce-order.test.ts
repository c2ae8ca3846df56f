import { canonicalJson } from '@tradeswarm/core'
import fc from 'fast-check'
import { expect, test } from 'vitest'
import { decimal, zero } from '../money/decimal.js'
import type { Execution } from './broker.js'
import type { OrderEvent } from './order-event.js'
import { isOpen } from './order-state.js'
import { reduceOrder } from './reduce-order.js'

const venue = { clientOrderId: 'c1', venueOrderId: 'v1', time: 1 }
const execution = (tradeId: string, quantity: string, price = '10', fee = '0.1'): Execution => ({
  tradeId,
  price,
  quantity,
  fee,
  feeCurrency: 'USD',
  referencePrice: price,
  referenceTime: 0,
  liquidity: 'taker',
})
const filled = (tradeId: string, quantity: string, price?: string): OrderEvent => ({
  ...venue,
  type: 'filled',
  eventId: `fill-${tradeId}`,
  execution: execution(tradeId, quantity, price),
})
const busted = (tradeId: string): OrderEvent => ({ ...venue, type: 'busted', eventId: `bust-${tradeId}`, tradeId })
const word = (type: 'accepted' | 'triggered' | 'canceled' | 'expired'): OrderEvent => ({
  ...venue,
  type,
  eventId: type,
})
const own = (type: 'submitted' | 'lapsed'): OrderEvent => ({ type, eventId: type, time: 1 })
const permitted: OrderEvent = { type: 'permitted', eventId: 'permitted', time: 1, permitId: 'p1' }
const unknown: OrderEvent = { type: 'submission-unknown', eventId: 'unknown', time: 1, message: 'time-out' }
const cancelRequested: OrderEvent = { type: 'cancel-requested', eventId: 'cancel-1', time: 1, reason: 'test' }
const cancelRejected: OrderEvent = {
  ...venue,
  type: 'cancel-rejected',
  eventId: 'no-1',
  code: 'TOO_LATE',
  message: 'too late',
}

const anyTrade = fc.record({
  id: fc.integer({ min: 1, max: 6 }),
  quantity: fc.integer({ min: 1, max: 400 }),
  price: fc.integer({ min: 1, max: 9_999 }),
})
const anyEvents = fc
  .record({
    trades: fc.uniqueArray(anyTrade, { maxLength: 6, selector: ({ id }) => id }),
    busts: fc.uniqueArray(fc.integer({ min: 1, max: 6 }), { maxLength: 3 }),
    others: fc.subarray([
      permitted,
      own('submitted'),
      own('lapsed'),
      unknown,
      word('accepted'),
      word('triggered'),
      word('canceled'),
      word('expired'),
      cancelRequested,
      cancelRejected,
      { ...venue, type: 'rejected', eventId: 'rejected', code: 'NO', message: 'no' } satisfies OrderEvent,
    ]),
  })
  .map(({ trades, busts, others }) => [
    ...others,
    ...trades.map(({ id, quantity, price }) => filled(`t${id}`, (quantity / 100).toFixed(2), (price / 100).toFixed(2))),
    ...busts.map((id) => busted(`t${id}`)),
  ])

test('I01 I04 every permutation of a set of events, repeated or not, ends in the same state', () => {
  const scrambled = anyEvents.chain((events) =>
    fc.tuple(
      fc.constant(events),
      fc.shuffledSubarray(events, { minLength: events.length }),
      events.length === 0 ? fc.constant([]) : fc.array(fc.constantFrom(...events), { maxLength: 8 }),
    ),
  )
  fc.assert(
    fc.property(scrambled, ([events, shuffled, repeats]) => {
      expect(canonicalJson(reduceOrder('5', [...repeats, ...shuffled]))).toBe(canonicalJson(reduceOrder('5', events)))
    }),
    { numRuns: 500 },
  )
})

test('I02 filled is the sum of executions that were not busted, leaves and overfill follow from it', () => {
  fc.assert(
    fc.property(anyEvents, (events) => {
      const state = reduceOrder('5', events)
      const taken = new Set(events.flatMap((event) => (event.type === 'busted' ? [event.tradeId] : [])))
      let sum = zero
      for (const event of events) {
        if (event.type === 'filled' && !taken.has(event.execution.tradeId))
          sum = sum.plus(decimal(event.execution.quantity))
      }
      const left = decimal('5').minus(sum)
      expect(decimal(state.filledQuantity).eq(sum)).toBe(true)
      expect(decimal(state.leavesQuantity).eq(isOpen(state.status) && left.gt(zero) ? left : zero)).toBe(true)
      expect(decimal(state.overfilledQuantity).eq(left.lt(zero) ? sum.minus(decimal('5')) : zero)).toBe(true)
    }),
  )
})

test('I02 an overfill is explicit', () => {
  const state = reduceOrder('5', [filled('a', '3'), filled('b', '4')])
  expect(state).toMatchObject({ status: 'filled', filledQuantity: '7', leavesQuantity: '0', overfilledQuantity: '2' })
})

test('I03 an execution counts once, under whatever event ids it is told', () => {
  const again: OrderEvent = { ...venue, type: 'filled', eventId: 'from-rest', execution: execution('a', '2') }
  expect(reduceOrder('5', [filled('a', '2'), again])).toMatchObject({
    filledQuantity: '2',
    filledNotional: '20',
    fees: { USD: '0.1' },
  })
})

test('I04 of two tellings of one execution that differ the same one stands, whichever came first', () => {
  const [a, b] = [filled('a', '2', '10'), { ...filled('a', '3', '11'), eventId: 'other' }] as [OrderEvent, OrderEvent]
  expect(canonicalJson(reduceOrder('5', [a, b]))).toBe(canonicalJson(reduceOrder('5', [b, a])))
  expect(reduceOrder('5', [a, b, busted('a')])).toMatchObject({ filledQuantity: '0', filledNotional: '0' })
})

test('I03 a bust takes its execution back, also when it comes first', () => {
  for (const events of [
    [filled('a', '2'), busted('a')],
    [busted('a'), filled('a', '2')],
  ]) {
    expect(reduceOrder('5', events)).toMatchObject({
      status: 'accepted',
      filledQuantity: '0',
      leavesQuantity: '5',
      filledNotional: '0',
      fees: {},
    })
  }
})

test('a bust of an order that was executed in full does not bring it back to life', () => {
  expect(reduceOrder('5', [filled('a', '5'), busted('a')])).toMatchObject({
    status: 'filled',
    filledQuantity: '0',
    leavesQuantity: '0',
  })
})

test('I05 a fill that arrives after the cancel is applied', () => {
  const state = reduceOrder('5', [word('accepted'), cancelRequested, word('canceled'), filled('a', '2')])
  expect(state).toMatchObject({ status: 'canceled', filledQuantity: '2', leavesQuantity: '0' })
  expect(reduceOrder('5', [word('canceled'), filled('a', '5')]).status).toBe('filled')
})

test.each<[string, readonly OrderEvent[]]>([
  ['initialized', []],
  ['permitted', [permitted]],
  ['denied', [{ type: 'denied', eventId: 'denied', time: 1, findings: [] }]],
  ['denied', [permitted, own('submitted'), { type: 'denied', eventId: 'denied', time: 1, findings: [] }]],
  ['submitted', [permitted, own('submitted')]],
  ['unknown', [permitted, own('submitted'), unknown]],
  ['accepted', [permitted, own('submitted'), unknown, word('accepted')]],
  ['expired', [permitted, own('submitted'), unknown, own('lapsed')]],
  ['accepted', [own('lapsed'), word('accepted')]],
  ['triggered', [word('accepted'), word('triggered')]],
  ['partially-filled', [word('accepted'), filled('a', '1')]],
  ['pending-cancel', [word('accepted'), filled('a', '1'), cancelRequested]],
  ['partially-filled', [word('accepted'), filled('a', '1'), cancelRequested, cancelRejected]],
  ['canceled', [word('accepted'), word('canceled')]],
  ['expired', [word('accepted'), word('expired')]],
  ['rejected', [own('submitted'), { ...venue, type: 'rejected', eventId: 'r', code: 'NO', message: 'no' }]],
  ['filled', [word('expired'), filled('a', '5')]],
])('the state table says %s', (status, events) => {
  expect(reduceOrder('5', events).status).toBe(status)
  expect(reduceOrder('5', [...events].reverse()).status).toBe(status)
})

test('an execution that cannot be is kept apart and changes nothing', () => {
  const state = reduceOrder('5', [word('accepted'), filled('a', '0'), filled('b', 'NaN')])
  expect(state).toMatchObject({ status: 'accepted', filledQuantity: '0' })
  expect(Object.keys(state.misfits)).toEqual(['fill-a', 'fill-b'])
})
