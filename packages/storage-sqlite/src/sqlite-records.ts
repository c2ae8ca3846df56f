import type { SQLInputValue } from 'node:sqlite'
import { type QueryRecord, type ResolvedQuery, wellFormed } from '@tradeswarm/core'
import type { Connection, Row } from './connection.js'
import { assertChecksum, corruptRow, rowChecksum } from './row-checksum.js'

type Conditions = ResolvedQuery['where']

/** Sorts after every id: in SQLite any blob does. The empty text sorts before every other. */
const afterEveryId = new Uint8Array(0)
const beforeEveryId = ''

/** A record by its id. */
export function recordOf(connection: Connection, collection: string, id: string): QueryRecord | undefined {
  const row = storedRecord(connection, collection, id)
  return row === undefined ? undefined : toRecord(connection, collection, row)
}

/** Walks the index of the first tag, or of the collection's times, from the place to go on from. */
export function queryRecords(connection: Connection, collection: string, query: ResolvedQuery): readonly QueryRecord[] {
  const { where, limit } = query
  const [start, end] = bounds(query)
  const index = where.length === 0 ? 'r' : 't'
  const place = query.descending
    ? `(${index}.time, ${index}.id) < (?, ?) AND ${index}.time >= ? ORDER BY ${index}.time DESC, ${index}.id DESC`
    : `(${index}.time, ${index}.id) > (?, ?) AND ${index}.time <= ? ORDER BY ${index}.time, ${index}.id`
  const rows = connection.rows(
    `SELECT r.id, r.time, r.tags, r.text, r.checksum FROM ${source(where)} AND ${place} LIMIT ?`,
    ...sourceValues(collection, where),
    ...start,
    end,
    limit,
  )
  return rows.map((row) => matching(connection, collection, toRecord(connection, collection, row), where))
}

/** How many records meet all conditions. */
export function countRecords(connection: Connection, collection: string, where: Conditions): number {
  const from = where.length === 0 ? 'records r WHERE r.collection = ?' : tagSource(where)
  const row = connection.row(`SELECT count(*) AS count FROM ${from}`, ...sourceValues(collection, where))
  return row?.count as number
}

/** Puts a record or replaces the one with its id, inside a transaction; its tags are indexed anew where they changed. */
export function putRecord(connection: Connection, collection: string, { id, time, tags, text }: QueryRecord): void {
  const mended = wellFormedTags(tags)
  const tagText = JSON.stringify(mended)
  const stored = recordOf(connection, collection, id)
  connection.run(
    `INSERT INTO records (collection, id, time, tags, text, checksum) VALUES (?, ?, ?, ?, ?, ?)
     ON CONFLICT (collection, id) DO UPDATE SET time = excluded.time, tags = excluded.tags, text = excluded.text,
       checksum = excluded.checksum`,
    collection,
    id,
    time,
    tagText,
    text,
    rowChecksum(collection, id, time, tagText, text),
  )
  if (stored?.time === time && JSON.stringify(stored.tags) === tagText) return
  for (const [tag, value] of Object.entries(stored?.tags ?? {})) {
    connection.run(
      'DELETE FROM record_tags WHERE collection = ? AND tag = ? AND value = ? AND time = ? AND id = ?',
      collection,
      tag,
      value,
      stored?.time as number,
      id,
    )
  }
  for (const [tag, value] of Object.entries(mended)) {
    connection.run('INSERT INTO record_tags VALUES (?, ?, ?, ?, ?)', collection, tag, value, time, id)
  }
}

function storedRecord(connection: Connection, collection: string, id: string): Row | undefined {
  return connection.row(
    'SELECT id, time, tags, text, checksum FROM records WHERE collection = ? AND id = ?',
    collection,
    id,
  )
}

function source(where: Conditions): string {
  if (where.length === 0) return 'records r WHERE r.collection = ?'
  // CROSS JOIN fixes the order: the tag index first, for it gives the order that is asked for.
  return tagSource(where).replace(
    ' WHERE ',
    ' CROSS JOIN records r ON r.collection = t.collection AND r.id = t.id WHERE ',
  )
}

function tagSource(where: Conditions): string {
  const others = where
    .slice(1)
    .map(
      () =>
        ' AND EXISTS (SELECT 1 FROM record_tags o WHERE o.collection = t.collection AND o.tag = ? AND o.value = ? AND o.time = t.time AND o.id = t.id)',
    )
  return `record_tags t WHERE t.collection = ? AND t.tag = ? AND t.value = ?${others.join('')}`
}

function sourceValues(collection: string, where: Conditions): readonly SQLInputValue[] {
  return [collection, ...where.flat()]
}

/** The place after which results start, in the chosen order, and the time at which they end. */
function bounds({ fromTime, toTime, descending, after }: ResolvedQuery): [start: [number, SQLInputValue], end: number] {
  if (descending) {
    const isInside = after !== undefined && after.time <= toTime
    return [isInside ? [after.time, after.id] : [toTime + 1, beforeEveryId], fromTime]
  }
  const isInside = after !== undefined && after.time >= fromTime
  return [isInside ? [after.time, after.id] : [fromTime - 1, afterEveryId], toTime]
}

/** JSON would keep half of a surrogate pair where SQLite, which holds UTF-8, does not. */
function wellFormedTags(tags: QueryRecord['tags']): QueryRecord['tags'] {
  return Object.fromEntries(Object.entries(tags).map(([tag, value]) => [wellFormed(tag), wellFormed(value)]))
}

function toRecord(connection: Connection, collection: string, row: Row): QueryRecord {
  const { id, time, tags, text } = row
  assertChecksum(connection, 'records', `${collection}/${String(id)}`, row, collection, id, time, tags, text)
  return {
    id: id as string,
    time: time as number,
    tags: JSON.parse(tags as string) as Readonly<Record<string, string>>,
    text: text as string,
  }
}

/** A tag in the index that its record does not carry would find the wrong record. */
function matching(connection: Connection, collection: string, record: QueryRecord, where: Conditions): QueryRecord {
  for (const [tag, value] of where) {
    if (record.tags[wellFormed(tag)] === wellFormed(value)) continue
    throw corruptRow(connection, 'record_tags', `${collection}/${record.id}`, `it does not carry the tag "${tag}"`)
  }
  return record
}
