import type { Decimal } from '@tradeswarm/trading'
import type { OkxAlgo, OkxOrder } from './parse-order.js'

/** An order of the account with what was told of it. */
export type TrackedOrder = {
  /** What it is known by here: its client order id, or that of the venue where it has none; once amended, that of the last amendment. */
  name: string
  /** The venue's id: of an algo order its own, not that of the order that it becomes. */
  readonly id: string
  readonly symbol: string
  /** Undefined while an algo order waits to be set off. */
  order: OkxOrder | undefined
  /** What else an algo order has become, by its id. */
  siblings: Map<string, OkxOrder> | undefined
  readonly kind: 'order' | 'algo'
  algo: OkxAlgo | undefined
  readonly createdAt: number
  /** How much was asked for, where that was in this life: OKX cuts down what reduces a position, and what somebody else amends is other than it was. */
  asked: string | undefined
  isAccepted: boolean
  isTriggered: boolean
  hasEnded: boolean
  wasCancelled: boolean
  hasLapsed: boolean
  /** Executions that were told, by trade id: most orders have one, which needs no set. */
  firstExecution: string | undefined
  moreExecutions: Set<string> | undefined
  told: Decimal
  /** What was told of, price times quantity, of an order that counts in currency. */
  toldWorth: Decimal
  /** Of an order that was found at the start: what it had filled by then of which no list has told, and when that was. */
  unlisted: Decimal
  seenAt: number
}

/** Notes that an execution is told; false where it was told before. */
export function noteExecution(tracked: TrackedOrder, tradeId: string): boolean {
  if (tracked.firstExecution === undefined) {
    tracked.firstExecution = tradeId
    return true
  }
  if (tracked.firstExecution === tradeId || tracked.moreExecutions?.has(tradeId) === true) return false
  tracked.moreExecutions ??= new Set()
  tracked.moreExecutions.add(tradeId)
  return true
}

/** What an algo order has become as far as it is known; of any other, itself. */
export function childrenOf({ order, siblings }: TrackedOrder): readonly OkxOrder[] {
  if (order === undefined) return []
  return siblings === undefined ? [order] : [order, ...siblings.values()]
}

/** The ids of all that an algo order is known to have become. */
export function childIdsOf(tracked: TrackedOrder): readonly string[] {
  return [...new Set([...(tracked.algo?.childIds ?? []), ...childrenOf(tracked).map(({ id }) => id)])]
}
