import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { sha256Hex } from '../encoding/sha256.js'
import { chainHash, emptyJournalHead } from './journal.js'

const entry = { sequence: 1, id: 'message-1', kind: 'message', time: 5, text: '{"a":1}' }

describe('chainHash', () => {
  it('is the SHA-256 of the previous hash and the fields, a line each', () => {
    expect(chainHash(emptyJournalHead.hash, entry)).toBe(
      sha256Hex(`${'0'.repeat(64)}\n1\nmessage-1\nmessage\n5\n{"a":1}`),
    )
  })

  it('changes with every field and with the entry before', () => {
    const hash = chainHash(emptyJournalHead.hash, entry)
    fc.assert(
      fc.property(
        fc.constantFrom('sequence', 'id', 'kind', 'time', 'text' as const),
        (field) => chainHash(emptyJournalHead.hash, { ...entry, [field]: 9 }) !== hash,
      ),
    )
    expect(chainHash(hash, entry)).not.toBe(hash)
  })
})
