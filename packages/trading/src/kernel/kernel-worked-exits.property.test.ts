import fc from 'fast-check'
import { expect, test } from 'vitest'
import type { ExecutionPlan } from '../orders/execution/execution-plan.js'
import type { OrderRecord } from '../orders/order-record.js'
import { isOpen } from '../orders/order-state.js'
import { requestInForce } from '../orders/request-in-force.js'
import { type KernelBench, openKernelBench } from './kernel-bench.test-support.js'
import { rebuildKernelState } from './rebuild-kernel-state.js'
import { RememberingVenue, type Way } from './remembering-venue.test-support.js'
import { runUntilCrash } from './run-until-crash.test-support.js'
import { ablest, type ScriptedBroker } from './scripted-broker.test-support.js'

type Step =
  | { readonly do: 'work'; readonly quantity: number; readonly plan: ExecutionPlan; readonly lastsMs: number }
  /** Holds forty units again, where none are held. */
  | { readonly do: 'enter' }
  | { readonly do: 'leave'; readonly quantity: number }
  | { readonly do: 'cancel'; readonly order: number }
  | { readonly do: 'fill'; readonly what: 'market' | 'stop'; readonly quantity: number }
  | { readonly do: 'end' }
  | { readonly do: 'tick'; readonly waitMs: number; readonly volume: number }
  | { readonly do: 'halt'; readonly how: 'halted' | 'reducing' | 'resume' | 'flatten' }

const execution: fc.Arbitrary<ExecutionPlan> = fc.oneof(
  fc.record({ style: fc.constant('twap' as const), slices: fc.integer({ min: 1, max: 6 }) }),
  fc.record({ style: fc.constant('participation' as const), maximumVolumeFraction: fc.constantFrom(0.1, 0.5, 1) }),
)
const step: fc.Arbitrary<Step> = fc.oneof(
  {
    weight: 5,
    arbitrary: fc.record({
      do: fc.constant('work' as const),
      quantity: fc.integer({ min: 10, max: 40 }),
      plan: execution,
      lastsMs: fc.integer({ min: 5_000, max: 90_000 }),
    }),
  },
  { weight: 2, arbitrary: fc.constant<Step>({ do: 'enter' }) },
  { weight: 3, arbitrary: fc.record({ do: fc.constant('leave' as const), quantity: fc.integer({ min: 1, max: 40 }) }) },
  { weight: 1, arbitrary: fc.record({ do: fc.constant('cancel' as const), order: fc.nat(3) }) },
  {
    weight: 8,
    arbitrary: fc.record({
      do: fc.constant('fill' as const),
      what: fc.constantFrom(
        ...(['market', 'market', 'market', 'market', 'market', 'market', 'market', 'stop'] as const),
      ),
      quantity: fc.constantFrom(1, 2, 5, 40),
    }),
  },
  { weight: 1, arbitrary: fc.constant<Step>({ do: 'end' }) },
  {
    weight: 6,
    arbitrary: fc.record({
      do: fc.constant('tick' as const),
      waitMs: fc.integer({ min: 500, max: 20_000 }),
      volume: fc.integer({ min: 1, max: 60 }),
    }),
  },
  {
    weight: 1,
    arbitrary: fc.record({
      do: fc.constant('halt' as const),
      how: fc.constantFrom(...(['halted', 'reducing', 'resume', 'resume', 'resume', 'resume', 'flatten'] as const)),
    }),
  },
)
const way = fc.oneof(
  { weight: 9, arbitrary: fc.constant<Way>('arrives') },
  { weight: 2, arbitrary: fc.constantFrom<Way>('no-answer', 'late', 'lost') },
)
const program = fc.record({
  steps: fc.array(step, { minLength: 8, maxLength: 30, size: 'max' }),
  ways: fc.array(way, { maxLength: 40 }),
  crashAt: fc.integer({ min: 10, max: 400 }),
  amends: fc.boolean(),
  /** The most that the venue takes as one order. */
  most: fc.constantFrom(undefined, undefined, 8, 15),
})

const ordersOf = ({ kernel }: KernelBench): readonly OrderRecord[] =>
  (JSON.parse(kernel.snapshot()) as { orders: OrderRecord[] }).orders
const held = ({ kernel }: KernelBench): number => Number(kernel.portfolio().positions[0]?.quantity ?? '0')

async function ask(
  bench: KernelBench,
  units: number,
  worked?: { plan: ExecutionPlan; lastsMs: number },
): Promise<void> {
  const { exits: _, ...intent } = bench.intent({
    side: 'sell',
    quantity: String(units),
    ...(worked === undefined
      ? {}
      : { timeInForce: 'gtd', expiresAt: bench.now + worked.lastsMs, execution: worked.plan }),
  })
  const answer = await bench.kernel.assess(intent)
  if (answer.status === 'permitted') await bench.kernel.submit(intent, answer.permitId)
}

async function enter(bench: KernelBench, venue: RememberingVenue): Promise<void> {
  if (held(bench) > 0) return
  const most = Number(bench.broker.terms?.maximumQuantity ?? '40')
  for (let left = 40; left > 0; left -= most) {
    await bench.enter({ quantity: String(Math.min(most, left)) }).catch(() => undefined)
    const bought = venue.live().find((id) => venue.orders.get(id)?.request.side === 'buy')
    venue.fill(bought ?? '', 40, bench.now)
    await bench.kernel.settled()
  }
}

const liveOf = (venue: RememberingVenue, type: string): readonly string[] =>
  venue.live().filter((id) => {
    const request = venue.orders.get(id)?.request
    return request?.side === 'sell' && request.type === type
  })

async function carryOut(bench: KernelBench, venue: RememberingVenue, each: Step): Promise<void> {
  const { kernel } = bench
  switch (each.do) {
    case 'enter':
      return enter(bench, venue)
    case 'work':
      return ask(bench, Math.min(each.quantity, Math.max(1, held(bench))), each)
    case 'leave':
      return ask(bench, Math.min(each.quantity, Math.max(1, held(bench))))
    case 'cancel': {
      const parents = ordersOf(bench).filter(
        ({ header, state }) => header.execution !== undefined && isOpen(state.status),
      )
      await kernel
        .cancel(parents[each.order % Math.max(1, parents.length)]?.header.orderId ?? '', 'test')
        .catch(() => undefined)
      return
    }
    case 'fill':
      venue.fill(liveOf(venue, each.what)[0] ?? '', each.quantity, bench.now)
      return
    case 'end':
      venue.end(liveOf(venue, 'market')[0] ?? '')
      return
    case 'tick':
      venue.arriveLate()
      return tick(bench, each.waitMs, each.volume)
    case 'halt':
      if (each.how === 'resume') await kernel.resume({ operator: 'Ada', reason: 'test' })
      else if (each.how === 'flatten') await kernel.flatten({ operator: 'Ada', reason: 'test' })
      else await kernel.halt(each.how, 'test')
  }
}

async function tick(bench: KernelBench, waitMs = 10_000, volume = 1): Promise<void> {
  await bench.market({ type: 'trade', symbol: 'AAA', time: bench.now + waitMs, price: '100', quantity: String(volume) })
  await bench.kernel.settled()
}

/** What leaves and what is stopped at the venue is never more than is held there; a worked exit is there in its parts alone. */
function venueFits(bench: KernelBench, venue: RememberingVenue): void {
  const live = [...liveOf(venue, 'market'), ...liveOf(venue, 'stop')]
  expect(live.reduce((sum, id) => sum + venue.leaves(id), 0)).toBeLessThanOrEqual(venue.units)
  const most = Number(bench.broker.terms?.maximumQuantity ?? '40')
  for (const id of venue.live()) expect(venue.leaves(id)).toBeLessThanOrEqual(most)
  const orders = ordersOf(bench)
  for (const parent of orders) {
    if (parent.header.execution === undefined) continue
    expect(venue.orders.has(parent.header.request.clientOrderId)).toBe(false)
    const children = orders.filter(({ header }) => header.parentOrderId === parent.header.orderId)
    const filled = children.reduce((sum, { state }) => sum + Number(state.filledQuantity), 0)
    expect(Number(parent.state.filledQuantity)).toBe(filled)
    expect(filled).toBeLessThanOrEqual(Number(parent.header.request.quantity))
    const together = parent.header.execution.style === 'parts' ? children.length : 1
    expect(children.filter(({ state }) => isOpen(state.status)).length).toBeLessThanOrEqual(together)
    const ordered = children.filter(({ state }) => isOpen(state.status))
    const outstanding = ordered.reduce((sum, { state }) => sum + Number(state.leavesQuantity), 0)
    expect(filled + outstanding).toBeLessThanOrEqual(Number(parent.header.request.quantity))
  }
}

/** Once the venue has answered to everything, all that is held is stopped there or leaves at the next price. */
function isCovered(bench: KernelBench, venue: RememberingVenue): void {
  const orders = ordersOf(bench)
  expect(held(bench)).toBe(venue.units)
  if (orders.some(({ state }) => state.status === 'unknown')) return
  const covering = orders.filter((order) => {
    const { reduceOnly, type } = requestInForce(order)
    return reduceOnly && order.header.execution === undefined && isOpen(order.state.status) && type !== 'limit'
  })
  const units = covering.reduce((sum, { state }) => sum + Number(state.leavesQuantity), 0)
  expect(units).toBe(venue.units)
}

const policy = { cooldownAfterLossMs: 0 }

test('I07 I29 exits that are worked, through any crash, refusal and halt: never more than is held, and the stop stays for what is not sold', async () => {
  let worked = 0
  let parted = 0
  await fc.assert(
    fc.asyncProperty(program, async ({ steps, ways, crashAt, amends, most }) => {
      const venue = new RememberingVenue({ forgetsIds: false })
      const attach = (broker: ScriptedBroker): void => {
        venue.attach(broker)
        if (most !== undefined) broker.terms = { maximumQuantity: String(most) }
        broker.capabilities = amends ? ablest : { ...ablest, replace: 'none' }
      }
      const bench = await openKernelBench({ policy }, 65, attach)
      await bench.session(100, ['pre-open', 'open'])
      await enter(bench, venue)
      venue.ways = [...ways]
      const survived = await runUntilCrash(bench, venue, {
        steps,
        crashAt,
        carryOut: (each) => carryOut(bench, venue, each),
        check: () => venueFits(bench, venue),
      })
      const again = await openKernelBench({ history: survived, policy }, 0, attach)
      again.now = bench.now
      venue.ways = []
      for (let count = 0; count < 8; count += 1) {
        venue.arriveLate()
        await tick(again)
        await again.kernel.reconcile()
        await again.kernel.settled()
        venueFits(again, venue)
      }
      isCovered(again, venue)
      worked += ordersOf(again).filter(
        ({ header, state }) => header.parentOrderId !== undefined && state.filledQuantity !== '0',
      ).length
      parted += ordersOf(again).filter(({ header }) => header.execution?.style === 'parts').length
      expect(rebuildKernelState([...survived, ...again.journal])).toBe(again.kernel.snapshot())
    }),
    { numRuns: 80 },
  )
  expect(worked).toBeGreaterThan(40)
  expect(parted).toBeGreaterThan(15)
})
