import { createSequentialIds, type Ids, type StorageDefinition } from '@tradeswarm/core'

/** Ids that count up over all lives of a swarm, and beside those that a storage which was used before holds already. */
export type ContinuedIds = Ids & {
  /** To be opened in place of the storage itself. */
  continueFrom(storage: StorageDefinition): StorageDefinition
}

export function createContinuedIds(): ContinuedIds {
  const counts = createSequentialIds()
  /** Nothing in a new storage, else the last entry that was there. */
  let infix: string | undefined
  return {
    next: (prefix) => counts.next(`${prefix}${infix ?? ''}`),
    continueFrom: ({ name, open }) => ({
      name,
      async open(options) {
        const storage = await open(options)
        const { sequence } = await storage.journal.head()
        infix ??= sequence === 0 ? '' : `-after-${sequence}`
        return storage
      },
    }),
  }
}
