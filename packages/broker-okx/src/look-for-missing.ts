import type { OrderTracker } from './order-tracker.js'
import type { TrackedOrder } from './tracked-order.js'
import type { TradingClient } from './trading-client.js'

/**
 * Fetches what is missing of orders: what an algo order has become, executions, then the orders themselves, so that an end is told after what
 * came before it. Answers those of which something is missing still: lists may be behind the stream.
 */
export async function lookForMissing(
  client: TradingClient,
  tracker: OrderTracker,
  orders: readonly TrackedOrder[],
  isAll: boolean,
): Promise<readonly TrackedOrder[]> {
  if (isAll) {
    const [open, algos] = await Promise.all([client.openOrders(), client.openAlgos()])
    for (const found of [...algos, ...open]) if (tracker.known(found.id) === undefined) tracker.note(found)
  }
  const isComplete = await Promise.all(orders.map((tracked) => lookAt(client, tracker, tracked)))
  return orders.filter((_, index) => isComplete[index] === false)
}

async function lookAt(client: TradingClient, tracker: OrderTracker, tracked: TrackedOrder): Promise<boolean> {
  if (tracked.kind === 'algo') {
    const algo = await client.algo(tracked.id)
    // It may be that only its order is missing: that is looked for below.
    if (algo !== undefined) tracker.note(algo)
  }
  const childId = tracked.order?.id ?? tracked.algo?.childId
  if (childId === undefined) return tracked.kind === 'algo' ? !isAwaitingChild(tracked) : true
  const order = await client.order(tracked.symbol, childId)
  // Cancelled ones without executions are forgotten by OKX after two hours: not found is no end.
  if (order === undefined) return true
  if (tracker.note(order)) return true
  for (const fill of await client.fillsOf(order)) tracker.execute(fill)
  return tracker.note(order)
}

function isAwaitingChild({ hasEnded, isTriggered, order }: TrackedOrder): boolean {
  return !hasEnded && isTriggered && order === undefined
}
