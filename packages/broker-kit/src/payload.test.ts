import { decimal, decimalText } from '@tradeswarm/trading'
import fc from 'fast-check'
import { expect, test } from 'vitest'
import { givenAmount, givenDecimal, numberText } from './payload.js'
import { isPlainDecimal } from './plain-amount.js'

test.each([
  [0, '0'],
  [0.1, '0.1'],
  [1e-7, '0.0000001'],
  [1.2345678901e-7, '0.00000012345678901'],
  [-5e-10, '-0.0000000005'],
  [1e21, undefined],
])('the text of %d is %s', (value, text) => {
  expect(numberText(value)).toBe(text)
})

test('a text is the number that it was made of, to the last digit', () => {
  fc.assert(
    fc.property(fc.double({ noNaN: true, min: 1e-12, max: 1e15 }), (value) => {
      const text = numberText(value) ?? ''
      expect(isPlainDecimal(text)).toBe(true)
      expect(Number(text)).toBe(value)
    }),
  )
})

test('an amount to be calculated with is read where one is, and nowhere else', () => {
  const digits = fc.string({ unit: fc.constantFrom('0', '7', '9'), maxLength: 32 })
  const near = fc.tuple(fc.constantFrom('', '-', '+'), digits, fc.constantFrom('', '.', '..'), digits)
  const any = fc.oneof(
    near.map((parts) => parts.join('')),
    fc.double(),
    fc.constantFrom(undefined, null, true, {}),
  )
  fc.assert(
    fc.property(any, (value) => {
      const amount = givenAmount(value)
      expect(givenDecimal(value)?.toString()).toBe(amount && decimalText(decimal(amount)))
    }),
  )
})
