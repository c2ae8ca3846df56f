import { hash as hashOf } from 'node:crypto'
import {
  blockHash,
  duplicateJournalId,
  emptyJournalHead,
  type JournalEntry,
  type JournalHead,
  type JournalPage,
  maximumBlockEntries,
  type ResolvedJournalRead,
  storageCorrupt,
} from '@tradeswarm/core'
import type { Connection, Row } from './connection.js'
import { isUniqueViolation } from './sqlite-errors.js'
import { archivedHead } from './sqlite-segments.js'

const pageRows = 1_000
const pageCharacters = 4_000_000
const columns = 'sequence, id, kind, time, text, hash'

/** The last entry's sequence and hash. Throws `STORAGE_CORRUPT` when that entry, or one that was hashed with it, was altered. */
export function journalHead(connection: Connection): JournalHead {
  const row = connection.row(`SELECT ${columns} FROM journal WHERE sequence = (SELECT max(sequence) FROM journal)`)
  if (row === undefined) return emptyJournalHead
  blockWith(connection, row)
  return { sequence: row.sequence as number, hash: row.hash as string }
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
    const row = connection.row(`SELECT ${columns} FROM journal WHERE id = ?`, id)
    if (row === undefined) return undefined
    const sequence = row.sequence as number
    if (sequence <= archivedHead(connection).sequence) return { archived: sequence }
    return entryWith(blockWith(connection, row), sequence)
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

/** A page of some 1,000 live entries and, but for the last block of them, 4 million characters. */
export function readPage(connection: Connection, read: ResolvedJournalRead, from: number): JournalPage {
  return connection.read(() => {
    const first = archivedHead(connection).sequence + 1
    if (first > from) return { entries: [], next: undefined, first }
    const entries =
      read.kinds === undefined ? entriesInOrder(connection, read, from) : entriesOfKinds(connection, read, from)
    const last = entries.at(-1)?.sequence ?? from - 1
    const isLast = !isFull(entries)
    if (read.kinds === undefined && !read.unverified && isLast && last < read.to) throw missing(connection, last + 1)
    return { entries, next: isLast || last >= read.to ? undefined : last + 1, first }
  })
}

function isFull(entries: readonly JournalEntry[]): boolean {
  if (entries.length >= pageRows) return true
  let characters = 0
  for (const { text } of entries) characters += text.length
  return characters >= pageCharacters
}

/** Goes on until the page is full. */
function taken(rows: Iterable<Row>, entryOfRow: (row: Row) => JournalEntry): JournalEntry[] {
  const entries: JournalEntry[] = []
  let characters = 0
  for (const row of rows) {
    const entry = entryOfRow(row)
    entries.push(entry)
    characters += entry.text.length
    if (entries.length >= pageRows || characters >= pageCharacters) break
  }
  return entries
}

/** Whole blocks, each chained to the one before, without what lies outside of the read. */
function entriesInOrder(connection: Connection, read: ResolvedJournalRead, from: number): JournalEntry[] {
  const { to, unverified } = read
  if (unverified) return taken(rowsBetween(connection, from, to), entryOf)
  const start = blockStart(connection, from)
  if (start === undefined) return []
  const entries: JournalEntry[] = []
  let characters = 0
  let expected = start.sequence
  let previousHash = start.previousHash
  let block: JournalEntry[] = []
  const takeBlock = (): void => {
    if (block.length === 0) return
    previousHash = verifiedHash(connection, block, previousHash)
    for (const entry of block) {
      if (entry.sequence < from || entry.sequence > to) continue
      entries.push(entry)
      characters += entry.text.length
    }
    block = []
  }
  for (const row of rowsBetween(connection, start.sequence, to + maximumBlockEntries)) {
    if (row.sequence !== expected) {
      // What is missing behind the read is for another one to find.
      if (expected > to) break
      throw missing(connection, expected)
    }
    if (block[0] !== undefined && block[0].hash !== row.hash) {
      takeBlock()
      if (expected > to || entries.length >= pageRows || characters >= pageCharacters) return entries
    }
    block.push(entryOf(row))
    expected += 1
  }
  takeBlock()
  return entries
}

/** Each entry from the block in which it was hashed; blocks that were looked at are not read again for their next entry. */
function entriesOfKinds(connection: Connection, read: ResolvedJournalRead, from: number): JournalEntry[] {
  const { to, unverified } = read
  const kinds = read.kinds ?? []
  const rows = connection.each(kindsQuery(kinds.length), ...kinds.flatMap((kind) => [kind, from, to]), pageRows)
  if (unverified) return taken(rows, entryOf)
  let block: readonly JournalEntry[] = []
  return taken(rows, (row) => {
    const sequence = row.sequence as number
    if (sequence > (block.at(-1)?.sequence ?? 0)) block = blockWith(connection, row)
    return entryWith(block, sequence)
  })
}

/** One index range for each kind, merged by SQLite as they come, so that no page sorts more than it returns. */
function kindsQuery(kindCount: number): string {
  const ofOneKind = `SELECT ${columns} FROM journal WHERE kind = ? AND sequence BETWEEN ? AND ?`
  return `${Array.from({ length: kindCount }, () => ofOneKind).join(' UNION ALL ')} ORDER BY sequence LIMIT ?`
}

function rowsBetween(connection: Connection, from: number, to: number): Iterable<Row> {
  return connection.each(
    `SELECT ${columns} FROM journal WHERE sequence BETWEEN ? AND ? ORDER BY sequence LIMIT ?`,
    from,
    to,
    pageRows + 2 * maximumBlockEntries,
  )
}

type BlockStart = { readonly sequence: number; readonly previousHash: unknown }

/** Where the block of an entry starts and what it is chained to; undefined where there is no such entry. */
function blockStart(connection: Connection, sequence: number): BlockStart | undefined {
  const hash = connection.row('SELECT hash FROM journal WHERE sequence = ?', sequence)?.hash
  if (hash === undefined) return undefined
  const before = connection.row(
    'SELECT sequence, hash FROM journal WHERE sequence BETWEEN ? AND ? AND hash <> ? ORDER BY sequence DESC LIMIT 1',
    sequence - maximumBlockEntries,
    sequence - 1,
    hash as string,
  )
  if (before !== undefined) return { sequence: (before.sequence as number) + 1, previousHash: before.hash }
  return { sequence: Math.max(1, sequence - maximumBlockEntries + 1), previousHash: emptyJournalHead.hash }
}

/** The entries of the block that a row belongs to. Throws `STORAGE_CORRUPT` when one of them was altered or is missing. */
function blockWith(connection: Connection, row: Row): readonly JournalEntry[] {
  const sequence = row.sequence as number
  const start = blockStart(connection, sequence) ?? { sequence, previousHash: emptyJournalHead.hash }
  const block: JournalEntry[] = []
  for (const each of rowsBetween(connection, start.sequence, start.sequence + maximumBlockEntries)) {
    if (each.hash !== row.hash) break
    if (each.sequence !== start.sequence + block.length) throw missing(connection, start.sequence + block.length)
    block.push(entryOf(each))
  }
  verifiedHash(connection, block, start.previousHash)
  return block
}

function entryWith(block: readonly JournalEntry[], sequence: number): JournalEntry {
  return block[sequence - (block[0]?.sequence ?? 0)] as JournalEntry
}

/** The hash of a block, which is the checksum of its entries. Throws `STORAGE_CORRUPT`. */
function verifiedHash(connection: Connection, block: readonly JournalEntry[], previousHash: unknown): string {
  const [first, last] = [block[0], block.at(-1)]
  const isSound =
    first !== undefined &&
    block.length <= maximumBlockEntries &&
    typeof previousHash === 'string' &&
    blockHash(previousHash, block, sha256) === first.hash
  if (isSound) return first.hash
  const sequence = first?.sequence ?? 0
  const which =
    first === last ? 'it' : `one of the entries ${sequence} to ${last?.sequence}, which were written together,`
  throw corruptEntry(connection, sequence, `${which} or entry ${sequence - 1} was altered: the hash chain breaks`)
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
