import { emptyJournalHead, isBatchWritten, type Storage, type SwarmError, verifyJournal } from '@tradeswarm/core'
import { describe, expect, test } from 'vitest'
import { answerLost, faultyBinding, refused, requestLost } from './testing-support/faulty-binding.test-support.js'
import { entries, expectFailure, idsOf, openStorage, testPlace } from './testing-support/open-place.test-support.js'

describe('two writers of one database', () => {
  test('the first to commit goes on; the other is refused whatever it writes, until it is opened again', async () => {
    const place = testPlace()
    const [first, second] = [await openStorage(place), await openStorage(place)]
    const [a, b] = entries(emptyJournalHead, 'a', 'b')
    await first.commit({ journal: [a as never] })
    await expectFailure('JOURNAL_CONFLICT', 'DATABASE: another writer', () =>
      second.commit({ journal: entries(emptyJournalHead, 'z'), keyValue: [{ key: 'k', value: 'z' }] }),
    )
    await expectFailure('JOURNAL_CONFLICT', 'DATABASE: another writer', () =>
      second.commit({ keyValue: [{ key: 'k', value: 'z' }] }),
    )
    expect(await second.journal.head()).toEqual({ sequence: 1, hash: a?.hash })
    await first.commit({ journal: [b as never], keyValue: [{ key: 'k', value: 'first' }] })
    expect(await idsOf(first)).toEqual(['a', 'b'])
    expect((await first.keyValue.get('k'))?.value).toBe('first')
    await second.close()
    const again = await openStorage(place)
    await again.commit({ journal: entries(await again.journal.head(), 'c') })
    expect(await idsOf(again)).toEqual(['a', 'b', 'c'])
    await expectFailure('JOURNAL_CONFLICT', 'another writer', () =>
      first.commit({ cursors: [{ consumer: 'c', sequence: 1 }] }),
    )
  })

  test('writes of documents alone fence the other writer, too', async () => {
    const place = testPlace()
    const [first, second] = [await openStorage(place), await openStorage(place)]
    await first.commit({ keyValue: [{ key: 'k', value: 'first' }] })
    await expectFailure('JOURNAL_CONFLICT', 'another writer', () =>
      second.commit({ keyValue: [{ key: 'k', value: 'second' }] }),
    )
    expect(await first.keyValue.get('k')).toEqual({ key: 'k', value: 'first', revision: 1 })
  })

  test('both at full speed leave one chain: no gap, no fork, nothing twice', async () => {
    const place = testPlace()
    const acknowledged: string[] = []
    const race = async (name: string): Promise<number> => {
      let conflicts = 0
      let storage = await openStorage(place)
      let head = await storage.journal.head()
      for (let index = 0; index < 30; index += 1) {
        const journal = entries(head, `${name}${index}a`, `${name}${index}b`)
        try {
          await storage.commit({ journal, keyValue: [{ key: 'count', value: `${name}${index}` }] })
          head = journal.at(-1) as never
          acknowledged.push(...journal.map(({ id }) => id))
        } catch (error) {
          expect((error as SwarmError).code).toBe('JOURNAL_CONFLICT')
          conflicts += 1
          await storage.close()
          storage = await openStorage(place)
          head = await storage.journal.head()
        }
      }
      return conflicts
    }
    const conflicts = await Promise.all(['x', 'y', 'z'].map(race))
    expect(conflicts.reduce((sum, count) => sum + count)).toBeGreaterThan(5)
    const reader = await openStorage({ ...place, readOnly: true })
    expect((await idsOf(reader)).toSorted()).toEqual(acknowledged.toSorted())
    expect(await verifyJournal(reader.journal)).toMatchObject({ ok: true, entries: acknowledged.length })
    expect((await reader.keyValue.get('count'))?.revision).toBe(acknowledged.length / 2)
  })
})

describe('a commit whose answer is lost', () => {
  const opened = async (): Promise<{ storage: Storage } & ReturnType<typeof faultyBinding>> => {
    const place = testPlace()
    const faulty = faultyBinding(place.database)
    return { ...faulty, storage: await openStorage({ ...place, database: faulty.binding }) }
  }

  test('is looked after at once: it succeeds when it took effect', async () => {
    const { storage, faults } = await opened()
    faults.push(answerLost)
    await storage.commit({ journal: entries(emptyJournalHead, 'a'), keyValue: [{ key: 'k', value: 'v' }] })
    await storage.commit({ journal: entries(await storage.journal.head(), 'b') })
    expect(await idsOf(storage)).toEqual(['a', 'b'])
  })

  test('has an unknown outcome when the request was lost; the head tells, and the same batch may be made again', async () => {
    const { storage, faults } = await opened()
    const batch = { journal: entries(emptyJournalHead, 'a'), keyValue: [{ key: 'k', value: 'v' }] }
    faults.push(requestLost)
    const error = await expectFailure('STORAGE_IO', 'DATABASE', () => storage.commit(batch))
    expect(error.retryability).toBe('unknown-outcome')
    expect(await isBatchWritten(storage, batch)).toBe(false)
    await storage.commit(batch)
    expect(await isBatchWritten(storage, batch)).toBe(true)
    expect((await storage.keyValue.get('k'))?.revision).toBe(1)
  })

  test('is found by the next commit when it was made after all', async () => {
    const { storage, faults } = await opened()
    let late: () => Promise<void> = async () => undefined
    const delayed = entries(emptyJournalHead, 'late')
    faults.push(async (run) => {
      late = run
      throw new Error('D1_ERROR: D1 DB storage operation exceeded timeout which caused object to be reset.')
    })
    await expectFailure('STORAGE_IO', 'DATABASE', () => storage.commit({ journal: delayed }))
    await late()
    expect(await isBatchWritten(storage, { journal: delayed })).toBe(true)
    await storage.commit({ journal: entries(delayed[0] as never, 'next') })
    expect(await idsOf(storage)).toEqual(['late', 'next'])
  })

  test('made between the look and the next commit, it is never overtaken', async () => {
    const { storage, faults } = await opened()
    let late: () => Promise<void> = async () => undefined
    const delayed = entries(emptyJournalHead, 'late')
    faults.push(
      async (run) => {
        late = run
        throw new Error('D1_ERROR: Network connection lost.')
      },
      async (run) => {
        await late()
        await run()
      },
    )
    await expectFailure('STORAGE_IO', 'DATABASE', () => storage.commit({ journal: delayed }))
    await expectFailure('JOURNAL_CONFLICT', 'has taken effect since', () =>
      storage.commit({ journal: entries(emptyJournalHead, 'instead') }),
    )
    await storage.commit({ journal: entries(await storage.journal.head(), 'after') })
    expect(await idsOf(storage)).toEqual(['late', 'after'])
  })

  test('is known when it arrives after another one was lost as well', async () => {
    const { storage, faults } = await opened()
    let late: () => Promise<void> = async () => undefined
    const delayed = entries(emptyJournalHead, 'late')
    faults.push(async (run) => {
      late = run
      throw new Error('D1_ERROR: Network connection lost.')
    }, requestLost)
    await expectFailure('STORAGE_IO', 'DATABASE', () => storage.commit({ journal: delayed }))
    await expectFailure('STORAGE_IO', 'DATABASE', () => storage.commit({ keyValue: [{ key: 'k', value: 'lost' }] }))
    await late()
    await storage.commit({ journal: entries(delayed[0] as never, 'next') })
    expect(await idsOf(storage)).toEqual(['late', 'next'])
    expect(await storage.keyValue.get('k')).toBeUndefined()
  })

  test.each([
    ['D1 DB is overloaded. Too many requests queued.', 'STORAGE_BUSY', 'retryable'],
    ['D1 DB is overloaded. Requests queued for too long.', 'STORAGE_BUSY', 'retryable'],
    ['Too many API requests by single Worker invocation.', 'STORAGE_BUSY', 'retryable'],
    ['Exceeded maximum DB size', 'STORAGE_FULL', 'retryable'],
    ['string or blob too big: SQLITE_TOOBIG', 'VALUE_TOO_LARGE', 'fatal'],
    ['database disk image is malformed: SQLITE_CORRUPT', 'STORAGE_CORRUPT', 'fatal'],
    ['no such table: swarm_head: SQLITE_ERROR', 'STORAGE_VERSION', 'fatal'],
    ['near "x": syntax error: SQLITE_ERROR', 'STORAGE_FAILED', 'fatal'],
    ['D1 DB exceeded its CPU time limit and was reset.', 'STORAGE_IO', 'unknown-outcome'],
    ['Internal error in D1 DB storage caused object to be reset.', 'STORAGE_IO', 'unknown-outcome'],
  ])('"%s" is %s, %s, is not retried, and what follows is in order', async (message, code, retryability) => {
    const { storage, faults } = await opened()
    const batch = { journal: entries(emptyJournalHead, 'a') }
    faults.push(refused(message))
    const error = await expectFailure(code, message, () => storage.commit(batch))
    expect(error.retryability).toBe(retryability)
    expect(faults).toEqual([])
    expect(await isBatchWritten(storage, batch)).toBe(false)
    await storage.commit(batch)
    expect(await idsOf(storage)).toEqual(['a'])
  })
})
