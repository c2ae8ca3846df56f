import { createHmac } from 'node:crypto'
import type { Tape } from '@tradeswarm/backtest'
import { createOkxBroker, createOkxMarketData } from '@tradeswarm/broker-okx'
import { createSystemClock, SwarmError } from '@tradeswarm/core'
import { createFakeOkx, type FakeOkxCandle, type FakeOkxOptions } from '@tradeswarm/testing/fakes'
import type { BarEvent, Instrument } from '@tradeswarm/trading'
import type { Venue, VenueAccess, VenueDoubleOptions } from './venue.js'

const key = 'OKX_API_KEY'
const secret = 'OKX_SECRET_KEY'
const passphrase = 'OKX_PASSPHRASE'
const url = 'OKX_API_URL'
/** What a double allows, so many times what OKX does: it plays days in a blink. */
const doubleRateMultiplier = 20
/** A machine that is busy takes a moment. */
const answerTimeoutMs = 10_000
const barsPerPage = 300
const currency = 'USDT'

/** OKX: crypto, spot and perpetual swaps. */
export const okxVenue: Venue = {
  name: 'okx',
  currency,
  keyVariables: [key, secret, passphrase],
  optionVariables: { key, secret, passphrase, site: url, 'urls.rest': url },
  dataNeedsKeys: false,
  tradingUrlVariable: url,
  dataUrlVariable: url,
  domain: 'okx.com',
  paperMode: 'demo',
  symbolExample: 'BTC-USDT or BTC-USDT-SWAP',
  isSymbol: (text) => /^[A-Z0-9]{1,20}(-[A-Z0-9]{1,20}){1,2}$/.test(text),
  timeframes: ['1m', '3m', '5m', '15m', '30m', '1h', '2h', '4h', '6h', '12h', '1d', '1w'],
  tapeThere,
  async answers({ keys, tradingUrl }) {
    const path = '/api/v5/account/config'
    const clock = createSystemClock()
    const timestamp = new Date(clock.now()).toISOString()
    const sign = createHmac('sha256', keys[secret] ?? '')
      .update(`${timestamp}GET${path}`)
      .digest('base64')
    const headers = {
      'OK-ACCESS-KEY': keys[key] ?? '',
      'OK-ACCESS-SIGN': sign,
      'OK-ACCESS-TIMESTAMP': timestamp,
      'OK-ACCESS-PASSPHRASE': keys[passphrase] ?? '',
      'x-simulated-trading': '1',
    }
    const abort = new AbortController()
    const cancel = clock.at(clock.now() + answerTimeoutMs, () => abort.abort())
    try {
      // The keys go to no other host.
      const answer = await fetch(`${tradingUrl}${path}`, { headers, redirect: 'error', signal: abort.signal })
      const { code, data } = (await answer.json()) as { readonly code?: unknown; readonly data?: unknown }
      // Whoever else listens there may say yes to everything; an account has a mode.
      const [config] = Array.isArray(data) ? (data as readonly unknown[]) : []
      return code === '0' && typeof (config as { readonly acctLv?: unknown } | undefined)?.acctLv === 'string'
    } catch {
      return false
    } finally {
      cancel()
    }
  },
  async startDouble(options) {
    const { keys, cash, slippageBasisPoints, symbols, firstSession } = options
    // The adapter asks for nothing of before: a tape may be older than OKX.
    const listTime = String(Math.max(0, Date.parse(firstSession)))
    const fake = await createFakeOkx({
      keyId: keys[key] ?? '',
      secret: keys[secret] ?? '',
      passphrase: keys[passphrase] ?? '',
      instruments: symbols.map((instId) => ({
        instId,
        tickSz: '0.01',
        lotSz: '0.000001',
        minSz: '0.000001',
        listTime,
      })),
      cash: { [currency]: cash },
      slippageBasisPoints,
      rateMultiplier: doubleRateMultiplier,
      candles: candlesOf(options),
    })
    return {
      url: fake.url,
      keys,
      emit: (event) => fake.market.emit(event),
      requests: () => fake.requests.length,
      isHeard: () => fake.listening.updates > 0,
      close: () => fake.close(),
    }
  },
  broker(access, { symbols, mode, allowLive }) {
    return createOkxBroker({
      key: access.keys[key] ?? '',
      secret: access.keys[secret] ?? '',
      passphrase: access.keys[passphrase] ?? '',
      ...routeOf(access, access.tradingUrl),
      symbols,
      mode: mode === 'live' ? 'live' : 'demo',
      allowLive,
    })
  },
  tellsSessions: () => true,
  openFeed(access, { symbols, sessions, random, logger }) {
    const market = createOkxMarketData({
      ...pricesOf(access),
      symbols,
      ...(sessions === undefined ? {} : { sessions }),
    })
    return market.open({ random, logger })
  },
  async *bars(access, { symbol, timeframe, from, to, random, areOver }) {
    const market = createOkxMarketData({ ...pricesOf(access), symbols: [symbol] })
    const query = { symbols: [symbol], timeframe, from, to, pageSize: barsPerPage } as const
    for await (const { rows, unfinished } of market.history({ random }).bars(query)) {
      yield rows
      if (areOver === true && unfinished !== undefined) throw notOver(timeframe, unfinished)
    }
  },
}

/** What is noted as fetched is never asked for again. */
function notOver(timeframe: string, start: number): SwarmError {
  return new SwarmError({
    code: 'BAR_NOT_OVER',
    message: `OKX does not call the bar of ${timeframe} over that begins at ${new Date(start).toISOString()}: ask again in a moment, or for bars of before`,
    retryability: 'retryable',
  })
}

/** A tape of anything, as if it traded against USDT at all hours: `SPX` is `SPX-USDT` there. */
function tapeThere(tape: Tape): Tape {
  const there = (symbol: string): string => `${symbol}-${currency}`
  const instruments = tape.instruments.map(
    ({ symbol }): Instrument => ({
      symbol: there(symbol),
      kind: 'crypto-spot',
      asset: symbol,
      currency,
      tickSize: '0.01',
      lotSize: '0.000001',
      minimumNotional: '1',
      calendar: 'always-open',
    }),
  )
  return {
    ...tape,
    labels: [...tape.labels, `Its symbols are traded as pairs with ${currency} here, which nobody offers.`],
    instruments,
    bars: tape.bars.map((bar) => ({ ...bar, symbol: there(bar.symbol) })),
    posts: tape.posts.map((post) => ({ ...post, symbol: there(post.symbol) })),
    // A pair pays none.
    dividends: [],
  }
}

/** Demo trading has prices of its own. */
function pricesOf(access: VenueAccess) {
  return { ...routeOf(access, access.dataUrl), mode: access.prices === 'live' ? ('live' as const) : ('demo' as const) }
}

function routeOf({ requestsPerMinute }: VenueAccess, url: string | undefined) {
  return {
    ...(url === undefined ? {} : siteOrUrl(url)),
    ...(requestsPerMinute === undefined ? {} : { rateMultiplier: doubleRateMultiplier }),
  }
}

/** The last two are what sites were called before. */
const sites = {
  'www.okx.com': 'global',
  'eea.okx.com': 'eea',
  'us.okx.com': 'us',
  'my.okx.com': 'eea',
  'app.okx.com': 'us',
} as const

/** OKX's own hosts have their streams elsewhere; a proxy or a double has them beside. */
export function siteOrUrl(url: string) {
  const { hostname } = new URL(url)
  for (const [host, site] of Object.entries(sites)) if (host === hostname) return { site }
  return { urls: { rest: url } }
}

function candlesOf({ pastBars }: VenueDoubleOptions): NonNullable<FakeOkxOptions['candles']> {
  const bySymbol = Map.groupBy(pastBars, ({ symbol }) => symbol)
  return Object.fromEntries([...bySymbol].map(([symbol, bars]) => [symbol, { '1Dutc': bars.map(candle) }]))
}

function candle({ sessionDate, open, high, low, close, volume }: BarEvent): FakeOkxCandle {
  return [String(Date.parse(sessionDate)), open, high, low, close, volume, volume, volume]
}
