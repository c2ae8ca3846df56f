import { SwarmError } from '@tradeswarm/core'
import type { OrderRecord } from '../orders/order-record.js'
import type { KernelState } from './kernel-state.js'

/** The order that a record speaks of. Throws `KERNEL_JOURNAL_INVALID`. */
export function orderOf(state: KernelState, orderId: string): OrderRecord {
  const order = state.orders.get(orderId)
  if (order !== undefined) return order
  throw new SwarmError({
    code: 'KERNEL_JOURNAL_INVALID',
    message: `the journal speaks of order ${orderId} before it was assessed`,
  })
}
