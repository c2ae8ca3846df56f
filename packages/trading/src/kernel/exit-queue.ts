import type { Instrument } from '../instruments/instrument.js'
import { decimal, decimalText } from '../money/decimal.js'
import type { OrderRecord } from '../orders/order-record.js'
import { exitKind } from '../protection/exit-kind.js'
import type { RoundTrip } from '../protection/round-trip.js'
import { auctionOf, isIdle, waitsForAuction } from './auction-exit.js'
import { enlarges, heldUnits } from './coverage.js'
import { hasPassed } from './has-passed.js'
import { commit, type KernelRuntime } from './kernel-runtime.js'
import { denyOrder } from './order-desk.js'
import { ordersInTheWay, waitsForWay } from './self-trade.js'

/** A stop that was refused too often is sent again after a pause… */
/** …of so much at first, and twice as much after each refusal… */
const firstPauseMs = 1_000
/** …up to this: nothing else would cover what is held. */
const lastPauseMs = 60_000

/** How long after so many refusals it is tried again. */
export function pauseAfter(refusals: number): number {
  let pauseMs = firstPauseMs
  for (let doubled = 0; doubled < refusals && pauseMs < lastPauseMs; doubled += 1) pauseMs *= 2
  return Math.min(pauseMs, lastPauseMs)
}

/** What is to be left whole is due again where its exit came to nothing, after a pause. */
export function isDue({ clock, timeExitAt }: KernelRuntime, trip: RoundTrip): boolean {
  if (trip.timeExitDue || trip.due !== undefined) return true
  if (trip.status !== 'open' || !isOver(trip)) return false
  const placedAt = timeExitAt.get(trip.symbol)
  return placedAt === undefined || hasPassed(clock.now(), placedAt, pauseAfter(trip.refusals))
}

function isOver({ leaving, plan, sessionsHeld }: RoundTrip): boolean {
  return leaving === true || (plan !== undefined && sessionsHeld >= plan.maximumSessions)
}

/**
 * The exit that is to be sent: of one that waits for its auction and a part of a worked one the part, until the auction is near. While it is to
 * be crossed with an entry that rests, or that makes way for it, or its auction is far off, the legs stay for it; for one that was denied on the way, or whose auction is
 * later than the position is to be left, nothing makes room.
 */
export function exitToSend(runtime: KernelRuntime, trip: RoundTrip): OrderRecord | undefined {
  return sendable(runtime, trip, trip.queuedExitOrderId) ?? sendable(runtime, trip, trip.queuedPartOrderId)
}

function sendable(runtime: KernelRuntime, trip: RoundTrip, orderId: string | undefined): OrderRecord | undefined {
  const queued = orderId === undefined ? undefined : runtime.state.orders.get(orderId)
  if (queued === undefined || queued.crossing !== undefined || queued.state.status === 'denied') return undefined
  const { header } = queued
  if (trip.plan !== undefined && waitsForAuction(runtime, header)) return undefined
  if (waitsForWay(runtime, queued)) return undefined
  return isDue(runtime, trip) && isIdle(runtime, header) ? undefined : queued
}

/** What is to be sent and could trade with an order of ours, which has to give way first. */
export function exitToMakeWayFor(runtime: KernelRuntime, trip: RoundTrip): OrderRecord | undefined {
  for (const orderId of [trip.queuedExitOrderId, trip.queuedPartOrderId]) {
    const queued = orderId === undefined ? undefined : runtime.state.orders.get(orderId)
    if (queued?.state.status !== 'permitted' || queued.header.nets === true) continue
    const waits = trip.plan !== undefined && waitsForAuction(runtime, queued.header)
    if (!waits && ordersInTheWay(runtime, queued.header).length > 0) return queued
  }
  return undefined
}

/** Whether an exit, or a part of one, waits in a symbol to be sent. */
export function hasQueue({ queuedExitOrderId, queuedPartOrderId }: RoundTrip): boolean {
  return queuedExitOrderId !== undefined || queuedPartOrderId !== undefined
}

/** Whether a part of a worked exit has to wait for another one to be sent; it goes past one that waits for its auction. */
export function isQueueTaken(runtime: KernelRuntime, trip: RoundTrip): boolean {
  if (trip.queuedPartOrderId !== undefined) return true
  const queued = trip.queuedExitOrderId === undefined ? undefined : runtime.state.orders.get(trip.queuedExitOrderId)
  return queued !== undefined && !waitsForAuction(runtime, queued.header)
}

/**
 * An exit that waited while other exits filled may be more than what is left: it is refused rather than cut.
 * One that leaves only a part gives way to the time exit, which leaves all; one that would rest is not sent.
 */
export function dropOvertakenExits(runtime: KernelRuntime, trip: RoundTrip, instrument: Instrument): void {
  const { queuedExitOrderId, queuedPartOrderId } = trip
  if (queuedExitOrderId !== undefined) dropOvertaken(runtime, trip, instrument, queuedExitOrderId)
  if (queuedPartOrderId !== undefined) dropOvertaken(runtime, trip, instrument, queuedPartOrderId)
}

function dropOvertaken(runtime: KernelRuntime, trip: RoundTrip, instrument: Instrument, orderId: string): void {
  const { symbol } = trip
  const due = isDue(runtime, trip)
  const queued = runtime.state.orders.get(orderId)
  const held = heldUnits(runtime, instrument)
  const waits = queued?.state.status === 'permitted'
  const quantity = decimal(queued?.header.request.quantity ?? '0')
  const isTurned = queued !== undefined && enlarges(runtime, queued)
  const overtaken = isTurned || quantity.gt(held) || (due && quantity.lt(held))
  const auction = queued === undefined ? undefined : auctionOf(runtime.calendar, queued.header)
  const isMissed = auction !== undefined && runtime.clock.now() >= auction.at
  if (waits && !overtaken && !isMissed && exitKind(queued.header) === 'leave') return
  commit(runtime, { type: 'exit-unqueued', time: runtime.clock.now(), orderId, symbol })
  runtime.waySince.delete(orderId)
  if (!waits) return
  if (isMissed && !overtaken) {
    const message = 'the auction that it was for has passed before it could be sent'
    denyOrder(runtime, orderId, [{ code: 'APPROVAL_EXPIRED', message }])
    return
  }
  const message =
    exitKind(queued.header) !== 'leave'
      ? 'an exit is sent as a market order only'
      : isTurned
        ? `the position in ${symbol} has turned since it was asked for`
        : due
          ? `the position is to be left, and all ${decimalText(held)} ${symbol} are to be left`
          : `only ${decimalText(held)} ${symbol} are left, and the exit waited for ${decimalText(quantity)}`
  denyOrder(runtime, orderId, [{ code: 'REDUCE_ONLY_WOULD_INCREASE_POSITION', message }])
}
