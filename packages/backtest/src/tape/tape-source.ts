import type { EpochMs } from '@tradeswarm/core'
import { defineSignalSource, type SignalSource } from '@tradeswarm/signals'
import type { Tape, TapePost } from './tape.js'

/** The posts of a tape as a signal source: a poll gives what was published after the last poll and up to now, never later. */
export function createTapeSource(tape: Pick<Tape, 'source' | 'posts'>): SignalSource {
  const { posts, source } = tape
  return defineSignalSource({
    name: source.name,
    weight: source.weight,
    synthetic: source.synthetic,
    every: '5m',
    poll: async ({ since, now }) =>
      posts.slice(since === undefined ? 0 : countUpTo(posts, since), countUpTo(posts, now)),
    nextDue: (after) => posts[countUpTo(posts, after)]?.at,
  })
}

/** How many of the posts were published at or before a time. */
function countUpTo(posts: readonly TapePost[], time: EpochMs): number {
  let low = 0
  let high = posts.length
  while (low < high) {
    const middle = (low + high) >>> 1
    if ((posts[middle]?.at ?? Number.POSITIVE_INFINITY) <= time) low = middle + 1
    else high = middle
  }
  return low
}
