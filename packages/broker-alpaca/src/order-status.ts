import type { VenueOrder } from '@tradeswarm/trading'
import type { AlpacaOrder } from './parse-order.js'

const atOnce: ReadonlySet<string> = new Set(['ioc', 'fok', 'opg', 'cls'])

/** The end of an order, in our words; `open` while it has none. One that had to trade at once and did not has expired, unless we cancelled it. */
export function statusOf({ status, timeInForce }: AlpacaOrder, wasCancelled: boolean): VenueOrder['status'] {
  if (status === 'canceled') return atOnce.has(timeInForce) && !wasCancelled ? 'expired' : status
  return status === 'filled' || status === 'expired' || status === 'rejected' || status === 'replaced' ? status : 'open'
}

/** Whether an order is being amended: until that is done it takes neither a cancel nor another amendment. */
export function isBeingAmended({ status }: Pick<AlpacaOrder, 'status'>): boolean {
  return status === 'pending_replace'
}

/** Whether an order may be waiting for the one to give way whose place it is to take: it comes to be only if that does. */
export function mayWait({ status, replaces }: Pick<AlpacaOrder, 'status' | 'replaces'>): boolean {
  return replaces !== undefined && (status === 'pending_new' || status === 'accepted')
}
