import type { LanguageModelV4, LanguageModelV4CallOptions, LanguageModelV4GenerateResult } from '@ai-sdk/provider'
import { assertKnownOptions, SwarmError } from '@tradeswarm/core'
import { modelFault } from './model-error.js'

/** One model of a route. */
export type RouteStep = {
  readonly model: LanguageModelV4
  /** False for a model that is known to be down: it is asked last. */
  readonly isHealthy?: () => boolean
}

/** How a route is taken. */
export type RouteOptions = {
  /** Whether an answer will do; where not, the next model is asked. For whole answers only: a stream that has begun is never given up. */
  readonly isConfident?: (result: LanguageModelV4GenerateResult, options: LanguageModelV4CallOptions) => boolean
  /** Told when another model is asked, and why. */
  readonly onStep?: (step: {
    readonly from: string
    readonly to: string
    readonly why: 'failed' | 'not-confident'
  }) => void
}

/**
 * One model of several: the first that answers, and with `isConfident` the first whose answer will do; the last one's answer counts
 * whatever it is. Put the cheap ones first. No other is asked after the provider rejected the call itself or its key (400, 401, 403 and
 * their like), after a failure of our own, such as a budget, or after the first word of a stream.
 * Throws `INVALID_OPTION`.
 */
export function routeModels(steps: readonly RouteStep[], options: RouteOptions = {}): LanguageModelV4 {
  assertKnownOptions('routeModels', options, ['isConfident', 'onStep'])
  const [first] = steps
  if (first === undefined)
    throw new SwarmError({ code: 'INVALID_OPTION', message: 'routeModels: give at least one model' })

  function inOrder(): readonly LanguageModelV4[] {
    const healthy = steps.filter(({ isHealthy }) => isHealthy?.() ?? true)
    const others = steps.filter((step) => !healthy.includes(step))
    return [...healthy, ...others].map(({ model }) => model)
  }

  /** `settle` says whether an answer is the last word. */
  async function take<T>(ask: (model: LanguageModelV4) => PromiseLike<T>, settle: (answer: T) => boolean): Promise<T> {
    const models = inOrder()
    let best: { readonly answer: T } | undefined
    let failure: unknown
    for (const [index, model] of models.entries()) {
      const to = models[index + 1]
      let why: 'failed' | 'not-confident'
      try {
        const answer = await ask(model)
        if (to === undefined || settle(answer)) return answer
        best = { answer }
        why = 'not-confident'
      } catch (error) {
        if (best === undefined && !isElsewhereBetter(error)) throw error
        failure = error
        why = 'failed'
      }
      if (to !== undefined) options.onStep?.({ from: nameOf(model), to: nameOf(to), why })
    }
    // A doubtful answer is better than none.
    if (best !== undefined) return best.answer
    throw failure
  }

  return {
    specificationVersion: 'v4',
    provider: first.model.provider,
    modelId: first.model.modelId,
    get supportedUrls() {
      return first.model.supportedUrls
    },
    doGenerate: (params) =>
      take(
        (model) => model.doGenerate(params),
        (result) => options.isConfident?.(result, params) ?? true,
      ),
    doStream: (params) =>
      take(
        (model) => model.doStream(params),
        () => true,
      ),
  }
}

/** A circuit that is open and a full queue are the provider's affair, though they are told by us. */
function isElsewhereBetter(error: unknown): boolean {
  if (SwarmError.isInstance(error)) return ['CIRCUIT_OPEN', 'RATE_LIMITED', 'TIMED_OUT'].includes(error.code)
  return modelFault(error) === 'unavailable'
}

function nameOf({ provider, modelId }: LanguageModelV4): string {
  return `${provider}:${modelId}`
}
