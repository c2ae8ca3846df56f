import type { StorageDefinition } from '@tradeswarm/core'
import type { UnsettledCalls } from '../unsettled-calls.js'

/** A storage of the subject's, of which it is known what it has not answered yet. */
export function watchedStorage(place: StorageDefinition, calls: UnsettledCalls): StorageDefinition {
  return {
    name: place.name,
    async open(options) {
      const storage = await calls.watch("the storage's open", place.open(options))
      const { journal, keyValue, records, blobs } = storage
      return {
        journal,
        keyValue,
        records,
        blobs,
        commit: (batch) => calls.watch("the storage's commit", storage.commit(batch)),
        close: () => calls.watch("the storage's close", storage.close()),
      }
    },
  }
}
