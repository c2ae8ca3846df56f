import { DatabaseSync } from 'node:sqlite'
import type { Connection } from './connection.js'
import { migrate } from './migrate.js'
import { corruptRow } from './row-checksum.js'
import { migrations } from './schema.js'
import { journalCursors } from './sqlite-cursors.js'
import { corruptFile } from './sqlite-errors.js'
import { assertSegmentsJoin } from './sqlite-segments.js'

/**
 * Throws `STORAGE_CORRUPT` where SQLite finds the file damaged: pages, rows out of order, values of a wrong type, and
 * indexes that do not hold exactly what their tables do. So an altered key or number of a row cannot hide that row.
 */
export function assertStructure(database: DatabaseSync, file: string): void {
  const encoding = database.prepare('PRAGMA encoding').get()?.encoding
  if (encoding !== 'UTF-8') throw corruptFile(file, `its texts are marked as ${String(encoding)}, not UTF-8`)
  const [first] = database.prepare('PRAGMA integrity_check(1)').all()
  if (first?.integrity_check !== 'ok') throw corruptFile(file, String(first?.integrity_check))
}

/** Throws `STORAGE_CORRUPT` unless every table and index is declared as the migrations declare it. */
export function assertSchema(database: DatabaseSync, file: string): void {
  const stored = declarations(database)
  const pattern = new DatabaseSync(':memory:')
  try {
    migrate(pattern, 0, migrations)
    for (const [name, declaration] of declarations(pattern))
      if (stored.get(name) !== declaration) throw corruptFile(file, `the declaration of ${name} is not what it was`)
  } finally {
    pattern.close()
  }
}

/**
 * Throws `STORAGE_CORRUPT`, naming table and row, for what no index guards and no read of a single row would show: a
 * cursor or segment that was altered, and a record that is not listed under its tags. Tags that are no JSON fail their
 * checksum when they are read.
 */
export function assertContent(connection: Connection): void {
  journalCursors(connection)
  assertSegmentsJoin(connection)
  const unlisted = connection.row(
    `SELECT r.collection, r.id FROM records r CROSS JOIN json_each(iif(json_valid(r.tags), r.tags, '{}')) e
     WHERE NOT EXISTS (
       SELECT 1 FROM record_tags t
       WHERE t.collection = r.collection AND t.tag = e.key AND t.value = e.atom AND t.time = r.time AND t.id = r.id
     ) LIMIT 1`,
  )
  if (unlisted === undefined) return
  const key = `${String(unlisted.collection)}/${String(unlisted.id)}`
  throw corruptRow(connection, 'record_tags', key, 'the record is not listed under its tags')
}

function declarations(database: DatabaseSync): Map<string, string> {
  const rows = database.prepare('SELECT type, name, tbl_name, sql FROM sqlite_schema').all()
  return new Map(
    rows.map(({ type, name, tbl_name, sql }) => [
      String(name),
      `${String(type)} ${String(tbl_name)} ${String(sql)}`.replaceAll(/\s+/g, ''),
    ]),
  )
}
