import { canonicalJson } from '@tradeswarm/core'
import fc from 'fast-check'
import { expect, test } from 'vitest'
import { createLedger } from '../ledger/ledger.js'
import type { LedgerEntry } from '../ledger/ledger-entry.js'
import { verifyBooks } from '../ledger/verify-books.js'
import { type Decimal, decimal, decimalText, zero } from '../money/decimal.js'
import { toldExecution } from '../orders/execution-book.js'
import type { InternalCross } from '../orders/internal-cross.js'
import type { OrderRecord } from '../orders/order-record.js'
import type { OrderIntent } from '../orders/order-request.js'
import { isOpen } from '../orders/order-state.js'
import { bookingIn } from './booking-in.js'
import { type KernelBench, openKernelBench } from './kernel-bench.test-support.js'
import type { KernelJournalEntry, KernelRecord } from './kernel-record.js'
import { rebuildKernelState } from './rebuild-kernel-state.js'
import { RememberingVenue, type Way } from './remembering-venue.test-support.js'
import { runUntilCrash } from './run-until-crash.test-support.js'
import { ablest, type ScriptedBroker } from './scripted-broker.test-support.js'

type Step =
  | { readonly do: 'enter'; readonly agent: string; readonly quantity: number; readonly limit: number | undefined }
  /** `less`: so many units of what the agent holds stay, if it holds more. */
  | { readonly do: 'leave'; readonly holder: number; readonly less: number }
  /** Both are assessed before either is handed in. */
  | {
      readonly do: 'meet'
      readonly holder: number
      readonly buyer: number
      readonly quantity: number
      readonly first: 0 | 1
    }
  | { readonly do: 'cancel'; readonly order: number }
  | { readonly do: 'fill'; readonly order: number; readonly quantity: number }
  | { readonly do: 'quote'; readonly bid: number; readonly ask: number }
  /** `arrives`: what is late on its way comes before it. */
  | { readonly do: 'tick'; readonly waitMs: number; readonly price: number; readonly arrives: boolean }
  | { readonly do: 'halt'; readonly how: 'halted' | 'reducing' | 'resume' }
  | { readonly do: 'silence' }

const agents = ['ann', 'bob', 'cid'] as const
const agent = fc.constantFrom(...agents)
const quantity = fc.integer({ min: 1, max: 20 })
const cents = (min: number, max: number) => fc.integer({ min: min * 100, max: max * 100 }).map((value) => value / 100)
const step: fc.Arbitrary<Step> = fc.oneof(
  {
    weight: 6,
    arbitrary: fc.record({
      do: fc.constant('enter' as const),
      agent,
      quantity,
      limit: fc.oneof(
        { weight: 1, arbitrary: fc.constant(undefined) },
        { weight: 1, arbitrary: cents(99.5, 100.5) },
        { weight: 3, arbitrary: cents(100.5, 101) },
      ),
    }),
  },
  { weight: 5, arbitrary: fc.record({ do: fc.constant('leave' as const), holder: fc.nat(2), less: fc.nat(6) }) },
  {
    weight: 6,
    arbitrary: fc.record({
      do: fc.constant('meet' as const),
      holder: fc.nat(2),
      buyer: fc.nat(1),
      quantity,
      first: fc.constantFrom(0 as const, 0 as const, 1 as const),
    }),
  },
  { weight: 1, arbitrary: fc.record({ do: fc.constant('cancel' as const), order: fc.nat(3) }) },
  {
    weight: 6,
    arbitrary: fc.record({
      do: fc.constant('fill' as const),
      order: fc.nat(5),
      quantity: fc.constantFrom(1, 3, 20, 20),
    }),
  },
  {
    weight: 1,
    arbitrary: fc.record({ do: fc.constant('quote' as const), bid: cents(99.5, 100), ask: cents(100, 100.5) }),
  },
  {
    weight: 4,
    arbitrary: fc.record({
      do: fc.constant('tick' as const),
      waitMs: fc.constantFrom(200, 1_000, 6_000),
      price: cents(99.5, 100.5),
      arrives: fc.boolean(),
    }),
  },
  {
    weight: 1,
    arbitrary: fc.record({
      do: fc.constant('halt' as const),
      how: fc.constantFrom(...(['halted', 'reducing', 'resume', 'resume', 'resume', 'resume'] as const)),
    }),
  },
  { weight: 1, arbitrary: fc.constant<Step>({ do: 'silence' }) },
)
const way = fc.constantFrom<Way>(
  ...(['arrives', 'arrives', 'arrives', 'arrives', 'no-answer', 'late', 'late', 'lost', 'refused'] as const),
)
const program = fc.record({
  steps: fc.array(step, { minLength: 10, maxLength: 40, size: 'max' }),
  ways: fc.array(way, { maxLength: 30 }),
  crashAt: fc.integer({ min: 1, max: 400 }),
  amends: fc.boolean(),
})

const ordersOf = ({ kernel }: KernelBench): readonly OrderRecord[] =>
  (JSON.parse(kernel.snapshot()) as { orders: OrderRecord[] }).orders
type Parts = readonly (readonly [use: number, isLong: boolean, units: string, cost: string])[]
type Books = {
  readonly ledger: unknown
  readonly activity: {
    readonly principals: {
      readonly uses: readonly (readonly [agent: string, strategy: string, realised: string])[]
      readonly holdings: readonly (readonly [symbol: string, parts: Parts])[]
    }
  }
}
const booksOf = ({ kernel }: KernelBench): Books => JSON.parse(kernel.snapshot()) as Books
const withoutHorizon = (snapshot: unknown): unknown => {
  const { horizon: _, version: __, ...books } = snapshot as Record<string, unknown>
  return books
}
const sum = (texts: Iterable<string>): Decimal => {
  let total = zero
  for (const text of texts) total = total.plus(decimal(text))
  return total
}

/** Whoever holds units, and how many. */
function holderOf(bench: KernelBench, index: number): { readonly seller: string; readonly held: number } {
  const { uses, holdings } = booksOf(bench).activity.principals
  const parts = holdings[0]?.[1] ?? []
  const part = parts[index % Math.max(1, parts.length)]
  return { seller: uses[part?.[0] ?? 0]?.[0] ?? 'ann', held: Number(part?.[2] ?? '1') }
}

function exitOf(bench: KernelBench, holder: number, less: number): OrderIntent {
  const { seller, held } = holderOf(bench, holder)
  const { exits: _, ...intent } = bench.intent({
    agent: seller,
    side: 'sell',
    quantity: String(held > less ? held - less : held),
  })
  return intent
}

async function leave(bench: KernelBench, { holder, less }: Step & { do: 'leave' }): Promise<void> {
  const intent = exitOf(bench, holder, less)
  const answer = await bench.kernel.assess(intent)
  if (answer.status === 'permitted') await bench.kernel.submit(intent, answer.permitId)
}

async function meet(bench: KernelBench, each: Step & { do: 'meet' }): Promise<void> {
  const exit = exitOf(bench, each.holder, 0)
  const buyer = agents.filter((name) => name !== exit.agent)[each.buyer] ?? 'ann'
  const entry = bench.intent({ agent: buyer, quantity: String(each.quantity) })
  const answers = [await bench.kernel.assess(entry), await bench.kernel.assess(exit)] as const
  for (const which of each.first === 0 ? ([0, 1] as const) : ([1, 0] as const)) {
    const answer = answers[which]
    if (answer.status === 'permitted') await bench.kernel.submit(which === 0 ? entry : exit, answer.permitId)
  }
}

async function carryOut(bench: KernelBench, venue: RememberingVenue, each: Step): Promise<void> {
  const { kernel } = bench
  const live = venue.live()
  switch (each.do) {
    case 'enter': {
      const limit =
        each.limit === undefined
          ? {}
          : ({ type: 'limit', limitPrice: each.limit.toFixed(2), timeInForce: 'gtc' } as const)
      await bench.enter({ agent: each.agent, quantity: String(each.quantity), ...limit }).catch(() => undefined)
      return
    }
    case 'leave':
      return leave(bench, each)
    case 'meet':
      return meet(bench, each)
    case 'cancel': {
      const entries = ordersOf(bench).filter(({ header, state }) => header.purpose === 'entry' && isOpen(state.status))
      await kernel
        .cancel(entries[each.order % Math.max(1, entries.length)]?.header.orderId ?? '', 'test')
        .catch(() => undefined)
      return
    }
    case 'fill': {
      // Exits at the market first, then entries; the legs of the position are left alone.
      const exits = live.filter((id) => isAtMarket(venue, id, 'sell'))
      const entries = live.filter((id) => venue.orders.get(id)?.request.side === 'buy')
      venue.fill(
        [...exits, ...entries][exits.length > 0 ? 0 : each.order % Math.max(1, entries.length)] ?? '',
        each.quantity,
        bench.now,
      )
      return
    }
    case 'quote':
      return bench.market({
        type: 'quote',
        symbol: 'AAA',
        time: bench.now + 10,
        bid: each.bid.toFixed(2),
        ask: each.ask.toFixed(2),
      })
    case 'tick':
      if (each.arrives) venue.arriveLate()
      return tick(bench, each.waitMs, each.price.toFixed(2))
    case 'halt':
      if (each.how === 'resume') await kernel.resume({ operator: 'Ada', reason: 'test' })
      else await kernel.halt(each.how, 'test')
      return
    case 'silence':
      venue.tells = !venue.tells
  }
}

function isAtMarket(venue: RememberingVenue, id: string, side: 'buy' | 'sell'): boolean {
  const request = venue.orders.get(id)?.request
  return request?.type === 'market' && request.side === side
}

async function tick(bench: KernelBench, waitMs = 60_000, price = '100'): Promise<void> {
  await bench.market({ type: 'trade', symbol: 'AAA', time: bench.now + waitMs, price, quantity: '1' })
  await bench.kernel.settled()
}

const crossesIn = (journal: readonly KernelJournalEntry[]): readonly InternalCross[] =>
  journal.flatMap(({ payload }) => {
    const record = payload as { type: string; cross?: InternalCross }
    return record.cross === undefined || record.type !== 'crossed' ? [] : [record.cross]
  })

/** The account's books are what the venue's executions alone make of them, and the principals' add up to them. */
function accountFits(bench: KernelBench, journal: readonly KernelJournalEntry[]): void {
  const twin = createLedger({ currency: 'USD' })
  for (const { payload } of journal) {
    const booking = bookingIn(payload as KernelRecord)
    if (booking !== undefined) twin.apply(booking.event)
  }
  const { ledger, activity } = booksOf(bench)
  // The kernel forgets what is long settled, of which there is nothing here but the horizon itself.
  expect(canonicalJson(withoutHorizon(twin.snapshot()))).toBe(canonicalJson(withoutHorizon(ledger)))
  const { realised, fees, positions } = bench.kernel.portfolio()
  const { uses, holdings } = activity.principals
  const parts = holdings.flatMap(([, each]) => each)
  const [position] = positions
  expect(decimalText(sum(parts.map(([, , units]) => units)))).toBe(position?.quantity ?? '0')
  const principals = sum(uses.map(([, , made]) => made)).minus(sum(parts.map(([, , , cost]) => cost)))
  const account = decimal(realised)
    .minus(decimal(fees))
    .minus(decimal(position?.openCost ?? '0'))
  expect(decimalText(principals)).toBe(decimalText(account))
}

/** No intent gets more than it asked for, over the venue and over crosses; what was crossed is on both sides, once. */
function intentsFit(bench: KernelBench, journal: readonly KernelJournalEntry[]): void {
  const got = new Map<string, Decimal>()
  const orders = new Map(ordersOf(bench).map((order) => [order.header.orderId, order]))
  for (const { header, state } of orders.values()) {
    if (header.purpose !== 'entry' && header.purpose !== 'exit-intent') continue
    got.set(header.intentId, (got.get(header.intentId) ?? zero).plus(decimal(state.filledQuantity)))
  }
  for (const { payload } of journal) {
    const record = payload as { type: string; header: OrderRecord['header'] }
    if (record.type !== 'order-assessed' || record.header.decidedAt === undefined) continue
    expect((got.get(record.header.intentId) ?? zero).lte(decimal(record.header.request.quantity))).toBe(true)
  }
  const crosses = crossesIn(journal)
  expect(new Set(crosses.map(({ crossId }) => crossId)).size).toBe(crosses.length)
  for (const { crossId, buy, sell, quantity: units } of crosses) {
    expect(buy.agent === sell.agent && buy.strategy === sell.strategy).toBe(false)
    for (const { crossedOrderId } of [buy, sell]) {
      const state = orders.get(crossedOrderId)?.state
      expect(state?.status).toBe('filled')
      expect(state && toldExecution(state, crossId)).toMatchObject({ quantity: units, fee: '0' })
    }
  }
}

/** What leaves at the venue is never more than is held there, and no entry of ours lies there that it could meet. */
function venueFits(bench: KernelBench, venue: RememberingVenue): void {
  const known = new Map(ordersOf(bench).map((order) => [order.header.request.clientOrderId, order]))
  let leaving = 0
  let buying = 0
  for (const id of venue.live()) {
    const { request } = venue.orders.get(id) ?? {}
    const order = known.get(id)
    if (isAtMarket(venue, id, 'sell')) leaving += venue.leaves(id)
    else if (request?.side === 'buy' && order !== undefined && order.state.status !== 'pending-cancel') buying += 1
  }
  expect(leaving).toBeLessThanOrEqual(venue.units)
  if (leaving > 0) expect(buying).toBe(0)
  for (const cross of ordersOf(bench).filter(({ header }) => header.crossOf !== undefined))
    expect(venue.orders.has(cross.header.request.clientOrderId)).toBe(false)
}

const policy = {
  netting: 'internal-cross',
  maxPositionFraction: 1,
  maxOrderFraction: 1,
  maxSymbolExposureFraction: 1,
  maxCorrelatedExposureFraction: 1,
  maxStressLossFraction: 1,
  cooldownAfterLossMs: 0,
} as const

test('I07 I18 I21 I23 I29 I40 crosses through any crash: applied once, the account as without them, the principals add up to it', async () => {
  let crossed = 0
  await fc.assert(
    fc.asyncProperty(program, async ({ steps, ways, crashAt, amends }) => {
      const venue = new RememberingVenue({ forgetsIds: false })
      const attach = (broker: ScriptedBroker): void => {
        venue.attach(broker)
        broker.capabilities = amends ? ablest : { ...ablest, replace: 'none' }
      }
      const bench = await openKernelBench({ policy }, 21, attach)
      await bench.session(100, ['pre-open', 'open'])
      await bench.enter({ agent: 'ann', quantity: '20' })
      venue.fill(venue.live()[0] ?? '', 20, bench.now)
      await bench.kernel.settled()
      venue.ways = [...ways]
      const survived = await runUntilCrash(bench, venue, {
        steps,
        crashAt,
        carryOut: (each) => carryOut(bench, venue, each),
        check: () => {
          accountFits(bench, bench.journal)
          intentsFit(bench, bench.journal)
          venueFits(bench, venue)
        },
      })
      const told = bench.events.flatMap((event) => (event.type === 'fill' && event.cross !== undefined ? [event] : []))
      const again = await openKernelBench({ history: survived, policy }, 0, attach)
      again.now = bench.now
      venue.ways = []
      venue.tells = true
      for (let count = 0; count < 6; count += 1) {
        venue.arriveLate()
        await tick(again)
        await again.kernel.reconcile()
        await again.kernel.settled()
        venueFits(again, venue)
      }
      const all = [...survived, ...again.journal]
      accountFits(again, all)
      intentsFit(again, all)
      const crosses = crossesIn(all)
      crossed += crosses.length
      // What was told of a cross stands: nobody else would tell it again.
      for (const { tradeId } of told) expect(crosses.map(({ crossId }) => crossId)).toContain(tradeId)
      expect(Number(again.kernel.portfolio().positions[0]?.quantity ?? '0')).toBe(venue.units)
      expect(rebuildKernelState(all)).toBe(again.kernel.snapshot())
      const entries = all
        .filter(({ kind }) => kind === 'ledger')
        .map(({ payload }) => (payload as { entry: LedgerEntry }).entry)
      expect(verifyBooks(entries)).toMatchObject({ ok: true, entries: entries.length })
    }),
    { numRuns: 60 },
  )
  expect(crossed).toBeGreaterThan(15)
})
