import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { SwarmError } from '../errors/swarm-error.js'
import { chainEntry, chainedTo } from './chain-entry.js'
import { checkWriteBatch } from './check-write-batch.js'
import { chainHash, emptyJournalHead, type JournalEntry } from './journal.js'

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
    expect(chainedTo(entry)).toBe(emptyJournalHead.hash)
    expect(chainedTo({ ...entry })).toBeUndefined()
    expect(chainedTo(Object.create(entry) as JournalEntry)).toBeUndefined()
    expect(chainedTo(structuredClone(entry))).toBeUndefined()
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
