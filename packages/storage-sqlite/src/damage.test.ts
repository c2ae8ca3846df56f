import { readFileSync, rmSync, truncateSync, writeFileSync } from 'node:fs'
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { DatabaseSync } from 'node:sqlite'
import {
  chainEntries,
  chainEntry,
  type EntryDraft,
  type JournalReadOptions,
  type Storage,
  sha256Hex,
  verifyJournal,
} from '@tradeswarm/core'
import fc from 'fast-check'
import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest'
import { createSqliteStorage } from './create-sqlite-storage.js'
import { everyRead, fillStorage, namesDamage } from './file-contents.test-support.js'

const clock = { now: () => 0 }
let folder: string
let file: string
let whole: Buffer
let expected: Map<string, unknown>

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'tradeswarm-damage-'))
  file = join(folder, 'swarm.db')
  const storage = await createSqliteStorage(file).open({ clock })
  await fillStorage(storage)
  expected = await everyRead(storage)
  await storage.close()
  whole = readFileSync(file)
})
afterAll(() => rm(folder, { recursive: true }))

function restore(bytes: Buffer): void {
  for (const side of ['-wal', '-shm', '-journal']) rmSync(file + side, { force: true })
  writeFileSync(file, bytes)
}

/** Every read of the file returns what was written, or throws an error that names it; returns whether any threw. */
async function expectNothingWrong(readOnly: boolean): Promise<'unharmed' | 'named'> {
  let storage: Storage
  try {
    storage = await createSqliteStorage(file, { readOnly }).open({ clock })
  } catch (error) {
    expect(namesDamage(error, file), String(error)).toBe(true)
    return 'named'
  }
  let outcome: 'unharmed' | 'named' = 'unharmed'
  try {
    for (const [name, value] of await everyRead(storage)) {
      if (!(value instanceof Error)) expect(value, name).toEqual(expected.get(name))
      else {
        expect(namesDamage(value, file), String(value)).toBe(true)
        outcome = 'named'
      }
    }
  } finally {
    await storage.close()
  }
  return outcome
}

async function readAll(storage: Storage, options: JournalReadOptions): Promise<number> {
  let count = 0
  for await (const _ of storage.journal.read(options)) count += 1
  return count
}

describe('a damaged file', () => {
  beforeEach(() => restore(whole))

  test('is read whole when it is not damaged', async () => {
    expect([...expected.values()].filter((value) => value instanceof Error)).toEqual([])
    expect(await expectNothingWrong(true)).toBe('unharmed')
    expect(await expectNothingWrong(false)).toBe('unharmed')
  })

  test('with any bit flipped returns nothing that was not written', { timeout: 240_000 }, async () => {
    const outcomes = { unharmed: 0, named: 0 }
    const place = fc.oneof({ weight: 1, arbitrary: fc.nat(99) }, { weight: 9, arbitrary: fc.nat(whole.length - 1) })
    await fc.assert(
      fc.asyncProperty(place, fc.nat(7), fc.boolean(), async (at, bit, readOnly) => {
        const bytes = Buffer.from(whole)
        bytes[at] = (bytes[at] as number) ^ (1 << bit)
        restore(bytes)
        outcomes[await expectNothingWrong(readOnly)] += 1
      }),
      { numRuns: 160 },
    )
    expect(outcomes.named).toBeGreaterThan(15)
    expect(outcomes.unharmed).toBeGreaterThan(15)
  })

  test('with an altered key, in a table or an index, hides no row', { timeout: 240_000 }, async () => {
    const places: { at: number; key: string }[] = []
    for (const key of ['entry-47', 'entry-9', 'key/41', 'ordersr34', 'ordersstates2', 'BTC-USDT'])
      for (let at = whole.indexOf(key); at !== -1 && places.length < 60; at = whole.indexOf(key, at + 1))
        places.push({ at: at + key.length - 1, key })
    expect(new Set(places.map(({ key }) => key)).size).toBe(6)
    for (const { at } of places) {
      for (const bit of [0, 2]) {
        const bytes = Buffer.from(whole)
        bytes[at] = (bytes[at] as number) ^ (1 << bit)
        restore(bytes)
        await expectNothingWrong(true)
      }
    }
  })

  test('with any run of bytes overwritten returns nothing that was not written', { timeout: 240_000 }, async () => {
    const run = fc.uint8Array({ minLength: 2, maxLength: 600 })
    await fc.assert(
      fc.asyncProperty(fc.nat(whole.length - 1), run, fc.boolean(), async (at, rubbish, readOnly) => {
        const bytes = Buffer.from(whole)
        bytes.set(rubbish.subarray(0, whole.length - at), at)
        restore(bytes)
        await expectNothingWrong(readOnly)
      }),
      { numRuns: 60 },
    )
  })

  test('that is cut short anywhere is refused', async () => {
    await fc.assert(
      fc.asyncProperty(fc.nat(whole.length - 1), fc.boolean(), async (length, readOnly) => {
        restore(whole)
        truncateSync(file, length)
        await expect(createSqliteStorage(file, { readOnly }).open({ clock })).rejects.toMatchObject({
          code: 'STORAGE_CORRUPT',
          message: expect.stringContaining(file),
        })
      }),
    )
  })
})

describe('an altered row', () => {
  beforeEach(() => restore(whole))

  const blob = sha256Hex('a text')
  const alterations: readonly {
    readonly sql: string
    readonly read: (storage: Storage) => Promise<unknown>
    readonly context: Readonly<Record<string, unknown>>
  }[] = [
    {
      sql: "UPDATE key_value SET value = 'other' WHERE key = 'key/7'",
      read: (storage) => storage.keyValue.get('key/7'),
      context: { table: 'key_value', key: 'key/7' },
    },
    {
      sql: "UPDATE key_value SET revision = 9 WHERE key = 'key/7'",
      read: (storage) => storage.keyValue.list({ prefix: 'key/7' }),
      context: { table: 'key_value', key: 'key/7' },
    },
    {
      sql: "UPDATE key_value SET value = 'other' WHERE key = 'key/7'",
      read: (storage) => storage.commit({ keyValue: [{ key: 'key/7', value: 'new' }] }),
      context: { table: 'key_value', key: 'key/7' },
    },
    {
      sql: "UPDATE records SET text = '{}' WHERE collection = 'orders' AND id = 'r8'",
      read: (storage) => storage.records.query('orders'),
      context: { table: 'records', key: 'orders/r8' },
    },
    {
      sql: 'UPDATE journal SET time = 1 WHERE sequence = 50',
      read: (storage) => storage.journal.get('entry-50'),
      context: { table: 'journal', sequence: 50 },
    },
    {
      sql: 'DELETE FROM journal WHERE sequence = 50',
      read: async (storage) => {
        for await (const _ of storage.journal.read());
      },
      context: { table: 'journal', sequence: 50 },
    },
    {
      sql: `UPDATE blobs SET text = 'another' WHERE hash = '${blob}'`,
      read: (storage) => storage.blobs.get(blob),
      context: { table: 'blobs', key: blob },
    },
  ]
  test.each(alterations)('is named when it is read: $sql', async ({ sql, read, context }) => {
    const database = new DatabaseSync(file)
    expect(Number(database.prepare(sql).run().changes)).toBe(1)
    database.close()
    const storage = await createSqliteStorage(file).open({ clock })
    await expect(read(storage)).rejects.toMatchObject({ code: 'STORAGE_CORRUPT', context })
    await storage.close()
  })

  test.each([
    ["UPDATE journal_cursors SET sequence = 3 WHERE consumer = 'c'", 'journal_cursors', 'c'],
    ['DELETE FROM journal_segments WHERE first = 13', 'journal_segments', '35'],
    ["UPDATE journal_segments SET blob = 'x' WHERE first = 13", 'journal_segments', '24'],
    ["DELETE FROM record_tags WHERE collection = 'orders' AND id = 'r8'", 'record_tags', 'orders/r8'],
  ])('that no read would show is named at open: %s', async (sql, table, key) => {
    const database = new DatabaseSync(file)
    expect(Number(database.prepare(sql).run().changes)).toBeGreaterThan(0)
    database.close()
    for (const readOnly of [true, false]) {
      await expect(createSqliteStorage(file, { readOnly }).open({ clock })).rejects.toMatchObject({
        code: 'STORAGE_CORRUPT',
        context: { table, key },
      })
    }
  })

  test('at the head of the journal keeps a writer out, and its lock is given back', async () => {
    const database = new DatabaseSync(file)
    database.exec("UPDATE journal SET text = 'altered' WHERE sequence = 60")
    database.close()
    for (let times = 0; times < 2; times += 1)
      await expect(createSqliteStorage(file).open({ clock })).rejects.toMatchObject({
        code: 'STORAGE_CORRUPT',
        context: { table: 'journal', sequence: 60 },
      })
    const reader = await createSqliteStorage(file, { readOnly: true }).open({ clock })
    await expect(reader.journal.head()).rejects.toMatchObject({ code: 'STORAGE_CORRUPT' })
    expect(await verifyJournal(reader.journal)).toMatchObject({ ok: false, sequence: 60 })
    await reader.close()
  })

  test('can be looked into without verifying', async () => {
    const database = new DatabaseSync(file)
    database.exec("UPDATE journal SET text = 'altered' WHERE sequence = 50")
    database.close()
    const storage = await createSqliteStorage(file, { readOnly: true }).open({ clock })
    const texts: string[] = []
    for await (const { text } of storage.journal.read({ from: 50, to: 50, unverified: true })) texts.push(text)
    expect(texts).toEqual(['altered'])
    expect(await verifyJournal(storage.journal)).toMatchObject({ ok: false, sequence: 50 })
    await storage.close()
  })

  test('of one entry is found by whatever reads another that was hashed with it, and the block is named', async () => {
    const writer = await createSqliteStorage(file).open({ clock })
    const drafts = ['a', 'b', 'c', 'd', 'e'].map((id) => ({ id, kind: 'block', time: 1, text: `{"id":"${id}"}` }))
    const head = await writer.journal.head()
    const block = chainEntries(head, drafts)
    await writer.commit({ journal: block })
    await writer.commit({
      journal: [chainEntry(await writer.journal.head(), { ...drafts[0], id: 'next' } as EntryDraft)],
    })
    await writer.close()
    const first = head.sequence + 1
    const intact = readFileSync(file)
    for (const [sql, sequence] of [
      [`UPDATE journal SET text = 'altered' WHERE sequence = ${first + 2}`, first],
      [`UPDATE journal SET time = 2 WHERE sequence = ${first + 4}`, first],
      [`UPDATE journal SET id = 'other' WHERE sequence = ${first + 1}`, first],
      [`UPDATE journal SET hash = replace(hash, '0', '1') WHERE sequence = ${first + 3}`, first],
      [`DELETE FROM journal WHERE sequence = ${first + 2}`, first + 2],
    ] as const) {
      restore(intact)
      const database = new DatabaseSync(file)
      database.exec(sql)
      database.close()
      const storage = await createSqliteStorage(file, { readOnly: true }).open({ clock })
      const found = expect.objectContaining({
        code: 'STORAGE_CORRUPT',
        context: expect.objectContaining({ table: 'journal' }),
      })
      for (const options of [{ from: first }, { from: first + 4 }, { kinds: ['block'] }])
        await expect(readAll(storage, options), `${sql} ${JSON.stringify(options)}`).rejects.toEqual(found)
      await expect(storage.journal.get('e'), sql).rejects.toEqual(found)
      expect(await verifyJournal(storage.journal)).toMatchObject({ ok: false, sequence })
      await storage.close()
    }
  })
})
