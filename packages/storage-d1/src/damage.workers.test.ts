import { archiveJournal, emptyJournalHead, type Storage, verifyJournal } from '@tradeswarm/core'
import { describe, expect, test } from 'vitest'
import type { D1StorageOptions } from './create-d1-storage.js'
import { entries, expectFailure, idsOf, openStorage, testPlace } from './testing-support/open-place.test-support.js'

async function filled(): Promise<{ place: D1StorageOptions; storage: Storage }> {
  const place = testPlace()
  const storage = await openStorage(place)
  await storage.commit({
    journal: entries(emptyJournalHead, 'a', 'b', 'c', 'd'),
    cursors: [{ consumer: 'reader', sequence: 2 }],
    keyValue: [{ key: 'k', value: 'v', ttlMs: 1_000 }],
    records: [{ collection: 'orders', record: { id: 'r', time: 1, tags: { a: 'b' }, text: '{}' } }],
  })
  await archiveJournal(storage, { keepEntries: 2 })
  return { place, storage }
}

const damages: Readonly<Record<string, [sql: string, says: string, read: (storage: Storage) => Promise<unknown>]>> = {
  'the text of an entry': [
    `UPDATE swarm_journal SET text = '{"id":"C"}' WHERE id = 'c'`,
    'journal entry 3 ("c")',
    (storage) => storage.journal.get('c'),
  ],
  'the kind of an entry': [`UPDATE swarm_journal SET kind = 'order' WHERE id = 'c'`, 'journal entry 3 ("c")', idsOf],
  'a cursor': [
    'UPDATE swarm_cursors SET sequence = 1',
    'the cursor of consumer "reader"',
    (storage) => storage.journal.cursor('reader'),
  ],
  'a cursor among all': [
    'UPDATE swarm_cursors SET sequence = 1',
    'the cursor of consumer "reader"',
    (storage) => storage.journal.cursors(),
  ],
  'the value of a document': [
    `UPDATE swarm_key_value SET value = 'w'`,
    'key "k"',
    (storage) => storage.keyValue.get('k'),
  ],
  'the revision of a document': [
    'UPDATE swarm_key_value SET revision = 2',
    'key "k"',
    (storage) => storage.keyValue.list({ prefix: '' }),
  ],
  'the expiry of a document': [
    'UPDATE swarm_key_value SET expires_at = NULL',
    'key "k"',
    (storage) => storage.keyValue.get('k'),
  ],
  'the text of a record': [
    `UPDATE swarm_records SET text = '{"x":1}'`,
    'record "r" in "orders"',
    (storage) => storage.records.get('orders', 'r'),
  ],
  'the tags of a record': [
    `UPDATE swarm_records SET tags = '{"a":"c"}'`,
    'record "r" in "orders"',
    (storage) => storage.records.query('orders', { where: { a: 'b' } }),
  ],
  'a segment': [
    `UPDATE swarm_segments SET hash = '${'0'.repeat(64)}'`,
    'the segment of entries 1 to 2',
    (storage) => storage.journal.segments(),
  ],
}

describe('damage in the database', () => {
  test.each(Object.entries(damages))('%s is found by its checksum and named', async (_, [sql, says, read]) => {
    const { place, storage } = await filled()
    await read(storage)
    await place.database.batch([place.database.prepare(sql)])
    await expectFailure('STORAGE_CORRUPT', `DATABASE is damaged: ${says}`, () => read(storage))
  })

  test('an altered entry is the first fault that verifying the journal reports', async () => {
    const { place, storage } = await filled()
    expect(await verifyJournal(storage.journal)).toMatchObject({ ok: true, entries: 4 })
    await place.database.batch([place.database.prepare('UPDATE swarm_journal SET time = 2 WHERE sequence = 3')])
    expect(await verifyJournal(storage.journal)).toMatchObject({ ok: false, sequence: 3 })
  })

  test('a journal that does not end in its head is refused at open', async () => {
    const { place, storage } = await filled()
    await storage.close()
    await place.database.batch([place.database.prepare('DELETE FROM swarm_journal WHERE sequence = 4')])
    await expectFailure('STORAGE_CORRUPT', 'the head is entry 4', () => openStorage(place))
    await place.database.batch([place.database.prepare('DELETE FROM swarm_head')])
    await expectFailure('STORAGE_CORRUPT', 'the row with the head is gone', () => openStorage(place))
  })

  test('entries beyond the head are not overwritten', async () => {
    const { place, storage } = await filled()
    await place.database.batch([
      place.database.prepare(`INSERT INTO swarm_journal VALUES (5, 'ghost', 'message', 1, '{}', '', 0)`),
    ])
    await expectFailure('STORAGE_CORRUPT', 'the journal holds entries beyond its head', async () =>
      storage.commit({ journal: entries(await storage.journal.head(), 'e') }),
    )
  })
})
