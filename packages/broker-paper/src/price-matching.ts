import { type Decimal, roundToStep, type Side } from '@tradeswarm/trading'
import type { RestingOrder } from './resting-order.js'
import { slippedPrice } from './slippage.js'

/** The price at which an order may fill, and the market's price that it rests on. */
export type Match = {
  readonly price: Decimal
  readonly referencePrice: Decimal
  readonly liquidity: 'maker' | 'taker'
  /** A stop was set off by this price. */
  readonly triggers: boolean
}

/** The finished bar's range. */
export type BarRange = { readonly open: Decimal; readonly high: Decimal; readonly low: Decimal }

/**
 * What an order that waited for the open gets there. Market orders and stops that the open reached or gapped past fill at the
 * slipped open; a limit that the open reached fills at the slipped open or its limit, whichever is better for it.
 */
export function matchAtOpen(order: RestingOrder, open: Decimal, slippageBasisPoints: Decimal): Match | undefined {
  const { side } = order.request
  const slipped = slippedPrice(open, side, slippageBasisPoints, order.listing.tick)
  const taken = { referencePrice: open, liquidity: 'taker' } as const
  if (order.stopPrice !== undefined && !order.triggered) {
    return isBeyondStop(side, open, order.stopPrice) ? { ...taken, price: slipped, triggers: true } : undefined
  }
  if (order.limitPrice === undefined) return { ...taken, price: slipped, triggers: false }
  const isMarketable = side === 'buy' ? open.lte(order.limitPrice) : open.gte(order.limitPrice)
  if (!isMarketable) return undefined
  return { ...taken, price: better(side, slipped, order.limitPrice), triggers: false }
}

/**
 * What a resting stop or limit gets out of a finished bar. A stop that the range touched fills at its level (or the open, if
 * that is worse) with slippage; a limit fills at its level only if the market traded through it, a touch is not enough.
 */
export function matchInBar(order: RestingOrder, bar: BarRange, slippageBasisPoints: Decimal): Match | undefined {
  const { side } = order.request
  const { stopPrice, limitPrice } = order
  if (order.triggered) return undefined
  if (stopPrice !== undefined) {
    const extreme = side === 'sell' ? bar.low : bar.high
    return isBeyondStop(side, extreme, stopPrice)
      ? stopMatch(order, worse(side, stopPrice, bar.open), slippageBasisPoints)
      : undefined
  }
  if (limitPrice === undefined) return undefined
  const isThrough = side === 'sell' ? bar.high.gt(limitPrice) : bar.low.lt(limitPrice)
  if (!isThrough) return undefined
  // A limit that was already marketable when it came is worth at least the bar's worst price.
  const referencePrice = better(side, limitPrice, side === 'sell' ? bar.low : bar.high)
  const price = roundToStep(referencePrice, order.listing.tick, side === 'sell' ? 'down' : 'up')
  return { price, referencePrice, liquidity: 'maker', triggers: false }
}

/** A stop set off at a price of the market. */
export function stopMatch(order: RestingOrder, referencePrice: Decimal, slippageBasisPoints: Decimal): Match {
  const price = slippedPrice(referencePrice, order.request.side, slippageBasisPoints, order.listing.tick)
  return { price, referencePrice, liquidity: 'taker', triggers: true }
}

/** True when a price sets the stop off: at or below a sell stop, at or above a buy stop. */
export function isBeyondStop(side: Side, price: Decimal, stopPrice: Decimal): boolean {
  return side === 'sell' ? price.lte(stopPrice) : price.gte(stopPrice)
}

/** The price that is worse for this side: the lower one for a sale. */
export function worse(side: Side, a: Decimal, b: Decimal): Decimal {
  return a.lt(b) === (side === 'sell') ? a : b
}

function better(side: Side, a: Decimal, b: Decimal): Decimal {
  return a.lt(b) === (side === 'sell') ? b : a
}
