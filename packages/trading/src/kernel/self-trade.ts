import type { OrderHeader, OrderRecord } from '../orders/order-record.js'
import type { OrderRequest, OrderType } from '../orders/order-request.js'
import { amendedRequest, pendingAmendment, requestInForce } from '../orders/request-in-force.js'
import type { OpenOrderView } from '../risk/risk-context.js'
import { couldTrade } from '../risk/rules/direction.js'
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
 * Orders at the venue that an order which is about to be sent could trade with. What is being cancelled is in the way of an entry, not of
 * an exit; what was not sent yet is asked about this one when it is.
 */
export function ordersInTheWay(runtime: KernelRuntime, { orderId, request }: OrderHeader): readonly OrderRecord[] {
  const facts = { last: runtime.market.last(request.symbol) }
  return openOrdersOf(runtime, request.symbol).filter(
    (other) =>
      other.header.orderId !== orderId &&
      other.header.request.side !== request.side &&
      other.state.words.submitted === true &&
      liveViews(other, !request.reduceOnly).some((resting) => couldTrade(facts, request, resting)),
  )
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
