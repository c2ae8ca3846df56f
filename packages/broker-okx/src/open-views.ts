import type { VenueOrder } from '@tradeswarm/trading'
import type { OrderTracker } from './order-tracker.js'
import type { OkxAlgo, OkxOrder } from './parse-order.js'
import { childrenOf } from './tracked-order.js'
import { noWord, venueAlgoOf, venueOrderOf, wholeOf } from './venue-order.js'

/** What is open as the order manager sees it, the oldest first: an algo order is one with all that it has become. */
export function openViews(
  orders: readonly OkxOrder[],
  algos: readonly OkxAlgo[],
  tracker: OrderTracker,
): readonly VenueOrder[] {
  const waiting = new Map(algos.map((algo) => [algo.id, algo]))
  const resting = new Map<string, OkxOrder[]>()
  for (const order of orders) {
    const id = order.algoId ?? order.id
    const kin = resting.get(id)
    if (kin === undefined) resting.set(id, [order])
    else kin.push(order)
  }
  const seen: { readonly at: number; readonly view: VenueOrder }[] = []
  for (const [id, algo] of waiting) {
    const child = wholeOf(withEnded(resting.get(id) ?? [], tracker))
    resting.delete(id)
    seen.push({ at: algo.createdAt, view: venueAlgoOf(algo, child, tracker.nameOf(algo), noWord) })
  }
  for (const open of resting.values()) {
    const order = wholeOf(withEnded(open, tracker))
    if (order !== undefined)
      seen.push({ at: order.createdAt, view: venueOrderOf(order, tracker.nameOf(order), noWord) })
  }
  return seen.sort((a, b) => a.at - b.at).map(({ view }) => view)
}

/** What rests of an algo order, with what has ended of it as far as that is known here. */
function withEnded(open: readonly OkxOrder[], tracker: OrderTracker): readonly OkxOrder[] {
  const [first] = open
  const tracked = first?.algoId === undefined ? undefined : tracker.known(first.id)
  if (tracked === undefined) return open
  return [...open, ...childrenOf(tracked).filter(({ id }) => open.every((order) => order.id !== id))]
}
