import type { FetchChunk } from './fetch-chunks.js'

/** How long a bar is, and whether nothing is traded at the venue all through a stretch of time; absent where that is not known. */
export type BarTimes = {
  readonly barMs: number
  readonly isClosed?: ((stretch: FetchChunk) => boolean) | undefined
}

/**
 * Until when it is known for good what a range holds, by when the bars of its symbol begin, in order: undefined where no bar begins within. A
 * hole that bars follow is one for good. What follows the last bar may be yet to come, unless nothing is traded then.
 */
export function settledUntil(
  { from, to }: FetchChunk,
  starts: readonly number[],
  { barMs, isClosed }: BarTimes,
): number | undefined {
  const last = starts.findLast((start) => start <= to)
  if (last === undefined || last < from) return undefined
  if (starts.some((start) => start > to)) return to
  const end = last + barMs - 1
  return end >= to || isClosed?.({ from: end + 1, to }) === true ? to : end
}
