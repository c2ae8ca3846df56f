import {
  asPayload,
  assertDepth,
  assertHistoryQuery,
  assertNamed,
  assertStretch,
  assertSymbol,
  type BookView,
  type HistoryTerms,
  historyOptions,
  parseSymbols,
} from '@tradeswarm/broker-kit'
import { type EpochMs, SwarmError, shown } from '@tradeswarm/core'
import { type OkxListing, parseInstruments } from './instruments.js'
import {
  type OkxBar,
  type OkxBarPage,
  type OkxFundingRate,
  type OkxQuote,
  type OkxSettledFunding,
  type OkxTrade,
  type Page,
  parseBar,
  parseBook,
  parseFundingRate,
  parseMarkPrice,
  parseSettledFunding,
  parseTicker,
  parseTrade,
} from './parse-market-data.js'
import { symbolForm } from './parse-okx-options.js'
import type { RestClient } from './rest-client.js'

/** A stretch of history; both ends are included. */
export type HistoryQuery = {
  /** `BTC-USDT`, `BTC-USDT-SWAP`. */
  readonly symbols: readonly string[]
  readonly from: EpochMs
  readonly to: EpochMs
  /** Rows of one page, 1 to 300; 100 by default. */
  readonly pageSize?: number
  /** Where to go on: the token of a page that was read before. */
  readonly pageToken?: string
}

/** Bars of a stretch of history. Days and weeks begin at midnight UTC. */
export type BarQuery = HistoryQuery & {
  /** `1m`, `3m`, `5m`, `15m`, `30m`, `1h`, `2h`, `4h`, `6h`, `12h`, `1d`, `2d`, `3d`, `1w`. */
  readonly timeframe: string
}

const [minute, hour, day] = [60_000, 3_600_000, 86_400_000]
type Timeframe = readonly [bar: string, ms: number]
/** Those of a quarter of a day and more begin by Chinese time unless it is said otherwise. */
const timeframes: Readonly<Record<string, Timeframe>> = {
  '1m': ['1m', minute],
  '3m': ['3m', 3 * minute],
  '5m': ['5m', 5 * minute],
  '15m': ['15m', 15 * minute],
  '30m': ['30m', 30 * minute],
  '1h': ['1H', hour],
  '2h': ['2H', 2 * hour],
  '4h': ['4H', 4 * hour],
  '6h': ['6Hutc', 6 * hour],
  '12h': ['12Hutc', 12 * hour],
  '1d': ['1Dutc', day],
  '2d': ['2Dutc', 2 * day],
  '3d': ['3Dutc', 3 * day],
  '1w': ['1Wutc', 7 * day],
}
const dayBar = '1Dutc'
const [mostRows, mostLevels] = [300, 400]
const tradesPerPage = 100
const fundingsPerPage = 100
const pricesPerPage = 100
const historyTerms: HistoryTerms = { known: historyOptions, form: symbolForm, mostRows }
const barTerms: HistoryTerms = { ...historyTerms, known: [...historyOptions, 'timeframe'] }

/** Market data over HTTP: history page by page, and the latest. Needs no key. What is asked is checked first: each call throws `INVALID_OPTION`. */
export class MarketDataClient {
  readonly #rest: RestClient

  constructor(rest: RestClient) {
    this.#rest = rest
  }

  /** Bars that are over, a page at a time, by symbol, then by time. A page may be short or empty; only the last has no `next`. */
  bars(query: BarQuery): AsyncGenerator<OkxBarPage> {
    assertHistoryQuery(query, barTerms)
    const { timeframe, from, pageToken } = query
    const frame = Object.hasOwn(timeframes, timeframe) ? timeframes[timeframe] : undefined
    if (frame === undefined)
      throw invalidQuery('timeframe', `${shown(timeframe)}: use one of ${Object.keys(timeframes).join(', ')}`)
    return this.#barPages(query, frame, readToken(pageToken, from))
  }

  async *#barPages(
    { symbols, from, to, pageSize = tradesPerPage, pageToken }: BarQuery,
    [bar, ms]: Timeframe,
    begin: { readonly index: number; readonly at: EpochMs },
  ): AsyncGenerator<OkxBarPage> {
    let { index, at } = begin
    let isBegun = pageToken !== undefined
    for (; index < symbols.length; index += 1) {
      const symbol = symbols[index] ?? ''
      if (!isBegun) at = Math.max(from, await this.#firstBarAt(symbol, bar, from))
      isBegun = false
      do {
        const end = Math.min(at + ms * pageSize, to + 1)
        const rows = at > to ? [] : await this.#window(symbol, bar, at, end, pageSize)
        at = end
        const isLast = at > to
        const next = isLast ? (index + 1 < symbols.length ? `${index + 1}:${from}` : undefined) : `${index}:${at}`
        const unfinished = rows.find(({ isFinal }) => !isFinal)?.start
        yield {
          rows: rows.filter(({ isFinal }) => isFinal),
          next,
          ...(unfinished === undefined ? {} : { unfinished }),
        }
      } while (at <= to)
    }
  }

  /** Trades, a page at a time, by symbol, the latest first: so OKX keeps them. A page may be short; only the last has no `next`. */
  trades(query: HistoryQuery): AsyncGenerator<Page<OkxTrade>> {
    assertHistoryQuery(query, historyTerms)
    return this.#tradePages(query, readTradeToken(query.pageToken))
  }

  async *#tradePages(
    { symbols, from, to }: HistoryQuery,
    begin: readonly [index: number, after: string],
  ): AsyncGenerator<Page<OkxTrade>> {
    let [index, after] = begin
    for (; index < symbols.length; index += 1) {
      const instId = symbols[index] ?? ''
      for (let isLast = false; !isLast; ) {
        const place = after === '' ? { type: '2', after: String(to + 1) } : { type: '1', after }
        const query = { instId, limit: String(tradesPerPage), ...place }
        const answer = await this.#rest.send({ method: 'GET', path: '/api/v5/market/history-trades', query }, 'read')
        const found = answer.map(parseTrade)
        const rows = found.filter(({ time }) => time >= from && time <= to)
        after = found.at(-1)?.id ?? ''
        isLast = found.length < tradesPerPage || rows.length < found.length
        const isEnd = isLast && index + 1 >= symbols.length
        yield { rows, next: isEnd ? undefined : isLast ? `${index + 1}:` : `${index}:${after}` }
      }
      after = ''
    }
  }

  async latestQuotes(symbols: readonly string[]): Promise<readonly OkxQuote[]> {
    const found = await Promise.all(
      asked(symbols).map(async (instId) => parseTicker(await this.#one('/api/v5/market/ticker', { instId }))),
    )
    return found.filter((quote) => quote !== undefined)
  }

  async latestTrades(symbols: readonly string[]): Promise<readonly OkxTrade[]> {
    const lists = await Promise.all(
      asked(symbols).map((instId) =>
        this.#rest.send({ method: 'GET', path: '/api/v5/market/trades', query: { instId, limit: '1' } }, 'read'),
      ),
    )
    return lists.flat().map(parseTrade)
  }

  /** The best levels of a book, 1 to 400; 25 by default. */
  async orderBook(symbol: string, depth = 25): Promise<BookView> {
    assertSymbol(symbol, symbolForm)
    assertDepth(depth, mostLevels)
    const { bids, asks, time } = parseBook(
      await this.#one('/api/v5/market/books', { instId: symbol, sz: String(depth) }),
    )
    return { symbol, time, bids, asks }
  }

  /** The rate of a swap that falls due next. */
  async fundingRate(symbol: string): Promise<OkxFundingRate> {
    assertSymbol(symbol, symbolForm)
    return parseFundingRate(await this.#one('/api/v5/public/funding-rate', { instId: symbol }))
  }

  /** What was settled of a swap from one instant up to another, the oldest first; of up to three months. */
  async settledFunding(symbol: string, from: EpochMs, to: EpochMs): Promise<readonly OkxSettledFunding[]> {
    assertSymbol(symbol, symbolForm)
    assertStretch(from, to)
    const found: OkxSettledFunding[] = []
    for (let after = to; after > from; ) {
      const query = { instId: symbol, after: String(after), limit: String(fundingsPerPage) }
      const path = '/api/v5/public/funding-rate-history'
      const rows = (await this.#rest.send({ method: 'GET', path, query }, 'read')).map(parseSettledFunding)
      found.push(...rows.filter(({ time }) => time >= from && time < to))
      const oldest = rows.at(-1)?.time ?? from
      if (rows.length < fundingsPerPage || oldest >= after) break
      after = oldest
    }
    return found.reverse()
  }

  /** The mark price at each full hour from one instant to another, both included; OKX keeps those of sixty days. */
  async markPrices(symbol: string, from: EpochMs, to: EpochMs): Promise<ReadonlyMap<EpochMs, string>> {
    assertSymbol(symbol, symbolForm)
    assertStretch(from, to)
    const found = new Map<EpochMs, string>()
    for (let after = to + 1; after > from; ) {
      const query = { instId: symbol, bar: '1H', after: String(after), limit: String(pricesPerPage) }
      const path = '/api/v5/market/mark-price-candles'
      const rows = (await this.#rest.send({ method: 'GET', path, query }, 'read')).map(parseMarkPrice)
      for (const { time, price } of rows) if (time >= from && time <= to) found.set(time, price)
      const oldest = rows.at(-1)?.time ?? from
      if (rows.length < pricesPerPage || oldest >= after) break
      after = oldest
    }
    return found
  }

  /** What is listed of these symbols. */
  async instruments(symbols: readonly string[]): Promise<readonly OkxListing[]> {
    assertNamed(symbols, symbolForm)
    const lists = await Promise.all(
      symbols.map((instId) => {
        const query = { instType: instId.endsWith('-SWAP') ? 'SWAP' : 'SPOT', instId }
        return this.#rest.send({ method: 'GET', path: '/api/v5/public/instruments', query }, 'read')
      }),
    )
    return parseInstruments(lists.flat())
  }

  /**
   * Before this there is nothing, page by page. Not simply when it was listed: what OKX traded before its present system has an instant of 2021
   * there, and bars of years before that.
   */
  async #firstBarAt(symbol: string, bar: string, from: EpochMs): Promise<EpochMs> {
    const [listing] = await this.instruments([symbol])
    const listedAt = listing?.listedAt ?? 0
    if (listedAt <= from || (await this.#barsBefore(symbol, bar, listedAt, 1)).length === 0) return listedAt
    let first = listedAt
    while (first > from) {
      const oldest = (await this.#barsBefore(symbol, dayBar, first, mostRows)).at(-1)
      if (oldest === undefined || oldest.start >= first) break
      first = oldest.start
    }
    // Of bars that no day tells of it is not known where they begin.
    return first < listedAt ? first : from
  }

  /** The latest before an instant, the latest first. */
  async #barsBefore(instId: string, bar: string, before: EpochMs, limit: number): Promise<readonly OkxBar[]> {
    const query = { instId, bar, after: String(before), limit: String(limit) }
    const answer = await this.#rest.send({ method: 'GET', path: '/api/v5/market/history-candles', query }, 'read')
    return answer.map((row) => parseBar(instId, row))
  }

  /** Bars from one instant up to another, the oldest first, in as many requests as the venue makes of it. */
  async #window(instId: string, bar: string, from: EpochMs, end: EpochMs, limit: number): Promise<readonly OkxBar[]> {
    const found: OkxBar[] = []
    let after = end
    for (;;) {
      const query = { instId, bar, after: String(after), before: String(from - 1), limit: String(limit) }
      const answer = await this.#rest.send({ method: 'GET', path: '/api/v5/market/history-candles', query }, 'read')
      const rows = answer.map((row) => parseBar(instId, row)).filter(({ start }) => start >= from && start < after)
      found.push(...rows)
      const oldest = rows.at(-1)
      if (oldest === undefined || oldest.start <= from || rows.length >= limit) break
      after = oldest.start
    }
    return found.reverse()
  }

  async #one(path: string, query: Readonly<Record<string, string>>): Promise<unknown> {
    const [row] = await this.#rest.send({ method: 'GET', path, query }, 'read')
    return asPayload(row, `an answer to ${path}`)
  }
}

function asked(symbols: readonly string[]): readonly string[] {
  return parseSymbols('market data', symbols, symbolForm)
}

function readToken(token: string | undefined, from: EpochMs): { index: number; at: EpochMs } {
  if (token === undefined) return { index: 0, at: from }
  const [index, at] = token.split(':').map(Number)
  if (Number.isSafeInteger(index) && Number.isSafeInteger(at)) return { index: index ?? 0, at: at ?? from }
  throw invalidQuery('pageToken', 'use the token of a page that was read before')
}

function readTradeToken(token: string | undefined): [index: number, after: string] {
  if (token === undefined) return [0, '']
  const [, index, after] = /^(\d{1,6}):(\d*)$/.exec(token) ?? []
  if (index !== undefined) return [Number(index), after ?? '']
  throw invalidQuery('pageToken', 'use the token of a page that was read before')
}

function invalidQuery(option: string, remedy: string): SwarmError {
  return new SwarmError({ code: 'INVALID_OPTION', message: `market data: ${option}: ${remedy}`, context: { option } })
}
