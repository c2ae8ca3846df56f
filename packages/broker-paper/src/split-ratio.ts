import { type Decimal, divide } from '@tradeswarm/trading'

/** Units after a split are cut here, as in the ledger. */
export const splitPlaces = 18

/** `denominator` old units are `numerator` new ones. */
export type SplitRatio = { readonly numerator: Decimal; readonly denominator: Decimal }

/** Old units in new ones. */
export function inUnits(units: Decimal, { numerator, denominator }: SplitRatio): Decimal {
  return divide(units.times(numerator), denominator, splitPlaces, 'down')
}
