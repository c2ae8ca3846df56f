import {
  duplicateJournalId,
  emptyJournalHead,
  type JournalEntry,
  type JournalHead,
  type ResolvedJournalRead,
} from '@tradeswarm/core'
import type { Connection, Row } from './connection.js'
import { isUniqueViolation } from './sqlite-errors.js'

const pageRows = 1_000
const pageCharacters = 4_000_000
const columns = 'sequence, id, kind, time, text, hash'

/** The last entry's sequence and hash. */
export function journalHead(connection: Connection): JournalHead {
  const row = connection.row('SELECT sequence, hash FROM journal WHERE sequence = (SELECT max(sequence) FROM journal)')
  return row === undefined ? emptyJournalHead : { sequence: row.sequence as number, hash: row.hash as string }
}

/** An entry by its id. */
export function journalEntry(connection: Connection, id: string): JournalEntry | undefined {
  const row = connection.row(`SELECT ${columns} FROM journal WHERE id = ?`, id)
  return row === undefined ? undefined : entryOf(row)
}

/** How far a consumer has read; 0 when it never did. */
export function journalCursor(connection: Connection, consumer: string): number {
  return (
    (connection.row('SELECT sequence FROM journal_cursors WHERE consumer = ?', consumer)?.sequence as
      | number
      | undefined) ?? 0
  )
}

/** Appends entries that were checked to follow the head, inside a transaction. */
export function appendEntries(connection: Connection, entries: readonly JournalEntry[]): void {
  for (const { sequence, id, kind, time, text, hash } of entries) {
    try {
      connection.run('INSERT INTO journal VALUES (?, ?, ?, ?, ?, ?)', sequence, id, kind, time, text, hash)
    } catch (error) {
      if (isUniqueViolation(error)) throw duplicateJournalId(connection.file, id)
      throw error
    }
  }
}

/** Moves a cursor, inside a transaction. */
export function moveCursor(connection: Connection, consumer: string, sequence: number): void {
  connection.run(
    'INSERT INTO journal_cursors VALUES (?, ?) ON CONFLICT (consumer) DO UPDATE SET sequence = excluded.sequence',
    consumer,
    sequence,
  )
}

/** Reads in pages of at most 1,000 entries and, but for the last entry of a page, 4 million characters. */
export async function* readEntries(connection: Connection, read: ResolvedJournalRead): AsyncGenerator<JournalEntry> {
  let from = read.from
  for (;;) {
    const page = connection.use(() => readPage(connection, read, from))
    for (const entry of page.entries) {
      yield entry
      // Nothing is read once the storage is closed, not even what was fetched before.
      connection.use(() => undefined)
    }
    if (page.isLast) return
    from = (page.entries.at(-1)?.sequence ?? from) + 1
  }
}

function readPage(
  connection: Connection,
  { to, kinds }: ResolvedJournalRead,
  from: number,
): { entries: JournalEntry[]; isLast: boolean } {
  const entries: JournalEntry[] = []
  if (kinds?.length === 0 || from > to) return { entries, isLast: true }
  const rows =
    kinds === undefined
      ? connection.each(
          `SELECT ${columns} FROM journal WHERE sequence BETWEEN ? AND ? ORDER BY sequence LIMIT ?`,
          from,
          to,
          pageRows,
        )
      : connection.each(kindsQuery(kinds.length), ...kinds.flatMap((kind) => [kind, from, to]), pageRows)
  let characters = 0
  for (const row of rows) {
    const entry = entryOf(row)
    entries.push(entry)
    characters += entry.text.length
    if (characters >= pageCharacters) return { entries, isLast: false }
  }
  return { entries, isLast: entries.length < pageRows }
}

/** One index range for each kind, merged by SQLite as they come, so that no page sorts more than it returns. */
function kindsQuery(kindCount: number): string {
  const ofOneKind = `SELECT ${columns} FROM journal WHERE kind = ? AND sequence BETWEEN ? AND ?`
  return `${Array.from({ length: kindCount }, () => ofOneKind).join(' UNION ALL ')} ORDER BY sequence LIMIT ?`
}

function entryOf(row: Row): JournalEntry {
  return {
    sequence: row.sequence as number,
    id: row.id as string,
    kind: row.kind as string,
    time: row.time as number,
    text: row.text as string,
    hash: row.hash as string,
  }
}
