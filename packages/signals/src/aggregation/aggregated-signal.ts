import type { EpochMs } from '@tradeswarm/core'

/** One judged post, article or market measure about one symbol. */
export type SignalObservation = {
  /** Unique within its source and symbol. */
  readonly id: string
  readonly symbol: string
  readonly source: string
  /** Posts without an author count as one voice per source. */
  readonly author?: string
  readonly followers?: number
  /** -1 (bearish) to 1 (bullish). */
  readonly score: number
  /** 0 to 1. */
  readonly confidence: number
  /** How much the source's word counts, 0 to 1. */
  readonly weight: number
  readonly at: EpochMs
  readonly isRetweet?: boolean
}

/** `repeated`: known already. `too-old`: older than all that a full window holds. */
export type AddResult =
  | { readonly status: 'added' }
  | { readonly status: 'repeated' }
  | { readonly status: 'refused'; readonly reason: 'invalid-number' | 'too-old' }

/** One observation that shaped the score, for traceability. `share` is its part of the total weight. */
export type SignalContributor = {
  readonly source: string
  readonly id: string
  readonly author?: string
  readonly share: number
  readonly score: number
  readonly confidence: number
  readonly at: EpochMs
}

/** What an aggregate rests on. Shares are 0 to 1. */
export type SignalQuality = {
  /** Observations and duplicates in the window; what was rejected is not among them. */
  readonly mentions: number
  /** Observations that carry weight. */
  readonly observations: number
  readonly uniqueAuthors: number
  readonly duplicateShare: number
  readonly retweetShare: number
  /** Rejected of all that came in. */
  readonly rejectedShare: number
  /** Herfindahl-Hirschman index of the authors' shares: 1 for one voice, 1/n for n equal ones. */
  readonly concentration: number
  /** 1 when all opinions point one way, 0 when they cancel out. */
  readonly agreement: number
  /** Weighted mean of |score|: how much opinion there is at all. */
  readonly opinion: number
  readonly oldestAgeMs: number
  readonly newestAgeMs: number
}

/** Mentions in the last burst window against the trailing mean of windows before it. */
export type BurstReading = {
  readonly isBurst: boolean
  readonly mentions: number
  /** Mean mentions of the baseline windows. */
  readonly baseline: number
  /** (mentions - baseline) / deviation, where the deviation is at least sqrt(max(1, baseline)); 0 without a baseline. */
  readonly zScore: number
}

/** What all observations of one symbol in the window say together. All numbers are finite. */
export type AggregatedSignal = {
  readonly symbol: string
  readonly at: EpochMs
  /** -1 (bearish) to 1 (bullish). */
  readonly score: number
  /** 0 to 1: mean confidence x breadth (effective authors) x agreement. */
  readonly confidence: number
  readonly burst: BurstReading
  readonly quality: SignalQuality
  /** Weightiest first. */
  readonly contributors: readonly SignalContributor[]
}
