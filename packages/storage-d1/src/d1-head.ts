import { type JournalHead, storageCorrupt } from '@tradeswarm/core'
import type { Database, Statement } from './database.js'

/** The row that every commit replaces: who committed last, and where journal and archive end. */
export type StoredHead = {
  /** How many commits were made. */
  readonly commits: number
  /** Of the last commit; no other has it. */
  readonly token: string
  readonly journal: JournalHead
  readonly archived: JournalHead
}

/** The first live sequence, as a part of a larger read. */
export const firstLiveStatement: Statement = {
  sql: 'SELECT archived_sequence + 1 AS first FROM swarm_head WHERE id = 1',
  values: [],
}

/** The row as it is now. */
export async function storedHead(database: Database): Promise<StoredHead> {
  const row = await database.row(
    'SELECT commits, token, sequence, hash, archived_sequence, archived_hash FROM swarm_head WHERE id = 1',
  )
  if (row === undefined)
    throw storageCorrupt(database.name, 'the row with the head is gone', { table: 'swarm_head', key: '1' })
  return {
    commits: row.commits as number,
    token: row.token as string,
    journal: { sequence: row.sequence as number, hash: row.hash as string },
    archived: { sequence: row.archived_sequence as number, hash: row.archived_hash as string },
  }
}

/** Throws `STORAGE_CORRUPT` when the last entry of the journal is not the one that the head names. */
export async function assertHeadMatches(database: Database, { journal }: StoredHead): Promise<void> {
  const last = await database.row('SELECT sequence, hash FROM swarm_journal ORDER BY sequence DESC LIMIT 1')
  const sequence = (last?.sequence as number | undefined) ?? 0
  if (sequence === journal.sequence && (last === undefined || last.hash === journal.hash)) return
  throw storageCorrupt(
    database.name,
    `the head is entry ${journal.sequence}, but the last entry of the journal is ${sequence} or another one`,
    { table: 'swarm_journal', sequence: journal.sequence },
  )
}

/** Aborts the transaction, by the constraint `head_conflict`, unless the last commit is the one with this token. */
export function fenceStatement(token: string): Statement {
  return {
    sql: `INSERT INTO swarm_preconditions (is_head)
  SELECT 0 WHERE NOT EXISTS (SELECT 1 FROM swarm_head WHERE id = 1 AND token = ?)`,
    values: [token],
  }
}

/** Replaces the row, at the end of a commit. */
export function headStatement({ commits, token, journal, archived }: StoredHead): Statement {
  return {
    sql: `UPDATE swarm_head SET commits = ?, token = ?, sequence = ?, hash = ?, archived_sequence = ?, archived_hash = ?
  WHERE id = 1`,
    values: [commits, token, journal.sequence, journal.hash, archived.sequence, archived.hash],
  }
}
