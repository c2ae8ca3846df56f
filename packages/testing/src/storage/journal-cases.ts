import {
  archiveJournal,
  chainEntries,
  chainHash,
  emptyJournalHead,
  type JournalEntry,
  verifyJournal,
} from '@tradeswarm/core'
import { describe, expect, test } from 'vitest'
import {
  append,
  entriesAfter,
  expectCode,
  openStorage,
  readAll,
  type StorageContractOptions,
} from './contract-harness.js'

/** The cases of the `Journal` port. */
export function journalCases(options: StorageContractOptions): void {
  describe('journal', () => {
    test('starts empty', async () => {
      const { storage } = await openStorage(options)
      expect(await storage.journal.head()).toEqual(emptyJournalHead)
      expect(await readAll(storage)).toEqual([])
      expect(await storage.journal.get('absent')).toBeUndefined()
      expect(await storage.journal.cursor('nobody')).toBe(0)
    })

    test('returns what was appended, in order, and its last entry as the head', async () => {
      const { storage } = await openStorage(options)
      const first = await append(storage, { id: 'a' }, { id: 'b', kind: 'order', text: '{"n":1}', time: 5 })
      const second = await append(storage, { id: 'c' })
      expect(await readAll(storage)).toEqual([...first, ...second])
      expect(await storage.journal.head()).toEqual({ sequence: 3, hash: second[0]?.hash })
      expect(await storage.journal.get('b')).toEqual(first[1])
      expect(await verifyJournal(storage.journal)).toEqual({ ok: true, entries: 3, hash: second[0]?.hash })
    })

    test('keeps texts exactly: empty, long, line breaks, zero characters, and beyond U+FFFF', async () => {
      const { storage } = await openStorage(options)
      const texts = ['', 'x'.repeat(200_000), 'a\nb\r\n\tc', 'nul\u0000inside', 'Ünï — 漢字 🐝 \u{10ffff}']
      const entries = await append(
        storage,
        ...texts.map((text, index) => ({ id: `entry ${text.slice(0, 9)} ${index}`, text })),
      )
      expect(await readAll(storage)).toEqual(entries)
      for (const entry of entries) expect(await storage.journal.get(entry.id)).toEqual(entry)
    })

    test('refuses a gap, a repeat and a wrong start', async () => {
      const { storage } = await openStorage(options)
      await append(storage, { id: 'a' })
      const head = await storage.journal.head()
      for (const sequence of [0, 1, 3]) {
        const entry = { sequence, id: 'b', kind: 'message', time: 1, text: '{}' }
        const journal = [{ ...entry, hash: chainHash(head.hash, entry) }]
        await expectCode('JOURNAL_CONFLICT', () => storage.commit({ journal }))
      }
      const [second, , fourth] = entriesAfter(head, [{ id: 'b' }, { id: 'c' }, { id: 'd' }])
      if (second === undefined || fourth === undefined) throw new Error('unreachable')
      await expectCode('JOURNAL_CONFLICT', () => storage.commit({ journal: [second, fourth] }))
      expect(await storage.journal.head()).toEqual(head)
    })

    test('refuses an entry whose hash does not chain to the head', async () => {
      const { storage } = await openStorage(options)
      await append(storage, { id: 'a' })
      const head = await storage.journal.head()
      const [entry] = entriesAfter({ sequence: 1, hash: 'f'.repeat(64) }, [{ id: 'b' }])
      if (entry === undefined) throw new Error('unreachable')
      await expectCode('JOURNAL_CONFLICT', () => storage.commit({ journal: [entry] }))
      const altered = { ...entriesAfter(head, [{ id: 'b' }])[0], text: '{"altered":true}' } as typeof entry
      await expectCode('JOURNAL_CONFLICT', () => storage.commit({ journal: [altered] }))
      expect(await storage.journal.head()).toEqual(head)
    })

    test('refuses an id that the journal or the batch already holds, and goes on afterwards', async () => {
      const { storage } = await openStorage(options)
      await append(storage, { id: 'a' }, { id: 'b' })
      const error = await expectCode('DUPLICATE_JOURNAL_ID', () => append(storage, { id: 'c' }, { id: 'a' }))
      expect(error.message).toContain('"a"')
      await expectCode('DUPLICATE_JOURNAL_ID', () => append(storage, { id: 'd' }, { id: 'd' }))
      expect(await storage.journal.get('c')).toBeUndefined()
      await append(storage, { id: 'c' })
      expect((await readAll(storage)).map(({ id }) => id)).toEqual(['a', 'b', 'c'])
    })

    test('refuses a time that is not whole milliseconds', async () => {
      const { storage } = await openStorage(options)
      for (const time of [Number.NaN, Number.POSITIVE_INFINITY, 0.5]) {
        await expectCode('INVALID_BATCH', () => append(storage, { id: 'a', time }))
      }
      expect(await readAll(storage)).toEqual([])
    })

    test('reads ranges and kinds', async () => {
      const { storage } = await openStorage(options)
      const kinds = ['message', 'order', 'ledger']
      const all = await append(
        storage,
        ...Array.from({ length: 30 }, (_, index) => ({ id: `e${index}`, kind: kinds[(index * 7) % 3] as string })),
      )
      expect(await readAll(storage, { from: 5, to: 9 })).toEqual(all.slice(4, 9))
      expect(await readAll(storage, { from: 29 })).toEqual(all.slice(28))
      expect(await readAll(storage, { from: 31 })).toEqual([])
      expect(await readAll(storage, { from: 9, to: 5 })).toEqual([])
      expect(await readAll(storage, { from: -3, to: 1_000_000 })).toEqual(all)
      expect(await readAll(storage, { kinds: [] })).toEqual([])
      expect(await readAll(storage, { kinds: ['absent'] })).toEqual([])
      expect(await readAll(storage, { kinds: ['order'] })).toEqual(all.filter(({ kind }) => kind === 'order'))
      expect(await readAll(storage, { kinds: ['order', 'ledger', 'order'], from: 4, to: 20 })).toEqual(
        all.slice(3, 20).filter(({ kind }) => kind !== 'message'),
      )
      await expectCode('INVALID_OPTION', () => readAll(storage, { from: Number.NaN }))
    })

    test('reads a journal of many pages, and leaves out what is appended after the call', async () => {
      const { storage } = await openStorage(options)
      const drafts = Array.from({ length: 2_500 }, (_, index) => ({
        id: `e${index}`,
        kind: index % 2 ? 'odd' : 'even',
      }))
      const all = await append(storage, ...drafts)
      const reading = storage.journal.read()
      await append(storage, { id: 'late' })
      const read: string[] = []
      for await (const entry of reading) {
        if (entry.sequence === 10) await append(storage, { id: 'later' })
        read.push(entry.hash)
      }
      expect(read).toEqual(all.map(({ hash }) => hash))
      const odd = await readAll(storage, { kinds: ['odd', 'absent'] })
      expect(odd).toEqual(all.filter(({ kind }) => kind === 'odd'))
    })

    test('reads entries that were hashed together by any way, from any place, archived or not', async () => {
      const { storage, reopen } = await openStorage(options)
      const kinds = ['message', 'order', 'ledger']
      const all: JournalEntry[] = []
      for (const size of [1, 3, 64, 200, 2, 1, 130]) {
        const drafts = Array.from({ length: size }, (_, index) => ({
          id: `e${all.length + index}`,
          kind: kinds[(index * 7) % 3] as string,
          time: all.length,
          text: `{"n":${index}}`,
        }))
        const journal = chainEntries(await storage.journal.head(), drafts)
        // As the one who made them, and as somebody else would.
        await storage.commit({ journal: size % 2 === 0 ? journal : journal.map((entry) => ({ ...entry })) })
        all.push(...journal.map((entry) => ({ ...entry })))
      }
      const { hash } = all.at(-1) as JournalEntry
      for (const open of [async () => storage, reopen]) {
        const place = await open()
        expect(await place.journal.head()).toEqual({ sequence: all.length, hash })
        expect(await readAll(place)).toEqual(all)
        for (const from of [1, 2, 4, 5, 40, 67, 68, 69, 150, 268, 270, 271, 399, 401]) {
          expect(await readAll(place, { from })).toEqual(all.slice(from - 1))
          expect(await readAll(place, { from, to: from + 3 })).toEqual(all.slice(from - 1, from + 3))
          expect(await place.journal.get(`e${from - 1}`)).toEqual(all[from - 1])
        }
        expect(await readAll(place, { kinds: ['order', 'ledger'], from: 50, to: 300 })).toEqual(
          all.slice(49, 300).filter(({ kind }) => kind !== 'message'),
        )
        expect(await verifyJournal(place.journal)).toEqual({ ok: true, entries: all.length, hash })
        // Nothing is archived the first time: it would part the second block.
        await archiveJournal(place, { keepEntries: place === storage ? all.length - 2 : 20, segmentEntries: 100 })
      }
    })

    test('refuses a part of what was hashed together', async () => {
      const { storage } = await openStorage(options)
      const drafts = ['a', 'b', 'c'].map((id) => ({ id, kind: 'message', time: 1, text: '{}' }))
      const journal = chainEntries(emptyJournalHead, drafts)
      for (const part of [journal.slice(0, 2), journal.slice(0, 2).map((entry) => ({ ...entry }))])
        await expectCode('JOURNAL_CONFLICT', () => storage.commit({ journal: part }))
      expect(await readAll(storage)).toEqual([])
      await storage.commit({ journal })
      expect(await readAll(storage)).toEqual(journal.map((entry) => ({ ...entry })))
    })

    test('keeps a cursor for each consumer', async () => {
      const { storage } = await openStorage(options)
      await append(storage, { id: 'a' }, { id: 'b' })
      await storage.commit({ cursors: [{ consumer: 'one', sequence: 2 }] })
      await storage.commit({ cursors: [{ consumer: 'two', sequence: 1 }] })
      expect(await storage.journal.cursor('one')).toBe(2)
      expect(await storage.journal.cursor('two')).toBe(1)
      await storage.commit({ cursors: [{ consumer: 'one', sequence: 1 }] })
      expect(await storage.journal.cursor('one')).toBe(1)
    })

    test('refuses a cursor beyond the head, counting the entries of its own batch', async () => {
      const { storage } = await openStorage(options)
      for (const sequence of [1, -1, 0.5]) {
        await expectCode('INVALID_BATCH', () => storage.commit({ cursors: [{ consumer: 'one', sequence }] }))
      }
      const journal = entriesAfter(emptyJournalHead, [{ id: 'a' }])
      await storage.commit({ journal, cursors: [{ consumer: 'one', sequence: 1 }] })
      expect(await storage.journal.cursor('one')).toBe(1)
    })
  })
}
