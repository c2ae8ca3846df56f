import { type Decimal, decimal, decimalText, divide, one, zero } from '@tradeswarm/trading'
import type { VenueDividend } from '../venues/venue.js'

/** A bar's date and close, in order of the dates. */
export type DatedClose = { readonly date: string; readonly close: string }

const factorPlaces = 24
/** A tape takes up to twelve; six would make dividends out of nothing in long tables. */
const closePlaces = 10

/**
 * The column `adjClose` of a table: the close as it would have been had every later dividend been taken out of the price before its ex-date, so
 * that a tape gets each dividend back. The last is the close itself. A dividend that is no less than the price is no part of it.
 */
export function adjustedCloses(rows: readonly DatedClose[], dividends: readonly VenueDividend[]): readonly string[] {
  const adjusted: string[] = []
  let factor = one
  for (let index = rows.length - 1; index >= 0; index -= 1) {
    const [row, after] = [rows[index] as DatedClose, rows[index + 1]]
    const close = decimal(row.close)
    if (after !== undefined) {
      const paid = paidBetween(dividends, row.date, after.date)
      if (paid.gt(zero) && paid.lt(close))
        factor = divide(factor.times(close.minus(paid)), close, factorPlaces, 'half-even')
    }
    adjusted.push(factor.eq(one) ? row.close : decimalText(divide(close.times(factor), one, closePlaces, 'half-even')))
  }
  return adjusted.reverse()
}

/** Whoever held at the close of the first date is paid these. */
function paidBetween(dividends: readonly VenueDividend[], date: string, next: string): Decimal {
  return dividends
    .filter(({ exDate }) => exDate > date && exDate <= next)
    .reduce((sum, { amount }) => sum.plus(decimal(amount)), zero)
}
