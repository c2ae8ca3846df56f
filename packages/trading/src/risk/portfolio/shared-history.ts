import type { SessionDate } from '../../instruments/trading-calendar.js'
import type { ReturnBook } from './return-book.js'

/** Why nothing can be said of a symbol's risk. */
export type MissingReason =
  | 'NO_HISTORY'
  | 'HISTORY_TOO_SHORT'
  | 'SHARED_HISTORY_TOO_SHORT'
  | 'STALE_HISTORY'
  | 'INVALID_CLOSE'
  | 'NO_VARIATION'

/** A symbol without usable returns: sessions known of those needed, and a sentence for people. */
export type MissingReturns = {
  readonly symbol: string
  readonly reason: MissingReason
  readonly sessions: number
  readonly needed: number
  readonly message: string
}

/** Closes at the last sessions that all symbols traded, the oldest first; a symbol has a row or a reason. */
export type SharedHistory = {
  readonly sessions: readonly SessionDate[]
  readonly rows: ReadonlyMap<string, Float64Array>
  readonly missing: ReadonlyMap<string, MissingReturns>
}

type Candidate = { readonly symbol: string; readonly closes: Float64Array; readonly count: number }

/** What {@link shareHistory} looks for: `returns` + 1 closes, the last at most so many sessions behind the newest of the book. */
export type SharedWindow = {
  readonly returns: number
  readonly maximumLagSessions: number
  /** Comes first: the others must share its sessions. */
  readonly benchmark: string | undefined
}

/**
 * The last sessions that all symbols share. Symbols with the longest history come first, and one that would leave too few sessions to
 * the rest is missing itself: a new listing does not take away the figures of the others. The order of `symbols` makes no difference.
 */
export function shareHistory(book: ReturnBook, symbols: readonly string[], window: SharedWindow): SharedHistory {
  const needed = window.returns + 1
  const missing = new Map<string, MissingReturns>()
  const lack = (symbol: string, reason: MissingReason, sessions: number): void =>
    void missing.set(symbol, missingReturns(symbol, reason, sessions, needed))
  const candidates: Candidate[] = []
  for (const symbol of new Set(symbols)) {
    const closes = book.closes(symbol)
    const { count, lag, invalid } = surveyCloses(closes)
    if (closes === undefined || count === 0) lack(symbol, 'NO_HISTORY', 0)
    else if (invalid) lack(symbol, 'INVALID_CLOSE', count)
    else if (lag > window.maximumLagSessions) lack(symbol, 'STALE_HISTORY', count)
    else if (count < needed) lack(symbol, 'HISTORY_TOO_SHORT', count)
    else candidates.push({ symbol, closes, count })
  }
  candidates.sort((a, b) => rank(a, b, window.benchmark))
  const all = book.sessions()
  let shared = all.map((_, index) => index)
  const taken: Candidate[] = []
  for (const candidate of candidates) {
    const left = shared.filter((index) => candidate.closes[index] !== 0)
    if (left.length < needed) lack(candidate.symbol, 'SHARED_HISTORY_TOO_SHORT', left.length)
    else {
      shared = left
      taken.push(candidate)
    }
  }
  const kept = taken.length === 0 ? [] : shared.slice(-needed)
  return {
    sessions: kept.map((index) => all[index] as SessionDate),
    rows: new Map(taken.map(({ symbol, closes }) => [symbol, pick(closes, kept)])),
    missing,
  }
}

/** Names what is missing of a symbol, with a sentence. */
export function missingReturns(
  symbol: string,
  reason: MissingReason,
  sessions: number,
  needed: number,
): MissingReturns {
  const sentence: Readonly<Record<MissingReason, string>> = {
    NO_HISTORY: `no bar of ${symbol} was seen`,
    HISTORY_TOO_SHORT: `${symbol} has ${sessions} closes of the ${needed} needed`,
    SHARED_HISTORY_TOO_SHORT: `${symbol} shares ${sessions} sessions with the other symbols, of the ${needed} needed`,
    STALE_HISTORY: `the last close of ${symbol} is too many sessions old`,
    INVALID_CLOSE: `a close of ${symbol} is not a positive number`,
    NO_VARIATION: `the price of ${symbol} moves alike in each of ${sessions} sessions, as that of a dead feed does`,
  }
  return { symbol, reason, sessions, needed, message: sentence[reason] }
}

function pick(closes: Float64Array, places: readonly number[]): Float64Array {
  const picked = new Float64Array(places.length)
  for (let index = 0; index < places.length; index += 1) picked[index] = closes[places[index] as number] as number
  return picked
}

function rank(a: Candidate, b: Candidate, benchmark: string | undefined): number {
  if (a.symbol === benchmark || b.symbol === benchmark) return a.symbol === benchmark ? -1 : 1
  if (a.count !== b.count) return b.count - a.count
  return a.symbol < b.symbol ? -1 : 1
}

function surveyCloses(closes: Float64Array | undefined): { count: number; lag: number; invalid: boolean } {
  let count = 0
  let lag = 0
  let invalid = false
  const length = closes?.length ?? 0
  for (let index = 0; index < length; index += 1) {
    const close = closes?.[index] as number
    lag += 1
    if (close === 0) continue
    count += 1
    lag = 0
    invalid ||= Number.isNaN(close)
  }
  return { count, lag, invalid }
}
