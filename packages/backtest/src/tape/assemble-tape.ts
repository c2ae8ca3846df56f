import { assertKnownOptions, SwarmError } from '@tradeswarm/core'
import type { SessionDate, TradingCalendar } from '@tradeswarm/trading'
import { byDateAndSymbol } from './bar-collector.js'
import { checkWindow } from './check-window.js'
import { byTime } from './post-collector.js'
import type { Tape, TapeBar, TapePost } from './tape.js'
import { calendarOf, sessionOf } from './tape-calendar.js'
import { tapeHash } from './tape-hash.js'

/** The parts of a tape in any order, before its window of trading is known. */
type TapeParts = Omit<Tape, 'hash' | 'tradeFrom' | 'tradeTo'>

/** Which sessions of a tape to trade. Bars before `from` stay and warm up. Both days belong to the window. */
export type TapeWindow = { readonly from?: SessionDate; readonly to?: SessionDate }

/** What {@link tapeFromInputs} takes: all of a tape but its hash. */
export type TapeInputs = Omit<Tape, 'hash'>

/**
 * A tape from parts in any order: it trades from the session in which the first post can be acted on, cut to the window.
 * Throws `TAPE_EMPTY` where no session is left.
 */
export function assembleTape(parts: TapeParts, window: TapeWindow = {}): Tape {
  const calendar = calendarOf(parts)
  const bars = byDateAndSymbol(parts.bars)
  const posts = [...parts.posts].sort(byTime)
  return cutTape({ ...parts, bars, posts }, firstTradedSession(bars, posts, calendar), calendar, window)
}

/**
 * The part of a tape that a window selects: the same content, and hash, as loading it with that window gives. `counts` and
 * `labels` stay those of the whole tape. Throws `INVALID_OPTION` or `TAPE_OPTION_INVALID`, and `TAPE_EMPTY` where no session is left.
 */
export function sliceTape(tape: Tape, window: TapeWindow): Tape {
  assertKnownOptions('sliceTape', window, ['from', 'to'])
  checkWindow('sliceTape', window)
  return cutTape(tape, tape.tradeFrom, calendarOf(tape), window)
}

/** A tape from recorded inputs in any order: the `hash` is computed anew, and equal to the recorded one if nothing was changed. */
export function tapeFromInputs(inputs: TapeInputs): Tape {
  const { name, form, labels, source, tradeFrom, tradeTo, counts } = inputs
  const content = {
    instruments: [...inputs.instruments].sort((left, right) => (left.symbol < right.symbol ? -1 : 1)),
    bars: byDateAndSymbol(inputs.bars),
    posts: [...inputs.posts].sort(byTime),
    dividends: byDateAndSymbol(inputs.dividends),
    source,
    tradeFrom,
    tradeTo,
  }
  return { name, form, labels, counts, ...content, hash: tapeHash(content) }
}

/** Cuts parts that are in order. A post stays if a session comes after it, and none that is left out lies between it and `from`. */
function cutTape(parts: TapeParts, natural: SessionDate, calendar: TradingCalendar, window: TapeWindow): Tape {
  const { from, to } = window
  const bars = to === undefined ? parts.bars : parts.bars.filter((bar) => bar.date <= to)
  const tradeTo = bars.at(-1)?.date
  const earliest = from !== undefined && from > natural ? from : natural
  const tradeFrom = bars.find((bar) => bar.date >= earliest)?.date
  if (tradeTo === undefined || tradeFrom === undefined) throw noSessions(parts, window)
  const end = sessionOf(calendar, tradeTo).close
  const begin =
    tradeFrom > natural ? calendar.previousSession(sessionOf(calendar, tradeFrom).open).close : Number.NEGATIVE_INFINITY
  return tapeFromInputs({
    ...parts,
    bars,
    dividends: parts.dividends.filter((dividend) => dividend.date <= tradeTo),
    posts: parts.posts.filter((post) => post.at >= begin && post.at < end),
    tradeFrom,
    tradeTo,
  })
}

/** The first session with bars in which the first post can be acted on; without posts the first of all. */
function firstTradedSession(
  bars: readonly TapeBar[],
  posts: readonly TapePost[],
  calendar: TradingCalendar,
): SessionDate {
  const [firstBar] = bars
  const [firstPost] = posts
  if (firstBar === undefined || firstPost === undefined || firstPost.at < sessionOf(calendar, firstBar.date).open)
    return firstBar?.date ?? ''
  const { date } = calendar.openSession(firstPost.at) ?? calendar.nextSession(firstPost.at)
  return bars.find((bar) => bar.date >= date)?.date ?? bars.at(-1)?.date ?? date
}

function noSessions(parts: TapeParts, { from, to }: TapeWindow): SwarmError {
  const wanted = [from === undefined ? '' : ` from ${from}`, to === undefined ? '' : ` to ${to}`].join('')
  const dates = parts.bars.map((bar) => bar.date).sort()
  const held = dates.length === 0 ? 'it has no bars' : `its bars go from ${dates[0]} to ${dates.at(-1)}`
  return new SwarmError({
    code: 'TAPE_EMPTY',
    message: `tape ${parts.name}: there is no session${wanted}; ${held}`,
    context: { name: parts.name, ...(from === undefined ? {} : { from }), ...(to === undefined ? {} : { to }) },
  })
}
