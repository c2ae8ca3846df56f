import { type Decimal, decimal, zero } from '../money/decimal.js'
import { clientOrderId } from '../orders/client-order-id.js'
import type { OrderHeader, OrderRecord } from '../orders/order-record.js'
import type { OrderTerms } from '../orders/order-request.js'
import { isOpen } from '../orders/order-state.js'
import { commit, type KernelRuntime, tellOrder } from './kernel-runtime.js'

/** The id of the `number`-th child of a parent, counted from 1. */
function childOrderId(parentOrderId: string, number: number): string {
  return `${parentOrderId}-child-${number}`
}

/** The header of the next child of a parent, with terms of its own. */
export function childHeader(now: number, { header, children = 0 }: OrderRecord, terms: OrderTerms): OrderHeader {
  const { execution: _, decidedAt: __, ...kept } = header
  const { account, reduceOnly } = header.request
  const orderId = childOrderId(header.orderId, children + 1)
  const id = clientOrderId({ orderId, account, attempt: 1, revision: 0 })
  return {
    ...kept,
    orderId,
    parentOrderId: header.orderId,
    request: { account, clientOrderId: id, ...terms, reduceOnly },
    createdAt: now,
  }
}

/** Children of a parent that may still be executed; as a rule one. */
export function openChildrenOf({ state }: KernelRuntime, parentOrderId: string): readonly OrderRecord[] {
  const children: OrderRecord[] = []
  for (const id of state.index.openChildren.get(parentOrderId) ?? []) {
    const child = state.orders.get(id)
    if (child !== undefined) children.push(child)
  }
  return children
}

/** The child that was made last; undefined where there is none, or it was denied and forgotten. */
export function lastChildOf({ state }: KernelRuntime, { header, children = 0 }: OrderRecord): OrderRecord | undefined {
  return children === 0 ? undefined : state.orders.get(childOrderId(header.orderId, children))
}

/** All children of a parent that are in the books still. */
export function childrenOf({ state }: KernelRuntime, { header, children = 0 }: OrderRecord): readonly OrderRecord[] {
  const known: OrderRecord[] = []
  for (let number = 1; number <= children; number += 1) {
    const child = state.orders.get(childOrderId(header.orderId, number))
    if (child !== undefined) known.push(child)
  }
  return known
}

/** What children of a parent have executed, what was taken back included: that is not ordered a second time. */
export function executedOf({ state }: OrderRecord): Decimal {
  const filled = decimal(state.filledQuantity)
  return state.bustedQuantity === undefined ? filled : filled.plus(decimal(state.bustedQuantity))
}

/** Whether a parent is to end: it was cancelled, or its time is over. */
export function isEnding({ clock }: KernelRuntime, { header, state }: OrderRecord): boolean {
  return isCancelled(state) || clock.now() >= (header.request.expiresAt ?? Number.POSITIVE_INFINITY)
}

function isCancelled({ cancelRequests }: OrderRecord['state']): boolean {
  return Object.keys(cancelRequests).length > 0
}

/** Ends a parent that is to end, once none of its children can be executed any more; what was reserved for the rest is free again. */
export function endWorked(runtime: KernelRuntime, orderId: string): void {
  const parent = runtime.state.orders.get(orderId)
  if (parent === undefined || !isOpen(parent.state.status) || !isEnding(runtime, parent)) return
  if (runtime.state.index.openChildren.has(orderId)) return
  const time = runtime.clock.now()
  const type = isCancelled(parent.state) ? 'canceled' : 'expired'
  const { clientOrderId } = parent.header.request
  const event = { type, eventId: `worked-${type}`, clientOrderId, venueOrderId: '', time } as const
  commit(runtime, { type: 'order-event', time, orderId, event })
  runtime.traded.delete(orderId)
  tellOrder(runtime, orderId)
}

/** Of an entry: whether units that children have brought were sold again, or bought back: the position was closed, or is being left since it began. */
export function isLeft({ state }: KernelRuntime, { header, state: order }: OrderRecord): boolean {
  const trip = state.trips.get(header.request.symbol)
  if (trip === undefined || order.filledQuantity === '0' || header.request.reduceOnly) return false
  if (trip.status === 'closed') return (trip.closedAt ?? 0) >= header.createdAt
  return trip.exitQuantity !== '0' && trip.openedAt >= header.createdAt
}

/** Whether units are held that an order of this side would take off rather than add to. */
export function isOpposed({ state }: KernelRuntime, { request }: OrderRecord['header']): boolean {
  const held = state.ledger.units(request.symbol)
  return request.side === 'buy' ? held.lt(zero) : held.gt(zero)
}
