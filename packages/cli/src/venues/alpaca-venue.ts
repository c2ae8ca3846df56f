import {
  type AlpacaDividend,
  type AlpacaSplit,
  createAlpacaBroker,
  createAlpacaMarketData,
  loadAlpacaCalendar,
} from '@tradeswarm/broker-alpaca'
import { createSystemClock } from '@tradeswarm/core'
import { createFakeAlpaca, type FakeAlpacaBar, type FakeAlpacaOptions } from '@tradeswarm/testing/fakes'
import type { BarEvent } from '@tradeswarm/trading'
import { dividendsToday } from './alpaca-dividends.js'
import { isUsEquityMarketClosed } from './us-equity-closed.js'
import type { Venue, VenueAccess, VenueDoubleOptions } from './venue.js'

const keyId = 'APCA_API_KEY_ID'
const secret = 'APCA_API_SECRET_KEY'
const tradingVariable = 'APCA_API_BASE_URL'
const dataVariable = 'APCA_API_DATA_URL'
/** What a double allows, as Alpaca does its Elite tier. */
const doubleRequestsPerMinute = 1_000
/** A machine that is busy takes a moment. */
const answerTimeoutMs = 10_000
/** Dividends are paid, and processed, that long after their ex-date at most. */
const processedWithinMs = 365 * 86_400_000
const barsPerPage = 10_000

/** Alpaca: US equities and crypto. */
export const alpacaVenue: Venue = {
  name: 'alpaca',
  currency: 'USD',
  keyVariables: [keyId, secret],
  optionVariables: {
    keyId,
    secret,
    'urls.trading': tradingVariable,
    'urls.updates': tradingVariable,
    'urls.data': dataVariable,
  },
  dataNeedsKeys: true,
  tradingUrlVariable: tradingVariable,
  dataUrlVariable: dataVariable,
  domain: 'alpaca.markets',
  paperMode: 'paper',
  symbolExample: 'AAPL or BTC-USD',
  isSymbol: (text) => /^[A-Z0-9.-]{1,20}$/.test(text),
  timeframes: ['1m', '5m', '15m', '30m', '1h', '4h', '1d'],
  tapeThere: (tape) => tape,
  async answers({ keys, tradingUrl }) {
    const headers = { 'APCA-API-KEY-ID': keys[keyId] ?? '', 'APCA-API-SECRET-KEY': keys[secret] ?? '' }
    const abort = new AbortController()
    const clock = createSystemClock()
    const cancel = clock.at(clock.now() + answerTimeoutMs, () => abort.abort())
    try {
      // The keys go to no other host.
      const answer = await fetch(`${tradingUrl}/v2/clock`, { headers, redirect: 'error', signal: abort.signal })
      // Whoever else listens there may say yes to everything; only a venue says whether it is open.
      const { is_open: isOpen } = (await answer.json()) as { readonly is_open?: unknown }
      return answer.ok && typeof isOpen === 'boolean'
    } catch {
      return false
    } finally {
      cancel()
    }
  },
  async startDouble(options) {
    const fake = await createFakeAlpaca({
      ...keysOf(options.keys),
      assets: options.symbols.map((symbol) => ({ symbol, fractionable: false })),
      cash: options.cash,
      slippageBasisPoints: options.slippageBasisPoints,
      requestsPerMinute: doubleRequestsPerMinute,
      dataRequestsPerMinute: doubleRequestsPerMinute,
      symbolLimit: Math.max(30, options.symbols.length),
      calendar: options.calendar,
      bars: barsOf(options),
    })
    return {
      url: fake.url,
      keys: options.keys,
      emit: (event) => fake.market.emit(event),
      requests: () => fake.requests.length,
      isHeard: () => fake.listening.updates > 0,
      close: () => fake.close(),
    }
  },
  broker(access, { symbols, mode, allowLive }) {
    const url = access.tradingUrl
    return createAlpacaBroker({
      ...keysOf(access.keys),
      ...ratesOf(access),
      symbols,
      mode,
      allowLive,
      ...(url === undefined ? {} : { urls: { trading: url } }),
    })
  },
  // Crypto never closes: the adapter tells of no sessions there.
  tellsSessions: (symbols) => symbols.some((symbol) => !symbol.includes('-')),
  calendar(access, { mode, from, to, random }) {
    const url = access.tradingUrl
    const urls = url === undefined ? {} : { urls: { trading: url } }
    return loadAlpacaCalendar({ ...keysOf(access.keys), ...ratesOf(access), ...urls, mode, from, to }, { random })
  },
  openFeed(access, { symbols, sessions, random, logger }) {
    return marketDataOf(access, symbols, sessions).open({ random, logger })
  },
  async dividends(access, { symbol, from, to, random }) {
    if (symbol.includes('-')) return []
    const now = createSystemClock().now()
    // Splits of until today count, and what is yet to be paid may have its ex-date behind it.
    const last = dateOf(now + processedWithinMs)
    const actions = marketDataOf(access, [symbol]).history({ random })
    const [dividends, splits]: [AlpacaDividend[], AlpacaSplit[]] = [[], []]
    for await (const page of actions.corporateActions({ symbols: [symbol], from, to: last })) {
      dividends.push(...page.dividends)
      splits.push(...page.splits)
    }
    const within = dividends.filter(({ exDate }) => exDate >= from && exDate <= to)
    return dividendsToday(within, splits, dateOf(now))
  },
  isClosed: ({ symbol, timeframe, from, to }) => !symbol.includes('-') && isUsEquityMarketClosed(timeframe, from, to),
  async *bars(access, { symbol, timeframe, from, to, random, splitAdjusted }) {
    const history = marketDataOf(access, [symbol]).history({ random })
    const adjustment = splitAdjusted === true ? 'split' : 'raw'
    const query = { symbols: [symbol], timeframe, from, to, pageSize: barsPerPage, adjustment } as const
    for await (const { rows } of history.bars(query)) yield rows
  },
}

function dateOf(time: number): string {
  return new Date(time).toISOString().slice(0, 10)
}

function marketDataOf(
  access: VenueAccess,
  symbols: readonly string[],
  sessions?: Parameters<Venue['openFeed']>[1]['sessions'],
): ReturnType<typeof createAlpacaMarketData> {
  const url = access.dataUrl
  return createAlpacaMarketData({
    ...keysOf(access.keys),
    ...ratesOf(access),
    symbols,
    ...(url === undefined ? {} : { urls: { data: url } }),
    ...(sessions === undefined ? {} : { sessions }),
  })
}

function keysOf(keys: VenueAccess['keys']): { readonly keyId: string; readonly secret: string } {
  return { keyId: keys[keyId] ?? '', secret: keys[secret] ?? '' }
}

function ratesOf({ requestsPerMinute }: VenueAccess): { readonly requestsPerMinute?: number } {
  return requestsPerMinute === undefined ? {} : { requestsPerMinute }
}

function barsOf({ pastBars }: VenueDoubleOptions): NonNullable<FakeAlpacaOptions['bars']> {
  const bySymbol = Map.groupBy(pastBars, ({ symbol }) => symbol)
  return Object.fromEntries([...bySymbol].map(([symbol, bars]) => [symbol, { '1Day': bars.map(wireBar) }]))
}

function wireBar({ sessionDate, open, high, low, close, volume }: BarEvent): FakeAlpacaBar {
  const [o, h, l, c, v] = [open, high, low, close, volume].map(Number) as [number, number, number, number, number]
  return { t: `${sessionDate}T05:00:00Z`, o, h, l, c, v, n: 1, vw: c }
}
