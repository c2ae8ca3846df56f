import { describe, expect, test } from 'vitest'
import { createStorageDouble } from '../testing-support/storage-double.test-support.js'
import { archiveJournal } from './archive-journal.js'
import { chainEntry } from './chain-entry.js'
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
