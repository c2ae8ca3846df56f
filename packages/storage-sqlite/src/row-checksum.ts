import { crc32 } from 'node:zlib'
import { storageCorrupt } from '@tradeswarm/core'
import type { Connection, Row } from './connection.js'

/** A value that takes part in a checksum. */
export type ChecksumField = string | number | null

/** CRC-32 of a row's fields, as its `checksum` column holds it: any altered byte of a row shows when it is read. */
export function rowChecksum(...fields: readonly ChecksumField[]): number {
  return crc32(fields.join('\n'))
}

/** Throws `STORAGE_CORRUPT`, naming file, table and key, when a row read has not the checksum of its fields. */
export function assertChecksum(
  connection: Connection,
  table: string,
  key: string,
  row: Row,
  ...fields: readonly unknown[]
): void {
  if (crc32(fields.join('\n')) === row.checksum) return
  throw corruptRow(connection, table, key, 'its checksum is not that of its content')
}

/** The error of a row that cannot be what was written. */
export function corruptRow(connection: Connection, table: string, key: string, why: string): Error {
  return storageCorrupt(connection.file, `the row "${key}" of table ${table} was altered: ${why}`, { table, key })
}
