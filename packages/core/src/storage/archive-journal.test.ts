import { describe, expect, test } from 'vitest'
import { createStorageDouble } from '../testing-support/storage-double.test-support.js'
import { archiveJournal } from './archive-journal.js'
import { chainEntries, chainEntry } from './chain-entries.js'
import { emptyJournalHead, type JournalEntry, type JournalSegment } from './journal.js'
import { segmentEntries, segmentText } from './journal-archive.js'

function chained(texts: readonly string[]): JournalEntry[] {
  const entries: JournalEntry[] = []
  texts.forEach((text, index) => {
    entries.push(chainEntry(entries.at(-1) ?? emptyJournalHead, { id: `id-${index}`, kind: 'message', time: 1, text }))
  })
  return entries
}

function segmentOf(entries: readonly JournalEntry[]): JournalSegment {
  const last = entries.at(-1) as JournalEntry
  return { from: 1, to: last.sequence, previousHash: emptyJournalHead.hash, hash: last.hash, blob: 'blob' }
}

describe('segmentText', () => {
  test('holds entries with any text, and they are read back as they were', () => {
    const entries = chained(['', '{"a":"b"}', 'a\nb\r\n', 'nul\u0000', '漢字 🐝', '\u2028'])
    expect(segmentEntries(segmentOf(entries), segmentText(entries), 'here')).toEqual(entries)
  })

  test('holds blocks of any sizes, and tells the format of older versions where all are of one entry', () => {
    const sizes = [1, 3, 64, 2, 1]
    const entries: JournalEntry[] = []
    for (const size of sizes) {
      const drafts = Array.from({ length: size }, (_, index) => ({
        id: `id-${entries.length + index}`,
        kind: 'message',
        time: index,
        text: `{"n":${index}}`,
      }))
      entries.push(...chainEntries(entries.at(-1) ?? emptyJournalHead, drafts))
    }
    const text = segmentText(entries)
    expect(segmentEntries(segmentOf(entries), text, 'here')).toEqual(entries)
    expect([text, segmentText(chained(['a', 'b']))].map((each) => each.split('\n')[0])).toEqual([
      'tradeswarm-journal-segment-2',
      'tradeswarm-journal-segment-1',
    ])
    for (const altered of [
      text.replace(',3]', ',2]'),
      text.replace(',64]', ',65]'),
      text.replace(',2]', ',5]'),
      text.replace(',3]', ']'),
      text.replace(',3]', ',0]'),
      text.replace('segment-2', 'segment-3'),
    ]) {
      expect(altered).not.toBe(text)
      expect(() => segmentEntries(segmentOf(entries), altered, 'here')).toThrow(
        expect.objectContaining({ code: 'STORAGE_CORRUPT' }),
      )
    }
  })

  test('a text that is not what was archived is refused, and the segment named', () => {
    const entries = chained(['one', 'two', 'three'])
    const text = segmentText(entries)
    for (const altered of [
      '',
      'another format',
      text.replace('two', 'too'),
      text.slice(0, -5),
      text.replace(/\n[^\n]*$/, ''),
      `${text}\n["id-9","message",1,""]`,
      text.replace('["id-1","message",1,"two"]', 'null'),
      text.replace('"two"', '5'),
    ]) {
      expect(() => segmentEntries(segmentOf(entries), altered, 'here')).toThrow(
        expect.objectContaining({
          code: 'STORAGE_CORRUPT',
          message: expect.stringMatching(/^here is damaged: the archived entries 1 to 3 in blob/),
        }),
      )
    }
  })
})

describe('archiveJournal', () => {
  test('refuses options out of range, and none at all', async () => {
    const storage = await createStorageDouble().open({ clock: { now: () => 0 } })
    for (const options of [
      {},
      { keepEntries: 0 },
      { keepEntries: 1.5 },
      { before: Number.NaN },
      { keepEntries: 1, segmentEntries: 0 },
      { keepEntries: 1, segmentEntries: 100_001 },
    ]) {
      await expect(archiveJournal(storage, options)).rejects.toMatchObject({ code: 'INVALID_OPTION' })
    }
  })

  test('parts no entries that were hashed together', async () => {
    const double = createStorageDouble()
    for (const size of [3, 1, 5, 2, 4]) {
      const drafts = Array.from({ length: size }, (_, index) => ({
        id: `${double.entries.length + index}`,
        kind: 'message',
        time: double.entries.length + index,
        text: '',
      }))
      double.entries.push(...chainEntries(double.entries.at(-1) ?? emptyJournalHead, drafts))
    }
    const storage = await double.open({ clock: { now: () => 0 } })
    const archived = async (options: Parameters<typeof archiveJournal>[1]) =>
      (await archiveJournal(storage, options)).segments.map(({ from, to }) => [from, to])
    expect(await archived({ keepEntries: 1, segmentEntries: 4 })).toEqual([
      [1, 4],
      [5, 9],
      [10, 11],
    ])
    expect(await archived({ keepEntries: 4 })).toEqual([[1, 11]])
    expect(await archived({ keepEntries: 5 })).toEqual([[1, 9]])
    expect(await archived({ before: 6 })).toEqual([[1, 4]])
    expect(await archived({ before: 9 })).toEqual([[1, 9]])
    double.cursors.set('slow', 2)
    expect(await archiveJournal(storage, { keepEntries: 1 })).toEqual({
      segments: [],
      heldBack: { consumer: 'slow', sequence: 2 },
    })
  })

  test('ends a segment early where its texts are long', async () => {
    const double = createStorageDouble()
    double.entries.push(...chained(Array.from({ length: 9 }, () => 'x'.repeat(1_500_000))))
    const storage = await double.open({ clock: { now: () => 0 } })
    const { segments } = await archiveJournal(storage, { keepEntries: 1 })
    expect(segments.map(({ from, to }) => [from, to])).toEqual([
      [1, 3],
      [4, 6],
      [7, 8],
    ])
  })
})
