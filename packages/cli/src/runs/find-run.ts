import { mkdir, readdir, stat } from 'node:fs/promises'
import { join, resolve } from 'node:path'
import { messageOf, type SwarmError } from '@tradeswarm/core'
import { usageError } from '../usage-error.js'

const runsFolder = 'runs'
/** The file in a run's folder that holds all of the run. */
export const databaseName = 'run.db'

/** Makes a folder for a new run, named after the time: `runs/20260102-030405`, or `…-2` when somebody else has just taken that. */
export async function makeRunFolder(workingDirectory: string, time: number): Promise<string> {
  const stamp = new Date(time).toISOString().slice(0, 19).replaceAll(/[-:]/g, '').replace('T', '-')
  await makeFolder(join(workingDirectory, runsFolder))
  for (let count = 1; count <= 100; count += 1) {
    const folder = join(workingDirectory, runsFolder, count === 1 ? stamp : `${stamp}-${count}`)
    try {
      await mkdir(folder)
      return folder
    } catch (error) {
      if (!(error instanceof Error && 'code' in error && error.code === 'EEXIST')) throw cannotMake(folder, error)
    }
  }
  throw usageError(`${runsFolder}/${stamp}: a hundred runs have begun in this second; name a folder with --out`)
}

/** Makes a folder with those above it. Throws wrong usage that names it. */
export async function makeFolder(folder: string): Promise<void> {
  try {
    await mkdir(folder, { recursive: true })
  } catch (error) {
    throw cannotMake(folder, error)
  }
}

function cannotMake(folder: string, error: unknown): SwarmError {
  return usageError(`${folder}: the folder cannot be made (${messageOf(error)}); name another with --out`)
}

/** The database of a run given as a file or as a folder. Throws wrong usage when there is none. */
export async function databaseOf(workingDirectory: string, run: string): Promise<string> {
  const path = resolve(workingDirectory, run)
  const kind = await kindOf(path)
  if (kind === 'file') return path
  if (kind === 'folder' && (await kindOf(join(path, databaseName))) === 'file') return join(path, databaseName)
  if (kind === 'folder') throw usageError(`${run}: there is no ${databaseName} in this folder`)
  const hint = /^order-\d/.test(run)
    ? `; an order is no run: name the folder of a run, or see tradeswarm explain ${run}`
    : ''
  throw usageError(`${run}: there is no such run${hint}`)
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

/** What lies at a path; what cannot be looked at counts as nothing. */
export async function kindOf(path: string): Promise<'file' | 'folder' | 'nothing'> {
  const found = await stat(path).catch(() => undefined)
  if (found === undefined) return 'nothing'
  return found.isDirectory() ? 'folder' : 'file'
}
