import { type QueryRecord, type ResolvedQuery, storageCorrupt, type WriteBatch, wellFormed } from '@tradeswarm/core'
import type { Database, Row, Statement, Value } from './database.js'
import { type PackedRow, packRows, rowStatements } from './pack-rows.js'
import { rowChecksum } from './row-checksum.js'
import { assertRowFits } from './row-limits.js'

type Conditions = ResolvedQuery['where']

/** Sorts after every id: in SQLite any blob does. The empty text sorts before every other. */
const afterEveryId = new Uint8Array(0)
const beforeEveryId = ''
const columns = 'r.collection, r.id, r.time, r.tags, r.text, r.checksum'

/** A record by its id. */
export async function recordOf(database: Database, collection: string, id: string): Promise<QueryRecord | undefined> {
  const row = await database.row(
    `SELECT ${columns} FROM swarm_records r WHERE r.collection = ? AND r.id = ?`,
    wellFormed(collection),
    wellFormed(id),
  )
  return row === undefined ? undefined : toRecord(row, database.name)
}

/** Walks the index of the first tag, or of the collection's times, from the place to go on from. */
export async function queryRecords(
  database: Database,
  collection: string,
  query: ResolvedQuery,
): Promise<readonly QueryRecord[]> {
  const { where, limit } = query
  const [start, end] = bounds(query)
  const index = where.length === 0 ? 'r' : 't'
  const place = query.descending
    ? `(${index}.time, ${index}.id) < (?, ?) AND ${index}.time >= ? ORDER BY ${index}.time DESC, ${index}.id DESC`
    : `(${index}.time, ${index}.id) > (?, ?) AND ${index}.time <= ? ORDER BY ${index}.time, ${index}.id`
  const rows = await database.rows(
    `SELECT ${columns} FROM ${source(where)} AND ${place} LIMIT ?`,
    ...sourceValues(collection, where),
    ...start,
    end,
    limit,
  )
  return rows.map((row) => toRecord(row, database.name))
}

/** How many records meet all conditions. */
export async function countRecords(database: Database, collection: string, where: Conditions): Promise<number> {
  const from = where.length === 0 ? 'swarm_records r WHERE r.collection = ?' : tagSource(where)
  const row = await database.row(`SELECT count(*) AS count FROM ${from}`, ...sourceValues(collection, where))
  return row?.count as number
}

/** Puts records or replaces those with their ids; the last of two with one id counts. Tags are indexed anew where they changed. */
export function recordStatements(records: NonNullable<WriteBatch['records']>, place: string): Statement[] {
  const rows = new Map<string, PackedRow>()
  const tagRows = new Map<string, readonly PackedRow[]>()
  for (const { collection: rawCollection, record } of records) {
    const collection = wellFormed(rawCollection)
    const id = wellFormed(record.id)
    const text = wellFormed(record.text)
    const tags = wellFormedTags(record.tags)
    const tagText = JSON.stringify(tags)
    assertRowFits(place, () => `record "${id}" in "${collection}"`, { collection, id, tags: tagText, text })
    const checksum = rowChecksum([collection, id, record.time, tagText, text])
    const key = JSON.stringify([collection, id])
    rows.set(key, [collection, id, record.time, tagText, text, checksum])
    tagRows.set(
      key,
      Object.entries(tags).map(([tag, value]) => [collection, tag, value, record.time, id]),
    )
  }
  const places = [...rows.values()].map(([collection, id, time, tags]) => [collection, id, time, tags] as PackedRow)
  return [
    ...packRows(places).map((chunk) => ({ sql: dropTagsSql, values: [chunk] })),
    ...packRows([...tagRows.values()].flat()).map((chunk) => ({ sql: putTagsSql, values: [chunk] })),
    ...rowStatements(putSql, [...rows.values()], 4),
  ]
}

const dropTagsSql = `DELETE FROM swarm_record_tags WHERE (collection, tag, value, time, id) IN (
    SELECT r.collection, t.key, t.value, r.time, r.id
    FROM json_each(?) w CROSS JOIN swarm_records r ON r.collection = w.value->>0 AND r.id = w.value->>1
    CROSS JOIN json_each(r.tags) t
    WHERE r.time <> w.value->>2 OR r.tags <> w.value->>3
  )`

const putTagsSql = `INSERT INTO swarm_record_tags (collection, tag, value, time, id)
  SELECT w.value->>0, w.value->>1, w.value->>2, w.value->>3, w.value->>4 FROM json_each(?) w WHERE true
  ON CONFLICT DO NOTHING`

const putSql = `INSERT INTO swarm_records (collection, id, time, tags, text, checksum)
  SELECT w.value->>0, w.value->>1, w.value->>2, w.value->>3, coalesce(?2, w.value->>4), w.value->>5
  FROM json_each(?1) w WHERE true
  ON CONFLICT (collection, id) DO UPDATE SET time = excluded.time, tags = excluded.tags, text = excluded.text,
    checksum = excluded.checksum`

function source(where: Conditions): string {
  if (where.length === 0) return 'swarm_records r WHERE r.collection = ?'
  // CROSS JOIN fixes the order: the tag index first, for it gives the order that is asked for.
  return tagSource(where).replace(
    ' WHERE ',
    ' CROSS JOIN swarm_records r ON r.collection = t.collection AND r.id = t.id WHERE ',
  )
}

function tagSource(where: Conditions): string {
  const others = where
    .slice(1)
    .map(
      () =>
        ' AND EXISTS (SELECT 1 FROM swarm_record_tags o WHERE o.collection = t.collection AND o.tag = ? AND o.value = ? AND o.time = t.time AND o.id = t.id)',
    )
  return `swarm_record_tags t WHERE t.collection = ? AND t.tag = ? AND t.value = ?${others.join('')}`
}

function sourceValues(collection: string, where: Conditions): readonly Value[] {
  return [collection, ...where.flat()].map(wellFormed)
}

/** The place after which results start, in the chosen order, and the time at which they end. */
function bounds({ fromTime, toTime, descending, after }: ResolvedQuery): [start: [number, Value], end: number] {
  if (descending) {
    const isInside = after !== undefined && after.time <= toTime
    return [isInside ? [after.time, wellFormed(after.id)] : [toTime + 1, beforeEveryId], fromTime]
  }
  const isInside = after !== undefined && after.time >= fromTime
  return [isInside ? [after.time, wellFormed(after.id)] : [fromTime - 1, afterEveryId], toTime]
}

function wellFormedTags(tags: QueryRecord['tags']): Readonly<Record<string, string>> {
  return Object.fromEntries(Object.entries(tags).map(([tag, value]) => [wellFormed(tag), wellFormed(value)]))
}

function toRecord(row: Row, place: string): QueryRecord {
  const { collection, id, time, tags, text } = row as Readonly<Record<string, string>> & { readonly time: number }
  if (rowChecksum([collection, id, time, tags, text] as PackedRow) !== row.checksum)
    throw storageCorrupt(place, `record "${id}" in "${collection}" fails its checksum`, {
      table: 'swarm_records',
      key: `${collection}/${id}`,
    })
  return { id: id as string, time, tags: JSON.parse(tags as string) as Record<string, string>, text: text as string }
}
