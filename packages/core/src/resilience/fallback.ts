import { SwarmError } from '../errors/swarm-error.js'
import type { CallScope } from './call-scope.js'
import { NestablePolicy, promiseOf, type ScopedFunction } from './nestable-policy.js'
import type { Policy, PolicyContext } from './policy.js'
import { tell } from './tell.js'
import { isUnknownOutcome } from './unknown-outcome.js'

/** What a fallback tells its observer. */
export type FallbackEvent = { readonly type: 'fell-back'; readonly error: unknown }

export type FallbackOptions<Alternative> = {
  /** What to answer instead. What it throws is thrown on. */
  readonly fallback: (error: unknown, context: PolicyContext) => Alternative | PromiseLike<Alternative>
  /** Which errors it answers; default: all but `ABORTED` and those whose outcome is unknown, as the first call may have taken effect. */
  readonly handles?: (error: unknown) => boolean
  /** Told before the fallback is asked. What it throws is dropped. */
  readonly onEvent?: (event: FallbackEvent) => void
}

const handlesByDefault = (error: unknown): boolean =>
  !isUnknownOutcome(error) && !SwarmError.isInstance(error, 'ABORTED')

/** Answers with something else where the function fails and the caller has not given the call up. */
export function createFallback<Alternative>(options: FallbackOptions<Alternative>): Policy<Alternative> {
  return new FallbackPolicy(options)
}

class FallbackPolicy<Alternative> extends NestablePolicy<Alternative> {
  readonly #options: FallbackOptions<Alternative>

  constructor(options: FallbackOptions<Alternative>) {
    super()
    this.#options = options
  }

  run<Result>(fn: ScopedFunction<Result>, scope: CallScope): Result | Alternative | PromiseLike<Result | Alternative> {
    try {
      const result = fn(scope)
      const promise = promiseOf(result)
      if (promise === undefined) return result
      return promise.then<Result, Alternative>(undefined, (error: unknown) => this.#fallBack(error, scope))
    } catch (error) {
      return this.#fallBack(error, scope)
    }
  }

  #fallBack(error: unknown, scope: CallScope): Alternative | PromiseLike<Alternative> {
    const { fallback, handles = handlesByDefault, onEvent } = this.#options
    if (scope.isAborted || !handles(error)) throw error
    tell(onEvent, { type: 'fell-back', error })
    return fallback(error, scope)
  }
}
