import { copyFileSync } from 'node:fs'
import { mkdtemp, readFile, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { DatabaseSync } from 'node:sqlite'
import { fileURLToPath } from 'node:url'
import { archiveJournal, type JournalEntry, type Storage, sha256Hex, verifyJournal } from '@tradeswarm/core'
import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import { createSqliteStorage, type SqliteStorageOptions } from './create-sqlite-storage.js'
import { migrations } from './schema.js'

const clock = { now: () => 1_700_000_000_000 }
const fixture = fileURLToPath(new URL('../fixtures/version-1.db', import.meta.url))
let folder: string
let file: string

beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'tradeswarm-'))
  file = join(folder, 'swarm.db')
  copyFileSync(fixture, file)
})
afterEach(() => rm(folder, { recursive: true }))

const open = (options?: SqliteStorageOptions): Promise<Storage> => createSqliteStorage(file, options).open({ clock })

function versionOf(path: string): unknown {
  const database = new DatabaseSync(path, { readOnly: true })
  try {
    return database.prepare('PRAGMA user_version').get()?.user_version
  } finally {
    database.close()
  }
}

async function expectAllData(storage: Storage): Promise<void> {
  const { journal, keyValue, records, blobs } = storage
  const entries: JournalEntry[] = []
  for await (const entry of journal.read()) entries.push(entry)
  expect(entries.map(({ sequence, id, kind, time, text }) => ({ sequence, id, kind, time, text }))).toEqual(
    Array.from({ length: 60 }, (_, index) => ({
      sequence: index + 1,
      id: `entry-${index + 1}`,
      kind: ['message', 'order', 'ledger'][(index + 1) % 3],
      time: 1_700_000_000_001 + index,
      text: JSON.stringify({ n: index + 1, text: '漢字 🐝 '.repeat((index + 1) % 5) }),
    })),
  )
  const hash = 'b16ef0b603ecb079bb25f983664c7c86a8f881fc5314b9efbc73e7979e586ec2'
  expect(await verifyJournal(journal)).toEqual({ ok: true, entries: 60, hash })
  expect(await journal.cursors()).toEqual([
    { consumer: 'learning', sequence: 40 },
    { consumer: '🐝', sequence: 60 },
  ])
  expect(await keyValue.list({ prefix: '' })).toEqual([
    { key: 'a/1', value: 'two', revision: 2 },
    { key: 'a/2', value: 'nul\u0000inside', revision: 1 },
    { key: 'later', value: 'x', revision: 1 },
    { key: '🐝', value: '', revision: 1 },
  ])
  const record = (index: number) => ({
    id: `r${index}`,
    time: index,
    tags: { symbol: index % 3 ? 'AAPL' : 'BTC-USDT', 'q"\u0000': '漢\u0000' },
    text: `{"n":${index}}`,
  })
  expect(await records.query('orders')).toEqual([1, 3, 5, 7, 9, 11].map(record))
  expect(await records.query('fills', { where: { symbol: 'BTC-USDT', 'q"\u0000': '漢\u0000' } })).toEqual(
    [0, 6].map(record),
  )
  for (const text of ['a text', '漢字 '.repeat(3_000), '']) expect(await blobs.get(sha256Hex(text))).toBe(text)
}

describe('a file of schema version 1', () => {
  test('is brought up to date when it is opened, and holds all that it held', async () => {
    expect(versionOf(file)).toBe(1)
    const storage = await open()
    await expectAllData(storage)
    await storage.close()
    expect(versionOf(file)).toBe(migrations.length)
    const again = await open({ readOnly: true })
    await expectAllData(again)
    await again.close()
  })

  test('is written and archived from then on', async () => {
    const storage = await open()
    await storage.commit({ keyValue: [{ key: 'a/1', value: 'three', ifRevision: 2 }] })
    const { heldBack } = await archiveJournal(storage, { keepEntries: 5 })
    expect(heldBack).toEqual({ consumer: 'learning', sequence: 40 })
    expect(await storage.journal.first()).toBe(41)
    await storage.commit({ keyValue: [{ key: 'a/1', value: 'two' }] })
    await storage.close()
    const again = await open()
    expect(await verifyJournal(again.journal)).toMatchObject({ ok: true, entries: 60 })
    expect((await again.keyValue.get('a/1'))?.revision).toBe(4)
    await again.close()
  })

  test('is left as it is by a reader, with an error that says what to do', async () => {
    const before = await readFile(file)
    await expect(open({ readOnly: true })).rejects.toMatchObject({
      code: 'STORAGE_VERSION',
      message: expect.stringMatching(/swarm\.db has schema version 1, older than 2; open it once without readOnly/),
    })
    expect(await readFile(file)).toEqual(before)
  })

  test('a migration that fails leaves the file as it was', async () => {
    const database = new DatabaseSync(file)
    database.exec('CREATE TABLE journal_segments (a)')
    database.close()
    const before = await readFile(file)
    await expect(open()).rejects.toMatchObject({ code: 'STORAGE_CORRUPT' })
    expect(versionOf(file)).toBe(1)
    const reader = new DatabaseSync(file, { readOnly: true })
    expect(reader.prepare('SELECT count(*) AS n FROM pragma_table_info(?)').get('key_value')).toEqual({ n: 4 })
    reader.close()
    expect(before.length).toBeGreaterThan(0)
  })
})
