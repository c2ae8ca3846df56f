import type { EpochMs } from '@tradeswarm/core'
import type { DatedSplit } from '../ledger/book-record.js'
import type { LedgerEntry } from '../ledger/ledger-entry.js'
import type { DividendPaidEvent, FillEvent, LedgerEvent, SplitEvent } from '../ledger/ledger-event.js'
import type { BookedFigures, LedgerResult } from '../ledger/ledger-port.js'
import { decimal, zero } from '../money/decimal.js'
import { isInForce } from '../orders/execution-in-force.js'
import type { OrderEvent } from '../orders/order-event.js'
import type { OrderHeader, OrderRecord } from '../orders/order-record.js'
import { executionOf, type OrderState } from '../orders/order-state.js'
import { applyOrderEvent, assessedOrderState } from '../orders/reduce-order.js'
import { sendingInForce } from '../orders/request-in-force.js'
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
import { flippedTrip, leftOverTrip, turnedTrip } from '../protection/turned-trip.js'
import { type HaltScope, scopeKey } from '../risk/halt-scope.js'
import type { Verdict } from '../risk/risk-authority.js'
import { type Halt, type HaltCause, type Halts, haltsIn, type RiskState, withHalts } from '../risk/risk-state.js'
import { positionResult } from '../statistics/position-result.js'
import { preparedCross, withoutCrossing } from './apply-cross.js'
import { noteDividend } from './dividend-book.js'
import { noteEntitlement, type OwedChange, whileOwed } from './entitlement-book.js'
import { fillEventOf } from './fill-event-of.js'
import { forgetSettled } from './forget-settled.js'
import type { ClosedPosition } from './kernel.js'
import type { KernelRecord, OrderEventRecord } from './kernel-record.js'
import { dropApproval, type KernelState, preparePut, putApproval } from './kernel-state.js'
import { orderOf } from './order-of.js'

/**
 * What a booking came to: its entry (none for a duplicate), the round trip that it ended, and the event that was booked where the record is
 * the venue's word.
 */
export type KernelEffect = {
  readonly entry?: LedgerEntry
  /** Of a duplicate that says other figures: the entry of the event that was booked under its id. */
  readonly contradicts?: string
  readonly closed?: ClosedPosition
  readonly fill?: FillEvent
  /** Of a fill whose units are those of now: its amounts as numbers. */
  readonly figures?: BookedFigures
  /** Of an execution: the splits that hold from after it and were booked before it. */
  readonly overtaken?: readonly DatedSplit[]
  /** Of a split: executions in its units were booked before it. */
  readonly isLate?: true
}

type Applied = Extract<LedgerResult, { status: 'applied' }>

const nothing: KernelEffect = {}

/** Changes the state by one record. Nothing else changes it, so that the journal alone rebuilds it. Throws when it cannot be applied. */
export function applyKernelRecord(state: KernelState, record: KernelRecord): KernelEffect {
  return prepareKernelRecord(state, record)()
}

/**
 * Works out what a record changes, and throws if that fails, before anything is changed; the function that it returns makes the change.
 * A booking alone is worked out and made at once, by the ledger, which takes an event whole or not at all.
 */
export function prepareKernelRecord(state: KernelState, record: KernelRecord): () => KernelEffect {
  // By itself, as it is done most often: what is to be kept for any of the others is not made then.
  const change = record.type === 'order-assessed' ? preparedAssessment(state, record) : preparedChange(state, record)
  return () => {
    const effect = change()
    state.activity.take(state, record, effect)
    return effect
  }
}

/** An execution whose word and booking are to be one record: its entry comes of the booking, and is journalled before the word is put in. */
export type PreparedExecution = {
  /** Books it, where its figures hold. Throws what the ledger throws, and has changed nothing then. */
  book(): KernelEffect
  /** Puts the word in. */
  put(): void
  /** Undoes the booking. */
  takeBack(): void
}

/** Works out what an execution changes. Throws where it cannot be applied. */
export function prepareExecution(state: KernelState, record: OrderEventRecord): PreparedExecution {
  const { fill, put } = preparedWord(state, record)
  let effect = nothing
  const { risk } = state
  const trip = fill === undefined ? undefined : state.trips.get(fill.symbol)
  const entitled = fill === undefined ? undefined : state.entitlements.get(fill.symbol)
  return {
    book() {
      effect = bookWord(state, record.orderId, fill)
      return effect
    },
    put() {
      put()
      state.activity.take(state, record, effect)
    },
    takeBack() {
      if (fill === undefined || effect.entry === undefined) return
      state.ledger.takeBack(fill)
      state.risk = risk
      if (entitled !== undefined) state.entitlements.set(fill.symbol, entitled)
      if (trip === undefined) state.trips.delete(fill.symbol)
      else state.trips.set(fill.symbol, trip)
    },
  }
}

function preparedChange(
  state: KernelState,
  record: Exclude<KernelRecord, { type: 'order-assessed' }>,
): () => KernelEffect {
  switch (record.type) {
    case 'account-opened':
      return () => {
        state.account = record.account
        state.openedAt = record.time
        state.risk = { ...state.risk, policy: record.policy }
        return nothing
      }
    case 'approval-requested':
      return changing(() => putApproval(state, record.approval))
    case 'approval-settled':
      return changing(() => dropApproval(state, record.token))
    case 'permit-renewed':
      return changing(
        preparePut(state, {
          ...orderOf(state, record.orderId),
          permit: record.permit,
          ...(record.reservation === undefined ? {} : { reservation: record.reservation }),
        }),
      )
    case 'order-parked':
      return changing(preparePut(state, { ...orderOf(state, record.orderId), parked: true }))
    case 'order-amended':
      return preparedAmendment(state, record)
    case 'order-event':
      return preparedOrderEvent(state, record)
    case 'external-event':
      return changing(() => state.external.add(record.event.eventId))
    case 'booked':
      return () => applyBooking(state, record)
    case 'stop-moved':
      return changing(() =>
        changeTrip(state, record.symbol, (trip) =>
          trip.plan === undefined ? trip : { ...trip, plan: { ...trip.plan, stopPrice: record.stopPrice } },
        ),
      )
    case 'trip-ended':
      return () => endTrip(state, record)
    case 'dust-due':
      return changing(() =>
        changeTrip(
          state,
          record.symbol,
          (trip) => leftOverTrip(trip, record.time, state.ledger.position(record.symbol)) ?? trip,
        ),
      )
    case 'exit-due':
      return changing(() => changeTrip(state, record.symbol, (trip) => ({ ...trip, due: record.purpose })))
    case 'cross-planned':
      return changing(preparePut(state, { ...orderOf(state, record.orderId), crossing: record.plan }))
    case 'cross-dropped':
      return changing(preparePut(state, withoutCrossing(orderOf(state, record.orderId))))
    case 'crossed':
      return changing(preparedCross(state, record))
    case 'exit-queued':
      return changing(() => changeTrip(state, record.symbol, (trip) => withQueued(state, trip, record.orderId)))
    case 'exit-unqueued':
      return changing(() => changeTrip(state, record.symbol, (trip) => withoutQueued(trip, record.orderId)))
    default: {
      const risk = riskAfter(state.risk, record)
      return changing(() => {
        if (record.type === 'session-started') forgetSettled(state, record, state.risk.sessionDate)
        state.risk = risk
        if (record.type === 'session-started') countSession(state)
        if (record.type === 'flattened') leaveAll(state, record.symbols)
      })
    }
  }
}

function changing(change: () => unknown): () => KernelEffect {
  return () => {
    change()
    return nothing
  }
}

function changeTrip(state: KernelState, symbol: string, change: (trip: RoundTrip) => RoundTrip): void {
  const trip = state.trips.get(symbol)
  if (trip !== undefined) state.trips.set(symbol, change(trip))
}

function isWatchedExit({ purpose, request }: OrderHeader): boolean {
  return (purpose === 'exit-stop' || purpose === 'exit-target') && request.type === 'market'
}

function withoutDue(trip: RoundTrip): RoundTrip {
  const { due: _, ...rest } = trip
  return rest
}

/** A part of an exit that is worked waits in a place of its own. */
function withQueued({ orders }: KernelState, trip: RoundTrip, orderId: string): RoundTrip {
  const isPart = orders.get(orderId)?.header.parentOrderId !== undefined
  return isPart ? { ...trip, queuedPartOrderId: orderId } : { ...trip, queuedExitOrderId: orderId }
}

function withoutQueued(trip: RoundTrip, orderId: string): RoundTrip {
  if (trip.queuedPartOrderId === orderId) {
    const { queuedPartOrderId: _, ...rest } = trip
    return rest
  }
  const { queuedExitOrderId: _, ...rest } = trip
  return rest
}

function preparedAssessment(
  state: KernelState,
  { header, verdict }: Extract<KernelRecord, { type: 'order-assessed' }>,
): () => KernelEffect {
  const { permit } = verdict
  const { quantity, clientOrderId, sizedIn } = header.request
  const orderState = assessedOrderState(
    quantity,
    { clientOrderId, sizedIn, multiplier: header.multiplier },
    permit === undefined ? 'denied' : 'permitted',
  )
  const order = assessedOrder(header, verdict, orderState)
  const put = preparePut(state, order)
  const putParent = header.parentOrderId === undefined ? undefined : preparedParent(state, header.parentOrderId)
  return () => {
    put()
    putParent?.()
    if (header.purpose === 'exit-time') changeTrip(state, header.request.symbol, withoutTimeExit)
    else if (isWatchedExit(header)) changeTrip(state, header.request.symbol, withoutDue)
    if (permit === undefined) countRefusal(state, order)
    return nothing
  }
}

function withoutTimeExit(trip: RoundTrip): RoundTrip {
  return { ...trip, timeExitDue: false }
}

/** The order that a verdict was given on; in one piece, as nearly all are. */
function assessedOrder(header: OrderHeader, verdict: Verdict, state: OrderState): OrderRecord {
  const { permit, reservation, findings, warnings, approved } = verdict
  if (approved === undefined && permit !== undefined && reservation !== undefined)
    return { header, findings, warnings, permit, reservation, state }
  if (approved === undefined && permit === undefined && reservation === undefined)
    return { header, findings, warnings, state }
  return {
    header,
    findings,
    warnings,
    ...(permit === undefined ? {} : { permit }),
    ...(reservation === undefined ? {} : { reservation }),
    ...(approved === undefined ? {} : { approved }),
    state,
  }
}

function preparedAmendment(
  state: KernelState,
  { orderId, event, permit, reservation }: Extract<KernelRecord, { type: 'order-amended' }>,
): () => KernelEffect {
  const order = orderOf(state, orderId)
  const next: OrderRecord = { ...order, permit, state: applyOrderEvent(order.state, event) }
  return changing(preparePut(state, reservation === undefined ? next : { ...next, reservation }))
}

function preparedOrderEvent(state: KernelState, record: OrderEventRecord): () => KernelEffect {
  const { fill, put } = preparedWord(state, record)
  return () => {
    const effect = record.entry === undefined ? nothing : bookWord(state, record.orderId, fill)
    put()
    return effect
  }
}

/** What a word does to its order, and what is to be booked of it. */
function preparedWord(
  state: KernelState,
  { orderId, event }: OrderEventRecord,
): { readonly fill: FillEvent | undefined; readonly put: () => void } {
  const order = orderOf(state, orderId)
  const next: OrderRecord = { ...order, state: applyOrderEvent(order.state, event) }
  const put = preparePut(state, next)
  const ended = next.state.status !== order.state.status && unaskedEnds.has(next.state.status)
  const putParent = preparedWorked(state, order, event)
  const unasked = ended && Object.keys(sendingInForce(next).cancelRequests).length === 0
  return {
    fill: event.type === 'filled' && isInForce(next.state, event) ? fillEventOf(order.header, event) : undefined,
    put: () => {
      put()
      putParent?.()
      if (unasked) countRefusal(state, next)
      state.risk = afterWord(state.risk, event.type)
    },
  }
}

function bookWord(state: KernelState, orderId: string, fill: FillEvent | undefined): KernelEffect {
  return fill === undefined ? nothing : { ...applyBooking(state, { event: fill, orderId }), fill }
}

/** A parent with one more child. The child sets nothing aside of its own, so that both can be prepared side by side. */
function preparedParent(state: KernelState, parentOrderId: string): () => void {
  const parent = orderOf(state, parentOrderId)
  return preparePut(state, { ...parent, children: (parent.children ?? 0) + 1 })
}

/** What children execute, their parent has executed: its state is that of one order with the executions of all. */
function preparedWorked(state: KernelState, { header }: OrderRecord, event: OrderEvent): (() => void) | undefined {
  if (header.parentOrderId === undefined) return undefined
  if (event.type !== 'filled' && event.type !== 'busted' && event.type !== 'corrected') return undefined
  const parent = state.orders.get(header.parentOrderId)
  // It ended so long ago that it is forgotten: its child alone hears the late word.
  if (parent === undefined) return undefined
  const { clientOrderId } = parent.header.request
  return preparePut(state, {
    ...parent,
    state: applyOrderEvent(parent.state, { ...event, clientOrderId, venueOrderId: '' }),
  })
}

/** Counts what the venue rejects in a row. */
function afterWord(risk: RiskState, word: OrderEvent['type']): RiskState {
  if (word === 'rejected' || word === 'submission-failed')
    return { ...risk, rejectionStreak: (risk.rejectionStreak ?? 0) + 1 }
  return word === 'accepted' && risk.rejectionStreak !== undefined ? withoutStreak(risk) : risk
}

function withoutStreak(risk: RiskState): RiskState {
  const { rejectionStreak: _, ...rest } = risk
  return rest
}

const unaskedEnds: ReadonlySet<string> = new Set(['rejected', 'canceled', 'expired', 'denied'])

/** Counts protective orders that came to an end which nobody asked for: they are not sent again and again. */
function countRefusal(state: KernelState, { header }: OrderRecord): void {
  if (header.purpose === 'entry' || header.purpose === 'exit-intent') return
  changeTrip(state, header.request.symbol, (trip) => {
    if (header.purpose === 'exit-pair') return { ...trip, pairRefusals: (trip.pairRefusals ?? 0) + 1 }
    return header.purpose === 'exit-target'
      ? { ...trip, targetRefusals: (trip.targetRefusals ?? 0) + 1 }
      : { ...trip, refusals: trip.refusals + 1 }
  })
}

function applyBooking(
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
function endTrip(state: KernelState, { symbol, time }: Extract<KernelRecord, { type: 'trip-ended' }>): KernelEffect {
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

type RiskRecord = Extract<
  KernelRecord,
  {
    type:
      | 'session-started'
      | 'baseline-taken'
      | 'session-closed'
      | 'peak-reached'
      | 'halted'
      | 'resumed'
      | 'flattened'
      | 'policy-changed'
  }
>

function riskAfter(risk: RiskState, record: RiskRecord): RiskState {
  switch (record.type) {
    case 'session-started': {
      const next = { ...withEquity(risk, record.equity), sessionDate: record.sessionDate, ...dayStart(record.equity) }
      return record.equity === undefined ? withoutDayStart(next) : next
    }
    case 'baseline-taken':
      return { ...withEquity(risk, record.equity), ...dayStart(record.equity) }
    case 'session-closed':
      return { ...withEquity(risk, record.equity), lastClosedSession: record.sessionDate }
    case 'peak-reached':
      return withEquity(risk, record.equity)
    case 'halted':
      return halted(risk, record.cause, record)
    case 'flattened':
      return flattened(risk, record)
    case 'resumed':
      return resumed(risk, record)
    case 'policy-changed':
      return { ...risk, policy: record.policy, policyVersion: risk.policyVersion + 1 }
  }
}

function halted(
  risk: RiskState,
  cause: HaltCause,
  {
    state,
    reason,
    time,
    scope,
    operator,
  }: Pick<Extract<KernelRecord, { type: 'halted' }>, 'state' | 'reason' | 'scope' | 'operator' | 'time'>,
): RiskState {
  const key = keyOf(scope)
  const halt: Halt = { state, reason, since: time, ...(operator === undefined ? {} : { operator }) }
  const halts: Halts = { ...haltsIn(risk, key), [cause]: halt }
  return { ...withHalts(risk, key, halts), haltEpoch: risk.haltEpoch + 1 }
}

/** What is left stays left: the scope is kept in `reducing`, where no stricter halt of an operator holds. */
function flattened(risk: RiskState, record: Extract<KernelRecord, { type: 'flattened' }>): RiskState {
  if (haltsIn(risk, keyOf(record.scope)).operator?.state === 'halted') return { ...risk, haltEpoch: risk.haltEpoch + 1 }
  return halted(risk, 'operator', { ...record, state: 'reducing' })
}

function keyOf(scope: HaltScope | undefined): string | undefined {
  return scope === undefined ? undefined : scopeKey(scope)
}

function leaveAll(state: KernelState, symbols: readonly string[]): void {
  for (const symbol of symbols) changeTrip(state, symbol, (trip) => ({ ...trip, timeExitDue: true, leaving: true }))
}

function countSession(state: KernelState): void {
  for (const [symbol, trip] of state.trips) if (trip.status === 'open') state.trips.set(symbol, anotherSession(trip))
}

function anotherSession(trip: RoundTrip): RoundTrip {
  const sessionsHeld = trip.sessionsHeld + 1
  const timeExitDue = trip.leaving === true || (trip.plan !== undefined && sessionsHeld >= trip.plan.maximumSessions)
  if (trip.targetRefusals === undefined && trip.pairRefusals === undefined)
    return { ...trip, sessionsHeld, refusals: 0, timeExitDue }
  const { targetRefusals: _targets, pairRefusals: _pairs, ...rest } = trip
  return { ...rest, sessionsHeld, refusals: 0, timeExitDue }
}

function dayStart(equity: string | undefined): { readonly dayStartEquity?: string } {
  return equity === undefined ? {} : { dayStartEquity: equity }
}

function withoutDayStart(risk: RiskState): RiskState {
  const { dayStartEquity: _, ...rest } = risk
  return rest
}

function withoutTripped(risk: RiskState, causes: readonly HaltCause[]): RiskState {
  const { peakEquity, ...rest } = causes.includes('daily-loss') ? withoutDayStart(risk) : risk
  return peakEquity === undefined || causes.includes('drawdown') ? rest : { ...rest, peakEquity }
}

function withEquity(risk: RiskState, equity: string | undefined): RiskState {
  if (equity === undefined) return risk
  const peak = decimal(risk.peakEquity ?? '0')
  return decimal(equity).gt(peak) ? { ...risk, peakEquity: equity } : risk
}

/**
 * Lifts halts. An operator who lifts a loss limit accepts the loss: the baseline that had tripped starts again at the equity of now, or at the
 * first that is known.
 */
function resumed(risk: RiskState, record: Extract<KernelRecord, { type: 'resumed' }>): RiskState {
  const key = keyOf(record.scope)
  const halts: Partial<Record<HaltCause, Halt>> = { ...haltsIn(risk, key) }
  for (const cause of record.causes) delete halts[cause]
  const lifted = record.causes.includes('rejections') ? withoutStreak(risk) : risk
  const next: RiskState = { ...withHalts(lifted, key, halts), haltEpoch: risk.haltEpoch + 1 }
  if (record.unpriced === true) return withoutTripped(next, record.causes)
  if (record.operator === undefined || record.equity === undefined) return next
  return {
    ...next,
    ...(record.causes.includes('drawdown') ? { peakEquity: record.equity } : {}),
    ...(record.causes.includes('daily-loss') ? { dayStartEquity: record.equity } : {}),
  }
}
