import { emptyJournalHead, type Storage, type WriteBatch } from '@tradeswarm/core'
import { describe, expect, test } from 'vitest'
import {
  append,
  blobOf,
  entriesAfter,
  expectCode,
  openStorage,
  readAll,
  type StorageContractOptions,
  startTime,
} from './contract-harness.js'

const wholeBatch: WriteBatch = {
  journal: entriesAfter(emptyJournalHead, [{ id: 'e1' }, { id: 'e2', kind: 'order' }]),
  cursors: [{ consumer: 'consumer', sequence: 1 }],
  keyValue: [{ key: 'key', value: 'value' }],
  records: [{ collection: 'orders', record: { id: 'r1', time: startTime, tags: { symbol: 'AAPL' }, text: '{}' } }],
  blobs: [blobOf('a text')],
}

async function contents(storage: Storage): Promise<unknown> {
  return {
    journal: await readAll(storage),
    head: await storage.journal.head(),
    cursor: await storage.journal.cursor('consumer'),
    keyValue: await storage.keyValue.list({ prefix: '' }),
    records: await storage.records.query('orders'),
    tagged: await storage.records.count('orders', { symbol: 'AAPL' }),
    blob: await storage.blobs.get(blobOf('a text').hash),
  }
}

/** The cases of `Storage.commit`, the `BlobStore` port, and of closing and opening again. */
export function commitCases(options: StorageContractOptions): void {
  describe('commit', () => {
    test('writes every part of a batch', async () => {
      const { storage } = await openStorage(options)
      await storage.commit(wholeBatch)
      expect(await contents(storage)).toEqual({
        journal: wholeBatch.journal,
        head: { sequence: 2, hash: wholeBatch.journal?.[1]?.hash },
        cursor: 1,
        keyValue: [{ key: 'key', value: 'value', revision: 1 }],
        records: [wholeBatch.records?.[0]?.record],
        tagged: 1,
        blob: 'a text',
      })
    })

    test('an empty batch changes nothing', async () => {
      const { storage } = await openStorage(options)
      const before = await contents(storage)
      await storage.commit({})
      await storage.commit({ journal: [], cursors: [], keyValue: [], records: [], blobs: [] })
      expect(await contents(storage)).toEqual(before)
    })

    const failures: Readonly<Record<string, { readonly code: string; readonly part: WriteBatch }>> = {
      'a journal entry out of place': {
        code: 'JOURNAL_CONFLICT',
        part: { journal: entriesAfter({ ...emptyJournalHead, sequence: 5 }, [{ id: 'e9' }]) },
      },
      'a journal id that is taken': {
        code: 'DUPLICATE_JOURNAL_ID',
        part: {
          journal: entriesAfter(entriesAfter(emptyJournalHead, [{ id: 'e0' }])[0] ?? emptyJournalHead, [
            { id: 'e1' },
            { id: 'e0' },
          ]),
        },
      },
      'a cursor beyond the head': {
        code: 'INVALID_BATCH',
        part: { cursors: [{ consumer: 'consumer', sequence: 99 }] },
      },
      'a lost compare-and-set, after another write': {
        code: 'REVISION_CONFLICT',
        part: {
          keyValue: [
            { key: 'key', value: 'value' },
            { key: 'other', value: 'x', ifRevision: 3 },
          ],
        },
      },
      'a record without a time': {
        code: 'INVALID_BATCH',
        part: { records: [{ collection: 'orders', record: { id: 'r', time: Number.NaN, tags: {}, text: '' } }] },
      },
      'a blob under a hash that is not its own': {
        code: 'INVALID_BATCH',
        part: { blobs: [blobOf('a text'), { hash: '0'.repeat(64), text: 'x' }] },
      },
    }
    test.each(Object.entries(failures))('leaves nothing of a batch with %s', async (_, { code, part }) => {
      const { storage, reopen } = await openStorage(options)
      const [first] = await append(storage, { id: 'e0' })
      const before = await contents(storage)
      const journal = entriesAfter(first ?? emptyJournalHead, [{ id: 'e1' }, { id: 'e2' }])
      await expectCode(code, () => storage.commit({ ...wholeBatch, journal, ...part }))
      expect(await contents(storage)).toEqual(before)
      await storage.commit({ ...wholeBatch, journal })
      const after = await contents(storage)
      expect(after).toMatchObject({ cursor: 1, tagged: 1, blob: 'a text', head: { sequence: 3 } })
      expect(await contents(await reopen())).toEqual(after)
    })

    test('commits in the order of the calls, without waiting between them', async () => {
      const { storage } = await openStorage(options)
      const journal = entriesAfter(
        emptyJournalHead,
        Array.from({ length: 50 }, (_, index) => ({ id: `e${index}` })),
      )
      await Promise.all(
        journal.map((entry, index) =>
          storage.commit({ journal: [entry], keyValue: [{ key: 'last', value: `${index}` }] }),
        ),
      )
      expect(await readAll(storage)).toEqual(journal)
      expect(await storage.keyValue.get('last')).toEqual({ key: 'last', value: '49', revision: 50 })
    })

    test('what the caller does with a batch afterwards changes nothing stored', async () => {
      const { storage } = await openStorage(options)
      const tags: Record<string, string> = { symbol: 'AAPL' }
      await storage.commit({ records: [{ collection: 'orders', record: { id: 'r', time: 1, tags, text: '{}' } }] })
      tags.symbol = 'MSFT'
      expect((await storage.records.get('orders', 'r'))?.tags).toEqual({ symbol: 'AAPL' })
      expect(await storage.records.count('orders', { symbol: 'AAPL' })).toBe(1)
    })

    test('reads half of a surrogate pair back as U+FFFD, and the chain still holds', async () => {
      const { storage } = await openStorage(options)
      const broken = 'a\uD83Db\uDC1D'
      const [entry] = await append(storage, { id: broken, kind: broken, text: broken })
      await storage.commit({
        keyValue: [{ key: broken, value: broken }],
        records: [{ collection: broken, record: { id: broken, time: 1, tags: { [broken]: broken }, text: broken } }],
        blobs: [blobOf(broken)],
      })
      const mended = 'a\uFFFDb\uFFFD'
      expect(await storage.journal.get(broken)).toEqual({ ...entry, id: mended, kind: mended, text: mended })
      expect(await readAll(storage, { kinds: [broken] })).toHaveLength(1)
      expect(await storage.keyValue.get(mended)).toEqual({ key: mended, value: mended, revision: 1 })
      expect(await storage.records.query(broken, { where: { [broken]: broken } })).toEqual([
        { id: mended, time: 1, tags: { [mended]: mended }, text: mended },
      ])
      expect(await storage.blobs.get(blobOf(broken).hash)).toBe(mended)
    })
  })

  describe('blob store', () => {
    test('puts, gets and deletes texts by their hash', async () => {
      const { storage } = await openStorage(options)
      const texts = ['', 'short', 'long '.repeat(100_000), 'nul\u0000 🐝']
      await storage.commit({ blobs: texts.map(blobOf) })
      for (const text of texts) expect(await storage.blobs.get(blobOf(text).hash)).toBe(text)
      await storage.blobs.delete(blobOf('short').hash)
      await storage.blobs.delete(blobOf('short').hash)
      expect(await storage.blobs.get(blobOf('short').hash)).toBeUndefined()
      expect(await storage.blobs.get(blobOf('').hash)).toBe('')
    })

    test('takes the same text twice, in one batch and later', async () => {
      const { storage } = await openStorage(options)
      await storage.commit({ blobs: [blobOf('same'), blobOf('same')] })
      await storage.commit({ blobs: [blobOf('same')] })
      expect(await storage.blobs.get(blobOf('same').hash)).toBe('same')
      await storage.blobs.delete(blobOf('same').hash)
      expect(await storage.blobs.get(blobOf('same').hash)).toBeUndefined()
    })
  })

  describe('closing', () => {
    test('every call after close is refused, and closing again is allowed', async () => {
      const { storage } = await openStorage(options)
      await append(storage, { id: 'a' }, { id: 'b' })
      const reading = storage.journal.read()[Symbol.asyncIterator]()
      await reading.next()
      await storage.close()
      await storage.close()
      const calls: Readonly<Record<string, () => Promise<unknown>>> = {
        'journal.head': () => storage.journal.head(),
        'journal.get': () => storage.journal.get('a'),
        'journal.cursor': () => storage.journal.cursor('a'),
        'journal.cursors': () => storage.journal.cursors(),
        'journal.first': () => storage.journal.first(),
        'journal.segments': () => storage.journal.segments(),
        'journal.read': () => readAll(storage),
        'keyValue.get': () => storage.keyValue.get('a'),
        'keyValue.list': () => storage.keyValue.list({ prefix: '' }),
        'records.get': () => storage.records.get('a', 'a'),
        'records.query': () => storage.records.query('a'),
        'records.count': () => storage.records.count('a'),
        'blobs.get': () => storage.blobs.get('a'),
        'blobs.delete': () => storage.blobs.delete('a'),
        commit: () => storage.commit({}),
        'journal.read, half way': () => reading.next(),
      }
      for (const call of Object.values(calls)) await expectCode('STORAGE_CLOSED', call)
    })

    test('data are there after closing and opening again', async () => {
      const { storage, reopen, clock } = await openStorage(options)
      await storage.commit(wholeBatch)
      await storage.commit({
        keyValue: [
          { key: 'soon gone', value: 'x', ttlMs: 10 },
          { key: 'key', value: 'v2' },
        ],
      })
      const before = (await contents(storage)) as { keyValue: { key: string }[] }
      clock.advance(10)
      const again = await reopen()
      expect(await contents(again)).toEqual({ ...before, keyValue: before.keyValue.filter(({ key }) => key === 'key') })
      await append(again, { id: 'e3' })
      expect((await readAll(again)).map(({ id }) => id)).toEqual(['e1', 'e2', 'e3'])
      await expectCode('DUPLICATE_JOURNAL_ID', () => append(again, { id: 'e1' }))
    })

    test('two places share nothing', async () => {
      const [one, other] = [await openStorage(options), await openStorage(options)]
      await one.storage.commit(wholeBatch)
      expect(await other.storage.journal.head()).toEqual(emptyJournalHead)
      expect(await other.storage.keyValue.list({ prefix: '' })).toEqual([])
    })
  })
}
