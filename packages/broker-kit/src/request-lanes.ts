import {
  type ClockAndTimers,
  combine,
  createBackoff,
  createCircuitBreaker,
  createRateLimiter,
  createRetry,
  createTimeout,
  createTimerDeadlines,
  type Deadlines,
  type EpochMs,
  type Policy,
  type Random,
  type SwarmError,
} from '@tradeswarm/core'
import { isRetryable, isUnanswered, refusalIn } from './venue-error.js'

/** How a request is treated: reads and cancels are repeated, orders never; cancels have a part of the rate for themselves. */
export type RequestClass = 'read' | 'order' | 'cancel'

/** What a venue lets through: so many calls in any stretch of so long. */
export type VenueRate = { readonly calls: number; readonly perMs: number }

export type RequestLanesParts = {
  readonly clock: ClockAndTimers
  readonly random: Random
  readonly requestTimeoutMs: number
  /** What is thrown in place of a request that waits for the venue's leave. */
  readonly paused: (name: string, pauseMs: number) => SwarmError
}

/** Of the rate so much is kept for cancels, and for orders. */
const reserved = { cancel: 0.2, order: 0.3 } as const

type Lane = Readonly<Record<RequestClass, Policy>>

/**
 * The policies that requests run through, the same for all that uses an account: reads are repeated behind a breaker, orders are sent once,
 * cancels are repeated and kept back by nothing but the rate, of which they have a part. One bucket for each rate that the venue counts.
 */
export class RequestLanes {
  readonly #parts: RequestLanesParts
  readonly #deadlines: Deadlines
  readonly #lanes = new Map<string, Lane>()
  readonly #around: Readonly<Record<'retry' | 'breaker' | 'timeout', Policy>>
  /** By bucket: no request but a cancel is sent before this instant of our clock, since the venue said so. */
  readonly #pausedUntil = new Map<string, EpochMs>()

  constructor(parts: RequestLanesParts) {
    const { clock, random, requestTimeoutMs } = parts
    this.#parts = parts
    this.#deadlines = createTimerDeadlines(clock)
    const backoff = createBackoff({ firstMs: 200, maximumMs: 5_000 })
    this.#around = {
      timeout: createTimeout({ clock, timeoutMs: requestTimeoutMs, deadlines: this.#deadlines }),
      breaker: createCircuitBreaker({ clock, isFailure: isUnanswered }),
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
    const outcome = await lane[as].execute<Answer | Refused>(({ signal }) => {
      const pauseMs = (this.#pausedUntil.get(bucket) ?? 0) - this.#parts.clock.now()
      if (pauseMs > 0 && as !== 'cancel') throw this.#parts.paused(name, pauseMs)
      return attempt(signal).catch(refusedOr)
    })
    if (outcome instanceof Refused) throw outcome.error
    return outcome
  }

  /** Nothing but cancels is sent of a bucket for so long. */
  pause(bucket: string, forMs: number): void {
    const until = this.#parts.clock.now() + forMs
    this.#pausedUntil.set(bucket, Math.max(this.#pausedUntil.get(bucket) ?? 0, until))
  }

  #open(bucket: string, { calls, perMs }: VenueRate): Lane {
    const { retry, breaker, timeout } = this.#around
    // Together no more than the venue lets through in any stretch, however they are cut: a burst, and the rest evenly.
    const burst = Math.max(Math.min(5, Math.ceil(calls / 2)), Math.floor(calls / 4))
    const limiter = createRateLimiter({
      clock: this.#parts.clock,
      calls: Math.max(calls - burst, Math.min(calls, 1) / 2),
      perMs,
      burst,
      // Less than a whole call can be kept for nobody.
      ...(burst >= 5 ? { reserved } : {}),
      maximumWaiting: 1_000,
      deadlines: this.#deadlines,
    })
    const laneOf = (name: 'order' | 'cancel'): Policy => (burst >= 5 ? limiter.lane(name) : limiter)
    const lane: Lane = {
      read: combine(retry, breaker, limiter, timeout),
      order: combine(breaker, laneOf('order'), timeout),
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
