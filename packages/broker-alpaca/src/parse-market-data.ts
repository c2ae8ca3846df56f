import {
  amountText,
  asList,
  asPayload,
  type BookLevel,
  badPayload,
  instant,
  numberText,
  type Payload,
} from '@tradeswarm/broker-kit'
import type { EpochMs } from '@tradeswarm/core'
import { type PriceCounts, priceCounts } from './trade-conditions.js'

/** A bar of any timeframe; amounts are decimal texts, `start` its first instant. */
export type AlpacaBar = {
  readonly symbol: string
  readonly start: EpochMs
  readonly open: string
  readonly high: string
  readonly low: string
  readonly close: string
  readonly volume: string
  readonly trades: number
  /** The price that its trades had on average, by volume. */
  readonly vwap: string | undefined
}

/** A quote; amounts are decimal texts. */
export type AlpacaQuote = {
  readonly symbol: string
  readonly time: EpochMs
  readonly bid: string
  readonly ask: string
  readonly bidSize: string
  readonly askSize: string
}

/** A trade. `id` is unique for a symbol, an exchange and a day. */
export type AlpacaTrade = {
  readonly symbol: string
  readonly time: EpochMs
  readonly price: string
  readonly quantity: string
  /** The code of the exchange; empty for crypto. */
  readonly exchange: string
  readonly id: string
  /** When its price counts as that of the market: not where its conditions say otherwise, or it was withdrawn; see `trade-conditions.ts`. */
  readonly counts: PriceCounts
}

/** A trade that was told and was not what it was said to be, and what it was instead; undefined where it was cancelled. */
export type WithdrawnTrade = {
  readonly symbol: string
  readonly exchange: string
  readonly id: string
  readonly corrected: AlpacaTrade | undefined
}

/** A whole order book (`isReset`), or what has changed of one: levels with their new sizes, `0` where one is gone. */
export type AlpacaBook = {
  readonly symbol: string
  readonly time: EpochMs
  readonly bids: readonly BookLevel[]
  readonly asks: readonly BookLevel[]
  readonly isReset: boolean
}

/** A JSON number as a decimal text; market data has no texts. */
function number(payload: Payload, field: string, what: string): string {
  const value = payload[field]
  const text = typeof value === 'number' ? numberText(value) : undefined
  if (text !== undefined) return text
  // Slower, for a gateway that sends texts.
  return amountText(payload, field, what)
}

export function parseBar(symbol: string, value: unknown): AlpacaBar {
  const payload = asPayload(value, 'a bar')
  const vwap = payload['vw']
  return {
    symbol,
    start: instant(payload, 't', 'a bar'),
    open: number(payload, 'o', 'a bar'),
    high: number(payload, 'h', 'a bar'),
    low: number(payload, 'l', 'a bar'),
    close: number(payload, 'c', 'a bar'),
    volume: number(payload, 'v', 'a bar'),
    trades: typeof payload['n'] === 'number' ? payload['n'] : 0,
    vwap: typeof vwap === 'number' ? numberText(vwap) : undefined,
  }
}

export function parseQuote(symbol: string, value: unknown): AlpacaQuote {
  const payload = asPayload(value, 'a quote')
  return {
    symbol,
    time: instant(payload, 't', 'a quote'),
    bid: number(payload, 'bp', 'a quote'),
    ask: number(payload, 'ap', 'a quote'),
    bidSize: number(payload, 'bs', 'a quote'),
    askSize: number(payload, 'as', 'a quote'),
  }
}

export function parseTrade(symbol: string, value: unknown): AlpacaTrade {
  const payload = asPayload(value, 'a trade')
  const { i, x, c, z, u } = payload
  return {
    symbol,
    time: instant(payload, 't', 'a trade'),
    price: number(payload, 'p', 'a trade'),
    quantity: number(payload, 's', 'a trade'),
    exchange: exchangeOf(x),
    id: idOf(i),
    counts: u === 'canceled' || u === 'incorrect' ? 'never' : priceCounts(c, z),
  }
}

/** Reads what takes a trade back, of the stream: `x`, cancelled, and `c`, corrected. */
export function parseWithdrawn(symbol: string, value: unknown): WithdrawnTrade {
  const what = 'a correction of a trade'
  const payload = asPayload(value, what)
  const exchange = exchangeOf(payload['x'])
  if (payload['T'] === 'x') return { symbol, exchange, id: idOf(payload['i']), corrected: undefined }
  const corrected: AlpacaTrade = {
    symbol,
    time: instant(payload, 't', what),
    price: number(payload, 'cp', what),
    quantity: number(payload, 'cs', what),
    exchange,
    id: idOf(payload['ci']),
    counts: priceCounts(payload['cc'], payload['z']),
  }
  return { symbol, exchange, id: idOf(payload['oi']), corrected }
}

function idOf(id: unknown): string {
  return typeof id === 'number' || typeof id === 'string' ? String(id) : ''
}

function exchangeOf(exchange: unknown): string {
  return typeof exchange === 'string' ? exchange : ''
}

/** Reads what the stream tells of a book, and what the latest books are asked for by. Throws `BROKER_BAD_PAYLOAD`. */
export function parseBook(symbol: string, value: unknown): AlpacaBook {
  const payload = asPayload(value, 'a book')
  return {
    symbol,
    time: instant(payload, 't', 'a book'),
    bids: levelsOf(payload, 'b'),
    asks: levelsOf(payload, 'a'),
    isReset: payload['r'] === true,
  }
}

function levelsOf(payload: Payload, side: string): readonly BookLevel[] {
  return asList(payload[side] ?? [], 'a book').map((value) => {
    const level = asPayload(value, 'a level')
    return [number(level, 'p', 'a level'), number(level, 's', 'a level')] as const
  })
}

/** A page of rows by symbol, and the token of the next one. */
export type Page<Row> = { readonly rows: readonly Row[]; readonly next: string | undefined }

/** Reads a page of `bars`, `quotes` or `trades`. */
export function parsePage<Row>(
  value: unknown,
  kind: string,
  symbolOf: (venueSymbol: string) => string,
  parseRow: (symbol: string, value: unknown) => Row,
): Page<Row> {
  const payload = asPayload(value, `a page of ${kind}`)
  // Null where there is nothing; who says nothing of it has not been asked.
  const bySymbol = payload[kind] === null ? {} : payload[kind]
  const rows = Object.entries(asPayload(bySymbol, `a page of ${kind}`)).flatMap(([symbol, list]) =>
    asList(list, kind).map((row) => parseRow(symbolOf(symbol), row)),
  )
  const next = payload['next_page_token']
  if (next !== null && next !== undefined && typeof next !== 'string')
    throw badPayload(`a page of ${kind}`, 'next_page_token', 'a text')
  return { rows, next: typeof next === 'string' && next !== '' ? next : undefined }
}

/** Reads the latest quotes or trades: one row by symbol. */
export function parseLatest<Row>(
  value: unknown,
  kind: string,
  symbolOf: (venueSymbol: string) => string,
  parseRow: (symbol: string, value: unknown) => Row,
): readonly Row[] {
  const bySymbol = asPayload(asPayload(value, kind)[kind] ?? {}, kind)
  return Object.entries(bySymbol).map(([symbol, row]) => parseRow(symbolOf(symbol), row))
}
