import type { AmendedOrder } from '../orders/broker.js'
import type { OrderRecord } from '../orders/order-record.js'
import { isOpen } from '../orders/order-state.js'
import { tookOver } from '../orders/order-status.js'
import { amendedRequest, pendingAmendment } from '../orders/request-in-force.js'
import type { KernelRuntime } from './kernel-runtime.js'

/** The open orders that a venue was asked to amend in place, with the names that they have had, as `Broker.recall` is told them. */
export function amendedOrders({ state }: KernelRuntime): readonly AmendedOrder[] {
  const found: AmendedOrder[] = []
  for (const orderId of state.index.openOrders.orderIds()) {
    const order = state.orders.get(orderId)
    if (order?.state.revisions === undefined || !isOpen(order.state.status)) continue
    const pending = pendingAmendment(order)
    const request = pending?.terms.how === 'replace' ? amendedRequest(order.header.request, pending) : undefined
    const names = namesOf(order)
    if (names.length === 1 && request === undefined) continue
    const { symbol } = order.header.request
    found.push(request === undefined ? { symbol, names } : { symbol, names, pending: request })
  }
  return found
}

/** What is sent anew is another order at the venue: its names begin there. */
function namesOf({ header, state }: OrderRecord): [string, ...string[]] {
  const taken = Object.values(state.revisions ?? {})
    .filter((revision) => tookOver(revision))
    .flatMap(({ terms }) => (terms === undefined ? [] : [terms]))
    .sort((a, b) => a.revision - b.revision)
  let names: [string, ...string[]] = [header.request.clientOrderId]
  for (const { by, how } of taken) {
    if (how === 'resend') names = [by]
    else names.push(by)
  }
  return names
}
