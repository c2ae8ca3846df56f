import { env } from 'cloudflare:workers'
import {
  chainEntry,
  emptyJournalHead,
  type JournalEntry,
  type Storage,
  sha256Hex,
  type WriteBatch,
} from '@tradeswarm/core'
import { describe, expect, test } from 'vitest'
import type { D1StatementBinding } from './bindings.js'
import { createD1Storage } from './create-d1-storage.js'
import { faultyBinding } from './testing-support/faulty-binding.test-support.js'
import {
  clock,
  entries,
  expectFailure,
  idsOf,
  openStorage,
  testPlace,
} from './testing-support/open-place.test-support.js'

describe('opening', () => {
  test('touches nothing before the definition is opened, and refuses what is no binding', async () => {
    const place = testPlace()
    const { binding, statements } = faultyBinding(place.database)
    createD1Storage({ ...place, database: binding })
    expect(statements.size).toBe(0)
    for (const [option, broken] of [
      ['database', { ...place, database: undefined }],
      ['blobs', { ...place, blobs: {} }],
      ['cache', { ...place, cache: 'CACHE' }],
      ['cacheTtlSeconds', { ...place, cacheTtlSeconds: 59 }],
    ] as const) {
      expect(() => createD1Storage(broken as never)).toThrow(
        expect.objectContaining({ code: 'INVALID_OPTION', message: expect.stringContaining(option) }),
      )
    }
  })

  test('leaves tables of others beside it as they are', async () => {
    const place = testPlace()
    await place.database.batch([
      place.database.prepare('CREATE TABLE theirs (a)'),
      place.database.prepare('INSERT INTO theirs VALUES (1)'),
    ])
    const storage = await openStorage(place)
    await storage.commit({ keyValue: [{ key: 'k', value: 'v' }] })
    expect((await place.database.prepare('SELECT a FROM theirs').all()).results).toEqual([{ a: 1 }])
  })

  test('a storage that only reads sees each commit of the writer, and writes nothing', async () => {
    const place = testPlace()
    await expectFailure('STORAGE_VERSION', 'DATABASE', () => openStorage({ ...place, readOnly: true }))
    const writer = await openStorage(place)
    const reader = await openStorage({ ...place, readOnly: true })
    await writer.commit({ journal: entries(emptyJournalHead, 'a'), keyValue: [{ key: 'k', value: 'one' }] })
    expect((await reader.keyValue.get('k'))?.value).toBe('one')
    const reading = reader.journal.read()
    await writer.commit({ journal: entries(await writer.journal.head(), 'b') })
    const read: string[] = []
    for await (const { id } of reading) read.push(id)
    expect(read).toEqual(['a'])
    expect(await idsOf(reader)).toEqual(['a', 'b'])
    await expectFailure('STORAGE_READ_ONLY', 'DATABASE', () => reader.commit({ keyValue: [{ key: 'k', value: 'x' }] }))
    await expectFailure('STORAGE_READ_ONLY', 'DATABASE', () => reader.blobs.delete(sha256Hex('x')))
    await writer.commit({ keyValue: [{ key: 'k', value: 'two' }] })
  })

  test('closing waits for the commits that were called for', async () => {
    const place = testPlace()
    const storage = await createD1Storage(place).open({ clock })
    await storage.commit({ blobs: [{ hash: sha256Hex('t'), text: 't' }] })
    const settled: string[] = []
    const calls = [
      storage.commit({ journal: entries(emptyJournalHead, 'a') }).then(() => settled.push('commit')),
      storage.blobs.delete(sha256Hex('t')).then(() => settled.push('delete')),
      expectFailure('REVISION_CONFLICT', '"k"', () =>
        storage.commit({ keyValue: [{ key: 'k', value: 'v', ifRevision: 1 }] }),
      ).then(() => settled.push('refused')),
    ]
    const closed = storage.close()
    await expectFailure('STORAGE_CLOSED', 'DATABASE', () => storage.commit({}))
    await closed
    expect(settled).toEqual(['commit', 'delete', 'refused'])
    await Promise.all(calls)
    expect(await idsOf(await openStorage(place))).toEqual(['a'])
  })
})

describe('limits of D1', () => {
  const long = 'é'.repeat(1_000_000)
  const journalOf = (text: string) => [{ ...entries(emptyJournalHead, 'a')[0], text }] as never
  const refusedBatches: Readonly<Record<string, [what: string, batch: (storage: Storage) => WriteBatch]>> = {
    'a document': ['the value of key "k"', () => ({ keyValue: [{ key: 'k', value: long }] })],
    'a key': ['the key of key', () => ({ keyValue: [{ key: long, value: '' }] })],
    'a record': [
      'the text of record "r" in "c"',
      () => ({ records: [{ collection: 'c', record: { id: 'r', time: 1, tags: {}, text: long } }] }),
    ],
    'tags of a record': [
      'the tags of record "r" in "c"',
      () => ({ records: [{ collection: 'c', record: { id: 'r', time: 1, tags: { a: long }, text: '' } }] }),
    ],
  }

  test.each(Object.entries(refusedBatches))(
    '%s of 2 MB is refused by name, and nothing of its batch is written',
    async (_, [what, batch]) => {
      const place = testPlace()
      const storage = await openStorage(place)
      const error = await expectFailure('VALUE_TOO_LARGE', what, () =>
        storage.commit({
          ...batch(storage),
          journal: entries(emptyJournalHead, 'a'),
          blobs: [{ hash: sha256Hex('t'), text: 't' }],
        }),
      )
      expect(error.message).toContain('a row of D1 takes 1999700')
      expect(await idsOf(storage)).toEqual([])
      expect(await storage.blobs.get(sha256Hex('t'))).toBeUndefined()
      expect(await env.BLOBS.head(`${place.blobPrefix}${sha256Hex('t')}`)).toBeNull()
    },
  )

  test('the text of an entry is refused by name as well', async () => {
    const storage = await openStorage(testPlace())
    const entry = chainEntry(emptyJournalHead, { id: 'a', kind: 'message', time: 1, text: long })
    await expectFailure('VALUE_TOO_LARGE', 'the text of journal entry "a" has 2000000 bytes', () =>
      storage.commit({ journal: [entry] }),
    )
    await expectFailure('JOURNAL_CONFLICT', 'DATABASE', () => storage.commit({ journal: journalOf('x') }))
  })

  test('texts just below the limit are kept, escapes, zeros and all, with no value beyond it on the way', async () => {
    const place = testPlace()
    let longest = 0
    const storage = await openStorage({
      ...place,
      database: {
        prepare: (sql) => {
          const statement = place.database.prepare(sql)
          const bind = statement.bind.bind(statement)
          return Object.assign(statement, {
            bind: (...values: unknown[]) => {
              for (const value of values)
                if (typeof value === 'string') longest = Math.max(longest, new TextEncoder().encode(value).length)
              return bind(...values)
            },
          })
        },
        batch: (statements) => place.database.batch(statements),
      },
    })
    for (const text of ['x'.repeat(1_999_000), '\u0000"'.repeat(999_000), '漢'.repeat(660_000), '\\'.repeat(99_999)]) {
      const records = [{ collection: 'c', record: { id: 'r', time: 1, tags: { t: 'v' }, text } }]
      await storage.commit({ keyValue: [{ key: 'k', value: text }], records })
      expect((await storage.keyValue.get('k'))?.value === text).toBe(true)
      expect((await storage.records.get('c', 'r'))?.text === text).toBe(true)
    }
    expect(longest).toBeLessThanOrEqual(2_000_000)
  })

  test('a batch of thousands of rows and many megabytes is one transaction of statements within bounds', async () => {
    const place = testPlace()
    const sizes: number[] = []
    let transactions = 0
    const storage = await openStorage({
      ...place,
      database: {
        prepare: (sql) => {
          sizes.push(sql.length)
          return place.database.prepare(sql)
        },
        batch: (statements) => {
          transactions += 1
          expect(statements.length).toBeLessThan(60)
          return place.database.batch(statements)
        },
      },
    })
    transactions = 0
    const text = 'some text of an order '.repeat(40)
    const count = 4_000
    await storage.commit({
      keyValue: Array.from({ length: count }, (_, index) => ({ key: `k${index}`, value: text, ifRevision: 0 })),
      records: Array.from({ length: count }, (_, index) => ({
        collection: 'c',
        record: { id: `r${index}`, time: index, tags: { parity: `${index % 2}` }, text },
      })),
    })
    expect(transactions).toBe(1)
    expect(Math.max(...sizes)).toBeLessThan(100_000)
    expect(await storage.records.count('c', { parity: '1' })).toBe(count / 2)
    expect(await storage.keyValue.list({ prefix: '', limit: 2 * count })).toHaveLength(count)
  })

  test('reads of 100 kinds and of 32 conditions stay within its bounds', async () => {
    const storage = await openStorage(testPlace())
    const tags = Object.fromEntries(Array.from({ length: 32 }, (_, index) => [`t${index}`, 'v']))
    const journal = entries(emptyJournalHead, 'a', 'b', 'c')
    await storage.commit({ journal, records: [{ collection: 'c', record: { id: 'r', time: 1, tags, text: '' } }] })
    expect(await storage.records.query('c', { where: tags })).toHaveLength(1)
    const kinds = Array.from({ length: 99 }, (_, index) => `kind ${index}`)
    const read: string[] = []
    for await (const { id } of storage.journal.read({ kinds: [...kinds, 'message'] })) read.push(id)
    expect(read).toEqual(['a', 'b', 'c'])
  })
})

describe('pages of the journal', () => {
  test('of more kinds than one statement takes come in order, none left out', async () => {
    const storage = await openStorage(testPlace())
    const journal: JournalEntry[] = []
    // One kind fills pages of its own, the others lie thinly among it.
    for (let index = 0; index < 2_600; index += 1) {
      const kind = index % 10 === 0 ? `kind ${(index / 10) % 7}` : 'often'
      journal.push(chainEntry(journal.at(-1) ?? emptyJournalHead, { id: `e${index}`, kind, time: 1, text: '{}' }))
    }
    await storage.commit({ journal })
    const kinds = ['often', ...Array.from({ length: 7 }, (_, index) => `kind ${index}`)]
    for (const chosen of [kinds, kinds.slice(1), kinds.slice(2, 8).concat('absent')]) {
      const read: string[] = []
      for await (const { hash } of storage.journal.read({ kinds: chosen, from: 3, to: 2_590 })) read.push(hash)
      const wanted = journal.filter(({ sequence, kind }) => chosen.includes(kind) && sequence >= 3 && sequence <= 2_590)
      expect(read).toEqual(wanted.map(({ hash }) => hash))
    }
  })

  test('end after 4 MB, not after 1,000 long entries', async () => {
    const place = testPlace()
    let largest = 0
    let pages = 0
    const storage = await openStorage({
      ...place,
      database: {
        prepare: (sql) => place.database.prepare(sql),
        async batch<Row>(statements: D1StatementBinding[]) {
          const results = await place.database.batch<Row>(statements)
          const size = JSON.stringify(results).length
          if (size > 100_000) pages += 1
          largest = Math.max(largest, size)
          return results
        },
      },
    })
    const journal: JournalEntry[] = []
    for (let index = 0; index < 24; index += 1) {
      const text = `${index}`.padEnd(450_000, 'x')
      journal.push(chainEntry(journal.at(-1) ?? emptyJournalHead, { id: `e${index}`, kind: 'long', time: 1, text }))
    }
    await storage.commit({ journal })
    for (const options of [{}, { kinds: ['long'] }, { kinds: ['a', 'b', 'c', 'd', 'e', 'long'] }]) {
      const read: string[] = []
      for await (const { hash } of storage.journal.read(options)) read.push(hash)
      expect(read).toEqual(journal.map(({ hash }) => hash))
    }
    expect(pages).toBe(9)
    expect(largest).toBeLessThan(4_600_000)
  })
})
