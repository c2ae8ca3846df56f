import { messageOf } from '@tradeswarm/core'
import { type Decimal, decimal, zero } from '../money/decimal.js'
import { balanceAgrees } from '../orders/balance-agrees.js'
import type { BalancePrecision, VenueBalance, VenueOrder } from '../orders/broker.js'
import type { OrderRecord } from '../orders/order-record.js'
import { isOpen } from '../orders/order-state.js'
import { requestInForce } from '../orders/request-in-force.js'
import { hasPassed } from './has-passed.js'
import { alert, brokerOf, commit, type KernelRuntime, openOrdersOf, tradingState } from './kernel-runtime.js'

import { bookExecutionsSince, bookMissing, isComplete, mostClocksDifferMs } from './missing-executions.js'
import { protect, protectContained } from './protection-desk.js'

import { adoptOrder, settleUnanswered, settleUnknown } from './settle-orders.js'
import { bookMovementsSince } from './venue-movements.js'
import { noteVenueWord } from './venue-word.js'

/**
 * Compares the books with the venue: what was sent without an answer is asked for, executions that did not come are fetched, orders and
 * balances that differ are told. Only a comparison that went through and agreed lets entries in; a query that fails is never read as
 * "nothing there". A second pass over the same things emits nothing. Books that agreed once and no longer do set `reducing` when the next
 * pass finds it so too.
 */
export async function reconcile(runtime: KernelRuntime): Promise<void> {
  const broker = brokerOf(runtime)
  const told = new Set<string>()
  const tell: Tell = (code, message, symbol) => {
    told.add(message)
    if (!runtime.toldDifferences.has(message)) alert(runtime, code, message, symbol)
  }
  const now = runtime.clock.now()
  try {
    if (runtime.agreedAt === undefined) await settleUnanswered(runtime)
    else await settleUnknown(runtime)
    await compareOrders(runtime, await broker.openOrders(), tell)
    const agreed = await compareBalances(runtime, tell)
    if (!agreed) noteDrift(runtime, told)
    runtime.reconciled = agreed
    if (agreed) runtime.agreedAt = now
  } catch (thrown) {
    runtime.reconciled = false
    const message = `the venue could not be asked: ${messageOf(thrown)}; no entries until that succeeds, it is asked again with the next event of a session`
    tell('RECONCILIATION_FAILED', message)
  }
  runtime.comparedAt = now
  runtime.toldDifferences = told
  for (const [symbol, trip] of runtime.state.trips) {
    const protecting = trip.status === 'open' ? protectContained(runtime, symbol) : undefined
    if (protecting !== undefined) await protecting
  }
}

/** Whether it is time to compare again. */
export function isComparisonDue({ broker, comparedAt, reconcileEveryMs, clock }: KernelRuntime): boolean {
  return broker !== undefined && comparedAt !== undefined && hasPassed(clock.now(), comparedAt, reconcileEveryMs)
}

const untilTheyAgree = '; no entries until they agree'

type Tell = (code: string, message: string, symbol?: string) => void

/** Orders at the venue against orders in the books: what was missed of ours is asked for, what is not ours is kept as external. */
async function compareOrders(runtime: KernelRuntime, resting: readonly VenueOrder[], tell: Tell): Promise<void> {
  const external = new Map<string, VenueOrder>()
  const live = new Set<string>()
  for (const found of resting) {
    const orderId = runtime.state.index.orderByClientId.get(found.clientOrderId)
    const order = orderId === undefined ? undefined : runtime.state.orders.get(orderId)
    if (order === undefined) {
      external.set(found.clientOrderId, found)
      tell(
        'EXTERNAL_ORDER',
        `the venue holds order ${found.clientOrderId} in ${found.symbol}, which is not ours`,
        found.symbol,
      )
      continue
    }
    live.add(order.header.orderId)
    // The word of the venue that it has the order may be lost.
    if (isOpen(order.state.status) && order.state.status !== 'submitted') {
      if (!isComplete(order, found)) await bookMissing(runtime, found)
    } else await adoptOrder(runtime, order, found.clientOrderId, found)
  }
  touchExternal(runtime)
  runtime.externalOrders = external
  touchExternal(runtime)
  const missed = new Set<string>()
  for (const symbol of runtime.state.index.openOrders.symbols()) {
    for (const order of openOrdersOf(runtime, symbol)) {
      if (live.has(order.header.orderId) || !acknowledged.has(order.state.status)) continue
      if (order.header.execution !== undefined) continue
      missed.add(order.header.orderId)
      // The word that ended it may be on its way: it is asked for when a second pass misses it too.
      if (runtime.comparedAt !== undefined && !runtime.missedOrders.has(order.header.orderId)) continue
      const { clientOrderId } = requestInForce(order)
      const found = await brokerOf(runtime).order(clientOrderId)
      if (found === undefined && isForgotten(runtime, order)) await endForgotten(runtime, order, clientOrderId)
      else if (found === undefined)
        tell(
          'ORDER_MISSING',
          `the venue acknowledged order ${order.header.orderId} and does not know it any more`,
          symbol,
        )
      else if (found.status !== 'open') {
        await adoptOrder(runtime, order, clientOrderId, found)
        await protect(runtime, symbol)
      }
    }
  }
  runtime.missedOrders = missed
}

/** Whether an order that the venue had, and that rests no more, is older than what it forgets, and may be it. Its executions can be asked for. */
function isForgotten({ broker, clock }: KernelRuntime, { header, state }: OrderRecord): boolean {
  const forgetsMs = broker?.capabilities?.forgetsUnfilledMs
  if (forgetsMs === undefined || broker?.executions === undefined || state.filledQuantity !== '0') return false
  return clock.now() - header.createdAt > forgetsMs + mostClocksDifferMs
}

/** Ends an order that its venue has forgotten, as cancelled, unless it has executed something. */
async function endForgotten(runtime: KernelRuntime, order: OrderRecord, clientOrderId: string): Promise<void> {
  const { orderId, createdAt, request } = order.header
  await bookExecutionsSince(runtime, createdAt)
  const now = runtime.state.orders.get(orderId)
  if (now !== undefined && isOpen(now.state.status) && now.state.filledQuantity === '0') {
    const venueOrderId = now.state.venueOrderId ?? ''
    const said = { clientOrderId, venueOrderId, time: runtime.clock.now() }
    noteVenueWord(runtime, now, { ...said, type: 'canceled', eventId: `forgotten:${clientOrderId}` })
  }
  await protect(runtime, request.symbol)
}

/** What is at the venue and not ours counts as exposure: its symbols are measured anew. */
function touchExternal({ state, market, broker, externalOrders, externalHoldings }: KernelRuntime): void {
  const { touched } = state.activity
  for (const { symbol } of externalOrders.values()) touched.add(symbol)
  if (externalHoldings.size === 0) return
  for (const symbol of market.symbols())
    if (externalHoldings.has(broker?.instrument(symbol)?.asset ?? symbol)) touched.add(symbol)
}

/** The venue has taken note of it, whether or not its word has come. */
const acknowledged: ReadonlySet<string> = new Set([
  'submitted',
  'accepted',
  'triggered',
  'partially-filled',
  'pending-cancel',
])

/** Balances against the books; where they differ, executions and movements that were missed may explain it. */
async function compareBalances(runtime: KernelRuntime, tell: Tell): Promise<boolean> {
  const broker = brokerOf(runtime)
  let balances = await broker.balances()
  let expected = runtime.state.ledger.balances()
  const precision = broker.capabilities?.balancePrecision
  let different = differences(expected, balances, precision)
  const tellsMore = broker.executions !== undefined || broker.movements !== undefined
  if (tellsMore && different.length > 0) {
    const since = lookBackTo(runtime)
    await bookExecutionsSince(runtime, since)
    await bookMovementsSince(runtime, since)
    balances = await broker.balances()
    expected = runtime.state.ledger.balances()
    different = differences(expected, balances, precision)
  }
  for (const { asset, held, booked } of different)
    tell(
      'BALANCE_MISMATCH',
      `the venue holds ${held.toFixed()} ${asset}, the books ${booked.toFixed()}${untilTheyAgree}`,
    )
  const external = new Map<string, Decimal>()
  for (const { asset, total } of balances) {
    const amount = decimal(total, `balance of ${asset}`)
    if (expected.has(asset) || balanceAgrees(zero, amount, precision)) continue
    external.set(asset, amount)
    tell('EXTERNAL_POSITION', `the venue holds ${amount.toFixed()} ${asset} that the books do not`)
  }
  touchExternal(runtime)
  runtime.externalHoldings = external
  touchExternal(runtime)
  return different.length === 0
}

/** After a start executions are asked for over so long, and over the life of all orders that are open. */
const lookBackMs = 7 * 24 * 60 * 60_000

/** From when on an execution may have been missed: the last time at which books and venue agreed. */
function lookBackTo({ agreedAt, state, clock }: KernelRuntime): number {
  // A clock that has been put back since would have asked too late.
  if (agreedAt !== undefined) return Math.min(agreedAt, clock.now())
  let since = clock.now() - lookBackMs
  for (const orderId of state.index.openOrders.orderIds())
    since = Math.min(since, state.orders.get(orderId)?.header.createdAt ?? since)
  return since
}

type Difference = { readonly asset: string; readonly held: Decimal; readonly booked: Decimal }

function differences(
  expected: ReadonlyMap<string, Decimal>,
  balances: readonly VenueBalance[],
  precision: BalancePrecision | undefined,
): readonly Difference[] {
  const totals = new Map(balances.map(({ asset, total }) => [asset, decimal(total, `balance of ${asset}`)]))
  const different: Difference[] = []
  for (const [asset, booked] of expected) {
    const held = totals.get(asset) ?? zero
    if (!balanceAgrees(booked, held, precision)) different.push({ asset, held, booked })
  }
  return different
}

/** Books that had agreed with the venue and have differed for two passes now: entries stop until a person has looked. */
function noteDrift(runtime: KernelRuntime, told: ReadonlySet<string>): void {
  const { state, clock, toldDifferences } = runtime
  const lasting = [...told].find((message) => message.endsWith(untilTheyAgree) && toldDifferences.has(message))
  if (runtime.agreedAt === undefined || lasting === undefined || state.risk.halts.drift !== undefined) return
  const time = clock.now()
  commit(runtime, { type: 'halted', time, cause: 'drift', state: 'reducing', reason: lasting })
  alert(runtime, 'RECONCILIATION_DRIFT', lasting)
  runtime.outbox.push({ type: 'trading-state', state: tradingState(runtime).state, reason: lasting, time })
}
