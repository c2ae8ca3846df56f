import fc from 'fast-check'
import { expect, test } from 'vitest'
import { isPlainAmount, isPlainDecimal } from './plain-amount.js'

test('an amount is what the pattern of amounts says', () => {
  const digits = fc.string({ unit: fc.constantFrom('0', '7', '9'), maxLength: 32 })
  const near = fc
    .tuple(fc.constantFrom('', '-', '+', ' '), digits, fc.constantFrom('', '.', '..', ','), digits)
    .map((parts) => parts.join(''))
  const any = fc.string({ unit: fc.constantFrom('0', '5', '.', '-', 'e', 'x', ' ', '\n'), maxLength: 6 })
  fc.assert(
    fc.property(fc.oneof(near, any), (text) => {
      expect(isPlainDecimal(text)).toBe(/^-?\d{1,30}(\.\d{1,30})?$/.test(text))
      expect(isPlainAmount(text)).toBe(/^\d{1,30}(\.\d{1,30})?$/.test(text))
    }),
  )
})
