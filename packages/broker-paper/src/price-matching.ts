import type { EpochMs } from '@tradeswarm/core'
import { type Decimal, roundToStep, type Side } from '@tradeswarm/trading'
import { limitInForce, type RestingOrder } from './resting-order.js'
import type { StandingQuote } from './symbol-market.js'

/** What a price of the market does to an order. */
export type Match = {
  /** The market's price that it rests on, and when the bar, the quote or the trade began that it lies in. */
  readonly referencePrice: Decimal
  readonly referenceTime: EpochMs
  /** The price at which it fills; undefined for the reference with slippage, bounded by the order's limit. */
  readonly price: Decimal | undefined
  readonly liquidity: 'maker' | 'taker'
  /** A stop is set off by this price. */
  readonly triggers: boolean
  /** False for a stop-limit that is set off where its limit is not met. */
  readonly trades: boolean
}

/** The finished bar's range. */
export type BarRange = {
  readonly start: EpochMs
  readonly open: Decimal
  readonly high: Decimal
  readonly low: Decimal
  readonly close: Decimal
}

/**
 * What an order that waited for the open gets there. Market orders and stops that the open reached or gapped past fill at the
 * slipped open; a limit that the open reached fills at the slipped open or its limit, whichever is better for it, but at its limit when
 * it must only rest. The same goes for the close and the orders that wait for it.
 */
export function matchInAuction(order: RestingOrder, price: Decimal, start: EpochMs): Match | undefined {
  if (!order.armed) return matchTaking(order, price, start)
  return matchStop(order, price, price, start) ?? (isPair(order) ? matchTaking(order, price, start) : undefined)
}

/** Whether an order that waits for its stop rests as a limit order meanwhile. */
function isPair({ armed, targetPrice }: RestingOrder): boolean {
  return armed && targetPrice !== undefined
}

/** What a resting stop gets out of a finished bar whose range touched it: its level (or the open, if that is worse) with slippage. */
export function matchStopInBar(order: RestingOrder, bar: BarRange): Match | undefined {
  const { side } = order.request
  const { stopPrice } = order
  if (!order.armed || stopPrice === undefined) return undefined
  return matchStop(order, side === 'sell' ? bar.low : bar.high, worse(side, stopPrice, bar.open), bar.start)
}

/** What a limit that rests gets out of a finished bar: its level when the market traded through it, or touched it where that is enough. */
export function matchLimitInBar(order: RestingOrder, bar: BarRange, fillsOnTouch: boolean): Match | undefined {
  const { side } = order.request
  const limitPrice = limitInForce(order)
  if (limitPrice === undefined) return undefined
  if (!isFilledBy(side, side === 'sell' ? bar.high : bar.low, limitPrice, fillsOnTouch)) return undefined
  // A limit that was already marketable when it came is worth at least the bar's worst price.
  const referencePrice = better(side, limitPrice, side === 'sell' ? bar.low : bar.high)
  const price = roundToStep(referencePrice, order.listing.tick, side === 'sell' ? 'down' : 'up')
  return { referencePrice, referenceTime: bar.start, price, liquidity: 'maker', triggers: false, trades: true }
}

/**
 * What an order gets from a quote. Market orders and stops that it reached fill at the far side with slippage. A limit that meets its
 * first quote takes from it as at an open; one that has rested before it fills at its limit, once the far side has crossed it.
 */
export function matchAtQuote(order: RestingOrder, quote: StandingQuote, fillsOnTouch: boolean): Match | undefined {
  const { side } = order.request
  const far = side === 'buy' ? quote.ask : quote.bid
  const stop = order.armed ? matchStop(order, far, far, quote.time) : undefined
  if (stop !== undefined || (order.armed && !isPair(order))) return stop
  if (!order.met || limitInForce(order) === undefined) return matchTaking(order, far, quote.time)
  return matchResting(order, far, quote.time, fillsOnTouch)
}

/**
 * What an order gets from a trade of others. A stop that it reached fills at its price, or at the far side of a fresh quote where that is
 * worse; a limit that rests fills at its level. What has just come takes from it only where no fresh quote is known.
 */
export function matchAtTrade(
  order: RestingOrder,
  price: Decimal,
  time: EpochMs,
  context: { readonly quote: StandingQuote | undefined; readonly fillsOnTouch: boolean },
): Match | undefined {
  const { quote } = context
  if (order.armed) {
    const { side } = order.request
    const far = quote === undefined ? price : side === 'buy' ? quote.ask : quote.bid
    const stop = matchStop(order, price, worse(side, price, far), time)
    if (stop !== undefined || !isPair(order)) return stop
  }
  if (quote === undefined && (!order.met || limitInForce(order) === undefined)) return matchTaking(order, price, time)
  return matchResting(order, price, time, context.fillsOnTouch)
}

/** A stop set off by `price`, with what the market then offers. */
function matchStop(order: RestingOrder, price: Decimal, offered: Decimal, time: EpochMs): Match | undefined {
  const { stopPrice } = order
  if (stopPrice === undefined || !isBeyondStop(order.request.side, price, stopPrice)) return undefined
  return stopMatch(order, offered, time)
}

/** A stop that is set off, with what the market then offers. */
export function stopMatch(order: RestingOrder, referencePrice: Decimal, referenceTime: EpochMs): Match {
  const { limitPrice } = order
  const trades = limitPrice === undefined || isMarketable(order.request.side, referencePrice, limitPrice)
  return { referencePrice, referenceTime, price: undefined, liquidity: 'taker', triggers: true, trades }
}

function matchTaking(order: RestingOrder, referencePrice: Decimal, referenceTime: EpochMs): Match | undefined {
  const limitPrice = limitInForce(order)
  if (limitPrice !== undefined && !isMarketable(order.request.side, referencePrice, limitPrice)) return undefined
  const rests = order.request.postOnly === true
  const liquidity = rests ? 'maker' : 'taker'
  const price = rests ? limitPrice : undefined
  return { referencePrice, referenceTime, price, liquidity, triggers: false, trades: true }
}

function matchResting(order: RestingOrder, market: Decimal, time: EpochMs, fillsOnTouch: boolean): Match | undefined {
  const limitPrice = limitInForce(order)
  if (limitPrice === undefined || !isFilledBy(order.request.side, market, limitPrice, fillsOnTouch)) return undefined
  return {
    referencePrice: market,
    referenceTime: time,
    price: limitPrice,
    liquidity: 'maker',
    triggers: false,
    trades: true,
  }
}

/** True when a price sets the stop off: at or below a sell stop, at or above a buy stop. */
export function isBeyondStop(side: Side, price: Decimal, stopPrice: Decimal): boolean {
  return side === 'sell' ? price.lte(stopPrice) : price.gte(stopPrice)
}

/** True when the limit allows a trade at this price. */
export function isMarketable(side: Side, price: Decimal, limitPrice: Decimal): boolean {
  return side === 'buy' ? price.lte(limitPrice) : price.gte(limitPrice)
}

function isFilledBy(side: Side, price: Decimal, limitPrice: Decimal, fillsOnTouch: boolean): boolean {
  if (fillsOnTouch) return isMarketable(side, price, limitPrice)
  return side === 'sell' ? price.gt(limitPrice) : price.lt(limitPrice)
}

/** The price that is worse for this side: the lower one for a sale. */
export function worse(side: Side, a: Decimal, b: Decimal): Decimal {
  return a.lt(b) === (side === 'sell') ? a : b
}

/** The price that is better for this side: the higher one for a sale. */
export function better(side: Side, a: Decimal, b: Decimal): Decimal {
  return a.lt(b) === (side === 'sell') ? b : a
}
