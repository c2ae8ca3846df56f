import { createSystemClock, type Storage } from '@tradeswarm/core'
import { createSqliteStorage } from '@tradeswarm/storage-sqlite'
import { databaseOf, latestRunFolder } from './find-run.js'

/** Opens a run for reading; without a name the latest one. */
export async function openRun(
  workingDirectory: string,
  run: string | undefined,
): Promise<{ readonly storage: Storage; readonly path: string }> {
  const path = await databaseOf(workingDirectory, run ?? (await latestRunFolder(workingDirectory)))
  const storage = await createSqliteStorage(path, { readOnly: true, mustExist: true }).open({
    clock: createSystemClock(),
  })
  return { storage, path }
}
