import { type Decimal, decimal, one, roundToStep, type Side } from '@tradeswarm/trading'

const perBasisPoint = decimal('0.0001')

/** The price after slippage: worse by so many basis points, then rounded to the tick in the same, adverse direction; at least one tick. */
export function slippedPrice(price: Decimal, side: Side, basisPoints: Decimal, tick: Decimal): Decimal {
  const move = basisPoints.times(perBasisPoint)
  if (side === 'buy') return roundToStep(price.times(one.plus(move)), tick, 'up')
  const slipped = roundToStep(price.times(one.minus(move)), tick, 'down')
  return slipped.lt(tick) ? tick : slipped
}
