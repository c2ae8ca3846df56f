import {
  assertAccountName,
  assertKeyText,
  assertMode,
  assertOutcomeWaits,
  assertVenueOptions,
  createScrubber,
  invalidVenueOption,
  isWithin,
  type OtherNames,
  parseFlag,
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
import { assertKnownOptions, type SwarmError } from '@tradeswarm/core'
import { type Decimal, decimal, one, zero } from '@tradeswarm/trading'
import {
  type AlpacaBrokerOptions,
  type AlpacaConnection,
  type AlpacaUrls,
  alpacaDefaults,
  alpacaUrls,
} from './alpaca-broker-options.js'

/** How to reach Alpaca, checked. */
export type ConnectionSettings = VenueLine & {
  readonly headers: Readonly<Record<string, string>>
  readonly login: { readonly key: string; readonly secret: string }
  readonly scrub: Scrubber
  readonly requestsPerMinute: number
  /** Shared by all that asks with these settings. */
  readonly buckets: RateBuckets
}

/** An account, checked. */
export type AlpacaSettings = {
  readonly connection: ConnectionSettings
  readonly account: string
  readonly mode: 'paper' | 'live'
  readonly tradingUrl: string
  readonly updatesUrl: string
  readonly symbols: readonly string[] | undefined
  readonly fractionalShares: boolean
  readonly cryptoFees: { readonly maker: Decimal; readonly taker: Decimal }
  readonly cryptoStopFraction: Decimal
  readonly outcomeWaitsMs: readonly number[]
}

const place = 'createAlpacaBroker'
/** The options that are part of every connection. */
export const connectionOptions = [
  'keyId',
  'secret',
  'urls',
  'requestsPerMinute',
  'requestTimeoutMs',
  'heartbeatMs',
  'transport',
] as const
/** What its options are called elsewhere. */
export const otherNames: OtherNames = {
  key: 'keyId',
  apiKey: 'keyId',
  apiKeyId: 'keyId',
  secretKey: 'secret',
  apiSecret: 'secret',
  paper: 'mode',
}
/** What the mode without real money is called, here and at other venues. */
export const modeWords = { safe: 'paper', other: 'demo' } as const
const known = [
  ...connectionOptions,
  'account',
  'mode',
  'allowLive',
  'symbols',
  'fractionalShares',
  'cryptoFees',
  'cryptoStopFraction',
  'outcomeWaitsMs',
] as const

/** Checks the options of an account. Throws `INVALID_OPTION`; no message shows a key. */
export function parseAlpacaOptions(options: AlpacaBrokerOptions): AlpacaSettings {
  assertVenueOptions(place, options, known, otherNames)
  const { account = alpacaDefaults.account, mode = alpacaDefaults.mode, symbols } = options
  assertAccountName(place, account)
  assertMode(place, options, modeWords)
  const { outcomeWaitsMs: waits = alpacaDefaults.outcomeWaitsMs, cryptoFees: fees = alpacaDefaults.cryptoFees } =
    options
  assertOutcomeWaits(place, waits)
  assertKnownOptions(`${place}: cryptoFees`, fees, ['maker', 'taker'])
  const connection = parseConnection(place, options, 'trading')
  const { trading = alpacaUrls[mode].trading, updates } = options.urls ?? {}
  const tradingUrl = parseUrl(place, 'urls.trading', trading, 'http', versionTail)
  const updatesUrl = parseUrl(place, 'urls.updates', updates ?? updatesOf(options, mode, tradingUrl), 'ws')
  assertHostOf(mode, { 'urls.trading': tradingUrl, 'urls.updates': updatesUrl })
  return {
    connection,
    account,
    mode,
    tradingUrl,
    updatesUrl,
    symbols: symbols === undefined ? undefined : parseTradedSymbols(place, symbols, symbolForm),
    fractionalShares: parseFlag(place, 'fractionalShares', options.fractionalShares),
    cryptoFees: {
      maker: feeFraction('cryptoFees.maker', fees.maker),
      taker: feeFraction('cryptoFees.taker', fees.taker),
    },
    cryptoStopFraction: feeFraction(
      'cryptoStopFraction',
      options.cryptoStopFraction ?? alpacaDefaults.cryptoStopFraction,
    ),
    outcomeWaitsMs: waits,
  }
}

/** Alpaca shows its addresses with the version of the API, which is part of each request here. */
export const versionTail = /\/v2$/

/** Whoever gives a base URL of trading has the stream there too, unless they say otherwise. */
function updatesOf({ urls }: AlpacaBrokerOptions, mode: 'paper' | 'live', tradingUrl: string): string {
  return urls?.trading === undefined ? alpacaUrls[mode].updates : `${tradingUrl.replace(/^http/, 'ws')}/stream`
}

/** What is called paper must not trade real money, for an address that was meant for something else; nor the other way round. */
function assertHostOf(mode: 'paper' | 'live', urls: Readonly<Record<string, string>>): void {
  const other = mode === 'paper' ? 'live' : 'paper'
  const { hostname } = new URL(alpacaUrls[other].trading)
  // A dot at the end of a name leads to the same host.
  const hostOf = (url = ''): string => new URL(url).hostname.replace(/\.$/, '')
  const option = Object.keys(urls).find((name) => hostOf(urls[name]) === hostname)
  if (option === undefined) return
  const what = mode === 'paper' ? 'trades real money' : 'is for paper'
  throw invalidOption(option, `${hostname} ${what}, and mode is ${mode}: leave the address out, or change mode`)
}

/** Which addresses are those of what. */
const urlsOf = { trading: ['trading', 'updates'], data: ['data', 'dataStream'] } as const

/** Checks keys, limits and transport, of what is asked for trading or for market data. Throws `INVALID_OPTION`. */
export function parseConnection(
  owner: string,
  options: AlpacaConnection,
  purpose: keyof typeof urlsOf,
): ConnectionSettings {
  const { keyId, secret, urls = {}, requestsPerMinute = alpacaDefaults.requestsPerMinute } = options
  // A misspelt URL would lead to the real host.
  assertKnownOptions(`${owner}: urls`, urls, [...urlsOf.trading, ...urlsOf.data])
  assertOwnUrls(owner, urls, purpose)
  assertKeyText(owner, 'keyId', keyId, 'Alpaca')
  assertKeyText(owner, 'secret', secret, 'Alpaca')
  if (!isWithin(requestsPerMinute, 20, 1_000_000))
    throw unfitVenueOption(owner, 'requestsPerMinute', requestsPerMinute, 'use a number from 20 to 1,000,000')
  const line = parseLine(owner, options)
  return {
    ...line,
    // Trading and market data are counted apart, and each account by itself.
    buckets: sharedRateBuckets(line.clock, [purpose, baseOf(urls[purpose]), keyId, requestsPerMinute]),
    headers: { 'APCA-API-KEY-ID': keyId, 'APCA-API-SECRET-KEY': secret },
    login: { key: keyId, secret },
    scrub: createScrubber([keyId, secret]),
    requestsPerMinute,
  }
}

/** An address, however its end is written: those who name one alike share its rate. */
function baseOf(url: unknown): string {
  return typeof url === 'string' ? url.replace(/\/+$/, '').replace(versionTail, '') : ''
}

/** Who leads only the other half elsewhere means this one, which would go to the real host. Of both given each takes its own. */
function assertOwnUrls(owner: string, urls: AlpacaUrls, purpose: keyof typeof urlsOf): void {
  const isGiven = (name: keyof AlpacaUrls): boolean => urls[name] !== undefined
  const other = urlsOf[purpose === 'data' ? 'trading' : 'data'].find(isGiven)
  if (other === undefined || urlsOf[purpose].some(isGiven)) return
  const what = purpose === 'data' ? 'market data' : 'trading'
  throw invalidVenueOption(
    owner,
    `urls.${other}`,
    `${what} does not go there, but to urls.${purpose}, which is not set: did you mean urls.${purpose}?`,
  )
}

function feeFraction(option: string, text: string): Decimal {
  try {
    const value = decimal(text)
    if (value.gte(zero) && value.lt(one)) return value
  } catch {
    // Said below.
  }
  throw unfitVenueOption(place, option, text, 'use a decimal text from 0 up to 1, such as "0.0025"')
}

/** Whether something may be a symbol, as we write them. */
function isSymbol(value: unknown): boolean {
  return typeof value === 'string' && /^[A-Z0-9.-]{1,20}$/.test(value)
}

/** How symbols are written. */
export const symbolForm: SymbolForm = { isSymbol, examples: '"AAPL" and "BTC-USD"' }

function invalidOption(option: string, remedy: string): SwarmError {
  return invalidVenueOption(place, option, remedy)
}
