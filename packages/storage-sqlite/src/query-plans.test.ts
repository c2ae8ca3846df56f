import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { archiveJournal, chainEntry, emptyJournalHead, type Storage, sha256Hex } from '@tradeswarm/core'
import { expect, onTestFinished, test } from 'vitest'
import { storageOn } from './create-sqlite-storage.js'
import { openDatabase } from './open-database.js'

/** Each way in which a statement reaches its rows; the bare ones take the last row of a table. */
const accessPaths = [
  'SEARCH blobs USING INDEX sqlite_autoindex_blobs_1 (hash=?)',
  'SEARCH journal',
  'SEARCH journal USING INDEX journal_by_kind (kind=? AND sequence>? AND sequence<?)',
  'SEARCH journal USING INDEX sqlite_autoindex_journal_1 (id=?)',
  'SEARCH journal USING INTEGER PRIMARY KEY (rowid=?)',
  'SEARCH journal USING INTEGER PRIMARY KEY (rowid>? AND rowid<?)',
  'SEARCH journal_cursors USING PRIMARY KEY (consumer=?)',
  'SEARCH journal_segments',
  'SEARCH journal_segments USING INTEGER PRIMARY KEY (rowid=?)',
  'SEARCH journal_segments USING INTEGER PRIMARY KEY (rowid>?)',
  'SEARCH key_value USING INDEX key_value_by_expiry (expires_at<?)',
  'SEARCH key_value USING INDEX sqlite_autoindex_key_value_1 (key=?)',
  'SEARCH key_value USING INDEX sqlite_autoindex_key_value_1 (key>? AND key<?)',
  'SEARCH key_value USING INTEGER PRIMARY KEY (rowid=?)',
  'SEARCH o USING PRIMARY KEY (collection=? AND tag=? AND value=? AND time=? AND id=?)',
  'SEARCH r USING COVERING INDEX records_by_time (collection=?)',
  'SEARCH r USING INDEX records_by_time (collection=? AND (time,id)>(?,?) AND time<?)',
  'SEARCH r USING INDEX records_by_time (collection=? AND time>? AND (time,id)<(?,?))',
  'SEARCH r USING INDEX sqlite_autoindex_records_1 (collection=? AND id=?)',
  'SEARCH record_tags USING PRIMARY KEY (collection=? AND tag=? AND value=? AND time=? AND id=?)',
  'SEARCH records USING INDEX sqlite_autoindex_records_1 (collection=? AND id=?)',
  'SEARCH t USING PRIMARY KEY (collection=? AND tag=? AND value=? AND (time,id)>(?,?) AND time<?)',
  'SEARCH t USING PRIMARY KEY (collection=? AND tag=? AND value=? AND time=? AND id=?)',
  'SEARCH t USING PRIMARY KEY (collection=? AND tag=? AND value=? AND time>? AND (time,id)<(?,?))',
  'SEARCH t USING PRIMARY KEY (collection=? AND tag=? AND value=?)',
]

/** All cursors, of which there are few, and what is checked once, at open; each in the order of the table's key. */
const wholeTables = ['SCAN e VIRTUAL TABLE INDEX 1:', 'SCAN journal_cursors', 'SCAN journal_segments', 'SCAN r']

/** Uses every read and write of the ports, in each of the forms that make a statement of their own. */
async function useEverything(storage: Storage): Promise<void> {
  const draft = { kind: 'message', time: 1, text: '{}' }
  const first = chainEntry(emptyJournalHead, { ...draft, id: 'e' })
  const record = { id: 'r', time: 1, tags: { a: '1', b: '2' }, text: '{}' }
  await storage.commit({
    journal: [first, chainEntry(first, { ...draft, id: 'f' })],
    cursors: [{ consumer: 'c', sequence: 1 }],
    keyValue: [{ key: 'k', value: 'v', ttlMs: 5 }, { key: 'gone' }],
    records: [
      { collection: 'c', record },
      { collection: 'c', record: { ...record, time: 2 } },
    ],
    blobs: [{ hash: sha256Hex('t'), text: 't' }],
  })
  await storage.commit({ keyValue: [{ key: 'k', value: 'w' }] })
  await storage.journal.head()
  await storage.journal.get('e')
  await storage.journal.first()
  await storage.journal.cursor('c')
  await storage.journal.cursors()
  await storage.journal.segments({ from: 1 })
  await archiveJournal(storage, { keepEntries: 1 })
  await storage.journal.get('e')
  await storage.commit({ cursors: [{ consumer: 'c' }] })
  for (const kinds of [undefined, ['message'], ['message', 'order', 'ledger']]) {
    for await (const _ of storage.journal.read(kinds === undefined ? {} : { kinds }));
  }
  await storage.keyValue.get('k')
  await storage.keyValue.list({ prefix: 'k' })
  await storage.keyValue.list({ prefix: 'k', after: 'k0' })
  await storage.records.get('c', 'r')
  for (const where of [{}, { a: '1' }, { a: '1', b: '2' }]) {
    await storage.records.count('c', where)
    for (const order of ['ascending', 'descending'] as const) {
      await storage.records.query('c', { where, order, fromTime: 0, toTime: 9, after: { time: 1, id: 'q' } })
    }
  }
  await storage.blobs.get(sha256Hex('t'))
  await storage.blobs.delete(sha256Hex('t'))
}

test('every statement finds its rows by an index and in the order asked for', async () => {
  const folder = await mkdtemp(join(tmpdir(), 'tradeswarm-'))
  onTestFinished(() => rm(folder, { recursive: true }))
  const file = join(folder, 'swarm.db')
  const { connection, close } = openDatabase(file, {
    synchronous: 'normal',
    readOnly: false,
    mustExist: false,
    mustNotExist: false,
  })
  const storage = storageOn(connection, { now: () => 0 }, close)
  onTestFinished(() => storage.close())
  await useEverything(storage)

  const statements = connection.statementTexts.filter((sql) => /^(SELECT|INSERT|UPDATE|DELETE)/.test(sql))
  expect(statements.length).toBeGreaterThan(20)
  const searches: string[] = []
  const scans: string[] = []
  for (const sql of statements) {
    const plan = connection.database
      .prepare(`EXPLAIN QUERY PLAN ${sql}`)
      .all()
      .map(({ detail }) => String(detail))
    // Newer releases of SQLite turn an EXISTS into a join step and say so.
    searches.push(...plan.filter((step) => step.startsWith('SEARCH')).map((step) => step.replace(' EXISTS ', ' ')))
    scans.push(...plan.filter((step) => step.startsWith('SCAN')))
    expect(
      plan.filter((step) => /TEMP B-TREE|AUTOMATIC/.test(step)),
      sql,
    ).toEqual([])
  }
  expect([...new Set(scans)].sort()).toEqual(wholeTables)
  expect([...new Set(searches)].sort()).toEqual(accessPaths)
})
