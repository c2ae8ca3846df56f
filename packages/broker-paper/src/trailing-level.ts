import { type Decimal, one, roundToStep, type Side } from '@tradeswarm/trading'

/** How far a stop stays behind the best price seen: an amount, or a fraction of that price. */
export type Trail = { readonly amount: Decimal } | { readonly fraction: Decimal }

/** The level that a price makes, on the tick: rounded away from the price, so that a level is never nearer than was asked. */
export function trailingLevel(trail: Trail, side: Side, price: Decimal, tick: Decimal): Decimal {
  if ('amount' in trail) {
    const level = side === 'sell' ? price.minus(trail.amount) : price.plus(trail.amount)
    return roundToStep(level, tick, side === 'sell' ? 'down' : 'up')
  }
  const factor = side === 'sell' ? one.minus(trail.fraction) : one.plus(trail.fraction)
  return roundToStep(price.times(factor), tick, side === 'sell' ? 'down' : 'up')
}

/** The level after a price was seen: it follows a better price and never loosens. */
export function followedLevel(
  current: Decimal | undefined,
  trail: Trail,
  side: Side,
  price: Decimal,
  tick: Decimal,
): Decimal {
  const level = trailingLevel(trail, side, price, tick)
  if (current === undefined) return level
  const isTighter = side === 'sell' ? level.gt(current) : level.lt(current)
  return isTighter ? level : current
}
