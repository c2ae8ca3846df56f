import { assertKnownOptions, nearestName, SwarmError, shown } from '@tradeswarm/core'
import { type Decimal, decimal, type MarketEvent, zero } from '@tradeswarm/trading'

/** So many symbols are named to who has asked for another. */
const shownSymbols = 12

/**
 * Refuses what a test says of a market that is not listed, an amount that is none, and a bid above the ask: no order would ever meet it, and
 * seem to hang. Throws `INVALID_OPTION`, naming the field.
 */
export function assertMarketEvent(place: string, event: MarketEvent, symbols: ReadonlySet<string>): void {
  if ('symbol' in event) assertListed(place, event.symbol, symbols)
  if (event.type === 'trade') {
    amountIn(place, 'price', event.price)
    amountIn(place, 'quantity', event.quantity)
  }
  if (event.type !== 'quote') return
  const [bid, ask] = [amountIn(place, 'bid', event.bid), amountIn(place, 'ask', event.ask)]
  for (const size of ['bidSize', 'askSize'] as const) if (event[size] !== undefined) amountIn(place, size, event[size])
  if (bid.gt(ask)) throw invalid(place, 'bid', `bid ${event.bid} is above ask ${event.ask}; it must not be`)
}

/** Refuses a symbol that is not listed. Throws `INVALID_OPTION`, naming the nearest. */
export function assertListed(place: string, symbol: string, symbols: ReadonlySet<string>): void {
  if (!symbols.has(symbol)) throw unlisted(place, symbol, [...symbols])
}

/** Refuses sizes of a quote that there are not. */
export function assertSizes(place: string, sizes: object): void {
  assertKnownOptions(place, sizes, ['bidSize', 'askSize'])
}

function amountIn(place: string, field: string, given: unknown): Decimal {
  const amount = readAmount(given)
  if (amount?.gt(zero) === true) return amount
  throw invalid(place, field, `${field} is ${shown(given)}; it must be a decimal text above 0, such as "12.50"`)
}

function readAmount(given: unknown): Decimal | undefined {
  try {
    return typeof given === 'string' ? decimal(given) : undefined
  } catch {
    return undefined
  }
}

function unlisted(place: string, symbol: unknown, listed: readonly string[]): SwarmError {
  const nearest = nearestName(String(symbol), listed)
  const more = listed.length > shownSymbols ? ', …' : ''
  const hint =
    nearest === undefined ? `there are: ${listed.slice(0, shownSymbols).join(', ')}${more}` : `did you mean ${nearest}?`
  return invalid(place, 'symbol', `there is no ${String(symbol)}; ${hint}`)
}

function invalid(place: string, option: string, fault: string): SwarmError {
  return new SwarmError({ code: 'INVALID_OPTION', message: `${place}: ${fault}`, context: { option } })
}
