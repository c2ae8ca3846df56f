import type { OrderRequest } from '@tradeswarm/trading'
import type { Exact } from '../exact.js'
import { type FoldedOrder, foldedLeaves, foldedStatus, isFoldedOpen } from './folded-order.js'

/**
 * Units that exits of a symbol may yet leave which are on the same leg as `request`, itself among them: a stop and a target of the same units
 * are a pair; what leaves at once has no partner. One of the other side, as of before the position turned, leaves none of them.
 */
export function exitsBeside(request: OrderRequest, orders: Iterable<FoldedOrder>): Exact {
  const sums = { stop: 0n, target: 0n, leave: 0n }
  for (const order of orders) {
    const { symbol, side, reduceOnly, type } = order.header.request
    if (symbol !== request.symbol || side !== request.side || !isFoldedOpen(order)) continue
    // What is worked in parts is never at the venue itself.
    if (!reduceOnly || order.header.execution !== undefined || foldedStatus(order) === 'permitted') continue
    sums[legOf(order.header.request)] += foldedLeaves(order)
    if (type === 'oco') sums.target += foldedLeaves(order)
  }
  const legs = sums.stop > sums.target ? sums.stop : sums.target
  const leg = legOf(request)
  return (leg === 'leave' ? legs : sums[leg]) + sums.leave
}

/** Which part of an exit an order is; a target and a stop in one are both. */
function legOf({ type }: OrderRequest): 'stop' | 'target' | 'leave' {
  if (type === 'market') return 'leave'
  return type === 'limit' ? 'target' : 'stop'
}
