import type { OrderTracker } from './order-tracker.js'
import { childIdsOf, childrenOf, type TrackedOrder } from './tracked-order.js'
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
  const all = isAll ? [...orders, ...(await newOnes(client, tracker))] : orders
  const isComplete = await Promise.all(all.map((tracked) => lookAt(client, tracker, tracked)))
  return all.filter((_, index) => isComplete[index] === false)
}

/** Takes note of the open orders that nobody has told of; answers those of which executions are missing. */
async function newOnes(client: TradingClient, tracker: OrderTracker): Promise<readonly TrackedOrder[]> {
  const [open, algos] = await Promise.all([client.openOrders(), client.openAlgos()])
  const orders = await Promise.all(
    open.filter(({ id }) => tracker.known(id) === undefined).map(async (order) => (await client.named(order)) ?? order),
  )
  const unknown = [...algos.filter(({ id }) => tracker.known(id) === undefined), ...orders]
  return unknown.flatMap((found) => (tracker.note(found) ? [] : (tracker.known(found.id) ?? [])))
}

async function lookAt(client: TradingClient, tracker: OrderTracker, tracked: TrackedOrder): Promise<boolean> {
  let isUnseen = false
  if (tracked.kind === 'algo') {
    const algo = await client.algo(tracked.id)
    // It may be that only its order is missing: that is looked for below.
    if (algo !== undefined) tracker.note(algo)
    isUnseen = algo === undefined
  }
  // Cancelled ones without executions are forgotten by OKX after two hours: not found is no end. What is known to be missing is missing still.
  let isComplete = tracked.hasEnded || !(isUnseen || isAwaitingChild(tracked))
  for (const id of childIdsOf(tracked)) {
    const known = childrenOf(tracked).find((child) => child.id === id)
    const seen = await client.order(tracked.symbol, id)
    const order = seen ?? known
    isUnseen ||= seen === undefined && !tracked.hasEnded
    if (order === undefined) continue
    isComplete = tracker.note(order)
    if (isComplete) continue
    for (const fill of await client.fillsOf(order)) tracker.execute(fill)
    isComplete = tracker.note(order)
  }
  // One that has just been placed may be seen later than the break after it.
  return isComplete && (tracked.hasEnded || !isUnseen)
}

function isAwaitingChild({ isTriggered, order }: TrackedOrder): boolean {
  return isTriggered && order === undefined
}
