import { type Decimal, decimal } from '@tradeswarm/trading'
import { statusOf } from './order-status.js'
import type { AlpacaOrder } from './parse-order.js'

/** An order of the venue's, with what was told of its executions. */
export type Member = {
  order: AlpacaOrder
  /** Executions that were told, by what was filled with each: most orders have one, which needs no set. */
  firstExecution: string | undefined
  moreExecutions: Set<string> | undefined
  told: Decimal
  /** What it had filled when it was first heard of: that is told elsewhere, or was. */
  before: Decimal
}

/** An order as it is told of: of a pair its target, with the stop beside it. */
export type Tracked = Member & {
  /** Price times quantity of what was told, of an order for an amount of dollars. */
  toldWorth: Decimal
  stop: Member | undefined
  /** The stops that were replaced, the oldest first. */
  formerStops: readonly Member[] | undefined
  /** The order that has taken its place: what that one had filled is what this one has executed, and its own. */
  next: Tracked | undefined
  /** The order that was to take its place, and that the venue did not let: its client order id. */
  refused: string | undefined
  /** Of a target: the venue was asked, and has no stop beside it. */
  isAlone: boolean
  isAccepted: boolean
  isTriggered: boolean
  hasEnded: boolean
  wasCancelled: boolean
}

/** Takes what is heard of an order: it may be older than what is known. */
export function update(member: Member, order: AlpacaOrder): void {
  const { order: known } = member
  if (known === order) return
  const isOpen = statusOf(known, false) === 'open'
  const isLater =
    order.updatedAt > known.updatedAt ||
    (order.updatedAt === known.updatedAt && decimal(order.filledQuantity).gte(decimal(known.filledQuantity)))
  if (isOpen && (isLater || statusOf(order, false) !== 'open')) member.order = order
  else if (decimal(order.filledQuantity).gt(decimal(known.filledQuantity)))
    member.order = { ...member.order, filledQuantity: order.filledQuantity }
}

/** Whether executions are missing. */
export function isMissing({ told, order }: Member): boolean {
  return told.lt(decimal(order.filledQuantity))
}
