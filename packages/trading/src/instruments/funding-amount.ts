import { type Decimal, one, zero } from '../money/decimal.js'

/** What the ledger keeps of an amount of money. */
const moneyPlaces = 18

/**
 * What an account receives (below 0: pays) of a perpetual's funding: units × multiplier × price × rate, paid by longs to shorts while the
 * rate is above 0, and by shorts to longs below it. To 18 decimals, half to even.
 */
export function fundingAmount({
  units,
  multiplier = one,
  price,
  rate,
}: {
  /** Signed: of a short below 0. */
  readonly units: Decimal
  readonly multiplier?: Decimal | undefined
  readonly price: Decimal
  readonly rate: Decimal
}): Decimal {
  return zero.minus(units.times(multiplier).times(price).times(rate)).round(moneyPlaces, 'half-even')
}
