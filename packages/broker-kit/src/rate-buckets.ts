import {
  type ClockAndTimers,
  createRateLimiter,
  createTimerDeadlines,
  type Deadlines,
  type EpochMs,
  type RateLimiterPolicy,
} from '@tradeswarm/core'

/** What a venue lets through: so many calls in any stretch of so long. */
export type VenueRate = { readonly calls: number; readonly perMs: number }

/** Of the rate so much is kept for cancels, and for orders. */
const reserved = { cancel: 0.2, order: 0.3 } as const
/** Less than a whole call can be kept for nobody. */
const leastBurst = 5

/** A rate that the venue counts; `hasLanes` where parts of it are kept for cancels and orders. */
export type RateBucket = { readonly limiter: RateLimiterPolicy; readonly hasLanes: boolean }

const shared = new WeakMap<ClockAndTimers, Map<string, RateBuckets>>()

/** Buckets that a venue counts otherwise than by account, as by the address that asks, and where they are. */
export type CountedElsewhere = { readonly has: (bucket: string) => boolean; readonly buckets: RateBuckets }

/**
 * The rates of an account, one for all that name it alike on a clock: a venue counts what several brokers and feeds of a process ask together.
 * What it counts `elsewhere` is shared by all that name that alike.
 */
export function sharedRateBuckets(
  clock: ClockAndTimers,
  account: readonly (string | number)[],
  elsewhere?: CountedElsewhere,
): RateBuckets {
  const ofClock = shared.get(clock) ?? new Map<string, RateBuckets>()
  shared.set(clock, ofClock)
  const name = JSON.stringify(account)
  const buckets = ofClock.get(name) ?? new RateBuckets(clock, elsewhere)
  ofClock.set(name, buckets)
  return buckets
}

/** The rates that a venue counts, and until when it wants to be left alone: one for all clients of an account, so that together they keep to it. */
export class RateBuckets {
  readonly #clock: ClockAndTimers
  readonly #deadlines: Deadlines
  readonly #buckets = new Map<string, RateBucket>()
  /** No request but a cancel is sent before this instant of our clock, since the venue said so. */
  readonly #pausedUntil = new Map<string, EpochMs>()
  readonly #elsewhere: CountedElsewhere | undefined

  constructor(clock: ClockAndTimers, elsewhere?: CountedElsewhere) {
    this.#clock = clock
    this.#elsewhere = elsewhere
    this.#deadlines = createTimerDeadlines(clock)
  }

  bucket(name: string, rate: VenueRate): RateBucket {
    const buckets = this.#of(name).#buckets
    const known = buckets.get(name)
    if (known !== undefined) return known
    const bucket = this.#open(rate)
    buckets.set(name, bucket)
    return bucket
  }

  /** For how long nothing but cancels is sent; 0 or less where all may be. */
  pauseMs(name: string): number {
    return (this.#of(name).#pausedUntil.get(name) ?? 0) - this.#clock.now()
  }

  pause(name: string, forMs: number): void {
    const until = this.#clock.now() + forMs
    const pausedUntil = this.#of(name).#pausedUntil
    pausedUntil.set(name, Math.max(pausedUntil.get(name) ?? 0, until))
  }

  /** Where a bucket is counted. */
  #of(name: string): RateBuckets {
    return this.#elsewhere?.has(name) === true ? this.#elsewhere.buckets : this
  }

  #open({ calls, perMs }: VenueRate): RateBucket {
    // Together no more than the venue lets through in any stretch, however they are cut: a burst, and the rest evenly.
    const burst = Math.max(Math.min(leastBurst, Math.ceil(calls / 2)), Math.floor(calls / 4))
    const hasLanes = burst >= leastBurst
    const limiter = createRateLimiter({
      clock: this.#clock,
      calls: Math.max(calls - burst, Math.min(calls, 1) / 2),
      perMs,
      burst,
      ...(hasLanes ? { reserved } : {}),
      maximumWaiting: 1_000,
      deadlines: this.#deadlines,
    })
    return { limiter, hasLanes }
  }
}
