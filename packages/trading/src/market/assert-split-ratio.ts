import { SwarmError } from '@tradeswarm/core'
import type { StockSplitEvent } from './market-event.js'

/** No company has split its shares, or put them together, by more than this: beyond it is a fault of the source. */
const mostUnits = 1_000

/** Throws `INVALID_MARKET_EVENT`, naming the field, for a ratio that is none: not of whole numbers above 0, or beyond 1,000 for 1 either way. */
export function assertSplitRatio({ symbol, numerator, denominator }: StockSplitEvent): void {
  for (const [field, value] of [
    ['numerator', numerator],
    ['denominator', denominator],
  ] as const)
    if (!Number.isSafeInteger(value) || value <= 0) refuse(symbol, field, `${value} is not a whole number above 0`)
  if (numerator > denominator * mostUnits)
    refuse(symbol, 'numerator', `${numerator} for ${denominator} is more than ${mostUnits} for 1`)
  if (denominator > numerator * mostUnits)
    refuse(symbol, 'denominator', `${numerator} for ${denominator} is less than 1 for ${mostUnits}`)
}

function refuse(symbol: string, field: string, why: string): never {
  throw new SwarmError({
    code: 'INVALID_MARKET_EVENT',
    message: `split of ${symbol}: ${field}: ${why}; nothing was changed by it`,
    context: { symbol, field },
  })
}
