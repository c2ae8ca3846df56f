/** Something a person did to a running swarm: an input like any other, so it is journalled before it takes effect. */
export type OperatorAct = { readonly act: string } & Readonly<Record<string, unknown>>

/** The kind of journal entry that holds an {@link OperatorAct}. */
export const operatorActKind = 'operator'

/**
 * The act of an entry that takes another one back: `of` is the id of an entry that was written after its act had been refused, because the
 * journal failed.
 */
export const operatorActLeftUndone = 'left-undone'
