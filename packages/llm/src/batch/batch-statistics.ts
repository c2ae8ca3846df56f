import type { LanguageModelV4Usage } from '@ai-sdk/provider'
import type { ReadItem } from './read-batch-answer.js'

/** Why an item was asked alone, or was not answered. */
export type ItemFault = Extract<ReadItem<never>, { fault: string }>['fault'] | 'call-refused'

/** What a batcher has done so far. */
export type BatchStatistics = {
  /** Items that were asked for. */
  readonly items: number
  /** Items whose answer was known from before. */
  readonly remembered: number
  /** Items that were like one that was under way. */
  readonly joined: number
  /** Calls of the model, those for one item among them. */
  readonly calls: number
  /** Items that were asked again, alone. */
  readonly askedAlone: number
  /** Items that had no valid answer in the end. */
  readonly failed: number
  readonly faults: Readonly<Partial<Record<ItemFault, number>>>
  /** Answers with an id that nobody gave out. */
  readonly unknownIds: number
  /** Tokens as the model told them. */
  readonly tokens: { readonly input: number; readonly output: number }
}

export function createBatchCounter() {
  const counts = { items: 0, remembered: 0, joined: 0, calls: 0, askedAlone: 0, failed: 0, unknownIds: 0 }
  const faults: Partial<Record<ItemFault, number>> = {}
  const tokens = { input: 0, output: 0 }
  return {
    count(name: keyof typeof counts, by = 1): void {
      counts[name] += by
    },
    fault(fault: ItemFault): void {
      faults[fault] = (faults[fault] ?? 0) + 1
    },
    billed({ inputTokens, outputTokens }: LanguageModelV4Usage): void {
      tokens.input += inputTokens.total ?? 0
      tokens.output += outputTokens.total ?? 0
    },
    statistics: (): BatchStatistics => ({ ...counts, faults: { ...faults }, tokens: { ...tokens } }),
  }
}
