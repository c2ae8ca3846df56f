import { type Decimal, decimal, decimalText, divide, zero } from '../money/decimal.js'
import type { RiskState } from './risk-state.js'

/** What losses are measured from: the equity that a day began with, and its peak. Decimal texts in the account's currency. */
export type LossBaselines = Pick<RiskState, 'dayStartEquity' | 'peakEquity'>

/** Decimals that a baseline is rounded to. */
const places = 18

/**
 * The baselines after money or units worth `flow` came in (below 0: went out): no loss, and no gain. What was lost of them before stays the
 * same share, as of a fund whose units are bought and sold at what they are worth (time-weighted return, GIPS): a deposit hides no loss, and a
 * withdrawal makes none. Where equity before is not known, or was used up, they move by the amount.
 */
export function baselinesAfterFlow(
  { dayStartEquity, peakEquity }: LossBaselines,
  before: Decimal | undefined,
  flow: Decimal,
): LossBaselines {
  const moved = (baseline: string): string => {
    if (before === undefined || !before.isPositive()) return decimalText(atLeastZero(decimal(baseline).plus(flow)))
    const after = atLeastZero(before.plus(flow))
    return decimalText(divide(decimal(baseline).times(after), before, places, 'half-even'))
  }
  return {
    ...(dayStartEquity === undefined ? {} : { dayStartEquity: moved(dayStartEquity) }),
    ...(peakEquity === undefined ? {} : { peakEquity: moved(peakEquity) }),
  }
}

function atLeastZero(value: Decimal): Decimal {
  return value.isNegative() ? zero : value
}
