import { refusalIn } from '@tradeswarm/broker-kit'
import { type Decimal, decimal } from '@tradeswarm/trading'
import type { OrderTracker } from './order-tracker.js'
import { isHalf, isStopOfPair, isTarget, stopOf } from './pair.js'
import type { AlpacaOrder, FillActivity } from './parse-order.js'
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
  const all = isAll ? [...orders, ...(await newOnes(client, tracker))] : orders
  if (all.length === 0) return []
  // What an amended order is said to have filled may be of those before it.
  const wanted = all.flatMap((order) => [order, ...tracker.predecessorsOf(order.id)])
  const since = wanted.reduce((first, { submittedAt }) => Math.min(first, submittedAt), Number.MAX_SAFE_INTEGER)
  const ids = new Set<string>()
  for (const order of wanted) ids.add(await ownerOf(client, tracker, order))
  const found = await Promise.all([...ids].map((id) => client.order(id)))
  const states = found.filter((state) => state !== undefined)
  // What is not to be seen yet is missing still.
  const unseen = [...ids].flatMap((id, index) => (found[index] === undefined ? (tracker.known(id) ?? []) : []))
  // The order that took another's place has the name that its end is told with, and may have filled, or been replaced, itself.
  const heard = [...states]
  for (const { replacedBy } of heard) {
    if (replacedBy === undefined || tracker.known(replacedBy) !== undefined) continue
    const replacement = await client.order(replacedBy)
    if (replacement === undefined) continue
    tracker.note(replacement)
    heard.push(replacement)
  }
  for (const state of states) await pairUp(client, tracker, state)
  const missing = missingOf(tracker, heard)
  if (missing.size > 0) {
    const fills = await client.latestFills(since, (page) => takeOff(missing, page))
    for (const fill of fills) tracker.execute(fill)
  }
  return [...heard, ...unseen].filter((state) => !tracker.note(state))
}

/** Of orders that have filled more than was told: from which filled quantity on that was, by their ids. */
function missingOf(tracker: OrderTracker, states: readonly AlpacaOrder[]): Map<string, Decimal> {
  const missing = new Map<string, Decimal>()
  for (const state of states)
    for (const order of [state, ...state.legs, ...tracker.predecessorsOf(state.id)]) {
      const from = tracker.missingFrom(order)
      if (from !== undefined) missing.set(order.id, from)
    }
  return missing
}

/** Takes off what a page of executions, the latest first, tells down to where it began. Answers whether nothing is missing any more. */
function takeOff(missing: Map<string, Decimal>, page: readonly FillActivity[]): boolean {
  for (const { orderId, cumulative, quantity } of page) {
    const from = missing.get(orderId)
    if (from !== undefined && decimal(cumulative).minus(decimal(quantity)).lte(from)) missing.delete(orderId)
  }
  return missing.size === 0
}

/** Takes note of the open orders that nobody has told of; answers those of which executions are missing. */
async function newOnes(client: TradingClient, tracker: OrderTracker): Promise<readonly AlpacaOrder[]> {
  const unknown = (await client.openOrders()).filter(({ id }) => tracker.known(id) === undefined)
  return unknown.filter((order) => !tracker.note(order))
}

/** The id of the order that an order is told of under; of a stop whose pair nobody knows the venue is asked for it. */
async function ownerOf(client: TradingClient, tracker: OrderTracker, order: AlpacaOrder): Promise<string> {
  const known = tracker.ownerOf(order.id)
  if (known !== undefined || !isStopOfPair(order)) return known?.id ?? order.id
  const pair = await client.pairOf(order)
  if (pair === undefined) tracker.noteAlone(order)
  else tracker.note(pair)
  return pair?.id ?? order.id
}

/** A target that is alone is an order by itself. One whose stop has ended without it protects nothing: it is cancelled, for there to be another pair. */
async function pairUp(client: TradingClient, tracker: OrderTracker, state: AlpacaOrder): Promise<void> {
  if (!isTarget(state)) return
  if (state.legs.length === 0) tracker.noteAlone(state)
  else if (isHalf(state, stopOf(state))) await client.cancel(state.id).catch(unlessRefused)
}

/** It has ended meanwhile. */
function unlessRefused(thrown: unknown): void {
  if (refusalIn(thrown) === undefined) throw thrown
}
