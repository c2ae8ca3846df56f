import { createSystemClock, SwarmError } from '@tradeswarm/core'
import { createSqliteStorage } from '@tradeswarm/storage-sqlite'
import { atWork } from '../output/command-words.js'
import { kindOf } from './find-run.js'

/** Throws `STORAGE_LOCKED` where a run is at work on a database, here or in another process; `remedy` is what else may be done. What cannot be opened for another reason is nobody's work. */
export async function assertIdle(database: string, shown: string, remedy: string): Promise<void> {
  if ((await kindOf(database)) !== 'file') return
  try {
    const storage = await createSqliteStorage(database, { mustExist: true }).open({ clock: createSystemClock() })
    await storage.close()
  } catch (cause) {
    if (!SwarmError.isInstance(cause) || cause.code !== 'STORAGE_LOCKED') return
    const message = `${shown}: ${atWork}, or ${remedy}`
    throw new SwarmError({ code: cause.code, message, cause })
  }
}
