import { execFileSync } from 'node:child_process'
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { DatabaseSync } from 'node:sqlite'
import {
  archiveJournal,
  chainEntry,
  emptyJournalHead,
  isBatchWritten,
  type JournalEntry,
  type JournalHead,
  type Storage,
  SwarmError,
  verifyJournal,
  type WriteBatch,
} from '@tradeswarm/core'
import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import { createSqliteStorage, storageOn } from './create-sqlite-storage.js'
import { openDatabase } from './open-database.js'

const clock = { now: () => 0 }
let folder: string
let file: string

beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'tradeswarm-'))
  file = join(folder, 'swarm.db')
})
afterEach(() => rm(folder, { recursive: true }))

/** A batch of entries after a head, with writes in every other store. */
function batchAfter(head: JournalHead, name: string, count = 20): WriteBatch {
  const journal: JournalEntry[] = []
  for (let index = 0; index < count; index += 1) {
    const draft = { id: `${name}-${index}`, kind: 'message', time: 1, text: 'x'.repeat(1_000) }
    journal.push(chainEntry(journal.at(-1) ?? head, draft))
  }
  const last = journal.at(-1)?.sequence ?? 0
  return {
    journal,
    cursors: [{ consumer: 'group', sequence: last }],
    keyValue: [{ key: 'last', value: name }],
    records: [{ collection: 'batches', record: { id: name, time: 1, tags: { name }, text: name } }],
  }
}

/** What a storage holds of the batches, for telling that nothing of one was written. */
async function contents(storage: Storage): Promise<unknown> {
  return {
    head: await storage.journal.head(),
    cursors: await storage.journal.cursors(),
    last: await storage.keyValue.get('last'),
    batches: (await storage.records.query('batches')).map(({ id }) => id),
  }
}

async function failureOf(action: () => Promise<unknown>): Promise<SwarmError> {
  const thrown = await action().then(
    () => undefined,
    (error: unknown) => error,
  )
  if (!SwarmError.isInstance(thrown)) throw new Error('nothing failed as it was to', { cause: thrown })
  return thrown
}

describe('a locked database', () => {
  test('fails a commit whole and soon, retryable; the same batch is taken when the lock is gone', async () => {
    const storage = await createSqliteStorage(file, { synchronous: 'full' }).open({ clock })
    await storage.commit(batchAfter(emptyJournalHead, 'first'))
    const before = await contents(storage)
    const other = new DatabaseSync(file)
    other.exec('BEGIN IMMEDIATE')
    const batch = batchAfter(await storage.journal.head(), 'second')
    for (let tries = 0; tries < 3; tries += 1) {
      const error = await failureOf(() => storage.commit(batch))
      expect(error).toMatchObject({ code: 'STORAGE_BUSY', retryability: 'retryable' })
      expect(error.message).toContain(file)
    }
    const archiving = await failureOf(() => archiveJournal(storage, { keepEntries: 1 }))
    expect(archiving).toMatchObject({ code: 'STORAGE_BUSY', retryability: 'retryable' })
    expect(await contents(storage)).toEqual(before)
    expect(await isBatchWritten(storage, batch)).toBe(false)
    other.exec('ROLLBACK')
    other.close()
    await storage.commit(batch)
    expect(await contents(storage)).toMatchObject({ head: { sequence: 40 }, batches: ['first', 'second'] })
    expect(await isBatchWritten(storage, batch)).toBe(true)
    await archiveJournal(storage, { keepEntries: 1 })
    expect(await verifyJournal(storage.journal)).toMatchObject({ ok: true, entries: 40 })
    await storage.close()
  })

  test('a reader in the middle of a read holds no commit up', async () => {
    const storage = await createSqliteStorage(file).open({ clock })
    await storage.commit(batchAfter(emptyJournalHead, 'first'))
    const reader = new DatabaseSync(file, { readOnly: true })
    reader.exec('BEGIN')
    expect(reader.prepare('SELECT count(*) AS n FROM journal').get()).toEqual({ n: 20 })
    await storage.commit(batchAfter(await storage.journal.head(), 'second'))
    expect(reader.prepare('SELECT count(*) AS n FROM journal').get()).toEqual({ n: 20 })
    reader.exec('ROLLBACK')
    expect(reader.prepare('SELECT count(*) AS n FROM journal').get()).toEqual({ n: 40 })
    reader.close()
    await storage.close()
  })
})

describe('an outcome that is unknown', () => {
  /** A storage whose next COMMIT fails as a disk may: before it took effect, or after. */
  async function failingOnce(when: 'before' | 'after'): Promise<Storage> {
    const { connection, close } = openDatabase(file, {
      synchronous: 'full',
      readOnly: false,
      mustExist: false,
      mustNotExist: false,
    })
    const storage = storageOn(connection, clock, close)
    await storage.commit(batchAfter(emptyJournalHead, 'first'))
    const run = connection.run.bind(connection)
    connection.run = (sql, ...values) => {
      if (sql === 'COMMIT') {
        connection.run = run
        if (when === 'after') run(sql)
        throw Object.assign(new Error('disk I/O error'), { errcode: 10 })
      }
      run(sql, ...values)
    }
    return storage
  }

  test.each(['before', 'after'] as const)('can be asked for, and what follows goes on from it (%s)', async (when) => {
    const storage = await failingOnce(when)
    const batch = batchAfter(await storage.journal.head(), 'second')
    const error = await failureOf(() => storage.commit(batch))
    expect(error).toMatchObject({ code: 'STORAGE_IO', retryability: 'unknown-outcome' })
    expect(await isBatchWritten(storage, batch)).toBe(when === 'after')
    if (when === 'before') await storage.commit(batch)
    else await expect(storage.commit(batch)).rejects.toMatchObject({ code: 'JOURNAL_CONFLICT' })
    await storage.commit(batchAfter(await storage.journal.head(), 'third'))
    expect(await contents(storage)).toMatchObject({ head: { sequence: 60 }, batches: ['first', 'second', 'third'] })
    expect(await verifyJournal(storage.journal)).toMatchObject({ ok: true, entries: 60 })
    await storage.close()
  })
})

const noMount = 'needs the right to mount a small file system; sqlite-writing.test.ts fills a file by its page limit'

/** Of the system, not of any package. */
const programs = { mount: 'mount', unmount: 'umount' }

/** A file system of one megabyte, where this machine lets us have one. */
function mountSmall(): (() => void) | undefined {
  if (process.platform !== 'linux' || process.getuid?.() !== 0) return undefined
  try {
    execFileSync(programs.mount, ['-t', 'tmpfs', '-o', 'size=1m', 'tmpfs', folder], { stdio: 'ignore' })
  } catch {
    return undefined
  }
  return () => execFileSync(programs.unmount, [folder])
}

describe('a full disk', () => {
  test('fails a commit whole, retryable; the same batch is taken when there is room again', async ({ skip }) => {
    const unmount = mountSmall() ?? skip(noMount)
    try {
      const storage = await createSqliteStorage(file, { synchronous: 'full' }).open({ clock })
      await storage.commit(batchAfter(emptyJournalHead, 'batch 0'))
      let batches = 0
      let failed: { readonly batch: WriteBatch; readonly error: SwarmError } | undefined
      while (failed === undefined) {
        batches += 1
        const batch = batchAfter(await storage.journal.head(), `batch ${batches}`)
        const before = await contents(storage)
        try {
          await storage.commit(batch)
        } catch (error) {
          expect(await contents(storage)).toEqual(before)
          failed = { batch, error: error as SwarmError }
        }
      }
      expect(failed.error).toMatchObject({ code: 'STORAGE_FULL', retryability: 'retryable' })
      expect(failed.error.message).toContain(file)
      expect(batches).toBeGreaterThan(2)
      expect(await isBatchWritten(storage, failed.batch)).toBe(false)
      expect(await failureOf(() => storage.commit(failed.batch))).toMatchObject({ code: 'STORAGE_FULL' })
      execFileSync(programs.mount, ['-o', 'remount,size=64m', folder])
      await storage.commit(failed.batch)
      expect(await isBatchWritten(storage, failed.batch)).toBe(true)
      expect(await verifyJournal(storage.journal)).toMatchObject({ ok: true, entries: (batches + 1) * 20 })
      await storage.close()
      const again = await createSqliteStorage(file).open({ clock })
      expect(await contents(again)).toMatchObject({ head: { sequence: (batches + 1) * 20 } })
      await again.close()
    } finally {
      unmount()
    }
  })

  test('stops the opening of a new file with an error that names it', async ({ skip }) => {
    const unmount = mountSmall() ?? skip(noMount)
    try {
      execFileSync('dd', ['if=/dev/zero', `of=${join(folder, 'filler')}`, 'bs=1k', 'count=2000'], { stdio: 'ignore' })
    } catch {
      // It filled the file system, as it was to.
    }
    try {
      const error = await failureOf(() => createSqliteStorage(file).open({ clock }))
      expect(error).toMatchObject({ code: 'STORAGE_FULL', retryability: 'retryable' })
      expect(error.message).toContain(folder)
    } finally {
      unmount()
    }
  })
})
