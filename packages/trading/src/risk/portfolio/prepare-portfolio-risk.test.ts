import fc from 'fast-check'
import { expect, test } from 'vitest'
import { createMarketBook } from '../../kernel/market-book.js'
import { bookOfCloses, closesOf, randomReturns, repeated, sessionAt } from './portfolio-bench.test-support.js'
import { preparePortfolioRisk } from './prepare-portfolio-risk.js'

const window = 20
const updown = closesOf(repeated([0.01, -0.01], window))

test('variance, covariance, correlation and beta by hand', () => {
  // Deviations of ±1 % and ±2 %, mean 0: 20 × 1e-4 / 19 and so on.
  const returns = bookOfCloses({
    AAA: updown,
    TWICE: closesOf(repeated([0.02, -0.02], window)),
    AGAINST: closesOf(repeated([-0.01, 0.01], window)),
  })
  const risk = preparePortfolioRisk({ returns, symbols: ['TWICE', 'AGAINST'], benchmark: 'AAA', window })
  expect(risk.symbols).toEqual(['AAA', 'AGAINST', 'TWICE'])
  expect(risk.volatility('AAA')).toBeCloseTo(Math.sqrt((20 * 1e-4) / 19), 6)
  expect(risk.covariance('AAA', 'TWICE')).toBeCloseTo((20 * 2e-4) / 19, 8)
  expect(risk.correlation('AAA', 'TWICE')).toBeCloseTo(1, 6)
  expect(risk.correlation('AAA', 'AGAINST')).toBeCloseTo(-1, 6)
  expect(risk.beta('TWICE')).toBeCloseTo(2, 5)
  expect(risk.beta('AGAINST')).toBeCloseTo(-1, 5)
  expect(risk.beta('AAA')).toBe(1)
  expect(risk.movesTogether('AAA', 'TWICE')).toBe(true)
  expect(risk.movesTogether('AAA', 'AGAINST')).toBe(false)
  expect(risk.sessions).toHaveLength(window + 1)
})

test('correlations are those of the market book over the same sessions, gaps included', () => {
  const { S0 = [], S1 = [] } = randomReturns(3, 2, 60)
  const rows: Record<string, (number | undefined)[]> = { S0: closesOf(S0), S1: closesOf(S1) }
  for (const gap of [7, 30, 31]) rows.S1?.splice(gap, 1, undefined)
  const market = createMarketBook()
  for (const [symbol, row] of Object.entries(rows))
    for (const [index, close] of row.entries()) {
      if (close === undefined) continue
      const text = String(close)
      market.takeBar({
        type: 'bar',
        timeframe: '1d',
        symbol,
        sessionDate: sessionAt(index),
        start: index,
        time: index,
        open: text,
        high: text,
        low: text,
        close: text,
        volume: '1',
      })
    }
  const risk = preparePortfolioRisk({ returns: bookOfCloses(rows), symbols: ['S0', 'S1'], window: 40 })
  expect(risk.correlation('S0', 'S1')).toBeCloseTo(market.correlation('S0', 'S1', 40) ?? 2, 5)
  expect(risk.sessions).not.toContain(sessionAt(30))
})

test('a symbol without usable returns is missing by name, and takes nothing away from the others', () => {
  const returns = bookOfCloses({
    AAA: updown,
    NEW: [...Array.from({ length: 15 }, () => undefined), 1, 2, 3, 2, 1, 2],
    STALE: updown.slice(0, 15),
    BROKEN: updown.map((close, index) => (index === 4 ? 'NaN' : close)),
    FLAT: updown.map(() => 5),
  })
  const symbols = ['AAA', 'NEW', 'STALE', 'BROKEN', 'FLAT', 'NEVER']
  const risk = preparePortfolioRisk({ returns, symbols, window })
  const reasons = Object.fromEntries(symbols.map((symbol) => [symbol, risk.missing(symbol)?.reason]))
  expect(reasons).toEqual({
    AAA: undefined,
    NEW: 'HISTORY_TOO_SHORT',
    STALE: 'STALE_HISTORY',
    BROKEN: 'INVALID_CLOSE',
    FLAT: 'NO_VARIATION',
    NEVER: 'NO_HISTORY',
  })
  expect(risk.missing('NEW')).toMatchObject({ sessions: 6, needed: 21 })
  for (const symbol of symbols.slice(1)) {
    expect(risk.volatility(symbol)).toBeUndefined()
    expect(risk.correlation('AAA', symbol)).toBeUndefined()
    expect(risk.movesTogether('AAA', symbol)).toBe(true)
  }
  expect(risk.volatility('AAA')).toBeGreaterThan(0)
  expect(risk.beta('AAA')).toBeUndefined()
})

test('a symbol that shares too few sessions with the benchmark is missing, and not the benchmark', () => {
  const often = repeated([0.01, -0.02, 0.005], 49)
  const rows = {
    ZINDEX: closesOf(often).map((close, index) => (index % 2 === 0 ? close : undefined)),
    DAILY: closesOf(often),
    ODD: closesOf(often).map((close, index) => (index % 2 === 1 ? close : undefined)),
  }
  const risk = preparePortfolioRisk({
    returns: bookOfCloses(rows),
    symbols: ['ODD', 'DAILY'],
    benchmark: 'ZINDEX',
    window,
  })
  expect(risk.missing('ZINDEX')).toBeUndefined()
  expect(risk.missing('DAILY')).toBeUndefined()
  expect(risk.missing('ODD')).toMatchObject({ reason: 'SHARED_HISTORY_TOO_SHORT', sessions: 0 })
})

test('the symbol with the shorter history gives way', () => {
  const row = closesOf(repeated([0.01, -0.02, 0.005], 49))
  const rows = {
    A: row.map((close, index) => (index >= 29 ? close : undefined)),
    B: row.map((close, index) => (index === 40 ? undefined : close)),
    C: row,
  }
  const risk = preparePortfolioRisk({ returns: bookOfCloses(rows), symbols: ['A', 'B', 'C'], window })
  expect(['A', 'B', 'C'].map((symbol) => risk.missing(symbol)?.reason)).toEqual([
    'SHARED_HISTORY_TOO_SHORT',
    undefined,
    undefined,
  ])
})

test('the order of symbols makes no difference', () => {
  const returns = bookOfCloses(
    Object.fromEntries(Object.entries(randomReturns(5, 6, 40)).map(([symbol, row]) => [symbol, closesOf(row)])),
  )
  const straight = preparePortfolioRisk({ returns, symbols: returns.symbols(), benchmark: 'S3', window: 40 })
  fc.assert(
    fc.property(fc.shuffledSubarray([...returns.symbols()], { minLength: 6 }), (symbols) => {
      const risk = preparePortfolioRisk({ returns, symbols, benchmark: 'S3', window: 40 })
      for (const symbol of symbols) {
        expect(risk.beta(symbol)).toBe(straight.beta(symbol))
        expect(risk.covariance(symbol, 'S1')).toBe(straight.covariance(symbol, 'S1'))
      }
    }),
    { numRuns: 20 },
  )
})

test('with identical returns a pair has one volatility and a correlation of 1', () => {
  const returns = bookOfCloses({ AAA: updown, SAME: updown })
  const risk = preparePortfolioRisk({ returns, symbols: ['AAA', 'SAME'], window })
  expect(risk.volatility('SAME')).toBe(risk.volatility('AAA'))
  expect(risk.correlation('AAA', 'SAME')).toBeCloseTo(1, 14)
})

test.each([
  [{ window: 19 }, 'window: 19'],
  [{ window: 2_501 }, 'window: 2501'],
  [{ maximumLagSessions: -1 }, 'maximumLagSessions: -1'],
  [{ correlationThreshold: NaN }, 'correlationThreshold: NaN'],
  [{ scenarios: [{ kind: 'uniform', name: 'u', shock: -1.5 }] }, 'scenario "u": shock -1.5'],
  [{ scenarios: [{ kind: 'market', name: 'm', shock: NaN }] }, 'scenario "m": shock NaN'],
  [{ scenarios: [{ kind: 'shocks', name: 's', symbols: { AAA: -2 } }] }, 'scenario "s": AAA -2'],
  [{ scenarios: [{ kind: 'worst-stretch', name: 'w', sessions: 21 }] }, 'scenario "w": sessions: 21'],
  [{ scenarios: [{ kind: 'replay', name: 'r', from: '2001-01-02', to: '2001-01-02' }] }, 'scenario "r": from'],
  [{ scenarios: [{ kind: 'correlation-one', name: 'c', deviations: -1 }] }, 'scenario "c": deviations -1'],
  [
    {
      scenarios: [
        { kind: 'uniform', name: 'u', shock: -0.1 },
        { kind: 'market', name: 'u', shock: -0.1 },
      ],
    },
    'is there twice',
  ],
] as const)('options are refused: %j', (options, message) => {
  const prepare = () =>
    preparePortfolioRisk({ returns: bookOfCloses({ AAA: updown }), symbols: ['AAA'], window, ...options })
  expect(prepare).toThrow(
    expect.objectContaining({ code: 'INVALID_OPTION', message: expect.stringContaining(message) }),
  )
})

test('a symbol that was not prepared is named', () => {
  const risk = preparePortfolioRisk({ returns: bookOfCloses({ AAA: updown }), symbols: ['AAA'], window })
  expect(risk.has('BBB')).toBe(false)
  expect(() => risk.volatility('BBB')).toThrow(expect.objectContaining({ code: 'SYMBOL_NOT_PREPARED' }))
})
