import { decimal, decimalText, type VenueOrder, zero } from '@tradeswarm/trading'
import type { AlpacaOrder } from './parse-order.js'

const ended: Readonly<Record<string, VenueOrder['status']>> = {
  filled: 'filled',
  canceled: 'canceled',
  expired: 'expired',
  rejected: 'rejected',
  replaced: 'replaced',
}
const atOnce: ReadonlySet<string> = new Set(['ioc', 'fok', 'opg', 'cls'])

/** The end of an order, in our words; `open` while it has none. One that had to trade at once and did not has expired, unless we cancelled it. */
export function statusOf(order: AlpacaOrder, wasCancelled: boolean): VenueOrder['status'] {
  const status = ended[order.status] ?? 'open'
  return status === 'canceled' && atOnce.has(order.timeInForce) && !wasCancelled ? 'expired' : status
}

/** An order as the order manager sees it. Sized in dollars, it counts in dollars. */
export function venueOrderOf(order: AlpacaOrder, wasCancelled: boolean): VenueOrder {
  const { quantity, notional, filledQuantity, averagePrice } = order
  const worth = averagePrice === undefined ? zero : decimal(averagePrice).times(decimal(filledQuantity))
  const status = statusOf(order, wasCancelled)
  // What is left of an amount buys nothing: for Alpaca it has filled, for whoever counts in dollars it has ended short of it.
  const isShort = status === 'filled' && notional !== undefined && !worth.eq(decimal(notional))
  return {
    clientOrderId: order.clientOrderId,
    venueOrderId: order.id,
    symbol: order.symbol,
    side: order.side,
    status: isShort ? 'canceled' : status,
    quantity: quantity ?? notional ?? '0',
    filledQuantity: quantity === undefined ? decimalText(worth) : filledQuantity,
  }
}
