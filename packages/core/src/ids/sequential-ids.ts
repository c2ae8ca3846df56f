import type { Ids } from './ids.js'

/** Ids that count up per prefix, `fill-1`, `fill-2`: the same in every run that asks in the same order. */
export function createSequentialIds(): Ids {
  const counts = new Map<string, number>()
  return {
    next(prefix) {
      const count = (counts.get(prefix) ?? 0) + 1
      counts.set(prefix, count)
      return `${prefix}-${count}`
    },
  }
}
