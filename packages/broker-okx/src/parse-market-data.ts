import {
  amountText,
  asList,
  asPayload,
  type BookLevel,
  badPayload,
  epochMs,
  isPlainAmount,
  optionalAmount,
  optionalEpochMs,
  type Payload,
  text,
} from '@tradeswarm/broker-kit'
import type { EpochMs } from '@tradeswarm/core'

/** A bar of any timeframe; amounts are decimal texts, `start` its first instant. Volumes of swaps are contracts. */
export type OkxBar = {
  readonly symbol: string
  readonly start: EpochMs
  readonly open: string
  readonly high: string
  readonly low: string
  readonly close: string
  readonly volume: string
  /** What was traded in the quote currency. */
  readonly quoteVolume: string
  /** Whether it is over. */
  readonly isFinal: boolean
}

/** A quote; amounts are decimal texts. */
export type OkxQuote = {
  readonly symbol: string
  readonly time: EpochMs
  readonly bid: string
  readonly ask: string
  readonly bidSize: string
  readonly askSize: string
}

/** A trade. `id` is the venue's, unique for a symbol; `side` is that of whoever took. */
export type OkxTrade = {
  readonly symbol: string
  readonly time: EpochMs
  readonly price: string
  readonly quantity: string
  readonly side: 'buy' | 'sell'
  readonly id: string
}

/** Rows, and where to go on; undefined after the last page. */
export type Page<Row> = { readonly rows: readonly Row[]; readonly next: string | undefined }

/** Bars that are over. `unfinished` is when the first began that is not, by OKX's own clock, and is left out; epoch milliseconds. */
export type OkxBarPage = Page<OkxBar> & { readonly unfinished?: EpochMs }

function cell(row: readonly unknown[], index: number, what: string): string {
  const value = row[index]
  if (typeof value === 'string' && isPlainAmount(value)) return value
  throw badPayload(what, `column ${index}`, 'an amount')
}

/** Reads a candle: `[ts, o, h, l, c, vol, volCcy, volCcyQuote, confirm]`. Throws `BROKER_BAD_PAYLOAD`. */
export function parseBar(symbol: string, value: unknown): OkxBar {
  const what = 'a candle'
  const row = asList(value, what)
  return {
    symbol,
    start: Number(cell(row, 0, what)),
    open: cell(row, 1, what),
    high: cell(row, 2, what),
    low: cell(row, 3, what),
    close: cell(row, 4, what),
    volume: cell(row, 5, what),
    quoteVolume: cell(row, 7, what),
    isFinal: row[8] === '1',
  }
}

/** Reads a trade. Throws `BROKER_BAD_PAYLOAD`. */
export function parseTrade(value: unknown): OkxTrade {
  const what = 'a trade'
  const payload = asPayload(value, what)
  return {
    symbol: text(payload, 'instId', what),
    time: epochMs(payload, 'ts', what),
    price: amountText(payload, 'px', what),
    quantity: amountText(payload, 'sz', what),
    side: payload['side'] === 'sell' ? 'sell' : 'buy',
    id: text(payload, 'tradeId', what),
  }
}

/** Reads a message of the channel `bbo-tbt`; undefined where a side is empty. Throws `BROKER_BAD_PAYLOAD`. */
export function parseBestPrices(symbol: string, value: unknown): OkxQuote | undefined {
  const what = 'a quote'
  const payload = asPayload(value, what)
  const bid = bestOf(payload['bids'], what)
  const ask = bestOf(payload['asks'], what)
  if (bid === undefined || ask === undefined) return undefined
  return {
    symbol,
    time: epochMs(payload, 'ts', what),
    bid: cell(bid, 0, what),
    ask: cell(ask, 0, what),
    bidSize: cell(bid, 1, what),
    askSize: cell(ask, 1, what),
  }
}

function bestOf(side: unknown, what: string): readonly unknown[] | undefined {
  const level = asList(side ?? [], what)[0]
  return level === undefined ? undefined : asList(level, what)
}

/** Reads a ticker as a quote; undefined where a side is empty. Throws `BROKER_BAD_PAYLOAD`. */
export function parseTicker(value: unknown): OkxQuote | undefined {
  const what = 'a ticker'
  const payload = asPayload(value, what)
  const { bidPx, askPx } = payload
  if (!isAmount(bidPx) || !isAmount(askPx)) return undefined
  return {
    symbol: text(payload, 'instId', what),
    time: epochMs(payload, 'ts', what),
    bid: bidPx,
    ask: askPx,
    bidSize: amountText(payload, 'bidSz', what),
    askSize: amountText(payload, 'askSz', what),
  }
}

function isAmount(value: unknown): value is string {
  return typeof value === 'string' && isPlainAmount(value) && Number(value) > 0
}

/** What a swap's longs pay its shorts, and when it falls due. */
export type OkxFundingRate = {
  readonly symbol: string
  readonly rate: string
  readonly time: EpochMs
  /** When it falls due after that, as things stand. */
  readonly nextTime: EpochMs | undefined
  /** The rate of the period before, where it has been settled. */
  readonly settledRate: string | undefined
}

/** A funding that was settled. */
export type OkxSettledFunding = { readonly symbol: string; readonly rate: string; readonly time: EpochMs }

/** Reads a funding rate. Throws `BROKER_BAD_PAYLOAD`. */
export function parseFundingRate(value: unknown): OkxFundingRate {
  const what = 'a funding rate'
  const payload = asPayload(value, what)
  const settled = payload['settFundingRate']
  return {
    symbol: text(payload, 'instId', what),
    rate: amountText(payload, 'fundingRate', what),
    time: epochMs(payload, 'fundingTime', what),
    nextTime: optionalEpochMs(payload, 'nextFundingTime'),
    settledRate:
      payload['settState'] === 'settled' && typeof settled === 'string' && settled !== '' ? settled : undefined,
  }
}

/** Reads one of `public/funding-rate-history`. Throws `BROKER_BAD_PAYLOAD`. */
export function parseSettledFunding(value: unknown): OkxSettledFunding {
  const what = 'a settled funding rate'
  const payload = asPayload(value, what)
  const rate = optionalAmount(payload, 'realizedRate') ?? amountText(payload, 'fundingRate', what)
  return { symbol: text(payload, 'instId', what), rate, time: epochMs(payload, 'fundingTime', what) }
}

/** Reads a candle of mark prices: what it was when the candle began. Throws `BROKER_BAD_PAYLOAD`. */
export function parseMarkPrice(value: unknown): { readonly time: EpochMs; readonly price: string } {
  const what = 'a candle of mark prices'
  const row = asList(value, what)
  return { time: Number(cell(row, 0, what)), price: cell(row, 1, what) }
}

/** What the channel `books` tells: a whole book, or what has changed of it. */
export type BookUpdate = {
  readonly bids: readonly BookLevel[]
  readonly asks: readonly BookLevel[]
  readonly time: EpochMs
  readonly sequence: number
  readonly previous: number
  /** CRC32 over the best 25 levels; undefined where there is none, as on the venue's own books since 2026. */
  readonly checksum: number | undefined
}

/** Reads what `market/books` and the channel `books` tell. Throws `BROKER_BAD_PAYLOAD`. */
export function parseBook(value: unknown): BookUpdate {
  const what = 'a book'
  const payload = asPayload(value, what)
  const { checksum } = payload
  return {
    bids: levelsOf(payload, 'bids'),
    asks: levelsOf(payload, 'asks'),
    time: epochMs(payload, 'ts', what),
    sequence: numberOf(payload, 'seqId'),
    previous: numberOf(payload, 'prevSeqId'),
    // The venue makes none any more and sends 0 in its place; the sequence stays.
    checksum: typeof checksum === 'number' && checksum !== 0 ? checksum : undefined,
  }
}

function levelsOf(payload: Payload, side: string): readonly BookLevel[] {
  return asList(payload[side] ?? [], 'a book').map((level) => {
    const row = asList(level, 'a level')
    return [cell(row, 0, 'a level'), cell(row, 1, 'a level')] as const
  })
}

function numberOf(payload: Payload, field: string): number {
  const value = Number(payload[field] ?? -1)
  return Number.isSafeInteger(value) ? value : -1
}
