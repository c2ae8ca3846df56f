import {
  assertAccountName,
  assertKeyText,
  assertOutcomeWaits,
  assertSymbols,
  createScrubber,
  invalidVenueOption,
  isWithin,
  parseLine,
  parseUrl,
  RateBuckets,
  type Scrubber,
  type VenueLine,
} from '@tradeswarm/broker-kit'
import { assertKnownOptions, type SwarmError } from '@tradeswarm/core'
import { type Decimal, decimal, one, zero } from '@tradeswarm/trading'
import { type AlpacaBrokerOptions, type AlpacaConnection, alpacaDefaults, alpacaUrls } from './alpaca-broker-options.js'

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
  assertKnownOptions(place, options, known)
  const { account = alpacaDefaults.account, mode = alpacaDefaults.mode, symbols } = options
  assertAccountName(place, account)
  if (mode !== 'paper' && mode !== 'live') throw invalidOption('mode', 'use "paper" or "live"')
  if (mode === 'live' && options.allowLive !== true)
    throw invalidOption('mode', '"live" trades real money: say so a second time with allowLive: true')
  if (symbols !== undefined) assertSymbols(place, symbols, isSymbol, '"AAPL" and "BTC-USD"')
  const waits = options.outcomeWaitsMs ?? alpacaDefaults.outcomeWaitsMs
  assertOutcomeWaits(place, waits)
  const fees = options.cryptoFees ?? alpacaDefaults.cryptoFees
  const fractionalShares: unknown = options.fractionalShares ?? alpacaDefaults.fractionalShares
  if (typeof fractionalShares !== 'boolean') throw invalidOption('fractionalShares', 'use true or false')
  const tradingUrl = parseUrl(place, 'urls.trading', options.urls?.trading ?? alpacaUrls[mode].trading, 'http')
  // So the dashboard shows it.
  if (tradingUrl.endsWith('/v2')) throw invalidOption('urls.trading', 'leave /v2 out: it is put after the URL')
  const updates = options.urls?.trading === undefined ? alpacaUrls[mode].updates : updatesOf(tradingUrl)
  assertKnownOptions(`${place}: cryptoFees`, fees, ['maker', 'taker'])
  return {
    connection: parseConnection(place, options),
    account,
    mode,
    tradingUrl,
    updatesUrl: parseUrl(place, 'urls.updates', options.urls?.updates ?? updates, 'ws'),
    symbols,
    fractionalShares,
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

/** Whoever gives a base URL of trading has the stream there too, unless they say otherwise. */
function updatesOf(tradingUrl: string): string {
  return `${tradingUrl.replace(/^http/, 'ws')}/stream`
}

/** Checks keys, limits and transport. Throws `INVALID_OPTION`. */
export function parseConnection(owner: string, options: AlpacaConnection): ConnectionSettings {
  const { keyId, secret, urls = {}, requestsPerMinute = alpacaDefaults.requestsPerMinute } = options
  // A misspelt URL would lead to the real host.
  assertKnownOptions(`${owner}: urls`, urls, ['trading', 'data', 'updates', 'dataStream'])
  assertKeyText(owner, 'keyId', keyId, 'Alpaca')
  assertKeyText(owner, 'secret', secret, 'Alpaca')
  if (!isWithin(requestsPerMinute, 20, 1_000_000))
    throw invalidVenueOption(owner, 'requestsPerMinute', 'use a number from 20 to 1,000,000')
  const line = parseLine(owner, options)
  return {
    ...line,
    buckets: new RateBuckets(line.clock),
    headers: { 'APCA-API-KEY-ID': keyId, 'APCA-API-SECRET-KEY': secret },
    login: { key: keyId, secret },
    scrub: createScrubber([keyId, secret]),
    requestsPerMinute,
  }
}

function feeFraction(option: string, text: string): Decimal {
  try {
    const value = decimal(text)
    if (value.gte(zero) && value.lt(one)) return value
  } catch {
    // Said below.
  }
  throw invalidOption(option, 'use a decimal text from 0 up to 1, such as "0.0025"')
}

/** Whether something may be a symbol, as we write them. */
export function isSymbol(value: unknown): boolean {
  return typeof value === 'string' && /^[A-Z0-9.-]{1,20}$/.test(value)
}

function invalidOption(option: string, remedy: string): SwarmError {
  return invalidVenueOption(place, option, remedy)
}
