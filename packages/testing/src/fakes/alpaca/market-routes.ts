import type { EpochMs } from '@tradeswarm/core'
import { answerCorporateActions } from './corporate-action-routes.js'
import type { FakeCorporateActions } from './fake-alpaca-options.js'
import type { FakeAssets } from './fake-assets.js'
import type { FakeBooks } from './fake-books.js'
import { type FakeRefusal, isRefusal, refuse } from './fake-refusal.js'
import type { MarketHistory, MarketRow, RowKind } from './market-history.js'

type Json = Record<string, unknown>

const maximumLimit = 10_000
const timeframePattern =
  /^([1-9]|[1-5]\d)(Min|T)$|^([1-9]|1\d|2[0-3])(Hour|H)$|^1(Day|D)$|^1(Week|W)$|^(1|2|3|4|6|12)(Month|M)$/

const historyFeeds: ReadonlySet<string> = new Set(['sip', 'iex', 'boats', 'otc'])
/** Of the latest alone. */
const latestFeeds: ReadonlySet<string> = new Set(['delayed_sip', 'overnight'])

/** What is so old of all exchanges is everybody's. */
const delayMs = 15 * 60_000
const notSubscribed: FakeRefusal = {
  refused: true,
  status: 403,
  body: { message: 'subscription does not permit querying recent SIP data' },
}

/** The last instant that is asked for; without one Alpaca takes what the plan includes. */
function endOf(query: URLSearchParams): EpochMs {
  const end = query.get('end')
  return end === null ? Number.NEGATIVE_INFINITY : instant(end, true)
}

const bad = (message: string): FakeRefusal => ({ refused: true, status: 400, body: { message } })

export type MarketParts = {
  readonly corporateActions: FakeCorporateActions
  readonly today: () => string
  readonly now: () => EpochMs
  /** Whether prices of all exchanges are paid for; else they are to be had when they are a quarter of an hour old. */
  readonly isPaidFor: boolean
  readonly history: MarketHistory
  readonly assets: FakeAssets
  readonly books: FakeBooks
}

/** Answers market data requests; undefined for a path that is none. */
export function answerMarketData(
  path: string,
  query: URLSearchParams,
  { history, assets, books, corporateActions, today, now, isPaidFor }: MarketParts,
): Json | FakeRefusal | undefined {
  if (path === '/v1/corporate-actions') return answerCorporateActions(query, corporateActions, today())
  const [, stock, single, kind = '', isLatest] =
    /^\/v2\/(stocks)(?:\/([^/]+))?\/(bars|quotes|trades)(\/latest)?$/.exec(path) ?? []
  if (stock !== undefined) {
    const feed = query.get('feed')
    if (feed !== null && !(historyFeeds.has(feed) || (isLatest !== undefined && latestFeeds.has(feed))))
      return bad(`invalid feed: ${feed}`)
    const isRecent = isLatest !== undefined || endOf(query) > now() - delayMs
    if (feed === 'sip' && !isPaidFor && isRecent) return notSubscribed
    const symbols = single === undefined ? symbolsOf(query) : [decodeURIComponent(single)]
    const asked = { kind, symbols, query, history }
    if (isLatest !== undefined) return single === undefined ? latest(asked) : latestOf(asked, symbols[0] ?? '')
    const page = pageOf(asked)
    if (single === undefined || isRefusal(page)) return page
    const rows = (page[kind] as Record<string, readonly MarketRow[]>)[symbols[0] ?? '']
    return { [kind]: rows ?? null, symbol: symbols[0], next_page_token: page['next_page_token'] }
  }
  const crypto = /^\/v1beta3\/crypto\/(us|us-1|eu-1)\/(latest\/)?(bars|quotes|trades|orderbooks)$/.exec(path)
  if (crypto === null || (crypto[3] === 'orderbooks' && crypto[2] === undefined)) return undefined
  const symbols = symbolsOf(query)
  const wrong = symbols.find((symbol) => !/^[A-Z]+x?\/[A-Z]+$/.test(symbol))
  if (wrong !== undefined) return bad(`invalid symbol: ${wrong} does not match ^[A-Z]+x?/[A-Z]+$`)
  const unknown = symbols.find((symbol) => assets.find(symbol) === undefined)
  if (unknown !== undefined) return bad(`invalid symbol: ${unknown}`)
  if (crypto[3] === 'orderbooks') return { orderbooks: latestBooks(books, symbols) }
  const asked = { kind: crypto[3] ?? '', symbols, query, history }
  return crypto[2] === undefined ? pageOf(asked) : latest(asked)
}

function latestBooks(books: FakeBooks, symbols: readonly string[]): Json {
  const found = symbols.map((symbol) => [symbol, books.whole(symbol)] as const)
  return Object.fromEntries(found.filter(([, book]) => book !== undefined))
}

type Asked = {
  readonly kind: string
  readonly symbols: readonly string[]
  readonly query: URLSearchParams
  readonly history: MarketHistory
}

function symbolsOf(query: URLSearchParams): readonly string[] {
  return (query.get('symbols') ?? '').split(',').filter((symbol) => symbol !== '')
}

function rowKind(kind: string, query: URLSearchParams): RowKind | FakeRefusal {
  if (kind !== 'bars') return kind as RowKind
  const frame = query.get('timeframe') ?? ''
  if (!timeframePattern.test(frame)) return bad(`invalid timeframe: ${frame}`)
  return `bars/${frame.replace(/T$/, 'Min').replace(/D$/, 'Day').replace(/H$/, 'Hour').replace(/W$/, 'Week').replace(/M$/, 'Month')}`
}

function latestOf({ kind, history }: Asked, symbol: string): Json {
  const row = history.latest(symbol, kind === 'bars' ? 'bars/1Min' : (kind as RowKind))
  return { symbol, [kind.slice(0, -1)]: row ?? null }
}

function latest(asked: Asked): Json {
  const found = asked.symbols.flatMap((symbol) => {
    const row = latestOf(asked, symbol)[asked.kind.slice(0, -1)]
    return row === null ? [] : [[symbol, row] as const]
  })
  return { [asked.kind]: Object.fromEntries(found) }
}

/** One page: `limit` rows over all symbols together, by symbol, then by time. The token names the row to go on from. */
function pageOf({ kind, symbols, query, history }: Asked): Json | FakeRefusal {
  if (symbols.length === 0) return bad('symbols is required')
  const limit = Number(query.get('limit') ?? '1000')
  if (!Number.isSafeInteger(limit) || limit < 1 || limit > maximumLimit) return bad('limit must be 1 to 10000')
  const rows = rowKind(kind, query)
  if (typeof rows !== 'string') return rows
  const [start, end] = [instant(query.get('start')), instant(query.get('end'), true)]
  const descending = query.get('sort') === 'desc'
  const all = symbols.toSorted().flatMap((symbol) => {
    const found = history.rows(symbol, rows).filter(({ t }) => Date.parse(t) >= start && Date.parse(t) <= end)
    return (descending ? found.toReversed() : found).map((row) => [symbol, row] as const)
  })
  const token = query.get('page_token')
  const from = token === null ? 0 : Number(atob(token))
  if (!Number.isSafeInteger(from) || from < 0) return refuse(400, 40010001, 'invalid page_token')
  const bySymbol: Record<string, MarketRow[]> = {}
  for (const [symbol, row] of all.slice(from, from + limit)) {
    bySymbol[symbol] ??= []
    bySymbol[symbol].push(row)
  }
  const next = from + limit < all.length ? btoa(String(from + limit)) : null
  return { [kind]: bySymbol, next_page_token: next }
}

/** A date stands for its first instant, or its last. */
function instant(text: string | null, isEnd = false): number {
  if (text === null) return isEnd ? Number.MAX_SAFE_INTEGER : 0
  const isDate = /^\d{4}-\d\d-\d\d$/.test(text)
  return Date.parse(isDate && isEnd ? `${text}T23:59:59.999Z` : text)
}
