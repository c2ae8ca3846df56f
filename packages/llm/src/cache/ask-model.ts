import type {
  LanguageModelV4,
  LanguageModelV4CallOptions,
  LanguageModelV4GenerateResult,
  LanguageModelV4StreamPart,
  LanguageModelV4StreamResult,
} from '@ai-sdk/provider'
import { replayStream, type SharedStream, shareStream } from '../single-flight/shared-stream.js'
import type { AnswerCache } from './answer-cache.js'
import type { CacheCounter } from './cache-statistics.js'
import type { CallPlace } from './call-place.js'
import type { ResolvedCacheOptions } from './exact-cache-options.js'
import { answerVersion, keptParts, keptResult } from './stored-answer.js'
import { whyAnswerIsNotStored, whyStreamIsNotStored } from './why-not-stored.js'

/** A whole answer, from the store or from the provider. */
export type FoundAnswer = { readonly from: 'store' | 'provider'; readonly result: LanguageModelV4GenerateResult }

/** A stream, from the store or from the provider; `about` is what came with it. */
export type FoundStream = {
  readonly from: 'store' | 'provider'
  readonly stream: SharedStream<LanguageModelV4StreamPart>
  readonly about: Omit<LanguageModelV4StreamResult, 'stream'>
}

/** What is done once for all who ask the same: look in the store, ask the provider, store what may be stored. */
export type AskModel = {
  generate(place: CallPlace, model: LanguageModelV4, params: LanguageModelV4CallOptions): Promise<FoundAnswer>
  stream(place: CallPlace, model: LanguageModelV4, params: LanguageModelV4CallOptions): Promise<FoundStream>
  /** Waits for the stream's end, and stores it. */
  keepStream(found: FoundStream, place: CallPlace, params: LanguageModelV4CallOptions): Promise<void>
}

export function createAskModel(options: ResolvedCacheOptions, cache: AnswerCache, counter: CacheCounter): AskModel {
  function lifetime() {
    const storedAt = options.clock.now()
    return { version: answerVersion, storedAt, expiresAt: storedAt + options.lifetimeMs } as const
  }

  return {
    async generate({ key, isKept }, model, params) {
      const stored = await (isKept ? cache.inStore(key, 'generate') : undefined)
      if (stored?.result !== undefined) return { result: stored.result, from: 'store' }
      counter.count('misses')
      const result = await model.doGenerate(params)
      const fault = whyAnswerIsNotStored(result, params, options)
      if (fault !== undefined) counter.notStored(fault)
      else {
        const { usage } = result
        await cache.put(key, { ...lifetime(), mode: 'generate', usage, result: keptResult(result) }, isKept)
      }
      return { result, from: 'provider' }
    },

    async stream({ key, isKept }, model, params) {
      const stored = await (isKept ? cache.inStore(key, 'stream') : undefined)
      if (stored?.parts !== undefined) return { stream: replayStream(stored.parts), from: 'store', about: {} }
      counter.count('misses')
      const { stream, ...about } = await model.doStream(params)
      return { stream: shareStream(stream), from: 'provider', about }
    },

    async keepStream({ stream, from }, { key, isKept }, params) {
      if (from === 'store') return
      const parts = await stream.ended
      if (parts === undefined) return counter.notStored('error-part')
      const fault = whyStreamIsNotStored(parts, params, options)
      const finish = parts.findLast((part) => part.type === 'finish')
      if (fault !== undefined || finish === undefined) return counter.notStored(fault ?? 'unfinished')
      await cache.put(key, { ...lifetime(), mode: 'stream', usage: finish.usage, parts: keptParts(parts) }, isKept)
    },
  }
}
