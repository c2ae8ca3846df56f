import { describe, expect, test } from 'vitest'
import type { ClosedPosition } from '../kernel/kernel.js'
import { drawdownStatistics } from './drawdown-statistics.js'
import { type PerformanceInput, performanceStatistics } from './performance-statistics.js'
import { roundSignificant } from './round-significant.js'
import { type ClosedTrade, closedTrade } from './trade-statistics.js'

const periodsPerYear = 252

/** The curve that a series of simple returns makes of 100. */
function curve(returns: readonly number[]): number[] {
  const values = [100]
  for (const value of returns) values.push((values.at(-1) as number) * (1 + value))
  return values
}

function statistics(equity: readonly number[], rest: Partial<PerformanceInput> = {}) {
  const points = equity.map((value, index) => ({ date: `day ${index}`, equity: value }))
  return performanceStatistics({ equity: points, trades: [], periodsPerYear, ...rest })
}

const trade = (profit: number, tradedNotional = 100, holdMs = 1000): ClosedTrade => ({
  profit,
  tradedNotional,
  openedAt: 0,
  closedAt: holdMs,
})

/** Mean 0.005; squared deviations 20 × 0.015²; sample deviation 0.015 √(20/19); no skew, kurtosis (population) 1. */
const alternating = Array.from({ length: 20 }, (_, index) => (index % 2 === 0 ? 0.02 : -0.01))
/** −0.008 to 0.011 in steps of 0.001. */
const ladder = Array.from({ length: 20 }, (_, index) => (index - 8) / 1000)

describe('returns', () => {
  test('of an alternating series, worked out by hand', () => {
    const result = statistics(curve(alternating))
    const deviation = 0.015 * Math.sqrt(20 / 19)
    expect(result.periods).toBe(20)
    expect(result.totalReturn).toBeCloseTo((1.02 * 0.99) ** 10 - 1, 9)
    expect(result.annualReturn).toBeCloseTo((1.02 * 0.99) ** 126 - 1, 9)
    expect(result.volatility).toBeCloseTo(deviation * Math.sqrt(252), 9)
    expect(result.sharpe).toBeCloseTo((0.005 / deviation) * Math.sqrt(252), 8)
    expect(result.sortino).toBeCloseTo((0.005 / Math.sqrt(0.00005)) * Math.sqrt(252), 8)
    expect(result.omega).toBeCloseTo(2, 9)
    expect(result.skewness).toBeCloseTo(0, 9)
    expect(result.maximumDrawdown).toBeCloseTo(0.01, 9)
    expect(result.calmar).toBeCloseTo(((1.02 * 0.99) ** 126 - 1) / 0.01, 6)
    // SR √19 / √(1 + 0) = 1.41616, and the normal distribution to its left.
    expect(result.probabilisticSharpe).toBe(0.921638)
  })

  test('of a ladder: tails, kurtosis', () => {
    const result = statistics(curve(ladder))
    // 5 % of 19 steps is 0.95 of the first step; 95 % is 0.05 into the last but one.
    expect(result.valueAtRisk95).toBeCloseTo(0.00705, 9)
    expect(result.conditionalValueAtRisk95).toBeCloseTo(0.008, 9)
    expect(result.tailRatio).toBeCloseTo(0.01005 / 0.00705, 8)
    expect(result.kurtosis).toBeCloseTo(-1.2, 8)
  })

  test('one large gain among small losses: skewness and its weight in the probabilistic Sharpe ratio', () => {
    const result = statistics(curve([0.05, ...Array.from({ length: 19 }, () => -0.001)]))
    expect(result.skewness).toBeCloseTo(Math.sqrt(20), 8)
    expect(result.probabilisticSharpe).toBe(0.79491)
  })
})

test('the deepest drawdown and its length from peak to recovery or end', () => {
  expect(drawdownStatistics([100, 90, 100, 110, 88, 99, 110, 120])).toMatchObject({
    maximumDrawdown: 0.2,
    maximumDrawdownPeriods: 3,
  })
  expect(drawdownStatistics([100, 120, 60, 90, 80])).toMatchObject({ maximumDrawdown: 0.5, maximumDrawdownPeriods: 3 })
  expect(drawdownStatistics([100, 50, 100, 90, 100]).maximumDrawdownPeriods).toBe(2)
  expect(drawdownStatistics([100, 80, 60]).ulcerIndex).toBeCloseTo(Math.sqrt((0.04 + 0.16) / 3), 12)
  expect(drawdownStatistics([1, 2, 3])).toEqual({ maximumDrawdown: 0, maximumDrawdownPeriods: 0, ulcerIndex: 0 })
})

test('trades: winners, losers, what they bring and how long they last', () => {
  const result = statistics([100, 101], { trades: [trade(30), trade(10, 100, 4000), trade(-20), trade(0, 100, 2000)] })
  expect(result).toMatchObject({
    trades: 4,
    winRate: 0.5,
    profitFactor: 2,
    expectancy: 5,
    payoff: 1,
    averageHoldMs: 2000,
  })
})

test('exposure and turnover', () => {
  const equity = Array.from({ length: 22 }, (_, index) => ({
    date: `${index}`,
    equity: 100,
    exposure: index % 2 === 0 ? 0.5 : 0.1,
  }))
  const result = performanceStatistics({ equity, trades: [trade(1, 300), trade(1, 120)], periodsPerYear })
  expect(result.exposure).toBe(0.3)
  expect(result.turnover).toBe(25.2)
})

test('against a benchmark: twice its returns plus a tenth of a per cent a day', () => {
  const benchmark = curve(ladder)
  const result = statistics(curve(ladder.map((value) => 2 * value + 0.001)), { benchmark })
  expect(result.beta).toBeCloseTo(2, 8)
  expect(result.alpha).toBeCloseTo(0.252, 8)
  // The differences are the ladder itself plus 0.001: mean 0.0025, deviation 0.001 √35.
  expect(result.informationRatio).toBeCloseTo((0.0025 / (0.001 * Math.sqrt(35))) * Math.sqrt(252), 6)
  expect(statistics(curve(ladder.map((value) => value + 0.001)), { benchmark }).informationRatio).toBeNull()
  expect(statistics(benchmark, { benchmark })).toMatchObject({ beta: 1, alpha: 0, informationRatio: null })
})

describe('what is not applicable is null, never 0 or NaN', () => {
  test('no equity, no trades', () => {
    const { trades, periods, ...rest } = statistics([])
    expect([trades, periods]).toEqual([0, 0])
    expect(new Set(Object.values(rest))).toEqual(new Set([null]))
  })

  test('a handful of days has a return and a drawdown, but no distribution', () => {
    const result = statistics(curve(alternating.slice(0, 19)), { benchmark: curve(ladder.slice(0, 19)) })
    expect(result.totalReturn).toBeGreaterThan(0)
    expect(result.maximumDrawdown).toBeCloseTo(0.01, 9)
    for (const name of [
      'annualReturn',
      'volatility',
      'sharpe',
      'sortino',
      'calmar',
      'omega',
      'skewness',
      'probabilisticSharpe',
      'beta',
      'turnover',
    ] as const) {
      expect([name, result[name]]).toEqual([name, null])
    }
  })

  test('a flat curve has no ratios', () => {
    expect(statistics(curve(Array.from({ length: 30 }, () => 0)))).toMatchObject({
      totalReturn: 0,
      volatility: 0,
      sharpe: null,
      sortino: null,
      calmar: null,
      omega: null,
      kurtosis: null,
    })
    expect(statistics(curve(Array.from({ length: 30 }, () => 0.001))).sharpe).toBeNull()
  })

  test('winners alone have no profit factor and no payoff', () => {
    expect(statistics([1, 2], { trades: [trade(3)] })).toMatchObject({
      winRate: 1,
      profitFactor: null,
      payoff: null,
      expectancy: 3,
    })
  })

  test('an account that was wiped out has its loss, and nothing that would divide by it', () => {
    const equity = [...curve(alternating), -5, -6]
    expect(statistics(equity.slice(0, -1))).toMatchObject({ annualReturn: null, totalReturn: -1.05 })
    expect(statistics(equity)).toMatchObject({ sharpe: null, totalReturn: null })
  })
})

test('wrong input is refused by name', () => {
  expect(() => statistics([100, Number.NaN])).toThrow('equity of day 1: NaN')
  expect(() => statistics([100, 101], { benchmark: [1] })).toThrow('it has 1 points, the equity 2')
  expect(() => statistics([100, 101], { benchmark: [1, Number.POSITIVE_INFINITY] })).toThrow('benchmark[1]')
  expect(() => statistics([100, 101], { trades: [trade(Number.NaN)] })).toThrow('trades[0].profit')
  expect(() => statistics([100, 101], { periodsPerYear: 0 })).toThrow('periodsPerYear: 0')
})

test('figures are stable to the digit', () => {
  expect(roundSignificant(0.1 + 0.2)).toBe(0.3)
  expect(roundSignificant(123456.789012345)).toBe(123456.789)
  expect([roundSignificant(Number.NaN), roundSignificant(null), Object.is(roundSignificant(-0), 0)]).toEqual([
    null,
    null,
    true,
  ])
})

test('a closed position becomes a trade: profit after fees and income, both sides traded', () => {
  const position: ClosedPosition = {
    positionId: 'p',
    symbol: 'AAPL',
    side: 'short',
    quantity: '-10',
    entryPrice: '100.5',
    exitPrice: '90.25',
    realised: '102.5',
    fees: '1.1',
    income: '-2.3',
    openedAt: 1,
    closedAt: 5,
    exitReason: 'target',
    intentId: 'i',
    causationId: 'm',
    correlationId: 'c',
  }
  expect(closedTrade(position)).toEqual({ profit: 99.1, tradedNotional: 1907.5, openedAt: 1, closedAt: 5 })
})
