import { SwarmError } from '../errors/swarm-error.js'
import type { Random } from '../random/random.js'
import type { ClockAndTimers } from '../time/clock.js'
import type { Backoff } from './backoff.js'
import { createBackoff } from './backoff.js'
import { abortedError, type CallScope } from './call-scope.js'
import { assertInRange, assertWhole } from './check-option.js'
import { NestablePolicy, promiseOf, type ScopedFunction } from './nestable-policy.js'
import type { Policy } from './policy.js'
import { tell } from './tell.js'
import { isUnknownOutcome } from './unknown-outcome.js'

/** What a retry tells its observer. `attempts` counts those that failed. */
export type RetryEvent =
  | { readonly type: 'retrying'; readonly attempts: number; readonly waitMs: number; readonly error: unknown }
  | { readonly type: 'gave-up'; readonly attempts: number; readonly error: unknown }

export type RetryOptions = {
  readonly clock: ClockAndTimers
  readonly random: Random
  /** Attempts in all, the first included, 1 to 100; default 3. */
  readonly maximumAttempts?: number
  /** How long to wait before each further attempt; default `createBackoff()`. */
  readonly backoff?: Backoff
  /** Whether to try again after this error; default: a `SwarmError` whose retryability is `retryable`. */
  readonly isRetryable?: (error: unknown) => boolean
  /** The least wait that whoever failed asks for; default: a number `retryAfterMs` in the context of a `SwarmError`. */
  readonly retryAfterMs?: (error: unknown) => number | undefined
  /** Who asks for a longer wait than this is not tried again, 0 to 86,400,000; default 60,000. */
  readonly maximumRetryAfterMs?: number
  /** Told of every further attempt and of giving up. What it throws is dropped. */
  readonly onEvent?: (event: RetryEvent) => void
}

const defaults = {
  maximumAttempts: 3,
  isRetryable: (error: unknown): boolean => SwarmError.isInstance(error) && error.retryability === 'retryable',
  retryAfterMs: (error: unknown): number | undefined => {
    const wanted = SwarmError.isInstance(error) ? error.context['retryAfterMs'] : undefined
    return typeof wanted === 'number' ? wanted : undefined
  },
  maximumRetryAfterMs: 60_000,
}

/**
 * Tries again what failed and may be tried again. Gives up with the last error as it was, but where the outcome of one
 * attempt is unknown, with that attempt's: what came after it does not undo it. Throws `INVALID_OPTION`.
 */
export function createRetry(options: RetryOptions): Policy {
  return new RetryPolicy(options)
}

type ResolvedOptions = RetryOptions & typeof defaults & { readonly backoff: Backoff }

class RetryPolicy extends NestablePolicy {
  readonly #options: ResolvedOptions

  constructor(options: RetryOptions) {
    super()
    const resolved = { ...defaults, ...options, backoff: options.backoff ?? createBackoff() }
    assertWhole('a retry', 'maximumAttempts', resolved.maximumAttempts, 1, 100)
    assertInRange('a retry', 'maximumRetryAfterMs', resolved.maximumRetryAfterMs, 0, 86_400_000)
    this.#options = resolved
  }

  run<Result>(fn: ScopedFunction<Result>, scope: CallScope): Result | PromiseLike<Result> {
    try {
      const result = fn(scope)
      const promise = promiseOf(result)
      if (promise === undefined) return result
      return promise.then(undefined, (error: unknown) => this.#retry(fn, scope, error))
    } catch (error) {
      return this.#retry(fn, scope, error)
    }
  }

  async #retry<Result>(fn: ScopedFunction<Result>, scope: CallScope, firstError: unknown): Promise<Result> {
    const { clock, onEvent } = this.#options
    let unknownOutcome: SwarmError | undefined
    let error = firstError
    for (let attempts = 1; ; attempts += 1) {
      if (isUnknownOutcome(error)) unknownOutcome ??= error
      const waitMs = this.#waitMs(attempts, error, scope)
      if (waitMs === undefined) {
        tell(onEvent, { type: 'gave-up', attempts, error })
        throw unknownOutcome ?? error
      }
      tell(onEvent, { type: 'retrying', attempts, waitMs, error })
      try {
        await delay(clock, waitMs, scope)
      } catch (aborted) {
        throw unknownOutcome ?? aborted
      }
      try {
        return await fn(scope)
      } catch (nextError) {
        error = nextError
      }
    }
  }

  /** Undefined: not again. */
  #waitMs(attempts: number, error: unknown, scope: CallScope): number | undefined {
    const { maximumAttempts, maximumRetryAfterMs, isRetryable, retryAfterMs, backoff, random } = this.#options
    if (attempts >= maximumAttempts || scope.isAborted || !isRetryable(error)) return undefined
    const wantedMs = retryAfterMs(error) ?? 0
    if (wantedMs > maximumRetryAfterMs) return undefined
    const backoffMs = backoff.delayMs(attempts, random)
    return wantedMs > backoffMs ? Math.ceil(wantedMs) : backoffMs
  }
}

/** A timer of its own, as no two waits are alike. */
function delay(clock: ClockAndTimers, waitMs: number, scope: CallScope): Promise<void> {
  const signal = scope.listenable
  return new Promise((resolve, reject) => {
    if (signal?.aborted) return reject(abortedError(signal))
    const onAbort = (): void => {
      cancel()
      signal?.removeEventListener('abort', onAbort)
      if (signal !== undefined) reject(abortedError(signal))
    }
    const cancel = clock.at(clock.now() + waitMs, () => {
      signal?.removeEventListener('abort', onAbort)
      resolve()
    })
    signal?.addEventListener('abort', onAbort)
  })
}
