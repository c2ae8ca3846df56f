import {
  archiveConflict,
  emptyJournalHead,
  type JournalHead,
  type JournalSegment,
  type ResolvedSegments,
} from '@tradeswarm/core'
import type { Connection, Row } from './connection.js'
import { assertChecksum, corruptRow, rowChecksum } from './row-checksum.js'

const columns = 'last, first, previous_hash, hash, blob, checksum'

/** The last archived entry. */
export function archivedHead(connection: Connection): JournalHead {
  const row = connection.row(
    `SELECT ${columns} FROM journal_segments WHERE last = (SELECT max(last) FROM journal_segments)`,
  )
  if (row === undefined) return emptyJournalHead
  const { to, hash } = segmentOfRow(connection, row)
  return { sequence: to, hash }
}

/** The segments that hold an entry or lie after it, in order. */
export function journalSegments(connection: Connection, { from, limit }: ResolvedSegments): readonly JournalSegment[] {
  return connection
    .rows(`SELECT ${columns} FROM journal_segments WHERE last >= ? ORDER BY last LIMIT ?`, from, limit)
    .map((row) => segmentOfRow(connection, row))
}

/** The segment that holds an archived entry. */
export function segmentWith(connection: Connection, sequence: number): JournalSegment | undefined {
  const [segment] = journalSegments(connection, { from: sequence, limit: 1 })
  return segment !== undefined && segment.from <= sequence ? segment : undefined
}

/**
 * Archives a checked segment inside a transaction. Its rows keep their numbers and ids, so that an id stays taken, and
 * the last one its hash, which the next entry is chained to. Throws `ARCHIVE_CONFLICT` where the live entry differs.
 */
export function archiveSegment(connection: Connection, segment: JournalSegment): void {
  const { from, to, previousHash, hash, blob } = segment
  const live = connection.row('SELECT hash FROM journal WHERE sequence = ?', to)
  if (live?.hash !== hash) throw archiveConflict(connection.file, segment, `its last hash is not that of entry ${to}`)
  connection.run("UPDATE journal SET kind = '', time = 0, text = '' WHERE sequence BETWEEN ? AND ?", from, to)
  connection.run("UPDATE journal SET hash = '' WHERE sequence >= ? AND sequence < ?", from - 1, to)
  connection.run(
    `INSERT INTO journal_segments (${columns}) VALUES (?, ?, ?, ?, ?, ?)`,
    to,
    from,
    previousHash,
    hash,
    blob,
    rowChecksum(to, from, previousHash, hash, blob),
  )
}

function segmentOfRow(connection: Connection, row: Row): JournalSegment {
  const { last, first, previous_hash, hash, blob } = row
  assertChecksum(connection, 'journal_segments', String(last), row, last, first, previous_hash, hash, blob)
  return {
    from: first as number,
    to: last as number,
    previousHash: previous_hash as string,
    hash: hash as string,
    blob: blob as string,
  }
}

/** Throws `STORAGE_CORRUPT` unless the segments follow each other from entry 1 on. */
export function assertSegmentsJoin(connection: Connection): void {
  let previous = emptyJournalHead
  for (const row of connection.each(`SELECT ${columns} FROM journal_segments ORDER BY last`)) {
    const segment = segmentOfRow(connection, row)
    if (segment.from !== previous.sequence + 1 || segment.previousHash !== previous.hash)
      throw corruptRow(connection, 'journal_segments', String(segment.to), 'it does not follow the segment before')
    previous = { sequence: segment.to, hash: segment.hash }
  }
}
