import { assertKnownOptions, nearestName, SwarmError, shown } from '@tradeswarm/core'
import { type Decimal, decimal, type MarketEvent, zero } from '@tradeswarm/trading'

/** So many symbols are named to who has asked for another. */
const shownSymbols = 12

/** What a field of an event holds. */
type Kind = 'text' | 'instant' | 'day' | 'phase' | 'timeframe' | 'above-0' | 'from-0' | 'decimal' | 'whole'

/** The fields of each type of event, those with a mark may be left out. */
const fieldsByType: Readonly<Record<MarketEvent['type'], Readonly<Record<string, Kind | `${Kind}?`>>>> = {
  session: { phase: 'phase', calendar: 'text', sessionDate: 'day', time: 'instant' },
  open: { symbol: 'text', sessionDate: 'day', time: 'instant', price: 'above-0' },
  bar: {
    symbol: 'text',
    timeframe: 'timeframe',
    sessionDate: 'day',
    start: 'instant',
    time: 'instant',
    open: 'above-0',
    high: 'above-0',
    low: 'above-0',
    close: 'above-0',
    volume: 'from-0',
  },
  dividend: {
    symbol: 'text',
    sessionDate: 'day',
    time: 'instant',
    amountPerUnit: 'above-0',
    currency: 'text',
    dividendId: 'text?',
  },
  split: { symbol: 'text', sessionDate: 'day', time: 'instant', numerator: 'whole', denominator: 'whole' },
  funding: { symbol: 'text', time: 'instant', rate: 'decimal', price: 'above-0' },
  quote: {
    symbol: 'text',
    time: 'instant',
    bid: 'above-0',
    ask: 'above-0',
    bidSize: 'above-0?',
    askSize: 'above-0?',
  },
  trade: { symbol: 'text', time: 'instant', price: 'above-0', quantity: 'above-0' },
}

/** The last instant that a date of four digits can tell. */
const lastInstant = Date.UTC(9999, 11, 31, 23, 59, 59, 999)
/** Amounts of a market are read as numbers on the way out, which a longer one overflows. */
const longestAmount = 40

const kinds: Readonly<Record<Kind, { readonly must: string; readonly holds: (given: unknown) => boolean }>> = {
  text: { must: 'a text that is not empty', holds: (given) => typeof given === 'string' && given !== '' },
  instant: {
    must: 'an instant in milliseconds since 1970, such as Date.now()',
    holds: (given) => typeof given === 'number' && given >= 0 && given <= lastInstant,
  },
  day: { must: 'a day such as "2026-01-31"', holds: isDay },
  phase: { must: 'pre-open, open or close', holds: (given) => ['pre-open', 'open', 'close'].includes(given as string) },
  timeframe: { must: '"1d"', holds: (given) => given === '1d' },
  'above-0': {
    must: 'a decimal text above 0, such as "12.50"',
    holds: (given) => readAmount(given)?.gt(zero) === true,
  },
  'from-0': { must: 'a decimal text from 0, such as "1200"', holds: (given) => readAmount(given)?.gte(zero) === true },
  decimal: { must: 'a decimal text, such as "-0.0001"', holds: (given) => readAmount(given) !== undefined },
  whole: { must: 'a whole number above 0', holds: (given) => Number.isSafeInteger(given) && Number(given) > 0 },
}

/**
 * Refuses what a test says of a market that is not listed, an event of no known type, a field that is missing or that there is not, an amount
 * or an instant that is none, and a bid above the ask: no order would ever meet it, and seem to hang. Throws `INVALID_OPTION`, naming the field.
 */
export function assertMarketEvent(place: string, event: MarketEvent, symbols: ReadonlySet<string>): void {
  const types = Object.keys(fieldsByType)
  const given = Object(event) as Readonly<Record<string, unknown>>
  const type = given['type']
  if (typeof type !== 'string' || !Object.hasOwn(fieldsByType, type)) {
    const nearest = typeof type === 'string' ? nearestName(type, types) : undefined
    const hint = nearest === undefined ? `it must be one of ${types.join(', ')}` : `did you mean ${nearest}?`
    throw invalid(place, 'type', `type is ${shown(type)}; ${hint}`)
  }
  const fields = fieldsByType[type as MarketEvent['type']]
  assertKnownOptions(`${place}: ${type}`, event, ['type', ...Object.keys(fields)])
  if ('symbol' in fields) assertListed(place, given['symbol'], symbols)
  for (const [name, mark] of Object.entries(fields)) assertField(place, name, given[name], mark)
  if (event.type !== 'quote') return
  if (decimal(event.bid).gt(decimal(event.ask)))
    throw invalid(place, 'bid', `bid ${event.bid} is above ask ${event.ask}; it must not be`)
}

function assertField(place: string, name: string, given: unknown, mark: Kind | `${Kind}?`): void {
  if (given === undefined && mark.endsWith('?')) return
  const { must, holds } = kinds[mark.replace('?', '') as Kind]
  if (!holds(given)) throw invalid(place, name, `${name} is ${shown(given)}; it must be ${must}`)
}

/** Refuses sides of a book that are no lists of prices with their sizes. Throws `INVALID_OPTION`. */
export function assertLevels(place: string, sides: { readonly bids: unknown; readonly asks: unknown }): void {
  for (const [name, side] of Object.entries(sides)) {
    if (!Array.isArray(side))
      throw invalid(place, name, `${name} is ${shown(side)}; it must be a list of levels, such as [["12.50", "3"]]`)
    for (const [index, level] of (side as readonly unknown[]).entries()) {
      const isPair = Array.isArray(level) && level.length === 2
      if (!isPair || !(level as readonly unknown[]).every((amount) => kinds['above-0'].holds(amount)))
        throw invalid(
          place,
          name,
          `${name}[${index}] is ${shown(level)}; it must be a price and a size, decimal texts above 0, such as ["12.50", "3"]`,
        )
    }
  }
}

/** Refuses a symbol that is not listed. Throws `INVALID_OPTION`, naming the nearest. */
export function assertListed(place: string, symbol: unknown, symbols: ReadonlySet<string>): void {
  if (!symbols.has(symbol as string)) throw unlisted(place, symbol, [...symbols])
}

/** Refuses sizes of a quote that there are not. */
export function assertSizes(place: string, sizes: object): void {
  assertKnownOptions(place, sizes, ['bidSize', 'askSize'])
}

function readAmount(given: unknown): Decimal | undefined {
  try {
    return typeof given === 'string' && given.length <= longestAmount ? decimal(given) : undefined
  } catch {
    return undefined
  }
}

function isDay(given: unknown): boolean {
  if (typeof given !== 'string' || !/^\d{4}-\d{2}-\d{2}$/.test(given)) return false
  const time = Date.parse(`${given}T00:00:00Z`)
  return Number.isFinite(time) && new Date(time).toISOString().startsWith(given)
}

function unlisted(place: string, symbol: unknown, listed: readonly string[]): SwarmError {
  const nearest = typeof symbol === 'string' ? nearestName(symbol, listed) : undefined
  const more = listed.length > shownSymbols ? ', …' : ''
  const hint =
    nearest === undefined ? `there are: ${listed.slice(0, shownSymbols).join(', ')}${more}` : `did you mean ${nearest}?`
  return invalid(place, 'symbol', `there is no ${typeof symbol === 'string' ? symbol : shown(symbol)}; ${hint}`)
}

function invalid(place: string, option: string, fault: string): SwarmError {
  return new SwarmError({ code: 'INVALID_OPTION', message: `${place}: ${fault}`, context: { option } })
}
