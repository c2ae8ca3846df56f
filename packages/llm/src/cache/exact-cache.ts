import type {
  LanguageModelV4GenerateResult,
  LanguageModelV4Middleware,
  LanguageModelV4StreamPart,
} from '@ai-sdk/provider'
import type { Ids } from '@tradeswarm/core'
import { untilAborted } from '../single-flight/shared-call.js'
import { replayStream } from '../single-flight/shared-stream.js'
import { createSingleFlight } from '../single-flight/single-flight.js'
import { createAnswerCache } from './answer-cache.js'
import { createAskModel, type FoundAnswer, type FoundStream } from './ask-model.js'
import { type CacheCounter, type CacheStatistics, createCacheCounter } from './cache-statistics.js'
import { createFindPlace } from './call-place.js'
import { type ExactCacheOptions, type ResolvedCacheOptions, resolveCacheOptions } from './exact-cache-options.js'
import { replayedResult, streamReplayer } from './stored-answer.js'

/** A cache for answers of language models, with its figures. */
export type ExactCache = {
  /** For `wrapLanguageModel({ model, middleware: cache.middleware })`; one cache may serve many models. */
  readonly middleware: LanguageModelV4Middleware
  statistics(): CacheStatistics
}

/**
 * Gives the answer to a call that was made before, and lets equal calls that are under way share one. Equal is what the provider could
 * not tell apart (`cache-key.ts`); nothing is ever guessed to be alike. What is never stored: `why-not-stored.ts`.
 * Throws `INVALID_OPTION` and `INVALID_DURATION`.
 */
export function createExactCache(options: ExactCacheOptions = {}): ExactCache {
  const resolved = resolveCacheOptions(options)
  const counter = createCacheCounter()
  return { middleware: middlewareOf(resolved, counter), statistics: counter.statistics }
}

function middlewareOf(options: ResolvedCacheOptions, counter: CacheCounter): LanguageModelV4Middleware {
  const cache = createAnswerCache(options, counter)
  const ask = createAskModel(options, cache, counter)
  const flights = createSingleFlight(options.maximumShared)
  const findPlace = createFindPlace(options)
  const replay = createReplay(counter, options.ids)

  return {
    specificationVersion: 'v4',

    async wrapGenerate({ model, params }) {
      counter.count('calls')
      params.abortSignal?.throwIfAborted()
      const place = findPlace('generate', model, params)
      if (typeof place === 'string') {
        counter.passed(place)
        return model.doGenerate(params)
      }
      const known = cache.inMemory(place.key, 'generate')
      if (known?.result !== undefined) return replay.answer(known.result, 'memory')
      const underWay = options.singleFlight ? flights.find<FoundAnswer>(place.key) : undefined
      const call =
        underWay ??
        flights.start(
          place.key,
          (abortSignal) => ask.generate(place, model, { ...params, abortSignal }),
          async () => {},
        )
      const leave = call.join()
      try {
        const { result, from } = await untilAborted(call.value, params.abortSignal)
        if (from === 'store') return replay.answer(result, 'store')
        return underWay === undefined ? result : replay.answer(result, 'shared')
      } finally {
        leave()
      }
    },

    async wrapStream({ model, params }) {
      counter.count('calls')
      params.abortSignal?.throwIfAborted()
      const place = findPlace('stream', model, params)
      if (typeof place === 'string') {
        counter.passed(place)
        return model.doStream(params)
      }
      const known = cache.inMemory(place.key, 'stream')
      if (known?.parts !== undefined)
        return {
          stream: replay.stream(
            replayStream(known.parts).read(() => undefined, params.abortSignal),
            'memory',
          ),
        }
      const underWay = options.singleFlight ? flights.find<FoundStream>(place.key) : undefined
      const call =
        underWay ??
        flights.start(
          place.key,
          (abortSignal) => ask.stream(place, model, { ...params, abortSignal }),
          (found) => ask.keepStream(found, place, params),
        )
      const leave = call.join()
      try {
        const { stream, from, about } = await untilAborted(call.value, params.abortSignal)
        // Who has read all has not left: an answer that has ended needs no abort, and it is known until it is stored.
        const own = stream.read(leave, params.abortSignal)
        if (from === 'store') return { stream: replay.stream(own, 'store') }
        return underWay === undefined ? { ...about, stream: own } : { stream: replay.stream(own, 'shared') }
      } catch (error) {
        leave()
        throw error
      }
    },
  }
}

type ReplayedFrom = 'memory' | 'store' | 'shared'

/** Answers that are given again, counted. */
function createReplay(counter: CacheCounter, ids: Ids) {
  return {
    answer(result: LanguageModelV4GenerateResult, from: ReplayedFrom): LanguageModelV4GenerateResult {
      counter.count(from)
      counter.saved(result.usage)
      return replayedResult(result, from === 'shared' ? 'shared-call' : 'cache', ids)
    },
    stream(parts: ReadableStream<LanguageModelV4StreamPart>, from: ReplayedFrom) {
      counter.count(from)
      const fresh = streamReplayer(from === 'shared' ? 'shared-call' : 'cache', ids)
      return parts.pipeThrough(
        new TransformStream<LanguageModelV4StreamPart, LanguageModelV4StreamPart>({
          transform(part, controller) {
            if (part.type === 'finish') counter.saved(part.usage)
            controller.enqueue(fresh(part))
          },
        }),
      )
    },
  }
}
