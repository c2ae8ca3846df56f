import type { LanguageModelV4Usage } from '@ai-sdk/provider'
import type { NotStoredReason } from './why-not-stored.js'

/** What a cache has done so far. Tokens are those that the provider reported for the answers that were given again. */
export type CacheStatistics = {
  readonly calls: number
  readonly hits: { readonly memory: number; readonly store: number }
  /** Calls that went to the provider. */
  readonly misses: number
  /** Calls that joined one that was under way. */
  readonly shared: number
  /** Answers found, and not given since their time was over. */
  readonly stale: number
  /** Answers found, and not given since they were damaged or of another version. */
  readonly damaged: number
  readonly stored: number
  readonly notStored: Readonly<Partial<Record<NotStoredReason, number>>>
  readonly savedTokens: { readonly input: number; readonly output: number }
}

/** Counts for {@link CacheStatistics}. */
export type CacheCounter = ReturnType<typeof createCacheCounter>

export function createCacheCounter() {
  const counts = { calls: 0, memory: 0, store: 0, misses: 0, shared: 0, stale: 0, damaged: 0, stored: 0 }
  const notStored: Partial<Record<NotStoredReason, number>> = {}
  const saved = { input: 0, output: 0 }
  return {
    count(name: keyof typeof counts): void {
      counts[name] += 1
    },
    notStored(reason: NotStoredReason): void {
      notStored[reason] = (notStored[reason] ?? 0) + 1
    },
    /** A call that goes to the provider by itself. */
    passed(reason: NotStoredReason): void {
      counts.misses += 1
      notStored[reason] = (notStored[reason] ?? 0) + 1
    },
    saved({ inputTokens, outputTokens }: LanguageModelV4Usage): void {
      saved.input += inputTokens.total ?? 0
      saved.output += outputTokens.total ?? 0
    },
    statistics(): CacheStatistics {
      const { memory, store, ...rest } = counts
      return { ...rest, hits: { memory, store }, notStored: { ...notStored }, savedTokens: { ...saved } }
    },
  }
}
