import { describe, expect, it } from 'vitest'
import type { Message } from '../messages/message.js'
import { blockHash, emptyJournalHead } from '../storage/journal.js'
import { createGate } from '../testing-support/fake-clock.test-support.js'
import { createStorageDouble } from '../testing-support/storage-double.test-support.js'
import { settle } from '../testing-support/system-settle.test-support.js'
import { createJournalWriter, type JournalWriterOptions } from './journal-writer.js'

async function opened(options: Partial<JournalWriterOptions> = {}) {
  const storage = createStorageDouble()
  const writer = createJournalWriter({
    storage: await storage.open({ clock: { now: () => 0 } }),
    start: emptyJournalHead,
    ...options,
  })
  return { storage, writer }
}

const messageOf = (id: string): Message => ({
  id,
  topic: 'test',
  key: '',
  time: 1,
  priority: 'normal',
  publisher: 'p',
  correlationId: id,
  payload: 1,
})

const draft = (id: string) => ({ id, kind: 'test', time: 1, payload: { b: 1, a: id } })

describe('the journal writer', () => {
  it('numbers entries as they are appended, in canonical JSON, and chains those of a commit together', async () => {
    const { storage, writer } = await opened()
    expect([writer.append(draft('x')), writer.append(draft('y'))]).toEqual([1, 2])
    expect([writer.head(), writer.nextSequence(), storage.entries]).toEqual([emptyJournalHead, 3, []])
    await writer.flush()
    const plain = ['x', 'y'].map((id, index) => ({
      sequence: index + 1,
      id,
      kind: 'test',
      time: 1,
      text: `{"a":"${id}","b":1}`,
    }))
    const hash = blockHash(emptyJournalHead.hash, plain)
    expect(storage.entries).toEqual(plain.map((entry) => ({ ...entry, hash })))
    expect(writer.head()).toEqual({ sequence: 2, hash })
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
    const { storage, writer } = await opened({ onFailure: (error) => failures.push(error) })
    const full = new Error('disk full')
    storage.beforeCommit = () => {
      throw full
    }
    writer.append(draft('a'))
    await expect(writer.flush()).rejects.toMatchObject({ code: 'JOURNAL_FAILED', cause: full })
    storage.beforeCommit = undefined
    const refused = expect.objectContaining({ code: 'JOURNAL_FAILED', cause: full })
    expect(() => writer.append(draft('b'))).toThrow(refused)
    expect(() => writer.putKeyValue({ key: 'k' })).toThrow(refused)
    expect(() => writer.putBlob('hash', 'text')).toThrow(refused)
    expect(() => writer.putRecord('orders', { id: '1', time: 1, tags: {}, text: '' })).toThrow(refused)
    await expect(writer.flush()).rejects.toEqual(refused)
    expect([failures, storage.batches, writer.isSound()]).toEqual([[full], [], false])
  })

  describe('after a failure', () => {
    const full = new Error('disk full')
    const failing = async (options: Partial<JournalWriterOptions> = {}) => {
      const delivered: string[] = []
      const made = await opened({
        onDurable: (messages) => delivered.push(...messages.map(({ id }) => id)),
        ...options,
      })
      made.storage.beforeCommit = () => {
        throw full
      }
      made.writer.appendMessage(messageOf('a'), '{"n":1}', true)
      return { ...made, delivered }
    }

    it('writes on a retry what could not be written, tells who waited for it, and goes on', async () => {
      const { storage, writer, delivered } = await failing()
      const told: string[] = []
      void writer.settled().then(() => told.push('settled'))
      await expect(writer.flush()).rejects.toMatchObject({ code: 'JOURNAL_FAILED', cause: full })
      await expect(writer.retry()).rejects.toBe(full)
      expect([told, delivered, writer.isSound(), writer.hasTaken('a')]).toEqual([[], [], false, true])
      storage.beforeCommit = undefined
      await writer.retry()
      await settle()
      expect([told, delivered, writer.isSound(), writer.durableSequence()]).toEqual([['settled'], ['a'], true, 1])
      writer.appendMessage(messageOf('b'), '{"n":2}', false)
      await writer.settled()
      expect(storage.entries.map(({ id }) => id)).toEqual(['a', 'b'])
      expect(delivered).toEqual(['a', 'b'])
    })

    it('does not write again what turns out to be written: the outcome of a lost answer is asked for', async () => {
      const { storage, writer, delivered } = await failing()
      storage.beforeCommit = (batch) => {
        storage.entries.push(...(batch.journal ?? []))
        throw new Error('the answer was lost')
      }
      await expect(writer.flush()).rejects.toThrow('lost')
      storage.beforeCommit = () => expect.unreachable()
      await writer.retry()
      expect([storage.entries.map(({ id }) => id), delivered]).toEqual([['a'], ['a']])
    })

    it('tells whoever waits when it is given up', async () => {
      const { writer } = await failing()
      const waiting = writer.settled()
      await expect(writer.flush()).rejects.toMatchObject({ code: 'JOURNAL_FAILED', cause: full })
      writer.abandon()
      await expect(waiting).rejects.toMatchObject({ code: 'JOURNAL_FAILED', retryability: 'unknown-outcome' })
    })
  })

  it('gathers what comes before its turn into one commit, with what is contributed to it', async () => {
    const turns: (() => void)[] = []
    const { storage, writer } = await opened({
      nextTurn: (callback) => turns.push(callback),
      contribute: (batch) => batch.cursors.push({ consumer: 'c', sequence: 2 }),
    })
    writer.append(draft('a'))
    const first = writer.flush()
    await settle()
    writer.append(draft('b'))
    expect([writer.flush() === first, storage.batches.length, turns.length]).toEqual([true, 0, 1])
    turns.shift()?.()
    await first
    expect(storage.batches).toMatchObject([{ journal: [{ id: 'a' }, { id: 'b' }], cursors: [{ sequence: 2 }] }])
  })

  describe('commits a batch of another’s', () => {
    const apart = { keyValue: [{ key: 'apart', value: '1' }] }

    it('between two of its own, which wait for it', async () => {
      const { storage, writer } = await opened()
      const gates = [createGate(), createGate()]
      storage.beforeCommit = async () => gates[storage.batches.length]?.passed
      writer.append(draft('a'))
      const first = writer.flush()
      await settle()
      const between = writer.commitApart(apart)
      writer.append(draft('b'))
      const second = writer.flush()
      await settle()
      expect(storage.batches).toEqual([])
      gates[0]?.open()
      await first
      await settle()
      expect(storage.batches).toHaveLength(1)
      gates[1]?.open()
      await Promise.all([between, second])
      expect(storage.batches.map(({ journal = [], keyValue = [] }) => [journal.length, keyValue.length])).toEqual([
        [1, 0],
        [0, 1],
        [1, 0],
      ])
    })

    it('whose failure is that of its caller alone', async () => {
      const failures: unknown[] = []
      const { storage, writer } = await opened({ onFailure: (error) => failures.push(error) })
      storage.beforeCommit = ({ keyValue = [] }) => {
        if (keyValue.length > 0) throw new Error('no room for more')
      }
      const between = writer.commitApart(apart)
      writer.append(draft('a'))
      await Promise.all([expect(between).rejects.toThrow('no room for more'), writer.flush()])
      expect([storage.entries.length, writer.isSound(), failures]).toEqual([1, true, []])
    })

    it('but not once a commit of its own has failed', async () => {
      const { storage, writer } = await opened()
      storage.beforeCommit = () => {
        throw new Error('disk full')
      }
      writer.append(draft('a'))
      const first = writer.flush()
      const between = writer.commitApart(apart)
      await expect(first).rejects.toThrow('disk full')
      await expect(between).rejects.toMatchObject({ code: 'JOURNAL_FAILED' })
      storage.beforeCommit = undefined
      await writer.retry()
      await writer.commitApart(apart)
      expect(storage.batches).toHaveLength(2)
    })
  })
})
