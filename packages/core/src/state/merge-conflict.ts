const marker = Symbol.for('tradeswarm.merge-conflict')

/** The word of a custom merge that two values cannot be made one. */
export type MergeConflict = { readonly [marker]: true; readonly reason: string }

/** What a custom merge returns when it cannot decide: the document stays, and the other value is kept as a conflict with this reason. */
export function mergeConflict(reason: string): MergeConflict {
  return Object.freeze({ [marker]: true as const, reason })
}

export function isMergeConflict(value: unknown): value is MergeConflict {
  return typeof value === 'object' && value !== null && marker in value
}
