import type { EpochMs } from '@tradeswarm/core'
import type { DatedSplit } from '../ledger/book-record.js'
import type { LedgerEntry } from '../ledger/ledger-entry.js'
import type { DividendPaidEvent, LedgerEvent, SplitEvent } from '../ledger/ledger-event.js'
import type { LedgerResult } from '../ledger/ledger-port.js'
import { decimal, zero } from '../money/decimal.js'
import type { OrderRecord } from '../orders/order-record.js'
import { executionOf } from '../orders/order-state.js'
import { adoptedTrip } from '../protection/adopted-trip.js'
import {
  afterChange,
  afterDividend,
  afterFill,
  closedPositionOf,
  type RoundTrip,
  withIncome,
} from '../protection/round-trip.js'
import { inUnitsAfter, planAfter } from '../protection/split-amounts.js'
import { afterSplit } from '../protection/split-trip.js'
import { flippedTrip, turnedTrip } from '../protection/turned-trip.js'
import { positionResult } from '../statistics/position-result.js'
import { changeTrip, withoutDue } from './change-trip.js'
import { noteDividend } from './dividend-book.js'
import { noteEntitlement, type OwedChange, whileOwed } from './entitlement-book.js'
import type { ClosedPosition } from './kernel.js'
import { type KernelEffect, nothing } from './kernel-effect.js'
import type { KernelRecord } from './kernel-record.js'
import type { KernelState } from './kernel-state.js'

type Applied = Extract<LedgerResult, { status: 'applied' }>

/** Books an event, and what it makes of the round trip, of dividends and of entitlements. */
export function applyBooking(
  state: KernelState,
  {
    event,
    orderId,
    exits,
    baselines,
  }: Pick<Extract<KernelRecord, { type: 'booked' }>, 'event' | 'orderId' | 'exits' | 'baselines'>,
): KernelEffect {
  const { result, changes } = whileOwed(state.entitlements, state.ledger, event, () => state.ledger.apply(event))
  if (result.status === 'duplicate') return result.conflicting ? { contradicts: result.entryId } : nothing
  const { entry } = result
  if (baselines !== undefined) state.risk = { ...state.risk, ...baselines }
  const order = orderId === undefined ? undefined : state.orders.get(orderId)
  if (event.type === 'split') return applySplit(state, event, result, changes)
  if (event.type === 'adoption') state.trips.set(event.symbol, adoptedTrip(state.account, event, entry, exits))
  if (event.type === 'dividend') applyDividend(state, event, entry)
  if (event.type === 'funding') changeTrip(state, event.symbol, (trip) => afterDividend(trip, entry))
  if (order === undefined || !isOfExecution(event) || entry.postings.length === 0) return { entry }
  const before = state.trips.get(event.symbol)
  const overtaken = splitsSince(result.splits, event.time)
  const after = withOwed(
    tripAfter(state, before, inUnitsOfNow(order, result.splits), event, result, overtaken),
    changes,
  )
  const effect: Mutable<KernelEffect> = { entry }
  if (overtaken.length > 0) effect.overtaken = overtaken
  else if (result.figures !== undefined) effect.figures = result.figures
  if (after === undefined) return effect
  state.trips.set(event.symbol, after.begun ?? after.trip)
  const closed = before?.status === 'open' ? closedPositionOf(after.trip) : undefined
  if (closed === undefined) return effect
  noteLoss(state, closed)
  effect.closed = closed
  return effect
}

type Mutable<T> = { -readonly [Key in keyof T]: T[Key] }

/** What a correction pays is in the round trips since what it follows from was booked. */
function applyDividend(state: KernelState, event: DividendPaidEvent, entry: LedgerEntry): void {
  noteDividend(state.dividends, event, state.currency)
  noteEntitlement(state.entitlements, event)
  if (event.corrects === undefined)
    changeTrip(state, event.symbol, (trip) => (trip.openedAt <= event.time ? afterDividend(trip, entry) : trip))
}

/** Of a split that was told late an exit may have left all there was, or less than it was thought to. */
function applySplit(
  state: KernelState,
  event: SplitEvent,
  { entry, since }: Applied,
  changes: readonly OwedChange[],
): KernelEffect {
  const before = state.trips.get(event.symbol)
  if (before === undefined) return { entry }
  const { trip } = withOwed({ trip: afterSplit(before, event, entry, since) }, changes)
  state.trips.set(event.symbol, trip)
  const effect = since === undefined || entry.postings.length === 0 ? { entry } : { entry, isLate: true as const }
  const closed = before.status === 'open' && trip.status === 'closed' ? closedPositionOf(trip) : undefined
  if (closed === undefined) return effect
  noteLoss(state, closed)
  return { ...effect, closed }
}

/** An order of before splits, with its plan of exits at the levels that stand for the same worth now. */
function inUnitsOfNow(order: OrderRecord, splits: readonly DatedSplit[] | undefined): OrderRecord {
  const { exits, createdAt } = order.header
  const since = exits === undefined ? noSplits : splitsSince(splits, createdAt)
  return since.length === 0 || exits === undefined
    ? order
    : { ...order, header: { ...order.header, exits: since.reduce(planAfter, exits) } }
}

const noSplits: readonly DatedSplit[] = Object.freeze([])

function splitsSince(splits: readonly DatedSplit[] = noSplits, then: EpochMs): readonly DatedSplit[] {
  return splits.length === 0 ? noSplits : splits.filter(({ time }) => time > then)
}

/** Ends a round trip of which less than a lot is left. */
export function endTrip(
  state: KernelState,
  { symbol, time }: Extract<KernelRecord, { type: 'trip-ended' }>,
): KernelEffect {
  const trip = state.trips.get(symbol)
  if (trip?.status !== 'open') return nothing
  const ended: RoundTrip = { ...withoutDue(trip), status: 'closed', closedAt: time, timeExitDue: false }
  state.trips.set(symbol, ended)
  const closed = closedPositionOf(ended)
  if (closed === undefined) return nothing
  noteLoss(state, closed)
  return { closed }
}

function noteLoss(state: KernelState, closed: ClosedPosition): void {
  if (positionResult(closed).lt(zero))
    state.risk = { ...state.risk, lastLossAt: closed.closedAt, lastLossSymbol: closed.symbol }
}

type TripsAfter = { readonly trip: RoundTrip; readonly begun?: RoundTrip | undefined }

/** The round trips with the dividends that what was told late makes theirs, or takes from them: before any of them is told as finished. */
function withOwed<T extends TripsAfter | undefined>(after: T, changes: readonly OwedChange[]): T | TripsAfter {
  if (after === undefined || changes.length === 0) return after
  let { trip, begun } = after as TripsAfter
  for (const { of, before: was, after: is } of changes) {
    const perUnit = decimal(of.amountPerUnit)
    const isBegun = begun !== undefined && begun.openedAt <= of.time
    if (trip.openedAt <= of.time) trip = withIncome(trip, (isBegun ? zero : is).minus(was).times(perUnit))
    if (begun !== undefined && isBegun) begun = withIncome(begun, is.times(perUnit))
  }
  return begun === undefined ? { trip } : { trip, begun }
}

type ExecutionEvent = Extract<LedgerEvent, { type: 'fill' | 'bust' | 'correction' }>

function isOfExecution(event: LedgerEvent): event is ExecutionEvent {
  return event.type === 'fill' || event.type === 'bust' || event.type === 'correction'
}

/** The round trip after what was booked of an execution, and one that it began on the other side. */
function tripAfter(
  state: KernelState,
  before: RoundTrip | undefined,
  { header, state: orderState }: OrderRecord,
  event: ExecutionEvent,
  { entry, figures }: Applied,
  overtaken: readonly DatedSplit[],
): TripsAfter | undefined {
  if (event.type === 'fill') {
    const trip = afterFill(before, header, event, entry, overtaken, figures)
    const flipped = overtaken.length === 0 ? event : inUnitsAfter(event, overtaken)
    return trip === undefined ? undefined : { trip, begun: flippedTrip(header, flipped, entry, figures) }
  }
  const told = executionOf(orderState, event.tradeId)
  if (told === undefined || before === undefined) return undefined
  const trip = afterChange(before, header, { told, now: event.type === 'bust' ? undefined : event }, entry)
  return { trip, begun: turnedTrip(trip, header, entry, state.ledger.position(event.symbol)) }
}
