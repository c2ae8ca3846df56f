import { emptyJournalHead, type JournalHead, storageCorrupt } from '@tradeswarm/core'
import type { Database, Row, Statement } from './database.js'

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

const headSql = 'SELECT commits, token, sequence, hash, archived_sequence, archived_hash FROM swarm_head WHERE id = 1'

/** The row as it is now. */
export async function storedHead(database: Database): Promise<StoredHead> {
  return headOf(await database.row(headSql), database.name)
}

/** As {@link storedHead}. Throws `STORAGE_CORRUPT` when the last entry of the journal is not the one that the head names. */
export async function checkedHead(database: Database): Promise<StoredHead> {
  const [heads, entries] = await database.readAll([
    { sql: headSql, values: [] },
    {
      sql: 'SELECT sequence, hash FROM swarm_journal WHERE sequence = (SELECT max(sequence) FROM swarm_journal)',
      values: [],
    },
  ])
  const head = headOf(heads?.[0], database.name)
  const last = entries?.[0] ?? emptyJournalHead
  if (last.sequence === head.journal.sequence && last.hash === head.journal.hash) return head
  throw storageCorrupt(
    database.name,
    `the head is entry ${head.journal.sequence}, but the last entry of the journal is ${String(last.sequence)} or another one`,
    { table: 'swarm_journal', sequence: head.journal.sequence },
  )
}

function headOf(row: Row | undefined, place: string): StoredHead {
  if (row === undefined) throw storageCorrupt(place, 'the row with the head is gone', { table: 'swarm_head', key: '1' })
  return {
    commits: row.commits as number,
    token: row.token as string,
    journal: { sequence: row.sequence as number, hash: row.hash as string },
    archived: { sequence: row.archived_sequence as number, hash: row.archived_hash as string },
  }
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
