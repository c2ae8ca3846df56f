import fc from 'fast-check'
import { expect, test } from 'vitest'
import type { ExecutionPlan } from '../orders/execution/execution-plan.js'
import type { OrderRecord } from '../orders/order-record.js'
import { isOpen } from '../orders/order-state.js'
import { type KernelBench, openKernelBench } from './kernel-bench.test-support.js'
import { rebuildKernelState } from './rebuild-kernel-state.js'
import { RememberingVenue, type Way } from './remembering-venue.test-support.js'
import { runUntilCrash } from './run-until-crash.test-support.js'
import { ablest, type ScriptedBroker } from './scripted-broker.test-support.js'

type Step =
  | { readonly do: 'enter'; readonly quantity: number; readonly plan: ExecutionPlan; readonly lastsMs: number }
  | { readonly do: 'cancel'; readonly order: number }
  | { readonly do: 'fill'; readonly order: number; readonly quantity: number }
  /** `lost`: units that trade before the end, of which nobody tells. */
  | { readonly do: 'end'; readonly order: number; readonly lost: number }
  | { readonly do: 'tick'; readonly waitMs: number; readonly price: number; readonly volume: number }
  | { readonly do: 'halt'; readonly how: 'halted' | 'reducing' | 'resume' }
  | { readonly do: 'silence' }

const execution: fc.Arbitrary<ExecutionPlan> = fc.oneof(
  fc.constant<ExecutionPlan>({ style: 'now' }),
  fc.record({ style: fc.constant('passive' as const), maximumMoves: fc.integer({ min: 0, max: 4 }) }),
  fc.record({ style: fc.constant('twap' as const), slices: fc.integer({ min: 1, max: 6 }) }),
  fc.record({
    style: fc.constant('twap' as const),
    slices: fc.integer({ min: 1, max: 6 }),
    urgency: fc.constant('low' as const),
  }),
  fc.record({ style: fc.constant('participation' as const), maximumVolumeFraction: fc.constantFrom(0.1, 0.5, 1) }),
)
const step: fc.Arbitrary<Step> = fc.oneof(
  {
    weight: 3,
    arbitrary: fc.record({
      do: fc.constant('enter' as const),
      quantity: fc.integer({ min: 1, max: 40 }),
      plan: execution,
      lastsMs: fc.integer({ min: 2_000, max: 60_000 }),
    }),
  },
  { weight: 1, arbitrary: fc.record({ do: fc.constant('cancel' as const), order: fc.nat(3) }) },
  {
    weight: 4,
    arbitrary: fc.record({
      do: fc.constant('fill' as const),
      order: fc.nat(5),
      quantity: fc.constantFrom(1, 2, 5, 40),
    }),
  },
  {
    weight: 3,
    arbitrary: fc.record({ do: fc.constant('end' as const), order: fc.nat(5), lost: fc.constantFrom(0, 0, 1, 3) }),
  },
  {
    weight: 6,
    arbitrary: fc.record({
      do: fc.constant('tick' as const),
      waitMs: fc.integer({ min: 500, max: 15_000 }),
      price: fc.integer({ min: 98, max: 102 }),
      volume: fc.integer({ min: 1, max: 60 }),
    }),
  },
  {
    weight: 1,
    arbitrary: fc.record({
      do: fc.constant('halt' as const),
      how: fc.constantFrom('halted' as const, 'reducing' as const, 'resume' as const, 'resume' as const),
    }),
  },
  { weight: 1, arbitrary: fc.constant<Step>({ do: 'silence' }) },
)
const way = fc.constantFrom<Way>('arrives', 'arrives', 'arrives', 'no-answer', 'late', 'lost', 'refused')
const program = fc.record({
  steps: fc.array(step, { minLength: 6, maxLength: 30 }),
  ways: fc.array(way, { maxLength: 15 }),
  crashAt: fc.integer({ min: 1, max: 150 }),
  forgetsIds: fc.boolean(),
})

const ordersOf = ({ kernel }: KernelBench): readonly OrderRecord[] =>
  (JSON.parse(kernel.snapshot()) as { orders: OrderRecord[] }).orders
const parentsOf = (orders: readonly OrderRecord[]): readonly OrderRecord[] =>
  orders.filter(({ header }) => header.execution !== undefined)
const childrenOf = (orders: readonly OrderRecord[], { header }: OrderRecord): readonly OrderRecord[] =>
  orders.filter((each) => each.header.parentOrderId === header.orderId)

async function carryOut(bench: KernelBench, venue: RememberingVenue, each: Step): Promise<void> {
  const { kernel } = bench
  const live = venue.live()
  const picked = (index: number): string => live[index % Math.max(1, live.length)] ?? ''
  switch (each.do) {
    case 'enter': {
      const terms = { type: 'limit', limitPrice: '101', timeInForce: 'gtd' } as const
      const expiresAt = bench.now + each.lastsMs
      const quantity = String(each.quantity)
      await bench.enter({ ...terms, expiresAt, quantity, execution: each.plan }).catch(() => undefined)
      return
    }
    case 'cancel': {
      const parents = parentsOf(ordersOf(bench))
      const parent = parents[each.order % Math.max(1, parents.length)]
      await kernel.cancel(parent?.header.orderId ?? '', 'test').catch(() => undefined)
      return
    }
    case 'fill':
      venue.fill(picked(each.order), each.quantity, bench.now)
      return
    case 'end': {
      const { tells } = venue
      venue.tells = false
      venue.fill(picked(each.order), each.lost, bench.now)
      venue.tells = tells
      venue.end(picked(each.order))
      return
    }
    case 'tick':
      venue.arriveLate()
      await tick(bench, each.waitMs, String(each.price), each.volume)
      return
    case 'halt':
      if (each.how === 'resume') await kernel.resume({ operator: 'Ada', reason: 'test' })
      else await kernel.halt(each.how, 'test')
      return
    case 'silence':
      venue.tells = !venue.tells
  }
}

async function tick(bench: KernelBench, waitMs = 60_000, price = '100', volume = 10): Promise<void> {
  await bench.market({ type: 'trade', symbol: 'AAA', time: bench.now + waitMs, price, quantity: String(volume) })
  await bench.kernel.settled()
}

/** What children have executed at the venue, and may yet execute there, is never more than their parent. */
function neverBeyond(bench: KernelBench, venue: RememberingVenue): void {
  const orders = ordersOf(bench)
  expect(venue.second).toBe(0)
  const known = new Set(orders.map(({ header }) => header.request.clientOrderId))
  for (const id of venue.orders.keys()) expect(known).toContain(id)
  for (const parent of parentsOf(orders)) {
    expect(venue.orders.has(parent.header.request.clientOrderId)).toBe(false)
    let taken = 0
    for (const { header } of childrenOf(orders, parent)) {
      const id = header.request.clientOrderId
      const held = venue.orders.get(id)
      taken += (held?.filled ?? 0) + (held?.status === 'open' ? venue.leaves(id) : 0)
    }
    expect(taken).toBeLessThanOrEqual(Number(parent.header.request.quantity))
  }
}

/** What is known of children is known of their parent, and what they all may cost is set aside once. */
function booksFit(bench: KernelBench): void {
  const orders = ordersOf(bench)
  for (const parent of parentsOf(orders)) {
    const children = childrenOf(orders, parent)
    expect(parent.children ?? 0).toBe(children.length)
    const filled = children.reduce((sum, { state }) => sum + Number(state.filledQuantity), 0)
    expect(Number(parent.state.filledQuantity)).toBe(filled)
    const leaves = children.reduce((sum, { state }) => sum + Number(state.leavesQuantity), 0)
    if (isOpen(parent.state.status)) expect(leaves).toBeLessThanOrEqual(Number(parent.state.leavesQuantity))
    for (const { header, reservation, permit } of children) {
      expect(reservation).toBeUndefined()
      expect(permit?.reservationId).toBe(parent.reservation?.reservationId)
      expect(Number(header.request.limitPrice)).toBeLessThanOrEqual(Number(parent.header.request.limitPrice))
    }
  }
  const { USD } = bench.kernel.portfolio().cash
  expect(Number(USD?.free)).toBeGreaterThanOrEqual(0)
}

test('I07 I08 I10 a crash at every step, partial fills, refusals, cancels, halts: children together never exceed their parent', async () => {
  await fc.assert(
    fc.asyncProperty(program, async ({ steps, ways, crashAt, forgetsIds }) => {
      const venue = new RememberingVenue({ forgetsIds })
      const attach = (broker: ScriptedBroker): void => {
        venue.attach(broker)
        const ids = forgetsIds ? ({ clientOrderIds: 'live', requestLifetimeMs: 5_000 } as const) : {}
        broker.capabilities = { ...ablest, ...ids }
      }
      const bench = await openKernelBench({}, 65, attach)
      await bench.session(100, ['pre-open', 'open'])
      venue.ways = [...ways]
      const survived = await runUntilCrash(bench, venue, {
        steps,
        crashAt,
        carryOut: (each) => carryOut(bench, venue, each),
        check: () => {
          neverBeyond(bench, venue)
          booksFit(bench)
        },
      })
      const again = await openKernelBench({ history: survived }, 0, attach)
      again.now = bench.now
      neverBeyond(again, venue)
      venue.ways = []
      venue.tells = true
      for (let count = 0; count < 12; count += 1) {
        venue.arriveLate()
        await tick(again)
        await again.kernel.reconcile()
        await again.kernel.settled()
        neverBeyond(again, venue)
        booksFit(again)
      }
      const orders = ordersOf(again)
      for (const parent of parentsOf(orders)) {
        const unsettled = childrenOf(orders, parent).some(({ state }) => state.status === 'unknown')
        if (parent.state.words.submitted === true && !unsettled) expect(isOpen(parent.state.status)).toBe(false)
      }
      expect(Number(again.kernel.portfolio().positions[0]?.quantity ?? '0')).toBe(venue.units)
      expect(rebuildKernelState([...survived, ...again.journal])).toBe(again.kernel.snapshot())
    }),
    { numRuns: 150 },
  )
})
