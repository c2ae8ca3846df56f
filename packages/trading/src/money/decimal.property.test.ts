import Big from 'big.js'
import fc from 'fast-check'
import { expect, test } from 'vitest'
import {
  type Decimal,
  decimal,
  decimalText,
  divide,
  fromFloat,
  type Rounding,
  roundToStep,
  toFloat,
} from './decimal.js'
import { DecimalSum } from './decimal-sum.js'
import { shortestText, shortTextOf } from './decimal-text.js'
import { divideBig, divideSafe } from './divide-whole.js'

/** big.js is the second opinion: slower, but known. */
const Oracle = Big()
const modes: Readonly<Record<Rounding, Big.RoundingMode>> = { down: 0, 'half-even': 2, up: 3 }
const roundings = fc.constantFrom<Rounding>('down', 'up', 'half-even')

function placed(units: bigint, scale: number): string {
  const digits = (units < 0n ? -units : units).toString().padStart(scale + 1, '0')
  const text = scale === 0 ? digits : `${digits.slice(0, -scale)}.${digits.slice(-scale)}`
  return units < 0n ? `-${text}` : text
}

const limit = 2n ** 53n
/** Coefficients of all sizes that `decimal` takes: tiny, about a power of ten, about 2^53 and its parts, up to 60 digits. */
const coefficient = fc.oneof(
  fc.bigInt({ min: -20n, max: 20n }),
  fc.bigInt({ min: -(10n ** 8n), max: 10n ** 8n }),
  fc.tuple(fc.constantFrom(-1n, 1n), fc.bigInt({ min: -3n, max: 3n })).map(([sign, off]) => sign * (limit + off)),
  fc
    .tuple(fc.integer({ min: 0, max: 15 }), fc.bigInt({ min: -2n, max: 2n }))
    .map(([power, off]) => limit / 10n ** BigInt(power) + off),
  fc
    .tuple(fc.integer({ min: 0, max: 29 }), fc.bigInt({ min: -2n, max: 2n }))
    .map(([power, off]) => 10n ** BigInt(power) + off),
  fc.bigInt({ min: -limit, max: limit }),
  fc.bigInt({ min: -(10n ** 30n) + 1n, max: 10n ** 30n - 1n }),
)
const wide = fc.bigInt({ min: -(10n ** 60n) + 1n, max: 10n ** 60n - 1n }).map((units) => placed(units, 30))
const amount = fc.oneof(
  {
    weight: 8,
    arbitrary: fc.tuple(coefficient, fc.integer({ min: 0, max: 30 })).map(([units, scale]) => placed(units, scale)),
  },
  { weight: 1, arbitrary: wide },
)

/** The same value as a text and as what computing leaves behind: units with zeros at their end, and bigints that came down again. */
function variants(text: string): readonly Decimal[] {
  const value = decimal(text)
  const big = decimal(`1${'0'.repeat(29)}`)
  return [
    value,
    value.plus(big).minus(big),
    value.times(decimal('4')).times(decimal('0.25')),
    value.minus(value.neg()).minus(value),
  ]
}

function plain(value: Big): string {
  const text = value.toFixed()
  return /^-0(\.0*)?$/.test(text) ? '0' : text
}

/** big.js rounds a quotient to its DP, towards zero, so the place after the last and whether there is a rest decide. */
function oracleQuotient(a: Big, b: Big, places: number, rounding: Rounding): Big {
  const Divider = Big()
  Divider.DP = places
  Divider.RM = modes[rounding]
  return new Divider(a).div(new Divider(b))
}

test('sums, differences and products are those of big.js', () => {
  fc.assert(
    fc.property(amount, amount, (a, b) => {
      const [x, y] = [new Oracle(a), new Oracle(b)]
      for (const left of variants(a)) {
        for (const right of variants(b)) {
          expect(decimalText(left.plus(right))).toBe(plain(x.plus(y)))
          expect(decimalText(left.minus(right))).toBe(plain(x.minus(y)))
          expect(decimalText(left.times(right))).toBe(plain(x.times(y)))
        }
      }
    }),
    { numRuns: 1000 },
  )
})

test('an amount whose aligned units pass 2^53 loses nothing against one near it', () => {
  const off = fc.bigInt({ min: -30n, max: 30n })
  const sign = fc.constantFrom(-1n, 1n)
  fc.assert(
    fc.property(
      fc.integer({ min: 1, max: 15 }),
      fc.nat({ max: 10 }),
      off,
      off,
      sign,
      (power, scale, first, second, side) => {
        const coarse = placed(side * (limit / 10n ** BigInt(power) + first), scale)
        const fine = placed(limit + second, scale + power)
        for (const [a, b] of [
          [coarse, fine],
          [fine, coarse],
        ] as const) {
          const [x, y] = [new Oracle(a), new Oracle(b)]
          expect(decimalText(decimal(a).plus(decimal(b)))).toBe(plain(x.plus(y)))
          expect(decimalText(decimal(a).minus(decimal(b)))).toBe(plain(x.minus(y)))
          expect(decimal(a).cmp(decimal(b))).toBe(x.cmp(y))
          if (!decimal(b).isZero()) expect(decimalText(decimal(a).mod(decimal(b)))).toBe(plain(x.mod(y)))
        }
      },
    ),
    { numRuns: 2000 },
  )
})

test('quotients of safe integers about the largest are exact', () => {
  const near = fc.oneof(
    fc.bigInt({ min: limit - 50n, max: limit - 1n }),
    fc.bigInt({ min: 1n, max: limit - 1n }),
    fc
      .tuple(fc.integer({ min: 0, max: 52 }), fc.bigInt({ min: -2n, max: 2n }))
      .map(([bits, off]) => 2n ** BigInt(bits) + 3n + off),
  )
  fc.assert(
    fc.property(near, near, roundings, (dividend, divisor, rounding) => {
      expect(BigInt(divideSafe(Number(dividend), Number(divisor), rounding))).toBe(
        divideBig(dividend, divisor, rounding),
      )
    }),
    { numRuns: 5000 },
  )
})

test('comparisons and signs are those of big.js', () => {
  const near = fc
    .tuple(amount, amount, fc.integer({ min: 0, max: 3 }))
    .map(([a, b, kind]) =>
      kind === 0
        ? [a, a]
        : kind === 1
          ? [a, decimalText(decimal(a).plus(decimal('0.000000000000000000000000000001')))]
          : [a, b],
    )
  fc.assert(
    fc.property(near, ([a = '0', b = '0']) => {
      fc.pre(a.length <= 61 && b.length <= 61 && /^-?\d{1,30}(\.|$)/.test(b))
      const expected = new Oracle(a).cmp(new Oracle(b))
      for (const left of variants(a)) {
        expect(left.sign).toBe(new Oracle(a).cmp(0))
        expect([left.isNegative(), left.isZero(), left.isPositive()]).toEqual(
          [-1, 0, 1].map((sign) => sign === left.sign),
        )
        expect(decimalText(left.abs())).toBe(plain(new Oracle(a).abs()))
        expect(decimalText(left.neg())).toBe(plain(new Oracle(a).neg()))
        for (const right of variants(b)) {
          expect(left.cmp(right)).toBe(expected)
          expect([left.lt(right), left.lte(right), left.eq(right), left.gte(right), left.gt(right)]).toEqual([
            expected < 0,
            expected <= 0,
            expected === 0,
            expected >= 0,
            expected > 0,
          ])
        }
      }
    }),
    { numRuns: 1000 },
  )
})

test('quotients, rounded in every way, are those of big.js', () => {
  fc.assert(
    fc.property(amount, amount, fc.integer({ min: 0, max: 30 }), roundings, (a, b, places, rounding) => {
      fc.pre(!decimal(b).isZero())
      const expected = plain(oracleQuotient(new Oracle(a), new Oracle(b), places, rounding))
      for (const left of variants(a))
        for (const right of variants(b)) expect(decimalText(divide(left, right, places, rounding))).toBe(expected)
    }),
    { numRuns: 1500 },
  )
})

test('an exact quotient and one half off the grid are rounded to the last digit', () => {
  const small = fc.bigInt({ min: -(10n ** 16n), max: 10n ** 16n })
  fc.assert(
    fc.property(
      small,
      fc.bigInt({ min: 1n, max: 10n ** 12n }),
      fc.integer({ min: 0, max: 12 }),
      roundings,
      (units, divisor, places, rounding) => {
        // (units + 1/2) × 10^-places × divisor: the quotient lies in the middle of two grid points.
        const value = decimal(placed(10n * units + 5n, places + 1)).times(decimal(placed(divisor, 3)))
        const expected = plain(new Oracle(placed(10n * units + 5n, places + 1)).round(places, modes[rounding]))
        expect(decimalText(divide(value, decimal(placed(divisor, 3)), places, rounding))).toBe(expected)
      },
    ),
  )
})

test('remainders, steps and rounded texts are those of big.js', () => {
  fc.assert(
    fc.property(amount, amount, fc.integer({ min: 0, max: 30 }), roundings, (a, b, places, rounding) => {
      const [x, y] = [new Oracle(a), new Oracle(b)]
      for (const value of variants(a)) {
        expect(decimalText(value.round(places, rounding))).toBe(plain(x.round(places, modes[rounding])))
        const fixed = x.round(places, modes[rounding]).toFixed(places)
        expect(value.toFixed(places, rounding)).toBe(/[1-9]/.test(fixed) ? fixed : fixed.replace('-', ''))
        if (decimal(b).isZero()) continue
        for (const step of variants(b)) {
          expect(decimalText(value.mod(step))).toBe(plain(x.mod(y)))
          expect(value.isMultipleOf(step)).toBe(x.mod(y).eq(0))
          expect(step.times(decimal(String(places))).isMultipleOf(step)).toBe(true)
          const onGrid = oracleQuotient(x, y, 0, rounding).times(y)
          expect(decimalText(roundToStep(value, step, rounding))).toBe(plain(onGrid))
        }
      }
    }),
    { numRuns: 700 },
  )
})

test('texts come back as they went in, as short as can be', () => {
  const padded = fc.tuple(amount, fc.nat({ max: 3 }), fc.nat({ max: 3 }), fc.boolean())
  fc.assert(
    fc.property(padded, ([text, before, after, isNegative]) => {
      const [whole = '', fraction = ''] = text.replace('-', '').split('.')
      const long = `${isNegative ? '-' : ''}${'0'.repeat(before)}${whole}.${fraction}${'0'.repeat(after + 1)}`
      fc.pre(before + whole.length <= 30 && fraction.length + after + 1 <= 30)
      const expected = plain(new Oracle(long))
      expect(decimalText(decimal(long))).toBe(expected)
      expect(decimalText(decimal(decimalText(decimal(long))))).toBe(expected)
      expect(JSON.stringify({ value: decimal(long) })).toBe(`{"value":"${expected}"}`)
      expect(decimal(long).places).toBe(expected.split('.')[1]?.length ?? 0)
      for (const value of variants(long)) expect(decimalText(value)).toBe(expected)
      expect(Object.is(toFloat(decimal(long)), Number(expected))).toBe(true)
    }),
    { numRuns: 1000 },
  )
})

test('the text of a number is that of its digits, written in one piece or in two', () => {
  const units = fc.oneof(
    fc.maxSafeNat().map((each) => Math.max(1, each)),
    fc
      .tuple(fc.integer({ min: 1, max: 9_999 }), fc.integer({ min: 0, max: 11 }))
      .map(([few, zeros]) => few * 10 ** zeros),
    fc.tuple(fc.integer({ min: 0, max: 15 }), fc.integer({ min: 1, max: 3 })).map(([power, off]) => 10 ** power + off),
  )
  fc.assert(
    fc.property(units, fc.integer({ min: 0, max: 22 }), (each, scale) => {
      expect(shortTextOf(each, scale)).toBe(shortestText(false, String(each), scale))
    }),
    { numRuns: 5_000 },
  )
})

test('takes exactly the texts of at most 30 digits on each side of a point', () => {
  const pattern = /^-?\d{1,30}(\.\d{1,30})?$/
  const almost = fc.oneof(
    fc.string({ unit: fc.constantFrom('0', '1', '9', '.', '-', '+', 'e', ' ', '\n', '٣'), maxLength: 8 }),
    fc
      .tuple(fc.integer({ min: 0, max: 33 }), fc.integer({ min: 0, max: 33 }))
      .map(([a, b]) => `-${'7'.repeat(a)}.${'0'.repeat(b)}`),
    fc.string({ unit: fc.constantFrom('0', '8'), minLength: 28, maxLength: 70 }),
  )
  const takes = (text: string): boolean => {
    try {
      decimal(text)
      return true
    } catch {
      return false
    }
  }
  fc.assert(
    fc.property(almost, (text) => takes(text) === pattern.test(text)),
    { numRuns: 3000 },
  )
})

test('a float comes in as its own digits say', () => {
  const onGrid = fc
    .tuple(fc.maxSafeInteger(), fc.integer({ min: 3, max: 22 }))
    .map(([units, places]) => units / 10 ** places)
  const float = fc.oneof(fc.double({ noNaN: true, min: -9e14, max: 9e14 }), onGrid)
  fc.assert(
    fc.property(float, fc.integer({ min: 0, max: 30 }), (value, places) => {
      expect(decimalText(fromFloat(value, places))).toBe(plain(new Oracle(value.toFixed(places))))
    }),
  )
})

test('a sum of many is what adding one to the other comes to, whatever their sizes and in whatever order', () => {
  const zero = decimal('0')
  fc.assert(
    fc.property(fc.array(amount, { maxLength: 12 }), (texts) => {
      const amounts = texts.flatMap(variants)
      const sum = new DecimalSum()
      for (const each of amounts) sum.add(each)
      const expected = amounts.reduce((total, each) => total.plus(each), zero)
      expect(decimalText(sum.total())).toBe(decimalText(expected))
    }),
  )
})

test('a text of more digits than may be read stays one after it was written', () => {
  const long = decimal(`0.${'0'.repeat(29)}1`).times(decimal('0.1'))
  const text = decimalText(long)
  expect(text).toBe(`0.${'0'.repeat(30)}1`)
  expect(() => decimal(text)).toThrow(expect.objectContaining({ code: 'INVALID_DECIMAL' }))
  const large = decimal('9'.repeat(30)).times(decimal('10'))
  expect(() => decimal(decimalText(large))).toThrow(expect.objectContaining({ code: 'INVALID_DECIMAL' }))
})
