import { assertKnownOptions, type EpochMs, shown } from '@tradeswarm/core'
import { invalidVenueOption, isWithin, parseSymbols, type SymbolForm, unfitVenueOption } from './connection.js'

/** Whoever is asked for a stretch of history. */
const owner = 'market data'
/** Instants of 1970 to 1973, of which no venue has prices, are those of today in seconds. */
const [leastSeconds, mostSeconds] = [1e8, 1e11]
/** The end of the year 9999; what is later is in micro- or nanoseconds. */
const latest = 253_402_300_799_999
const remedy = 'use epoch milliseconds, such as Date.UTC(2024, 0, 31)'

/** What a query of history may say, and of what. */
export type HistoryTerms = {
  readonly known: readonly string[]
  readonly form: SymbolForm
  /** Rows of the longest page. */
  readonly mostRows: number
}

/** What each query of history says. */
export const historyOptions = ['symbols', 'from', 'to', 'pageSize', 'pageToken'] as const

/** Checks a query of history before anything is asked. Throws `INVALID_OPTION` that names the option, its value and what to give. */
export function assertHistoryQuery(query: object, { known, form, mostRows }: HistoryTerms): void {
  assertKnownOptions(owner, query, known)
  const { symbols, from, to, pageSize, pageToken } = query as Readonly<Record<string, unknown>>
  assertNamed(symbols, form)
  assertStretch(from, to)
  if (pageSize !== undefined && !(Number.isSafeInteger(pageSize) && isWithin(pageSize, 1, mostRows)))
    throw unfitVenueOption(owner, 'pageSize', pageSize, `use a whole number from 1 to ${mostRows}`)
  if (pageToken !== undefined && (typeof pageToken !== 'string' || pageToken === ''))
    throw unfitVenueOption(
      owner,
      'pageToken',
      pageToken,
      'use the token of a page that was read before, or leave it out',
    )
}

/** Checks symbols that something is asked of: at least one. Throws `INVALID_OPTION`. */
export function assertNamed(symbols: unknown, form: SymbolForm): void {
  if (parseSymbols(owner, symbols as readonly string[], form).length === 0)
    throw invalidVenueOption(owner, 'symbols', `name at least one, such as ${form.examples}`)
}

/** Checks the one symbol that something is asked of. Throws `INVALID_OPTION`. */
export function assertSymbol(symbol: unknown, { isSymbol, examples }: SymbolForm): void {
  if (!isSymbol(symbol)) throw unfitVenueOption(owner, 'symbol', symbol, `use one such as ${examples}`)
}

/** Checks how many levels of a book are asked for. Throws `INVALID_OPTION`. */
export function assertDepth(depth: unknown, most: number): void {
  if (!(Number.isSafeInteger(depth) && isWithin(depth, 1, most)))
    throw unfitVenueOption(owner, 'depth', depth, `use a whole number from 1 to ${most}`)
}

/** Checks the ends of a stretch of time. Throws `INVALID_OPTION`. */
export function assertStretch(from: unknown, to: unknown): void {
  assertInstant('from', from)
  assertInstant('to', to)
  if ((from as EpochMs) > (to as EpochMs))
    throw invalidVenueOption(owner, 'from', `${String(from)} is after to, ${String(to)}: exchange them`)
}

function assertInstant(option: 'from' | 'to', value: unknown): void {
  if (typeof value === 'string') throw unfitVenueOption(owner, option, value, hintOf(Date.parse(value)))
  if (value instanceof Date)
    throw invalidVenueOption(owner, option, `it is a Date; ${hintOf(value.getTime())}, which getTime() tells`)
  if (!Number.isSafeInteger(value)) throw unfitVenueOption(owner, option, value, remedy)
  const instant = value as number
  if (instant >= leastSeconds && instant < mostSeconds)
    throw unfitVenueOption(owner, option, instant, `it is in seconds; did you mean ${instant * 1_000}? ${remedy}`)
  if (instant > latest) throw unfitVenueOption(owner, option, instant, `it is in parts of a millisecond; ${remedy}`)
}

function hintOf(instant: number): string {
  return Number.isFinite(instant) ? `use epoch milliseconds; did you mean ${shown(instant)}` : remedy
}
