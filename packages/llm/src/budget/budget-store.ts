import { type Storage, SwarmError } from '@tradeswarm/core'

/** Where a budget's book lies between two lives of a process. It belongs to one process at a time. */
export type BudgetStore = {
  read(): Promise<string | undefined>
  /** Durable when it settles. Rejects where another process has written meanwhile. */
  write(text: string): Promise<void>
}

/** A budget's book as one document of a storage, under `key`. */
export function budgetStoreOf(storage: Storage, key = 'llm-budget'): BudgetStore {
  let revision = 0
  const unsure = new Set<string>()

  const put = (value: string): Promise<void> => storage.commit({ keyValue: [{ key, value, ifRevision: revision }] })

  /** A write that was told to have failed may be there all the same: then it is ours, and not another process's. */
  async function isOwnWrite(): Promise<boolean> {
    const entry = await storage.keyValue.get(key)
    if (entry === undefined || !unsure.has(entry.value)) return false
    revision = entry.revision
    return true
  }

  return {
    async read() {
      const entry = await storage.keyValue.get(key)
      revision = entry?.revision ?? 0
      return entry?.value
    },
    async write(value) {
      try {
        await put(value)
      } catch (error) {
        if (!SwarmError.isInstance(error, 'REVISION_CONFLICT') || !(await isOwnWrite())) {
          unsure.add(value)
          throw error
        }
        await put(value)
      }
      unsure.clear()
      revision += 1
    },
  }
}
