import { readFileSync } from 'node:fs'
import { mkdtemp, readdir, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import {
  archiveJournal,
  chainEntry,
  chainHash,
  emptyJournalHead,
  eraseArchived,
  type JournalEntry,
  type Storage,
  SwarmError,
  sha256Hex,
  verifyJournal,
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

const open = (): Promise<Storage> => createSqliteStorage(file).open({ clock })

/** Asserts that an action fails with this code and names the file. */
async function expectFailure(code: string, action: () => Promise<unknown>): Promise<SwarmError> {
  const error = await action().then(
    () => undefined,
    (thrown: unknown) => thrown,
  )
  if (!SwarmError.isInstance(error)) throw new Error(`nothing failed with ${code}`, { cause: error })
  expect(`${error.code}: ${error.message}`).toContain(`${code}: `)
  expect(error.message).toContain(file)
  return error
}

describe('writing', () => {
  test('a full disk fails the commit whole, and the next one works when there is room again', async () => {
    const { connection, close } = openDatabase(file, {
      synchronous: 'normal',
      readOnly: false,
      mustExist: false,
      mustNotExist: false,
    })
    const storage = storageOn(connection, clock, close)
    await storage.commit({ keyValue: [{ key: 'before', value: 'x' }] })
    const pages = Number(connection.database.prepare('PRAGMA page_count').get()?.page_count)
    connection.database.exec(`PRAGMA max_page_count = ${pages + 20}`)
    const keyValue = Array.from({ length: 100 }, (_, index) => ({ key: `k${index}`, value: 'x'.repeat(4_000) }))
    const entry = { sequence: 1, id: 'a', kind: 'message', time: 1, text: '{}' }
    const journal = [{ ...entry, hash: chainHash(emptyJournalHead.hash, entry) }]
    const error = await expectFailure('STORAGE_FULL', () => storage.commit({ journal, keyValue }))
    expect(error.retryability).toBe('retryable')
    expect((await storage.keyValue.list({ prefix: '' })).map(({ key }) => key)).toEqual(['before'])
    expect(await storage.journal.head()).toEqual(emptyJournalHead)
    connection.database.exec('PRAGMA max_page_count = 100000')
    await storage.commit({ journal, keyValue })
    expect((await storage.journal.head()).sequence).toBe(1)
    await storage.close()
  })

  test('an erased text is in no file any more', async () => {
    const storage = await open()
    const text = `${'a secret that its author wants back '.repeat(1_000)}`
    const small = 'a short confession'
    const bytesHold = async (part: string): Promise<boolean> =>
      (await readdir(folder)).some((name) => readFileSync(join(folder, name)).includes(part))
    await storage.commit({ blobs: [text, small, 'kept'].map((one) => ({ hash: sha256Hex(one), text: one })) })
    expect(await bytesHold('wants back')).toBe(true)
    await storage.blobs.delete(sha256Hex(text))
    await storage.blobs.delete(sha256Hex(small))
    expect(await bytesHold('wants back')).toBe(false)
    expect(await bytesHold(small)).toBe(false)
    expect(await storage.blobs.get(sha256Hex('kept'))).toBe('kept')
    await storage.close()
  })

  test('an entry that was archived and then erased is in no file any more', async () => {
    const storage = await open()
    const journal: JournalEntry[] = []
    for (let index = 0; index < 200; index += 1) {
      const text = `a secret of ${index} `.repeat(index % 2 === 0 ? 2 : 600)
      journal.push(
        chainEntry(journal.at(-1) ?? emptyJournalHead, { id: `id-${index}`, kind: 'message', time: 1, text }),
      )
    }
    await storage.commit({ journal })
    await archiveJournal(storage, { keepEntries: 1, segmentEntries: 50 })
    const bytesHold = async (part: string): Promise<boolean> =>
      (await readdir(folder)).some((name) => readFileSync(join(folder, name)).includes(part))
    for (const part of ['secret of 0 ', 'secret of 97 ', 'secret of 150 ']) expect(await bytesHold(part)).toBe(true)
    await eraseArchived(storage, { to: 199 })
    for (let index = 0; index < 199; index += 1) expect(await bytesHold(`secret of ${index} `), `${index}`).toBe(false)
    expect(await bytesHold('secret of 199 ')).toBe(true)
    await storage.close()
  })

  test('reads long texts back in pages, in order and whole', async () => {
    const storage = await open()
    let head = emptyJournalHead
    for (let batch = 0; batch < 4; batch += 1) {
      const journal: JournalEntry[] = []
      for (let part = 0; part < 4; part += 1) {
        const entry = {
          sequence: head.sequence + 1,
          id: `${batch}-${part}`,
          kind: `kind ${part % 2}`,
          time: 1,
          text: 'x'.repeat(1_500_000),
        }
        const hash = chainHash(head.hash, entry)
        journal.push({ ...entry, hash })
        head = { sequence: entry.sequence, hash }
      }
      await storage.commit({ journal })
    }
    expect(await verifyJournal(storage.journal)).toEqual({ ok: true, entries: 16, hash: head.hash })
    const sequences: number[] = []
    for await (const entry of storage.journal.read({ kinds: ['kind 1', 'kind 0'] })) sequences.push(entry.sequence)
    expect(sequences).toEqual(Array.from({ length: 16 }, (_, index) => index + 1))
    await storage.close()
  })
})
