import { mkdir, mkdtemp, readdir, rename, rm, rmdir, unlink, writeFile } from 'node:fs/promises'
import { basename, join } from 'node:path'
import { messageOf, SwarmError } from '@tradeswarm/core'

/** The folder within a folder of bars in which a fetch is at work. */
export const partsFolder = '.fetch'
/** What is written there before it takes a file's place. */
export const draftName = 'draft'
const lockName = 'lock'
const ownPrefix = `${lockName}-`
/** Each but the last met somebody who came and went meanwhile. */
const maximumTries = 100

/** Who locks, and how it is told whether others are still there. */
export type LockOwner = { readonly pid: number; isRunning(pid: number): boolean }

const thisProcess: LockOwner = { pid: process.pid, isRunning }

/**
 * Keeps a folder for one fetch at a time, and answers how to let go. Throws `FETCH_BUSY` where another process is at work on it.
 *
 * The lock is a folder with one file, whose name holds the owner's number and is nobody else's. It is made under another name and then
 * renamed, which fails where a folder with something in it is there: so it appears whole, and of several contenders to one. Who finds a
 * dead owner's file takes away that very file, never one that has come in its place.
 */
export async function lockFolder(folder: string, owner: LockOwner = thisProcess): Promise<() => Promise<void>> {
  const parts = join(folder, partsFolder)
  let own: string | undefined
  let cause: unknown
  for (let tries = 0; tries < maximumTries; tries += 1) {
    try {
      own ??= await makeOwn(parts, owner)
      await rename(own, join(parts, lockName))
      return letGo(parts, basename(own).slice(ownPrefix.length), owner)
    } catch (thrown) {
      if (!isOneOf(thrown, ['ENOTEMPTY', 'EEXIST', 'EPERM', 'ENOENT'])) throw thrown
      // The folder went with its last owner.
      if (isOneOf(thrown, ['ENOENT'])) own = undefined
      cause = thrown
    }
    const holder = await runningHolder(parts, owner)
    if (holder === undefined) continue
    if (own !== undefined) await rm(own, { recursive: true, force: true })
    await removeEmpty(parts)
    throw busy(`${folder}: process ${holder} fetches into it; wait until it has ended`)
  }
  if (own !== undefined) await rm(own, { recursive: true, force: true })
  throw busy(`${folder}: it could not be locked: ${messageOf(cause)}; look whether it may be written to`, cause)
}

/** A lock that is complete, under a name of its own. */
async function makeOwn(parts: string, { pid }: LockOwner): Promise<string> {
  await mkdir(parts, { recursive: true })
  const own = await mkdtemp(join(parts, `${ownPrefix}${pid}-`))
  await writeFile(join(own, basename(own).slice(ownPrefix.length)), '')
  return own
}

/** The owner of the lock, where it runs. The lock of one that has died is taken away. */
async function runningHolder(parts: string, owner: LockOwner): Promise<number | undefined> {
  const lock = join(parts, lockName)
  let names: readonly string[]
  try {
    names = await readdir(lock)
  } catch (thrown) {
    return unlessGone(thrown)
  }
  const holder = names.map(pidOf).find((pid) => owner.isRunning(pid))
  if (holder !== undefined) return holder
  for (const name of names) await unlink(join(lock, name)).catch(unlessGone)
  await removeEmpty(lock)
  return undefined
}

/** Parts that are yet to be put into a table stay; a draft is of no use to anybody, nor is what contenders left that were killed. */
function letGo(parts: string, token: string, owner: LockOwner): () => Promise<void> {
  return async () => {
    await rm(join(parts, draftName), { force: true })
    for (const name of await readdir(parts).catch(() => []))
      if (name.startsWith(ownPrefix) && !owner.isRunning(pidOf(name.slice(ownPrefix.length))))
        await rm(join(parts, name), { recursive: true, force: true })
    // The last thing but to clear up: from here on it may be another's.
    await unlink(join(parts, lockName, token)).catch(unlessGone)
    await removeEmpty(join(parts, lockName))
    await removeEmpty(parts)
  }
}

function pidOf(token: string): number {
  return Number.parseInt(token, 10)
}

async function removeEmpty(path: string): Promise<void> {
  await rmdir(path).catch(() => undefined)
}

/** What another has taken away meanwhile need not be. */
function unlessGone(thrown: unknown): undefined {
  if (isOneOf(thrown, ['ENOENT'])) return undefined
  throw thrown
}

function isOneOf(thrown: unknown, codes: readonly string[]): boolean {
  return thrown instanceof Error && 'code' in thrown && codes.includes(String(thrown.code))
}

function isRunning(pid: number): boolean {
  if (!(pid > 0) || pid === process.pid) return false
  try {
    process.kill(pid, 0)
    return true
  } catch (thrown) {
    // One of somebody else's, to whom nothing may be sent.
    return isOneOf(thrown, ['EPERM'])
  }
}

function busy(message: string, cause?: unknown): SwarmError {
  return new SwarmError({ code: 'FETCH_BUSY', message, ...(cause === undefined ? {} : { cause }) })
}
