import { assertKnownOptions, type ClockAndTimers, createSystemClock, SwarmError, shown } from '@tradeswarm/core'

import { platformFetch, type VenueFetch } from './platform-fetch.js'
import type { SessionPlan } from './session-clock.js'

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

/** One for all: what is counted by it is counted together. */
const systemClock = createSystemClock()

/** Checks patience and transport, and fills in what they leave out. Throws `INVALID_OPTION`. */
export function parseLine(owner: string, options: VenuePatience & { readonly transport?: VenueTransport }): VenueLine {
  const { transport = {} } = options
  const { requestTimeoutMs = venuePatience.requestTimeoutMs, heartbeatMs = venuePatience.heartbeatMs } = options
  assertTransport(owner, transport)
  if (!isWithin(requestTimeoutMs, 100, 120_000))
    throw unfitVenueOption(owner, 'requestTimeoutMs', requestTimeoutMs, 'use a number from 100 to 120,000')
  if (!isWithin(heartbeatMs, 100, 60_000))
    throw unfitVenueOption(owner, 'heartbeatMs', heartbeatMs, 'use a number from 100 to 60,000')
  return {
    requestTimeoutMs,
    heartbeatMs,
    fetch: transport.fetch ?? platformFetch(),
    connect: transport.connect ?? ((address) => new WebSocket(address) as unknown as WebSocketLike),
    clock: transport.clock ?? systemClock,
  }
}

function assertTransport(owner: string, transport: VenueTransport): void {
  assertKnownOptions(`${owner}: transport`, transport, ['fetch', 'connect', 'clock'])
  const { clock } = transport
  for (const name of ['fetch', 'connect'] as const) {
    const part: unknown = transport[name]
    if (part !== undefined && typeof part !== 'function')
      throw unfitVenueOption(owner, `transport.${name}`, part, 'use a function such as that of the platform')
  }
  if (clock !== undefined && !(typeof clock?.now === 'function' && typeof clock.at === 'function'))
    throw invalidVenueOption(owner, 'transport.clock', 'use a clock with timers: { now, at }')
}

/** How symbols are written at a venue. */
export type SymbolForm = { readonly isSymbol: (value: unknown) => boolean; readonly examples: string }

/** Checks a list of symbols, and answers each once. Throws `INVALID_OPTION` that names the first that is none. */
export function parseSymbols(
  owner: string,
  symbols: readonly string[],
  { isSymbol, examples }: SymbolForm,
): readonly string[] {
  const remedy = `use a list of symbols such as ${examples}`
  if (!Array.isArray(symbols)) throw unfitVenueOption(owner, 'symbols', symbols, remedy)
  for (const symbol of symbols as readonly unknown[])
    if (!isSymbol(symbol)) throw invalidVenueOption(owner, 'symbols', `${shown(symbol)} is none; ${remedy}`)
  return [...new Set(symbols as readonly string[])]
}

/** {@link parseSymbols}, of what is to be traded: something. */
export function parseTradedSymbols(owner: string, symbols: readonly string[], form: SymbolForm): readonly string[] {
  const parsed = parseSymbols(owner, symbols, form)
  if (parsed.length > 0) return parsed
  throw invalidVenueOption(
    owner,
    'symbols',
    `it is empty; name symbols such as ${form.examples}, or leave it out for all`,
  )
}

/** Checks which symbols order books are kept of. Throws `INVALID_OPTION` that names the first that none can be kept of. */
export function parseBookSymbols(
  owner: string,
  bookSymbols: readonly string[],
  among: readonly string[],
  remedy: string,
): readonly string[] {
  if (!Array.isArray(bookSymbols)) throw unfitVenueOption(owner, 'bookSymbols', bookSymbols, remedy)
  const odd: unknown = bookSymbols.find((symbol: string) => !among.includes(symbol))
  if (odd !== undefined || bookSymbols.some((symbol) => symbol === undefined))
    throw unfitVenueOption(owner, 'bookSymbols', odd, remedy)
  return [...new Set(bookSymbols as readonly string[])]
}

/** Checks when sessions are. Throws `INVALID_OPTION`. */
export function assertSessions(owner: string, sessions: SessionPlan | undefined): void {
  if (sessions === undefined) return
  const { calendar, preOpenLeadMs } = (sessions ?? {}) as Partial<SessionPlan>
  if (typeof calendar?.openSession === 'function' && isWithin(preOpenLeadMs, 0, 86_400_000)) return
  throw invalidVenueOption(
    owner,
    'sessions',
    'use { calendar, preOpenLeadMs }: a trading calendar, and a number from 0 to 86,400,000',
  )
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

/**
 * Checks a base URL, and takes a slash from its end, and what `tail` finds there: of an address as a venue writes it, what is part of each
 * request. Throws `INVALID_OPTION`, which does not show it: there may be a password in it.
 */
export function parseUrl(owner: string, option: string, text: string, scheme: 'http' | 'ws', tail?: RegExp): string {
  const isLoopback = /^(http|ws):\/\/(127\.0\.0\.1|localhost|\[::1\])(:\d+)?(\/|$)/.test(text)
  const isOurs =
    typeof text === 'string' && (text.startsWith(`${scheme}s://`) || (isLoopback && text.startsWith(scheme)))
  if (!isOurs || !URL.canParse(text))
    throw invalidVenueOption(
      owner,
      option,
      `use a URL that begins with ${scheme}s://; without encryption only on this machine`,
    )
  const { username, password, search, hash } = new URL(text)
  if (username !== '' || password !== '')
    throw invalidVenueOption(owner, option, 'leave out what stands before the host: the keys are options of their own')
  if (search !== '' || hash !== '')
    throw invalidVenueOption(owner, option, 'leave out the query: each request has its own')
  const base = text.replace(/\/+$/, '')
  return tail === undefined ? base : base.replace(tail, '')
}

/**
 * Checks the mode, and whether real money was named a second time. Who allows it and names no mode wants live, and would trade on paper unawares.
 * `other` is what another venue calls the mode that is not live. Throws `INVALID_OPTION`.
 */
export function assertMode(
  owner: string,
  { mode, allowLive }: { readonly mode?: unknown; readonly allowLive?: unknown },
  { safe, other }: { readonly safe: string; readonly other: string },
): void {
  assertModeName(owner, mode ?? safe, { safe, other })
  const isLiveAllowed = parseFlag(owner, 'allowLive', allowLive)
  if (mode === 'live' && !isLiveAllowed)
    throw invalidVenueOption(owner, 'mode', '"live" trades real money: say so a second time with allowLive: true')
  if (mode === undefined && isLiveAllowed)
    throw invalidVenueOption(
      owner,
      'allowLive',
      `it is true, and mode is not set, which means "${safe}": add mode: 'live', or leave allowLive out`,
    )
}

/** Checks the word for the mode. Throws `INVALID_OPTION`. */
export function assertModeName(
  owner: string,
  mode: unknown,
  { safe, other }: { readonly safe: string; readonly other: string },
): void {
  if (mode === safe || mode === 'live') return
  const hint = mode === other ? `here it is called "${safe}": ` : ''
  throw unfitVenueOption(owner, 'mode', mode, `${hint}use "${safe}" or "live"`)
}

/** Checks a yes or no, `undefined` for no. Throws `INVALID_OPTION`. */
export function parseFlag(owner: string, option: string, value: unknown): boolean {
  if (value === undefined || typeof value === 'boolean') return value === true
  // A text is true, whatever it says.
  throw unfitVenueOption(owner, option, value, 'use true or false')
}

/** Whether a value is a number between bounds, both included. */
export function isWithin(value: unknown, least: number, most: number): boolean {
  return typeof value === 'number' && value >= least && value <= most
}

/** Checks the name that an account has in the swarm. Throws `INVALID_OPTION`. */
export function assertAccountName(owner: string, account: unknown): void {
  if (typeof account === 'string' && account.length >= 1 && account.length <= 64) return
  throw unfitVenueOption(owner, 'account', account, 'use a text of 1 to 64 characters')
}

/** Checks how long is waited before each look-up of an order of unknown fate. Throws `INVALID_OPTION`. */
export function assertOutcomeWaits(owner: string, waits: unknown): void {
  if (Array.isArray(waits) && waits.length <= 20 && waits.every((ms) => isWithin(ms, 0, 60_000))) return
  throw unfitVenueOption(owner, 'outcomeWaitsMs', waits, 'use at most 20 numbers from 0 to 60,000')
}

/** An option that cannot be: which, and what to do. */
export function invalidVenueOption(owner: string, option: string, remedy: string): SwarmError {
  return new SwarmError({ code: 'INVALID_OPTION', message: `${owner}: ${option}: ${remedy}`, context: { option } })
}

/** {@link invalidVenueOption} that shows what was given: of options that hold no secret. */
export function unfitVenueOption(owner: string, option: string, value: unknown, remedy: string): SwarmError {
  return invalidVenueOption(
    owner,
    option,
    value === undefined ? `it is not set; ${remedy}` : `${shown(value)}: ${remedy}`,
  )
}
