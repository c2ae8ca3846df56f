import { createHash } from 'node:crypto'
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { portableSha256Hex, sha256Hex } from './sha256.js'

describe.each([
  ['sha256Hex', sha256Hex],
  ['portableSha256Hex', portableSha256Hex],
])('%s', (_name, digestOf) => {
  it.each([
    ['', 'e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855'],
    ['abc', 'ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad'],
    [
      'abcdbcdecdefdefgefghfghighijhijkijkljklmklmnlmnomnopnopq',
      '248d6a61d20638b8e5c026930c3e6039a33ce45964ff2167f6ecedd419db06c1',
    ],
    ['a'.repeat(1_000_000), 'cdc76e5c9914fb9281a1c7e284d73e67f1809a48a497200e046d39ccc7112cd0'],
  ])('gives the digest of FIPS 180-4 for %.60s', (text, digest) => expect(digestOf(text)).toBe(digest))

  it('hashes the UTF-8 bytes, a lone surrogate as U+FFFD', () => {
    const bytes = (text: string): Uint8Array => new TextEncoder().encode(text)
    fc.assert(
      fc.property(
        fc.string({ unit: 'binary', maxLength: 300 }),
        (text) => digestOf(text) === createHash('sha256').update(bytes(text)).digest('hex'),
      ),
    )
    expect(digestOf('a\ud800b')).toBe(digestOf('a\ufffdb'))
  })
})
