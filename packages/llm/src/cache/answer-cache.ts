import type { EpochMs } from '@tradeswarm/core'
import { LRUCache } from 'lru-cache'
import { answerText, readAnswer } from './answer-text.js'
import type { CallMode } from './cache-key.js'
import type { CacheCounter } from './cache-statistics.js'
import type { ResolvedCacheOptions } from './exact-cache-options.js'
import type { StoredAnswer } from './stored-answer.js'

/** Answers in memory over those of a store. What it gives is in time, whole, and belongs to the caller. */
export type AnswerCache = {
  /** From memory alone, without waiting. */
  inMemory(key: string, mode: CallMode): StoredAnswer | undefined
  /** From the store, which may fail; then there is none. */
  inStore(key: string, mode: CallMode): Promise<StoredAnswer | undefined>
  /** In memory at once; settles when it is in the store too. `isKept` is false for an answer that must not leave the process. */
  put(key: string, answer: StoredAnswer, isKept: boolean): Promise<void>
}

/** Memory holds texts, so that no caller can change what another will be given. */
export function createAnswerCache(options: ResolvedCacheOptions, counter: CacheCounter): AnswerCache {
  const memory = new LRUCache<string, string>({
    maxSize: options.maximumCharacters,
    sizeCalculation: (text) => Math.max(1, text.length),
  })

  function usable(text: string | undefined, mode: CallMode): StoredAnswer | undefined {
    if (text === undefined) return undefined
    const answer = readAnswer(text)
    if (answer === undefined || answer.mode !== mode) counter.count('damaged')
    else if (isInTime(answer, options.clock.now())) return answer
    else counter.count('stale')
    return undefined
  }

  return {
    inMemory(key, mode) {
      const answer = usable(memory.get(key), mode)
      if (answer === undefined) memory.delete(key)
      return answer
    },
    async inStore(key, mode) {
      const { store } = options
      if (store === undefined) return undefined
      let text: string | undefined
      try {
        text = await store.get(key)
      } catch {
        counter.notStored('store-failed')
      }
      const answer = usable(text, mode)
      if (answer !== undefined && text !== undefined) memory.set(key, text)
      return answer
    },
    async put(key, answer, isKept) {
      const text = answerText(answer)
      memory.set(key, text)
      counter.count('stored')
      if (!isKept || options.store === undefined) return
      try {
        await options.store.put(key, text, answer.expiresAt)
      } catch {
        counter.notStored('store-failed')
      }
    },
  }
}

/** An answer from a clock that ran ahead counts as old: nobody knows its age. */
function isInTime(answer: StoredAnswer, now: EpochMs): boolean {
  return answer.storedAt <= now && now < answer.expiresAt
}
