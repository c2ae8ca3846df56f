import type { DatabaseSync } from 'node:sqlite'
import { rowChecksum } from './row-checksum.js'

/** Takes a schema from a version to the newest in one transaction. */
export function migrate(database: DatabaseSync, from: number, scripts: readonly string[]): void {
  database.function('row_checksum', { deterministic: true, varargs: true }, (...fields) =>
    rowChecksum(...(fields as (string | number | null)[])),
  )
  database.exec(`BEGIN IMMEDIATE; ${scripts.slice(from).join(';')}; PRAGMA user_version = ${scripts.length}; COMMIT`)
}
