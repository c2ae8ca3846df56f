import { createSystemClock, type Storage, type StorageDefinition } from '@tradeswarm/core'
import { createSqliteStorage } from '@tradeswarm/storage-sqlite'
import { assertIdle } from '../runs/assert-idle.js'
import { kindOf } from '../runs/find-run.js'
import { brokerKey, modeKey } from '../runs/run-settings.js'
import { usageError } from '../usage-error.js'
import { type LastInputs, readLastInputs } from './catch-up.js'

/** Where a run trades: books of one place are not gone on with at another. */
export type RunPlace = { readonly broker: string; readonly mode: 'double' | 'paper' | 'live' }

/** The storage of a run at a broker that is made or gone on with. */
export function liveStorage(database: string, { broker, mode }: RunPlace): StorageDefinition {
  const definition = createSqliteStorage(database)
  return {
    name: definition.name,
    async open(context): Promise<Storage> {
      const storage = await definition.open(context)
      await storage.commit({
        keyValue: [
          { key: brokerKey, value: broker },
          { key: modeKey, value: mode },
        ],
      })
      return storage
    },
  }
}

/** Throws wrong usage where a database holds another run than one of this place: its books are another account's. */
export async function assertBooksOf(database: string, { broker, mode }: RunPlace, shown: string): Promise<void> {
  if ((await kindOf(database)) !== 'file') return
  // The account is free: so it is a run of another one, or through a tape.
  await assertIdle(database, shown, 'name another --out for this account')
  const storage = await createSqliteStorage(database).open({ clock: createSystemClock() })
  try {
    const keptBroker = (await storage.keyValue.get(brokerKey))?.value
    const keptMode = (await storage.keyValue.get(modeKey))?.value ?? mode
    if (keptBroker === undefined && (await storage.journal.head()).sequence === 0) return
    if (keptBroker === broker && keptMode === mode) return
    const kept = keptBroker === undefined ? 'a backtest' : `a run at ${keptBroker} (${keptMode})`
    throw usageError(`--out: ${shown} has the books of ${kept}: name another folder`)
  } finally {
    await storage.close()
  }
}

/** A run as it is on disk, to be read. */
export function openStored(database: string): Promise<Storage> {
  return createSqliteStorage(database, { readOnly: true, mustExist: true }).open({ clock: createSystemClock() })
}

/** How far its agents have been told; nothing for a run that is to be made. */
export async function lastInputsOf(database: string, place: RunPlace): Promise<LastInputs> {
  if ((await kindOf(database)) !== 'file') return { bars: new Map(), postAt: undefined, tally: new Map() }
  // As its writer: what was killed while it made the file left one that cannot be read yet.
  const storage = await liveStorage(database, place).open({ clock: createSystemClock() })
  try {
    return await readLastInputs(storage)
  } finally {
    await storage.close()
  }
}
