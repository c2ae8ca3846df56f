import { assertKnownOptions, type EpochMs, SwarmError } from '@tradeswarm/core'
import { defineSignalSource, type SignalSource, type SourceItem } from '@tradeswarm/signals'
import { type BarEvent, decimal, type SessionDate, type TradingCalendar } from '@tradeswarm/trading'
import type { Tape, TapeBar } from '../tape/tape.js'
import { calendarOf, sessionOf } from '../tape/tape-calendar.js'
import { createPacedCalendar, pacedHours } from './paced-calendar.js'

/** How fast a tape plays, and since when. */
export type PaceOptions = {
  /** When the night before its first traded session begins, on the machine's clock. */
  readonly beginsAt: EpochMs
  /** How long a session with its night takes, in milliseconds: 20 to 86,400,000. */
  readonly sessionMs: number
}

/** What a market does at an instant of a paced tape. Prices are decimal texts; a bar is final when the session has closed. */
export type PacedStep =
  | { readonly type: 'open'; readonly time: EpochMs; readonly date: SessionDate; readonly bars: readonly TapeBar[] }
  | { readonly type: 'prices'; readonly time: EpochMs; readonly prices: readonly PacedPrice[] }
  | { readonly type: 'bars'; readonly time: EpochMs; readonly bars: readonly BarEvent[] }
  | { readonly type: 'close'; readonly time: EpochMs; readonly date: SessionDate }

/** A symbol's price at an instant. */
export type PacedPrice = { readonly symbol: string; readonly price: string }

/** A tape that plays on the machine's clock, faster than it was. */
export type PacedTape = {
  readonly tape: Tape
  readonly beginsAt: EpochMs
  /** How long a session with its night takes. */
  readonly sessionMs: number
  /** Its sessions as they come to pass; all processes that are told the same pace know the same. */
  readonly calendar: TradingCalendar
  /** How long before an open what was decided while the market was closed falls due. */
  readonly preOpenLeadMs: number
  /** The close of its last session. */
  readonly endsAt: EpochMs
  /** Bars of the sessions before the first that is traded. */
  readonly pastBars: readonly BarEvent[]
  /** What the market does, in order of time, from the first traded session on. */
  steps(): Generator<PacedStep, void, undefined>
  /** Its posts, each at the instant of the night or session that it fell into; from those after `since` on. */
  source(since?: EpochMs): SignalSource
}

/**
 * A tape at a pace. A bar's day goes from its open to the extreme that is nearer to it, to the other one, and to the close. Throws
 * `INVALID_OPTION`, and `TAPE_EMPTY` for a tape without sessions.
 */
export function paceTape(tape: Tape, options: PaceOptions): PacedTape {
  assertKnownOptions('paceTape', options, ['beginsAt', 'sessionMs'])
  const { beginsAt, sessionMs } = options
  if (!Number.isSafeInteger(sessionMs) || sessionMs < 20 || sessionMs > 86_400_000)
    throw new SwarmError({
      code: 'INVALID_OPTION',
      message: `paceTape: sessionMs is ${sessionMs}; use a whole number from 20 to 86400000`,
      context: { option: 'sessionMs' },
    })
  const natural = calendarOf(tape)
  const byDate = Map.groupBy(tape.bars, ({ date }) => date)
  const dates = [...byDate.keys()].sort()
  const calendar = createPacedCalendar({ name: natural.name, dates, first: tape.tradeFrom, beginsAt, sessionMs })
  const barEvent = (bar: TapeBar): BarEvent => {
    const { symbol, date, open, high, low, close, volume } = bar
    const hours = sessionOf(calendar, date)
    const times = { start: hours.open, time: hours.close }
    return { type: 'bar', symbol, timeframe: '1d', sessionDate: date, ...times, open, high, low, close, volume }
  }
  const posts = pacedPosts(tape, natural, calendar)
  return {
    tape,
    beginsAt,
    sessionMs,
    calendar,
    preOpenLeadMs: Math.round((pacedHours.open - pacedHours.preOpen) * sessionMs),
    endsAt: sessionOf(calendar, tape.tradeTo).close,
    pastBars: tape.bars.filter(({ date }) => date < tape.tradeFrom).map(barEvent),
    *steps() {
      for (const date of dates) {
        if (date < tape.tradeFrom) continue
        const { open, close } = sessionOf(calendar, date)
        const at = (share: number): EpochMs => Math.round(open + share * (close - open))
        const bars = byDate.get(date) ?? []
        yield { type: 'open', time: open, date, bars }
        for (const [index, share] of waypointShares.entries())
          yield {
            type: 'prices',
            time: at(share),
            prices: bars.map((bar) => ({ symbol: bar.symbol, price: waypoints(bar)[index] ?? bar.close })),
          }
        yield { type: 'bars', time: at(barShare), bars: bars.map(barEvent) }
        yield { type: 'close', time: close, date }
      }
    },
    source: (since) => sourceOf(tape, posts, sessionMs, since),
  }
}

/** When in a session its prices are told, as fractions of it; what is left before the close is for whoever is slow. */
const waypointShares = [0.2, 0.4, 0.6] as const
const barShare = 0.65

/** A bar's day after its open. */
function waypoints({ open, high, low, close }: TapeBar): readonly [string, string, string] {
  const [first, top, bottom] = [decimal(open), decimal(high), decimal(low)]
  return first.minus(bottom).lt(top.minus(first)) ? [low, high, close] : [high, low, close]
}

/** A post of a night falls into that night, one of a session into that session, at the same share of it. */
function pacedPosts(tape: Tape, natural: TradingCalendar, paced: TradingCalendar): readonly SourceItem[] {
  const moved: SourceItem[] = []
  for (const post of tape.posts) {
    const during = natural.openSession(post.at)
    const session = during ?? natural.nextSession(post.at)
    const hours = paced.session(session.date)
    if (hours === undefined) continue
    const before = natural.previousSession(post.at).close
    const [from, to] = during === undefined ? [before, session.open] : [session.open, session.close]
    const nightStart =
      hours.close - pacedHours.close * ((hours.close - hours.open) / (pacedHours.close - pacedHours.open))
    const [start, end] = during === undefined ? [nightStart, hours.open] : [hours.open, hours.close]
    const share = (post.at - from) / Math.max(1, to - from)
    moved.push({ ...post, at: Math.round(start + share * (end - start)) })
  }
  return moved.sort((a, b) => a.at - b.at)
}

function sourceOf(
  tape: Tape,
  posts: readonly SourceItem[],
  sessionMs: number,
  after: EpochMs = Number.NEGATIVE_INFINITY,
): SignalSource {
  const { name, weight, synthetic } = tape.source
  const everyMs = Math.max(10, Math.round(sessionMs / 20))
  return defineSignalSource({
    name,
    weight,
    synthetic,
    every: `${everyMs}ms`,
    poll: async ({ since = after, now }) => posts.filter(({ at }) => at > since && at <= now),
  })
}
