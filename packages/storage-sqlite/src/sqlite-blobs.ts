import { hash as hashOf } from 'node:crypto'
import { busyTimeoutMs, type Connection, commitBusyTimeoutMs } from './connection.js'
import { corruptRow } from './row-checksum.js'

/** A text by its hash. Throws `STORAGE_CORRUPT` when it is not the text that was put. */
export function blobText(connection: Connection, hash: string): string | undefined {
  const text = connection.row('SELECT text FROM blobs WHERE hash = ?', hash)?.text
  if (text === undefined) return undefined
  if (typeof text === 'string' && hashOf('sha256', text, 'hex') === hash) return text
  throw corruptRow(connection, 'blobs', hash, 'its text has another hash')
}

/** Puts a text that was checked to have this hash, inside a transaction. */
export function putBlob(connection: Connection, hash: string, text: string): void {
  connection.run('INSERT INTO blobs (hash, text) VALUES (?, ?) ON CONFLICT (hash) DO NOTHING', hash, text)
}

/** Overwrites what a piece of work frees, so that no copy of it is left in the file; FAST would leave freed pages. */
export function eraseSecurely(connection: Connection, work: () => void): void {
  connection.database.exec('PRAGMA secure_delete = ON')
  try {
    work()
  } finally {
    connection.database.exec('PRAGMA secure_delete = FAST')
  }
}

/**
 * Erases a text from the file and the WAL: freed pages are overwritten, and the WAL is folded in and emptied. Where a
 * reader is in the middle of a read for longer than the busy timeout, the WAL follows with its next checkpoint.
 */
export function eraseBlob(connection: Connection, hash: string): void {
  connection.assertOpen()
  connection.database.exec(`PRAGMA busy_timeout = ${busyTimeoutMs}`)
  try {
    eraseSecurely(connection, () => connection.write(() => connection.run('DELETE FROM blobs WHERE hash = ?', hash)))
    connection.row('PRAGMA wal_checkpoint(TRUNCATE)')
  } finally {
    connection.database.exec(`PRAGMA busy_timeout = ${commitBusyTimeoutMs}`)
  }
}
