import type { JournalCursor } from '@tradeswarm/core'
import type { Connection, Row } from './connection.js'
import { assertChecksum, rowChecksum } from './row-checksum.js'

/** How far a consumer has read; 0 when it never did. */
export function journalCursor(connection: Connection, consumer: string): number {
  const row = connection.row('SELECT consumer, sequence, checksum FROM journal_cursors WHERE consumer = ?', consumer)
  return row === undefined ? 0 : cursorOf(connection, row).sequence
}

/** All cursors, in UTF-8 order of their consumers. */
export function journalCursors(connection: Connection): readonly JournalCursor[] {
  return connection
    .rows('SELECT consumer, sequence, checksum FROM journal_cursors ORDER BY consumer')
    .map((row) => cursorOf(connection, row))
}

/** Moves a cursor, or forgets it, inside a transaction. */
export function moveCursor(connection: Connection, consumer: string, sequence: number | undefined): void {
  if (sequence === undefined) connection.run('DELETE FROM journal_cursors WHERE consumer = ?', consumer)
  else
    connection.run(
      `INSERT INTO journal_cursors (consumer, sequence, checksum) VALUES (?, ?, ?)
       ON CONFLICT (consumer) DO UPDATE SET sequence = excluded.sequence, checksum = excluded.checksum`,
      consumer,
      sequence,
      rowChecksum(consumer, sequence),
    )
}

function cursorOf(connection: Connection, row: Row): JournalCursor {
  assertChecksum(connection, 'journal_cursors', String(row.consumer), row, row.consumer, row.sequence)
  return { consumer: row.consumer as string, sequence: row.sequence as number }
}
