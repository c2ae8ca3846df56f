import { SwarmError } from '../errors/swarm-error.js'
import type { ClockAndTimers } from '../time/clock.js'
import { createDeadlines, type Deadline, type Deadlines } from '../time/deadlines.js'
import { type CallScope, ChildScope } from './call-scope.js'
import { assertInRange, assertWhole } from './check-option.js'
import { NestablePolicy, promiseOf, type ScopedFunction } from './nestable-policy.js'
import type { Policy } from './policy.js'
import { tell } from './tell.js'
import { isUnknownOutcome } from './unknown-outcome.js'

/** What a hedge tells its observer; attempts count from 1. */
export type HedgeEvent =
  | { readonly type: 'hedged'; readonly attempt: number }
  | { readonly type: 'won'; readonly attempt: number }

export type HedgeOptions = {
  readonly clock: ClockAndTimers
  /** How long an attempt may go without an answer before another is made beside it, 1 to 86,400,000. */
  readonly delayMs: number
  /** Attempts in all, the first included, 2 to 10; default 2. */
  readonly maximumAttempts?: number
  /** Shared with others, whose owner closes them; default: deadlines of its own. */
  readonly deadlines?: Deadlines
  /** Told of every further attempt, and which of several won. What it throws is dropped. */
  readonly onEvent?: (event: HedgeEvent) => void
}

/**
 * Asks again, beside the first, what does not answer in time: the first success wins, the others are aborted. Only for what
 * may be done twice. Fails when all that were begun have failed, with the error of unknown outcome if there is one, else the last. Throws `INVALID_OPTION`.
 */
export function createHedge(options: HedgeOptions): Policy {
  return new HedgePolicy(options)
}

class HedgePolicy extends NestablePolicy {
  readonly #options: HedgeOptions & { readonly maximumAttempts: number; readonly deadlines: Deadlines }

  constructor(options: HedgeOptions) {
    super()
    const { delayMs, maximumAttempts = 2, deadlines = createDeadlines(options.clock) } = options
    assertInRange('a hedge', 'delayMs', delayMs, 1, 86_400_000)
    assertWhole('a hedge', 'maximumAttempts', maximumAttempts, 2, 10)
    this.#options = { ...options, maximumAttempts, deadlines }
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
    if (promise !== undefined) {
      return new Promise((resolve, reject) => {
        const race = new Race(this.#options, fn, parent, resolve, reject)
        race.join(scope, promise)
      })
    }
    scope.end()
    return result
  }
}

/** The attempts of one call. */
class Race<Result> {
  readonly #options: HedgeOptions & { readonly maximumAttempts: number; readonly deadlines: Deadlines }
  readonly #fn: ScopedFunction<Result>
  readonly #parent: CallScope
  readonly #resolve: (value: Result) => void
  readonly #reject: (error: unknown) => void
  readonly #running: ChildScope[] = []
  #begun = 0
  #settled = false
  #deadline: Deadline | undefined
  #unknownOutcome: SwarmError | undefined

  constructor(
    options: HedgeOptions & { readonly maximumAttempts: number; readonly deadlines: Deadlines },
    fn: ScopedFunction<Result>,
    parent: CallScope,
    resolve: (value: Result) => void,
    reject: (error: unknown) => void,
  ) {
    this.#options = options
    this.#fn = fn
    this.#parent = parent
    this.#resolve = resolve
    this.#reject = reject
  }

  /** An attempt that runs already. */
  join(scope: ChildScope, promise: PromiseLike<Result>): void {
    this.#begun += 1
    const attempt = this.#begun
    this.#running.push(scope)
    promise.then(
      (value) => this.#win(attempt, scope, value),
      (error: unknown) => this.#lose(scope, error),
    )
    const { deadlines, delayMs, maximumAttempts } = this.#options
    if (this.#begun < maximumAttempts) this.#deadline = deadlines.set(delayMs, () => this.#hedge())
  }

  #hedge(): void {
    if (this.#parent.isAborted) return
    tell(this.#options.onEvent, { type: 'hedged', attempt: this.#begun + 1 })
    const scope = new ChildScope(this.#parent)
    this.join(scope, call(this.#fn, scope))
  }

  #win(attempt: number, winner: ChildScope, value: Result): void {
    if (this.#settled) return
    this.#settle()
    for (const scope of this.#running) {
      if (scope === winner) scope.end()
      else scope.abort(lostHedge())
    }
    if (this.#begun > 1) tell(this.#options.onEvent, { type: 'won', attempt })
    this.#resolve(value)
  }

  #lose(scope: ChildScope, error: unknown): void {
    scope.end()
    if (this.#settled) return
    if (isUnknownOutcome(error)) this.#unknownOutcome ??= error
    this.#running.splice(this.#running.indexOf(scope), 1)
    if (this.#running.length > 0) return
    this.#settle()
    this.#reject(this.#unknownOutcome ?? error)
  }

  #settle(): void {
    this.#settled = true
    this.#deadline?.clear()
  }
}

async function call<Result>(fn: ScopedFunction<Result>, scope: CallScope): Promise<Result> {
  return fn(scope)
}

function lostHedge(): SwarmError {
  return new SwarmError({ code: 'ABORTED', message: 'another attempt of a hedged call has answered first' })
}
