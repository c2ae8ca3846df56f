import { SwarmError } from '@tradeswarm/core'
import type { LedgerEntry } from '../ledger/ledger-entry.js'
import { decimal, zero } from '../money/decimal.js'
import type { OrderRecord } from '../orders/order-record.js'
import { newOrderState } from '../orders/order-state.js'
import { applyOrderEvent } from '../orders/reduce-order.js'
import {
  afterBust,
  afterDividend,
  afterFill,
  closedPositionOf,
  flippedTrip,
  type RoundTrip,
} from '../protection/round-trip.js'
import type { HaltCause, RiskState } from '../risk/risk-state.js'
import { positionResult } from '../statistics/position-result.js'
import type { ClosedPosition } from './kernel.js'
import type { KernelRecord } from './kernel-record.js'
import { type KernelState, preparePut } from './kernel-state.js'

/** What a booking came to: its entry (none for a duplicate), and the round trip that it ended. */
export type KernelEffect = { readonly entry?: LedgerEntry; readonly closed?: ClosedPosition }

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
  switch (record.type) {
    case 'account-opened':
      return () => {
        state.account = record.account
        state.risk = { ...state.risk, policy: record.policy }
        return nothing
      }
    case 'order-assessed':
      return preparedAssessment(state, record)
    case 'permit-renewed':
      return changing(preparePut(state, { ...orderOf(state, record.orderId), permit: record.permit }))
    case 'order-event':
      return preparedOrderEvent(state, record)
    case 'external-event':
      return changing(() => state.external.add(record.event.eventId))
    case 'booked':
      return () => applyBooking(state, record)
    case 'exit-queued':
      return changing(() =>
        changeTrip(state, record.symbol, (trip) => ({ ...trip, queuedExitOrderId: record.orderId })),
      )
    case 'exit-unqueued':
      return changing(() => changeTrip(state, record.symbol, withoutQueuedExit))
    default: {
      const risk = riskAfter(state.risk, record)
      return changing(() => {
        state.risk = risk
        if (record.type === 'session-started') countSession(state)
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

function orderOf(state: KernelState, orderId: string): OrderRecord {
  const order = state.orders.get(orderId)
  if (order !== undefined) return order
  throw new SwarmError({
    code: 'KERNEL_JOURNAL_INVALID',
    message: `the journal speaks of order ${orderId} before it was assessed`,
  })
}

function changeTrip(state: KernelState, symbol: string, change: (trip: RoundTrip) => RoundTrip): void {
  const trip = state.trips.get(symbol)
  if (trip !== undefined) state.trips.set(symbol, change(trip))
}

function withoutQueuedExit(trip: RoundTrip): RoundTrip {
  const { queuedExitOrderId: _, ...rest } = trip
  return rest
}

function preparedAssessment(
  state: KernelState,
  { header, verdict, time }: Extract<KernelRecord, { type: 'order-assessed' }>,
): () => KernelEffect {
  const { permit, reservation, findings, warnings } = verdict
  const fresh = newOrderState(header.request.quantity)
  const order: OrderRecord = {
    header,
    findings,
    warnings,
    ...(permit === undefined ? {} : { permit }),
    ...(reservation === undefined ? {} : { reservation }),
    state:
      permit === undefined
        ? applyOrderEvent(fresh, { type: 'denied', eventId: 'denied', time, findings })
        : applyOrderEvent(fresh, { type: 'permitted', eventId: 'permitted', time, permitId: permit.permitId }),
  }
  const put = preparePut(state, order)
  return changing(() => {
    put()
    if (header.purpose === 'exit-time')
      changeTrip(state, header.request.symbol, (trip) => ({ ...trip, timeExitDue: false }))
    if (permit === undefined) countRefusal(state, order)
  })
}

function preparedOrderEvent(
  state: KernelState,
  { orderId, event }: Extract<KernelRecord, { type: 'order-event' }>,
): () => KernelEffect {
  const order = orderOf(state, orderId)
  const next: OrderRecord = { ...order, state: applyOrderEvent(order.state, event) }
  const put = preparePut(state, next)
  const ended = next.state.status !== order.state.status && unaskedEnds.has(next.state.status)
  const unasked = ended && Object.keys(next.state.cancelRequests).length === 0
  return changing(() => {
    put()
    if (unasked) countRefusal(state, next)
  })
}

const unaskedEnds: ReadonlySet<string> = new Set(['rejected', 'canceled', 'expired', 'denied'])

/** Counts protective orders that came to an end which nobody asked for: they are not sent again and again. */
function countRefusal(state: KernelState, { header }: OrderRecord): void {
  if (header.purpose === 'entry' || header.purpose === 'exit-intent') return
  changeTrip(state, header.request.symbol, (trip) =>
    header.purpose === 'exit-target'
      ? { ...trip, targetRefusals: (trip.targetRefusals ?? 0) + 1 }
      : { ...trip, refusals: trip.refusals + 1 },
  )
}

function applyBooking(state: KernelState, { event, orderId }: Extract<KernelRecord, { type: 'booked' }>): KernelEffect {
  const result = state.ledger.apply(event)
  if (result.status === 'duplicate') return nothing
  const { entry } = result
  const order = orderId === undefined ? undefined : state.orders.get(orderId)
  if (event.type === 'dividend') changeTrip(state, event.symbol, (trip) => afterDividend(trip, entry))
  if (order === undefined || (event.type !== 'fill' && event.type !== 'bust')) return { entry }
  const execution = order.state.executions[event.tradeId]
  if (execution === undefined || entry.postings.length === 0) return { entry }
  const before = state.trips.get(event.symbol)
  const after =
    event.type === 'fill'
      ? afterFill(before, order.header, execution, entry)
      : before === undefined
        ? undefined
        : afterBust(before, order.header, execution, entry)
  if (after === undefined) return { entry }
  const begun = event.type === 'fill' ? flippedTrip(order.header, execution, entry) : undefined
  state.trips.set(event.symbol, begun ?? after)
  const closed = before?.status === 'open' ? closedPositionOf(after) : undefined
  if (closed === undefined) return { entry }
  if (positionResult(closed).lt(zero)) state.risk = { ...state.risk, lastLossAt: closed.closedAt }
  return { entry, closed }
}

type RiskRecord = Extract<
  KernelRecord,
  { type: 'session-started' | 'session-closed' | 'halted' | 'resumed' | 'policy-changed' }
>

function riskAfter(risk: RiskState, record: RiskRecord): RiskState {
  switch (record.type) {
    case 'session-started': {
      const next = { ...withEquity(risk, record.equity), sessionDate: record.sessionDate, ...dayStart(record.equity) }
      return record.equity === undefined ? withoutDayStart(next) : next
    }
    case 'session-closed':
      return { ...withEquity(risk, record.equity), lastClosedSession: record.sessionDate }
    case 'halted':
      return {
        ...risk,
        haltEpoch: risk.haltEpoch + 1,
        halts: { ...risk.halts, [record.cause]: { state: record.state, reason: record.reason, since: record.time } },
      }
    case 'resumed':
      return resumed(risk, record)
    case 'policy-changed':
      return { ...risk, policy: record.policy, policyVersion: risk.policyVersion + 1 }
  }
}

function countSession(state: KernelState): void {
  for (const [symbol, trip] of state.trips) if (trip.status === 'open') state.trips.set(symbol, anotherSession(trip))
}

function anotherSession(trip: RoundTrip): RoundTrip {
  const sessionsHeld = trip.sessionsHeld + 1
  const { targetRefusals: _, ...rest } = trip
  return {
    ...rest,
    sessionsHeld,
    refusals: 0,
    timeExitDue: trip.plan !== undefined && sessionsHeld >= trip.plan.maximumSessions,
  }
}

function dayStart(equity: string | undefined): { readonly dayStartEquity?: string } {
  return equity === undefined ? {} : { dayStartEquity: equity }
}

function withoutDayStart(risk: RiskState): RiskState {
  const { dayStartEquity: _, ...rest } = risk
  return rest
}

function withEquity(risk: RiskState, equity: string | undefined): RiskState {
  if (equity === undefined) return risk
  const peak = decimal(risk.peakEquity ?? '0')
  return decimal(equity).gt(peak) ? { ...risk, peakEquity: equity } : risk
}

/** Lifts halts. An operator who lifts a loss limit accepts the loss: the baseline that had tripped starts again at the equity of now. */
function resumed(risk: RiskState, record: Extract<KernelRecord, { type: 'resumed' }>): RiskState {
  const halts: Partial<Record<HaltCause, NonNullable<RiskState['halts'][HaltCause]>>> = { ...risk.halts }
  for (const cause of record.causes) delete halts[cause]
  const next: RiskState = { ...risk, halts, haltEpoch: risk.haltEpoch + 1 }
  if (record.operator === undefined || record.equity === undefined) return next
  return {
    ...next,
    ...(record.causes.includes('drawdown') ? { peakEquity: record.equity } : {}),
    ...(record.causes.includes('daily-loss') ? { dayStartEquity: record.equity } : {}),
  }
}
