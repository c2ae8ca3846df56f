import { createSystemClock, type Storage, type StorageDefinition } from '@tradeswarm/core'
import { createSqliteStorage } from '@tradeswarm/storage-sqlite'
import { kindOf } from '../runs/find-run.js'
import { type LastInputs, readLastInputs } from './catch-up.js'

/** The storage of a run that is made or gone on with. */
export function liveStorage(database: string): StorageDefinition {
  return createSqliteStorage(database)
}

/** A run as it is on disk, to be read. */
export function openStored(database: string): Promise<Storage> {
  return createSqliteStorage(database, { readOnly: true, mustExist: true }).open({ clock: createSystemClock() })
}

/** How far its agents have been told; nothing for a run that is to be made. */
export async function lastInputsOf(database: string): Promise<LastInputs> {
  if ((await kindOf(database)) !== 'file') return { bars: new Map(), postAt: undefined }
  // As its writer: what was killed while it made the file left one that cannot be read yet.
  const storage = await liveStorage(database).open({ clock: createSystemClock() })
  try {
    return await readLastInputs(storage)
  } finally {
    await storage.close()
  }
}
