import type { EpochMs } from '@tradeswarm/core'
import type { SessionDate, TradingCalendar } from '@tradeswarm/trading'
import { quoted, type RowFaults, type TapePlace } from './row-faults.js'
import type { TapePost } from './tape.js'
import { knownDateOf } from './tape-calendar.js'

/** Takes posts from one or more files, and keeps what is right and what can be traded on. */
export type PostCollector = {
  /** Checks one post against the bars and the posts before it, and keeps it or counts why not. `field` names its date. */
  accept(post: TapePost, place: TapePlace, dateField: string): void
  /** All posts by (at, id, symbol). */
  posts(): readonly TapePost[]
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

/** An empty collector. Bars are read before posts, since a post after their last day is refused. */
export function createPostCollector(options: PostCollectorOptions): PostCollector {
  const { calendar, faults, symbolsWithBars, lastBarDate } = options
  const lastClose = calendar.session(lastBarDate)?.close ?? Number.NEGATIVE_INFINITY
  const kept = new Map<string, TapePost>()
  const counts = { rows: 0, duplicates: 0, withoutBars: 0, afterLastClose: 0 }
  const symbolsWithoutBars = new Set<string>()
  const symbolsWithPosts = new Set<string>()
  let latest: EpochMs = Number.NEGATIVE_INFINITY

  return {
    counts,
    symbolsWithoutBars,
    symbolsWithPosts,
    posts: () => [...kept.values()].sort(byTime),
    accept(post, place, dateField) {
      const key = `${post.id} ${post.symbol}`
      const earlier = kept.get(key)
      if (earlier !== undefined) {
        if (isSame(earlier, post)) counts.duplicates += 1
        else
          faults.refuse(
            'TAPE_POST_CONFLICT',
            place,
            `post ${quoted(post.id)} about ${post.symbol} came before with other content`,
          )
        return
      }
      const at = { ...place, field: dateField }
      if (options.ordered && post.at < latest) {
        return faults.refuse('TAPE_POST_OUT_OF_ORDER', at, 'the post is older than the one before it')
      }
      if (post.at >= lastClose + dayMs || (post.at >= lastClose && calendar.dateOf(post.at) > lastBarDate)) {
        return faults.refuse('TAPE_POST_TOO_LATE', at, `the post is dated after ${lastBarDate}, the last day with bars`)
      }
      if (knownDateOf(calendar, post.at) === undefined) {
        return faults.refuse('TAPE_DATE_INVALID', at, `the ${calendar.name} calendar does not know the year`)
      }
      latest = post.at
      if (!symbolsWithBars.has(post.symbol)) {
        counts.withoutBars += 1
        symbolsWithoutBars.add(post.symbol)
        return
      }
      symbolsWithPosts.add(post.symbol)
      kept.set(key, post)
      if (post.at >= lastClose) counts.afterLastClose += 1
    },
  }
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
