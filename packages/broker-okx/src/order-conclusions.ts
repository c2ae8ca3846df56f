import { type Decimal, decimal, type VenueOrder } from '@tradeswarm/trading'
import { failedAlgo, postOnlyRefusal, selfTradeRefusal } from './explain-refusal.js'
import type { OkxAlgo, OkxFill, OkxOrder } from './parse-order.js'
import type { TrackedOrder } from './tracked-order.js'
import { isSelfTrade, isSetOff, stateIsOpen, statusOf } from './venue-order.js'

/** Those of an order that are part of what it had filled when it was looked at. */
export function fillsWithin(fills: readonly OkxFill[], filled: Decimal, lookedAt: number): readonly OkxFill[] {
  let left = filled
  return fills.filter(({ quantity, time }) => {
    const amount = decimal(quantity)
    if (time > lookedAt || amount.gt(left)) return false
    left = left.minus(amount)
    return true
  })
}

/** Whether an algo order that was set off has become something of which nothing is known. */
export function isChildMissing(tracked: TrackedOrder, status: VenueOrder['status'] | undefined): boolean {
  const { algo, order, siblings } = tracked
  const ids = algo?.childIds ?? []
  if (order === undefined) return status === 'open' || ids.length > 0
  return ids.some((id) => id !== order.id && siblings?.has(id) !== true)
}

/** Of two words on one order the later; what has ended stays so. */
export function laterOf(known: OkxOrder, order: OkxOrder): OkxOrder {
  const isOpen = stateIsOpen(known)
  const isLater =
    order.updatedAt > known.updatedAt ||
    (order.updatedAt === known.updatedAt && decimal(order.filledQuantity).gte(decimal(known.filledQuantity)))
  if (isOpen && (isLater || !stateIsOpen(order))) return order
  const hasMore = decimal(order.filledQuantity).gt(decimal(known.filledQuantity))
  return hasMore ? { ...known, filledQuantity: order.filledQuantity } : known
}

/** Whether an execution is part of what an order had filled when it was found, though the list did not tell of it then. */
export function wasHadAlready(tracked: TrackedOrder, { time }: OkxFill, quantity: Decimal): boolean {
  const { unlisted, seenAt } = tracked
  if (unlisted.isZero() || time > seenAt || quantity.gt(unlisted)) return false
  tracked.unlisted = unlisted.minus(quantity)
  return true
}

/**
 * Of an order for an amount of currency something may be left, for which not one lot is to be had, and of one that was cut down: to OKX it has
 * filled.
 */
export function plainStatusOf(order: OkxOrder, tracked: TrackedOrder): VenueOrder['status'] {
  const status = statusOf(order, tracked)
  if (status !== 'filled') return status
  const { asked = order.quantity } = tracked
  if (!order.isInQuote)
    return asked !== order.quantity && decimal(order.filledQuantity).lt(decimal(asked)) ? 'canceled' : status
  return tracked.toldWorth.lt(decimal(order.quantity)) ? 'canceled' : status
}

/** Whether an algo order is known to have been set off. */
export function isSetOffAlgo(algo: OkxAlgo | undefined): boolean {
  return algo !== undefined && isSetOff(algo)
}

/** Whether an order was never accepted, as far as is known. */
export function isRefused({ order, algo }: TrackedOrder): boolean {
  return (
    algo === undefined &&
    order !== undefined &&
    statusOf(order, { wasCancelled: false, hasLapsed: false }) === 'rejected'
  )
}

/** Why an order was rejected. */
export function refusalOf({ order, algo }: TrackedOrder): { readonly code: string; readonly message: string } {
  if (order !== undefined) return isSelfTrade(order) ? selfTradeRefusal : postOnlyRefusal
  return failedAlgo(algo?.failCode ?? '')
}
