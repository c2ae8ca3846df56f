import {
  type EpochMs,
  type KeyValueEntry,
  type KeyValueWrite,
  type ResolvedList,
  revisionConflict,
  type SwarmError,
  storageCorrupt,
  wellFormed,
} from '@tradeswarm/core'
import type { Database, Row, Statement } from './database.js'
import { type PackedRow, packRows, rowStatements } from './pack-rows.js'
import { rowChecksum } from './row-checksum.js'
import { assertRowFits } from './row-limits.js'

const columns = 'key, value, revision, expires_at, checksum'
const isLive = '(expires_at IS NULL OR expires_at > ?)'

/** A value that sorts after every text: in SQLite any blob does. */
const afterEveryText = new Uint8Array(0)
const lastCodePoint = 0x10_ffff

/** A revision that no key has. */
const never = -1

/** The entry of a key, unless it has expired. */
export async function keyValueEntry(database: Database, key: string, now: EpochMs): Promise<KeyValueEntry | undefined> {
  const row = await database.row(
    `SELECT ${columns} FROM swarm_key_value WHERE key = ? AND ${isLive}`,
    wellFormed(key),
    now,
  )
  return row === undefined ? undefined : entryOf(row, database.name)
}

/** The entries that have not expired and whose key has the prefix. */
export async function listKeyValue(
  database: Database,
  list: ResolvedList,
  now: EpochMs,
): Promise<readonly KeyValueEntry[]> {
  const prefix = wellFormed(list.prefix)
  const after = list.after === undefined ? undefined : wellFormed(list.after)
  const end = prefixEnd(prefix) ?? afterEveryText
  const rows =
    after === undefined
      ? await database.rows(
          `SELECT ${columns} FROM swarm_key_value WHERE key >= ? AND key < ? AND ${isLive} ORDER BY key LIMIT ?`,
          prefix,
          end,
          now,
          list.limit,
        )
      : await database.rows(
          `SELECT ${columns} FROM swarm_key_value WHERE key >= max(?, ?) AND key < ? AND key <> ? AND ${isLive} ORDER BY key LIMIT ?`,
          prefix,
          after,
          end,
          after,
          now,
          list.limit,
        )
  return rows.map((row) => entryOf(row, database.name))
}

/**
 * Throws `REVISION_CONFLICT` inside the transaction, by the constraint `revision_conflict`. What the writes of one key
 * come to is worked out here, so that the database sees each key once: `{ base }` is what its stored revision must be,
 * and a put counts on from the stored revision unless the key was deleted before it in the batch.
 */
export function keyValueStatements(writes: readonly KeyValueWrite[], now: EpochMs, place: string): Statement[] {
  if (writes.length === 0) return []
  const { conditions, deletes, puts } = foldWrites(writes, now, place)
  return [
    { sql: 'DELETE FROM swarm_key_value WHERE expires_at <= ?', values: [now] },
    ...packRows(conditions).map((chunk) => ({
      sql: `INSERT INTO swarm_preconditions (is_revision)
  SELECT 0 FROM json_each(?) w LEFT JOIN swarm_key_value k ON k.key = w.value->>0
  WHERE coalesce(k.revision, 0) <> w.value->>1 LIMIT 1`,
      values: [chunk],
    })),
    ...packRows(deletes).map((chunk) => ({
      sql: 'DELETE FROM swarm_key_value WHERE key IN (SELECT value->>0 FROM json_each(?))',
      values: [chunk],
    })),
    ...rowStatements(putSql, puts, 1),
  ]
}

/** The checksum of a row is that of key, value and expiry, plus the revision, which only the database knows. */
const putSql = `INSERT INTO swarm_key_value (key, value, revision, expires_at, checksum)
  SELECT key, value, revision, expires_at, (checksum + revision) & 4294967295 FROM (
    SELECT w.value->>0 AS key, coalesce(?2, w.value->>1) AS value, w.value->>3 AS expires_at, w.value->>4 AS checksum,
      w.value->>2 + iif(w.value->>5, coalesce(k.revision, 0), 0) AS revision
    FROM json_each(?1) w LEFT JOIN swarm_key_value k ON k.key = w.value->>0
  ) WHERE true
  ON CONFLICT (key) DO UPDATE SET value = excluded.value, revision = excluded.revision,
    expires_at = excluded.expires_at, checksum = excluded.checksum`

type Fold = { base: number | undefined; puts: number; value: string | undefined; expiresAt: EpochMs | null }

function foldWrites(writes: readonly KeyValueWrite[], now: EpochMs, place: string) {
  const folds = new Map<string, Fold>()
  const conditions: PackedRow[] = []
  for (const { key: rawKey, value, ifRevision, ttlMs } of writes) {
    const key = wellFormed(rawKey)
    const fold = folds.get(key) ?? { base: undefined, puts: 0, value: undefined, expiresAt: null }
    folds.set(key, fold)
    if (ifRevision !== undefined) {
      // After a delete in this batch the revision is known; before, it is the stored one and the puts on it.
      if (fold.base === undefined) conditions.push([key, ifRevision - fold.puts])
      else if (fold.puts !== ifRevision) conditions.push([key, never])
    }
    if (value === undefined) {
      fold.base = 0
      fold.puts = 0
      fold.value = undefined
    } else {
      fold.puts += 1
      fold.value = wellFormed(value)
      fold.expiresAt = ttlMs === undefined ? null : Math.ceil(now + ttlMs)
      assertRowFits(place, () => `key "${key}"`, { key, value: fold.value })
    }
  }
  const deletes: PackedRow[] = []
  const puts: PackedRow[] = []
  for (const [key, { base, puts: count, value, expiresAt }] of folds) {
    if (value === undefined) deletes.push([key])
    else puts.push([key, value, count, expiresAt, rowChecksum([key, value, expiresAt]), base === undefined ? 1 : 0])
  }
  return { conditions, deletes, puts }
}

/** Which write of a batch lost its compare-and-set, from what is stored now. */
export async function findRevisionConflict(
  database: Database,
  writes: readonly KeyValueWrite[],
  now: EpochMs,
): Promise<SwarmError | undefined> {
  const keys = [...new Set(writes.map(({ key }) => wellFormed(key)))]
  const revisions = new Map<string, number>()
  for (const chunk of packRows(keys.map((key) => [key]))) {
    const rows = await database.rows(
      `SELECT key, revision FROM swarm_key_value WHERE key IN (SELECT value->>0 FROM json_each(?)) AND ${isLive}`,
      chunk,
      now,
    )
    for (const row of rows) revisions.set(row.key as string, row.revision as number)
  }
  for (const { key: rawKey, value, ifRevision } of writes) {
    const key = wellFormed(rawKey)
    const stored = revisions.get(key) ?? 0
    if (ifRevision !== undefined && ifRevision !== stored)
      return revisionConflict(database.name, key, ifRevision, stored)
    revisions.set(key, value === undefined ? 0 : stored + 1)
  }
  return undefined
}

/** The least text that sorts after every text with the prefix, or undefined when there is none. */
function prefixEnd(prefix: string): string | undefined {
  const codePoints = Array.from(prefix, (character) => character.codePointAt(0) ?? 0)
  while (codePoints.at(-1) === lastCodePoint) codePoints.pop()
  const last = codePoints.pop()
  if (last === undefined) return undefined
  // The code points of surrogates stand for no character.
  return String.fromCodePoint(...codePoints, last === 0xd7ff ? 0xe000 : last + 1)
}

function entryOf(row: Row, place: string): KeyValueEntry {
  const { key, value, revision } = row as KeyValueEntry & Row
  const checksum = (rowChecksum([key, value, row.expires_at as number | null]) + revision) % 2 ** 32
  if (checksum !== row.checksum)
    throw storageCorrupt(place, `key "${key}" fails its checksum`, { table: 'swarm_key_value', key })
  return { key, value, revision }
}
