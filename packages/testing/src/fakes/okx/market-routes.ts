import type { EpochMs } from '@tradeswarm/core'
import { decimalText } from '@tradeswarm/trading'
import type { FakeAnswer } from '../shared/http-fault.js'
import { isCandleBar } from './candle-bars.js'
import { candleJson } from './candle-store.js'
import { failed, failedBy, told } from './envelope.js'
import { fundingJson } from './funding-view.js'
import { instrumentJson, type OkxInstruments } from './okx-instruments.js'
import type { InstrumentMarket, OkxMarket, PublicTrade } from './okx-market.js'
import { tickerJson } from './okx-market.js'
import { emptyParameter, noInstrument, wrongParameter } from './okx-refusal.js'
import type { PriceBand } from './price-band.js'

export type MarketRouteParts = {
  readonly market: OkxMarket
  readonly instruments: OkxInstruments
  readonly band: PriceBand
  readonly fundingIntervalMs: number
  readonly fundingRates: Readonly<Record<string, string>>
  readonly environment: 'demo' | 'live'
  readonly isMaintained: () => boolean
  readonly now: () => EpochMs
  /** The venue's clock, skewed as it may be. */
  readonly shownNow: () => EpochMs
}

const api = '/api/v5/'

/** Answers requests of market and public data; undefined for a path that is none. */
export function answerMarket(path: string, query: URLSearchParams, parts: MarketRouteParts): FakeAnswer | undefined {
  const name = path.startsWith(api) ? path.slice(api.length) : ''
  switch (name) {
    case 'public/time':
      return told([{ ts: String(parts.shownNow()) }])
    case 'system/status':
      return told(statusRows(parts))
    case 'public/instruments':
    case 'account/instruments':
      return instruments(query, parts)
    case 'market/tickers':
      return tickers(query, parts)
    case 'public/mark-price':
      return markPrices(query, parts)
    default:
  }
  const answer = perInstrument[name]
  if (answer === undefined) return undefined
  const instId = query.get('instId')
  if (instId === null) return failedBy(emptyParameter('instId'))
  const market = parts.market.find(instId)
  return market === undefined ? failedBy(noInstrument()) : answer(market, query, parts)
}

type Answer = (market: InstrumentMarket, query: URLSearchParams, parts: MarketRouteParts) => FakeAnswer

const perInstrument: Readonly<Record<string, Answer>> = {
  'market/ticker': (market) => told([tickerJson(market)]),
  'market/books': books,
  'market/candles': (market, query, parts) => candles(market, query, parts, 300, 1_440),
  'market/history-candles': (market, query, parts) => candles(market, query, parts, 300),
  'market/trades': trades,
  'market/history-trades': historyTrades,
  'public/price-limit': priceLimit,
  'public/funding-rate': (market, _query, parts) =>
    market.listing.instType === 'SWAP' ? told([fundingJson(market, parts)]) : failedBy(wrongParameter('instId')),
  'public/funding-rate-history': fundingHistory,
}

function instruments(query: URLSearchParams, { instruments }: MarketRouteParts): FakeAnswer {
  const instType = query.get('instType')
  if (instType === null) return failedBy(emptyParameter('instType'))
  if (!['SPOT', 'MARGIN', 'SWAP', 'FUTURES', 'OPTION'].includes(instType)) return failedBy(wrongParameter('instType'))
  const instId = query.get('instId')
  const found = instruments.all.filter((one) => one.instType === instType && (instId === null || one.instId === instId))
  if (found.length === 0 && instId !== null) return failedBy(noInstrument())
  return told(found.map(instrumentJson))
}

function tickers(query: URLSearchParams, { market }: MarketRouteParts): FakeAnswer {
  const instType = query.get('instType')
  if (instType === null) return failedBy(emptyParameter('instType'))
  return told([...market.all()].filter(({ listing }) => listing.instType === instType).map(tickerJson))
}

function markPrices(query: URLSearchParams, { market, now }: MarketRouteParts): FakeAnswer {
  const [instType, instId] = [query.get('instType'), query.get('instId')]
  if (instType === null) return failedBy(emptyParameter('instType'))
  const found = [...market.all()].filter(
    ({ listing }) => listing.instType === instType && (instId === null || listing.instId === instId),
  )
  return told(found.map(({ listing }) => markJson(listing.instId, listing.instType, market, now())))
}

/** The price that margin goes by, as the API and its channel tell it. */
export function markJson(instId: string, instType: string, market: OkxMarket, now: EpochMs): Record<string, string> {
  return { instType, instId, markPx: market.markPrice(instId), ts: String(now) }
}

function books({ book, time }: InstrumentMarket, query: URLSearchParams): FakeAnswer {
  const depth = Number(query.get('sz') ?? '1')
  if (!Number.isSafeInteger(depth) || depth < 1 || depth > 400) return failedBy(wrongParameter('sz'))
  const { bids, asks } = book.sides
  return told([{ asks: asks.slice(0, depth), bids: bids.slice(0, depth), ts: String(time), seqId: book.seqId }])
}

/** A page: newest first; `after` and `before` are instants, both exclusive. */
function candles(
  { candles: store }: InstrumentMarket,
  query: URLSearchParams,
  { now }: MarketRouteParts,
  most: number,
  latest = Number.POSITIVE_INFINITY,
): FakeAnswer {
  const bar = query.get('bar') ?? '1m'
  if (!isCandleBar(bar) || bar === '1s') return failedBy(wrongParameter('bar'))
  const limit = limitOf(query, most)
  if (limit === undefined) return failedBy(wrongParameter('limit'))
  const [after, before] = [numberOf(query, 'after'), numberOf(query, 'before')]
  const rows = store.rows(bar, now())
  const found = rows
    .slice(Math.max(0, rows.length - latest))
    .filter(({ start }) => (after === undefined || start < after) && (before === undefined || start > before))
  const page = found.slice(Math.max(0, found.length - limit)).reverse()
  return told(page.map((row) => candleJson(row, bar, now())))
}

function trades({ trades: rows }: InstrumentMarket, query: URLSearchParams): FakeAnswer {
  const limit = limitOf(query, 500)
  return limit === undefined ? failedBy(wrongParameter('limit')) : told(rows.slice(-limit).reverse())
}

/** By `tradeId`, or with `type=2` by instant; there `before` is not known. */
function historyTrades({ trades: rows }: InstrumentMarket, query: URLSearchParams): FakeAnswer {
  const limit = limitOf(query, 100)
  if (limit === undefined) return failedBy(wrongParameter('limit'))
  const isByTime = query.get('type') === '2'
  const [after, before] = [numberOf(query, 'after'), numberOf(query, 'before')]
  if (isByTime && before !== undefined)
    return failed('50039', 'Parameter "before" isn\'t supported for timestamp pagination')
  const key = (trade: PublicTrade): number => Number(isByTime ? trade.ts : trade.tradeId)
  const found = rows.filter(
    (trade) => (after === undefined || key(trade) < after) && (before === undefined || key(trade) > before),
  )
  return told(found.slice(-limit).reverse())
}

function priceLimit(
  { listing }: InstrumentMarket,
  _query: URLSearchParams,
  { band, now }: MarketRouteParts,
): FakeAnswer {
  const limits = band.limits(listing)
  const { instType, instId } = listing
  const [buyLmt, sellLmt] = limits === undefined ? ['', ''] : [decimalText(limits.buy), decimalText(limits.sell)]
  return told([{ instType, instId, buyLmt, sellLmt, ts: String(now()), enabled: limits !== undefined }])
}

/** Newest first; `after` and `before` are instants, both exclusive. */
function fundingHistory({ listing, fundings }: InstrumentMarket, query: URLSearchParams): FakeAnswer {
  if (listing.instType !== 'SWAP') return failedBy(wrongParameter('instId'))
  const limit = limitOf(query, 400)
  if (limit === undefined) return failedBy(wrongParameter('limit'))
  const [after, before] = [numberOf(query, 'after'), numberOf(query, 'before')]
  const { instType, instId } = listing
  const rows = fundings
    .filter(({ time }) => (after === undefined || time < after) && (before === undefined || time > before))
    .map(({ rate, time }) => {
      const row = { formulaType: 'noRate', fundingRate: rate, fundingTime: String(time), instId, instType }
      return { ...row, method: 'current_period', realizedRate: rate }
    })
  return told(rows.slice(-limit).reverse())
}

function statusRows({ isMaintained, environment, now }: MarketRouteParts): readonly object[] {
  if (!isMaintained()) return []
  const begin = String(now())
  return [
    {
      begin,
      end: String(now() + 3_600_000),
      env: environment === 'demo' ? '2' : '1',
      href: '',
      maintType: '1',
      preOpenBegin: '',
      scheDesc: '',
      serviceType: '5',
      state: 'ongoing',
      system: 'unified',
      title: 'Trading service upgrade',
    },
  ]
}

/** How many rows a page may have; undefined for what is no such number. */
export function limitOf(query: URLSearchParams, most: number): number | undefined {
  const limit = Number(query.get('limit') ?? '100')
  return Number.isSafeInteger(limit) && limit >= 1 ? Math.min(limit, most) : undefined
}

function numberOf(query: URLSearchParams, name: string): number | undefined {
  const text = query.get(name)
  return text === null || text === '' ? undefined : Number(text)
}
