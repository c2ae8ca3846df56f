/** A stretch of time that is asked for and kept as a whole; both ends are included. */
export type FetchChunk = { readonly from: number; readonly to: number }

/** So many bars a chunk holds at most: what is lost by a kill, and a small part of a venue's page. */
const barsPerChunk = 5_000

/**
 * Stretches that cover a range without gap or overlap, on a grid that depends on the bars alone: a later request that reaches further has the
 * same ones in the middle. Ends are instants to the millisecond.
 */
export function fetchChunks(from: number, to: number, barMs: number): readonly FetchChunk[] {
  const lengthMs = barsPerChunk * barMs
  const chunks: FetchChunk[] = []
  for (let start = from; start <= to; ) {
    const next = (Math.floor(start / lengthMs) + 1) * lengthMs
    chunks.push({ from: start, to: Math.min(to, next - 1) })
    start = next
  }
  return chunks
}

/** What of a range is in none of others, in order of time. */
export function uncovered(range: FetchChunk, covered: readonly FetchChunk[]): readonly FetchChunk[] {
  const missing: FetchChunk[] = []
  let start = range.from
  for (const { from, to } of covered.toSorted((a, b) => a.from - b.from)) {
    if (to < start || from > range.to) continue
    if (from > start) missing.push({ from: start, to: from - 1 })
    start = Math.max(start, to + 1)
  }
  if (start <= range.to) missing.push({ from: start, to: range.to })
  return missing
}

/** Ranges as one where they touch. */
export function joined(ranges: readonly FetchChunk[]): readonly FetchChunk[] {
  const result: { from: number; to: number }[] = []
  for (const { from, to } of ranges.toSorted((a, b) => a.from - b.from)) {
    const last = result.at(-1)
    if (last !== undefined && from <= last.to + 1) last.to = Math.max(last.to, to)
    else result.push({ from, to })
  }
  return result
}
