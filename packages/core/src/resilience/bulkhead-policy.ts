import { Bulkhead, type BulkheadCounters, type BulkheadOptions } from './bulkhead.js'
import { abortedError, type CallScope } from './call-scope.js'
import { NestablePolicy, promiseOf, type ScopedFunction } from './nestable-policy.js'
import type { Policy } from './policy.js'

/** A bulkhead as a policy. */
export type BulkheadPolicy = Policy & {
  readonly running: number
  readonly waiting: number
  readonly counters: BulkheadCounters
}

/** Lets only so many calls run at once, so many more wait, and refuses the rest with `BULKHEAD_FULL`. Throws `INVALID_OPTION`. */
export function createBulkhead(options: BulkheadOptions): BulkheadPolicy {
  return new BulkheadPolicyOf(new Bulkhead(options))
}

class BulkheadPolicyOf extends NestablePolicy implements BulkheadPolicy {
  readonly #bulkhead: Bulkhead

  constructor(bulkhead: Bulkhead) {
    super()
    this.#bulkhead = bulkhead
  }

  get running(): number {
    return this.#bulkhead.running
  }

  get waiting(): number {
    return this.#bulkhead.waiting
  }

  get counters(): BulkheadCounters {
    return this.#bulkhead.counters
  }

  run<Result>(fn: ScopedFunction<Result>, scope: CallScope): Result | PromiseLike<Result> {
    return this.#bulkhead.tryEnter() ? this.#call(fn, scope) : this.#wait(fn, scope)
  }

  #call<Result>(fn: ScopedFunction<Result>, scope: CallScope): Result | PromiseLike<Result> {
    let result: Result | PromiseLike<Result>
    try {
      result = fn(scope)
    } catch (error) {
      this.#bulkhead.leave()
      throw error
    }
    const promise = promiseOf(result)
    if (promise === undefined) {
      this.#bulkhead.leave()
      return result
    }
    return promise.then(
      (value) => {
        this.#bulkhead.leave()
        return value
      },
      (error: unknown) => {
        this.#bulkhead.leave()
        throw error
      },
    )
  }

  async #wait<Result>(fn: ScopedFunction<Result>, scope: CallScope): Promise<Result> {
    await this.#bulkhead.enter(scope.listenable)
    if (scope.isAborted) {
      this.#bulkhead.leave()
      throw abortedError(scope.signal)
    }
    return this.#call(fn, scope)
  }
}
