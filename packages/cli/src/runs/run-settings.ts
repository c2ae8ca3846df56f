import { rm } from 'node:fs/promises'
import { dirname } from 'node:path'
import { createSystemClock, type Storage, type StorageDefinition, SwarmError } from '@tradeswarm/core'
import { createSqliteStorage } from '@tradeswarm/storage-sqlite'
import { z } from 'zod'
import { usageError } from '../usage-error.js'
import { kindOf } from './find-run.js'

const runSettings = z.object({
  /** Absolute path of a module with the swarm's definition; absent for the five agents as they are. */
  config: z.string().exactOptional(),
  /** Absolute path of the tape; absent for the bundled one. */
  tape: z.string().exactOptional(),
  from: z.string().exactOptional(),
  to: z.string().exactOptional(),
  cash: z.string(),
  seed: z.number(),
  lenient: z.boolean(),
})

/** What a run was started with, kept beside its journal so that it can be resumed without saying it again. */
export type RunSettings = z.output<typeof runSettings>

const settingsKey = 'command-line/settings'
/** Under it a run at a broker says at which. */
export const brokerKey = 'command-line/broker'

/** Under it a run at a broker says on what kind of account. */
export const modeKey = 'command-line/mode'

/** What goes on with the run at a broker in a database, so that it is closed at its end; undefined for a run through a tape alone. */
export async function liveCommandOf(storage: Storage, database: string): Promise<string | undefined> {
  const broker = (await storage.keyValue.get(brokerKey))?.value
  if (broker === undefined) return undefined
  const out = `--out ${dirname(database)}`
  const mode = (await storage.keyValue.get(modeKey))?.value
  const how = { double: `--fake ${out}`, live: `--mode live --allow-live ${out}`, paper: out }[mode ?? 'paper'] ?? out
  const condition = mode === 'double' ? ', as long as its double is alive' : ', with its --symbols or its definition'
  return `tradeswarm run --broker ${broker} ${how} goes on with it${condition}`
}

/** Throws wrong usage for a run at a broker: it took in what a venue said at its own time, so it can be done only once. */
export async function refuseLiveRun(storage: Storage, run: string, act: 'resumed' | 'replayed'): Promise<void> {
  const broker = (await storage.keyValue.get(brokerKey))?.value
  if (broker === undefined) return
  const hint = act === 'resumed' ? `: ${await liveCommandOf(storage, run)}` : ''
  throw usageError(
    `${run}: a run at ${broker} cannot be ${act}, since it took in what the venue said at its own time${hint}`,
  )
}

/** The settings of the run in a database. Throws wrong usage when there is none. */
export async function readRunSettings(database: string): Promise<RunSettings> {
  if ((await kindOf(database)) !== 'file') throw usageError(`${database}: there is no run to resume`)
  const storage = await createSqliteStorage(database, { readOnly: true, mustExist: true }).open({
    clock: createSystemClock(),
  })
  try {
    await refuseLiveRun(storage, database, 'resumed')
    const entry = await storage.keyValue.get(settingsKey)
    if (entry === undefined)
      throw new SwarmError({ code: 'RUN_UNREADABLE', message: `${database}: it does not say what it was started with` })
    return runSettings.parse(JSON.parse(entry.value))
  } finally {
    await storage.close()
  }
}

/** The database of a run as a storage that keeps the settings in it. An old run is removed only if that was asked for, and only if nobody writes it. */
export async function runStorage(
  database: string,
  settings: RunSettings,
  { resume, overwrite }: { readonly resume: boolean; readonly overwrite: boolean },
): Promise<StorageDefinition> {
  if (overwrite) await removeRun(database)
  const definition = createSqliteStorage(database, resume ? { mustExist: true } : { mustNotExist: true })
  return {
    name: definition.name,
    async open(context): Promise<Storage> {
      const storage = await definition.open(context)
      if (!resume) await storage.commit({ keyValue: [{ key: settingsKey, value: JSON.stringify(settings) }] })
      return storage
    },
  }
}

/** Opening it as its writer shows that it is a run of ours and that no other process is at work on it. */
async function removeRun(database: string): Promise<void> {
  if ((await kindOf(database)) !== 'file') return
  const old = await createSqliteStorage(database, { mustExist: true }).open({ clock: createSystemClock() })
  await old.close()
  for (const suffix of ['', '-wal', '-shm']) await rm(`${database}${suffix}`, { force: true })
}
