import { hash as hashOf } from 'node:crypto'
import {
  chainHash,
  duplicateJournalId,
  emptyJournalHead,
  type JournalEntry,
  type JournalHead,
  type JournalPage,
  type ResolvedJournalRead,
  storageCorrupt,
} from '@tradeswarm/core'
import type { Connection, Row } from './connection.js'
import { isUniqueViolation } from './sqlite-errors.js'
import { archivedHead } from './sqlite-segments.js'

const pageRows = 1_000
const pageCharacters = 4_000_000
const columns = 'sequence, id, kind, time, text, hash'
/** With the hash that the entry is chained to; the subquery names the outer row by its table. */
const chainedColumns = `${columns}, (SELECT p.hash FROM journal p WHERE p.sequence = journal.sequence - 1) AS previous_hash`

/** The last entry's sequence and hash. Throws `STORAGE_CORRUPT` when that entry was altered. */
export function journalHead(connection: Connection): JournalHead {
  const row = connection.row(
    `SELECT ${chainedColumns} FROM journal WHERE sequence = (SELECT max(sequence) FROM journal)`,
  )
  if (row === undefined) return emptyJournalHead
  const { sequence, hash } = verifiedEntry(connection, row, previousHashOf(row))
  return { sequence, hash }
}

/** The last entry's sequence, without a look at its content. */
export function lastSequence(connection: Connection): number {
  return (connection.row('SELECT max(sequence) AS last FROM journal')?.last as number | null | undefined) ?? 0
}

/** A live entry by its id; where it is archived, its sequence alone. */
export function findEntry(
  connection: Connection,
  id: string,
): JournalEntry | { readonly archived: number } | undefined {
  return connection.read(() => {
    const row = connection.row(`SELECT ${chainedColumns} FROM journal WHERE id = ?`, id)
    if (row === undefined) return undefined
    const sequence = row.sequence as number
    if (sequence <= archivedHead(connection).sequence) return { archived: sequence }
    return verifiedEntry(connection, row, previousHashOf(row))
  })
}

/** Appends entries that were checked to follow the head, inside a transaction. */
export function appendEntries(connection: Connection, entries: readonly JournalEntry[]): void {
  if (entries.length === 0) return
  const insert = connection.statement('INSERT INTO journal VALUES (?, ?, ?, ?, ?, ?)')
  let entry: JournalEntry | undefined
  try {
    for (entry of entries) insert.run(entry.sequence, entry.id, entry.kind, entry.time, entry.text, entry.hash)
  } catch (error) {
    if (isUniqueViolation(error)) throw duplicateJournalId(connection.file, entry?.id ?? '')
    throw error
  }
}

/** A page of at most 1,000 live entries and, but for the last of them, 4 million characters. */
export function readPage(connection: Connection, read: ResolvedJournalRead, from: number): JournalPage {
  const { to, kinds, unverified } = read
  return connection.read(() => {
    const first = archivedHead(connection).sequence + 1
    const entries: JournalEntry[] = []
    if (first > from) return { entries, next: undefined, first }
    const take = kinds === undefined ? inSequence(connection, read, from) : ofKinds(connection, read)
    let characters = 0
    for (const row of pageOf(connection, read, from)) {
      const entry = take(row)
      entries.push(entry)
      characters += entry.text.length
      if (characters >= pageCharacters) break
    }
    const last = entries.at(-1)?.sequence ?? from - 1
    const isLast = characters < pageCharacters && entries.length < pageRows
    if (kinds === undefined && !unverified && isLast && last < to) throw missing(connection, last + 1)
    return { entries, next: isLast || last >= to ? undefined : last + 1, first }
  })
}

function pageOf(connection: Connection, { to, kinds }: ResolvedJournalRead, from: number): Iterable<Row> {
  if (kinds !== undefined)
    return connection.each(kindsQuery(kinds.length), ...kinds.flatMap((kind) => [kind, from, to]), pageRows)
  return connection.each(
    `SELECT ${columns} FROM journal WHERE sequence BETWEEN ? AND ? ORDER BY sequence LIMIT ?`,
    from,
    to,
    pageRows,
  )
}

type Take = (row: Row) => JournalEntry

/** Each row must be the next entry and chained to the one before. */
function inSequence(connection: Connection, { unverified }: ResolvedJournalRead, from: number): Take {
  if (unverified) return entryOf
  let expected = from
  let previousHash =
    from === 1 ? emptyJournalHead.hash : connection.row('SELECT hash FROM journal WHERE sequence = ?', from - 1)?.hash
  return (row) => {
    if (row.sequence !== expected) throw missing(connection, expected)
    const entry = verifiedEntry(connection, row, previousHash)
    previousHash = entry.hash
    expected += 1
    return entry
  }
}

function ofKinds(connection: Connection, { unverified }: ResolvedJournalRead): Take {
  return unverified ? entryOf : (row) => verifiedEntry(connection, row, previousHashOf(row))
}

/** One index range for each kind, merged by SQLite as they come, so that no page sorts more than it returns. */
function kindsQuery(kindCount: number): string {
  const ofOneKind = `SELECT ${chainedColumns} FROM journal WHERE kind = ? AND sequence BETWEEN ? AND ?`
  return `${Array.from({ length: kindCount }, () => ofOneKind).join(' UNION ALL ')} ORDER BY sequence LIMIT ?`
}

function previousHashOf(row: Row): unknown {
  return row.sequence === 1 ? emptyJournalHead.hash : row.previous_hash
}

/** The hash chain is the checksum of an entry. */
function verifiedEntry(connection: Connection, row: Row, previousHash: unknown): JournalEntry {
  const entry = entryOf(row)
  if (typeof previousHash === 'string' && chainHash(previousHash, entry, sha256) === entry.hash) return entry
  throw corruptEntry(connection, entry.sequence, `it or entry ${entry.sequence - 1} was altered: the hash chain breaks`)
}

function sha256(text: string): string {
  return hashOf('sha256', text, 'hex')
}

function missing(connection: Connection, sequence: number): Error {
  return corruptEntry(connection, sequence, 'it is missing')
}

function corruptEntry(connection: Connection, sequence: number, why: string): Error {
  return storageCorrupt(connection.file, `table journal, entry ${sequence}: ${why}`, { table: 'journal', sequence })
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
