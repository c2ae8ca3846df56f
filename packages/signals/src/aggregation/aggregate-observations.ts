import type { EpochMs } from '@tradeswarm/core'
import type { AggregatedSignal, BurstReading, SignalContributor, SignalObservation } from './aggregated-signal.js'
import type { AggregatorConfig } from './aggregator-options.js'
import { cappedShares } from './capped-shares.js'
import { observationWeight } from './influence.js'
import type { MentionTotals } from './mention-counts.js'

/** What one symbol's window holds at a moment. */
export type AggregationInput = {
  readonly symbol: string
  readonly now: EpochMs
  readonly config: AggregatorConfig
  /** Oldest first, none later than `now`. */
  readonly observations: readonly SignalObservation[]
  readonly totals: MentionTotals
  readonly burst: BurstReading
}

type Weighted = { readonly observation: SignalObservation; readonly weight: number }
type Voice = { readonly items: readonly Weighted[]; readonly weight: number }

/**
 * The weighted mean of observations with every author's share capped. Undefined when nothing has weight.
 * Sums run in the order of the observations, so that the same set always gives the same bits.
 */
export function aggregateObservations(input: AggregationInput): AggregatedSignal | undefined {
  const { symbol, now, config, observations, totals, burst } = input
  const voices = voicesOf(observations, now, config)
  const shares = cappedShares(
    voices.map(({ weight }) => weight),
    config.maximumAuthorShare,
  )
  const parts = voices.flatMap((voice, index) => partsOf(voice, shares[index] ?? 0))
  const first = observations[0]
  const last = observations.at(-1)
  if (parts.length === 0 || first === undefined || last === undefined) return undefined
  const score = clamp(
    sum(parts, (part) => part.share * part.score),
    -1,
    1,
  )
  const opinion = clamp(
    sum(parts, (part) => part.share * Math.abs(part.score)),
    0,
    1,
  )
  const agreement = opinion === 0 ? 1 : clamp(Math.abs(score) / opinion, 0, 1)
  const concentration = clamp(
    shares.reduce((total, share) => total + share * share, 0),
    0,
    1,
  )
  const meanConfidence = sum(parts, (part) => part.share * part.confidence)
  const mentions = totals.observations + totals.duplicates
  return {
    symbol,
    at: now,
    score,
    confidence: clamp(meanConfidence * breadth(concentration) * (0.5 + 0.5 * agreement), 0, 1),
    burst,
    quality: {
      mentions,
      observations: observations.length,
      uniqueAuthors: voices.length,
      duplicateShare: ratio(totals.duplicates, mentions),
      retweetShare: ratio(totals.retweets, mentions),
      rejectedShare: ratio(totals.rejected, mentions + totals.rejected),
      concentration,
      agreement,
      opinion,
      oldestAgeMs: now - first.at,
      newestAgeMs: now - last.at,
    },
    contributors: weightiest(parts, config.maximumContributors),
  }
}

/** n/(n + 1) for n effective authors (1/HHI): 0.5 for one voice, 0.75 for three, 0.91 for ten. */
function breadth(concentration: number): number {
  return 1 / (1 + concentration)
}

function voicesOf(
  observations: readonly SignalObservation[],
  now: EpochMs,
  config: AggregatorConfig,
): readonly Voice[] {
  const byAuthor = new Map<string, { items: Weighted[]; weight: number }>()
  for (const observation of observations) {
    const key = `${observation.source}\u0000${observation.author ?? ''}`
    const weight = observationWeight(observation, now, config)
    const voice = byAuthor.get(key) ?? { items: [], weight: 0 }
    voice.items.push({ observation, weight })
    voice.weight += weight
    byAuthor.set(key, voice)
  }
  return [...byAuthor.values()]
}

function partsOf(voice: Voice, share: number): readonly SignalContributor[] {
  if (share <= 0 || voice.weight <= 0) return []
  return voice.items.map(({ observation, weight }) => ({
    source: observation.source,
    id: observation.id,
    ...(observation.author === undefined ? {} : { author: observation.author }),
    share: share * (weight / voice.weight),
    score: observation.score,
    confidence: observation.confidence,
    at: observation.at,
  }))
}

function weightiest(parts: readonly SignalContributor[], maximum: number): readonly SignalContributor[] {
  return [...parts].sort((a, b) => b.share - a.share || b.at - a.at || (a.id < b.id ? -1 : 1)).slice(0, maximum)
}

function sum(parts: readonly SignalContributor[], value: (part: SignalContributor) => number): number {
  let total = 0
  for (const part of parts) total += value(part)
  return total
}

function ratio(part: number, whole: number): number {
  return whole === 0 ? 0 : part / whole
}

function clamp(value: number, minimum: number, maximum: number): number {
  return Math.min(maximum, Math.max(minimum, value))
}
