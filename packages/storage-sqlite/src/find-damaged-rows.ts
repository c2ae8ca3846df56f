import { SwarmError } from '@tradeswarm/core'
import type { Connection, Row } from './connection.js'
import { openDatabase } from './open-database.js'
import { blobText } from './sqlite-blobs.js'
import { keyValueEntry } from './sqlite-key-value.js'
import { recordOf } from './sqlite-records.js'

/** A row that is not what was written. */
export type DamagedRow = { readonly table: string; readonly key: string; readonly reason: string }

/** What {@link findDamagedRows} has read, and what of it is damaged. */
export type RowsVerdict = { readonly rows: number; readonly damaged: readonly DamagedRow[] }

const pageRows = 1_000
/** Before every time at which an entry may expire. */
const beforeAll = Number.NEGATIVE_INFINITY

/**
 * Reads every key, record and blob of a file, beside a writer too, and names those that fail their checksum; the journal is for
 * `verifyJournal`. Throws what opening the file throws, `STORAGE_CORRUPT` for what is found damaged by that alone.
 */
export async function findDamagedRows(path: string): Promise<RowsVerdict> {
  const { connection, close } = openDatabase(path, {
    synchronous: 'normal',
    readOnly: true,
    mustExist: true,
    mustNotExist: false,
  })
  try {
    const damaged: DamagedRow[] = []
    const rows =
      check(connection, damaged, 'key_value', 'key', ({ key }) => keyValueEntry(connection, String(key), beforeAll)) +
      check(connection, damaged, 'records', 'collection, id', ({ collection, id }) =>
        recordOf(connection, String(collection), String(id)),
      ) +
      check(connection, damaged, 'blobs', 'hash', ({ hash }) => blobText(connection, String(hash)))
    return { rows, damaged }
  } finally {
    connection.markClosed()
    close()
  }
}

/** Reads each row of a table by its key, in pages, so that no writer is kept from emptying its WAL. Returns how many there are. */
function check(
  connection: Connection,
  damaged: DamagedRow[],
  table: string,
  key: string,
  read: (row: Row) => unknown,
): number {
  let count = 0
  for (let after = 0; ; ) {
    const page = connection.use(() =>
      connection.rows(
        `SELECT rowid AS place, ${key} FROM ${table} WHERE rowid > ? ORDER BY rowid LIMIT ${pageRows}`,
        after,
      ),
    )
    for (const row of page) {
      try {
        connection.use(() => read(row))
      } catch (error) {
        if (!SwarmError.isInstance(error, 'STORAGE_CORRUPT')) throw error
        damaged.push({ table, key: String(error.context['key']), reason: error.message })
      }
    }
    count += page.length
    if (page.length < pageRows) return count
    after = Number(page.at(-1)?.place)
  }
}
