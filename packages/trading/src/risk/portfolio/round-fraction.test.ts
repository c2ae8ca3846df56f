import fc from 'fast-check'
import { expect, test } from 'vitest'
import { type Decimal, decimal, fromFloat, toFloat } from '../../money/decimal.js'
import { fractionPlaces, roundFraction } from './round-fraction.js'

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

test('a figure is below a level where its double is below that of the level, and not where it is the same number', () => {
  const steps = fc.integer({ min: -4_000_000_000_000, max: 4_000_000_000_000 })
  const off = fc.bigInt({ min: -(10n ** 12n), max: 10n ** 12n })
  fc.assert(
    fc.property(steps, off, fc.boolean(), (step, more, isExact) => {
      const figure = roundFraction(step / 1_000_000) as number
      const level = decimalOf(BigInt(step) * 10n ** 18n + (isExact ? 0n : more), 24)
      if (figure < toFloat(level)) expect(fromFloat(figure, fractionPlaces).lt(level)).toBe(true)
      if (isExact) expect(figure < toFloat(level)).toBe(false)
    }),
    { numRuns: 5_000 },
  )
})

function decimalOf(units: bigint, places: number): Decimal {
  const digits = (units < 0n ? -units : units).toString().padStart(places + 1, '0')
  return decimal(`${units < 0n ? '-' : ''}${digits.slice(0, -places)}.${digits.slice(-places)}`)
}
