import type { EpochMs } from '@tradeswarm/core'
import { shown } from '@tradeswarm/core'
import type { SessionDate, TradingCalendar } from '@tradeswarm/trading'
import { longestRun } from './longest-run.js'
import type { RowFaults, TapePlace } from './row-faults.js'
import type { TapePost } from './tape.js'
import { knownDateOf } from './tape-calendar.js'

/** Takes posts from one or more files, and keeps what is right and what can be traded on. */
export type PostCollector = {
  /** Checks one post against the bars and the posts before it, and keeps it or counts why not. `field` names its date. */
  accept(post: TapePost, place: TapePlace, dateField: string): void
  /** All posts by (at, id, symbol). To be called once, after the last row; counts and symbols are complete then. */
  finish(): readonly TapePost[]
  readonly counts: { rows: number; duplicates: number; withoutBars: number; afterLastClose: number }
  readonly symbolsWithoutBars: Set<string>
  readonly symbolsWithPosts: Set<string>
}

type PostCollectorOptions = {
  readonly calendar: TradingCalendar
  readonly faults: RowFaults
  readonly symbolsWithBars: ReadonlySet<string>
  readonly lastBarDate: SessionDate
  /** True where the file promises its posts in order of time. */
  readonly ordered: boolean
}

const dayMs = 86_400_000
const oddCharacters = /[\p{Surrogate}\0]/u

type PlacedPost = { readonly post: TapePost; readonly place: TapePlace; readonly dateField: string }

/**
 * An empty collector. Bars are read before posts, since a post after their last day is refused. Where posts are promised in
 * order, strict loading throws at the first that is older than the one before it; lenient loading keeps the longest run.
 */
export function createPostCollector(options: PostCollectorOptions): PostCollector {
  const { calendar, faults, symbolsWithBars, lastBarDate } = options
  const lastClose = calendar.session(lastBarDate)?.close ?? Number.NEGATIVE_INFINITY
  const seen = new Map<string, TapePost>()
  const kept: TapePost[] = []
  const waiting: PlacedPost[] = []
  const counts = { rows: 0, duplicates: 0, withoutBars: 0, afterLastClose: 0 }
  const symbolsWithoutBars = new Set<string>()
  const symbolsWithPosts = new Set<string>()
  let latest: EpochMs = Number.NEGATIVE_INFINITY

  /** True when the post is there already, as it is or otherwise. */
  const isKnown = ({ post, place }: PlacedPost): boolean => {
    const earlier = seen.get(keyOf(post))
    if (earlier === undefined) return false
    if (isSame(earlier, post)) counts.duplicates += 1
    else {
      const problem = `post ${shown(post.id)} about ${post.symbol} came before with other content`
      faults.refuse('TAPE_POST_CONFLICT', place, problem)
    }
    return true
  }

  const isDated = ({ post, place, dateField }: PlacedPost): boolean => {
    const at = { ...place, field: dateField }
    if (post.at >= lastClose + dayMs || (post.at >= lastClose && calendar.dateOf(post.at) > lastBarDate)) {
      faults.refuse('TAPE_POST_TOO_LATE', at, `the post is dated after ${lastBarDate}, the last day with bars`)
      return false
    }
    if (knownDateOf(calendar, post.at) !== undefined) return true
    faults.refuse('TAPE_DATE_INVALID', at, `the ${calendar.name} calendar does not know the year`)
    return false
  }

  const keep = (post: TapePost): void => {
    if (!symbolsWithBars.has(post.symbol)) {
      counts.withoutBars += 1
      symbolsWithoutBars.add(post.symbol)
      return
    }
    symbolsWithPosts.add(post.symbol)
    kept.push(post)
    if (post.at >= lastClose) counts.afterLastClose += 1
  }

  const refuseOrder = ({ place, dateField }: PlacedPost): void =>
    faults.refuse('TAPE_POST_OUT_OF_ORDER', { ...place, field: dateField }, 'the post is older than the one before it')

  return {
    counts,
    symbolsWithoutBars,
    symbolsWithPosts,
    finish() {
      const run = longestRun(waiting, (before, now) => before.post.at <= now.post.at)
      for (const placed of waiting) {
        if (run.has(placed)) keep(placed.post)
        else refuseOrder(placed)
      }
      return kept.sort(byTime)
    },
    accept(post, place, dateField) {
      const placed: PlacedPost = { post, place, dateField }
      if (isKnown(placed)) return
      if (options.ordered && !faults.isLenient && post.at < latest) return refuseOrder(placed)
      if (!isDated(placed)) return
      latest = post.at
      if (symbolsWithBars.has(post.symbol)) seen.set(keyOf(post), post)
      if (options.ordered && faults.isLenient) waiting.push(placed)
      else keep(post)
    },
  }
}

function keyOf({ id, symbol }: TapePost): string {
  return `${id} ${symbol}`
}

/** The order of posts in a tape: by time, then id, then symbol. */
export function byTime(left: TapePost, right: TapePost): number {
  if (left.at !== right.at) return left.at - right.at
  if (left.id !== right.id) return left.id < right.id ? -1 : 1
  return left.symbol === right.symbol ? 0 : left.symbol < right.symbol ? -1 : 1
}

/** The text with half surrogate pairs and NUL replaced by U+FFFD, so that every store gives it back as it was put in. */
export function storableText(text: string): string {
  return oddCharacters.test(text) ? text.replace(/[\p{Surrogate}\0]/gu, '\ufffd') : text
}

function isSame(left: TapePost, right: TapePost): boolean {
  return (
    left.text === right.text &&
    left.at === right.at &&
    left.author === right.author &&
    left.followers === right.followers
  )
}
