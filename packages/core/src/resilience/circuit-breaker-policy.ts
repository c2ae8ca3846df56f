import type { ClockAndTimers } from '../time/clock.js'
import { createDeadlines, type Deadlines } from '../time/deadlines.js'
import type { CallScope } from './call-scope.js'
import {
  CircuitBreaker,
  type CircuitBreakerOptions,
  type CircuitCounters,
  type CircuitState,
} from './circuit-breaker.js'
import { NestablePolicy, promiseOf, type ScopedFunction } from './nestable-policy.js'
import type { Policy } from './policy.js'

export type CircuitBreakerPolicyOptions = CircuitBreakerOptions & {
  readonly clock: ClockAndTimers
  /** For `slowCallMs`. Shared with others, whose owner closes them; default: deadlines of its own. */
  readonly deadlines?: Deadlines
}

/** A circuit breaker as a policy. */
export type CircuitBreakerPolicy = Policy & {
  readonly state: CircuitState
  readonly counters: CircuitCounters
  /** Closes and forgets all failures. */
  reset(): void
}

/**
 * Stops calling what keeps failing: rejects with `CIRCUIT_OPEN` until a call on trial has succeeded. To be put outside a
 * time-out, whose `TIMED_OUT` it counts; with `slowCallMs` a call that hangs counts while it hangs. Throws `INVALID_OPTION`.
 */
export function createCircuitBreaker(options: CircuitBreakerPolicyOptions): CircuitBreakerPolicy {
  return new BreakerPolicy(options)
}

class BreakerPolicy extends NestablePolicy implements CircuitBreakerPolicy {
  readonly #breaker: CircuitBreaker
  readonly #slowCallMs: number | undefined
  readonly #deadlines: Deadlines

  constructor(options: CircuitBreakerPolicyOptions) {
    super()
    this.#breaker = new CircuitBreaker(options)
    this.#slowCallMs = options.slowCallMs
    this.#deadlines = options.deadlines ?? createDeadlines(options.clock)
  }

  get state(): CircuitState {
    return this.#breaker.state
  }

  get counters(): CircuitCounters {
    return this.#breaker.counters
  }

  reset(): void {
    this.#breaker.reset()
  }

  run<Result>(fn: ScopedFunction<Result>, scope: CallScope): Result | PromiseLike<Result> {
    const pass = this.#breaker.tryAcquire()
    if (pass === 0) throw this.#breaker.refusal()
    let result: Result | PromiseLike<Result>
    try {
      result = fn(scope)
    } catch (error) {
      this.#breaker.onFailure(pass, error)
      throw error
    }
    const promise = promiseOf(result)
    if (promise === undefined) {
      this.#breaker.onSuccess(pass)
      return result
    }
    return this.#slowCallMs === undefined ? this.#watch(pass, promise) : this.#time(pass, promise, this.#slowCallMs)
  }

  #watch<Result>(pass: number, promise: Promise<Result>): Promise<Result> {
    return promise.then(
      (value) => {
        this.#breaker.onSuccess(pass)
        return value
      },
      (error: unknown) => {
        this.#breaker.onFailure(pass, error)
        throw error
      },
    )
  }

  /** As {@link BreakerPolicy.#watch}, but a call is slow as soon as its time is up, not only when it returns. */
  #time<Result>(pass: number, promise: Promise<Result>, slowCallMs: number): Promise<Result> {
    let judged = false
    const deadline = this.#deadlines.set(slowCallMs, () => {
      judged = true
      this.#breaker.onSlow(pass)
    })
    return promise.then(
      (value) => {
        deadline.clear()
        if (!judged) this.#breaker.onSuccess(pass)
        return value
      },
      (error: unknown) => {
        deadline.clear()
        if (!judged) this.#breaker.onFailure(pass, error)
        throw error
      },
    )
  }
}
