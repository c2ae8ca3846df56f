/** What a {@link LatencyHistogram} tells: a count, and milliseconds. All are 0 when nothing was recorded. */
export type LatencySummary = {
  readonly count: number
  /** Half of all were at most this long; within the error that {@link LatencyHistogram} states, as are `p90` and `p99`. */
  readonly p50: number
  readonly p90: number
  readonly p99: number
  /** Exact. */
  readonly maximum: number
  /** Exact but for the rounding of sums. */
  readonly mean: number
}

/** Buckets count in units of 1/64 µs, so that 64 of them lie between 1 and 2 µs, and 64 in every doubling above. */
const unitsPerMs = 64_000
const bucketsPerDoubling = 64
const bucketBits = 6
/** Below this, units fit in 32 bits; above, they are first divided by 2^12. */
const fineLimitMs = 4_294_967_296 / unitsPerMs
const coarseShift = 12
const coarseUnit = 1 << coarseShift
/** Longer ones count as one hour; the maximum stays exact. */
const longestMs = 3_600_000
/** The bucket of one hour is the last. */
const bucketCount = bucketOf(longestMs) + 1
/** Up to 128 µs: most handlers never need more. */
const firstBuckets = 512

/**
 * Latencies in fixed log-linear buckets from 1 µs to 1 h. A quantile is the nearest-rank one within 1/128 of itself (0.8 %), below 1 µs
 * within 1/128 µs. Takes no memory to speak of before the first record, then 4 KB, 17 KB where latencies reach 32 ms.
 */
export class LatencyHistogram {
  #buckets: Float64Array | undefined
  #count = 0
  #sum = 0
  #maximum = 0

  /** Counts one latency in milliseconds. A negative one, of a clock set back, counts as 0; NaN and infinities are ignored. */
  record(ms: number): void {
    if (!Number.isFinite(ms)) return
    const latency = Math.max(ms, 0)
    const index = bucketOf(Math.min(latency, longestMs))
    let buckets = this.#buckets
    if (buckets === undefined || index >= buckets.length) buckets = this.#grow(index)
    // The index is within the array, which starts out as zeros.
    buckets[index] = (buckets[index] as number) + 1
    this.#count += 1
    this.#sum += latency
    if (latency > this.#maximum) this.#maximum = latency
  }

  /** Adds all that the other has counted; the other stays as it is. */
  merge(other: LatencyHistogram): void {
    const added = other.#buckets
    if (added === undefined) return
    let buckets = this.#buckets
    if (buckets === undefined || buckets.length < added.length) buckets = this.#grow(added.length - 1)
    for (let index = 0; index < added.length; index += 1) {
      buckets[index] = (buckets[index] ?? 0) + (added[index] ?? 0)
    }
    this.#count += other.#count
    this.#sum += other.#sum
    this.#maximum = Math.max(this.#maximum, other.#maximum)
  }

  /** Looks through the buckets once. */
  summary(): LatencySummary {
    const count = this.#count
    const [p50 = 0, p90 = 0, p99 = 0] = this.#quantiles([0.5, 0.9, 0.99])
    return { count, p50, p90, p99, maximum: this.#maximum, mean: count === 0 ? 0 : this.#sum / count }
  }

  /** The nearest ranks of rising quantiles. */
  #quantiles(quantiles: readonly number[]): readonly number[] {
    const found: number[] = []
    const buckets = this.#buckets
    if (buckets === undefined) return found
    let seen = 0
    for (let index = 0; index < buckets.length && found.length < quantiles.length; index += 1) {
      seen += buckets[index] ?? 0
      while (found.length < quantiles.length && seen >= Math.ceil((quantiles[found.length] ?? 1) * this.#count)) {
        found.push(Math.min(middleOf(index), this.#maximum))
      }
    }
    return found
  }

  #grow(index: number): Float64Array {
    let size = this.#buckets?.length ?? firstBuckets
    while (size <= index) size *= 2
    // Counts up to 2^53: at a million a second a bucket of 32 bits would be full within 72 minutes.
    const grown = new Float64Array(Math.min(size, bucketCount))
    if (this.#buckets !== undefined) grown.set(this.#buckets)
    this.#buckets = grown
    return grown
  }
}

function bucketOf(ms: number): number {
  if (ms < fineLimitMs) return fineBucketOf((ms * unitsPerMs) >>> 0)
  return coarseShift * bucketsPerDoubling + fineBucketOf(((ms * unitsPerMs) / coarseUnit) >>> 0)
}

/** Up to 127 units each has a bucket of its own; from there on the 7 leading bits of a number tell its bucket. */
function fineBucketOf(units: number): number {
  if (units < 2 * bucketsPerDoubling) return units
  const shift = 31 - bucketBits - Math.clz32(units)
  return shift * bucketsPerDoubling + (units >>> shift)
}

/** The middle of a bucket, in milliseconds. */
function middleOf(index: number): number {
  if (index < 2 * bucketsPerDoubling) return (index + 0.5) / unitsPerMs
  const shift = Math.floor(index / bucketsPerDoubling) - 1
  const leading = index - shift * bucketsPerDoubling
  return ((leading + 0.5) * ((1 << shift) >>> 0)) / unitsPerMs
}
