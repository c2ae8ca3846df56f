import { describe, expect, it } from 'vitest'
import { chainHash, emptyJournalHead } from '../storage/journal.js'
import { createGate } from '../testing-support/fake-clock.test-support.js'
import { createStorageDouble } from '../testing-support/storage-double.test-support.js'
import { settle } from '../testing-support/system-settle.test-support.js'
import { createJournalWriter } from './journal-writer.js'

async function opened(onFailure?: (error: unknown) => void) {
  const storage = createStorageDouble()
  return {
    storage,
    writer: createJournalWriter(await storage.open({ clock: { now: () => 0 } }), emptyJournalHead, onFailure),
  }
}

const draft = (id: string) => ({ id, kind: 'test', time: 1, payload: { b: 1, a: id } })

describe('the journal writer', () => {
  it('numbers and chains entries as they are appended, in canonical JSON', async () => {
    const { storage, writer } = await opened()
    const first = writer.append(draft('x'))
    const second = writer.append(draft('y'))
    expect(first).toMatchObject({ sequence: 1, text: '{"a":"x","b":1}' })
    const { hash: _hash, ...rest } = second
    expect(second.hash).toBe(chainHash(first.hash, rest))
    expect(writer.head()).toEqual({ sequence: 2, hash: second.hash })
    expect(storage.entries).toEqual([])
    await writer.flush()
    expect(storage.entries).toEqual([first, second])
  })

  it('leaves head and chain alone when a payload has no canonical form', async () => {
    const { writer } = await opened()
    expect(() => writer.append({ ...draft('x'), payload: Number.NaN })).toThrow(
      expect.objectContaining({ code: 'NOT_CANONICAL' }),
    )
    expect([writer.head(), writer.isSound()]).toEqual([emptyJournalHead, true])
  })

  it('commits in one batch whatever came while a commit ran', async () => {
    const { storage, writer } = await opened()
    const gate = createGate()
    storage.beforeCommit = () => gate.passed
    writer.append(draft('a'))
    const first = writer.flush()
    await settle()
    const later = ['b', 'c', 'd'].map((id) => {
      writer.append(draft(id))
      return writer.flush()
    })
    writer.putRecord('orders', { id: '1', time: 1, tags: {}, text: '{}' })
    gate.open()
    await Promise.all([first, ...later])
    expect(storage.batches.map((batch) => batch.journal?.map((entry) => entry.id))).toEqual([['a'], ['b', 'c', 'd']])
    expect(storage.records.length).toBe(1)
  })

  it('waits for the commit that runs even when nothing new is pending', async () => {
    const { storage, writer } = await opened()
    const gate = createGate()
    storage.beforeCommit = () => gate.passed
    writer.append(draft('a'))
    void writer.flush()
    await settle()
    let done = false
    void writer.flush().then(() => (done = true))
    await settle()
    expect(done).toBe(false)
    gate.open()
    await settle()
    expect(done).toBe(true)
  })

  it('accepts nothing more after a commit has failed, and tells once', async () => {
    const failures: unknown[] = []
    const { storage, writer } = await opened((error) => failures.push(error))
    const full = new Error('disk full')
    storage.beforeCommit = () => {
      throw full
    }
    writer.append(draft('a'))
    await expect(writer.flush()).rejects.toBe(full)
    storage.beforeCommit = undefined
    const refused = expect.objectContaining({ code: 'JOURNAL_FAILED', cause: full })
    expect(() => writer.append(draft('b'))).toThrow(refused)
    expect(() => writer.putKeyValue({ key: 'k' })).toThrow(refused)
    expect(() => writer.putBlob('hash', 'text')).toThrow(refused)
    expect(() => writer.putRecord('orders', { id: '1', time: 1, tags: {}, text: '' })).toThrow(refused)
    await expect(writer.flush()).rejects.toEqual(refused)
    expect([failures, storage.batches, writer.isSound()]).toEqual([[full], [], false])
  })
})
