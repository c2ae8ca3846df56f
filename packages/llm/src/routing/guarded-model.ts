import type { LanguageModelV4 } from '@ai-sdk/provider'
import {
  type CircuitBreakerPolicy,
  type ClockAndTimers,
  combine,
  createCircuitBreaker,
  createRateLimiter,
  createRetry,
  createTimeout,
  createTimerDeadlines,
  type Policy,
  type Random,
  type RateLimiterPolicy,
} from '@tradeswarm/core'
import { modelFault, retryAfterMs } from './model-error.js'
import { openStream } from './open-stream.js'

/** What guards the calls of a provider. Models of one provider share breaker and limiter. */
export type ProviderGuards = { readonly breaker: CircuitBreakerPolicy; readonly limiter: RateLimiterPolicy | undefined }

/** How calls are guarded. */
export type GuardOptions = {
  readonly clock: ClockAndTimers
  readonly random: Random
  /** Attempts in all, the first included; default 3. Turn the AI SDK's own retries off with `maxRetries: 0`, or they multiply. */
  readonly maximumAttempts?: number
  /** One attempt gives up after this long; a stream, if it has not begun. Default 120,000. */
  readonly timeoutMs?: number
  /** So many calls a minute for each provider; default: any number. */
  readonly callsPerMinute?: number
}

/** Guards for providers by name, made when first asked for. */
export function createGuards({ clock, callsPerMinute }: GuardOptions): (provider: string) => ProviderGuards {
  const known = new Map<string, ProviderGuards>()
  return (provider) => {
    let guards = known.get(provider)
    if (guards === undefined) {
      const limits = {
        clock,
        calls: callsPerMinute ?? 1,
        perMs: 60_000,
        maximumWaiting: 10_000,
        maximumWaitMs: 120_000,
      }
      guards = {
        breaker: createCircuitBreaker({ clock, isFailure: (error) => modelFault(error) === 'unavailable' }),
        limiter: callsPerMinute === undefined ? undefined : createRateLimiter(limits),
      }
      known.set(provider, guards)
    }
    return guards
  }
}

/** A model whose calls are tried again, timed and counted. What a provider rejects is not tried again, nor is a stream that has begun. */
export function guardedModel(model: LanguageModelV4, guards: ProviderGuards, options: GuardOptions): LanguageModelV4 {
  const { clock, random, maximumAttempts = 3, timeoutMs = 120_000 } = options
  const policies: Policy[] = [
    createRetry({
      clock,
      random,
      maximumAttempts,
      isRetryable: (error) => modelFault(error) === 'unavailable',
      retryAfterMs: (error) => retryAfterMs(error, clock.now()),
    }),
    guards.breaker,
    ...(guards.limiter === undefined ? [] : [guards.limiter]),
    createTimeout({ clock, timeoutMs, deadlines: createTimerDeadlines(clock) }),
  ]
  const policy = combine(...policies)
  return {
    specificationVersion: 'v4',
    provider: model.provider,
    modelId: model.modelId,
    get supportedUrls() {
      return model.supportedUrls
    },
    doGenerate: (params) =>
      policy.execute(({ signal }) => model.doGenerate({ ...params, abortSignal: signal }), params.abortSignal),
    doStream: (params) =>
      policy.execute(async ({ signal }) => {
        const attempt = new AbortController()
        const giveUp = (): void => attempt.abort(signal.reason)
        signal.addEventListener('abort', giveUp, { once: true })
        const { abortSignal: caller } = params
        const abortSignal = caller === undefined ? attempt.signal : AbortSignal.any([caller, attempt.signal])
        try {
          return await openStream(await model.doStream({ ...params, abortSignal }))
        } finally {
          // What has begun is the caller's to end, and no longer the policy's.
          signal.removeEventListener('abort', giveUp)
        }
      }, params.abortSignal),
  }
}
