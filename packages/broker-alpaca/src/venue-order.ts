import { decimal, decimalText, type VenueOrder, zero } from '@tradeswarm/trading'
import { statusOf } from './order-status.js'
import { filledOf, isTarget, pairStatusOf, quantityOf, stopOf } from './pair.js'
import type { AlpacaOrder } from './parse-order.js'

/** An order as the order manager sees it. Sized in dollars, it counts in dollars; a pair is one order. */
export function venueOrderOf(order: AlpacaOrder, wasCancelled: boolean): VenueOrder {
  if (isTarget(order)) return venuePairOf(order, wasCancelled)
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

function venuePairOf(target: AlpacaOrder, wasCancelled: boolean): VenueOrder {
  const stop = stopOf(target)
  return {
    clientOrderId: target.clientOrderId,
    venueOrderId: target.id,
    symbol: target.symbol,
    side: target.side,
    status: pairStatusOf(target, stop, wasCancelled),
    quantity: decimalText(quantityOf(target, stop)),
    filledQuantity: decimalText(filledOf(target, stop)),
  }
}
