import fc from 'fast-check'
import { expect, test } from 'vitest'
import { decimal, decimalText, divide, fromFloat, roundToStep } from './decimal.js'

const amount = fc
  .tuple(fc.bigInt({ min: -(10n ** 18n), max: 10n ** 18n }), fc.integer({ min: 0, max: 12 }))
  .map(([units, places]) => {
    const digits = (units < 0n ? -units : units).toString().padStart(places + 1, '0')
    const text = places === 0 ? digits : `${digits.slice(0, -places)}.${digits.slice(-places)}`
    return units < 0n ? `-${text}` : text
  })

test('sums and products are exact', () => {
  expect(decimalText(decimal('0.1').plus(decimal('0.2')))).toBe('0.3')
  fc.assert(
    fc.property(
      amount,
      amount,
      (a, b) => decimalText(decimal(a).plus(decimal(b)).minus(decimal(b))) === decimalText(decimal(a)),
    ),
  )
})

test.each([
  [5, 'quantity: expected a decimal text such as "12.50", received number 5'],
  [true, 'quantity: expected a decimal text such as "12.50", received boolean true'],
  [null, 'quantity: expected a decimal text such as "12.50", received null'],
  [{ amount: '5' }, 'quantity: expected a decimal text such as "12.50", received an object'],
  [undefined, 'quantity: is missing; expected a decimal text such as "12.50"'],
  ['five', 'quantity: "five" is not a plain decimal number such as "12.50"'],
])('what is no amount is told as what it is: %j', (value, message) => {
  expect(() => decimal(value as never, 'quantity')).toThrow(
    expect.objectContaining({ code: 'INVALID_DECIMAL', message }),
  )
})

test('a float cannot come in', () => {
  for (const bad of [0.1, Number.NaN, '1', 1n] as never[]) {
    const value = decimal('1')
    expect(() => value.plus(bad)).toThrow(TypeError)
    expect(() => value.minus(bad)).toThrow(TypeError)
    expect(() => value.times(bad)).toThrow(TypeError)
    expect(() => value.mod(bad)).toThrow(TypeError)
    expect(() => value.lt(bad)).toThrow(TypeError)
    expect(() => value.eq(bad)).toThrow(TypeError)
    expect(() => divide(value, bad, 2, 'down')).toThrow(TypeError)
  }
  expect(() => Number(decimal('1'))).toThrow(TypeError)
  for (const bad of ['NaN', '1e5', '', ' 1', '1.', '.5', 'Infinity', '1e309', `0.${'1'.repeat(31)}`]) {
    expect(() => decimal(bad, 'price')).toThrow(/price/)
  }
  expect(() => fromFloat(Number.NaN, 2)).toThrow('not a finite amount')
})

test('division rounds as told, to the last digit', () => {
  expect(decimalText(divide(decimal('1'), decimal('3'), 4, 'down'))).toBe('0.3333')
  expect(decimalText(divide(decimal('1'), decimal('3'), 4, 'up'))).toBe('0.3334')
  expect(decimalText(divide(decimal('-1'), decimal('3'), 4, 'up'))).toBe('-0.3334')
  expect(decimalText(divide(decimal('1'), decimal('8'), 2, 'half-even'))).toBe('0.12')
  expect(decimalText(divide(decimal('3'), decimal('8'), 2, 'half-even'))).toBe('0.38')
  expect(decimalText(divide(decimal('1.0000000001'), decimal('8'), 2, 'half-even'))).toBe('0.13')
})

test('nothing is divided by zero', () => {
  expect(() => divide(decimal('1'), decimal('0.00'), 2, 'down')).toThrow('an amount was divided by zero')
  expect(() => decimal('1').mod(decimal('0'))).toThrow('an amount was divided by zero')
})

test('what leaves the safe integers comes back exactly', () => {
  const edge = decimal('9007199254740991')
  const beyond = edge.plus(decimal('1')).plus(decimal('1'))
  expect(decimalText(beyond)).toBe('9007199254740993')
  expect(decimalText(beyond.minus(edge))).toBe('2')
  expect(decimalText(edge.times(edge))).toBe('81129638414606663681390495662081')
  expect(beyond.gt(edge)).toBe(true)
  expect(decimalText(divide(edge.times(edge), edge, 0, 'up'))).toBe('9007199254740991')
})

test('rounding down and up bracket the exact quotient by one unit at most', () => {
  fc.assert(
    fc.property(amount, amount, fc.integer({ min: 0, max: 8 }), (a, b, places) => {
      fc.pre(!decimal(b).eq(decimal('0')))
      const down = divide(decimal(a), decimal(b), places, 'down')
      const up = divide(decimal(a), decimal(b), places, 'up')
      const unit = decimal(places === 0 ? '1' : `0.${'0'.repeat(places - 1)}1`)
      expect(down.times(decimal(b)).abs().lte(decimal(a).abs())).toBe(true)
      expect(up.times(decimal(b)).abs().gte(decimal(a).abs())).toBe(true)
      expect(up.minus(down).abs().lte(unit)).toBe(true)
    }),
  )
})

test('a price comes onto its tick', () => {
  expect(decimalText(roundToStep(decimal('95.108574'), decimal('0.01'), 'down'))).toBe('95.1')
  expect(decimalText(roundToStep(decimal('95.108574'), decimal('0.01'), 'up'))).toBe('95.11')
  expect(decimalText(roundToStep(decimal('7'), decimal('0.25'), 'down'))).toBe('7')
})
