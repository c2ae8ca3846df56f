import type { Instrument } from '../instruments/instrument.js'
import { type Decimal, decimal, decimalText, zero } from '../money/decimal.js'
import type { OrderHeader, OrderRecord } from '../orders/order-record.js'
import { pendingAmendment, requestInForce } from '../orders/request-in-force.js'
import { exitKind } from '../protection/exit-kind.js'
import {
  type ExitOrderView,
  type ProtectionAction,
  type ProtectionInput,
  planProtection,
} from '../protection/plan-protection.js'
import type { RoundTrip } from '../protection/round-trip.js'
import { amendRecord, canReplace } from './amend-desk.js'
import { auctionOf, isIdle, waitsForAuction } from './auction-exit.js'
import { contain } from './contain.js'
import { heldByVenue, heldUnits, isAcknowledged, levelsOf, noteCoverage, placesPairs } from './coverage.js'
import { countOfParts, largestExit } from './exit-parts.js'
import { hasPassed } from './has-passed.js'
import { keepDust } from './keep-dust.js'
import { commit, type KernelRuntime, nothingSent } from './kernel-runtime.js'
import { hasToNet, netExit } from './netting-desk.js'
import { exitsOf } from './not-left.js'
import { denyOrder, requestCancel, sendOrder } from './order-desk.js'
import { maximumRefusals, placeExits } from './place-exits.js'
import { wouldMeet } from './self-trade.js'
import { sendParts } from './send-parts.js'

/** A stop that was refused too often is sent again after a pause… */
/** …of so much at first, and twice as much after each refusal… */
const firstPauseMs = 1_000
/** …up to this: nothing else would cover what is held. */
const lastPauseMs = 60_000

/**
 * Brings the exits of a symbol in line with its position. Depends on the books and the venue alone, on no agent:
 * it runs after every word of the venue and again when the market moves on. A promise only where something must be sent.
 */
export function protect(runtime: KernelRuntime, symbol: string): Promise<void> | undefined {
  const trip = runtime.state.trips.get(symbol)
  const instrument = runtime.broker?.instrument(symbol)
  if (trip === undefined || instrument === undefined) return undefined
  if (isLeft(runtime, trip)) {
    runtime.uncovered.delete(symbol)
    return undefined
  }
  keepDust(runtime, instrument, trip)
  if (nothingSent(runtime) === undefined) {
    if (trip.queuedExitOrderId !== undefined) dropOvertakenExit(runtime, trip, instrument)
    if (mayHaveToNet(runtime, trip) && hasToNet(runtime, symbol)) {
      // An entry that gets back what it gave up for a cross is asked about again: what was executed just now has no exit yet.
      noteCoverage(runtime, symbol, instrument)
      return netExit(runtime, symbol).then(() => bringInLine(runtime, symbol, instrument))
    }
    return bringInLine(runtime, symbol, instrument)
  }
  noteCoverage(runtime, symbol, instrument)
  return undefined
}

/** Whether nothing is held, nothing rests that would reduce it, and nothing waits to: as of a symbol that was left, or is only being entered. */
function isLeft(runtime: KernelRuntime, { symbol, queuedExitOrderId }: RoundTrip): boolean {
  const { ledger, index } = runtime.state
  if (queuedExitOrderId !== undefined || index.crossing.size > 0 || !ledger.units(symbol).isZero()) return false
  return reducingOrders(runtime, symbol) === nothingToDo
}

/** Most symbols have no exit that waits, and no order is being crossed: then nothing has to be looked up to know. */
function mayHaveToNet({ state }: KernelRuntime, { queuedExitOrderId }: RoundTrip): boolean {
  return queuedExitOrderId !== undefined || state.index.crossing.size > 0
}

function bringInLine(runtime: KernelRuntime, symbol: string, instrument: Instrument): Promise<void> | undefined {
  const held = heldUnits(runtime, instrument)
  const actions = planFor(runtime, symbol, instrument, held)
  if (actions.length > 0) return carryOutAll(runtime, symbol, instrument, actions)
  noteCoverage(runtime, symbol, instrument, held)
  return undefined
}

async function carryOutAll(
  runtime: KernelRuntime,
  symbol: string,
  instrument: Instrument,
  actions: readonly ProtectionAction[],
): Promise<void> {
  for (const action of actions) await carryOut(runtime, symbol, instrument, action)
  if (actions.some(mayLeaveUncovered)) await coverAgain(runtime, symbol, instrument)
  noteCoverage(runtime, symbol, instrument)
}

function mayLeaveUncovered(action: ProtectionAction): boolean {
  return action.type === 'leave' || (action.type === 'place' && action.kind === 'pair')
}

/** After an exit that could not be sent, for which the legs had made room: they come back. In the place of a pair that was refused a stop comes. */
async function coverAgain(runtime: KernelRuntime, symbol: string, instrument: Instrument): Promise<void> {
  for (const action of planFor(runtime, symbol, instrument))
    if (action.type === 'place') await carryOut(runtime, symbol, instrument, action)
}

/**
 * What sends an agent's exit under the permit that it has, where nothing rests that would have to make room for it and nothing is left to be
 * covered: then it need not be queued. Undefined where it has to wait.
 */
export function leaveAtOnce(runtime: KernelRuntime, { header }: OrderRecord): (() => Promise<void>) | undefined {
  const { orderId, request } = header
  const { symbol } = request
  const instrument = runtime.broker?.instrument(symbol)
  if (instrument === undefined || !canLeaveAtOnce(runtime, header, instrument)) return undefined
  return async () => {
    const failed = await sendOrder(runtime, orderId)
    if (failed.length > 0) await coverAgain(runtime, symbol, instrument)
    noteCoverage(runtime, symbol, instrument)
  }
}

function canLeaveAtOnce(runtime: KernelRuntime, header: OrderHeader, instrument: Instrument): boolean {
  const { symbol, quantity } = header.request
  const trip = runtime.state.trips.get(symbol)
  if (trip === undefined || trip.queuedExitOrderId !== undefined || isDue(runtime, trip)) return false
  if (exitKind(header) !== 'leave' || header.execution !== undefined || header.nets === true) return false
  if (trip.plan !== undefined && waitsForAuction(runtime, header)) return false
  if (nothingSent(runtime) !== undefined) return false
  return reducingOrders(runtime, symbol).length === 0 && heldUnits(runtime, instrument).eq(decimal(quantity))
}

const nothingToDo: readonly never[] = Object.freeze([])

function planFor(
  runtime: KernelRuntime,
  symbol: string,
  instrument: Instrument,
  quantity: Decimal = heldUnits(runtime, instrument),
): readonly ProtectionAction[] {
  const trip = runtime.state.trips.get(symbol)
  if (trip === undefined) return nothingToDo
  const orders = reducingOrders(runtime, symbol)
  const queued = exitToSend(runtime, trip)
  const isDueNow = isDue(runtime, trip)
  const isToLeave = queued !== undefined || isDueNow
  if (!isToLeave && leavesAll(orders, quantity)) return nothingToDo
  const { levels, pairs } = levelsAtVenue(runtime, trip, instrument)
  const { broker } = runtime
  // Where nothing rests, only units can ask for anything: to be left, or to be covered.
  if (orders.length === 0 && (quantity.isZero() || (levels === undefined && !isToLeave))) return nothingToDo
  return planProtection({
    quantity,
    levels,
    ...(pairs === undefined ? {} : { pairs }),
    exitOrders: orders.map((order) => exitOrderView(order, isDueNow && isIdle(runtime, order.header))),
    toLeave: queued !== undefined ? decimal(queued.header.request.quantity) : isDueNow ? quantity : zero,
    canMove: broker !== undefined && canReplace(broker, 'stop') && canReplace(broker, 'limit'),
    canMovePairs: broker !== undefined && canReplace(broker, 'oco'),
    ...(queued?.header.parentOrderId === undefined ? {} : { shrinks: true }),
  })
}

function reducingOrders({ state }: KernelRuntime, symbol: string): readonly OrderRecord[] {
  let orders: OrderRecord[] | undefined
  for (const orderId of state.index.openOrders.get(symbol) ?? nothingToDo) {
    const order = state.orders.get(orderId)
    if (order?.header.request.reduceOnly !== true || order.state.status === 'permitted') continue
    // What is worked is never sent itself: its stop stays for what is not in one of its parts.
    if (order.header.execution !== undefined) continue
    if (orders === undefined) orders = [order]
    else orders.push(order)
  }
  return orders ?? nothingToDo
}

/** Whether one exit is on its way that leaves all there is: nothing is left to be covered, and nothing else rests. */
function leavesAll(orders: readonly OrderRecord[], quantity: Decimal): boolean {
  const first = orders[0]
  if (first === undefined || orders.length > 1 || exitKind(first.header) !== 'leave') return false
  return decimal(first.state.leavesQuantity).eq(quantity)
}

/** What is to be left whole is due again where its exit came to nothing, after a pause. */
function isDue({ clock, timeExitAt }: KernelRuntime, trip: RoundTrip): boolean {
  if (trip.timeExitDue || trip.due !== undefined) return true
  if (trip.status !== 'open' || !isOver(trip)) return false
  const placedAt = timeExitAt.get(trip.symbol)
  return placedAt === undefined || hasPassed(clock.now(), placedAt, pauseAfter(trip.refusals))
}

function isOver({ leaving, plan, sessionsHeld }: RoundTrip): boolean {
  return leaving === true || (plan !== undefined && sessionsHeld >= plan.maximumSessions)
}

/**
 * The levels that the venue is to hold: none of a leg that was refused too often of late, and of those that are watched here none
 * either. A target that is refused stops no stop, and a pair that could meet an order of ours is placed as a stop alone.
 */
function levelsAtVenue(
  runtime: KernelRuntime,
  trip: RoundTrip,
  instrument: Instrument,
): Pick<ProtectionInput, 'levels' | 'pairs'> {
  const { broker } = runtime
  const planned = trip.status === 'open' ? levelsOf(trip, instrument) : undefined
  if (planned === undefined) return { levels: undefined }
  const held = broker === undefined ? { stops: true, targets: true } : heldByVenue(broker)
  const { refusals, targetRefusals = 0 } = trip
  // Each order of an exit that takes several may be refused as often.
  const most = refusals + targetRefusals === 0 ? undefined : largestExit(runtime, instrument, planned.target)
  const patience = maximumRefusals * countOfParts(heldUnits(runtime, instrument), most)
  const levels = {
    ...(held.stops && mayPlaceStop(runtime, trip.symbol, refusals, patience) ? { stop: planned.stop } : {}),
    ...(held.targets && targetRefusals < patience ? { target: planned.target } : {}),
  }
  const asPair = levels.stop !== undefined && broker !== undefined && placesPairs(broker, trip, instrument)
  const side = trip.side === 'long' ? 'sell' : 'buy'
  const places = asPair && !wouldMeet(runtime, trip.symbol, { side, type: 'limit', limitPrice: planned.target })
  return { levels, pairs: { ...planned, places } }
}

function mayPlaceStop(
  { clock, stopPlacedAt }: KernelRuntime,
  symbol: string,
  refusals: number,
  patience: number,
): boolean {
  const placedAt = stopPlacedAt.get(symbol)
  if (refusals < patience || placedAt === undefined) return true
  return hasPassed(clock.now(), placedAt, pauseAfter(refusals - patience))
}

function pauseAfter(refusals: number): number {
  let pauseMs = firstPauseMs
  for (let doubled = 0; doubled < refusals && pauseMs < lastPauseMs; doubled += 1) pauseMs *= 2
  return Math.min(pauseMs, lastPauseMs)
}

/**
 * The level is the one that an amendment on its way will bring, so that it is asked for once. `isOvertaken`: it is for an auction yet to come,
 * and the position is to be left before that; it makes room like what rests.
 */
function exitOrderView(order: OrderRecord, isOvertaken: boolean): ExitOrderView {
  const { header, state } = order
  const { stopPrice, limitPrice } = pendingAmendment(order)?.terms ?? requestInForce(order)
  const kind = isOvertaken ? 'resting' : exitKind(header)
  return {
    orderId: header.orderId,
    kind,
    leaves: decimal(state.leavesQuantity),
    level: stopPrice ?? limitPrice,
    ...(kind === 'pair' && limitPrice !== undefined ? { target: limitPrice } : {}),
    cancelPending: state.status === 'pending-cancel',
    amendPending: state.status === 'pending-replace',
    unsettled: state.status === 'unknown',
  }
}

/**
 * The exit that is to be sent. While it is to be crossed with an entry that rests, or its auction is far off, the legs stay for it; for one
 * that was denied on the way, or whose auction is later than the position is to be left, nothing makes room.
 */
function exitToSend(runtime: KernelRuntime, trip: RoundTrip): OrderRecord | undefined {
  const queued = queuedExit(runtime, trip)
  if (queued === undefined || queued.crossing !== undefined || queued.state.status === 'denied') return undefined
  const { header } = queued
  if (trip.plan !== undefined && waitsForAuction(runtime, header)) return undefined
  return isDue(runtime, trip) && isIdle(runtime, header) ? undefined : queued
}

function queuedExit(runtime: KernelRuntime, trip: RoundTrip): OrderRecord | undefined {
  return trip.queuedExitOrderId === undefined ? undefined : runtime.state.orders.get(trip.queuedExitOrderId)
}

/**
 * An exit that waited while other exits filled may be more than what is left: it is refused rather than cut.
 * One that leaves only a part gives way to the time exit, which leaves all; one that would rest is not sent.
 */
function dropOvertakenExit(runtime: KernelRuntime, trip: RoundTrip, instrument: Instrument): void {
  const { symbol, queuedExitOrderId } = trip
  const due = isDue(runtime, trip)
  if (queuedExitOrderId === undefined) return
  const queued = queuedExit(runtime, trip)
  const held = heldUnits(runtime, instrument)
  const waits = queued?.state.status === 'permitted'
  const quantity = decimal(queued?.header.request.quantity ?? '0')
  const overtaken = quantity.gt(held) || (due && quantity.lt(held))
  const auction = queued === undefined ? undefined : auctionOf(runtime.calendar, queued.header)
  const isMissed = auction !== undefined && runtime.clock.now() >= auction.at
  if (waits && !overtaken && !isMissed && exitKind(queued.header) === 'leave') return
  commit(runtime, { type: 'exit-unqueued', time: runtime.clock.now(), orderId: queuedExitOrderId, symbol })
  if (!waits) return
  if (isMissed && !overtaken) {
    const message = 'the auction that it was for has passed before it could be sent'
    denyOrder(runtime, queuedExitOrderId, [{ code: 'APPROVAL_EXPIRED', message }])
    return
  }
  const message =
    exitKind(queued.header) !== 'leave'
      ? 'an exit is sent as a market order only'
      : due
        ? `the position is to be left, and all ${decimalText(held)} ${symbol} are to be left`
        : `only ${decimalText(held)} ${symbol} are left, and the exit waited for ${decimalText(quantity)}`
  denyOrder(runtime, queuedExitOrderId, [{ code: 'REDUCE_ONLY_WOULD_INCREASE_POSITION', message }])
}

async function carryOut(
  runtime: KernelRuntime,
  symbol: string,
  instrument: Instrument,
  action: ProtectionAction,
): Promise<unknown> {
  if (action.type === 'cancel') return requestCancel(runtime, action.orderId, 'the position it protects has changed')
  if (action.type === 'shrink') return shrinkExit(runtime, action.orderId, action.leaves)
  if (action.type === 'move') return moveExit(runtime, action)
  const trip = runtime.state.trips.get(symbol)
  if (trip === undefined) return
  const queued = action.type === 'leave' ? exitToSend(runtime, trip) : undefined
  if (queued !== undefined)
    return decimal(queued.header.request.quantity).eq(action.quantity)
      ? sendQueued(runtime, queued, instrument)
      : undefined
  if (action.type === 'leave') {
    const purpose = trip.timeExitDue ? 'exit-time' : (trip.due ?? 'exit-time')
    return placeExits(runtime, trip, instrument, purpose, action.quantity)
  }
  await placeExits(runtime, trip, instrument, `exit-${action.kind}`, action.quantity)
}

/** Has the venue move a stop or target; where it will not, the order is cancelled, and placed anew when that is certain. */
async function moveExit(
  runtime: KernelRuntime,
  { orderId, level, target }: Extract<ProtectionAction, { type: 'move' }>,
): Promise<void> {
  const order = runtime.state.orders.get(orderId)
  if (order === undefined || order.state.status === 'pending-replace') return
  const isStop = order.header.request.stopPrice !== undefined
  const pair = target === undefined ? {} : { limitPrice: target }
  const terms = isStop ? { stopPrice: level, ...pair } : { limitPrice: level }
  const moved = await amendRecord(runtime, order, terms, 'its level has moved')
  if (moved.status === 'refused' && isAcknowledged(runtime.state.orders.get(orderId) ?? order))
    await requestCancel(runtime, orderId, 'its level has moved')
}

/** Has the venue cut a stop or target down; where it will not, the order is cancelled, and placed anew when that is certain. */
async function shrinkExit(runtime: KernelRuntime, orderId: string, leaves: Decimal): Promise<void> {
  const order = runtime.state.orders.get(orderId)
  if (order === undefined) return
  const quantity = decimalText(decimal(order.state.filledQuantity).plus(leaves))
  const made = await amendRecord(runtime, order, { quantity }, 'a part of its position is being left')
  if (made.status === 'refused' && isAcknowledged(runtime.state.orders.get(orderId) ?? order))
    await requestCancel(runtime, orderId, 'a part of its position is being left')
}

async function sendQueued(runtime: KernelRuntime, order: OrderRecord, instrument: Instrument): Promise<void> {
  const { orderId, request } = order.header
  const time = runtime.clock.now()
  commit(runtime, { orderId, symbol: request.symbol, time, type: 'exit-unqueued' })
  commit(runtime, { orderId, permit: runtime.authority.renewed(order), time, type: 'permit-renewed' })
  if (order.header.execution?.style === 'parts') await sendParts(runtime, order, instrument)
  else await sendOrder(runtime, orderId)
}

/** As {@link protect}, of one of many: what it throws is told, and the others have their turn. */
export function protectContained(runtime: KernelRuntime, symbol: string): Promise<void> | undefined {
  return contain(runtime, exitsOf(symbol), symbol, () => protect(runtime, symbol))
}
