import fc from 'fast-check'
import { expect, test } from 'vitest'
import { createHmacSigner, equalInConstantTime, portableHmacSha256Hex } from './hmac-sha256.js'

test('the construction is that of RFC 4231, test case 1', () => {
  expect(portableHmacSha256Hex('0b'.repeat(20), 'Hi There')).toBe(
    'b0344c61d8db38535ca8afceaf0bf12b881dc200c9833da726e9376c2e32cff7',
  )
})

test('platform and portable signatures are the same for any key and text', () => {
  const key = fc.uint8Array({ minLength: 32, maxLength: 64 }).map((bytes) => Buffer.from(bytes).toString('hex'))
  fc.assert(
    fc.property(key, fc.string({ unit: 'binary' }), (keyHex, text) => {
      expect(createHmacSigner(keyHex)(text)).toBe(portableHmacSha256Hex(keyHex, text))
    }),
  )
})

test.each(['', 'ab', 'ab'.repeat(31), 'ab'.repeat(65), 'zz'.repeat(32), 'a'.repeat(65)])(
  'a key that is none is refused, and not told: %j',
  (key) => {
    expect(() => createHmacSigner(key)).toThrow(expect.objectContaining({ code: 'INVALID_KEY' }))
    if (key !== '') expect(() => createHmacSigner(key)).not.toThrow(key)
  },
)

test('texts are equal or not', () => {
  expect([
    equalInConstantTime('abc', 'abc'),
    equalInConstantTime('abc', 'abd'),
    equalInConstantTime('abc', 'ab'),
  ]).toEqual([true, false, false])
})
