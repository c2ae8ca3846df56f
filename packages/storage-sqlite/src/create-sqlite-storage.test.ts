import { existsSync, readFileSync, truncateSync, writeFileSync } from 'node:fs'
import { link, mkdir, mkdtemp, readdir, rm, symlink } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { DatabaseSync } from 'node:sqlite'
import {
  archiveJournal,
  chainEntry,
  chainHash,
  emptyJournalHead,
  type JournalEntry,
  type Storage,
  SwarmError,
  verifyJournal,
} from '@tradeswarm/core'
import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import { createSqliteStorage, type SqliteStorageOptions } from './create-sqlite-storage.js'
import { migrate } from './migrate.js'

const clock = { now: () => 0 }
let folder: string
let file: string

beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'tradeswarm-'))
  file = join(folder, 'swarm.db')
})
afterEach(() => rm(folder, { recursive: true }))

const open = (options?: SqliteStorageOptions, path = file): Promise<Storage> =>
  createSqliteStorage(path, options).open({ clock })

/** Asserts that an action fails with this code and names the file. */
async function expectFailure(code: string, action: () => Promise<unknown>, named = file): Promise<SwarmError> {
  const error = await action().then(
    () => undefined,
    (thrown: unknown) => thrown,
  )
  if (!SwarmError.isInstance(error)) throw new Error(`nothing failed with ${code}`, { cause: error })
  expect(`${error.code}: ${error.message}`).toContain(`${code}: `)
  expect(error.message).toContain(named)
  return error
}

async function writeSome(count = 1, text = 'a value'): Promise<void> {
  const storage = await open()
  const keyValue = Array.from({ length: count }, (_, index) => ({ key: `key ${index}`, value: text }))
  await storage.commit({ keyValue })
  await storage.close()
}

describe('opening a file', () => {
  test('nothing is there before the definition is opened', async () => {
    createSqliteStorage(file)
    expect(await readdir(folder)).toEqual([])
  })

  test('creates a file, and leaves nothing else after close', async () => {
    await writeSome(5_000)
    expect(await readdir(folder)).toEqual(['swarm.db'])
    const reader = await open({ readOnly: true })
    expect(await reader.keyValue.list({ prefix: '' })).toHaveLength(1_000)
    expect(await readdir(folder)).toEqual(['swarm.db'])
    await reader.close()
    expect(await readdir(folder)).toEqual(['swarm.db'])
  })

  test('refuses a missing file where one must exist, and a missing folder', async () => {
    await expectFailure('STORAGE_NOT_FOUND', () => open({ mustExist: true }))
    await expectFailure('STORAGE_NOT_FOUND', () => open({ readOnly: true }))
    await expectFailure('STORAGE_NOT_FOUND', () => open({}, join(folder, 'no', 'x.db')), join(folder, 'no'))
    expect(await readdir(folder)).toEqual([])
  })

  test('never overwrites a file that must not exist', async () => {
    await writeSome()
    const before = readFileSync(file)
    await expectFailure('STORAGE_EXISTS', () => open({ mustNotExist: true }))
    expect(readFileSync(file)).toEqual(before)
    await rm(file)
    await (await open({ mustNotExist: true })).close()
  })

  test('refuses what is not a file', async () => {
    await mkdir(file)
    await expectFailure('STORAGE_DENIED', () => open())
  })

  test('refuses options that contradict each other and paths that name no file', () => {
    for (const create of [
      () => createSqliteStorage(':memory:'),
      () => createSqliteStorage(''),
      () => createSqliteStorage(file, { mustExist: true, mustNotExist: true }),
      () => createSqliteStorage(file, { readOnly: true, mustNotExist: true }),
      () => createSqliteStorage(file, { synchronous: 'off' as 'full' }),
    ]) {
      expect(create).toThrow(expect.objectContaining({ code: 'INVALID_OPTION' }))
    }
  })

  test('a draft that a crash left behind is no obstacle', async () => {
    writeFileSync(`${file}-new`, 'half a file')
    await writeSome()
    expect(await readdir(folder)).toEqual(['swarm.db'])
  })
})

describe('a file that is not ours, or damaged', () => {
  test.each(['DELETE', 'WAL'])(
    'refuses a database of another program, and leaves it as it is (journal mode %s)',
    async (mode) => {
      const foreign = new DatabaseSync(file)
      foreign.exec(`PRAGMA journal_mode = ${mode}; CREATE TABLE theirs (a); INSERT INTO theirs VALUES (1)`)
      if (mode === 'DELETE') foreign.close()
      const before = readFileSync(file)
      const names = await readdir(folder)
      await expectFailure('STORAGE_FOREIGN', () => open())
      await expectFailure('STORAGE_FOREIGN', () => open({ readOnly: true }))
      expect(readFileSync(file)).toEqual(before)
      expect(await readdir(folder)).toEqual(names)
      if (mode === 'WAL') foreign.close()
    },
  )

  test('refuses what is no database, and leaves it as it is', async () => {
    for (const text of ['', 'short', 'not a database '.repeat(1_000)]) {
      writeFileSync(file, text)
      await expectFailure('STORAGE_CORRUPT', () => open())
      await expectFailure('STORAGE_CORRUPT', () => open({ readOnly: true }))
      expect(readFileSync(file, 'utf8')).toBe(text)
      expect(await readdir(folder)).toEqual(['swarm.db'])
    }
  })

  test('refuses a file that is cut short, wherever', async () => {
    await writeSome(2_000, 'x'.repeat(100))
    const whole = readFileSync(file)
    for (const length of [
      50,
      100,
      4_096,
      5_000,
      Math.floor(whole.length / 2),
      whole.length - 4_096,
      whole.length - 1,
    ]) {
      writeFileSync(file, whole)
      truncateSync(file, length)
      await expectFailure('STORAGE_CORRUPT', () => open())
      await expectFailure('STORAGE_CORRUPT', () => open({ readOnly: true }))
      expect(existsSync(`${file}-lock`)).toBe(false)
    }
  })

  test('refuses a file with a page of rubbish', async () => {
    await writeSome(2_000, 'x'.repeat(100))
    const bytes = readFileSync(file)
    bytes.fill(0xee, bytes.length - 8_192, bytes.length - 4_096)
    writeFileSync(file, bytes)
    await expectFailure('STORAGE_CORRUPT', () => open())
  })

  test('refuses to create a file beside the WAL of one that is gone', async () => {
    writeFileSync(`${file}-wal`, 'left over')
    await expectFailure('STORAGE_CORRUPT', () => open())
    expect(await readdir(folder)).toEqual(['swarm.db-wal'])
  })

  test('a byte altered in the file shows when the journal is verified', async () => {
    const storage = await open()
    const journal: JournalEntry[] = []
    for (let sequence = 1; sequence <= 3; sequence += 1) {
      const entry = { sequence, id: `id-${sequence}`, kind: 'message', time: 1, text: `{"marked":"entry ${sequence}"}` }
      journal.push({ ...entry, hash: chainHash(journal.at(-1)?.hash ?? emptyJournalHead.hash, entry) })
    }
    await storage.commit({ journal })
    await storage.close()
    const bytes = readFileSync(file)
    bytes[bytes.indexOf('entry 2')] = 'E'.charCodeAt(0)
    writeFileSync(file, bytes)
    const reader = await open({ readOnly: true })
    expect(await verifyJournal(reader.journal)).toMatchObject({ ok: false, sequence: 2 })
    await reader.close()
  })
})

describe('schema versions', () => {
  const setVersion = (version: number): void => {
    const database = new DatabaseSync(file)
    database.exec(`PRAGMA user_version = ${version}`)
    database.close()
  }

  test('refuses a newer schema, and an older one where it may not write', async () => {
    await writeSome()
    setVersion(3)
    await expectFailure('STORAGE_VERSION', () => open())
    await expectFailure('STORAGE_VERSION', () => open({ readOnly: true }))
    setVersion(0)
    await expectFailure('STORAGE_VERSION', () => open({ readOnly: true }))
  })

  test('migrations run from the stored version on, all or none', () => {
    const database = new DatabaseSync(file)
    const scripts = ['CREATE TABLE one (a)', 'CREATE TABLE two (a); INSERT INTO two VALUES (2)']
    migrate(database, 0, scripts.slice(0, 1))
    expect(() => migrate(database, 1, [...scripts, 'CREATE TABLE one (again)'])).toThrow('already exists')
    database.exec('ROLLBACK')
    expect(database.prepare('PRAGMA user_version').get()).toEqual({ user_version: 1 })
    migrate(database, 1, scripts)
    expect(database.prepare('SELECT a FROM two').all()).toEqual([{ a: 2 }])
    expect(database.prepare('PRAGMA user_version').get()).toEqual({ user_version: 2 })
    database.close()
  })
})

describe('writers and readers', () => {
  test('a second writer is refused until the first has closed, under any name of the file', async () => {
    const first = await open()
    const link = join(folder, 'link.db')
    await symlink(file, link)
    const error = await expectFailure('STORAGE_LOCKED', () => open())
    expect(error.retryability).toBe('fatal')
    await expectFailure('STORAGE_LOCKED', () => open({}, link))
    await first.close()
    await (await open({}, link)).close()
    expect((await readdir(folder)).sort()).toEqual(['link.db', 'swarm.db'])
  })

  test('a file with a second hard link is read, and not written', async () => {
    await writeSome()
    const other = join(folder, 'other.db')
    await link(file, other)
    await expectFailure('STORAGE_DENIED', () => open())
    await expectFailure('STORAGE_DENIED', () => open({}, other), other)
    await (await open({ readOnly: true }, other)).close()
    await rm(other)
    await (await open()).close()
  })

  test('a reader sees each commit of a writer beside it, and writes nothing', async () => {
    const writer = await open()
    const reader = await open({ readOnly: true })
    await writer.commit({ keyValue: [{ key: 'a', value: 'one' }] })
    expect((await reader.keyValue.get('a'))?.value).toBe('one')
    await writer.commit({ keyValue: [{ key: 'a', value: 'two' }] })
    expect((await reader.keyValue.get('a'))?.value).toBe('two')
    await expectFailure('STORAGE_READ_ONLY', () => reader.commit({ keyValue: [{ key: 'a', value: 'x' }] }))
    await expectFailure('STORAGE_READ_ONLY', () => reader.blobs.delete('0'.repeat(64)))
    await expectFailure('STORAGE_READ_ONLY', () => reader.commit({ cursors: [{ consumer: 'c', sequence: 9 }] }))
    await writer.close()
    expect((await reader.keyValue.get('a'))?.value).toBe('two')
    const next = await open()
    await next.commit({ keyValue: [{ key: 'a', value: 'three' }] })
    expect((await reader.keyValue.get('a'))?.value).toBe('three')
    await reader.close()
    await next.close()
    expect(await readdir(folder)).toEqual(['swarm.db'])
  })

  test('a reader in the middle of the journal misses nothing that the writer archives meanwhile', async () => {
    const writer = await open()
    const journal: JournalEntry[] = []
    for (let index = 0; index < 2_500; index += 1) {
      const draft = { id: `e${index}`, kind: `kind ${index % 2}`, time: 1, text: '{}' }
      journal.push(chainEntry(journal.at(-1) ?? emptyJournalHead, draft))
    }
    await writer.commit({ journal })
    const reader = await open({ readOnly: true })
    for (const kinds of [undefined, ['kind 0', 'kind 1']]) {
      const read: number[] = []
      for await (const { sequence } of reader.journal.read(kinds === undefined ? {} : { kinds })) {
        read.push(sequence)
        if (sequence % 500 === 0) await archiveJournal(writer, { keepEntries: 2_400 - sequence / 2 })
      }
      expect(read).toEqual(journal.map(({ sequence }) => sequence))
    }
    expect(await reader.journal.first()).toBe(await writer.journal.first())
    expect(await reader.journal.first()).toBeGreaterThan(1_000)
    await reader.close()
    await writer.close()
  })

  test('a failed open gives the lock back', async () => {
    await writeSome(2_000)
    const whole = readFileSync(file)
    truncateSync(file, whole.length - 4_096)
    await expectFailure('STORAGE_CORRUPT', () => open())
    writeFileSync(file, whole)
    await (await open()).close()
  })
})
