import {
  type ClockAndTimers,
  combine,
  createBackoff,
  createCircuitBreaker,
  createRetry,
  createTimeout,
  createTimerDeadlines,
  type Policy,
  type Random,
  type SwarmError,
} from '@tradeswarm/core'
import type { RateBuckets, VenueRate } from './rate-buckets.js'
import { isRetryable, isUnanswered, namingRequest, readFailure, refusalIn } from './venue-error.js'

/** How a request is treated: reads and cancels are repeated, orders never; cancels have a part of the rate for themselves. */
export type RequestClass = 'read' | 'order' | 'cancel'

export type RequestLanesParts = {
  readonly clock: ClockAndTimers
  readonly random: Random
  readonly requestTimeoutMs: number
  /** Those of the account, shared by all its clients. */
  readonly buckets: RateBuckets
  /** What is thrown in place of a request that waits for the venue's leave. */
  readonly paused: (name: string, pauseMs: number) => SwarmError
}

type Lane = Readonly<Record<RequestClass, Policy>>

/**
 * The policies that requests run through, the same for all that uses an account: reads are repeated behind a breaker, orders are sent once, behind one of
 * their own: what cannot be read, such as balances, says nothing of whether a stop can be placed. Cancels are repeated and kept back by
 * nothing but the rate, of which they have a part. One bucket for each rate that the venue counts.
 */
export class RequestLanes {
  readonly #parts: RequestLanesParts
  readonly #lanes = new Map<string, Lane>()
  readonly #around: Readonly<Record<'retry' | 'reads' | 'orders' | 'timeout', Policy>>

  constructor(parts: RequestLanesParts) {
    const { clock, random, requestTimeoutMs } = parts
    this.#parts = parts
    const backoff = createBackoff({ firstMs: 200, maximumMs: 5_000 })
    this.#around = {
      timeout: createTimeout({ clock, timeoutMs: requestTimeoutMs, deadlines: createTimerDeadlines(clock) }),
      reads: createCircuitBreaker({ clock, isFailure: isUnanswered }),
      orders: createCircuitBreaker({ clock, isFailure: isUnanswered }),
      retry: createRetry({ clock, random, maximumAttempts: 5, backoff, isRetryable }),
    }
  }

  /** Runs a request in the lane of its class, within the rate that is counted under `bucket`. */
  async send<Answer>(
    bucket: string,
    rate: VenueRate,
    as: RequestClass,
    name: string,
    attempt: (signal: AbortSignal) => Promise<Answer>,
  ): Promise<Answer> {
    const lane = this.#lanes.get(bucket) ?? this.#open(bucket, rate)
    const outcome = await lane[as]
      .execute<Answer | Refused>(({ signal }) => {
        const pauseMs = this.#parts.buckets.pauseMs(bucket)
        if (pauseMs > 0 && as !== 'cancel') throw this.#parts.paused(name, pauseMs)
        return attempt(signal).catch(refusedOr)
      })
      .catch((thrown: unknown) => {
        const named = namingRequest(thrown, name)
        // A look-up of a cancel is part of that: without it nobody knows what became of the cancel.
        throw as === 'read' ? readFailure(named) : named
      })
    if (outcome instanceof Refused) throw outcome.error
    return outcome
  }

  /** Nothing but cancels is sent of a bucket for so long. */
  pause(bucket: string, forMs: number): void {
    this.#parts.buckets.pause(bucket, forMs)
  }

  #open(bucket: string, rate: VenueRate): Lane {
    const { retry, reads, orders, timeout } = this.#around
    const { limiter, hasLanes } = this.#parts.buckets.bucket(bucket, rate)
    const laneOf = (name: 'order' | 'cancel'): Policy => (hasLanes ? limiter.lane(name) : limiter)
    const lane: Lane = {
      read: combine(retry, reads, limiter, timeout),
      order: combine(orders, laneOf('order'), timeout),
      // Exits are never shut in: no breaker keeps a cancel back.
      cancel: combine(retry, laneOf('cancel'), timeout),
    }
    this.#lanes.set(bucket, lane)
    return lane
  }
}

/** A definite no is an answer like any other: a breaker that waits to hear from the venue has heard from it. */
class Refused {
  readonly error: unknown

  constructor(error: unknown) {
    this.error = error
  }
}

function refusedOr(thrown: unknown): Refused {
  if (refusalIn(thrown) !== undefined) return new Refused(thrown)
  throw thrown
}
