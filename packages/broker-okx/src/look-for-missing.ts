import type { EpochMs } from '@tradeswarm/core'
import { type ForgottenParts, forgottenAlgo, forgottenOrder, restingIds, unseenChild } from './forgotten-orders.js'
import type { OrderTracker } from './order-tracker.js'
import type { OkxOrder } from './parse-order.js'
import { childIdsOf, childrenOf, type TrackedOrder } from './tracked-order.js'
import type { TradingClient } from './trading-client.js'

/**
 * Fetches what is missing of orders: what an algo order has become, executions, then the orders themselves, so that an end is told after what
 * came before it. Answers those of which something is missing still: lists may be behind the stream. What the venue has forgotten was
 * cancelled, which is told, and it is not asked for again.
 */
export async function lookForMissing(
  client: TradingClient,
  tracker: OrderTracker,
  orders: readonly TrackedOrder[],
  { isAll, now }: { readonly isAll: boolean; readonly now: EpochMs },
): Promise<readonly TrackedOrder[]> {
  const all = isAll ? [...orders, ...(await newOnes(client, tracker))] : orders
  const parts = { client, tracker, now, resting: restingIds(client) }
  const isComplete = await Promise.all(all.map((tracked) => lookAt(parts, tracked)))
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

type LookParts = ForgottenParts & { readonly client: TradingClient; readonly tracker: OrderTracker }

async function lookAt(parts: LookParts, tracked: TrackedOrder): Promise<boolean> {
  const { client, tracker } = parts
  let isUnseen = false
  if (tracked.kind === 'algo') {
    const algo = (await client.algo(tracked.id)) ?? (await forgotten(parts, tracked))
    // It may be that only its order is missing: that is looked for below.
    if (algo !== undefined) tracker.note(algo)
    isUnseen = algo === undefined
  }
  // What is known to be missing is missing still.
  let isComplete = tracked.hasEnded || !(isUnseen || isAwaitingChild(tracked))
  for (const id of childIdsOf(tracked)) {
    const known = childrenOf(tracked).find((child) => child.id === id)
    const seen = (await client.order(tracked.symbol, id)) ?? (await asForgotten(parts, tracked, known, id))
    const order = seen ?? known
    isUnseen ||= seen === undefined && !tracked.hasEnded
    // Of one that was taken, and is not seen, it is not known whether it may stay.
    if (order === undefined || (seen === undefined && !tracked.isAccepted)) continue
    isComplete = tracker.note(order)
    if (isComplete) continue
    for (const fill of await client.fillsOf(order)) tracker.execute(fill)
    isComplete = tracker.note(order)
  }
  // One that has just been placed may be seen later than the break after it.
  return isComplete && (tracked.hasEnded || !isUnseen)
}

async function forgotten(parts: LookParts, { algo, hasEnded }: TrackedOrder): ReturnType<typeof forgottenAlgo> {
  return algo === undefined || hasEnded ? undefined : forgottenAlgo(algo, parts)
}

/** An order that the venue does not know as it has ended, with its executions told; undefined while it may yet be found. */
async function asForgotten(
  parts: LookParts,
  tracked: TrackedOrder,
  known: OkxOrder | undefined,
  id: string,
): Promise<OkxOrder | undefined> {
  const last = known ?? unseenChild(tracked, id)
  if (last === undefined || tracked.hasEnded) return undefined
  const ended = await forgottenOrder(last, parts)
  if (ended === undefined) return undefined
  for (const fill of ended.fills) parts.tracker.execute(fill)
  return ended.order
}

function isAwaitingChild({ isTriggered, order }: TrackedOrder): boolean {
  return isTriggered && order === undefined
}
