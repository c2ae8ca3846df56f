import type { EpochMs } from '@tradeswarm/core'

/** A post after {@link normalisePost}: clean text and what was read off it. The text stays untrusted. */
export type NormalisedPost = {
  readonly id: string
  readonly symbol: string
  readonly at: EpochMs
  /** At most 4,000 characters, one line, without control, bidi or zero-width characters and without a retweet prefix. */
  readonly text: string
  /** How many characters of the raw text lay beyond the limit. */
  readonly truncatedCharacters: number
  /** 32 hex digits, the same for a post and its (cut) retweets. */
  readonly fingerprint: string
  /** Upper case, without `$`, each once, in order of appearance. */
  readonly cashtags: readonly string[]
  readonly isRetweet: boolean
  /** The name in the prefix `RT @name:`, lower case. */
  readonly retweetOf?: string
  readonly author?: string
  readonly followers?: number
  readonly url?: string
}
