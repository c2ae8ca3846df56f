import { closeSync, existsSync, fsyncSync, openSync, realpathSync, renameSync, rmSync, statSync } from 'node:fs'
import { dirname, resolve } from 'node:path'
import { DatabaseSync } from 'node:sqlite'
import { messageOf } from '@tradeswarm/core'
import { assertContent, assertSchema, assertStructure } from './check-integrity.js'
import { busyTimeoutMs, Connection, commitBusyTimeoutMs } from './connection.js'
import { assertOurFile } from './inspect-file.js'
import { migrate } from './migrate.js'
import { applicationId, migrations } from './schema.js'
import { corruptFile, fileError, isBusy, isGenericError, storageError } from './sqlite-errors.js'
import { acquireWriterLock, type ReleaseLock } from './writer-lock.js'

/** How a database file is opened. */
export type OpenDatabaseOptions = {
  readonly synchronous: 'normal' | 'full'
  readonly readOnly: boolean
  readonly mustExist: boolean
  readonly mustNotExist: boolean
}

/** An opened database and how to close it, so that one file is left. */
export type OpenedDatabase = { readonly connection: Connection; readonly close: () => void }

/** Opens, and where allowed creates, the database at a path, checked and at the newest schema. */
export function openDatabase(path: string, options: OpenDatabaseOptions): OpenedDatabase {
  const file = resolvedPath(path)
  try {
    return options.readOnly ? openReader(file, options) : openWriter(file, options)
  } catch (error) {
    throw storageError(error, file)
  }
}

function openReader(file: string, options: OpenDatabaseOptions): OpenedDatabase {
  assertExistence(file, options)
  assertOurFile(file)
  const connection = connect(file, options)
  return { connection, close: () => connection.database.close() }
}

function openWriter(file: string, options: OpenDatabaseOptions): OpenedDatabase {
  const exists = assertExistence(file, options)
  if (exists) assertOurFile(file)
  const release = acquireWriterLock(file)
  try {
    // Another process may have created or removed the file before this one had the lock.
    if (!assertExistence(file, options)) createDatabase(file)
    assertOneName(file)
    const connection = connect(file, options)
    return { connection, close: () => closeWriter(connection.database, release) }
  } catch (error) {
    release()
    throw error
  }
}

/** Follows symbolic links, so that two names of one file share its lock. */
function resolvedPath(path: string): string {
  const file = resolve(path)
  return existsSync(file) ? realpathSync(file) : file
}

/**
 * A second hard link would have a lock and a WAL of its own, and two writers under two names would ruin the file
 * (https://www.sqlite.org/howtocorrupt.html, section 2.4).
 */
function assertOneName(file: string): void {
  const { nlink } = statSync(file)
  if (nlink <= 1) return
  throw fileError(
    'STORAGE_DENIED',
    file,
    `has ${nlink} names (hard links), and a writer under another of them would go unseen; copy the file instead, or open it with readOnly`,
  )
}

/** Whether the file exists; throws where the options want it otherwise. */
function assertExistence(file: string, options: OpenDatabaseOptions): boolean {
  const stats = statSync(file, { throwIfNoEntry: false })
  if (stats !== undefined && !stats.isFile())
    throw fileError('STORAGE_DENIED', file, 'is not a file; choose another path')
  if (stats !== undefined) {
    if (options.mustNotExist)
      throw fileError('STORAGE_EXISTS', file, 'exists already; choose another path or remove it first')
    return true
  }
  if (options.mustExist || options.readOnly)
    throw fileError('STORAGE_NOT_FOUND', file, 'does not exist; check the path')
  const folder = dirname(file)
  if (!existsSync(folder)) throw fileError('STORAGE_NOT_FOUND', file, `cannot be created: there is no folder ${folder}`)
  for (const side of ['-wal', '-journal']) {
    if (!existsSync(file + side)) continue
    throw fileError(
      'STORAGE_CORRUPT',
      file,
      `is missing, but ${file}${side} of it is there; restore it from a copy, or remove that file too`,
    )
  }
  return false
}

/** Builds the database under another name and gives it its own when it is complete: a crash leaves all of it or nothing. */
function createDatabase(file: string): void {
  const draft = `${file}-new`
  for (const leftover of [draft, `${draft}-journal`]) rmSync(leftover, { force: true })
  const database = new DatabaseSync(draft)
  try {
    database.exec(`PRAGMA synchronous = FULL; PRAGMA application_id = ${applicationId}`)
    migrate(database, 0, migrations)
  } finally {
    database.close()
  }
  renameSync(draft, file)
  syncFolder(dirname(file))
}

/** Makes the new name durable; Windows cannot open a folder, and needs no such step. */
function syncFolder(folder: string): void {
  if (process.platform === 'win32') return
  const descriptor = openSync(folder, 'r')
  try {
    fsyncSync(descriptor)
  } finally {
    closeSync(descriptor)
  }
}

function connect(file: string, options: OpenDatabaseOptions): Connection {
  const database = new DatabaseSync(file, { readOnly: options.readOnly })
  try {
    database.exec(`PRAGMA busy_timeout = ${busyTimeoutMs}; PRAGMA cache_size = -16000; PRAGMA temp_store = MEMORY`)
    if (!options.readOnly) {
      // A checkpoint each 4,000 pages (16 MB): 1,000 to 10,000 made no difference of note to 40,000 small commits.
      // Deleted content is overwritten within its page; erasing a blob goes further.
      database.exec(`
        PRAGMA journal_mode = WAL;
        PRAGMA synchronous = ${options.synchronous === 'full' ? 'FULL' : 'NORMAL'};
        PRAGMA wal_autocheckpoint = 4000;
        PRAGMA secure_delete = FAST;
      `)
    }
    assertStructure(database, file)
    bringToVersion(database, file, options.readOnly)
    assertSchema(database, file)
    const connection = new Connection(database, file, options.readOnly)
    connection.use(() => assertContent(connection))
    database.exec(`PRAGMA busy_timeout = ${commitBusyTimeoutMs}`)
    return connection
  } catch (error) {
    database.close()
    // Statements that are right fail as wrong ones do where a format or version was altered, or a table is not there.
    if (isGenericError(error)) throw corruptFile(file, messageOf(error), error)
    throw error
  }
}

function bringToVersion(database: DatabaseSync, file: string, readOnly: boolean): void {
  const version = Number(database.prepare('PRAGMA user_version').get()?.user_version)
  if (version === migrations.length) return
  if (version > migrations.length) {
    throw fileError(
      'STORAGE_VERSION',
      file,
      `has schema version ${version}, newer than ${migrations.length}, the newest known here; update @tradeswarm/storage-sqlite`,
    )
  }
  if (readOnly) {
    throw fileError(
      'STORAGE_VERSION',
      file,
      `has schema version ${version}, older than ${migrations.length}; open it once without readOnly, which brings it up to date`,
    )
  }
  migrate(database, version, migrations)
}

/** Folds the WAL into the file and leaves it as a single one, unless a reader has it open: then the WAL stays, emptied. */
function closeWriter(database: DatabaseSync, release: ReleaseLock): void {
  try {
    database.exec(`PRAGMA busy_timeout = ${busyTimeoutMs}; PRAGMA wal_checkpoint(TRUNCATE); PRAGMA busy_timeout = 0`)
    try {
      database.exec('PRAGMA journal_mode = DELETE')
    } catch (error) {
      if (!isBusy(error)) throw error
    }
  } finally {
    database.close()
    release()
  }
}
