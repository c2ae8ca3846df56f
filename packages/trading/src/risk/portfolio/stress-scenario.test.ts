import { expect, test } from 'vitest'
import { decimal } from '../../money/decimal.js'
import { bookOfCloses, closesOf, repeated, sessionAt } from './portfolio-bench.test-support.js'
import { preparePortfolioRisk } from './prepare-portfolio-risk.js'
import type { StressScenario } from './stress-scenario.js'

const window = 20
/** Two falls in a row at returns 6 and 7. */
const moves = repeated([0.01, -0.01], window).map((move, index) => (index === 6 || index === 7 ? -0.05 : move))
const returns = bookOfCloses({ INDEX: closesOf(moves), DOUBLE: closesOf(moves.map((move) => 2 * move)) })

/** The loss of 6,000 long in DOUBLE and 2,000 short in INDEX, as a fraction of 10,000. */
function lossIn(scenario: StressScenario, benchmark?: string): number | undefined {
  const risk = preparePortfolioRisk({
    returns,
    symbols: ['INDEX', 'DOUBLE'],
    ...(benchmark === undefined ? {} : { benchmark }),
    window,
    scenarios: [scenario],
    groups: { DOUBLE: 'tech', INDEX: 'broad' },
  })
  const book = risk.openBook({ equity: decimal('10000'), positions: [['DOUBLE', decimal('6000')]] })
  return book.propose('INDEX', decimal('-2000')).stressLoss(0)
}

test('a uniform shock moves every position against its holder', () => {
  expect(lossIn({ kind: 'uniform', name: 'x', shock: -0.1 })).toBe(0.08)
})

test('shocks are those of the symbol, else of its group, else the rest', () => {
  const own: StressScenario = {
    kind: 'shocks',
    name: 'x',
    symbols: { DOUBLE: -0.2 },
    groups: { tech: -0.9, broad: 0.1 },
  }
  expect(lossIn(own)).toBeCloseTo(0.6 * 0.2 + 0.2 * 0.1, 6)
  expect(lossIn({ kind: 'shocks', name: 'x', groups: { tech: -0.5 }, otherwise: -0.1 })).toBeCloseTo(0.3 - 0.02, 6)
  expect(lossIn({ kind: 'shocks', name: 'x', symbols: { DOUBLE: -0.2 } })).toBeCloseTo(0.12, 6)
})

test('a market shock is scaled by beta, and unknown without a benchmark', () => {
  expect(lossIn({ kind: 'market', name: 'x', shock: -0.1 }, 'INDEX')).toBeCloseTo(0.6 * 0.2 - 0.2 * 0.1, 5)
  expect(lossIn({ kind: 'market', name: 'x', shock: -0.1 })).toBeUndefined()
})

test('a replay is what happened between two closes, compounded', () => {
  const replay = (from: string, to: string): StressScenario => ({ kind: 'replay', name: 'x', from, to })
  const fall = 0.6 * (1 - 0.9 * 0.9) - 0.2 * (1 - 0.95 * 0.95)
  expect(lossIn(replay(sessionAt(6), sessionAt(8)))).toBeCloseTo(fall, 6)
  expect(lossIn(replay('1999-01-01', sessionAt(8)))).toBeUndefined()
  expect(lossIn(replay(sessionAt(6), sessionAt(21)))).toBeUndefined()
})

test('the worst stretch is found for this very portfolio, with the proposed order', () => {
  const fall = 0.6 * (1 - 0.9 * 0.9) - 0.2 * (1 - 0.95 * 0.95)
  expect(lossIn({ kind: 'worst-stretch', name: 'x', sessions: 2 })).toBeCloseTo(fall, 6)
  expect(lossIn({ kind: 'worst-stretch', name: 'x', sessions: 1 })).toBeCloseTo(0.6 * 0.1 - 0.2 * 0.05, 6)
})

test('with all correlations at one nothing cancels out', () => {
  const risk = preparePortfolioRisk({ returns, symbols: ['INDEX', 'DOUBLE'], window })
  const spread = 0.6 * (risk.volatility('DOUBLE') ?? NaN) + 0.2 * (risk.volatility('INDEX') ?? NaN)
  expect(lossIn({ kind: 'correlation-one', name: 'x', deviations: 3 })).toBeCloseTo(3 * spread, 6)
  expect(lossIn({ kind: 'correlation-one', name: 'x' })).toBeCloseTo(2.326348 * spread, 6)
})
