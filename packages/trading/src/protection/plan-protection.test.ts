import fc from 'fast-check'
import { expect, test } from 'vitest'
import { type Decimal, decimal, zero } from '../money/decimal.js'
import { type ExitOrderView, type ProtectionAction, type ProtectionInput, planProtection } from './plan-protection.js'

const levels = { stop: '95', target: '110' }
const units = (count: number): Decimal => decimal(String(count))
const order = (
  orderId: string,
  kind: ExitOrderView['kind'],
  leaves: number,
  fields: Partial<ExitOrderView> = {},
): ExitOrderView => ({
  orderId,
  kind,
  leaves: units(leaves),
  level: kind === 'stop' || kind === 'pair' ? '95' : kind === 'target' ? '110' : undefined,
  ...(kind === 'pair' ? { target: '110' } : {}),
  cancelPending: false,
  unsettled: false,
  ...fields,
})

const anyOrders = fc
  .array(
    fc.record({
      kind: fc.constantFrom('stop' as const, 'target' as const, 'pair' as const, 'leave' as const, 'resting' as const),
      leaves: fc.integer({ min: 1, max: 20 }),
      misplaced: fc.boolean(),
      cancelPending: fc.boolean(),
      unsettled: fc.boolean(),
    }),
    { maxLength: 6 },
  )
  .map((list) =>
    list.map(({ kind, leaves, misplaced, cancelPending, unsettled }, index) =>
      order(`o${index}`, kind, leaves, { cancelPending, unsettled, ...(misplaced ? { level: '1' } : {}) }),
    ),
  )

/** Units that live on a leg; a pair is of both. */
function live(orders: readonly ExitOrderView[], kind: 'stop' | 'target' | 'leave' | 'resting'): Decimal {
  const isOf = (each: ExitOrderView): boolean =>
    each.kind === kind || (each.kind === 'pair' && (kind === 'stop' || kind === 'target'))
  return orders.filter(isOf).reduce((sum, { leaves }) => sum.plus(leaves), zero)
}

/** How stop and target are placed: side by side, or as one order. */
const asPairs = fc.boolean()
const wanted = (places: boolean): Pick<ProtectionInput, 'levels' | 'pairs'> =>
  places ? { levels: { stop: '95' }, pairs: { ...levels, places } } : { levels, pairs: { ...levels, places } }

test('I29 no plan takes live and unknown reducing quantity beyond the position, or further beyond it', () => {
  fc.assert(
    fc.property(fc.nat(40), anyOrders, fc.nat(40), asPairs, (held, orders, toLeave, places) => {
      const input = { quantity: units(held), exitOrders: orders, toLeave: units(toLeave) }
      const actions = planProtection({ ...input, ...wanted(places) })
      const placed = (kind: 'stop' | 'target'): Decimal =>
        actions.reduce(
          (sum, action) =>
            action.type === 'place' && (action.kind === kind || action.kind === 'pair')
              ? sum.plus(action.quantity)
              : sum,
          zero,
        )
      const left = actions.reduce((sum, action) => (action.type === 'leave' ? sum.plus(action.quantity) : sum), zero)
      for (const kind of ['stop', 'target'] as const) {
        const added = placed(kind).plus(left)
        if (added.eq(zero)) continue
        const leaving = live(orders, 'leave').plus(live(orders, 'resting'))
        expect(live(orders, kind).plus(leaving).plus(added).lte(units(held))).toBe(true)
      }
    }),
    { numRuns: 1_000 },
  )
})

test('carrying out the plan again and again ends with every unit covered once by each leg', () => {
  fc.assert(
    fc.property(fc.nat(40), anyOrders, asPairs, (held, start, places) => {
      const plan = (exitOrders: readonly ExitOrderView[]): readonly ProtectionAction[] =>
        planProtection({ quantity: units(held), exitOrders, toLeave: zero, ...wanted(places) })
      let orders = start
        .map((each): ExitOrderView => ({ ...each, unsettled: false }))
        .filter(({ kind }) => kind !== 'leave')
      for (let round = 0; round < 20; round += 1) {
        const actions = plan(orders)
        const cancelled = new Set(actions.flatMap((action) => (action.type === 'cancel' ? [action.orderId] : [])))
        orders = orders.filter(({ orderId, cancelPending }) => !cancelPending && !cancelled.has(orderId))
        for (const [index, action] of actions.entries()) {
          if (action.type === 'place')
            orders.push(order(`r${round}-${index}`, action.kind, Number(action.quantity.toFixed())))
        }
      }
      expect(live(orders, 'stop').eq(units(held))).toBe(true)
      // A stop alone that rests where it should is not exchanged for a pair: its target is watched.
      if (places) expect(live(orders, 'target').lte(units(held))).toBe(true)
      else expect(live(orders, 'target').eq(units(held))).toBe(true)
      expect(plan(orders)).toEqual([])
    }),
  )
})

test('a position without orders gets both legs', () => {
  const actions = planProtection({ quantity: units(10), levels, exitOrders: [], toLeave: zero })
  expect(
    actions.map((action) => [
      action.type,
      'kind' in action ? action.kind : '',
      'quantity' in action ? action.quantity.toFixed() : '',
    ]),
  ).toEqual([
    ['place', 'stop', '10'],
    ['place', 'target', '10'],
  ])
})

test('when one leg has filled, the other is cancelled', () => {
  expect(planProtection({ quantity: zero, levels, exitOrders: [order('t', 'target', 10)], toLeave: zero })).toEqual([
    { type: 'cancel', orderId: 't' },
  ])
})

test('to leave waits until the legs are gone', () => {
  const legs = [order('s', 'stop', 10), order('t', 'target', 10)]
  expect(
    planProtection({ quantity: units(10), levels, exitOrders: legs, toLeave: units(10) }).map(({ type }) => type),
  ).toEqual(['cancel', 'cancel'])
  const pending = legs.map((each): ExitOrderView => ({ ...each, cancelPending: true }))
  expect(planProtection({ quantity: units(10), levels, exitOrders: pending, toLeave: units(10) })).toEqual([])
  expect(
    planProtection({ quantity: units(10), levels, exitOrders: [], toLeave: units(10) }).map(({ type }) => type),
  ).toEqual(['leave'])
})

test('an exit that rests at a price of its own is withdrawn, and covered by the stop once it is gone', () => {
  const resting = order('r', 'resting', 10)
  expect(planProtection({ quantity: units(10), levels, exitOrders: [resting], toLeave: units(10) })).toEqual([
    { type: 'cancel', orderId: 'r' },
  ])
  const pending = [order('r', 'resting', 6, { cancelPending: true })]
  const actions = planProtection({ quantity: units(10), levels, exitOrders: pending, toLeave: zero })
  expect(actions.map((action) => [action.type, 'quantity' in action ? action.quantity.toFixed() : ''])).toEqual([
    ['place', '4'],
    ['place', '4'],
  ])
})

test('an order whose fate is unknown counts and is not cancelled', () => {
  const stop = order('s', 'stop', 10, { unsettled: true })
  const actions = planProtection({ quantity: units(10), levels: undefined, exitOrders: [stop], toLeave: units(10) })
  expect(actions).toEqual([])
})

test('what is to be left at once waits with its stop in place while nobody knows whether the venue has a leg', () => {
  const exitOrders = [order('stop', 'stop', 10), order('target', 'target', 10, { unsettled: true })]
  expect(planProtection({ quantity: units(10), levels, exitOrders, toLeave: units(10) })).toEqual([])
  const settled = [order('stop', 'stop', 10), order('target', 'target', 10)]
  expect(planProtection({ quantity: units(10), levels, exitOrders: settled, toLeave: units(10) })).toEqual([
    { type: 'cancel', orderId: 'stop' },
    { type: 'cancel', orderId: 'target' },
  ])
})

test('an order of unknown fate stays whatever its level, and what does not fit beside it is cancelled', () => {
  const exitOrders = [order('stop', 'stop', 10, { unsettled: true, level: '90' }), order('more', 'stop', 5)]
  expect(planProtection({ quantity: units(10), levels: { stop: '95' }, exitOrders, toLeave: zero })).toEqual([
    { type: 'cancel', orderId: 'more' },
  ])
})

test('I29 for a part of an exit legs are cut down to what it leaves, so that no unit is without one meanwhile', () => {
  fc.assert(
    fc.property(fc.integer({ min: 2, max: 40 }), fc.nat(40), fc.boolean(), (held, part, amendPending) => {
      fc.pre(part > 0 && part < held)
      const exitOrders = [order('stop', 'stop', held, { amendPending }), order('target', 'target', held)]
      const input = { quantity: units(held), levels, exitOrders, toLeave: units(part), canMove: true, shrinks: true }
      const left = String(held - part)
      expect(told(planProtection(input))).toEqual([
        // What is on its way already is not asked for twice, and nothing is sent before it has come.
        ...(amendPending ? [] : [`shrink stop ${left}`]),
        `shrink target ${left}`,
      ])
      const cut = [order('stop', 'stop', held - part), order('target', 'target', held - part)]
      expect(told(planProtection({ ...input, exitOrders: cut }))).toEqual([`leave ${part}`])
      expect(told(planProtection({ ...input, shrinks: false }))).toEqual(['cancel stop', 'cancel target'])
    }),
  )
})

function told(actions: readonly ProtectionAction[]): readonly string[] {
  return actions.map((action) => {
    const units = 'leaves' in action ? action.leaves : 'quantity' in action ? action.quantity : undefined
    return [action.type, 'orderId' in action ? action.orderId : '', units?.toFixed() ?? ''].filter(Boolean).join(' ')
  })
}
