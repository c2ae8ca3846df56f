import type { EpochMs, Storage } from '@tradeswarm/core'

/** Where answers outlive the process. Both may fail: then the call is made as if nothing had been stored. */
export type AnswerStore = {
  get(key: string): Promise<string | undefined>
  /** Puts or replaces; the text may be forgotten at `expiresAt`. */
  put(key: string, text: string, expiresAt: EpochMs): Promise<void>
}

/** Answers as documents of a storage, under a prefix of their own. */
export function answerStoreOf(storage: Storage, now: () => EpochMs, prefix = 'llm-answer/'): AnswerStore {
  return {
    get: async (key) => (await storage.keyValue.get(prefix + key))?.value,
    put: async (key, text, expiresAt) => {
      const ttlMs = Math.ceil(expiresAt - now())
      if (ttlMs > 0) await storage.commit({ keyValue: [{ key: prefix + key, value: text, ttlMs }] })
    },
  }
}
