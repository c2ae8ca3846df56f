import type { Connection } from './connection.js'

/** A text by its hash. */
export function blobText(connection: Connection, hash: string): string | undefined {
  return connection.row('SELECT text FROM blobs WHERE hash = ?', hash)?.text as string | undefined
}

/** Puts a text that was checked to have this hash, inside a transaction. */
export function putBlob(connection: Connection, hash: string, text: string): void {
  connection.run('INSERT INTO blobs (hash, text) VALUES (?, ?) ON CONFLICT (hash) DO NOTHING', hash, text)
}

/**
 * Erases a text from the file and the WAL: freed pages are overwritten, and the WAL is folded in and emptied. Where a
 * reader is in the middle of a read for longer than the busy timeout, the WAL follows with its next checkpoint.
 */
export function eraseBlob(connection: Connection, hash: string): void {
  connection.run('PRAGMA secure_delete = ON')
  try {
    connection.write(() => connection.run('DELETE FROM blobs WHERE hash = ?', hash))
    connection.row('PRAGMA wal_checkpoint(TRUNCATE)')
  } finally {
    connection.run('PRAGMA secure_delete = FAST')
  }
}
