import { hash } from 'node:crypto'
import {
  archivedEntry,
  assertKnownOptions,
  type Clock,
  checkWriteBatch,
  type JournalEntry,
  type JournalHead,
  type JournalSource,
  readJournal,
  resolveJournalRead,
  resolveList,
  resolveQuery,
  resolveSegments,
  resolveWhere,
  type Storage,
  type StorageDefinition,
  SwarmError,
  type WriteBatch,
  wellFormed,
} from '@tradeswarm/core'
import type { Connection } from './connection.js'
import { type OpenDatabaseOptions, openDatabase } from './open-database.js'
import { blobText, eraseBlob, eraseSecurely, putBlob } from './sqlite-blobs.js'
import { journalCursor, journalCursors, moveCursor } from './sqlite-cursors.js'
import { storageError } from './sqlite-errors.js'
import { appendEntries, findEntry, journalHead, lastSequence, readPage } from './sqlite-journal.js'
import { dropExpired, keyValueEntry, listKeyValue, writeKeyValue } from './sqlite-key-value.js'
import { countRecords, putRecord, queryRecords, recordOf } from './sqlite-records.js'
import { archivedHead, archiveSegment, journalSegments, segmentWith } from './sqlite-segments.js'

/** Where the database lies and how it is opened. */
export type SqliteStorageOptions = {
  /**
   * `normal` (the default): a commit survives the death of the process; a power cut may cost the latest commits, whole
   * ones. `full`: it survives the power cut too, at several times the time for a small commit.
   */
  readonly synchronous?: 'normal' | 'full'
  /** Reads beside a writer or without one; every write is refused with `STORAGE_READ_ONLY`. Implies `mustExist`. */
  readonly readOnly?: boolean
  /** Refuses to create the file, with `STORAGE_NOT_FOUND`. */
  readonly mustExist?: boolean
  /** Refuses to open a file that exists, with `STORAGE_EXISTS`. */
  readonly mustNotExist?: boolean
}

const defaults: OpenDatabaseOptions = { synchronous: 'normal', readOnly: false, mustExist: false, mustNotExist: false }

/**
 * A storage in one SQLite file, created at `open` unless told otherwise. One writer at a time, any number of readers.
 * Throws `INVALID_OPTION` here; `open` throws `STORAGE_NOT_FOUND`, `STORAGE_EXISTS`, `STORAGE_LOCKED`, `STORAGE_CORRUPT`,
 * `STORAGE_FOREIGN` (another program's database), `STORAGE_VERSION` (a newer schema) or `STORAGE_DENIED`.
 */
export function createSqliteStorage(path: string, options: SqliteStorageOptions = {}): StorageDefinition {
  const resolved: OpenDatabaseOptions = { ...defaults, ...options }
  assertOptions(path, resolved)
  return {
    name: 'sqlite',
    async open({ clock }) {
      const { connection, close } = openDatabase(path, resolved)
      try {
        return storageOn(connection, clock, close)
      } catch (error) {
        connection.markClosed()
        close()
        throw error
      }
    },
  }
}

/** The ports over an open connection; `close` closes the database, once. */
export function storageOn(connection: Connection, clock: Clock, close: () => void): Storage {
  const use = async <Result>(work: () => Result): Promise<Result> => connection.use(work)
  const commit = committer(connection, clock)
  const source = sourceOf(connection)
  if (!connection.readOnly) connection.write(() => dropExpired(connection, clock.now()))
  return {
    journal: {
      head: () => use(() => journalHead(connection)),
      first: () => use(() => archivedHead(connection).sequence + 1),
      get: (id) => getEntry(connection, source, id),
      cursor: (consumer) => use(() => journalCursor(connection, consumer)),
      cursors: () => use(() => journalCursors(connection)),
      segments: (segmentOptions) => use(() => journalSegments(connection, resolveSegments(segmentOptions))),
      // The end of the read is fixed at the call, not at the first entry taken.
      read: (readOptions) =>
        readJournal(
          source,
          connection.use(() => resolveJournalRead(readOptions, lastSequence(connection))),
        ),
    },
    keyValue: {
      get: (key) => use(() => keyValueEntry(connection, key, clock.now())),
      list: (listOptions) => use(() => listKeyValue(connection, resolveList(listOptions), clock.now())),
    },
    records: {
      get: (collection, id) => use(() => recordOf(connection, collection, id)),
      query: (collection, query) => use(() => queryRecords(connection, collection, resolveQuery(query))),
      count: (collection, where) => use(() => countRecords(connection, collection, resolveWhere(where))),
    },
    blobs: {
      get: (blobHash) => use(() => blobText(connection, blobHash)),
      delete: (blobHash) => use(() => eraseBlob(connection, blobHash)),
    },
    commit: async (batch) => commit(batch),
    async close() {
      if (connection.closed) return
      connection.markClosed()
      try {
        close()
      } catch (error) {
        throw storageError(error, connection.file)
      }
    },
  }
}

/**
 * One transaction a batch. The head is kept in memory, for the writer's lock keeps every other writer away; it is read
 * again after a commit that failed, for the failure need not mean that nothing was written.
 */
function committer(connection: Connection, clock: Clock): (batch: WriteBatch) => void {
  let state = connection.readOnly ? undefined : connection.use(() => commitState(connection))
  const sha256 = (text: string): string => hash('sha256', text, 'hex')
  return (batch) => {
    const { head, archived } = connection.use(() => {
      connection.assertWritable()
      state ??= commitState(connection)
      return state
    })
    const newHead = checkWriteBatch(batch, head, { place: connection.file, sha256, archived })
    state = undefined
    if (batch.archive === undefined) connection.write(() => writeBatch(connection, batch, clock))
    else eraseSecurely(connection, () => connection.write(() => writeBatch(connection, batch, clock)))
    const { archive } = batch
    state = {
      head: newHead,
      archived: archive === undefined ? archived : { sequence: archive.to, hash: archive.hash },
    }
  }
}

type CommitState = { readonly head: JournalHead; readonly archived: JournalHead }

function commitState(connection: Connection): CommitState {
  return { head: journalHead(connection), archived: archivedHead(connection) }
}

function writeBatch(connection: Connection, batch: WriteBatch, clock: Clock): void {
  appendEntries(connection, batch.journal ?? [])
  for (const { consumer, sequence } of batch.cursors ?? []) moveCursor(connection, consumer, sequence)
  writeKeyValue(connection, batch.keyValue ?? [], clock.now())
  for (const { collection, record } of batch.records ?? []) putRecord(connection, collection, record)
  for (const blob of batch.blobs ?? []) putBlob(connection, blob.hash, blob.text)
  if (batch.archive !== undefined) archiveSegment(connection, batch.archive)
}

function sourceOf(connection: Connection): JournalSource {
  return {
    place: connection.file,
    page: (read, from) => readPage(connection, read, from),
    segment: (sequence) => connection.use(() => segmentWith(connection, sequence)),
    blob: (blobHash) => connection.use(() => blobText(connection, blobHash)),
    assertOpen: () => connection.assertOpen(),
  }
}

async function getEntry(connection: Connection, source: JournalSource, id: string): Promise<JournalEntry | undefined> {
  const found = findEntry(connection, id)
  return found !== undefined && 'archived' in found ? archivedEntry(source, found.archived, wellFormed(id)) : found
}

function assertOptions(path: string, options: OpenDatabaseOptions): void {
  assertKnownOptions('createSqliteStorage', options, Object.keys(defaults))
  const fault =
    typeof path !== 'string' || path === '' || path === ':memory:' || path.startsWith('file:')
      ? `the path is "${path}"; it must name a file; for a storage in memory use createMemoryStorage()`
      : !['normal', 'full'].includes(options.synchronous)
        ? `option synchronous is "${options.synchronous}"; it must be "normal" or "full"`
        : options.mustNotExist && (options.mustExist || options.readOnly)
          ? 'option mustNotExist contradicts mustExist and readOnly; give one of them'
          : undefined
  if (fault !== undefined) {
    throw new SwarmError({ code: 'INVALID_OPTION', message: `createSqliteStorage: ${fault}`, context: { path } })
  }
}
