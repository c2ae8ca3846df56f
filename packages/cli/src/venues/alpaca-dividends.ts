import type { AlpacaDividend, AlpacaSplit } from '@tradeswarm/broker-alpaca'
import { decimal, decimalText, divide } from '@tradeswarm/trading'
import type { VenueDividend } from './venue.js'

/** More than any tape tells apart. */
const places = 12

/** Dividends in dollars for a share as it is today: what was paid for one of before a split is less for each of those that it has become. */
export function dividendsToday(
  dividends: readonly AlpacaDividend[],
  splits: readonly AlpacaSplit[],
  today: string,
): readonly VenueDividend[] {
  return dividends
    .filter(({ currency }) => currency === 'USD')
    .map(({ exDate, amount }) => {
      const later = splits.filter((split) => split.exDate > exDate && split.exDate <= today)
      const adjusted = later.reduce(
        (sum, { newRate, oldRate }) => divide(sum.times(decimal(oldRate)), decimal(newRate), places, 'half-even'),
        decimal(amount),
      )
      return { exDate, amount: decimalText(adjusted) }
    })
}
