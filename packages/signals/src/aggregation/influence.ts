import exp from '@stdlib/math-base-special-exp'
import type { EpochMs } from '@tradeswarm/core'
import type { SignalObservation } from './aggregated-signal.js'
import type { AggregatorConfig } from './aggregator-options.js'

/** A quarter for each tenfold of followers, from 0.5 to 2: it grows like a logarithm and has an end. */
const influenceSteps: readonly (readonly [followers: number, influence: number])[] = [
  [1_000_000, 2],
  [100_000, 1.75],
  [10_000, 1.5],
  [1_000, 1.25],
  [100, 1],
  [10, 0.75],
]

/** How much an author's reach counts: 0.5 (fewer than 10 followers) to 2 (a million and more); 0.75 when unknown. */
export function authorInfluence(followers: number | undefined): number {
  if (followers === undefined || !Number.isFinite(followers)) return 0.75
  for (const [least, influence] of influenceSteps) if (followers >= least) return influence
  return 0.5
}

/** Half per half-life, never under the minimum. By arithmetic alone: engines round powers differently in the last bit. */
export function recencyWeight(ageMs: number, config: Pick<AggregatorConfig, 'halfLifeMs' | 'minimumRecency'>): number {
  return Math.min(1, Math.max(config.minimumRecency, exp((-Math.LN2 * Math.max(0, ageMs)) / config.halfLifeMs)))
}

/** The weight of one observation before authors are capped: source x recency x confidence x influence x opinion. */
export function observationWeight(observation: SignalObservation, now: EpochMs, config: AggregatorConfig): number {
  const opinion = config.neutralFactor + (1 - config.neutralFactor) * Math.abs(observation.score)
  const retweet = observation.isRetweet === true ? config.retweetFactor : 1
  return (
    observation.weight *
    recencyWeight(now - observation.at, config) *
    observation.confidence *
    authorInfluence(observation.followers) *
    opinion *
    retweet
  )
}
