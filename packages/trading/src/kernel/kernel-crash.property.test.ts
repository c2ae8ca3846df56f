import fc from 'fast-check'
import { expect, test } from 'vitest'
import type { BrokerCapabilities } from '../orders/broker.js'
import type { OrderRecord } from '../orders/order-record.js'
import type { OrderIntent } from '../orders/order-request.js'
import { type KernelBench, openKernelBench } from './kernel-bench.test-support.js'
import { rebuildKernelState } from './rebuild-kernel-state.js'
import { RememberingVenue, type Way } from './remembering-venue.test-support.js'
import { runUntilCrash } from './run-until-crash.test-support.js'
import { ablest, type ScriptedBroker, singles } from './scripted-broker.test-support.js'

type Step =
  | { readonly do: 'enter'; readonly quantity: number; readonly grouped: boolean }
  | { readonly do: 'leave'; readonly quantity: number }
  | { readonly do: 'amend'; readonly order: number; readonly quantity: number }
  | { readonly do: 'cancel'; readonly order: number }
  | { readonly do: 'fill'; readonly order: number; readonly quantity: number }
  | { readonly do: 'tick' }
  | { readonly do: 'silence' }

const step: fc.Arbitrary<Step> = fc.oneof(
  {
    weight: 3,
    arbitrary: fc.record({
      do: fc.constant('enter' as const),
      quantity: fc.integer({ min: 1, max: 30 }),
      grouped: fc.boolean(),
    }),
  },
  { weight: 1, arbitrary: fc.record({ do: fc.constant('leave' as const), quantity: fc.integer({ min: 1, max: 30 }) }) },
  {
    weight: 2,
    arbitrary: fc.record({
      do: fc.constant('amend' as const),
      order: fc.nat(5),
      quantity: fc.integer({ min: 1, max: 40 }),
    }),
  },
  { weight: 1, arbitrary: fc.record({ do: fc.constant('cancel' as const), order: fc.nat(5) }) },
  {
    weight: 4,
    arbitrary: fc.record({
      do: fc.constant('fill' as const),
      order: fc.nat(5),
      quantity: fc.integer({ min: 1, max: 40 }),
    }),
  },
  { weight: 2, arbitrary: fc.constant<Step>({ do: 'tick' }) },
  { weight: 1, arbitrary: fc.constant<Step>({ do: 'silence' }) },
)
const way = fc.constantFrom<Way>('arrives', 'arrives', 'arrives', 'no-answer', 'late', 'lost')
const plan = fc.record({
  steps: fc.array(step, { minLength: 3, maxLength: 12 }),
  ways: fc.array(way, { maxLength: 12 }),
  crashAt: fc.integer({ min: 1, max: 40 }),
  amends: fc.boolean(),
  forgetsIds: fc.boolean(),
  exits: fc.constantFrom<Exits>('side by side', 'in one', 'in one, amended', 'stop alone'),
})

/** How the venue holds a stop and a target of the same units. */
type Exits = 'side by side' | 'in one' | 'in one, amended' | 'stop alone'

function exitsAt(exits: Exits): Partial<BrokerCapabilities> {
  if (exits === 'side by side') return {}
  return {
    holdsExitPairs: false,
    ...(exits === 'stop alone' ? { orderTypes: singles } : {}),
    ...(exits === 'in one' ? { replaceOf: singles } : {}),
  }
}

const ordersOf = ({ kernel }: KernelBench): readonly OrderRecord[] =>
  (JSON.parse(kernel.snapshot()) as { orders: OrderRecord[] }).orders
const idsOf = ({ header, state }: OrderRecord): readonly string[] => [
  header.request.clientOrderId,
  ...Object.keys(state.revisions ?? {}),
]

async function carryOut(bench: KernelBench, venue: RememberingVenue, each: Step): Promise<void> {
  const { kernel } = bench
  const picked = (index: number): string => {
    const orders = ordersOf(bench).filter(({ header }) => header.purpose === 'entry')
    return orders[orders.length - 1 - (index % Math.max(1, orders.length))]?.header.orderId ?? ''
  }
  switch (each.do) {
    case 'enter': {
      const group: Partial<OrderIntent> = each.grouped ? { contingency: { type: 'one-cancels-other', group: 'g' } } : {}
      const limit = { type: 'limit', limitPrice: '100', timeInForce: 'gtc' } as const
      await bench.enter({ ...limit, quantity: String(each.quantity), ...group }).catch(() => undefined)
      return
    }
    case 'leave':
      await bench.enter({ side: 'sell', quantity: String(each.quantity) }).catch(() => undefined)
      return
    case 'amend':
      await kernel.amend(picked(each.order), { quantity: String(each.quantity) }, 'test').catch(() => undefined)
      return
    case 'cancel':
      await kernel.cancel(picked(each.order), 'test').catch(() => undefined)
      return
    case 'fill': {
      const live = venue.live()
      venue.fill(live[each.order % Math.max(1, live.length)] ?? '', each.quantity, bench.now)
      return
    }
    case 'tick':
      venue.arriveLate()
      await tick(bench)
      return
    case 'silence':
      venue.tells = !venue.tells
  }
}

/** A later price of the same session. */
async function tick(bench: KernelBench): Promise<void> {
  bench.now += 2_000
  await bench.market({ type: 'open', symbol: 'AAA', sessionDate: '2014-04-15', time: bench.now, price: '100' })
  await bench.kernel.settled()
}

/** No order of the venue's is unknown to the books, and no order of ours has two that can take effect, or more than was permitted. */
function noneTwice(bench: KernelBench, venue: RememberingVenue): void {
  const orders = ordersOf(bench)
  const known = new Set(orders.flatMap(idsOf))
  for (const id of venue.orders.keys()) expect(known).toContain(id)
  expect(venue.second).toBe(0)
  for (const order of orders) {
    const ids = idsOf(order)
    const held = ids.map((id) => venue.orders.get(id))
    expect(held.filter((each) => each?.status === 'open').length).toBeLessThanOrEqual(1)
    const terms = Object.values(order.state.revisions ?? {}).map((revision) => Number(revision.terms?.quantity ?? 0))
    const permitted = Math.max(Number(order.header.request.quantity), ...terms)
    const filled = held.reduce((sum, each) => sum + (each?.filled ?? 0), 0)
    expect(filled).toBeLessThanOrEqual(permitted)
  }
}

/** Lets all that was lost be found. */
async function settleDown(bench: KernelBench, venue: RememberingVenue): Promise<void> {
  venue.ways = []
  venue.tells = true
  venue.arriveLate()
  for (let count = 0; count < 12; count += 1) {
    bench.now += 60_000
    await tick(bench)
    await bench.kernel.reconcile()
    await bench.kernel.settled()
  }
}

function booksAgree(bench: KernelBench, venue: RememberingVenue): void {
  for (const order of ordersOf(bench)) {
    const filled = idsOf(order).reduce((sum, id) => sum + (venue.orders.get(id)?.filled ?? 0), 0)
    expect(Number(order.state.filledQuantity), order.header.purpose).toBe(filled)
  }
  const { positions, cash } = bench.kernel.portfolio()
  expect(Number(positions[0]?.quantity ?? '0')).toBe(venue.units)
  expect(Number(cash.USD?.total)).toBe(venue.cash)
  const leaving = { stop: 0, limit: 0, market: 0, oco: 0 }
  for (const [id, { request, status }] of venue.orders)
    if (status === 'open' && request.side === 'sell') leaving[request.type as keyof typeof leaving] += venue.leaves(id)
  const stops = leaving.stop + leaving.oco
  expect(Math.max(stops, leaving.limit + leaving.oco) + leaving.market).toBeLessThanOrEqual(venue.units)
  expect(stops + leaving.market).toBe(venue.units)
}

/** Where a venue does not let a stop and a target rest on the same units, it is never asked to. */
function heldOnce(venue: RememberingVenue): void {
  const selling = venue.live().filter((id) => venue.orders.get(id)?.request.side === 'sell')
  expect(selling.reduce((sum, id) => sum + venue.leaves(id), 0)).toBeLessThanOrEqual(venue.units)
}

test('I07 I08 I09 I41 a crash at every step, requests and answers lost: no order twice, none unknown, nothing beyond its permit', async () => {
  await fc.assert(
    fc.asyncProperty(plan, async ({ steps, ways, crashAt, amends, forgetsIds, exits }) => {
      const venue = new RememberingVenue({ forgetsIds })
      const attach = (broker: ScriptedBroker): void => {
        venue.attach(broker)
        const ids = forgetsIds ? ({ clientOrderIds: 'live', requestLifetimeMs: 5_000 } as const) : {}
        broker.capabilities = { ...ablest, ...ids, ...exitsAt(exits), replace: amends ? 'new-order' : 'none' }
      }
      const bench = await openKernelBench({}, 65, attach)
      await bench.session(100, ['pre-open', 'open'])
      venue.ways = [...ways]
      const survived = await runUntilCrash(bench, venue, {
        steps,
        crashAt,
        carryOut: (each) => carryOut(bench, venue, each),
        check: () => {
          noneTwice(bench, venue)
          if (exits !== 'side by side') heldOnce(venue)
        },
      })
      const again = await openKernelBench({ history: survived }, 0, attach)
      again.now = bench.now
      noneTwice(again, venue)
      await settleDown(again, venue)
      noneTwice(again, venue)
      booksAgree(again, venue)
      expect(rebuildKernelState(again.journal.length > 0 ? [...survived, ...again.journal] : survived)).toBe(
        again.kernel.snapshot(),
      )
    }),
    { numRuns: 150 },
  )
})
