import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { SwarmError } from '../errors/swarm-error.js'
import { chainEntries, chainEntry, journalBlockOf } from './chain-entries.js'
import { checkWriteBatch } from './check-write-batch.js'
import { blockHash, chainHash, emptyJournalHead, type JournalEntry, type JournalHead } from './journal.js'

const draft = { id: 'message-1', kind: 'message', time: 5, text: '{"a":1}' }
const options = { place: 'here', sha256: () => 'never the right hash' }

function codeOf(action: () => unknown): string | undefined {
  try {
    action()
    return undefined
  } catch (error) {
    return SwarmError.isInstance(error) ? error.code : 'no SwarmError'
  }
}

function headAfter(entry: JournalEntry | undefined): JournalHead {
  return entry === undefined ? emptyJournalHead : { sequence: entry.sequence, hash: entry.hash }
}

const anyText = fc.oneof(
  fc.string({ unit: 'binary', maxLength: 12 }),
  fc.constantFrom('', '\n', ':', ',', '1:a', '\ud83d', '\udc1d', '\ufffd'),
)
const anyDraft = fc.record({ id: anyText, kind: anyText, time: fc.maxSafeInteger(), text: anyText })

describe('chainEntry', () => {
  test('makes the entry that chainHash describes, equal to a plain one', () => {
    const entry = chainEntry(emptyJournalHead, draft)
    const plain = { sequence: 1, ...draft }
    expect(entry).toEqual({ ...plain, hash: chainHash(emptyJournalHead.hash, plain) })
    expect({ ...entry }).toEqual(entry)
    expect(Object.keys(entry)).toEqual(['sequence', 'id', 'kind', 'time', 'text', 'hash'])
    expect(JSON.parse(JSON.stringify(entry))).toEqual({ ...entry })
  })

  test('mends texts as UTF-8 would, with the hash that they had', () => {
    const broken = { ...draft, text: 'half \uD83D of it' }
    const entry = chainEntry(emptyJournalHead, broken)
    expect(entry.text).toBe('half \uFFFD of it')
    expect(entry.hash).toBe(chainHash(emptyJournalHead.hash, { sequence: 1, ...broken }))
  })

  test('makes entries that cannot be changed, and whose copies bear no mark', () => {
    const entry = chainEntry(emptyJournalHead, draft)
    expect(() => Object.assign(entry, { text: 'another' })).toThrow(TypeError)
    expect(journalBlockOf(entry)).toMatchObject({ first: 1, last: 1, previousHash: emptyJournalHead.hash })
    expect(journalBlockOf({ ...entry })).toBeUndefined()
    expect(journalBlockOf(Object.create(entry) as JournalEntry)).toBeUndefined()
    expect(journalBlockOf(structuredClone(entry))).toBeUndefined()
  })
})

describe('chainEntries', () => {
  test('hashes blocks of at most 64 entries, and ends one early where texts are long', () => {
    const drafts = Array.from({ length: 150 }, (_, index) => ({ ...draft, id: `${index}` }))
    const sizes = (entries: readonly JournalEntry[]): number[] => {
      const counts = new Map<string, number>()
      for (const { hash } of entries) counts.set(hash, (counts.get(hash) ?? 0) + 1)
      return [...counts.values()]
    }
    expect(sizes(chainEntries(emptyJournalHead, drafts))).toEqual([64, 64, 22])
    const long = drafts.slice(0, 5).map((each) => ({ ...each, text: 'x'.repeat(200_000) }))
    expect(sizes(chainEntries(emptyJournalHead, long))).toEqual([3, 2])
    expect(chainEntries(emptyJournalHead, [])).toEqual([])
  })

  test('whatever the texts are, the hash is that of the entries, and the block yields them again', () => {
    fc.assert(
      fc.property(fc.array(anyDraft, { minLength: 1, maxLength: 6 }), fc.nat(6), (drafts, skipped) => {
        const entries = chainEntries({ sequence: 7, hash: 'a'.repeat(64) }, drafts)
        const mended = drafts.map(({ id, kind, time, text }, index) => ({
          sequence: 8 + index,
          id: id.toWellFormed(),
          kind: kind.toWellFormed(),
          time,
          text: text.toWellFormed(),
        }))
        const hash = blockHash('a'.repeat(64), mended)
        expect(entries).toEqual(mended.map((entry) => ({ ...entry, hash })))
        const block = journalBlockOf(entries[0] as JournalEntry)
        expect(block?.entries()).toEqual(entries)
        expect(block?.entries(8 + skipped)).toEqual(entries.slice(skipped))
      }),
    )
  })

  test('no two lists of entries have one hash: moving a character across any border changes it', () => {
    const drafts = fc.array(anyDraft, { minLength: 2, maxLength: 3 })
    fc.assert(
      fc.property(drafts, drafts, (some, others) => {
        const [a, b] = [some, others].map((each) => chainEntries(emptyJournalHead, each))
        const contentOf = (entries: readonly JournalEntry[] | undefined): string =>
          JSON.stringify(entries?.map((entry) => ({ ...entry, hash: '' })))
        const isSame = contentOf(a) === contentOf(b)
        expect(a?.[0]?.hash === b?.[0]?.hash).toBe(isSame)
      }),
    )
    const moved = (id: string, text: string) => chainEntries(emptyJournalHead, [{ ...draft, id, text }, draft])[0]?.hash
    expect(moved('1', '0:')).not.toBe(moved('10', ':'))
    expect(moved('a', '1:b')).not.toBe(moved('a1', ':b'))
  })
})

describe('checkWriteBatch', () => {
  test('does not hash a chained entry again, and any other it does', () => {
    const entry = chainEntry(emptyJournalHead, draft)
    expect(checkWriteBatch({ journal: [entry] }, emptyJournalHead, options)).toEqual({ sequence: 1, hash: entry.hash })
    expect(codeOf(() => checkWriteBatch({ journal: [{ ...entry }] }, emptyJournalHead, options))).toBe(
      'JOURNAL_CONFLICT',
    )
  })

  test('takes a block whole, and no part of it', () => {
    const entries = chainEntries(emptyJournalHead, [draft, { ...draft, id: 'b' }, { ...draft, id: 'c' }])
    const next = chainEntry(headAfter(entries[2]), { ...draft, id: 'd' })
    const check = (journal: readonly (JournalEntry | undefined)[]) =>
      codeOf(() => checkWriteBatch({ journal: journal as JournalEntry[] }, emptyJournalHead, { place: 'here' }))
    expect(check([...entries, next])).toBeUndefined()
    expect(check(entries.map((entry) => ({ ...entry })))).toBeUndefined()
    for (const part of [
      entries.slice(0, 2),
      [entries[0], { ...(entries[1] as JournalEntry) }, entries[2]],
      [entries[0], entries[1], next],
    ])
      expect(check(part)).toBe('JOURNAL_CONFLICT')
    const plain = entries.map((entry) => ({ ...entry }))
    expect(check(plain.slice(0, 2))).toBe('JOURNAL_CONFLICT')
    expect(check(plain.with(1, { ...draft, id: 'x', sequence: 2, hash: entries[0]?.hash ?? '' }))).toBe(
      'JOURNAL_CONFLICT',
    )
  })

  test('takes a chained entry at its own place only', () => {
    fc.assert(
      fc.property(fc.nat(3), fc.nat(3), fc.boolean(), (made, stored, isOther) => {
        const hashOf = (place: number, other = false): string => (other ? 'f' : `${place}`).repeat(64)
        const entry = chainEntry({ sequence: made, hash: hashOf(made) }, draft)
        const head = { sequence: stored, hash: hashOf(stored, isOther) }
        const code = codeOf(() => checkWriteBatch({ journal: [entry] }, head, options))
        expect(code).toBe(made === stored && !isOther ? undefined : 'JOURNAL_CONFLICT')
      }),
    )
  })
})
