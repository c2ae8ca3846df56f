import { assertKnownOptions, type ClockAndTimers, createSystemClock, SwarmError } from '@tradeswarm/core'
import { type Decimal, decimal, one, zero } from '@tradeswarm/trading'
import {
  type AlpacaBrokerOptions,
  type AlpacaConnection,
  alpacaDefaults,
  alpacaUrls,
  type WebSocketLike,
} from './alpaca-broker-options.js'
import { createScrubber, type Scrubber } from './scrubber.js'

/** How to reach Alpaca, checked. */
export type ConnectionSettings = {
  readonly headers: Readonly<Record<string, string>>
  readonly login: { readonly key: string; readonly secret: string }
  readonly scrub: Scrubber
  readonly requestsPerMinute: number
  readonly requestTimeoutMs: number
  readonly heartbeatMs: number
  readonly fetch: (url: string, init: RequestInit) => Promise<Response>
  readonly connect: (url: string) => WebSocketLike
  readonly clock: ClockAndTimers
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
const connectionOptions = [
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
  if (typeof account !== 'string' || account.length < 1 || account.length > 64)
    throw invalidOption('account', 'use a text of 1 to 64 characters')
  if (mode !== 'paper' && mode !== 'live') throw invalidOption('mode', 'use "paper" or "live"')
  if (mode === 'live' && options.allowLive !== true)
    throw invalidOption('mode', '"live" trades real money: say so a second time with allowLive: true')
  if (symbols !== undefined && !(Array.isArray(symbols) && symbols.every(isSymbol)))
    throw invalidOption('symbols', 'use a list of symbols such as "AAPL" and "BTC-USD"')
  const waits = options.outcomeWaitsMs ?? alpacaDefaults.outcomeWaitsMs
  if (!(Array.isArray(waits) && waits.length <= 20 && waits.every((ms) => isWithin(ms, 0, 60_000))))
    throw invalidOption('outcomeWaitsMs', 'use at most 20 numbers from 0 to 60,000')
  const fees = options.cryptoFees ?? alpacaDefaults.cryptoFees
  assertKnownOptions(`${place}: cryptoFees`, fees, ['maker', 'taker'])
  return {
    connection: parseConnection(place, options),
    account,
    mode,
    tradingUrl: url('urls.trading', options.urls?.trading ?? alpacaUrls[mode].trading, 'http'),
    updatesUrl: url('urls.updates', options.urls?.updates ?? updatesOf(options, mode), 'ws'),
    symbols,
    fractionalShares: options.fractionalShares ?? alpacaDefaults.fractionalShares,
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
function updatesOf({ urls }: AlpacaBrokerOptions, mode: 'paper' | 'live'): string {
  if (urls?.trading === undefined) return alpacaUrls[mode].updates
  return `${urls.trading.replace(/^http/, 'ws')}/stream`
}

/** Checks keys, limits and transport. Throws `INVALID_OPTION`. */
export function parseConnection(owner: string, options: AlpacaConnection): ConnectionSettings {
  const { keyId, secret, urls = {}, transport = {} } = options
  // A misspelt URL would lead to the real host.
  assertKnownOptions(`${owner}: urls`, urls, ['trading', 'data', 'updates', 'dataStream'])
  assertKnownOptions(`${owner}: transport`, transport, ['fetch', 'connect', 'clock'])
  for (const [name, value] of [
    ['keyId', keyId],
    ['secret', secret],
  ] as const) {
    if (typeof value !== 'string' || !/^[\x21-\x7e]{1,256}$/.test(value))
      throw invalidOption(name, 'use the text that Alpaca gave you: 1 to 256 characters without spaces', owner)
  }
  const limits = {
    requestsPerMinute: options.requestsPerMinute ?? alpacaDefaults.requestsPerMinute,
    requestTimeoutMs: options.requestTimeoutMs ?? alpacaDefaults.requestTimeoutMs,
    heartbeatMs: options.heartbeatMs ?? alpacaDefaults.heartbeatMs,
  }
  if (!isWithin(limits.requestsPerMinute, 20, 1_000_000))
    throw invalidOption('requestsPerMinute', 'use a number from 20 to 1,000,000', owner)
  if (!isWithin(limits.requestTimeoutMs, 100, 120_000))
    throw invalidOption('requestTimeoutMs', 'use a number from 100 to 120,000', owner)
  if (!isWithin(limits.heartbeatMs, 100, 60_000))
    throw invalidOption('heartbeatMs', 'use a number from 100 to 60,000', owner)
  return {
    headers: { 'APCA-API-KEY-ID': keyId, 'APCA-API-SECRET-KEY': secret },
    login: { key: keyId, secret },
    scrub: createScrubber([keyId, secret]),
    ...limits,
    fetch: transport.fetch ?? ((address, init) => fetch(address, init)),
    connect: transport.connect ?? ((address) => new WebSocket(address) as unknown as WebSocketLike),
    clock: transport.clock ?? createSystemClock(),
  }
}

/** Checks a base URL, and takes a slash from its end. Throws `INVALID_OPTION`. */
export function url(option: string, text: string, scheme: 'http' | 'ws'): string {
  const isLoopback = /^(http|ws):\/\/(127\.0\.0\.1|localhost|\[::1\])(:\d+)?(\/|$)/.test(text)
  if (typeof text !== 'string' || !(text.startsWith(`${scheme}s://`) || (isLoopback && text.startsWith(scheme))))
    throw invalidOption(option, `use a URL that begins with ${scheme}s://; without encryption only on this machine`)
  return text.replace(/\/$/, '')
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

function isWithin(value: unknown, least: number, most: number): boolean {
  return typeof value === 'number' && value >= least && value <= most
}

function invalidOption(option: string, remedy: string, owner = place): SwarmError {
  return new SwarmError({ code: 'INVALID_OPTION', message: `${owner}: ${option}: ${remedy}`, context: { option } })
}
