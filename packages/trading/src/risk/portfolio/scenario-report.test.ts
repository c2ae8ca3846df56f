import { expect, test } from 'vitest'
import { decimal } from '../../money/decimal.js'
import { bookOfCloses, closesOf, repeated } from './portfolio-bench.test-support.js'
import { preparePortfolioRisk } from './prepare-portfolio-risk.js'
import { scenarioReport } from './scenario-report.js'

const window = 100
const moves = repeated([0.01, -0.01], window)
const risk = preparePortfolioRisk({
  returns: bookOfCloses({ INDEX: closesOf(moves), DOUBLE: closesOf(moves.map((move) => 2 * move)), NEW: [1] }),
  symbols: ['DOUBLE', 'NEW'],
  benchmark: 'INDEX',
  window,
  maximumLagSessions: 200,
  scenarios: [
    { kind: 'uniform', name: 'a fall by 16 %', shock: -0.16 },
    { kind: 'market', name: 'market −10 %', shock: -0.1 },
  ],
})
const limits = {
  maxGrossExposureFraction: 1,
  maxSymbolExposureFraction: 0.25,
  maxBeta: 1,
  maxVaRFraction: 0.02,
  maxStressLossFraction: 0.12,
}
const open = () => risk.openBook({ equity: decimal('10000'), positions: [['INDEX', decimal('2000')]] })
const order = { symbol: 'DOUBLE', side: 'buy', quantity: '40', price: '100' } as const

test('says before and after, what binds, and how far away it is', () => {
  const report = scenarioReport(open(), { order, limits })
  expect(report.order.notional).toBe('4000')
  expect(report.before).toMatchObject({
    gross: '2000',
    net: '2000',
    grossFraction: '0.2',
    largestShare: '1',
    beta: '0.2',
  })
  expect(report.after).toMatchObject({ gross: '6000', grossFraction: '0.6', largestShare: '0.666667', beta: '1' })
  // ±1 % and ±2 %: on the bad days 0.2 × 1 % + 0.4 × 2 %.
  expect(report.before.valueAtRisk.historical95).toEqual({ fraction: '0.002', amount: '20' })
  expect(report.after.valueAtRisk.historical99).toEqual({ fraction: '0.01', amount: '100' })
  expect(report.incrementalValueAtRisk.historical95).toBe('0.008')
  // σ = √(100 × 1e-4 / 99) of each unit of beta.
  expect(report.after.valueAtRisk.parametric95?.fraction).toBe((1.6448536 * Math.sqrt(0.01 / 99)).toFixed(6))
  expect(report.after.stress).toEqual([
    { scenario: 'a fall by 16 %', kind: 'uniform', loss: { fraction: '0.096', amount: '960' } },
    { scenario: 'market −10 %', kind: 'market', loss: { fraction: '0.1', amount: '1000' } },
  ])
  const [first] = report.limits
  expect(first?.limit).toBe('maxSymbolExposureFraction')
  expect(first?.after).toEqual({
    limit: 'maxSymbolExposureFraction',
    what: 'exposure to one symbol',
    value: '4000',
    bound: '2500',
    used: 1.6,
    headroom: -0.6,
    state: 'breached',
  })
  expect(report.binding.map(({ what, state, headroom }) => [what, state, headroom])).toEqual([
    ['exposure to one symbol', 'breached', -0.6],
    ['beta', 'near', 0],
    ['market −10 %', 'near', expect.closeTo(0.166667, 6)],
    ['parametric value at risk 95 %', 'near', expect.closeTo(0.173, 3)],
    ['a fall by 16 %', 'near', 0.2],
  ])
  expect(report.correlatedExposure).toEqual({ before: '2000', after: '6000' })
  expect(report.missing).toEqual([])
})

test('is plain JSON and changes nothing', () => {
  const book = open()
  const report = scenarioReport(book, { order, limits })
  expect(JSON.parse(JSON.stringify(report))).toEqual(report)
  expect(scenarioReport(book, { order, limits })).toEqual(report)
  expect(book.positions()).toHaveLength(1)
})

test('what is not known is null and binds, with the symbol that lacks returns', () => {
  const report = scenarioReport(open(), { order: { ...order, symbol: 'NEW' }, limits })
  expect(report.after.valueAtRisk.historical95).toBeNull()
  expect(report.after.beta).toBeNull()
  expect(report.after.gross).toBe('6000')
  expect(report.missing).toMatchObject([{ symbol: 'NEW', reason: 'HISTORY_TOO_SHORT' }])
  expect(report.binding[0]).toMatchObject({ state: 'unknown', value: null, headroom: null })
})

test('a sale reduces', () => {
  const report = scenarioReport(open(), {
    order: { symbol: 'INDEX', side: 'sell', quantity: '5', price: '100' },
    limits,
  })
  expect(report.after.net).toBe('1500')
  expect(report.incrementalValueAtRisk.historical95).toBe('-0.0005')
})

test.each([
  [{ maxBeta: 0 }, 'INVALID_OPTION'],
  [{ maxVaRFraction: NaN }, 'INVALID_OPTION'],
  [{ maxVaRFraction: 1, warnAt: -1 }, 'INVALID_OPTION'],
])('limits are refused: %j', (wrong, code) => {
  expect(() => scenarioReport(open(), { order, limits: wrong })).toThrow(expect.objectContaining({ code }))
})

test('an amount that is no number is refused', () => {
  expect(() => scenarioReport(open(), { order: { ...order, price: '1e3' } })).toThrow(
    expect.objectContaining({ code: 'INVALID_DECIMAL' }),
  )
})
