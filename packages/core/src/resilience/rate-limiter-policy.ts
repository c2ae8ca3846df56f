import { abortedError, type CallScope } from './call-scope.js'
import { NestablePolicy, type ScopedFunction } from './nestable-policy.js'
import type { Policy } from './policy.js'
import { RateLimiter, type RateLimiterCounters, type RateLimiterOptions, sharedLane } from './rate-limiter.js'

/** A rate limiter as a policy: by itself for what has no lane. */
export type RateLimiterPolicy = Policy & {
  readonly counters: RateLimiterCounters
  /** How many wait, in one lane or in all. Throws `UNKNOWN_LANE`. */
  waiting(lane?: string): number
  /** How many calls of a lane could go at once. Throws `UNKNOWN_LANE`. */
  available(lane?: string): number
  /** The same limiter for calls of one lane. Throws `UNKNOWN_LANE`. */
  lane(name: string): Policy
}

/**
 * Lets calls go at a bounded rate, from a token bucket of which parts are kept for named lanes, so that cancels go out while
 * everything else waits. Refuses with `RATE_LIMITED` whoever finds the lane's queue full or waits too long. Throws `INVALID_OPTION`.
 */
export function createRateLimiter(options: RateLimiterOptions): RateLimiterPolicy {
  return new RateLimitedLane(new RateLimiter(options), sharedLane)
}

class RateLimitedLane extends NestablePolicy implements RateLimiterPolicy {
  readonly #limiter: RateLimiter
  readonly #lane: string

  constructor(limiter: RateLimiter, lane: string) {
    super()
    this.#limiter = limiter
    this.#lane = lane
  }

  get counters(): RateLimiterCounters {
    return this.#limiter.counters
  }

  waiting(lane?: string): number {
    return this.#limiter.waiting(lane)
  }

  available(lane: string = this.#lane): number {
    return this.#limiter.available(lane)
  }

  lane(name: string): Policy {
    this.#limiter.waiting(name)
    return new RateLimitedLane(this.#limiter, name)
  }

  run<Result>(fn: ScopedFunction<Result>, scope: CallScope): Result | PromiseLike<Result> {
    return this.#limiter.tryTake(this.#lane) ? fn(scope) : this.#wait(fn, scope)
  }

  async #wait<Result>(fn: ScopedFunction<Result>, scope: CallScope): Promise<Result> {
    await this.#limiter.take(this.#lane, scope.listenable)
    if (scope.isAborted) throw abortedError(scope.signal)
    return fn(scope)
  }
}
