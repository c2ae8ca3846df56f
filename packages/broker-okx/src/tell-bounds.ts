import type { Logger } from '@tradeswarm/core'
import type { InstrumentBook } from './instrument-book.js'

/** Warns of symbols that are to be traded and whose bound nobody can count: a market exit or a stop that is worth more is refused (51201). */
export function tellBounds(symbols: readonly string[] | undefined, book: InstrumentBook, logger: Logger): void {
  for (const symbol of symbols ?? []) {
    const mostDollars = book.listing(symbol)?.mostDollars
    if (mostDollars !== undefined)
      logger.warn(
        'OKX bounds orders of a symbol by their worth in dollars, and it is not paid in dollars: keep positions below, or an exit may be refused as too large',
        { symbol, mostDollars },
      )
  }
}
