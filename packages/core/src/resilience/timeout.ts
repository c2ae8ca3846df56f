import { SwarmError } from '../errors/swarm-error.js'
import type { ClockAndTimers } from '../time/clock.js'
import { createDeadlines, type Deadlines } from '../time/deadlines.js'
import { type CallScope, ChildScope } from './call-scope.js'
import { assertInRange } from './check-option.js'
import { NestablePolicy, promiseOf, type ScopedFunction } from './nestable-policy.js'
import type { Policy } from './policy.js'
import { tell } from './tell.js'

/** What a time-out tells its observer. */
export type TimeoutEvent = { readonly type: 'timed-out'; readonly timeoutMs: number }

export type TimeoutOptions = {
  readonly clock: ClockAndTimers
  /** 1 to 86,400,000. */
  readonly timeoutMs: number
  /** Shared with others, whose owner closes them; default: deadlines of its own, whose timer may stay for one more `timeoutMs`. */
  readonly deadlines?: Deadlines
  /** Told of every call that took too long. What it throws is dropped. */
  readonly onEvent?: (event: TimeoutEvent) => void
}

/**
 * Gives up what takes too long: rejects with `TIMED_OUT`, whose outcome is unknown, and aborts the function's signal.
 * What the function does after that is dropped. The time runs from when the function first awaits. Throws `INVALID_OPTION`.
 */
export function createTimeout(options: TimeoutOptions): Policy {
  return new TimeoutPolicy(options)
}

class TimeoutPolicy extends NestablePolicy {
  readonly #timeoutMs: number
  readonly #deadlines: Deadlines
  readonly #onEvent: ((event: TimeoutEvent) => void) | undefined

  constructor({ clock, timeoutMs, deadlines, onEvent }: TimeoutOptions) {
    super()
    assertInRange('a time-out', 'timeoutMs', timeoutMs, 1, 86_400_000)
    this.#timeoutMs = timeoutMs
    this.#deadlines = deadlines ?? createDeadlines(clock)
    this.#onEvent = onEvent
  }

  run<Result>(fn: ScopedFunction<Result>, parent: CallScope): Result | PromiseLike<Result> {
    const scope = new ChildScope(parent)
    let result: Result | PromiseLike<Result>
    try {
      result = fn(scope)
    } catch (error) {
      scope.end()
      throw error
    }
    const promise = promiseOf(result)
    if (promise !== undefined) return this.#race(promise, scope)
    scope.end()
    return result
  }

  #race<Result>(promise: Promise<Result>, scope: ChildScope): Promise<Result> {
    return new Promise((resolve, reject) => {
      const deadline = this.#deadlines.set(this.#timeoutMs, () => {
        const error = this.#timedOut()
        reject(error)
        scope.abort(error)
        tell(this.#onEvent, { type: 'timed-out', timeoutMs: this.#timeoutMs })
      })
      promise.then(
        (value) => {
          deadline.clear()
          scope.end()
          resolve(value)
        },
        () => {
          deadline.clear()
          scope.end()
          resolve(promise)
        },
      )
    })
  }

  #timedOut(): SwarmError {
    return new SwarmError({
      code: 'TIMED_OUT',
      message: `a call took longer than ${this.#timeoutMs} ms; whether it took effect is not known`,
      retryability: 'unknown-outcome',
      context: { timeoutMs: this.#timeoutMs },
    })
  }
}
