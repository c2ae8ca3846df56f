import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { chainEntries } from './chain-entries.js'
import { blockHash, chainHash, emptyJournalHead, type Journal, type JournalEntry, type JournalHead } from './journal.js'
import { verifyJournal } from './verify-journal.js'

function chained(count: number): JournalEntry[] {
  const entries: JournalEntry[] = []
  for (let sequence = 1; sequence <= count; sequence += 1) {
    const entry = { sequence, id: `id-${sequence}`, kind: 'message', time: 1_000 + sequence, text: `{"n":${sequence}}` }
    entries.push({ ...entry, hash: chainHash(entries.at(-1)?.hash ?? emptyJournalHead.hash, entry) })
  }
  return entries
}

/** Entries in blocks of these sizes. */
function inBlocks(sizes: readonly number[]): JournalEntry[] {
  const entries: JournalEntry[] = []
  for (const size of sizes) {
    const drafts = chained(entries.length + size).slice(entries.length)
    entries.push(...chainEntries(entries.at(-1) ?? emptyJournalHead, drafts))
  }
  return entries
}

function journalOf(entries: readonly JournalEntry[], head: JournalHead = entries.at(-1) ?? emptyJournalHead): Journal {
  return {
    head: async () => ({ sequence: head.sequence, hash: head.hash }),
    get: async (id) => entries.find((entry) => entry.id === id),
    cursor: async () => 0,
    cursors: async () => [],
    first: async () => 1,
    segments: async () => [],
    async *read() {
      yield* entries
    },
  }
}

/** Flips the lowest bit of one character. */
function alterOneByte(text: string, at: number): string {
  const place = at % text.length
  return text.slice(0, place) + String.fromCharCode(text.charCodeAt(place) ^ 1) + text.slice(place + 1)
}

describe('verifyJournal', () => {
  test('passes an empty journal and an untouched one, and returns the last hash', async () => {
    const entries = chained(3)
    expect(await verifyJournal(journalOf([]))).toEqual({ ok: true, entries: 0, hash: emptyJournalHead.hash })
    expect(await verifyJournal(journalOf(entries))).toEqual({ ok: true, entries: 3, hash: entries[2]?.hash })
  })

  test('finds one altered byte in any field of any entry, at that entry', async () => {
    const fields = fc.constantFrom('id', 'kind', 'text', 'hash')
    await fc.assert(
      fc.asyncProperty(fc.integer({ min: 1, max: 12 }), fc.nat(), fields, fc.nat(), async (count, which, field, at) => {
        const entries = chained(count)
        const index = which % count
        const entry = entries[index] as JournalEntry
        entries[index] = { ...entry, [field]: alterOneByte(entry[field], at) }
        expect(await verifyJournal(journalOf(entries))).toMatchObject({ ok: false, sequence: index + 1 })
      }),
    )
  })

  test('finds an altered time', async () => {
    const entries = chained(2)
    entries[1] = { ...(entries[1] as JournalEntry), time: 5 }
    expect(await verifyJournal(journalOf(entries))).toMatchObject({ ok: false, sequence: 2 })
  })

  test('names the entry that is missing', async () => {
    const entries = chained(4)
    const gap = entries.filter(({ sequence }) => sequence !== 2)
    expect(await verifyJournal(journalOf(gap))).toEqual({
      ok: false,
      sequence: 2,
      reason: 'entry 2 is missing: the next one found is 3',
    })
  })

  test('finds entries that are missing before the head, and two that changed places', async () => {
    const entries = chained(4)
    expect(await verifyJournal(journalOf(entries.slice(0, 3), entries[3]))).toMatchObject({ ok: false, sequence: 4 })
    const [first, second, third, fourth] = entries as [JournalEntry, JournalEntry, JournalEntry, JournalEntry]
    const swapped = [first, { ...third, sequence: 2 }, { ...second, sequence: 3 }, fourth]
    expect(await verifyJournal(journalOf(swapped))).toMatchObject({ ok: false, sequence: 2 })
  })

  test('finds whatever was altered, removed or swapped in a block, and names the block', async () => {
    const sizes = fc.array(fc.integer({ min: 1, max: 6 }), { minLength: 1, maxLength: 4 })
    const alterations = fc.constantFrom('id', 'kind', 'text', 'hash', 'time', 'missing', 'swapped')
    await fc.assert(
      fc.asyncProperty(sizes, fc.nat(), alterations, fc.nat(), async (blocks, which, alteration, at) => {
        const entries = inBlocks(blocks)
        expect(await verifyJournal(journalOf(entries))).toEqual({
          ok: true,
          entries: entries.length,
          hash: entries.at(-1)?.hash,
        })
        const index = which % entries.length
        const entry = entries[index] as JournalEntry
        const start = entries.findIndex(({ hash }) => hash === entry.hash)
        const head = entries.at(-1)
        if (alteration === 'missing') entries.splice(index, 1)
        else if (alteration === 'swapped') {
          const other = entries[index + 1]
          if (other === undefined) return
          entries[index] = { ...other, sequence: entry.sequence }
          entries[index + 1] = { ...entry, sequence: other.sequence }
        } else if (alteration === 'time') entries[index] = { ...entry, time: entry.time + 1 }
        else entries[index] = { ...entry, [alteration]: alterOneByte(entry[alteration], at) }
        const found = await verifyJournal(journalOf(entries, head))
        expect(found.ok).toBe(false)
        if (found.ok) return
        expect(found.sequence).toBeGreaterThanOrEqual(start + 1)
        expect(found.sequence).toBeLessThanOrEqual(index + 1)
      }),
    )
  })

  test('takes no more than 64 entries for a block', async () => {
    const drafts = chained(65)
    const hash = blockHash(emptyJournalHead.hash, drafts)
    const entries = drafts.map((entry) => ({ ...entry, hash }))
    expect(await verifyJournal(journalOf(entries))).toMatchObject({ ok: false, sequence: 1 })
  })
})
