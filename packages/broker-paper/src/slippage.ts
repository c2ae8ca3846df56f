import { type Decimal, decimal, fromFloat, one, roundToStep, type Side, toFloat, zero } from '@tradeswarm/trading'
import type { SlippageModel } from './paper-broker-options.js'

const perBasisPoint = decimal('0.0001')
const mostBasisPoints = decimal('10000')

/** The price after slippage: worse by so many basis points, then rounded to the tick in the same, adverse direction; at least one tick. */
export function slippedPrice(price: Decimal, side: Side, basisPoints: Decimal, tick: Decimal): Decimal {
  const move = basisPoints.times(perBasisPoint)
  if (side === 'buy') return roundToStep(price.times(one.plus(move)), tick, 'up')
  const slipped = roundToStep(price.times(one.minus(move)), tick, 'down')
  return slipped.lt(tick) ? tick : slipped
}

/**
 * Basis points for a fill of this size: the fixed ones, and those of the square-root law of market impact (`impact` × √(quantity / volume)),
 * to 4 decimals. The volume is of the bar before; without one, as if all of it were traded.
 */
export function slippageFor(model: SlippageModel, quantity: Decimal, volume: Decimal | undefined): Decimal {
  if (model.impactBasisPoints === undefined || quantity.lte(zero)) return model.basisPoints
  const share = volume === undefined || volume.lte(quantity) ? 1 : toFloat(quantity) / toFloat(volume)
  const total = model.basisPoints.plus(model.impactBasisPoints.times(fromFloat(Math.sqrt(share), 8)))
  return total.gt(mostBasisPoints) ? mostBasisPoints : total
}
