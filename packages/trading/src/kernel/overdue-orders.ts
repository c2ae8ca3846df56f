import type { OrderRecord } from '../orders/order-record.js'
import { isOpen } from '../orders/order-state.js'
import { requestInForce } from '../orders/request-in-force.js'
import { isAcknowledged } from './coverage.js'
import { hasPassed } from './has-passed.js'
import { alert, type KernelRuntime } from './kernel-runtime.js'
import { requestCancel } from './order-desk.js'

/** A venue is given so long to end an order whose time is over: its clock may differ, and its word may be on its way. */
const graceMs = 60_000
/** What it does not end is asked to be cancelled, and again so much later where that came to nothing. */
const askAgainMs = 60_000

/**
 * Ends orders whose time is over and that their venue has not ended, or whose end it has told to nobody: each is cancelled, and told of once.
 * One of which nobody knows whether the venue has it is given up by the same time.
 */
export async function endOverdue(runtime: KernelRuntime): Promise<void> {
  const { state, clock, overdueSince } = runtime
  for (const orderId of overdueSince.keys())
    if (!isOpen(state.orders.get(orderId)?.state.status ?? 'expired')) overdueSince.delete(orderId)
  for (const orderId of state.index.openOrders.orderIds()) {
    const order = state.orders.get(orderId)
    const end = order === undefined ? undefined : endOf(order)
    if (order === undefined || end === undefined || clock.now() <= end + graceMs) continue
    const askedAt = overdueSince.get(orderId)
    if (askedAt !== undefined && !hasPassed(clock.now(), askedAt, askAgainMs)) continue
    overdueSince.set(orderId, clock.now())
    if (askedAt === undefined) {
      const message = `order ${orderId} was good until ${end}, and its venue has not ended it: it is cancelled`
      alert(runtime, 'ORDER_OVERDUE', message, order.header.request.symbol)
    }
    await requestCancel(runtime, orderId, 'its time is over')
  }
}

/** When an order that rests at its venue is over; undefined where nothing says so. */
function endOf(order: OrderRecord): number | undefined {
  if (order.header.execution !== undefined || !isAcknowledged(order)) return undefined
  const { timeInForce, expiresAt } = requestInForce(order)
  return timeInForce === 'gtd' ? expiresAt : undefined
}
