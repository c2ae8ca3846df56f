import {
  archivedEntry,
  type CursorWrite,
  type JournalCursor,
  type JournalEntry,
  type JournalPage,
  type JournalSegment,
  type JournalSource,
  type ResolvedJournalRead,
  type ResolvedSegments,
  storageCorrupt,
  wellFormed,
} from '@tradeswarm/core'
import { firstLiveStatement } from './d1-head.js'
import type { Database, Row, Statement } from './database.js'
import { type PackedRow, packRows, rowStatements } from './pack-rows.js'
import { rowChecksum } from './row-checksum.js'
import { assertRowFits } from './row-limits.js'

const pageRows = 1_000
const pageBytes = 4_000_000
/** SQLite at D1 takes so many terms in one UNION. */
const mostTerms = 5
const columns = 'sequence, id, kind, time, text, hash, checksum'
const segmentColumns = 'from_sequence, to_sequence, previous_hash, hash, blob, checksum'

/** An entry by its id, live or archived. */
export async function journalEntry(
  database: Database,
  source: JournalSource,
  rawId: string,
): Promise<JournalEntry | undefined> {
  const id = wellFormed(rawId)
  const [live, archived] = await database.readAll([
    { sql: `SELECT ${columns} FROM swarm_journal WHERE id = ?`, values: [id] },
    { sql: 'SELECT sequence FROM swarm_archived_ids WHERE id = ?', values: [id] },
  ])
  if (live?.[0] !== undefined) return entryOf(live[0], database.name)
  const sequence = archived?.[0]?.sequence as number | undefined
  return sequence === undefined ? undefined : archivedEntry(source, sequence, id)
}

/** How far a consumer has read; 0 when it never did. */
export async function journalCursor(database: Database, consumer: string): Promise<number> {
  const row = await database.row(
    'SELECT consumer, sequence, checksum FROM swarm_cursors WHERE consumer = ?',
    wellFormed(consumer),
  )
  return row === undefined ? 0 : cursorOf(row, database.name).sequence
}

/** All cursors in order of their consumers. */
export async function journalCursors(database: Database): Promise<readonly JournalCursor[]> {
  const rows = await database.rows('SELECT consumer, sequence, checksum FROM swarm_cursors ORDER BY consumer')
  return rows.map((row) => cursorOf(row, database.name))
}

/** Segments from the one that holds an entry on. */
export async function journalSegments(
  database: Database,
  { from, limit }: ResolvedSegments,
): Promise<readonly JournalSegment[]> {
  const rows = await database.rows(
    `SELECT ${segmentColumns} FROM swarm_segments WHERE to_sequence >= ? ORDER BY to_sequence LIMIT ?`,
    from,
    limit,
  )
  return rows.map((row) => segmentOf(row, database.name))
}

/** Reads at most 1,000 entries and, but for the last one, 4 MB of texts; the first live sequence is of the same moment. */
export async function journalPage(database: Database, read: ResolvedJournalRead, from: number): Promise<JournalPage> {
  const groups = groupsOf(read.kinds)
  const results = await database.readAll([
    firstLiveStatement,
    ...groups.map((kinds): Statement => pageStatement({ ...read, from }, kinds)),
  ])
  const first = results[0]?.[0]?.first as number
  const parts = results.slice(1)
  // Each part holds all of its entries up to its last row, or all there are; beyond the least such row some may be missing.
  let complete = Number.POSITIVE_INFINITY
  for (const rows of parts) {
    const last = rows.at(-1)
    const isCut = rows.length === pageRows || ((last?.bytes as number | undefined) ?? 0) >= pageBytes
    if (isCut) complete = Math.min(complete, last?.sequence as number)
  }
  const entries = parts
    .flat()
    .filter((row) => (row.sequence as number) <= complete)
    .map((row) => entryOf(row, database.name))
  if (parts.length > 1) entries.sort((left, right) => left.sequence - right.sequence)
  return { entries, next: complete < read.to ? complete + 1 : undefined, first }
}

function groupsOf(rawKinds: readonly string[] | undefined): readonly (readonly string[] | undefined)[] {
  if (rawKinds === undefined) return [undefined]
  const kinds = [...new Set(rawKinds.map(wellFormed))]
  return Array.from({ length: Math.ceil(kinds.length / mostTerms) }, (_, index) =>
    kinds.slice(index * mostTerms, (index + 1) * mostTerms),
  )
}

/** A range of the primary key, or one index range for each kind, merged by SQLite as they come. */
function pageStatement({ from, to }: ResolvedJournalRead, kinds: readonly string[] | undefined): Statement {
  const range = `SELECT ${columns} FROM swarm_journal WHERE sequence BETWEEN ?1 AND ?2`
  const rows =
    kinds === undefined
      ? `${range} ORDER BY sequence LIMIT ?3`
      : `${kinds.map((_, index) => `${range} AND kind = ?${index + 4}`).join(' UNION ALL ')} ORDER BY sequence LIMIT ?3`
  return {
    sql: `SELECT * FROM (
  SELECT *, sum(octet_length(text)) OVER (ORDER BY sequence ROWS UNBOUNDED PRECEDING) AS bytes FROM (${rows})
) WHERE bytes - octet_length(text) < ${pageBytes}`,
    values: [from, to, pageRows, ...(kinds ?? [])],
  }
}

/** Appends entries; an id that is taken breaks `swarm_journal.id`, or `duplicate_id` where its entry is archived. */
export function journalStatements(entries: readonly JournalEntry[], place: string, isArchived: boolean): Statement[] {
  const rows: PackedRow[] = []
  for (const { sequence, id: rawId, kind: rawKind, time, text: rawText, hash } of entries) {
    const [id, kind, text] = [wellFormed(rawId), wellFormed(rawKind), wellFormed(rawText)]
    assertRowFits(place, () => `journal entry "${id}"`, { id, kind, text })
    rows.push([sequence, id, kind, time, text, hash, rowChecksum([sequence, id, kind, time, text, hash])])
  }
  return [
    ...(isArchived ? packRows(rows.map((row) => [row[1] as string])).map(newIdsStatement) : []),
    ...rowStatements(appendSql, rows, 4),
  ]
}

const appendSql = `INSERT INTO swarm_journal (sequence, id, kind, time, text, hash, checksum)
  SELECT w.value->>0, w.value->>1, w.value->>2, w.value->>3, coalesce(?2, w.value->>4), w.value->>5, w.value->>6
  FROM json_each(?1) w`

function newIdsStatement(ids: string): Statement {
  return {
    sql: `INSERT INTO swarm_preconditions (is_new)
  SELECT 0 FROM json_each(?) w CROSS JOIN swarm_archived_ids a ON a.id = w.value->>0 LIMIT 1`,
    values: [ids],
  }
}

/** Which of these ids is taken. */
export async function findDuplicateId(
  database: Database,
  entries: readonly JournalEntry[],
): Promise<string | undefined> {
  for (const chunk of packRows(entries.map(({ id }) => [wellFormed(id)]))) {
    const [live, archived] = await database.readAll(
      ['swarm_journal', 'swarm_archived_ids'].map((table) => ({
        sql: `SELECT j.id FROM json_each(?) w CROSS JOIN ${table} j ON j.id = w.value->>0 LIMIT 1`,
        values: [chunk],
      })),
    )
    const row = live?.[0] ?? archived?.[0]
    if (row !== undefined) return row.id as string
  }
  return undefined
}

/** Moves and forgets cursors in their order. */
export function cursorStatements(cursors: readonly CursorWrite[], place: string): Statement[] {
  const last = new Map<string, number | undefined>()
  for (const { consumer, sequence } of cursors) {
    assertRowFits(place, () => 'a cursor', { consumer })
    last.set(wellFormed(consumer), sequence)
  }
  const moved: PackedRow[] = []
  const forgotten: PackedRow[] = []
  for (const [consumer, sequence] of last) {
    if (sequence === undefined) forgotten.push([consumer])
    else moved.push([consumer, sequence, rowChecksum([consumer, sequence])])
  }
  return [
    ...packRows(forgotten).map((chunk) => ({
      sql: 'DELETE FROM swarm_cursors WHERE consumer IN (SELECT value->>0 FROM json_each(?))',
      values: [chunk],
    })),
    ...packRows(moved).map((chunk) => ({
      sql: `INSERT INTO swarm_cursors (consumer, sequence, checksum)
  SELECT w.value->>0, w.value->>1, w.value->>2 FROM json_each(?) w WHERE true
  ON CONFLICT (consumer) DO UPDATE SET sequence = excluded.sequence, checksum = excluded.checksum`,
      values: [chunk],
    })),
  ]
}

/** Takes the entries of a segment out of the live journal; its blob lies in the bucket by then. */
export function archiveStatements({ from, to, previousHash, hash, blob }: JournalSegment): Statement[] {
  return [
    {
      sql: `INSERT INTO swarm_preconditions (is_segment)
  SELECT 0 WHERE NOT EXISTS (SELECT 1 FROM swarm_journal WHERE sequence = ? AND hash = ?)`,
      values: [to, hash],
    },
    {
      sql: 'INSERT INTO swarm_archived_ids (id, sequence) SELECT id, sequence FROM swarm_journal WHERE sequence <= ?',
      values: [to],
    },
    { sql: 'DELETE FROM swarm_journal WHERE sequence <= ?', values: [to] },
    {
      sql: 'INSERT INTO swarm_segments (from_sequence, to_sequence, previous_hash, hash, blob, checksum) VALUES (?, ?, ?, ?, ?, ?)',
      values: [from, to, previousHash, hash, blob, rowChecksum([from, to, previousHash, hash, blob])],
    },
  ]
}

function entryOf(row: Row, place: string): JournalEntry {
  const { sequence, id, kind, time, text, hash } = row as JournalEntry & Row
  if (rowChecksum([sequence, id, kind, time, text, hash]) !== row.checksum)
    throw storageCorrupt(place, `journal entry ${sequence} ("${id}") fails its checksum`, {
      table: 'swarm_journal',
      key: id,
      sequence,
    })
  return { sequence, id, kind, time, text, hash }
}

function segmentOf(row: Row, place: string): JournalSegment {
  const from = row.from_sequence as number
  const to = row.to_sequence as number
  const { previous_hash: previousHash, hash, blob } = row as Readonly<Record<string, string>>
  if (rowChecksum([from, to, previousHash as string, hash as string, blob as string]) !== row.checksum)
    throw storageCorrupt(place, `the segment of entries ${from} to ${to} fails its checksum`, {
      table: 'swarm_segments',
      sequence: to,
    })
  return { from, to, previousHash: previousHash as string, hash: hash as string, blob: blob as string }
}

function cursorOf(row: Row, place: string): JournalCursor {
  const { consumer, sequence } = row as JournalCursor & Row
  if (rowChecksum([consumer, sequence]) !== row.checksum)
    throw storageCorrupt(place, `the cursor of consumer "${consumer}" fails its checksum`, {
      table: 'swarm_cursors',
      key: consumer,
    })
  return { consumer, sequence }
}
