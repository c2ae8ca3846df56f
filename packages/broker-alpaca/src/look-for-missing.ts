import type { OrderTracker } from './order-tracker.js'
import type { AlpacaOrder } from './parse-order.js'
import type { TradingClient } from './trading-client.js'

/**
 * Fetches what is missing of orders: executions first, then the orders themselves, so that an end is told after what came before it. Answers
 * those of which something is missing still: the list of activities may be behind the stream.
 */
export async function lookForMissing(
  client: TradingClient,
  tracker: OrderTracker,
  orders: readonly AlpacaOrder[],
  isAll: boolean,
): Promise<readonly AlpacaOrder[]> {
  const open = isAll ? await client.openOrders() : []
  for (const order of open) if (tracker.known(order.id) === undefined) tracker.note(order)
  if (orders.length === 0) return []
  const since = orders.reduce((first, { submittedAt }) => Math.min(first, submittedAt), Number.MAX_SAFE_INTEGER)
  const found = await Promise.all(orders.map(({ id }) => client.order(id)))
  const states = found.filter((state) => state !== undefined)
  const replacements: AlpacaOrder[] = []
  // The order that took another's place has the name that its end is told with.
  for (const { replacedBy } of states) {
    if (replacedBy === undefined || tracker.known(replacedBy) !== undefined) continue
    const replacement = await client.order(replacedBy)
    if (replacement === undefined) continue
    tracker.note(replacement)
    replacements.push(replacement)
  }
  for (const fill of await client.fills(since)) tracker.execute(fill)
  return [...states, ...replacements].filter((state) => !tracker.note(state))
}
