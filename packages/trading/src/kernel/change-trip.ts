import type { OrderRecord } from '../orders/order-record.js'
import type { RoundTrip } from '../protection/round-trip.js'
import type { KernelState } from './kernel-state.js'

/** Changes the round trip of a symbol, where there is one. */
export function changeTrip(state: KernelState, symbol: string, change: (trip: RoundTrip) => RoundTrip): void {
  const trip = state.trips.get(symbol)
  if (trip !== undefined) state.trips.set(symbol, change(trip))
}

/** Its exit that was due has been assessed. */
export function withoutDue(trip: RoundTrip): RoundTrip {
  const { due: _, ...rest } = trip
  return rest
}

/** Its exit by time has been assessed. */
export function withoutTimeExit(trip: RoundTrip): RoundTrip {
  return { ...trip, timeExitDue: false }
}

/** A part of an exit that is worked waits in a place of its own. */
export function withQueued({ orders }: KernelState, trip: RoundTrip, orderId: string): RoundTrip {
  const isPart = orders.get(orderId)?.header.parentOrderId !== undefined
  return isPart ? { ...trip, queuedPartOrderId: orderId } : { ...trip, queuedExitOrderId: orderId }
}

export function withoutQueued(trip: RoundTrip, orderId: string): RoundTrip {
  if (trip.queuedPartOrderId === orderId) {
    const { queuedPartOrderId: _, ...rest } = trip
    return rest
  }
  const { queuedExitOrderId: _, ...rest } = trip
  return rest
}

/** An operator leaves these symbols: each trip is due to end, until it has. */
export function leaveAll(state: KernelState, symbols: readonly string[]): void {
  for (const symbol of symbols) changeTrip(state, symbol, (trip) => ({ ...trip, timeExitDue: true, leaving: true }))
}

/** Another session of each open trip has begun: its refusals start anew, and its exit by time may be due. */
export function countSession(state: KernelState): void {
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

/** Counts protective orders that came to an end which nobody asked for: they are not sent again and again. */
export function countRefusal(state: KernelState, { header }: OrderRecord): void {
  if (header.purpose === 'entry' || header.purpose === 'exit-intent') return
  changeTrip(state, header.request.symbol, (trip) => {
    if (header.purpose === 'exit-pair') return { ...trip, pairRefusals: (trip.pairRefusals ?? 0) + 1 }
    return header.purpose === 'exit-target'
      ? { ...trip, targetRefusals: (trip.targetRefusals ?? 0) + 1 }
      : { ...trip, refusals: trip.refusals + 1 }
  })
}
