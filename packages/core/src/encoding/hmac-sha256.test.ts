import fc from 'fast-check'
import { expect, test } from 'vitest'
import {
  createBase64HmacSigner,
  createHmacSigner,
  equalInConstantTime,
  portableHmacSha256Base64,
  portableHmacSha256Hex,
} from './hmac-sha256.js'

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

/** Requests as a venue signs them, made with two other implementations, which agree. */
test.each([
  [
    '22582BD0CFF14C41EDBF1AB98506286D',
    '2020-12-08T09:08:57.715ZGET/api/v5/account/balance?ccy=BTC',
    'HiZhvSfMtWJA3uUIVXV3a/bSXNPCWvYFXoGCVS8V4zY=',
  ],
  [
    '22582BD0CFF14C41EDBF1AB98506286D',
    '2024-01-02T03:04:05.678ZPOST/api/v5/trade/order{"instId":"BTC-USDT","tdMode":"cash","clOrdId":"b15","side":"buy","ordType":"limit","px":"2.15","sz":"2"}',
    'weUTUtPg5Fvt8nmSKw2/Tb7jVrMKgFY5rJO4qoZvpl4=',
  ],
  [
    '22582BD0CFF14C41EDBF1AB98506286D',
    '1704876947GET/users/self/verify',
    '5/36BgGV6m/6pmdc20zdqk0mzF5ZalmzzPD2fo3wavU=',
  ],
  [
    'chNOOS4KvNXR_Xq4k4c9qsfoKWvnDecLATCRlcBwyKDYnWgO',
    '2020-12-08T09:08:57.715ZGET/api/v5/account/balance',
    'PJ61e1nb2F2Qd7D8SPiaIcx2gjdELc+o0ygzre9z33k=',
  ],
])('a text is signed under a secret in base64: %s %s', (secret, text, signature) => {
  expect(createBase64HmacSigner(secret)(text)).toBe(signature)
  expect(portableHmacSha256Base64(secret, text)).toBe(signature)
})

test('platform and portable signatures in base64 are the same for any secret and text', () => {
  fc.assert(
    fc.property(fc.string({ unit: 'binary', minLength: 1 }), fc.string({ unit: 'binary' }), (secret, text) => {
      expect(createBase64HmacSigner(secret)(text)).toBe(portableHmacSha256Base64(secret, text))
    }),
  )
})

test('an empty secret is refused', () => {
  expect(() => createBase64HmacSigner('')).toThrow(expect.objectContaining({ code: 'INVALID_KEY' }))
})

test('texts are equal or not', () => {
  expect([
    equalInConstantTime('abc', 'abc'),
    equalInConstantTime('abc', 'abd'),
    equalInConstantTime('abc', 'ab'),
  ]).toEqual([true, false, false])
})
