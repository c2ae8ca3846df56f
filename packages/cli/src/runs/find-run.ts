import { readdir, stat } from 'node:fs/promises'
import { join, resolve } from 'node:path'
import { usageError } from '../usage-error.js'

const runsFolder = 'runs'
export const databaseName = 'run.db'

/** A name for a new run's folder, from the time: `runs/20260102-030405`. */
export function newRunFolder(workingDirectory: string, time: number): string {
  const stamp = new Date(time).toISOString().slice(0, 19).replaceAll(/[-:]/g, '').replace('T', '-')
  return join(workingDirectory, runsFolder, stamp)
}

/** The database of a run given as a file or as a folder. Throws wrong usage when there is none. */
export async function databaseOf(workingDirectory: string, run: string): Promise<string> {
  const path = resolve(workingDirectory, run)
  const kind = await kindOf(path)
  if (kind === 'file') return path
  if (kind === 'folder' && (await kindOf(join(path, databaseName))) === 'file') return join(path, databaseName)
  throw usageError(
    kind === 'folder' ? `${run}: there is no ${databaseName} in this folder` : `${run}: there is no such run`,
  )
}

/** The folder of the latest run in `runs/`. Throws wrong usage when there is none. */
export async function latestRunFolder(workingDirectory: string): Promise<string> {
  const folder = join(workingDirectory, runsFolder)
  const names = await readdir(folder).catch(() => [])
  for (const name of [...names].sort().reverse()) {
    if ((await kindOf(join(folder, name, databaseName))) === 'file') return join(folder, name)
  }
  throw usageError(`there is no run in ${runsFolder}/: name one, or make one with tradeswarm run`)
}

export async function kindOf(path: string): Promise<'file' | 'folder' | 'nothing'> {
  const found = await stat(path).catch(() => undefined)
  if (found === undefined) return 'nothing'
  return found.isDirectory() ? 'folder' : 'file'
}
