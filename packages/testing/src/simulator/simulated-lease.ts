import { type KeyValueEntry, SwarmError } from '@tradeswarm/core'
import type { LeaseStore } from '@tradeswarm/trading'

/** What the store of the lease does at present: `deaf` writes, and its answer is lost. */
export type LeaseConditions = { fault: 'none' | 'failing' | 'deaf' | 'slow' }

/** The one key that says who may send, whatever anybody was told. */
export type LeasePlace = {
  /** The store as one instance reaches it; one that is cut off gets no answer. */
  connect(owner: { readonly isCutOff: () => boolean }): LeaseStore
  /** Who holds the account by the store's own word. */
  holder(): string | undefined
}

const slowMs = 800
const giveUpMs = 1_500

/** An empty place. */
export function createLeasePlace(conditions: LeaseConditions, wait: (ms: number) => Promise<void>): LeasePlace {
  let entry: KeyValueEntry | undefined
  const reached = async (isCutOff: () => boolean): Promise<void> => {
    if (isCutOff()) {
      await wait(giveUpMs)
      throw lost('the store does not answer')
    }
    if (conditions.fault === 'slow') await wait(slowMs)
    if (conditions.fault === 'failing') throw lost('the store does not answer')
  }
  return {
    holder: () => (entry === undefined ? undefined : (JSON.parse(entry.value) as { readonly owner: string }).owner),
    connect: ({ isCutOff }) => ({
      async get() {
        await reached(isCutOff)
        return entry
      },
      async save(key, value, ifRevision) {
        await reached(isCutOff)
        const revision = entry?.revision ?? 0
        if (revision !== ifRevision)
          throw new SwarmError({ code: 'REVISION_CONFLICT', message: `${key} is at revision ${revision}` })
        entry = { key, value, revision: revision + 1 }
        if (conditions.fault === 'deaf') throw lost('the answer of the store was lost')
      },
    }),
  }
}

function lost(message: string): SwarmError {
  return new SwarmError({ code: 'STORAGE_IO', message, retryability: 'retryable' })
}
