import fc from 'fast-check'
import { expect, test } from 'vitest'
import { addOutcome, adjustParameters, emptyStatistics } from './outcome-statistics.js'

const outcome = (isWin: boolean, contributions: Readonly<Record<string, number>>) => ({
  positionId: 'p',
  symbol: 'AAPL',
  setup: 'trend',
  exitReason: 'target',
  result: isWin ? '10' : '-10',
  returnFraction: isWin ? 0.01 : -0.01,
  isWin,
  heldMs: 1,
  recommendationId: 'm',
  factors: Object.entries(contributions).map(([factor, contribution]) => ({
    factor,
    score: contribution,
    confidence: 1,
    weight: 1,
    contribution,
  })),
})

test('a factor that spoke for a win, or against a loss, gains weight; the other way it loses', () => {
  let statistics = emptyStatistics
  for (let index = 0; index < 10; index += 1)
    statistics = addOutcome(statistics, outcome(true, { posts: 0.5, trend: -0.5 }))
  const { factorWeights, setupBias } = adjustParameters(statistics, 1, 20)
  expect(factorWeights.posts).toBeCloseTo(2 * ((5 + 10) / (5 + 20)))
  expect(factorWeights.trend).toBeCloseTo(2 * (10 / (5 + 20)))
  expect(setupBias.trend).toBeCloseTo((10 + 10) / (10 + 20) - 0.5)
})

test('without outcomes nothing is adjusted', () => {
  expect(adjustParameters(emptyStatistics, 1, 20)).toEqual({
    version: 1,
    factorWeights: {},
    setupBias: {},
    symbolBias: {},
  })
})

test('parameters stay in their bounds whatever the outcomes', () => {
  fc.assert(
    fc.property(
      fc.array(
        fc.tuple(
          fc.boolean(),
          fc.double({ min: -1, max: 1, noNaN: true }),
          fc.double({ min: -1, max: 1, noNaN: true }),
        ),
        { maxLength: 60 },
      ),
      (list) => {
        const statistics = list.reduce(
          (sum, [isWin, a, b]) => addOutcome(sum, outcome(isWin, { a, b })),
          emptyStatistics,
        )
        const { factorWeights, setupBias, symbolBias } = adjustParameters(statistics, 1, 20)
        for (const weight of Object.values(factorWeights)) expect(weight >= 0 && weight <= 2).toBe(true)
        for (const bias of [...Object.values(setupBias), ...Object.values(symbolBias)])
          expect(Math.abs(bias)).toBeLessThanOrEqual(0.2)
      },
    ),
  )
})
