import {
  archiveJournal,
  chainEntry,
  emptyJournalHead,
  type JournalEntry,
  type Storage,
  sha256Hex,
} from '@tradeswarm/core'
import { expect, test } from 'vitest'
import { faultyBinding } from './testing-support/faulty-binding.test-support.js'
import { entries, expectFailure, openStorage, testPlace } from './testing-support/open-place.test-support.js'

/** Each way in which a statement reaches its rows; the bare `swarm_journal` takes the last row, by `max()`. */
const accessPaths = [
  'SEARCH a USING PRIMARY KEY (id=?)',
  'SEARCH j USING COVERING INDEX sqlite_autoindex_swarm_journal_1 (id=?)',
  'SEARCH j USING PRIMARY KEY (id=?)',
  'SEARCH k USING INDEX sqlite_autoindex_swarm_key_value_1 (key=?) LEFT-JOIN',
  'SEARCH o USING PRIMARY KEY (collection=? AND tag=? AND value=? AND time=? AND id=?)',
  'SEARCH r USING COVERING INDEX swarm_records_by_time (collection=?)',
  'SEARCH r USING INDEX sqlite_autoindex_swarm_records_1 (collection=? AND id=?)',
  'SEARCH r USING INDEX swarm_records_by_time (collection=? AND (time,id)>(?,?) AND time<?)',
  'SEARCH r USING INDEX swarm_records_by_time (collection=? AND time>? AND (time,id)<(?,?))',
  'SEARCH swarm_archived_ids USING PRIMARY KEY (id=?)',
  'SEARCH swarm_blobs USING PRIMARY KEY (hash=?)',
  'SEARCH swarm_cursors USING PRIMARY KEY (consumer=?)',
  'SEARCH swarm_head USING INTEGER PRIMARY KEY (rowid=?)',
  'SEARCH swarm_journal',
  'SEARCH swarm_journal USING INDEX sqlite_autoindex_swarm_journal_1 (id=?)',
  'SEARCH swarm_journal USING INDEX swarm_journal_by_kind (kind=? AND sequence>? AND sequence<?)',
  'SEARCH swarm_journal USING INTEGER PRIMARY KEY (rowid<?)',
  'SEARCH swarm_journal USING INTEGER PRIMARY KEY (rowid=?)',
  'SEARCH swarm_journal USING INTEGER PRIMARY KEY (rowid>? AND rowid<?)',
  'SEARCH swarm_key_value USING COVERING INDEX sqlite_autoindex_swarm_key_value_1 (key=?)',
  'SEARCH swarm_key_value USING INDEX sqlite_autoindex_swarm_key_value_1 (key=?)',
  'SEARCH swarm_key_value USING INDEX sqlite_autoindex_swarm_key_value_1 (key>? AND key<?)',
  'SEARCH swarm_key_value USING INDEX swarm_key_value_by_expiry (expires_at<?)',
  'SEARCH swarm_record_tags USING PRIMARY KEY (collection=? AND tag=? AND value=? AND time=? AND id=?)',
  'SEARCH swarm_schema',
  'SEARCH swarm_segments USING INTEGER PRIMARY KEY (rowid>?)',
  'SEARCH t USING PRIMARY KEY (collection=? AND tag=? AND value=? AND (time,id)>(?,?) AND time<?)',
  'SEARCH t USING PRIMARY KEY (collection=? AND tag=? AND value=? AND time>? AND (time,id)<(?,?))',
  'SEARCH t USING PRIMARY KEY (collection=? AND tag=? AND value=?)',
]

/** Uses every read and write of the ports, in each of the forms that make a statement of their own. */
async function useEverything(storage: Storage): Promise<void> {
  const record = { id: 'r', time: 1, tags: { a: '1', b: '2' }, text: '{}' }
  const journal: JournalEntry[] = []
  for (const kind of ['message', 'order', 'ledger'])
    journal.push(chainEntry(journal.at(-1) ?? emptyJournalHead, { id: kind, kind, time: 1, text: '{}' }))
  await storage.commit({
    journal,
    cursors: [{ consumer: 'c', sequence: 2 }, { consumer: 'gone' }],
    keyValue: [{ key: 'k', value: 'v', ttlMs: 5, ifRevision: 0 }, { key: 'gone' }],
    records: [
      { collection: 'c', record },
      { collection: 'c', record: { ...record, time: 2 } },
    ],
    blobs: [{ hash: sha256Hex('t'), text: 't' }],
  })
  await archiveJournal(storage, { keepEntries: 1 })
  const head = await storage.journal.head()
  await storage.commit({ journal: entries(head, 'e') })
  await expectFailure('DUPLICATE_JOURNAL_ID', 'message', async () =>
    storage.commit({ journal: entries(await storage.journal.head(), 'message') }),
  )
  await expectFailure('REVISION_CONFLICT', 'k', () => storage.commit({ keyValue: [{ key: 'k', ifRevision: 9 }] }))
  await storage.journal.get('e')
  await storage.journal.cursor('c')
  await storage.journal.cursors()
  await storage.journal.segments()
  for (const kinds of [undefined, ['message'], ['message', 'order', 'ledger', 'a', 'b']]) {
    for await (const _ of storage.journal.read(kinds === undefined ? {} : { kinds }));
  }
  await storage.keyValue.get('k')
  await storage.keyValue.list({ prefix: 'k' })
  await storage.keyValue.list({ prefix: 'k', after: 'k0' })
  await storage.records.get('c', 'r')
  for (const where of [{}, { a: '1' }, { a: '1', b: '2' }]) {
    await storage.records.count('c', where)
    for (const order of ['ascending', 'descending'] as const)
      await storage.records.query('c', { where, order, fromTime: 0, toTime: 9, after: { time: 1, id: 'q' } })
  }
  await storage.blobs.get(sha256Hex('t'))
  await storage.blobs.delete(sha256Hex('t'))
}

// What is walked from end to end: the rows that were passed in, the rows that a page has fetched already, a constant, the
// cursors (all of them are asked for), the blobs that are being erased, and the one row of the schema.
const walked =
  /^SCAN (w|t|json_each|CONSTANT ROW|\(subquery-\d+\)|swarm_cursors|swarm_schema|swarm_blobs USING COVERING INDEX swarm_blobs_erasing)/
const isRows = (step: string): boolean => walked.test(step) || /VIRTUAL TABLE INDEX 1:/.test(step)

/** D1 explains a statement only with all of its values. */
function parameterCount(sql: string): number {
  const numbered = [...sql.matchAll(/\?(\d+)/g)].map(([, number]) => Number(number))
  return numbered.length > 0 ? Math.max(...numbered) : (sql.match(/\?/g) ?? []).length
}

test('every statement finds its rows by an index and in the order asked for', async () => {
  const place = testPlace()
  const { binding, statements } = faultyBinding(place.database)
  const storage = await openStorage({ ...place, database: binding })
  await useEverything(storage)

  const ours = [...statements].filter(
    (sql) => /^(SELECT|INSERT|DELETE|UPDATE)/.test(sql) && !sql.includes('sqlite_master'),
  )
  const searches = new Set<string>()
  for (const sql of ours) {
    const { results } = await place.database
      .prepare(`EXPLAIN QUERY PLAN ${sql}`)
      .bind(...Array.from({ length: parameterCount(sql) }, () => null))
      .all<{ detail: string }>()
    const plan = results.map(({ detail }) => detail.replace(' EXISTS ', ' '))
    for (const step of plan) if (step.startsWith('SEARCH')) searches.add(step)
    expect(
      plan.filter((step) => /^SCAN|TEMP B-TREE|AUTOMATIC/.test(step) && !isRows(step)),
      `${sql}\n${plan.join('\n')}`,
    ).toEqual([])
  }
  expect(ours.length).toBeGreaterThan(35)
  expect([...searches].toSorted()).toEqual(accessPaths)
})
