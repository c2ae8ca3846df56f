import { closeSync, openSync, rmSync, statSync } from 'node:fs'
import { DatabaseSync } from 'node:sqlite'
import { fileError, isBusy, storageError } from './sqlite-errors.js'

const mostTries = 8

/** Gives the lock back and removes its file. */
export type ReleaseLock = () => void

/**
 * Makes this connection the one writer of a database, across processes: a write transaction held open on the empty
 * database `FILE-lock` beside it. The operating system lets go of it when the process dies, however it dies.
 * Throws `STORAGE_LOCKED` when there is a writer already.
 */
export function acquireWriterLock(file: string): ReleaseLock {
  const lockFile = `${file}-lock`
  for (let tries = 0; tries < mostTries; tries += 1) {
    try {
      const release = tryLock(lockFile)
      if (release !== undefined) return release
    } catch (error) {
      if (isBusy(error)) throw lockedError(file)
      throw storageError(error, lockFile)
    }
  }
  throw lockedError(file)
}

function lockedError(file: string): Error {
  return fileError(
    'STORAGE_LOCKED',
    file,
    'is open for writing already, here or in another process; close it there, or open it with readOnly',
  )
}

/** Undefined when the file was removed by its last holder while this one opened it: the lock would be on nothing. */
function tryLock(lockFile: string): ReleaseLock | undefined {
  createIfMissing(lockFile)
  const before = identityOf(lockFile)
  const database = new DatabaseSync(lockFile)
  try {
    // Nothing is ever written, so that no rollback journal is needed beside it.
    database.exec('PRAGMA busy_timeout = 0; PRAGMA journal_mode = MEMORY; BEGIN IMMEDIATE')
  } catch (error) {
    database.close()
    throw error
  }
  if (before === undefined || identityOf(lockFile) !== before) {
    database.close()
    return undefined
  }
  return () => {
    removeIfPossible(lockFile)
    database.close()
    // Where an open file cannot be removed (Windows) it stays behind, empty and unlocked, and the next writer takes it.
  }
}

/** Never opens a file that exists: closing it would drop the locks that this process holds on it (POSIX). */
function createIfMissing(file: string): void {
  try {
    closeSync(openSync(file, 'wx'))
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'EEXIST') throw error
  }
}

function identityOf(file: string): string | undefined {
  const stats = statSync(file, { bigint: true, throwIfNoEntry: false })
  return stats === undefined ? undefined : `${stats.dev}/${stats.ino}/${stats.birthtimeNs}`
}

function removeIfPossible(file: string): void {
  try {
    rmSync(file, { force: true })
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException
    if (code !== 'EPERM' && code !== 'EBUSY' && code !== 'EACCES') throw error
  }
}
