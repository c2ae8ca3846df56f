import fc from 'fast-check'
import { expect, test } from 'vitest'
import { returnStatistics } from '../../statistics/return-statistics.js'
import { createLossTail } from './loss-tail.js'
import { naiveFigures } from './naive-portfolio.test-support.js'

function tailOf(profits: readonly number[]) {
  const tail = createLossTail(profits.length)
  tail.select(Float64Array.from(profits))
  return tail
}

/** −1, −2, … : a loss of each size up to the count. */
const ladder = (count: number): number[] => Array.from({ length: count }, (_, index) => -(index + 1))

test('of 100 losses 1 to 100, 95 are at most 95 and the five beyond average 98', () => {
  const tail = tailOf(ladder(100))
  expect(tail.valueAtRisk(95)).toBe(95)
  expect(tail.conditionalValueAtRisk(95)).toBe(98)
  expect(tail.valueAtRisk(99)).toBe(99)
  expect(tail.conditionalValueAtRisk(99)).toBe(100)
})

test('where the tail is no whole number of scenarios, the last counts in part', () => {
  // 5 % of 250 are 12.5: 250 … 239 whole and half of 238.
  const tail = tailOf(ladder(250))
  expect(tail.valueAtRisk(95)).toBe(238)
  expect(tail.conditionalValueAtRisk(95)).toBeCloseTo((12 * 244.5 + 119) / 12.5, 12)
})

test('with less than one scenario in the tail there is no figure', () => {
  expect(tailOf(ladder(20)).valueAtRisk(95)).toBe(19)
  expect(tailOf(ladder(19)).valueAtRisk(95)).toBeUndefined()
  expect(tailOf(ladder(99)).valueAtRisk(99)).toBeUndefined()
  expect(tailOf(ladder(99)).conditionalValueAtRisk(99)).toBeUndefined()
})

const profitsOf = (least: number) =>
  fc.array(fc.double({ min: -1, max: 1, noNaN: true }), { minLength: least, maxLength: 300 })

test('agrees with the definitions, whatever the returns', () => {
  fc.assert(
    fc.property(profitsOf(100), (profits) => {
      const tail = tailOf(profits)
      const naive = naiveFigures({ A: profits }, { A: 1 })
      for (const confidence of [95, 99] as const) {
        expect(tail.valueAtRisk(confidence)).toBeCloseTo(naive.valueAtRisk(confidence), 12)
        expect(tail.conditionalValueAtRisk(confidence)).toBeCloseTo(naive.conditionalValueAtRisk(confidence), 9)
        expect(tail.conditionalValueAtRisk(confidence)).toBeGreaterThanOrEqual(
          (tail.valueAtRisk(confidence) ?? 2) - 1e-12,
        )
      }
    }),
    { numRuns: 60 },
  )
})

test('lies within one scenario of the interpolated value at risk that performance is reported by', () => {
  fc.assert(
    fc.property(profitsOf(20), (profits) => {
      const worst = profits.map((profit) => -profit).sort((a, b) => b - a)
      const place = worst.indexOf(tailOf(profits).valueAtRisk(95) ?? 2)
      const reported = returnStatistics(profits, 252).valueAtRisk95 ?? 2
      expect(reported).toBeLessThanOrEqual((worst[place - 1] ?? 1) + 1e-9)
      expect(reported).toBeGreaterThanOrEqual((worst.find((loss) => loss < (worst[place] ?? 2)) ?? -1) - 1e-9)
    }),
    { numRuns: 60 },
  )
})

test('a tail that has looked before finds what a fresh one finds', () => {
  const vectors = fc
    .integer({ min: 20, max: 120 })
    .chain((count) =>
      fc.array(fc.array(fc.integer({ min: -9, max: 9 }), { minLength: count, maxLength: count }), { minLength: 1 }),
    )
  fc.assert(
    fc.property(vectors, (profits) => {
      const tail = createLossTail(profits[0]?.length ?? 0)
      for (const each of profits) {
        tail.select(Float64Array.from(each))
        const fresh = tailOf(each)
        expect(tail.valueAtRisk(95)).toBe(fresh.valueAtRisk(95))
        expect(tail.conditionalValueAtRisk(95)).toBe(fresh.conditionalValueAtRisk(95))
        expect(fresh.valueAtRisk(95)).toBe(
          each.map((profit) => 0 - profit).sort((a, b) => b - a)[Math.floor(each.length / 20)],
        )
      }
    }),
  )
})
