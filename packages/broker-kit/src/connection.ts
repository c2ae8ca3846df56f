import { assertKnownOptions, type ClockAndTimers, createSystemClock, SwarmError } from '@tradeswarm/core'

import { platformFetch, type VenueFetch } from './platform-fetch.js'

/** The parts of WebSocket that an adapter uses: that of Node, of workerd and of browsers. */
export type WebSocketLike = {
  binaryType: string
  readonly readyState: number
  send(data: string): void
  close(code?: number, reason?: string): void
  addEventListener(type: 'open' | 'close' | 'error', listener: () => void): void
  addEventListener(type: 'message', listener: (event: { readonly data: unknown }) => void): void
}

/** What speaks with the network; the platform's own unless given. */
export type VenueTransport = {
  readonly fetch?: VenueFetch
  readonly connect?: (url: string) => WebSocketLike
  /** Real time, for time-outs and heartbeats; the machine's clock by default. */
  readonly clock?: ClockAndTimers
}

/** How long an adapter waits. */
export type VenuePatience = {
  /** How long an answer may take, 100 to 120,000; 10,000 by default. */
  readonly requestTimeoutMs?: number
  /** How often a stream is asked for a sign of life, 100 to 60,000; 10,000 by default. One that gives none is left within twice that. */
  readonly heartbeatMs?: number
}

/** What {@link VenuePatience} leaves out. */
export const venuePatience = { requestTimeoutMs: 10_000, heartbeatMs: 10_000 } as const

/** {@link VenueTransport} and {@link VenuePatience}, complete. */
export type VenueLine = Required<VenueTransport> & Required<VenuePatience>

/** Checks patience and transport, and fills in what they leave out. Throws `INVALID_OPTION`. */
export function parseLine(owner: string, options: VenuePatience & { readonly transport?: VenueTransport }): VenueLine {
  const { transport = {} } = options
  assertKnownOptions(`${owner}: transport`, transport, ['fetch', 'connect', 'clock'])
  const { requestTimeoutMs = venuePatience.requestTimeoutMs, heartbeatMs = venuePatience.heartbeatMs } = options
  if (!isWithin(requestTimeoutMs, 100, 120_000))
    throw invalidVenueOption(owner, 'requestTimeoutMs', 'use a number from 100 to 120,000')
  if (!isWithin(heartbeatMs, 100, 60_000))
    throw invalidVenueOption(owner, 'heartbeatMs', 'use a number from 100 to 60,000')
  return {
    requestTimeoutMs,
    heartbeatMs,
    fetch: transport.fetch ?? platformFetch(),
    connect: transport.connect ?? ((address) => new WebSocket(address) as unknown as WebSocketLike),
    clock: transport.clock ?? createSystemClock(),
  }
}

/** Checks a list of symbols. Throws `INVALID_OPTION` that names the first that is none. */
export function assertSymbols(
  owner: string,
  symbols: unknown,
  isSymbol: (value: unknown) => boolean,
  examples: string,
): void {
  const remedy = `use a list of symbols such as ${examples}`
  if (!Array.isArray(symbols)) throw invalidVenueOption(owner, 'symbols', remedy)
  const odd: unknown = symbols.find((symbol) => !isSymbol(symbol))
  if (odd === undefined && symbols.every(isSymbol)) return
  throw invalidVenueOption(owner, 'symbols', `${JSON.stringify(odd) ?? 'undefined'} is none; ${remedy}`)
}

/** Checks a key, a secret or a passphrase. Throws `INVALID_OPTION`, which does not show it. */
export function assertKeyText(owner: string, option: string, value: unknown, venue: string): void {
  if (typeof value === 'string' && /^[\x21-\x7e]{1,256}$/.test(value)) return
  const missing = value === undefined || value === '' ? 'it is not set; ' : ''
  throw invalidVenueOption(
    owner,
    option,
    `${missing}use the text that ${venue} gave you: 1 to 256 characters without spaces`,
  )
}

/** Checks a base URL, and takes slashes from its end. Throws `INVALID_OPTION`, which does not show it. */
export function parseUrl(owner: string, option: string, text: string, scheme: 'http' | 'ws'): string {
  const isLoopback = /^(http|ws):\/\/(127\.0\.0\.1|localhost|\[::1\])(:\d+)?(\/|$)/.test(text)
  if (typeof text !== 'string' || !(text.startsWith(`${scheme}s://`) || (isLoopback && text.startsWith(scheme))))
    throw invalidVenueOption(
      owner,
      option,
      `use a URL that begins with ${scheme}s://; without encryption only on this machine`,
    )
  // Paths are put after it, and it may show in what a proxy says.
  if (/[?#@\s]/.test(text))
    throw invalidVenueOption(owner, option, 'use a base URL: without a user, a query, a fragment or spaces')
  return text.replace(/\/+$/, '')
}

/** Whether a value is a number between bounds, both included. */
export function isWithin(value: unknown, least: number, most: number): boolean {
  return typeof value === 'number' && value >= least && value <= most
}

/** Checks the name that an account has in the swarm. Throws `INVALID_OPTION`. */
export function assertAccountName(owner: string, account: unknown): void {
  if (typeof account === 'string' && account.length >= 1 && account.length <= 64) return
  throw invalidVenueOption(owner, 'account', 'use a text of 1 to 64 characters')
}

/** Checks how long is waited before each look-up of an order of unknown fate. Throws `INVALID_OPTION`. */
export function assertOutcomeWaits(owner: string, waits: unknown): void {
  if (Array.isArray(waits) && waits.length <= 20 && waits.every((ms) => isWithin(ms, 0, 60_000))) return
  throw invalidVenueOption(owner, 'outcomeWaitsMs', 'use at most 20 numbers from 0 to 60,000')
}

/** An option that cannot be: which, and what to do. */
export function invalidVenueOption(owner: string, option: string, remedy: string): SwarmError {
  return new SwarmError({ code: 'INVALID_OPTION', message: `${owner}: ${option}: ${remedy}`, context: { option } })
}
