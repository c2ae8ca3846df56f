import { SwarmError } from '../errors/swarm-error.js'
import type { Clock } from '../time/clock.js'
import { assertInRange, assertWhole, invalidOption } from './check-option.js'
import { elapsedOf } from './elapsed.js'
import { RollingWindow } from './rolling-window.js'
import { tell } from './tell.js'

/** `closed` lets calls through, `open` none, `half-open` as many as are to show whether it may close. */
export type CircuitState = 'closed' | 'open' | 'half-open'

/** What a circuit breaker tells its observer: the state that it has entered. */
export type CircuitEvent =
  | { readonly type: 'opened'; readonly calls: number; readonly failures: number; readonly error: unknown }
  | { readonly type: 'half-opened' }
  | { readonly type: 'closed' }

/** Since the breaker was made. */
export type CircuitCounters = {
  readonly succeeded: number
  /** The slow ones included. */
  readonly failed: number
  readonly slow: number
  readonly refused: number
  /** Without a verdict: what ended with an error that is no failure, or after the state had changed. */
  readonly ignored: number
}

export type CircuitBreakerOptions = {
  readonly clock: Clock
  /** Opens at a failure with which at least this share of the window's calls failed, above 0 up to 1; default 0.5. */
  readonly failureFraction?: number
  /** Never opens on fewer calls in the window, 1 to 1,000,000; default 10. */
  readonly minimumCalls?: number
  /** 1 to 3,600,000; default 10,000. */
  readonly windowMs?: number
  /** Into how many parts the window is cut, the oldest of which is forgotten at a time, 1 to 1,000; default 10. */
  readonly windowBuckets?: number
  /** How long it lets nothing through, 1 to 86,400,000; default 5,000. */
  readonly openMs?: number
  /** So many calls must succeed one after another, or side by side, before it closes, 1 to 1,000; default 1. */
  readonly halfOpenTrials?: number
  /** A call that takes as long as this has failed, whatever becomes of it, 1 to 86,400,000; default: none. */
  readonly slowCallMs?: number
  /** Whether an error speaks against who was called; default {@link speaksAgainstCallee}. */
  readonly isFailure?: (error: unknown) => boolean
  /** Told of every change of state. What it throws is dropped. */
  readonly onEvent?: (event: CircuitEvent) => void
}

const ownSideCodes: readonly string[] = ['ABORTED', 'BULKHEAD_FULL', 'CIRCUIT_OPEN', 'OUTBOUND_FULL', 'RATE_LIMITED']

/** False for the errors of policies that say nothing of who was called: aborted by the caller, or refused before it was asked. */
export function speaksAgainstCallee(error: unknown): boolean {
  return !(SwarmError.isInstance(error) && ownSideCodes.includes(error.code))
}

const defaults = {
  failureFraction: 0.5,
  minimumCalls: 10,
  windowMs: 10_000,
  windowBuckets: 10,
  openMs: 5_000,
  halfOpenTrials: 1,
  slowCallMs: Number.POSITIVE_INFINITY,
  isFailure: speaksAgainstCallee,
}

type ResolvedOptions = CircuitBreakerOptions & typeof defaults

/** The breaker by itself, for where a closure for each call is too much: whoever is let through reports how it ended. */
export class CircuitBreaker {
  readonly #options: ResolvedOptions
  readonly #window: RollingWindow
  readonly #counters = { succeeded: 0, failed: 0, slow: 0, refused: 0, ignored: 0 }
  #state: CircuitState = 'closed'
  /** Goes up with each change of state, so that what was let through before it is told apart. Also the pass. */
  #generation = 1
  #openedAt = 0
  #lastTrialAt = 0
  #trialsStarted = 0
  #trialsSucceeded = 0

  /** Throws `INVALID_OPTION`. */
  constructor(options: CircuitBreakerOptions) {
    this.#options = { ...defaults, ...options }
    assertOptions(this.#options)
    this.#window = new RollingWindow(this.#options.windowMs, this.#options.windowBuckets)
  }

  /** `half-open` as soon as the next call would be let through on trial. */
  get state(): CircuitState {
    return this.#state === 'open' && this.retryAfterMs() === 0 ? 'half-open' : this.#state
  }

  get counters(): CircuitCounters {
    return this.#counters
  }

  /** A pass, to be given back to exactly one of {@link onSuccess}, {@link onFailure}, {@link onSlow} and {@link onIgnored}; 0 when refused. */
  tryAcquire(): number {
    if (this.#state === 'closed') return this.#generation
    const now = elapsedOf(this.#options.clock)
    if (this.#mayBeginTrials(now)) this.#beginTrials()
    if (this.#state === 'open' || this.#trialsStarted >= this.#options.halfOpenTrials) {
      this.#counters.refused += 1
      return 0
    }
    this.#trialsStarted += 1
    this.#lastTrialAt = now
    return this.#generation
  }

  /** A call has succeeded; its time matters only where there is a `slowCallMs`. */
  onSuccess(pass: number, elapsedMs = 0): void {
    if (elapsedMs >= this.#options.slowCallMs) this.onSlow(pass)
    else if (this.#counts(pass)) this.#succeed()
  }

  /** A call has failed. An error that is no failure gives no verdict. */
  onFailure(pass: number, error: unknown): void {
    if (!this.#options.isFailure(error)) this.onIgnored(pass)
    else if (this.#counts(pass)) this.#fail(error)
  }

  /** A call has taken too long, or still does: it counts as failed, and how it ends is not to be reported. */
  onSlow(pass: number): void {
    if (!this.#counts(pass)) return
    this.#counters.slow += 1
    this.#fail(undefined)
  }

  /** A call has ended without saying anything of who was called. On trial, another may take its place. */
  onIgnored(pass: number): void {
    this.#counters.ignored += 1
    if (pass === this.#generation && this.#state === 'half-open') this.#trialsStarted -= 1
  }

  /** How long until a call may be let through on trial; 0 where nothing stands against it. */
  retryAfterMs(): number {
    if (this.#state === 'closed') return 0
    if (this.#state === 'half-open' && this.#trialsStarted < this.#options.halfOpenTrials) return 0
    const since = this.#state === 'open' ? this.#openedAt : this.#lastTrialAt
    return Math.max(0, Math.ceil(since + this.#options.openMs - elapsedOf(this.#options.clock)))
  }

  /** The error for a call that was refused: `CIRCUIT_OPEN`, retryable. */
  refusal(): SwarmError {
    return new SwarmError({
      code: 'CIRCUIT_OPEN',
      message:
        'a call was not made: too many before it failed; the next is let through on trial after context.retryAfterMs',
      retryability: 'retryable',
      context: { retryAfterMs: this.retryAfterMs() },
    })
  }

  /** Closes and forgets all failures. */
  reset(): void {
    this.#close(this.#state === 'closed')
  }

  /** What was let through before the state last changed says nothing of the state since. */
  #counts(pass: number): boolean {
    if (pass === this.#generation) return true
    this.#counters.ignored += 1
    return false
  }

  #succeed(): void {
    this.#counters.succeeded += 1
    if (this.#state === 'closed') this.#record(false, undefined)
    else {
      this.#trialsSucceeded += 1
      if (this.#trialsSucceeded >= this.#options.halfOpenTrials) this.#close()
    }
  }

  #fail(error: unknown): void {
    this.#counters.failed += 1
    if (this.#state === 'closed') this.#record(true, error)
    else this.#open(this.#trialsStarted, 1, error)
  }

  #record(failed: boolean, error: unknown): void {
    this.#window.record(elapsedOf(this.#options.clock), failed)
    const { calls, failures } = this.#window
    // Who has just answered is back, whatever came before: only a failure opens.
    if (failed && calls >= this.#options.minimumCalls && failures >= this.#options.failureFraction * calls)
      this.#open(calls, failures, error)
  }

  #open(calls: number, failures: number, error: unknown): void {
    this.#generation += 1
    this.#state = 'open'
    this.#openedAt = elapsedOf(this.#options.clock)
    tell(this.#options.onEvent, { type: 'opened', calls, failures, error })
  }

  /** Also when those on trial do not answer: otherwise one that hangs would keep it half-open for ever. */
  #mayBeginTrials(now: number): boolean {
    if (this.#state === 'open') return now >= this.#openedAt + this.#options.openMs
    return this.#trialsStarted >= this.#options.halfOpenTrials && now >= this.#lastTrialAt + this.#options.openMs
  }

  #beginTrials(): void {
    const wasOpen = this.#state === 'open'
    this.#generation += 1
    this.#state = 'half-open'
    this.#trialsStarted = 0
    this.#trialsSucceeded = 0
    if (wasOpen) tell(this.#options.onEvent, { type: 'half-opened' })
  }

  #close(silently = false): void {
    this.#generation += 1
    this.#state = 'closed'
    this.#window.clear()
    if (!silently) tell(this.#options.onEvent, { type: 'closed' })
  }
}

function assertOptions(options: ResolvedOptions): void {
  const owner = 'a circuit breaker'
  if (!(options.failureFraction > 0 && options.failureFraction <= 1))
    throw invalidOption(owner, 'failureFraction', options.failureFraction, 'above 0 and at most 1')
  assertWhole(owner, 'minimumCalls', options.minimumCalls, 1, 1_000_000)
  assertInRange(owner, 'windowMs', options.windowMs, 1, 3_600_000)
  assertWhole(owner, 'windowBuckets', options.windowBuckets, 1, 1_000)
  assertInRange(owner, 'openMs', options.openMs, 1, 86_400_000)
  assertWhole(owner, 'halfOpenTrials', options.halfOpenTrials, 1, 1_000)
  if (options.slowCallMs !== defaults.slowCallMs) assertInRange(owner, 'slowCallMs', options.slowCallMs, 1, 86_400_000)
}
