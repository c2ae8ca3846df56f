import { type Decimal, decimal, decimalText, divide, roundToStep, zero } from '../money/decimal.js'
import type { RoundTrip } from './round-trip.js'

/** Decimals to which an average entry price is worked out before it goes on the tick grid. */
const averagePlaces = 12

type Followed = Pick<RoundTrip, 'side' | 'plan' | 'entryNotional' | 'entryQuantity' | 'takenOverAt'>

/**
 * The stop level that a price calls for: behind it by the trail of the plan, and not below the average entry price (of a short: not above)
 * once the break-even price was reached. Rounded towards the market. Undefined where that is no tighter than the stop in force, or would
 * be at the price itself: a stop never gets looser, and never becomes a market order by being moved.
 */
export function followedStop(trip: Followed, price: Decimal, tickSize: string): string | undefined {
  const { side, plan } = trip
  if (plan === undefined) return undefined
  const isLong = side === 'long'
  const tighter = (a: Decimal, b: Decimal): boolean => (isLong ? a.gt(b) : a.lt(b))
  let best = decimal(plan.stopPrice)
  let found: Decimal | undefined
  for (const level of [trailLevel(trip, price), breakEvenLevel(trip, price)]) {
    if (level === undefined) continue
    const onGrid = roundToStep(level, decimal(tickSize), isLong ? 'up' : 'down')
    if (!tighter(onGrid, best) || !tighter(price, onGrid)) continue
    best = onGrid
    found = onGrid
  }
  return found === undefined ? undefined : decimalText(found)
}

/** Which exit a price has reached, of those that the venue does not hold. The stop comes first. */
export function reachedExit(
  { side, plan }: Followed,
  price: Decimal,
  watched: { readonly stop: boolean; readonly target: boolean },
): 'exit-stop' | 'exit-target' | undefined {
  if (plan === undefined) return undefined
  const reached = (level: string, above: boolean): boolean =>
    above ? price.gte(decimal(level)) : price.lte(decimal(level))
  if (watched.stop && reached(plan.stopPrice, side === 'short')) return 'exit-stop'
  return watched.target && reached(plan.targetPrice, side === 'long') ? 'exit-target' : undefined
}

/**
 * Whether a price lies beyond the limit of a stop that its venue carries out as a stop-limit, `offset` being the fraction of its level by which
 * its limit is beyond that: such a stop rests, and covers nothing until the price comes back.
 */
export function isLeaptOver({ side, plan }: Followed, price: Decimal, offset: string | undefined): boolean {
  if (plan === undefined || offset === undefined) return false
  const level = decimal(plan.stopPrice)
  const away = level.times(decimal(offset))
  return side === 'long' ? price.lt(level.minus(away)) : price.gt(level.plus(away))
}

function trailLevel({ side, plan }: Followed, price: Decimal): Decimal | undefined {
  const trail =
    plan?.trailAmount !== undefined
      ? decimal(plan.trailAmount)
      : plan?.trailFraction === undefined
        ? undefined
        : price.times(decimal(plan.trailFraction))
  if (trail === undefined) return undefined
  return side === 'long' ? price.minus(trail) : price.plus(trail)
}

function breakEvenLevel(trip: Followed, price: Decimal): Decimal | undefined {
  const { side, plan, entryNotional, entryQuantity, takenOverAt } = trip
  if (plan?.breakEvenPrice === undefined) return undefined
  const level = decimal(plan.breakEvenPrice)
  if (side === 'long' ? price.lt(level) : price.gt(level)) return undefined
  if (takenOverAt !== undefined) return decimal(takenOverAt)
  const quantity = decimal(entryQuantity)
  if (!quantity.gt(zero)) return undefined
  return divide(decimal(entryNotional), quantity, averagePlaces, side === 'long' ? 'up' : 'down')
}
