import type { Statement } from './database.js'

/** One row for the database: its columns in order, texts well-formed. */
export type PackedRow = readonly (string | number | null)[]

/**
 * D1 binds a hundred values to a statement and takes 100 KB of SQL, so rows travel as one JSON array in one bound value
 * and `json_each` unpacks them. A value may have 2 MB; half of that leaves room for characters of three bytes.
 */
const charactersOfChunk = 500_000

/** Splits rows, in their order, into JSON arrays of at most 500,000 characters but for the last row of each. */
export function packRows(rows: readonly PackedRow[]): readonly string[] {
  const chunks: string[] = []
  let chunk = ''
  for (const row of rows) {
    const json = JSON.stringify(row)
    if (chunk !== '' && chunk.length + json.length > charactersOfChunk) {
      chunks.push(`[${chunk}]`)
      chunk = ''
    }
    chunk = chunk === '' ? json : `${chunk},${json}`
  }
  if (chunk !== '') chunks.push(`[${chunk}]`)
  return chunks
}

/**
 * The statements that write rows: `sql` reads the JSON array from `?1` and takes `?2`, where it is not null, in place of
 * the column at `longColumn`. A long text is bound by itself that way, for escaped in JSON it may be too much for a value.
 */
export function rowStatements(sql: string, rows: readonly PackedRow[], longColumn: number): Statement[] {
  const short: PackedRow[] = []
  const statements: Statement[] = []
  const flush = (): void => {
    for (const chunk of packRows(short)) statements.push({ sql, values: [chunk, null] })
    short.length = 0
  }
  for (const row of rows) {
    const long = row[longColumn]
    if (typeof long !== 'string' || long.length < longText) {
      short.push(row)
      continue
    }
    flush()
    statements.push({ sql, values: [JSON.stringify([row.with(longColumn, null)]), long] })
  }
  flush()
  return statements
}

// Escaped, a character takes six of JSON at most, and no row of short texts then has more than 600,000.
const longText = 100_000
