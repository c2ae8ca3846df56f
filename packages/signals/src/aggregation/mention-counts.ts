import type { EpochMs } from '@tradeswarm/core'
import type { BurstReading } from './aggregated-signal.js'
import type { AggregatorConfig } from './aggregator-options.js'

/** What was seen in one quarter of a burst window: `[index, observations, duplicates, rejected, retweets]`. */
export type MentionBucket = readonly [number, number, number, number, number]

/** What became of a mention. */
export type MentionKind = 'observation' | 'duplicate' | 'rejected'

/** Mentions within the window, by what became of them. */
export type MentionTotals = {
  readonly observations: number
  readonly duplicates: number
  readonly rejected: number
  readonly retweets: number
}

const quartersPerWindow = 4
const column = { observation: 1, duplicate: 2, rejected: 3 } as const

/** Counts of one symbol's mentions over time, in a bounded number of buckets. */
export type MentionCounts = {
  count(kind: MentionKind, at: EpochMs, isRetweet: boolean): void
  totals(from: EpochMs, to: EpochMs): MentionTotals
  burst(now: EpochMs): BurstReading
  state(): readonly MentionBucket[]
}

/** Buckets cover the baseline and the window of observations, whichever reaches further back. The oldest go first. */
export function createMentionCounts(config: AggregatorConfig, state: readonly MentionBucket[] = []): MentionCounts {
  const bucketMs = config.burstWindowMs / quartersPerWindow
  const maximumBuckets = Math.max(
    quartersPerWindow * (config.burstBaselineWindows + 1),
    Math.ceil(config.windowMs / bucketMs) + 1,
  )
  const buckets = new Map<number, [number, number, number, number, number]>()
  for (const bucket of state) buckets.set(bucket[0], [...bucket])

  return {
    count(kind, at, isRetweet) {
      const index = Math.floor(at / bucketMs)
      const bucket = buckets.get(index) ?? [index, 0, 0, 0, 0]
      bucket[column[kind]] += 1
      if (isRetweet && kind !== 'rejected') bucket[4] += 1
      buckets.set(index, bucket)
      if (buckets.size > maximumBuckets) buckets.delete(Math.min(...buckets.keys()))
    },
    totals(from, to) {
      const first = Math.floor(from / bucketMs)
      const last = Math.floor(to / bucketMs)
      let [observations, duplicates, rejected, retweets] = [0, 0, 0, 0]
      for (const [index, ofObservations, ofDuplicates, ofRejected, ofRetweets] of buckets.values()) {
        if (index < first || index > last) continue
        observations += ofObservations
        duplicates += ofDuplicates
        rejected += ofRejected
        retweets += ofRetweets
      }
      return { observations, duplicates, rejected, retweets }
    },
    burst: (now) => readBurst([...buckets.values()], Math.floor(now / bucketMs), config),
    state: () => [...buckets.values()].sort((a, b) => a[0] - b[0]).map((bucket) => [...bucket] as const),
  }
}

function readBurst(buckets: readonly MentionBucket[], nowIndex: number, config: AggregatorConfig): BurstReading {
  const perWindow = new Map<number, number>()
  let earliestWindow = 0
  for (const [index, observations, duplicates] of buckets) {
    if (index > nowIndex) continue
    const windowsAgo = Math.floor((nowIndex - index) / quartersPerWindow)
    if (windowsAgo > config.burstBaselineWindows) continue
    earliestWindow = Math.max(earliestWindow, windowsAgo)
    perWindow.set(windowsAgo, (perWindow.get(windowsAgo) ?? 0) + observations + duplicates)
  }
  const mentions = perWindow.get(0) ?? 0
  if (earliestWindow === 0) return { isBurst: false, mentions, baseline: 0, zScore: 0 }
  let sum = 0
  let sumOfSquares = 0
  for (let windowsAgo = 1; windowsAgo <= earliestWindow; windowsAgo += 1) {
    const value = perWindow.get(windowsAgo) ?? 0
    sum += value
    sumOfSquares += value * value
  }
  const baseline = sum / earliestWindow
  const variance = Math.max(0, sumOfSquares / earliestWindow - baseline * baseline)
  const zScore = (mentions - baseline) / Math.sqrt(Math.max(variance, baseline, 1))
  const isBurst =
    earliestWindow >= config.burstMinimumBaselineWindows &&
    mentions >= config.burstMinimumMentions &&
    mentions >= config.burstMinimumRatio * baseline &&
    zScore >= config.burstMinimumZScore
  return { isBurst, mentions, baseline, zScore }
}
