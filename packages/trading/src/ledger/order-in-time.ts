import type { EpochMs } from '@tradeswarm/core'
import type { BookRecord, DatedSplit, SplitRecord } from './book-record.js'

/** Before every time: nothing was split. */
export const neverSplit: EpochMs = Number.NEGATIVE_INFINITY

/** Where an execution of an instant belongs: after all that was booked in units of its time, and before the split that ended them. */
export function placeAmongSplits(history: readonly BookRecord[], time: EpochMs): number {
  const next = history.findIndex((record) => record.type === 'split' && record.time !== undefined && record.time > time)
  return next < 0 ? history.length : next
}

/**
 * A history with a split in it from when it holds: what was traded before that counts in old units, whenever it was told, and what was traded
 * since in new ones already. `since` is what lies behind it. Told in time, what was booked at its very instant came before it.
 */
export function withSplit(
  history: readonly BookRecord[],
  split: SplitRecord & DatedSplit,
): { readonly history: BookRecord[]; readonly since: readonly BookRecord[] } {
  const end = placeAmongSplits(history, split.time)
  const start = history.slice(0, end).findLastIndex(({ type }) => type === 'split') + 1
  const section = history.slice(start, end)
  const isLate = section.some((record) => record.type !== 'split' && record.time > split.time)
  const isOfBefore = (record: BookRecord): boolean => record.type !== 'split' && (!isLate || record.time < split.time)
  const since = [...section.filter((record) => !isOfBefore(record)), ...history.slice(end)]
  return { history: [...history.slice(0, start), ...section.filter(isOfBefore), split, ...since], since }
}

/** The splits of a history that say from when they hold, in that order. */
export function datedSplits(history: readonly BookRecord[]): readonly (SplitRecord & DatedSplit)[] {
  return history.filter(
    (record): record is SplitRecord & DatedSplit => record.type === 'split' && record.time !== undefined,
  )
}

/** What of a history had happened just before an instant; a split of that very instant holds already. */
export function historyUntil(history: readonly BookRecord[], time: EpochMs): readonly BookRecord[] {
  return history.filter((record) =>
    record.type === 'split' ? record.time === undefined || record.time <= time : record.time < time,
  )
}
