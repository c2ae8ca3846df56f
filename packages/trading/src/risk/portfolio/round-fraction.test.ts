import { expect, test } from 'vitest'
import { roundFraction } from './round-fraction.js'

test.each([
  [0.1234564, 0.123456],
  [0.1234566, 0.123457],
  [0.0078125, 0.007812], // 7812.5: to the even digit
  [0.0234375, 0.023438], // 23437.5
  [-0.0078125, -0.007812],
  [-0.0234375, -0.023438],
  [1e-7, 0],
  [12345.6789012, 12345.678901],
  [1e20, 1e20],
])('%d is %d', (value, rounded) => expect(roundFraction(value)).toBe(rounded))

test('what rounds to nothing is 0 and not −0, and what is not finite is not known', () => {
  expect(Object.is(roundFraction(-1e-9), 0)).toBe(true)
  expect(roundFraction(NaN)).toBeUndefined()
  expect(roundFraction(Infinity)).toBeUndefined()
})
