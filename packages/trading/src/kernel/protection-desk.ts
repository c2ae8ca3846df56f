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
import { isIdle, waitsForAuction } from './auction-exit.js'
import { contain } from './contain.js'
import {
  enlarges,
  heldByVenue,
  heldUnits,
  isAcknowledged,
  levelsOf,
  noteCoverage,
  placesPairs,
  setCovered,
} from './coverage.js'
import { countOfParts, largestExit } from './exit-parts.js'
import { dropOvertakenExits, exitToMakeWayFor, exitToSend, hasQueue, isDue, pauseAfter } from './exit-queue.js'
import { hasPassed } from './has-passed.js'
import { keepDust } from './keep-dust.js'
import { commit, type KernelRuntime, nothingSent, openOrdersOf } from './kernel-runtime.js'
import { hasToNet, netExit } from './netting-desk.js'
import { exitsOf } from './not-left.js'
import { requestCancel, sendOrder } from './order-desk.js'
import { maximumRefusals, placeExits } from './place-exits.js'
import { makeWay, ordersInTheWay, wouldMeet } from './self-trade.js'
import { sendParts } from './send-parts.js'

/**
 * Brings the exits of a symbol in line with its position. Depends on the books and the venue alone, on no agent:
 * it runs after every word of the venue and again when the market moves on. A promise only where something must be sent.
 */
export function protect(runtime: KernelRuntime, symbol: string): Promise<void> | undefined {
  const trip = runtime.state.trips.get(symbol)
  const instrument = runtime.broker?.instrument(symbol)
  if (trip === undefined || instrument === undefined) return undefined
  if (isLeft(runtime, trip)) {
    setCovered(runtime, symbol)
    return undefined
  }
  keepDust(runtime, instrument, trip)
  if (nothingSent(runtime) === undefined) {
    if (hasQueue(trip)) dropOvertakenExits(runtime, trip, instrument)
    if (mayHaveToNet(runtime, trip) && hasToNet(runtime, symbol)) {
      // An entry that gets back what it gave up for a cross is asked about again: what was executed just now has no exit yet.
      noteCoverage(runtime, symbol, instrument)
      return netExit(runtime, symbol).then(() => bringInLine(runtime, symbol, instrument))
    }
    const leaving = hasQueue(trip) ? exitToMakeWayFor(runtime, trip) : undefined
    if (leaving === undefined) return bringInLine(runtime, symbol, instrument)
    return makeWay(runtime, leaving.header).then(() => bringInLine(runtime, symbol, instrument))
  }
  noteCoverage(runtime, symbol, instrument)
  return undefined
}

/** Whether nothing is held, nothing rests that would reduce it, and nothing waits to: as of a symbol that was left, or is only being entered. */
function isLeft(runtime: KernelRuntime, trip: RoundTrip): boolean {
  const { ledger, index } = runtime.state
  if (hasQueue(trip) || index.crossing.size > 0 || !ledger.units(trip.symbol).isZero()) return false
  return !openOrdersOf(runtime, trip.symbol).some(isReducing)
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
  for (const action of planFor(runtime, symbol, instrument, heldUnits(runtime, instrument)))
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
  if (trip === undefined || hasQueue(trip) || isDue(runtime, trip)) return false
  if (exitKind(header) !== 'leave' || header.execution !== undefined || header.nets === true) return false
  if (trip.plan !== undefined && waitsForAuction(runtime, header)) return false
  if (nothingSent(runtime) !== undefined) return false
  if (ordersInTheWay(runtime, header).length > 0) return false
  return reducingOrders(runtime, symbol).length === 0 && heldUnits(runtime, instrument).eq(decimal(quantity))
}

const nothingToDo: readonly never[] = Object.freeze([])

function planFor(
  runtime: KernelRuntime,
  symbol: string,
  instrument: Instrument,
  quantity: Decimal,
): readonly ProtectionAction[] {
  const trip = runtime.state.trips.get(symbol)
  if (trip === undefined) return nothingToDo
  const orders = reducingOrders(runtime, symbol)
  const queued = exitToSend(runtime, trip)
  const isDueNow = isDue(runtime, trip)
  const isToLeave = queued !== undefined || isDueNow
  if (!isToLeave && leavesAll(runtime, orders, quantity)) return nothingToDo
  const { levels, pairs } = levelsAtVenue(runtime, trip, instrument)
  const { broker } = runtime
  // Where nothing rests, only units can ask for anything: to be left, or to be covered.
  if (orders.length === 0 && (quantity.isZero() || (levels === undefined && !isToLeave))) return nothingToDo
  return planProtection({
    quantity,
    levels,
    ...(pairs === undefined ? {} : { pairs }),
    exitOrders: orders.map((order) => exitOrderView(runtime, order, isDueNow && isIdle(runtime, order.header))),
    toLeave: queued !== undefined ? decimal(queued.header.request.quantity) : isDueNow ? quantity : zero,
    canMove: broker !== undefined && canReplace(broker, 'stop') && canReplace(broker, 'limit'),
    canMovePairs: broker !== undefined && canReplace(broker, 'oco'),
    ...(queued?.header.parentOrderId === undefined ? {} : { shrinks: true }),
  })
}

function reducingOrders(runtime: KernelRuntime, symbol: string): readonly OrderRecord[] {
  const open = openOrdersOf(runtime, symbol)
  return open.every(isReducing) ? open : open.filter(isReducing)
}

/** What is worked is never sent itself: its stop stays for what is not in one of its parts. */
function isReducing({ header, state }: OrderRecord): boolean {
  return header.request.reduceOnly && state.status !== 'permitted' && header.execution === undefined
}

/** Whether one exit is on its way that leaves all there is: nothing is left to be covered, and nothing else rests. */
function leavesAll(runtime: KernelRuntime, orders: readonly OrderRecord[], quantity: Decimal): boolean {
  const first = orders[0]
  if (first === undefined || orders.length > 1 || exitKind(first.header) !== 'leave') return false
  if (enlarges(runtime, first)) return false
  return decimal(first.state.leavesQuantity).eq(quantity)
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

/**
 * The level is the one that an amendment on its way will bring, so that it is asked for once. `isOvertaken`: it is for an auction yet to come,
 * and the position is to be left before that; it makes room like what rests.
 */
function exitOrderView(runtime: KernelRuntime, order: OrderRecord, isOvertaken: boolean): ExitOrderView {
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
    ...(enlarges(runtime, order) ? { enlarges: true } : {}),
  }
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
    return placeExits(runtime, trip, instrument, { purpose, how: 'at once' }, action.quantity)
  }
  await placeExits(runtime, trip, instrument, { purpose: `exit-${action.kind}`, how: 'at its level' }, action.quantity)
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
  runtime.waySince.delete(orderId)
  commit(runtime, { orderId, permit: runtime.authority.renewed(order), time, type: 'permit-renewed' })
  if (order.header.execution?.style === 'parts') await sendParts(runtime, order, instrument)
  else await sendOrder(runtime, orderId)
}

/** As {@link protect}, of one of many: what it throws is told, and the others have their turn. */
export function protectContained(runtime: KernelRuntime, symbol: string): Promise<void> | undefined {
  return contain(runtime, exitsOf(symbol), symbol, () => protect(runtime, symbol))
}
