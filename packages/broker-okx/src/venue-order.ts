import { type Decimal, decimal, decimalText, type VenueOrder, zero } from '@tradeswarm/trading'
import { readTag } from './order-tag.js'
import type { OkxAlgo, OkxFill, OkxOrder } from './parse-order.js'

/** How an order ended that OKX only calls cancelled, by its `cancelSource`. */
const postOnlyCrossed = '31'
const selfTrade = '32'
const atOnce: ReadonlySet<string> = new Set(['ioc', 'fok', 'optimal_limit_ioc'])
/** Of an algo order of which not all orders have been made yet. */
export const partlySetOff = 'partially_effective'
const triggered: ReadonlySet<string> = new Set(['effective', partlySetOff, 'order_placed', 'filled'])
const failed: ReadonlySet<string> = new Set(['order_failed', 'partially_failed'])

/** What is known besides what the venue says. */
export type OwnWord = { readonly wasCancelled: boolean; readonly hasLapsed: boolean }

export const noWord: OwnWord = { wasCancelled: false, hasLapsed: false }

/**
 * The end of an order, in our words; `open` while it has none. OKX rejects nothing that it has once acknowledged: what would have taken as
 * post-only, or met an order of ours, is cancelled, and has been rejected. One that had to trade at once and did not has expired, unless we
 * cancelled it; so has one whose time was over.
 */
export function statusOf(order: OkxOrder, { wasCancelled, hasLapsed }: OwnWord): VenueOrder['status'] {
  if (order.state === 'filled') return 'filled'
  if (order.state !== 'canceled' && order.state !== 'mmp_canceled') return 'open'
  const isUntouched = decimal(order.filledQuantity).eq(zero)
  if (isUntouched && (order.cancelSource === postOnlyCrossed || isSelfTrade(order))) return 'rejected'
  if (hasLapsed) return 'expired'
  const tag = readTag(order.tag)
  const hadToTrade = atOnce.has(order.type) || tag?.type === 'at-once'
  if (hadToTrade && !wasCancelled) return 'expired'
  return tag?.type === 'until' && order.updatedAt >= tag.time ? 'expired' : 'canceled'
}

/** Whether an order was cancelled since it would have traded with another of ours. */
export function isSelfTrade({ cancelSource, type }: OkxOrder): boolean {
  // One that rested gives way to an exit: that is no refusal of it.
  return cancelSource === selfTrade && type !== 'limit' && type !== 'post_only'
}

/** Whether an algo order has been set off. */
export function isSetOff({ state }: OkxAlgo): boolean {
  return triggered.has(state) || failed.has(state)
}

/** What an algo order has become, as one order; undefined where it has become none. */
export function wholeOf(children: readonly OkxOrder[]): OkxOrder | undefined {
  const [first] = children
  if (first === undefined || children.length === 1) return first
  const sum = (amountOf: (child: OkxOrder) => string): string =>
    decimalText(children.reduce((total, child) => total.plus(decimal(amountOf(child))), zero))
  // One that is open, else one that was cancelled, says how it stands with all.
  const unfilled = children.filter(({ state }) => state !== 'filled')
  const { state, cancelSource } = unfilled.find(stateIsOpen) ?? unfilled[0] ?? first
  const updatedAt = Math.max(...children.map((child) => child.updatedAt))
  const [quantity, filledQuantity] = [sum((child) => child.quantity), sum((child) => child.filledQuantity)]
  return { ...first, state, cancelSource, updatedAt, quantity, filledQuantity }
}

/** Whether an order is open at the venue. */
export function stateIsOpen({ state }: OkxOrder): boolean {
  return state === 'live' || state === 'partially_filled'
}

/** The end of an algo order; `open` while it waits, or the order lives that it has become. */
export function algoStatusOf(algo: OkxAlgo, child: OkxOrder | undefined, own: OwnWord): VenueOrder['status'] {
  if (child !== undefined) {
    const status = statusOf({ ...child, tag: algo.tag }, own)
    if (status !== 'filled' || decimal(child.filledQuantity).gte(decimal(algo.quantity))) return status
    // OKX makes several orders of one, or fewer units than were asked for; what it made no order of will not trade.
    return isSetOff(algo) && algo.state !== partlySetOff ? 'canceled' : 'open'
  }
  if (failed.has(algo.state)) return 'rejected'
  if (algo.state !== 'canceled') return 'open'
  const tag = readTag(algo.tag)
  const isLate = tag?.type === 'until' && algo.updatedAt >= tag.time
  return own.hasLapsed || isLate ? 'expired' : 'canceled'
}

/** What executions come to, price times quantity. */
export function worthOf(fills: readonly OkxFill[]): Decimal {
  return fills.reduce((sum, { price, quantity }) => sum.plus(decimal(price).times(decimal(quantity))), zero)
}

/** An order as the order manager sees it. Sized in currency, it counts in currency. */
export function venueOrderOf(order: OkxOrder, clientOrderId: string, own: OwnWord): VenueOrder {
  const { averagePrice, filledQuantity } = order
  const worth = averagePrice === undefined ? zero : decimal(averagePrice).times(decimal(filledQuantity))
  const status = statusOf(order, own)
  // What is left of an amount buys nothing: for OKX it has filled, for whoever counts in currency it has ended short of it.
  const isShort = status === 'filled' && order.isInQuote && !worth.eq(decimal(order.quantity))
  return {
    clientOrderId,
    venueOrderId: order.id,
    symbol: order.symbol,
    side: order.side,
    status: isShort ? 'canceled' : status,
    quantity: order.quantity,
    filledQuantity: order.isInQuote ? decimalText(worth) : filledQuantity,
  }
}

/** {@link venueOrderOf}, of an algo order with what it has become. It keeps its own id. */
export function venueAlgoOf(
  algo: OkxAlgo,
  child: OkxOrder | undefined,
  clientOrderId: string,
  own: OwnWord,
): VenueOrder {
  return {
    clientOrderId,
    venueOrderId: algo.id,
    symbol: algo.symbol,
    side: algo.side,
    status: algoStatusOf(algo, child, own),
    quantity: algo.quantity,
    filledQuantity: child?.filledQuantity ?? '0',
  }
}
