import {
  archiveJournal,
  chainEntry,
  emptyJournalHead,
  eraseArchived,
  isBatchWritten,
  type JournalEntry,
  type JournalSegment,
  type Storage,
  segmentText,
  verifyJournal,
  type WriteBatch,
} from '@tradeswarm/core'
import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import {
  append,
  blobOf,
  entriesAfter,
  expectCode,
  openFixture,
  openStorage,
  readAll,
  type StorageContractOptions,
} from './contract-harness.js'

const kinds = ['message', 'order', 'ledger'] as const

/** Twenty entries at times 1 to 20, of three kinds in turn. */
function appendTwenty(storage: Storage): Promise<JournalEntry[]> {
  const draft = (index: number) => ({ id: `e${index + 1}`, kind: kinds[index % 3] as string, time: index + 1 })
  return append(storage, ...Array.from({ length: 20 }, (_, index) => draft(index)))
}

function segmentOf(entries: readonly JournalEntry[], previousHash = emptyJournalHead.hash): WriteBatch {
  const blob = blobOf(segmentText(entries))
  const [first, last] = [entries[0] as JournalEntry, entries.at(-1) as JournalEntry]
  const archive = { from: first.sequence, to: last.sequence, previousHash, hash: last.hash, blob: blob.hash }
  return { archive, blobs: [blob] }
}

/** The cases of archiving, cursors in a list, and commits that are made again. */
export function archiveCases(options: StorageContractOptions): void {
  describe('journal archive', () => {
    test('nothing is archived at first', async () => {
      const { storage } = await openStorage(options)
      expect(await storage.journal.first()).toBe(1)
      expect(await storage.journal.segments()).toEqual([])
      await appendTwenty(storage)
      expect(await storage.journal.first()).toBe(1)
      expect(await storage.journal.segments()).toEqual([])
      expect(await archiveJournal(storage, { keepEntries: 20 })).toEqual({ segments: [] })
    })

    test('archived entries are read as before, in all ranges, of all kinds and by id, after reopening too', async () => {
      const { storage, reopen } = await openStorage(options)
      const all = await appendTwenty(storage)
      const { segments } = await archiveJournal(storage, { keepEntries: 6, segmentEntries: 5 })
      expect(segments.map(({ from, to }) => [from, to])).toEqual([
        [1, 5],
        [6, 10],
        [11, 14],
      ])
      for (const open of [async () => storage, reopen]) {
        const place = await open()
        expect(await place.journal.first()).toBe(15)
        expect(await place.journal.segments()).toEqual(segments)
        expect(await place.journal.head()).toEqual({ sequence: 20, hash: all[19]?.hash })
        expect(await readAll(place)).toEqual(all)
        expect(await readAll(place, { from: 4, to: 17 })).toEqual(all.slice(3, 17))
        expect(await readAll(place, { from: 15 })).toEqual(all.slice(14))
        expect(await readAll(place, { to: 3 })).toEqual(all.slice(0, 3))
        expect(await readAll(place, { kinds: ['order', 'absent'], from: 2 })).toEqual(
          all.filter(({ kind }) => kind === 'order'),
        )
        expect(await readAll(place, { kinds: [] })).toEqual([])
        for (const entry of all) expect(await place.journal.get(entry.id)).toEqual(entry)
        expect(await place.journal.get('absent')).toBeUndefined()
        expect(await verifyJournal(place.journal)).toEqual({ ok: true, entries: 20, hash: all[19]?.hash })
      }
    })

    test('lists segments from the one that holds an entry, at most so many', async () => {
      const { storage } = await openStorage(options)
      await appendTwenty(storage)
      const { segments } = await archiveJournal(storage, { keepEntries: 1, segmentEntries: 4 })
      expect(segments).toHaveLength(5)
      expect(await storage.journal.segments({ from: 4 })).toEqual(segments)
      expect(await storage.journal.segments({ from: 5 })).toEqual(segments.slice(1))
      expect(await storage.journal.segments({ from: 8, limit: 2 })).toEqual(segments.slice(1, 3))
      expect(await storage.journal.segments({ from: 20 })).toEqual([])
      expect(await storage.journal.segments({ limit: 0 })).toEqual([])
      await expectCode('INVALID_OPTION', () => storage.journal.segments({ limit: 0.5 }))
    })

    test('goes on after what is archived, up to a time, and never past the slowest consumer or the head', async () => {
      const { storage } = await openStorage(options)
      const all = await appendTwenty(storage)
      await storage.commit({
        cursors: [
          { consumer: 'slow', sequence: 9 },
          { consumer: 'fast', sequence: 20 },
        ],
      })
      expect((await archiveJournal(storage, { before: 4 })).segments).toMatchObject([{ from: 1, to: 3 }])
      expect(await archiveJournal(storage, { before: 4 })).toEqual({ segments: [] })
      const held = await archiveJournal(storage, { keepEntries: 2 })
      expect(held.segments).toMatchObject([{ from: 4, to: 9 }])
      expect(held.heldBack).toEqual({ consumer: 'slow', sequence: 9 })
      await storage.commit({ cursors: [{ consumer: 'slow' }] })
      expect(await archiveJournal(storage, { before: 1_000 })).toMatchObject({ segments: [{ from: 10, to: 19 }] })
      expect(await storage.journal.first()).toBe(20)
      expect(await readAll(storage)).toEqual(all)
      const [next] = await append(storage, { id: 'next' })
      expect(await readAll(storage, { from: 19 })).toEqual([all[18], all[19], next])
    })

    test('an archived id is still taken', async () => {
      const { storage, reopen } = await openStorage(options)
      await appendTwenty(storage)
      await archiveJournal(storage, { keepEntries: 1 })
      await expectCode('DUPLICATE_JOURNAL_ID', () => append(storage, { id: 'new' }, { id: 'e3' }))
      const again = await reopen()
      await expectCode('DUPLICATE_JOURNAL_ID', () => append(again, { id: 'e3' }))
      await append(again, { id: 'new' })
      expect((await again.journal.head()).sequence).toBe(21)
    })

    test('an erased segment is named, its ids stay taken, and the chain holds across it', async () => {
      const { storage, reopen } = await openStorage(options)
      const all = await appendTwenty(storage)
      const { segments } = await archiveJournal(storage, { keepEntries: 6, segmentEntries: 7 })
      const first = segments[0] as JournalSegment
      expect(await eraseArchived(storage, { to: 13 })).toEqual([first])
      for (const open of [async () => storage, reopen]) {
        const place = await open()
        const error = await expectCode('JOURNAL_ERASED', () => readAll(place, { from: 2 }))
        expect(error.context).toMatchObject({ from: 1, to: 7, blob: first.blob })
        expect(error.message).toContain(first.blob)
        await expectCode('JOURNAL_ERASED', () => place.journal.get('e7'))
        await expectCode('DUPLICATE_JOURNAL_ID', () => append(place, { id: 'e7' }))
        expect(await readAll(place, { from: 8 })).toEqual(all.slice(7))
        expect(await place.journal.segments()).toEqual(segments)
        expect(await verifyJournal(place.journal)).toEqual({
          ok: true,
          entries: 20,
          hash: all[19]?.hash,
          erased: [first],
        })
      }
    })

    test('a read that is under way misses nothing that is archived meanwhile', async () => {
      const { storage } = await openStorage(options)
      const all = await append(storage, ...Array.from({ length: 2_500 }, (_, index) => ({ id: `e${index}` })))
      for (const kindsRead of [undefined, ['message', 'absent']]) {
        const read: string[] = []
        for await (const { sequence, hash } of storage.journal.read(
          kindsRead === undefined ? {} : { kinds: kindsRead },
        )) {
          read.push(hash)
          if (sequence === 10) await archiveJournal(storage, { keepEntries: 700, segmentEntries: 400 })
          if (sequence === 1_900) await archiveJournal(storage, { keepEntries: 100, segmentEntries: 400 })
        }
        expect(read).toEqual(all.map(({ hash }) => hash))
      }
    })

    test('refuses a segment that does not follow, does not end in a live entry, or is not what its blob holds', async () => {
      const { storage } = await openStorage(options)
      const all = await appendTwenty(storage)
      const other = entriesAfter(emptyJournalHead, [{ id: 'x1' }, { id: 'x2' }])
      const good = segmentOf(all.slice(0, 4))
      const archive = good.archive as JournalSegment
      const refusals: readonly (readonly [code: string, batch: WriteBatch])[] = [
        ['ARCHIVE_CONFLICT', segmentOf(all.slice(1, 4), all[0]?.hash)],
        ['ARCHIVE_CONFLICT', segmentOf(all)],
        ['ARCHIVE_CONFLICT', segmentOf(other)],
        ['ARCHIVE_CONFLICT', { ...good, archive: { ...archive, previousHash: 'f'.repeat(64) } }],
        ['STORAGE_CORRUPT', { ...good, archive: { ...archive, to: 5 } }],
        ['STORAGE_CORRUPT', { ...good, archive: { ...archive, hash: all[4]?.hash as string } }],
        ['INVALID_BATCH', { archive }],
      ]
      for (const [code, batch] of refusals) {
        await expectCode(code, () => storage.commit({ ...batch, keyValue: [{ key: 'a', value: 'x' }] }))
      }
      expect(await storage.journal.first()).toBe(1)
      expect(await storage.journal.segments()).toEqual([])
      expect(await storage.keyValue.list({ prefix: '' })).toEqual([])
      await storage.commit(good)
      await expectCode('ARCHIVE_CONFLICT', () => storage.commit(good))
      await storage.commit(segmentOf(all.slice(4, 19), all[3]?.hash))
      expect(await readAll(storage)).toEqual(all)
    })

    test('archives in one commit with entries and other writes', async () => {
      const { storage } = await openStorage(options)
      const all = await appendTwenty(storage)
      const journal = entriesAfter(all.at(-1) ?? emptyJournalHead, [{ id: 'more' }])
      await storage.commit({ ...segmentOf(all.slice(0, 19)), journal, cursors: [{ consumer: 'c', sequence: 21 }] })
      expect(await storage.journal.first()).toBe(20)
      expect(await readAll(storage)).toEqual([...all, ...journal])
      expect(await storage.journal.cursor('c')).toBe(21)
    })

    test('any mix of appends and archivings reads as if nothing was archived', { timeout: 120_000 }, async () => {
      const step = fc.record({
        append: fc.nat(6),
        keepEntries: fc.option(fc.integer({ min: 1, max: 12 })),
        segmentEntries: fc.integer({ min: 1, max: 7 }),
      })
      await fc.assert(
        fc.asyncProperty(fc.array(step, { maxLength: 8 }), fc.nat(30), async (steps, from) => {
          const fixture = await options.create()
          const opened = await openFixture(options, fixture)
          try {
            const all: JournalEntry[] = []
            for (const { append: count, keepEntries, segmentEntries } of steps) {
              const drafts = Array.from({ length: count }, (_, index) => ({ id: `${all.length + index}` }))
              all.push(...(await append(opened.storage, ...drafts)))
              if (keepEntries !== null) await archiveJournal(opened.storage, { keepEntries, segmentEntries })
            }
            expect(await readAll(opened.storage)).toEqual(all)
            expect(await readAll(opened.storage, { from })).toEqual(all.slice(Math.max(0, from - 1)))
            expect(await verifyJournal(opened.storage.journal)).toMatchObject({ ok: true, entries: all.length })
          } finally {
            await opened.close()
            await fixture.cleanup?.()
          }
        }),
        { numRuns: 30 },
      )
    })
  })

  describe('cursors', () => {
    test('lists every consumer in UTF-8 order, and forgets one', async () => {
      const { storage, reopen } = await openStorage(options)
      expect(await storage.journal.cursors()).toEqual([])
      await append(storage, { id: 'a' }, { id: 'b' })
      const names = ['🐝', 'b', '\uE000', '', 'a']
      await storage.commit({ cursors: names.map((consumer, index) => ({ consumer, sequence: index % 3 })) })
      const listed = [
        { consumer: '', sequence: 0 },
        { consumer: 'a', sequence: 1 },
        { consumer: 'b', sequence: 1 },
        { consumer: '\uE000', sequence: 2 },
        { consumer: '🐝', sequence: 0 },
      ]
      expect(await storage.journal.cursors()).toEqual(listed)
      await storage.commit({ cursors: [{ consumer: 'b' }, { consumer: 'never there' }] })
      expect(await storage.journal.cursor('b')).toBe(0)
      expect(await (await reopen()).journal.cursors()).toEqual(listed.filter(({ consumer }) => consumer !== 'b'))
    })
  })

  describe('a commit that is made again', () => {
    test('can be told from one that was never made', async () => {
      const { storage } = await openStorage(options)
      const journal = entriesAfter(emptyJournalHead, [{ id: 'a' }, { id: 'b' }])
      expect(await isBatchWritten(storage, { journal })).toBe(false)
      await storage.commit({ journal })
      expect(await isBatchWritten(storage, { journal })).toBe(true)
      await expectCode('JOURNAL_CONFLICT', () => storage.commit({ journal }))
      await append(storage, { id: 'c' })
      expect(await isBatchWritten(storage, { journal })).toBe(true)
      expect(await isBatchWritten(storage, { keyValue: [{ key: 'a', value: 'x' }] })).toBe(false)
    })

    test('takes entries that were chained beforehand, and only where they follow', async () => {
      const { storage } = await openStorage(options)
      const draft = { kind: 'message', time: 5, text: 'half \uD83D a pair' }
      const first = chainEntry(emptyJournalHead, { ...draft, id: 'a' })
      const second = chainEntry(first, { ...draft, id: 'b' })
      await expectCode('JOURNAL_CONFLICT', () => storage.commit({ journal: [second] }))
      await expectCode('JOURNAL_CONFLICT', () => storage.commit({ journal: [{ ...first, text: 'another' }] }))
      const elsewhere = chainEntry({ sequence: 0, hash: 'f'.repeat(64) }, { ...draft, id: 'a' })
      await expectCode('JOURNAL_CONFLICT', () => storage.commit({ journal: [elsewhere] }))
      await storage.commit({ journal: [first, second] })
      expect(await readAll(storage)).toEqual([{ ...first }, { ...second }])
    })
  })
}
