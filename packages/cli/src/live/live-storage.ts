import { createSystemClock, type Storage, type StorageDefinition } from '@tradeswarm/core'
import { createSqliteStorage } from '@tradeswarm/storage-sqlite'
import { kindOf } from '../runs/find-run.js'
import { brokerKey } from '../runs/run-settings.js'
import { type LastInputs, readLastInputs } from './catch-up.js'

/** The storage of a run at a broker that is made or gone on with. */
export function liveStorage(database: string, broker: string): StorageDefinition {
  const definition = createSqliteStorage(database)
  return {
    name: definition.name,
    async open(context): Promise<Storage> {
      const storage = await definition.open(context)
      await storage.commit({ keyValue: [{ key: brokerKey, value: broker }] })
      return storage
    },
  }
}

/** A run as it is on disk, to be read. */
export function openStored(database: string): Promise<Storage> {
  return createSqliteStorage(database, { readOnly: true, mustExist: true }).open({ clock: createSystemClock() })
}

/** How far its agents have been told; nothing for a run that is to be made. */
export async function lastInputsOf(database: string, broker: string): Promise<LastInputs> {
  if ((await kindOf(database)) !== 'file') return { bars: new Map(), postAt: undefined }
  // As its writer: what was killed while it made the file left one that cannot be read yet.
  const storage = await liveStorage(database, broker).open({ clock: createSystemClock() })
  try {
    return await readLastInputs(storage)
  } finally {
    await storage.close()
  }
}
