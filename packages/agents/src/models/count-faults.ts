import type { AnswerCounts } from './model-statistics.js'

/** Counts what was asked, taken and rejected. */
export function createAnswerCounter() {
  let asked = 0
  let accepted = 0
  const rejected: Record<string, number> = {}
  return {
    ask(by: number): void {
      asked += by
    },
    accept(by = 1): void {
      accepted += by
    },
    reject(fault: string): void {
      rejected[fault] = (rejected[fault] ?? 0) + 1
    },
    counts: (): AnswerCounts => ({ asked, accepted, rejected: { ...rejected } }),
  }
}

/** How often each word occurs, by the alphabet. */
export function tallyOf(words: readonly string[]): Record<string, number> {
  const counts: Record<string, number> = {}
  for (const word of [...words].sort()) counts[word] = (counts[word] ?? 0) + 1
  return counts
}
