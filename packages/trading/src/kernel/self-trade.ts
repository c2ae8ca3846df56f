import type { OrderHeader, OrderRecord } from '../orders/order-record.js'
import type { OrderRequest, OrderType } from '../orders/order-request.js'
import { amendedRequest, pendingAmendment, requestInForce } from '../orders/request-in-force.js'
import type { OpenOrderView } from '../risk/risk-context.js'
import { couldTrade } from '../risk/rules/direction.js'
import { hasPassed } from './has-passed.js'
import { type KernelRuntime, openOrdersOf } from './kernel-runtime.js'
import { isSurelyAsked, requestCancel } from './order-desk.js'

/**
 * What of an order could trade at the venue: as it is in force, and as an amendment on the way makes it. A stop that was triggered is what
 * it has become; a parent is not at the venue. What is being cancelled is taken to be gone, unless that is asked for too; so is what nobody
 * knows of and is cancelled as soon as it surfaces, or an entry that was lost would keep its symbol from being left.
 */
export function liveViews(order: OrderRecord, withCancels = false): readonly OpenOrderView[] {
  const { header, state } = order
  if (header.execution !== undefined || (!withCancels && isGoing(order))) return none
  const inForce = viewOf(order, requestInForce(order))
  if (state.revisions === undefined) return [inForce]
  const pending = pendingAmendment(order)
  return pending === undefined ? [inForce] : [inForce, viewOf(order, amendedRequest(header.request, pending))]
}

function isGoing(order: OrderRecord): boolean {
  const { status } = order.state
  return status === 'pending-cancel' || (status === 'unknown' && isSurelyAsked(order))
}

const none: readonly never[] = Object.freeze([])

function viewOf(order: OrderRecord, { side, type, limitPrice }: OrderRequest): OpenOrderView {
  const { agent, parentOrderId } = order.header
  // Whoever cancels a child cancels the order that it is part of.
  const orderId = parentOrderId ?? order.header.orderId
  const shown = isTriggered(order) ? triggeredType(type) : type
  // Of a pair that was set off the target is no bound any more.
  const isBound = limitPrice !== undefined && shown !== 'market'
  return { orderId, agent, side, type: shown, ...(isBound ? { limitPrice } : {}) }
}

/** What the venue amends stays triggered; what was sent anew has to be triggered by itself. */
function isTriggered({ state }: OrderRecord): boolean {
  let triggered = state.words.triggered === true
  if (state.revisions === undefined) return triggered
  const revisions = Object.values(state.revisions)
  revisions.sort((a, b) => (a.terms?.revision ?? 0) - (b.terms?.revision ?? 0))
  for (const { words, terms } of revisions) {
    if (terms?.how === 'resend' && words.submitted === true) triggered = false
    triggered ||= words.triggered === true
  }
  return triggered
}

function triggeredType(type: OrderType): OrderType {
  if (type === 'stop-limit') return 'limit'
  return type === 'stop' || type === 'trailing-stop' || type === 'oco' ? 'market' : type
}

/**
 * Orders at the venue that an order which is about to be sent could trade with; so they count where no price is known. What is being cancelled
 * is in the way of an entry, not of an exit; what was not sent yet is asked about this one when it is.
 */
export function ordersInTheWay(runtime: KernelRuntime, header: OrderHeader): readonly OrderRecord[] {
  return atVenueAgainst(runtime, header).filter((other) =>
    meets(runtime, header, liveViews(other, !header.request.reduceOnly)),
  )
}

const nobody: readonly never[] = Object.freeze([])

/** Orders of the other side at the venue: mostly none. */
function atVenueAgainst({ state }: KernelRuntime, { orderId, request }: OrderHeader): readonly OrderRecord[] {
  let found: OrderRecord[] | undefined
  for (const other of state.index.openOrders.of(request.symbol)) {
    if (other.header.orderId === orderId || other.header.request.side === request.side) continue
    if (other.state.words.submitted !== true) continue
    if (found === undefined) found = [other]
    else found.push(other)
  }
  return found ?? nobody
}

function meets(
  runtime: KernelRuntime,
  { request }: Pick<OrderHeader, 'request'>,
  resting: readonly OpenOrderView[],
): boolean {
  if (resting.length === 0) return false
  const last = runtime.market.last(request.symbol)
  return last === undefined || resting.some((each) => couldTrade({ last }, request, each))
}

/**
 * Has orders of ours cancelled that an exit which is about to be sent could trade with: no entry keeps a position from being left.
 */
export async function makeWay(runtime: KernelRuntime, header: OrderHeader): Promise<void> {
  const { orderId, agent } = header
  for (const other of ordersInTheWay(runtime, header)) {
    if (!runtime.waySince.has(orderId)) runtime.waySince.set(orderId, runtime.clock.now())
    await requestCancel(runtime, other.header.orderId, `exit ${orderId} of agent ${agent} could trade with it`)
  }
}

/**
 * Whether an exit waits for what makes way for it: for as long as that was not asked to go, or the venue refuses to cancel it; and for the
 * venue's word that it is gone, but no longer than a permit lives: what was lost may never surface.
 */
export function waitsForWay(runtime: KernelRuntime, { header }: OrderRecord): boolean {
  const { clock, waySince, state } = runtime
  const { orderId } = header
  const others = atVenueAgainst(runtime, header)
  if (others.length === 0 && waySince.size === 0) return false
  if (others.some((other) => meets(runtime, header, liveViews(other)))) return true
  if (!others.some((other) => meets(runtime, header, liveViews(other, true)))) {
    waySince.delete(orderId)
    return false
  }
  const since = waySince.get(orderId) ?? clock.now()
  waySince.set(orderId, since)
  return !hasPassed(clock.now(), since, state.risk.policy.permitLifetimeMs)
}

/** Whether an exit that would rest at this price could trade with an order of ours that is at the venue; so it counts where no price is known. */
export function wouldMeet(
  runtime: KernelRuntime,
  symbol: string,
  exit: Pick<OpenOrderView, 'side' | 'type' | 'limitPrice'>,
): boolean {
  const last = runtime.market.last(symbol)
  return openOrdersOf(runtime, symbol).some(
    (other) =>
      other.header.request.side !== exit.side &&
      (last === undefined || liveViews(other).some((resting) => couldTrade({ last }, exit, resting))),
  )
}

/**
 * A stop of ours was triggered, and may now meet what rests of ours on the other side: of two entries the one that rests gives way; of an
 * entry and an exit the entry does.
 */
export async function clearTheWay(runtime: KernelRuntime, orderId: string): Promise<void> {
  const triggered = runtime.state.orders.get(orderId)
  if (triggered === undefined) return
  const { symbol, side, reduceOnly } = triggered.header.request
  const facts = { last: runtime.market.last(symbol) }
  for (const other of openOrdersOf(runtime, symbol)) {
    const { request } = other.header
    if (request.side === side) continue
    const meets = liveViews(other).some((resting) =>
      liveViews(triggered).some((live) => couldTrade(facts, live, resting)),
    )
    if (!meets) continue
    const givesWay = request.reduceOnly && !reduceOnly ? triggered : request.reduceOnly ? undefined : other
    if (givesWay !== undefined)
      await requestCancel(runtime, givesWay.header.orderId, 'it could trade with an order of ours that was triggered')
  }
}
