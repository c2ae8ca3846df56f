import {
  type EpochMs,
  type KeyValueEntry,
  type KeyValueWrite,
  type ResolvedList,
  revisionConflict,
} from '@tradeswarm/core'
import type { Connection, Row } from './connection.js'
import { assertChecksum, rowChecksum } from './row-checksum.js'

const columns = 'key, value, revision, expires_at, checksum'
const isLive = '(expires_at IS NULL OR expires_at > ?)'

/** A value that sorts after every text: in SQLite any blob does. */
const afterEveryText = new Uint8Array(0)
const lastCodePoint = 0x10_ffff

/** The entry of a key, unless it has expired. */
export function keyValueEntry(connection: Connection, key: string, now: EpochMs): KeyValueEntry | undefined {
  const row = connection.row(`SELECT ${columns} FROM key_value WHERE key = ? AND ${isLive}`, key, now)
  return row === undefined ? undefined : entryOf(connection, row)
}

/** The entries that have not expired and whose key has the prefix. */
export function listKeyValue(
  connection: Connection,
  { prefix, after, limit }: ResolvedList,
  now: EpochMs,
): readonly KeyValueEntry[] {
  const end = prefixEnd(prefix) ?? afterEveryText
  const rows =
    after === undefined
      ? connection.rows(
          `SELECT ${columns} FROM key_value WHERE key >= ? AND key < ? AND ${isLive} ORDER BY key LIMIT ?`,
          prefix,
          end,
          now,
          limit,
        )
      : connection.rows(
          `SELECT ${columns} FROM key_value WHERE key >= max(?, ?) AND key < ? AND key <> ? AND ${isLive} ORDER BY key LIMIT ?`,
          prefix,
          after,
          end,
          after,
          now,
          limit,
        )
  return rows.map((row) => entryOf(connection, row))
}

/** Makes the writes in their order, inside a transaction. Throws `REVISION_CONFLICT`. */
export function writeKeyValue(connection: Connection, writes: readonly KeyValueWrite[], now: EpochMs): void {
  for (const { key, value, ifRevision, ttlMs } of writes) {
    const row = connection.row(`SELECT rowid, ${columns} FROM key_value WHERE key = ?`, key)
    const isStoredLive = row !== undefined && (row.expires_at === null || (row.expires_at as number) > now)
    const revision = isStoredLive ? entryOf(connection, row).revision : 0
    if (ifRevision !== undefined && ifRevision !== revision)
      throw revisionConflict(connection.file, key, ifRevision, revision)
    if (value === undefined) connection.run('DELETE FROM key_value WHERE key = ?', key)
    else {
      const expiresAt = ttlMs === undefined ? null : Math.ceil(now + ttlMs)
      putKeyValue(connection, row?.rowid as number | undefined, { key, value, revision: revision + 1 }, expiresAt)
    }
    if (ttlMs !== undefined) dropExpired(connection, now)
  }
}

/** Frees the room of entries whose time is over. */
export function dropExpired(connection: Connection, now: EpochMs): void {
  connection.run('DELETE FROM key_value WHERE expires_at <= ?', now)
}

/** Overwrites the row that was found, which costs less than an insert that meets it, or makes a new one. */
function putKeyValue(
  connection: Connection,
  rowid: number | undefined,
  { key, value, revision }: KeyValueEntry,
  expiresAt: EpochMs | null,
): void {
  const checksum = rowChecksum(key, value, revision, expiresAt)
  if (rowid === undefined)
    connection.run(
      'INSERT INTO key_value (key, value, revision, expires_at, checksum) VALUES (?, ?, ?, ?, ?)',
      key,
      value,
      revision,
      expiresAt,
      checksum,
    )
  else
    connection.run(
      'UPDATE key_value SET value = ?, revision = ?, expires_at = ?, checksum = ? WHERE rowid = ?',
      value,
      revision,
      expiresAt,
      checksum,
      rowid,
    )
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

function entryOf(connection: Connection, row: Row): KeyValueEntry {
  assertChecksum(connection, 'key_value', String(row.key), row, row.key, row.value, row.revision, row.expires_at)
  return { key: row.key as string, value: row.value as string, revision: row.revision as number }
}
