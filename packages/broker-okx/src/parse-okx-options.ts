import {
  assertAccountName,
  assertKeyText,
  assertMode,
  assertModeName,
  assertOutcomeWaits,
  assertVenueOptions,
  createScrubber,
  isWithin,
  type OtherNames,
  parseLine,
  parseTradedSymbols,
  parseUrl,
  type RateBuckets,
  type Scrubber,
  type SymbolForm,
  sharedRateBuckets,
  unfitVenueOption,
  type VenueLine,
} from '@tradeswarm/broker-kit'
import { createBase64HmacSigner, type HmacSigner } from '@tradeswarm/core'
import { type OkxBrokerOptions, type OkxRoute, okxDefaults, okxUrls } from './okx-broker-options.js'
import { isCountedByAddress } from './rates.js'

/** Who asks. */
export type OkxCredentials = { readonly key: string; readonly passphrase: string; readonly sign: HmacSigner }

/** How to reach OKX, checked. */
export type ConnectionSettings = VenueLine & {
  readonly mode: 'demo' | 'live'
  readonly restUrl: string
  readonly streamUrl: string
  readonly rateMultiplier: number
  /** Shared by all that asks with these settings. */
  readonly buckets: RateBuckets
  readonly scrub: Scrubber
  /** Undefined where only market data is asked for, which everybody may have. */
  readonly credentials: OkxCredentials | undefined
}

/** An account, checked. */
export type OkxSettings = {
  readonly connection: ConnectionSettings & { readonly credentials: OkxCredentials }
  readonly account: string
  readonly mode: 'demo' | 'live'
  readonly symbols: readonly string[] | undefined
  readonly currency: string
  readonly marginMode: 'cross' | 'isolated'
  readonly requestLifetimeMs: number
  readonly outcomeWaitsMs: readonly number[]
}

const place = 'createOkxBroker'
/** The options of a {@link OkxRoute}. */
export const routeOptions = [
  'site',
  'mode',
  'urls',
  'rateMultiplier',
  'requestTimeoutMs',
  'heartbeatMs',
  'transport',
] as const
/** What its options are called elsewhere. */
const otherNames: OtherNames = {
  keyId: 'key',
  apiKey: 'key',
  secretKey: 'secret',
  apiSecret: 'secret',
  password: 'passphrase',
  demo: 'mode',
}
const otherUrlNames: OtherNames = { trading: 'rest', data: 'rest', updates: 'stream', dataStream: 'stream' }
const modeWords = { safe: 'demo', other: 'paper' } as const
const known = [
  ...routeOptions,
  'key',
  'secret',
  'passphrase',
  'account',
  'allowLive',
  'symbols',
  'currency',
  'marginMode',
  'requestLifetimeMs',
  'outcomeWaitsMs',
] as const

/** Checks the options of an account. Throws `INVALID_OPTION`; no message shows a key. */
export function parseOkxOptions(options: OkxBrokerOptions): OkxSettings {
  assertVenueOptions(place, options, known, otherNames)
  const { key, secret, passphrase, symbols, account = okxDefaults.account } = options
  const { currency = okxDefaults.currency, marginMode = okxDefaults.marginMode } = options
  const { requestLifetimeMs = okxDefaults.requestLifetimeMs } = options
  const { outcomeWaitsMs = okxDefaults.outcomeWaitsMs } = options
  assertAccountName(place, account)
  const route = parseRoute(place, options, key)
  assertMode(place, options, modeWords)
  for (const [name, value] of Object.entries({ key, secret, passphrase })) assertKeyText(place, name, value, 'OKX')
  if (typeof currency !== 'string' || !/^[A-Z0-9]{1,16}$/.test(currency))
    throw unfitVenueOption(place, 'currency', currency, 'use the name of a currency such as "USDT"')
  if (marginMode !== 'cross' && marginMode !== 'isolated')
    throw unfitVenueOption(place, 'marginMode', marginMode, 'use "cross" or "isolated"')
  if (!isWithin(requestLifetimeMs, 1_000, 60_000))
    throw unfitVenueOption(place, 'requestLifetimeMs', requestLifetimeMs, 'use a number from 1,000 to 60,000')
  assertOutcomeWaits(place, outcomeWaitsMs)
  return {
    connection: {
      ...route,
      scrub: createScrubber([key, secret, passphrase]),
      credentials: { key, passphrase, sign: createBase64HmacSigner(secret) },
    },
    account,
    mode: route.mode,
    symbols: symbols === undefined ? undefined : parseTradedSymbols(place, symbols, symbolForm),
    currency,
    marginMode,
    requestLifetimeMs,
    outcomeWaitsMs,
  }
}

/** Within 30 s without a word OKX closes a socket. */
const longestHeartbeatMs = 25_000

/** Checks how OKX is reached, and by whose `key` the rates are counted. Throws `INVALID_OPTION`. */
export function parseRoute(owner: string, options: OkxRoute, key = ''): ConnectionSettings {
  const { site = okxDefaults.site, mode = okxDefaults.mode, urls = {} } = options
  const { rateMultiplier = okxDefaults.rateMultiplier } = options
  // A misspelt URL would lead to the real host.
  assertVenueOptions(`${owner}: urls`, urls, ['rest', 'stream'], otherUrlNames)
  if (!Object.hasOwn(okxUrls, site)) throw unfitVenueOption(owner, 'site', site, 'use "global", "eea" or "us"')
  assertModeName(owner, mode, modeWords)
  if (!isWithin(rateMultiplier, 0.05, 1_000))
    throw unfitVenueOption(owner, 'rateMultiplier', rateMultiplier, 'use a number from 0.05 to 1,000')
  if (options.heartbeatMs !== undefined && !isWithin(options.heartbeatMs, 100, longestHeartbeatMs))
    throw unfitVenueOption(
      owner,
      'heartbeatMs',
      options.heartbeatMs,
      'use a number from 100 to 25,000: OKX leaves who is silent for 30 s',
    )
  const restUrl = parseUrl(owner, 'urls.rest', urls.rest ?? okxUrls[site].rest, 'http', /\/api\/v5$/)
  const streams = urls.rest === undefined ? okxUrls[site][mode] : streamsBeside(restUrl, mode)
  const line = parseLine(owner, options)
  return {
    ...line,
    buckets: sharedRateBuckets(line.clock, [restUrl, mode, key, rateMultiplier], {
      has: isCountedByAddress,
      buckets: sharedRateBuckets(line.clock, [restUrl, rateMultiplier]),
    }),
    mode,
    restUrl,
    streamUrl: parseUrl(owner, 'urls.stream', urls.stream ?? streams, 'ws', /\/(public|private|business)$/),
    rateMultiplier,
    scrub: createScrubber([]),
    credentials: undefined,
  }
}

/** Whoever gives a base URL has the streams there too, unless they say otherwise. OKX's own hosts have them elsewhere. */
function streamsBeside(restUrl: string, mode: 'demo' | 'live'): string {
  const { hostname } = new URL(restUrl)
  const own = Object.values(okxUrls).find(({ rest }) => new URL(rest).hostname === hostname)
  return own === undefined ? `${restUrl.replace(/^http/, 'ws')}/ws/v5` : own[mode]
}

/** Whether something may be a symbol. We write them as OKX does. */
function isSymbol(value: unknown): boolean {
  return typeof value === 'string' && /^(?=.{3,40}$)[A-Z0-9]+(-[A-Z0-9]+)+$/.test(value)
}

/** How symbols are written. */
export const symbolForm: SymbolForm = { isSymbol, examples: '"BTC-USDT" and "BTC-USDT-SWAP"' }
