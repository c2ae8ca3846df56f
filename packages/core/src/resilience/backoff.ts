import type { Random } from '../random/random.js'
import { assertInRange } from './check-option.js'

/** How long to wait before each further attempt. */
export type BackoffOptions = {
  /** Before the second attempt; default 50. */
  readonly firstMs?: number
  /** By how much each wait is longer than the one before; default 2. */
  readonly factor?: number
  /** No wait is longer; default 30,000. */
  readonly maximumMs?: number
  /** The share of each wait that is left to chance, 0 to 1; default 0.5. */
  readonly jitterFraction?: number
}

/** Waits that grow, spread by chance so that many who failed together do not come back together. Immutable. */
export type Backoff = {
  /** Milliseconds to wait after so many failed attempts, from 1. */
  delayMs(failures: number, random: Random): number
}

const defaults: Required<BackoffOptions> = { firstMs: 50, factor: 2, maximumMs: 30_000, jitterFraction: 0.5 }

/** Exponential backoff: min(maximum, first × factor^(failures − 1)), of which the jitter's share is drawn evenly. Throws `INVALID_OPTION`. */
export function createBackoff(options: BackoffOptions = {}): Backoff {
  const { firstMs, factor, maximumMs, jitterFraction } = { ...defaults, ...options }
  assertInRange('a backoff', 'firstMs', firstMs, 0, maximumMs)
  assertInRange('a backoff', 'factor', factor, 1, 100)
  assertInRange('a backoff', 'maximumMs', maximumMs, 0, 86_400_000)
  assertInRange('a backoff', 'jitterFraction', jitterFraction, 0, 1)
  return {
    delayMs(failures, random) {
      let wait = firstMs
      // Multiplied step by step: powers differ in the last bit between engines.
      for (let step = 1; step < failures && wait < maximumMs; step += 1) wait *= factor
      const bounded = Math.min(wait, maximumMs)
      return Math.round(bounded * (1 - jitterFraction * random.next()))
    },
  }
}
