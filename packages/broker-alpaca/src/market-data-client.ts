import {
  assertDepth,
  assertHistoryQuery,
  assertNamed,
  assertSymbol,
  type BookView,
  type HistoryTerms,
  historyOptions,
  parseSymbols,
} from '@tradeswarm/broker-kit'
import { assertKnownOptions, type EpochMs, SwarmError, shown } from '@tradeswarm/core'
import type { SessionDate } from '@tradeswarm/trading'
import { OrderBook } from './order-book.js'
import { symbolForm } from './parse-alpaca-options.js'
import { type CorporateActionPage, parseCorporateActions } from './parse-corporate-actions.js'
import {
  type AlpacaBar,
  type AlpacaQuote,
  type AlpacaTrade,
  type Page,
  parseBar,
  parseBook,
  parseLatest,
  parsePage,
  parseQuote,
  parseTrade,
} from './parse-market-data.js'
import type { RestClient } from './rest-client.js'
import { fromVenueSymbol, toVenueSymbol } from './symbols.js'

/** A stretch of history; both ends are included. */
export type HistoryQuery = {
  /** All equities or all crypto: `AAPL`, `BTC-USD`. */
  readonly symbols: readonly string[]
  readonly from: EpochMs
  readonly to: EpochMs
  /** Rows of one page over all symbols together, 1 to 10,000; 10,000 by default. */
  readonly pageSize?: number
  /** Where to go on: the token of a page that was read before. */
  readonly pageToken?: string
}

/** What of equities history is told of: `raw` by default, or with splits, dividends or both counted in. */
export type BarQuery = HistoryQuery & {
  /** `1m`, `15m`, `1h`, `1d`, `1w`. */
  readonly timeframe: string
  readonly adjustment?: 'raw' | 'split' | 'dividend' | 'all'
}

/** Dates on which what is wanted is processed, both included. */
export type CorporateActionQuery = {
  readonly symbols: readonly string[]
  readonly from: SessionDate
  readonly to: SessionDate
  /** 1 to 1,000, the default. */
  readonly pageSize?: number
  /** Where to go on: the token of a page that was read before. */
  readonly pageToken?: string
}

/** What Alpaca calls a unit, and the most of it that one bar may be of. */
const units: Readonly<Record<string, readonly [name: string, most: number]>> = {
  m: ['Min', 59],
  h: ['Hour', 23],
  d: ['Day', 1],
  w: ['Week', 1],
}

const [mostRows, mostActions, mostLevels] = [10_000, 1_000, 400]
const historyTerms: HistoryTerms = { known: historyOptions, form: symbolForm, mostRows }
const barTerms: HistoryTerms = { ...historyTerms, known: [...historyOptions, 'timeframe', 'adjustment'] }
const adjustments: ReadonlySet<unknown> = new Set([undefined, 'raw', 'split', 'dividend', 'all'])

/** Whether a symbol is a pair of crypto. */
export function isPair(symbol: string): boolean {
  return symbol.includes('-')
}

/** Market data over HTTP: history page by page, and the latest. What is asked is checked first: each call throws `INVALID_OPTION`. */
export class MarketDataClient {
  readonly #rest: RestClient
  readonly #stockFeed: string
  readonly #cryptoLocation: string

  constructor(rest: RestClient, stockFeed: string, cryptoLocation: string) {
    this.#rest = rest
    this.#stockFeed = stockFeed
    this.#cryptoLocation = cryptoLocation
  }

  /** Bars, a page at a time, by symbol, then by time. A page may be short or empty; only the last has no `next`. */
  bars(query: BarQuery): AsyncGenerator<Page<AlpacaBar>> {
    assertHistoryQuery(query, barTerms)
    const { timeframe, adjustment } = query
    const [, count, unit = ''] = /^([1-9]\d?)([mhdw])$/.exec(timeframe) ?? []
    const [name, most] = units[unit] ?? ['', 0]
    if (count === undefined || Number(count) > most)
      throw invalidQuery('timeframe', `${shown(timeframe)}: use a text such as 1m, 59m, 1h, 23h, 1d or 1w`)
    if (!adjustments.has(adjustment))
      throw invalidQuery('adjustment', `${shown(adjustment)}: use "raw", "split", "dividend" or "all"`)
    return this.#pages(query, 'bars', parseBar, { timeframe: `${count}${name}`, adjustment })
  }

  quotes(query: HistoryQuery): AsyncGenerator<Page<AlpacaQuote>> {
    assertHistoryQuery(query, historyTerms)
    return this.#pages(query, 'quotes', parseQuote, {})
  }

  trades(query: HistoryQuery): AsyncGenerator<Page<AlpacaTrade>> {
    assertHistoryQuery(query, historyTerms)
    return this.#pages(query, 'trades', parseTrade, {})
  }

  async latestQuotes(symbols: readonly string[]): Promise<readonly AlpacaQuote[]> {
    return this.#latest(symbols, 'quotes', parseQuote)
  }

  async latestTrades(symbols: readonly string[]): Promise<readonly AlpacaTrade[]> {
    return this.#latest(symbols, 'trades', parseTrade)
  }

  /**
   * Cash dividends and splits of equities, a page at a time, by the date on which Alpaca processes them: that of payment, often weeks after the
   * ex-date, so ask until later than the last ex-date that is wanted. From and to are dates, both included.
   */
  corporateActions(query: CorporateActionQuery): AsyncGenerator<CorporateActionPage> {
    assertActionQuery(query)
    return this.#actionPages(query)
  }

  async *#actionPages(query: CorporateActionQuery): AsyncGenerator<CorporateActionPage> {
    const { symbols, from, to, pageSize = mostActions } = query
    const types = 'cash_dividend,forward_split,reverse_split'
    const asked = { symbols: symbols.join(','), types, start: from, end: to, limit: String(pageSize), sort: 'asc' }
    let token = query.pageToken
    do {
      const request = { method: 'GET', path: '/v1/corporate-actions', query: { ...asked, page_token: token } } as const
      const page = parseCorporateActions(await this.#rest.send(request, 'read'))
      yield page
      token = page.next
    } while (token !== undefined)
  }

  /** The best levels of a pair's book, 1 to 400; 25 by default. Undefined where Alpaca has none. Throws `INVALID_OPTION` for shares. */
  async orderBook(symbol: string, depth = 25): Promise<BookView | undefined> {
    assertSymbol(symbol, symbolForm)
    assertDepth(depth, mostLevels)
    if (!isPair(symbol)) throw invalidQuery('symbol', `there are books of crypto only, not of ${symbol}`)
    const [latest] = await this.#latest([symbol], 'orderbooks', parseBook)
    if (latest === undefined) return undefined
    const book = new OrderBook(symbol)
    book.take({ ...latest, isReset: true })
    return book.view(depth)
  }

  async *#pages<Row>(
    { symbols, from, to, pageSize = mostRows, pageToken }: HistoryQuery,
    kind: string,
    parse: (symbol: string, value: unknown) => Row,
    more: Readonly<Record<string, string | undefined>>,
  ): AsyncGenerator<Page<Row>> {
    const crypto = sameClass(symbols)
    const path = crypto ? `/v1beta3/crypto/${this.#cryptoLocation}/${kind}` : `/v2/stocks/${kind}`
    const query = {
      symbols: symbols.map(toVenueSymbol).join(','),
      start: new Date(from).toISOString(),
      end: new Date(to).toISOString(),
      limit: String(pageSize),
      ...(crypto ? {} : { feed: historyFeedOf(this.#stockFeed) }),
      ...more,
      ...(crypto ? { adjustment: undefined } : {}),
    }
    let token = pageToken
    do {
      const request = { method: 'GET', path, query: { ...query, page_token: token } } as const
      const page = parsePage(await this.#rest.send(request, 'read'), kind, fromVenueSymbol, parse)
      yield page
      token = page.next
    } while (token !== undefined)
  }

  async #latest<Row>(
    symbols: readonly string[],
    kind: string,
    parse: (symbol: string, value: unknown) => Row,
  ): Promise<readonly Row[]> {
    if (parseSymbols('market data', symbols, symbolForm).length === 0) return []
    const crypto = sameClass(symbols)
    const path = crypto ? `/v1beta3/crypto/${this.#cryptoLocation}/latest/${kind}` : `/v2/stocks/${kind}/latest`
    const query = { symbols: symbols.map(toVenueSymbol).join(','), feed: crypto ? undefined : this.#stockFeed }
    return parseLatest(await this.#rest.send({ method: 'GET', path, query }, 'read'), kind, fromVenueSymbol, parse)
  }
}

/** History has no feed of its own for what is delayed: what is a quarter of an hour old is everybody's on the feed of all exchanges. */
function historyFeedOf(stockFeed: string): string {
  return stockFeed === 'delayed_sip' ? 'sip' : stockFeed
}

const date = /^\d{4}-\d\d-\d\d$/

function assertActionQuery(query: CorporateActionQuery): void {
  assertKnownOptions('market data', query, historyOptions)
  const { symbols, from, to, pageSize = mostActions } = query
  assertNamed(symbols, symbolForm)
  if (sameClass(symbols)) throw invalidQuery('symbols', 'there are no corporate actions of crypto')
  for (const [option, value] of Object.entries({ from, to }))
    if (typeof value !== 'string' || !date.test(value) || Number.isNaN(Date.parse(value)))
      throw invalidQuery(option, `${shown(value)}: use a date such as "2024-01-31"`)
  if (from > to) throw invalidQuery('from', `${from} is after to, ${to}: exchange them`)
  if (!(Number.isSafeInteger(pageSize) && pageSize >= 1 && pageSize <= mostActions))
    throw invalidQuery('pageSize', `${shown(pageSize)}: use a whole number from 1 to ${mostActions}`)
}

function sameClass(symbols: readonly string[]): boolean {
  const crypto = symbols.filter(isPair).length
  if (symbols.length > 0 && (crypto === 0 || crypto === symbols.length)) return crypto > 0
  throw invalidQuery('symbols', 'name at least one, and equities and crypto apart: Alpaca serves them from two places')
}

function invalidQuery(option: string, remedy: string): SwarmError {
  return new SwarmError({ code: 'INVALID_OPTION', message: `market data: ${option}: ${remedy}`, context: { option } })
}
