import { SwarmError } from '@tradeswarm/core'
import type { PreparedReturns } from './prepared-returns.js'

/** The place of a symbol among the prepared ones; throws `SYMBOL_NOT_PREPARED`. */
export function placeOf(prepared: Pick<PreparedReturns, 'places'>, symbol: string): number {
  const place = prepared.places.get(symbol)
  if (place !== undefined) return place
  throw new SwarmError({
    code: 'SYMBOL_NOT_PREPARED',
    message: `portfolio risk was prepared without ${symbol}: prepare it again with that symbol`,
    context: { symbol },
  })
}
