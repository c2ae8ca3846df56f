import { SwarmError } from '../errors/swarm-error.js'
import type { Cancel, ClockAndTimers } from '../time/clock.js'
import { createDeadlines, type Deadlines } from '../time/deadlines.js'
import { abortedError } from './call-scope.js'
import { assertInRange, assertWhole, invalidOption } from './check-option.js'
import { elapsedOf } from './elapsed.js'
import { tell } from './tell.js'
import { TokenBucket } from './token-bucket.js'
import { WaitingLine } from './waiting-line.js'

/** The lane of all that has no reserve. */
export const sharedLane = 'shared'

/** What a rate limiter tells its observer. */
export type RateLimiterEvent = { readonly type: 'refused'; readonly lane: string; readonly waiting: number }

/** Since the limiter was made. */
export type RateLimiterCounters = { readonly admitted: number; readonly refused: number }

export type RateLimiterOptions = {
  readonly clock: ClockAndTimers
  /** So many calls per `perMs`, above 0 up to 1,000,000. */
  readonly calls: number
  /** 1 to 86,400,000. */
  readonly perMs: number
  /** So many may go at once after a quiet time, 1 to 1,000,000; default `calls`. */
  readonly burst?: number
  /** The fraction of rate and burst that is kept for each lane, as `{ cancel: 0.2 }`; what comes first here goes first. At least one call of the burst for each, and for all the rest. */
  readonly reserved?: Readonly<Record<string, number>>
  /** So many calls wait in each lane, 0 to 1,000,000; default 0. Whoever comes then is refused. */
  readonly maximumWaiting?: number
  /** Who has waited so long is refused, 1 to 86,400,000; default 30,000. */
  readonly maximumWaitMs?: number
  /** For `maximumWaitMs`. Shared with others, whose owner closes them; default: deadlines of its own. */
  readonly deadlines?: Deadlines
  /** Told of every call that was refused. What it throws is dropped. */
  readonly onEvent?: (event: RateLimiterEvent) => void
}

type Lane = { readonly name: string; readonly line: WaitingLine }

/** The rate limiter by itself: a token bucket with reserved lanes, before each of which calls wait in order of arrival. */
export class RateLimiter {
  readonly #clock: ClockAndTimers
  readonly #bucket: TokenBucket
  readonly #maximumWaiting: number
  readonly #onEvent: ((event: RateLimiterEvent) => void) | undefined
  readonly #lanes: readonly Lane[]
  readonly #counters = { admitted: 0, refused: 0 }
  #cancelTimer: Cancel | undefined

  /** Throws `INVALID_OPTION`. */
  constructor(options: RateLimiterOptions) {
    const { clock, calls, perMs, burst = calls, reserved = {}, maximumWaiting = 0, maximumWaitMs = 30_000 } = options
    assertOptions({ calls, perMs, burst, reserved, maximumWaiting, maximumWaitMs })
    const reserves = Object.entries(reserved).map(([lane, fraction]) => ({ lane, fraction }))
    const deadlines = options.deadlines ?? createDeadlines(clock)
    this.#clock = clock
    this.#bucket = new TokenBucket({ tokensPerMs: calls / perMs, capacity: burst, reserves }, elapsedOf(clock))
    this.#maximumWaiting = maximumWaiting
    this.#onEvent = options.onEvent
    this.#lanes = [...Object.keys(reserved), sharedLane].map((name) => ({
      name,
      line: new WaitingLine({
        deadlines,
        maximumWaitMs,
        waitedTooLong: () => this.#refused(name, `it has waited ${maximumWaitMs} ms for its turn`),
        onLeft: () => this.#arm(),
      }),
    }))
  }

  get counters(): RateLimiterCounters {
    return this.#counters
  }

  /** How many wait, in one lane or in all. Throws `UNKNOWN_LANE`. */
  waiting(lane?: string): number {
    if (lane !== undefined) return this.#lane(lane).line.length
    return this.#lanes.reduce((sum, { line }) => sum + line.length, 0)
  }

  /** How many calls of a lane could go at once. Throws `UNKNOWN_LANE`. */
  available(lane: string = sharedLane): number {
    return this.#bucket.available(this.#lane(lane).name, elapsedOf(this.#clock))
  }

  /** True when a call of the lane may go now; overtakes nobody who waits in it. Throws `UNKNOWN_LANE`. */
  tryTake(lane: string = sharedLane): boolean {
    const { name } = this.#lane(lane)
    // A timer may be late: whoever waits and may go by now goes first. Then there is a token only where nobody waits for it.
    if (this.#cancelTimer !== undefined) this.#admit()
    if (!this.#bucket.tryTake(name, elapsedOf(this.#clock))) return false
    this.#counters.admitted += 1
    return true
  }

  /** Resolves when a call of the lane may go. Rejects with `RATE_LIMITED` (retryable), `ABORTED` or `UNKNOWN_LANE`. */
  async take(lane: string = sharedLane, signal?: AbortSignal): Promise<void> {
    const { line } = this.#lane(lane)
    if (signal?.aborted) throw abortedError(signal)
    if (this.tryTake(lane)) return
    if (line.length >= this.#maximumWaiting) throw this.#refused(lane, `${line.length} wait in its lane already`)
    const admitted = line.join(signal)
    this.#arm()
    await admitted
  }

  #admit(): void {
    const now = elapsedOf(this.#clock)
    for (const { name, line } of this.#lanes) {
      while (line.length > 0 && this.#bucket.tryTake(name, now)) {
        line.admitFirst()
        this.#counters.admitted += 1
      }
    }
    this.#arm()
  }

  /** One timer, for the first moment at which somebody who waits may go. */
  #arm(): void {
    this.#cancelTimer?.()
    this.#cancelTimer = undefined
    const now = elapsedOf(this.#clock)
    let waitMs = Number.POSITIVE_INFINITY
    for (const { name, line } of this.#lanes) {
      if (line.length > 0) waitMs = Math.min(waitMs, this.#bucket.waitMs(name, now))
    }
    if (waitMs === Number.POSITIVE_INFINITY) return
    this.#cancelTimer = this.#clock.at(this.#clock.now() + Math.max(1, Math.ceil(waitMs)), () => {
      this.#cancelTimer = undefined
      this.#admit()
    })
  }

  #lane(name: string): Lane {
    for (const lane of this.#lanes) if (lane.name === name) return lane
    throw new SwarmError({
      code: 'UNKNOWN_LANE',
      message: `a rate limiter has no lane ${name}: it has ${this.#lanes.map((lane) => lane.name).join(', ')}; name it in option reserved`,
      context: { lane: name },
    })
  }

  #refused(lane: string, why: string): SwarmError {
    this.#counters.refused += 1
    tell(this.#onEvent, { type: 'refused', lane, waiting: this.waiting(lane) })
    const retryAfterMs = Math.ceil(this.#bucket.waitMs(lane, elapsedOf(this.#clock)))
    return new SwarmError({
      code: 'RATE_LIMITED',
      message: `a rate limiter refused a call of lane ${lane}: ${why}`,
      retryability: 'retryable',
      context: { lane, retryAfterMs },
    })
  }
}

type Checked = Required<
  Pick<RateLimiterOptions, 'calls' | 'perMs' | 'burst' | 'reserved' | 'maximumWaiting' | 'maximumWaitMs'>
>

function assertOptions({ calls, perMs, burst, reserved, maximumWaiting, maximumWaitMs }: Checked): void {
  const owner = 'a rate limiter'
  if (!(calls > 0 && calls <= 1_000_000)) throw invalidOption(owner, 'calls', calls, 'above 0 and at most 1000000')
  assertInRange(owner, 'perMs', perMs, 1, 86_400_000)
  assertInRange(owner, 'burst', burst, 1, 1_000_000)
  assertWhole(owner, 'maximumWaiting', maximumWaiting, 0, 1_000_000)
  assertInRange(owner, 'maximumWaitMs', maximumWaitMs, 1, 86_400_000)
  let rest = 1
  for (const [lane, fraction] of Object.entries(reserved)) {
    if (lane === sharedLane)
      throw invalidOption(owner, 'reserved', lane, `another name: ${sharedLane} is all that has no reserve`)
    // Less than one whole token could never be taken.
    assertInRange(owner, `reserved.${lane}`, fraction, 1 / burst, 1)
    rest -= fraction
  }
  if (rest * burst < 1 - 1e-9)
    throw invalidOption(
      owner,
      'reserved',
      JSON.stringify(reserved),
      `such that a burst of ${burst} leaves one call for all other lanes`,
    )
}
