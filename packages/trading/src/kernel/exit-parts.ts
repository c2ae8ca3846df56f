import type { Instrument } from '../instruments/instrument.js'
import { type Decimal, decimal, divide, roundToStep, zero } from '../money/decimal.js'
import type { KernelRuntime } from './kernel-runtime.js'

/** An exit is sent in at most so many orders at once; what is more than that follows when those are over. */
const maximumParts = 50

/** What an order may be worth is judged by the venue's price, which may be so much above the one that is known here. */
const priceMargin = decimal('1.05')

/**
 * A last price that is so many times the level of an exit and what its units have cost is not believed until the venue has refused an exit: cut
 * up by a price that was none, an exit would be as many orders as go out at once, and cover next to nothing.
 */
const farAbove = decimal('4')

/** More decimals than any lot has. */
const places = 18

/**
 * The most that one order that leaves a position may be of at its venue, on the lot grid; undefined where nothing bounds it, or a single lot
 * is more. `level` is the price that a stop or a target goes by.
 */
export function largestExit(runtime: KernelRuntime, instrument: Instrument, level?: string): Decimal | undefined {
  const { maximumQuantity, maximumNotional, symbol, lotSize, multiplier } = instrument
  if (maximumQuantity === undefined && maximumNotional === undefined) return undefined
  const byQuantity = maximumQuantity === undefined ? undefined : decimal(maximumQuantity, 'maximumQuantity')
  const price = maximumNotional === undefined ? undefined : highestPrice(runtime, symbol, level)
  const byWorth =
    maximumNotional === undefined || price === undefined
      ? undefined
      : divide(decimal(maximumNotional, 'maximumNotional'), unitWorth(price, multiplier), places, 'down')
  const most = leastOf(byQuantity, byWorth)
  const whole = most === undefined ? zero : roundToStep(most, decimal(lotSize), 'down')
  return whole.gt(zero) ? whole : undefined
}

/** Sizes of orders of at most `most` each that come to `quantity`: about as large as each other, so that none is too small to be taken. */
export function partsOf(quantity: Decimal, most: Decimal | undefined, lotSize: string): readonly Decimal[] {
  if (most === undefined || quantity.lte(most)) return [quantity]
  const lot = decimal(lotSize)
  const parts: Decimal[] = []
  let left = quantity
  for (let count = countOfParts(quantity, most); count > 0 && parts.length < maximumParts; count -= 1) {
    const share = roundToStep(divide(left, decimal(String(count)), places, 'up'), lot, 'up')
    const part = share.gt(left) ? left : share
    parts.push(part)
    left = left.minus(part)
  }
  return parts
}

/** How many orders an exit takes. */
export function countOfParts(quantity: Decimal, most: Decimal | undefined): number {
  return most === undefined || quantity.lte(most) ? 1 : Number(divide(quantity, most, 0, 'up').toString())
}

/** Of the last price, as far as it is believed, and the level, the higher; where there is neither, what its units have cost. */
function highestPrice(
  { market, state }: KernelRuntime,
  symbol: string,
  level: string | undefined,
): Decimal | undefined {
  const last = market.last(symbol)?.price
  const given = level === undefined ? undefined : decimal(level)
  const averagePrice = state.ledger.position(symbol)?.averagePrice
  const cost = averagePrice === undefined ? undefined : decimal(averagePrice).abs()
  const known = higherOf(given, cost)
  if (last === undefined) return given ?? cost
  const isBelieved = known === undefined || (state.trips.get(symbol)?.refusals ?? 0) > 0
  const most = isBelieved || last.lte(known.times(farAbove)) ? last : known.times(farAbove)
  return higherOf(most, given)
}

function higherOf(one: Decimal | undefined, other: Decimal | undefined): Decimal | undefined {
  if (one === undefined || other === undefined) return one ?? other
  return one.gt(other) ? one : other
}

function unitWorth(price: Decimal, multiplier: string | undefined): Decimal {
  const dear = price.times(priceMargin)
  return multiplier === undefined ? dear : dear.times(decimal(multiplier))
}

function leastOf(one: Decimal | undefined, other: Decimal | undefined): Decimal | undefined {
  if (one === undefined || other === undefined) return one ?? other
  return one.lt(other) ? one : other
}
