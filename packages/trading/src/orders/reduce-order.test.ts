import { canonicalJson } from '@tradeswarm/core'
import fc from 'fast-check'
import { expect, test } from 'vitest'
import { decimal, zero } from '../money/decimal.js'
import type { Execution } from './broker.js'
import { toldExecutions } from './execution-book.js'
import type { OrderEvent } from './order-event.js'
import { executionOf, isOpen, newOrderState } from './order-state.js'
import { applyOrderEvent, assessedOrderState, reduceOrder } from './reduce-order.js'

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

const corrected = (tradeId: string, quantity: string, time: number, price = '10'): OrderEvent => ({
  ...venue,
  time,
  type: 'corrected',
  eventId: `correction-${tradeId}-${time}`,
  execution: execution(tradeId, quantity, price),
})
const amend = (revision: number, quantity: string, how: 'replace' | 'resend' = 'replace'): OrderEvent => ({
  type: 'amend-requested',
  eventId: `amend-${revision}`,
  time: 1,
  by: `c1r${revision}`,
  revision,
  how,
  quantity,
  limitPrice: '10',
  reason: 'test',
})
const replaced = (revision: number): OrderEvent => ({
  ...venue,
  type: 'replaced',
  eventId: `r${revision}`,
  by: `c1r${revision}`,
})
const replaceRejected = (revision: number): OrderEvent => ({
  ...venue,
  type: 'replace-rejected',
  eventId: `rr${revision}`,
  by: `c1r${revision}`,
  code: 'TOO_LATE',
  message: 'too late',
})
/** The same word, said or done under the client order id of a revision. */
const under = (revision: number, event: OrderEvent): OrderEvent =>
  'clientOrderId' in event
    ? { ...event, clientOrderId: `c1r${revision}`, eventId: `${event.eventId}@${revision}` }
    : { ...event, by: `c1r${revision}`, eventId: `${event.eventId}@${revision}` }
const rejected: OrderEvent = { ...venue, type: 'rejected', eventId: 'rejected', code: 'NO', message: 'no' }
const failed: OrderEvent = { type: 'submission-failed', eventId: 'failed', time: 1, code: 'DOWN', message: 'down' }
const withId = { clientOrderId: 'c1' }

const anyTrade = fc.record({
  id: fc.integer({ min: 1, max: 6 }),
  quantity: fc.integer({ min: 1, max: 400 }),
  price: fc.integer({ min: 1, max: 9_999 }),
})
const anyEvents = fc
  .record({
    trades: fc.uniqueArray(anyTrade, { maxLength: 6, selector: ({ id }) => id }),
    busts: fc.uniqueArray(fc.integer({ min: 1, max: 6 }), { maxLength: 3 }),
    corrections: fc.array(
      fc.record({
        id: fc.integer({ min: 1, max: 6 }),
        quantity: fc.integer({ min: 1, max: 400 }),
        time: fc.integer({ min: 1, max: 3 }),
        price: fc.integer({ min: 1, max: 99 }),
      }),
      { maxLength: 6 },
    ),
    late: fc.subarray([1, 2, 3, 4, 5, 6]),
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
      rejected,
      failed,
      amend(1, '3'),
      amend(2, '7', 'resend'),
      replaced(1),
      replaceRejected(1),
      replaced(2),
      ...[1, 2].flatMap((revision) =>
        [
          own('submitted'),
          unknown,
          failed,
          word('accepted'),
          word('canceled'),
          rejected,
          cancelRequested,
          cancelRejected,
        ].map((event) => under(revision, event)),
      ),
    ]),
  })
  .map(({ trades, busts, corrections, late, others }) => [
    ...others,
    ...trades.map(({ id, quantity, price }) => {
      const fill = filled(`t${id}`, (quantity / 100).toFixed(2), (price / 100).toFixed(2))
      return late.includes(id) ? under(1 + (id % 2), fill) : fill
    }),
    ...corrections.map(({ id, quantity, time, price }) =>
      corrected(`t${id}`, (quantity / 100).toFixed(2), time, String(price)),
    ),
    ...busts.map((id) => busted(`t${id}`)),
  ])
const anyOptions = fc.constantFrom(withId, {}, { ...withId, sizedIn: 'quote' as const })

test('I01 I04 every permutation of a set of events, repeated or not, ends in the same state', () => {
  const scrambled = anyEvents.chain((events) =>
    fc.tuple(
      fc.constant(events),
      fc.shuffledSubarray(events, { minLength: events.length }),
      events.length === 0 ? fc.constant([]) : fc.array(fc.constantFrom(...events), { maxLength: 8 }),
      anyOptions,
    ),
  )
  fc.assert(
    fc.property(scrambled, ([events, shuffled, repeats, options]) => {
      expect(canonicalJson(reduceOrder('5', [...repeats, ...shuffled], options))).toBe(
        canonicalJson(reduceOrder('5', events, options)),
      )
    }),
    { numRuns: 1_000 },
  )
})

test('I02 filled is the sum of executions that were not busted, as corrected; leaves and overfill follow from it', () => {
  fc.assert(
    fc.property(anyEvents, anyOptions, (events, options) => {
      const state = reduceOrder('5', events, options)
      const taken = new Set(events.flatMap((event) => (event.type === 'busted' ? [event.tradeId] : [])))
      const tradeIds = new Set<string>()
      for (const event of events)
        if (event.type === 'filled' || event.type === 'corrected') tradeIds.add(event.execution.tradeId)
      let [units, notional] = [zero, zero]
      for (const tradeId of tradeIds) {
        const { quantity, price } = executionOf(state, tradeId) ?? { quantity: '0', price: '0' }
        const told = events.some((event) => event.type === 'corrected' && event.execution.tradeId === tradeId)
        expect(state.corrections?.[tradeId] !== undefined).toBe(told)
        if (taken.has(tradeId)) continue
        units = units.plus(decimal(quantity))
        notional = notional.plus(decimal(quantity).times(decimal(price)))
      }
      expect(decimal(state.filledQuantity).eq(units)).toBe(true)
      expect(decimal(state.filledNotional).eq(notional)).toBe(true)
      const counted = state.sizedIn === 'quote' ? notional : units
      expect(decimal(state.leavesQuantity).eq(zero) || isOpen(state.status)).toBe(true)
      if (!isOpen(state.status) || state.revisions !== undefined) return
      const left = decimal('5').minus(counted)
      expect(decimal(state.leavesQuantity).eq(left.gt(zero) ? left : zero)).toBe(true)
      expect(decimal(state.overfilledQuantity).eq(left.lt(zero) ? left.abs() : zero)).toBe(true)
    }),
    { numRuns: 500 },
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
  ['expired', [word('accepted'), filled('a', '2'), word('expired')]],
  ['canceled', [word('accepted'), filled('a', '2'), rejected]],
  ['rejected', [own('submitted'), failed]],
  ['pending-replace', [word('accepted'), amend(1, '7')]],
  ['pending-replace', [word('accepted'), filled('a', '1'), amend(1, '7')]],
  ['pending-cancel', [word('accepted'), amend(1, '7'), cancelRequested]],
  ['accepted', [word('accepted'), amend(1, '7'), replaceRejected(1)]],
  ['accepted', [word('accepted'), amend(1, '7'), replaced(1)]],
  ['partially-filled', [word('accepted'), filled('a', '5'), amend(1, '7'), replaced(1)]],
  ['filled', [word('accepted'), filled('a', '5'), amend(1, '7')]],
  ['filled', [word('accepted'), filled('a', '5'), amend(1, '7'), replaceRejected(1)]],
  ['canceled', [word('accepted'), amend(1, '7'), replaced(1), under(1, word('canceled'))]],
  ['unknown', [word('accepted'), amend(1, '7'), under(1, unknown), word('canceled')]],
  ['pending-replace', [word('accepted'), amend(1, '7', 'resend'), cancelRequested]],
  ['pending-replace', [word('accepted'), amend(1, '7', 'resend'), cancelRequested, word('canceled')]],
  ['submitted', [word('accepted'), amend(1, '7', 'resend'), word('canceled'), under(1, own('submitted'))]],
  ['unknown', [amend(1, '7', 'resend'), word('canceled'), under(1, own('submitted')), under(1, unknown)]],
  ['accepted', [amend(1, '7', 'resend'), word('canceled'), under(1, own('submitted')), under(1, word('accepted'))]],
  ['canceled', [amend(1, '7', 'resend'), word('canceled'), under(1, own('submitted')), under(1, rejected)]],
  ['partially-filled', [amend(1, '7', 'resend'), word('canceled'), under(1, filled('a', '1'))]],
  ['rejected', [own('submitted'), { ...venue, type: 'rejected', eventId: 'r', code: 'NO', message: 'no' }]],
  ['filled', [word('expired'), filled('a', '5')]],
])('the state table says %s', (status, events) => {
  expect(reduceOrder('5', events, withId).status).toBe(status)
  expect(reduceOrder('5', [...events].reverse(), withId).status).toBe(status)
})

test('an execution that cannot be is kept apart and changes nothing', () => {
  const state = reduceOrder('5', [word('accepted'), filled('a', '0'), filled('b', 'NaN')])
  expect(state).toMatchObject({ status: 'accepted', filledQuantity: '0' })
  expect(Object.keys(state.misfits)).toEqual(['fill-a', 'fill-b'])
})

test('I02 an order sized in the currency counts in it', () => {
  const quote = { ...withId, sizedIn: 'quote' } as const
  const state = reduceOrder('100', [word('accepted'), filled('a', '3', '20')], quote)
  expect(state).toMatchObject({ status: 'partially-filled', filledQuantity: '3', leavesQuantity: '40' })
  expect(reduceOrder('100', [filled('a', '5', '20')], quote)).toMatchObject({ status: 'filled', leavesQuantity: '0' })
  expect(reduceOrder('100', [filled('a', '5', '21')], quote).overfilledQuantity).toBe('5')
})

test('I02 an amount of the currency is what the units stand for', () => {
  const quote = { ...withId, sizedIn: 'quote', multiplier: '0.01' } as const
  const state = reduceOrder('8000', [word('accepted'), filled('a', '15', '28000')], quote)
  expect(state).toMatchObject({ status: 'partially-filled', leavesQuantity: '3800', overfilledQuantity: '0' })
  const whole = [filled('a', '15', '40000'), filled('b', '5', '40000')]
  expect(reduceOrder('8000', whole, quote)).toMatchObject({ status: 'filled', leavesQuantity: '0' })
  expect(reduceOrder('8000', [...whole, busted('b')], quote)).toMatchObject({
    status: 'filled',
    bustedQuantity: '2000',
  })
})

test('I02 I41 a change of the quantity holds once the venue has taken it; until then the larger one may be executed', () => {
  const larger = [word('accepted'), filled('a', '2'), amend(1, '9')]
  expect(reduceOrder('5', larger, withId)).toMatchObject({ orderedQuantity: '5', leavesQuantity: '7' })
  expect(reduceOrder('5', [...larger, replaced(1)], withId)).toMatchObject({
    orderedQuantity: '9',
    leavesQuantity: '7',
  })
  expect(reduceOrder('5', [...larger, replaceRejected(1)], withId)).toMatchObject({ leavesQuantity: '3' })
  const smaller = [word('accepted'), filled('a', '2'), amend(1, '3')]
  expect(reduceOrder('5', smaller, withId)).toMatchObject({ orderedQuantity: '5', leavesQuantity: '3' })
  expect(reduceOrder('5', [...smaller, replaced(1)], withId)).toMatchObject({ leavesQuantity: '1' })
})

test('I41 fills under the old and the new id of a replaced order count together', () => {
  const events = [word('accepted'), filled('a', '2'), amend(1, '6'), replaced(1), under(1, filled('b', '4'))]
  expect(reduceOrder('5', events, withId)).toMatchObject({
    status: 'filled',
    filledQuantity: '6',
    overfilledQuantity: '0',
  })
})

test('I03 a correction takes the place of its execution, in whatever order they come, and a bust takes both back', () => {
  const events = [filled('a', '2', '10'), corrected('a', '3', 1, '11'), corrected('a', '1', 2, '12')]
  for (const order of [events, [...events].reverse()])
    expect(reduceOrder('5', order)).toMatchObject({ filledQuantity: '1', filledNotional: '12', fees: { USD: '0.1' } })
  expect(reduceOrder('5', [busted('a'), ...events])).toMatchObject({
    filledQuantity: '0',
    fees: {},
    bustedQuantity: '1',
  })
})

test('an order of 20,000 partial fills is worked out in a moment, and each of them is still known', () => {
  const fills = Array.from({ length: 20_000 }, (_, index) => filled(`t${index}`, '1'))
  const started = process.cpuUsage().user
  const state = reduceOrder('20000', [...fills, ...fills.slice(0, 100)], withId)
  expect(process.cpuUsage().user - started).toBeLessThan(3_000_000)
  expect(state).toMatchObject({ status: 'filled', filledQuantity: '20000', overfilledQuantity: '0' })
  expect(executionOf(state, 't12345')?.tradeId).toBe('t12345')
})

test('I01 I04 where executions lie follows from their number, not from their order', () => {
  const fills = Array.from({ length: 40 }, (_, index) => filled(`t${index}`, '1'))
  fc.assert(
    fc.property(fc.shuffledSubarray(fills, { minLength: 30 }), (some) => {
      const state = reduceOrder('40', [...some, ...some.slice(0, 3)], withId)
      expect(canonicalJson(state)).toBe(canonicalJson(reduceOrder('40', [...some].reverse(), withId)))
      expect(Object.keys(toldExecutions(state))).toHaveLength(some.length)
    }),
  )
})

test.each([withId, { ...withId, sizedIn: 'quote' as const }])(
  'an order that was executed in full stays so, whatever a correction or a bust takes off it: %j',
  (options) => {
    const ordered = 'sizedIn' in options ? '50' : '5'
    const events = [filled('a', '3', '10'), filled('b', '2', '10'), corrected('a', '1', 1)]
    for (const set of [events, [...events].reverse(), [...events, busted('a')], [...events, busted('a'), busted('b')]])
      expect(reduceOrder(ordered, set, options)).toMatchObject({ status: 'filled', leavesQuantity: '0' })
    expect(reduceOrder(ordered, events.slice(1), options)).toMatchObject({ status: 'partially-filled' })
  },
)

test('I01 I04 an order known to be full by corrections alone stays so when a later one takes units off it', () => {
  const corrections = [corrected('a', '5', 1), corrected('a', '4', 2), corrected('a', '2', 3)]
  for (const set of [corrections, [...corrections].reverse(), [...corrections, busted('a')]])
    expect(reduceOrder('5', set)).toMatchObject({ status: 'filled', leavesQuantity: '0' })
  // What was told after all outweighs them: it had executed 3, and the rest is open.
  for (const set of [
    [...corrections, filled('a', '3')],
    [filled('a', '3'), ...corrections],
  ])
    expect(reduceOrder('5', set)).toMatchObject({ status: 'partially-filled', filledQuantity: '2' })
})

test('I02 I04 a correction that adds to a partial fill ends no order: its venue goes on with what it has open', () => {
  const events = [filled('a', '4', '10'), corrected('a', '5', 1), filled('b', '3', '10')]
  for (const order of [events, [...events].reverse()])
    expect(reduceOrder('8', order)).toMatchObject({
      status: 'partially-filled',
      filledQuantity: '8',
      leavesQuantity: '0',
      overfilledQuantity: '0',
    })
  const rest = filled('c', '1', '10')
  expect(reduceOrder('8', [...events, rest])).toMatchObject({ status: 'filled', overfilledQuantity: '1' })
  const ended = { ...rest, type: 'canceled', eventId: 'end' } as OrderEvent
  for (const order of [
    [...events, ended],
    [ended, ...events],
  ])
    expect(reduceOrder('8', order)).toMatchObject({ status: 'filled', overfilledQuantity: '0' })
})

test.each([2, 40])('I02 I03 an order of %i executions keeps those whose ids are names of JavaScript', (many) => {
  const names = ['__proto__', 'constructor', 'toString', 'hasOwnProperty']
  const ids = [...names, ...Array.from({ length: many }, (_, index) => `t${index}`)]
  const fills = ids.map((id) => filled(id, '1'))
  const state = reduceOrder(String(ids.length), [...fills, ...fills], withId)
  expect(state).toMatchObject({ status: 'filled', filledQuantity: String(ids.length), overfilledQuantity: '0' })
  expect(Object.keys(toldExecutions(state)).sort()).toEqual([...ids].sort())
  for (const name of names) expect(executionOf(state, name)?.tradeId).toBe(name)
  const again = reduceOrder(String(ids.length), [...fills].reverse(), withId)
  expect(canonicalJson(again)).toBe(canonicalJson(state))
  const taken = applyOrderEvent(JSON.parse(canonicalJson(state)), busted('__proto__'))
  expect(taken.filledQuantity).toBe(String(ids.length - 1))
})

test('I02 fees in a currency of whatever name are summed up', () => {
  const paid = (id: string, feeCurrency: string): OrderEvent => {
    const event = filled(id, '1')
    return event.type === 'filled' ? { ...event, execution: { ...event.execution, fee: '0.5', feeCurrency } } : event
  }
  const currencies = ['constructor', '__proto__', 'constructor', '__proto__']
  const { fees } = reduceOrder(
    '4',
    currencies.map((currency, index) => paid(`t${index}`, currency)),
  )
  expect(new Map(Object.entries(fees))).toEqual(
    new Map([
      ['__proto__', '1'],
      ['constructor', '1'],
    ]),
  )
})

test.each(['permitted', 'denied'] as const)('an order that is %s begins as that event makes it', (word) => {
  const event: OrderEvent =
    word === 'permitted'
      ? { type: 'permitted', eventId: 'e', time: 1, permitId: 'p' }
      : { type: 'denied', eventId: 'e', time: 1, findings: [] }
  for (const quantity of ['10', '0', '-1']) {
    for (const options of [{}, { clientOrderId: 'a' }, { clientOrderId: 'a', sizedIn: 'quote' as const }]) {
      const state = assessedOrderState(quantity, options, word)
      const expected = applyOrderEvent(newOrderState(quantity, options), event)
      expect(state).toStrictEqual(expected)
      // Snapshots keep the order of the fields.
      expect(Object.keys(state)).toEqual(Object.keys(expected))
    }
  }
})
