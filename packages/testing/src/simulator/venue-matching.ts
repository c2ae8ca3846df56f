import type { OrderRequest } from '@tradeswarm/trading'
import { type Exact, exact, floorTo, least, times, unit } from './exact.js'
import type { VenueRules } from './scenario.js'
import type { VenueBooks } from './venue-books.js'
import { leavesOf, unitsFor, type VenueOrderTruth } from './venue-order.js'

const waits: ReadonlySet<OrderRequest['type']> = new Set(['stop', 'stop-limit', 'trailing-stop', 'oco'])

/** Whether a price sets an order off, now or before; the level of one that trails follows the price. */
export function isSetOff(order: VenueOrderTruth, price: Exact): boolean {
  const { request } = order
  if (!waits.has(request.type) || order.triggered) return true
  if (isStopReached(order, price)) return true
  if (request.type === 'oco') return reachesLimit(request, price)
  const isBuy = request.side === 'buy'
  const level = levelOf(order)
  if (request.type !== 'trailing-stop') return false
  const next = trailedLevel(request, price)
  if (isBuy ? next < level : next > level) order.level = next
  return false
}

/** Whether a price has reached the level of a stop: of a pair, that of its stop. */
export function isStopReached(order: VenueOrderTruth, price: Exact): boolean {
  return order.request.side === 'buy' ? price >= levelOf(order) : price <= levelOf(order)
}

function levelOf({ level, request }: VenueOrderTruth): Exact {
  return level ?? exact(request.stopPrice ?? '0')
}

function reachesLimit({ side, limitPrice }: OrderRequest, price: Exact): boolean {
  const limit = exact(limitPrice ?? '0')
  return side === 'buy' ? price <= limit : price >= limit
}

/** How far behind a price a trailing stop lies. */
export function trailedLevel({ side, trailAmount, trailFraction }: OrderRequest, price: Exact): Exact {
  const behind = trailAmount === undefined ? times(price, exact(trailFraction ?? '0')) : exact(trailAmount)
  return side === 'buy' ? price + behind : price - behind
}

/** Whether an order that rests, or was set off, takes a price. */
export function takesPrice(request: OrderRequest, price: Exact): boolean {
  const { type } = request
  return (type !== 'limit' && type !== 'stop-limit') || reachesLimit(request, price)
}

/** Whole lots of an order that can be executed at a price: what is held, lent or paid for. */
export function executableAt(order: VenueOrderTruth, price: Exact, books: VenueBooks, rules: VenueRules): Exact {
  const { side, symbol, reduceOnly } = order.request
  const lot = books.lot(symbol)
  const leaves = unitsFor(order, books.unitPrice(symbol, price), leavesOf(order), lot)
  const held = books.held(symbol)
  const there = side === 'sell' ? held : -held
  if (reduceOnly) return floorTo(least(leaves, there < 0n ? 0n : there), lot)
  if (books.isContract(symbol)) return books.cash(books.currencyOf(symbol)) > 0n ? floorTo(leaves, lot) : 0n
  if (side === 'sell')
    return floorTo(rules.lendsAt === undefined ? least(leaves, there < 0n ? 0n : there) : leaves, lot)
  const fee = exact(String(rules.feeBasisPoints)) / 10_000n
  const currency = books.currencyOf(symbol)
  const isFeeApart = rules.feeInAsset || (rules.feeCurrency ?? currency) !== currency
  const perUnit = isFeeApart ? price : price + times(price, fee)
  const cash = books.cash(currency)
  return floorTo(least(leaves, cash <= 0n ? 0n : (cash * unit) / perUnit), lot)
}
