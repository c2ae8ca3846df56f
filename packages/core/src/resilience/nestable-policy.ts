import { abortedError, type CallScope, RootScope } from './call-scope.js'
import type { Policy, PolicyFunction } from './policy.js'

/** A function as it runs inside a policy of ours. */
export type ScopedFunction<Result> = (scope: CallScope) => Result | PromiseLike<Result>

/** What our own policies share: inside one another they neither make signals nor promises that nobody needs. */
export abstract class NestablePolicy<Alternative = never> implements Policy<Alternative> {
  execute<Result>(fn: PolicyFunction<Result>, signal?: AbortSignal): Promise<Result | Alternative> {
    if (signal?.aborted) return Promise.reject(abortedError(signal))
    try {
      return Promise.resolve(this.run(fn, new RootScope(signal)))
    } catch (error) {
      return rejected(error)
    }
  }

  /** As `execute`, but answers, or throws, at once where the function does and nothing has to be waited for. */
  abstract run<Result>(
    fn: ScopedFunction<Result>,
    scope: CallScope,
  ): Result | Alternative | PromiseLike<Result | Alternative>
}

async function rejected(error: unknown): Promise<never> {
  throw error
}

/** The promise that a result is, or undefined where it is a plain value. */
export function promiseOf<Result>(result: Result | PromiseLike<Result>): Promise<Result> | undefined {
  if (result instanceof Promise) return result as Promise<Result>
  if (typeof result !== 'object' || result === null || !('then' in result) || typeof result.then !== 'function')
    return undefined
  return Promise.resolve(result)
}
