import fc from 'fast-check'
import { expect, test } from 'vitest'
import { decimal, decimalText, toFloat, zero } from '../../money/decimal.js'
import { naiveFigures } from './naive-portfolio.test-support.js'
import { bookOfCloses, closesOf, randomReturns, repeated } from './portfolio-bench.test-support.js'
import { preparePortfolioRisk } from './prepare-portfolio-risk.js'
import type { RiskBook } from './risk-book.js'
import type { RiskView } from './risk-view.js'

const window = 120
const returns = randomReturns(11, 8, window)
const history = bookOfCloses(
  Object.fromEntries(Object.entries(returns).map(([symbol, row]) => [symbol, closesOf(row)])),
)
const symbols = Object.keys(returns)
const prepared = preparePortfolioRisk({
  returns: history,
  symbols,
  benchmark: 'S2',
  correlationThreshold: 0.2,
  window,
  scenarios: [
    { kind: 'uniform', name: 'u', shock: -0.1 },
    { kind: 'market', name: 'm', shock: -0.05 },
    { kind: 'worst-stretch', name: 'w', sessions: 5 },
    { kind: 'correlation-one', name: 'c' },
  ],
})
const confidences = [95, 99] as const
const methods = ['parametric', 'historical'] as const
const equity = decimal('100000')

type Worths = Readonly<Record<string, string>>

function open(worths: Worths, of = equity): RiskBook {
  return prepared.openBook({ equity: of, positions: Object.entries(worths).map(([s, worth]) => [s, decimal(worth)]) })
}

/** Every figure of a view. */
function everything(view: RiskView): readonly unknown[] {
  return [
    decimalText(view.gross()),
    decimalText(view.net()),
    view.largestShare(),
    view.herfindahlIndex(),
    view.beta(),
    ...symbols.flatMap((symbol) => [
      decimalText(view.worth(symbol)),
      decimalText(view.correlatedExposure(symbol)),
      view.covarianceWith(symbol),
      view.componentValueAtRisk(symbol, 95),
    ]),
    ...confidences.flatMap((confidence) =>
      methods.flatMap((method) => [
        view.valueAtRisk(confidence, method),
        view.conditionalValueAtRisk(confidence, method),
      ]),
    ),
    ...prepared.scenarios.map((_, place) => view.stressLoss(place)),
  ]
}

const worth = fc.integer({ min: -40_000_00, max: 40_000_00 }).map((cents) => (cents / 100).toFixed(2))
const worthsOf = fc.dictionary(fc.constantFrom(...symbols), worth, { maxKeys: 8 })

test('one symbol: the closed form of its volatility, and its own worst days', () => {
  const view = open({ S0: '50000' }).current()
  const volatility = prepared.volatility('S0') ?? 0
  expect(view.valueAtRisk(95, 'parametric')).toBeCloseTo(0.5 * 1.6448536 * volatility, 6)
  expect(view.valueAtRisk(99, 'parametric')).toBeCloseTo(0.5 * 2.3263479 * volatility, 6)
  expect(view.conditionalValueAtRisk(95, 'parametric')).toBeCloseTo(0.5 * 2.0627128 * volatility, 6)
  expect(view.conditionalValueAtRisk(99, 'parametric')).toBeCloseTo(0.5 * 2.6652142 * volatility, 6)
  // 5 % of 120 are six days: the value at risk is the seventh worst.
  const worst = [...(returns.S0 ?? [])].sort((a, b) => a - b)
  expect(view.valueAtRisk(95, 'historical')).toBeCloseTo(-0.5 * (worst[6] ?? 0), 6)
  const six = worst.slice(0, 6).reduce((sum, value) => sum + value, 0) / 6
  expect(view.conditionalValueAtRisk(95, 'historical')).toBeCloseTo(-0.5 * six, 6)
  expect(view.beta()).toBeCloseTo(0.5 * (prepared.beta('S0') ?? 0), 6)
  expect(view.largestShare()).toBe(1)
  expect(view.herfindahlIndex()).toBe(1)
})

test('exposures and concentration by hand', () => {
  const view = open({ S0: '30000', S1: '-10000.005', S2: '10000' }).current()
  expect(decimalText(view.gross())).toBe('50000.005')
  expect(decimalText(view.net())).toBe('29999.995')
  expect(view.largestShare()).toBeCloseTo(0.6, 6)
  expect(view.herfindahlIndex()).toBeCloseTo(0.36 + 0.04 + 0.04, 6)
})

test('figures are those of a naive reference that goes over symbols² × days', () => {
  fc.assert(
    fc.property(worthsOf, (worths) => {
      const weights = Object.fromEntries(symbols.map((symbol) => [symbol, Number(worths[symbol] ?? 0) / 100_000]))
      const naive = naiveFigures(returns, weights)
      const view = open(worths).current()
      for (const confidence of confidences) {
        const quantile = confidence === 95 ? 1.6448536 : 2.3263479
        // Half a step of the rounding, and what the grids add up to.
        const close = (value: number | undefined, exact: number): void =>
          expect(Math.abs((value ?? NaN) - exact)).toBeLessThan(1.5e-6)
        close(view.valueAtRisk(confidence, 'parametric'), quantile * naive.deviation)
        close(view.valueAtRisk(confidence, 'historical'), naive.valueAtRisk(confidence))
        close(view.conditionalValueAtRisk(confidence, 'historical'), naive.conditionalValueAtRisk(confidence))
      }
    }),
    { numRuns: 60 },
  )
})

test('a proposed order gives bit for bit the figures of the book once it is filled', () => {
  fc.assert(
    fc.property(worthsOf, fc.constantFrom(...symbols), worth, (worths, symbol, change) => {
      const book = open(worths)
      const proposed = everything(book.propose(symbol, decimal(change)))
      const filled = open({ ...worths, [symbol]: decimalText(decimal(worths[symbol] ?? '0').plus(decimal(change))) })
      expect(proposed).toEqual(everything(filled.current()))
    }),
    { numRuns: 60 },
  )
})

test('figures depend on the positions alone, not on how they came about', () => {
  const steps = fc.array(fc.tuple(fc.constantFrom(...symbols), worth), { maxLength: 30 })
  fc.assert(
    fc.property(steps, worthsOf, (detours, worths) => {
      const book = open({})
      for (const [symbol, amount] of detours) book.setPosition(symbol, decimal(amount))
      for (const symbol of [...symbols].reverse()) book.setPosition(symbol, decimal(worths[symbol] ?? '0'))
      expect(everything(book.current())).toEqual(everything(open(worths).current()))
      expect(everything(book.copy().current())).toEqual(everything(open(worths).current()))
    }),
    { numRuns: 60 },
  )
})

test('an order of nothing and a flat position change nothing', () => {
  fc.assert(
    fc.property(worthsOf, fc.constantFrom(...symbols), (worths, symbol) => {
      const book = open(worths)
      const before = everything(book.current())
      expect(everything(book.propose(symbol, zero))).toEqual(before)
      expect(book.propose(symbol, zero).incrementalValueAtRisk(95, 'historical')).toBe(0)
      book.setPosition(symbol, book.position(symbol))
      expect(everything(book.current())).toEqual(before)
    }),
    { numRuns: 40 },
  )
})

test('a symbol of which nothing is held changes no figure by being prepared', () => {
  const few = preparePortfolioRisk({ returns: history, symbols: ['S0', 'S1', 'S2'], benchmark: 'S2', window })
  const positions = [
    ['S0', decimal('12000')],
    ['S1', decimal('-7000')],
  ] as const
  const [a, b] = [few, prepared].map((risk) => risk.openBook({ equity, positions }).current())
  for (const method of methods) expect(a?.valueAtRisk(95, method)).toBe(b?.valueAtRisk(95, method))
  expect(a?.herfindahlIndex()).toBe(b?.herfindahlIndex())
})

test('losses at risk scale with the book, and halve with twice the equity', () => {
  fc.assert(
    fc.property(worthsOf, (worths) => {
      const twice = Object.fromEntries(
        Object.entries(worths).map(([s, amount]) => [s, decimalText(decimal(amount).times(decimal('2')))]),
      )
      const [small, large] = [open(worths).current(), open(twice).current()]
      const richer = open(twice, decimal('200000')).current()
      for (const method of methods) {
        const value = small.valueAtRisk(95, method) ?? NaN
        expect(Math.abs((large.valueAtRisk(95, method) ?? NaN) - 2 * value)).toBeLessThanOrEqual(2e-6)
        expect(richer.valueAtRisk(95, method)).toBe(value)
      }
    }),
    { numRuns: 40 },
  )
})

test('the mean beyond the value at risk is never below it, nor 99 below 95', () => {
  fc.assert(
    fc.property(worthsOf, (worths) => {
      const view = open(worths).current()
      for (const method of methods) {
        for (const confidence of confidences)
          expect(view.conditionalValueAtRisk(confidence, method)).toBeGreaterThanOrEqual(
            view.valueAtRisk(confidence, method) ?? NaN,
          )
        expect(view.valueAtRisk(99, method)).toBeGreaterThanOrEqual(view.valueAtRisk(95, method) ?? NaN)
      }
    }),
    { numRuns: 60 },
  )
})

test('two books together risk at most the sum, by the coherent measures; historical value at risk promises no such thing', () => {
  const sum = (a: Worths, b: Worths): Worths =>
    Object.fromEntries(symbols.map((s) => [s, decimalText(decimal(a[s] ?? '0').plus(decimal(b[s] ?? '0')))]))
  fc.assert(
    fc.property(worthsOf, worthsOf, (a, b) => {
      const [one, other, both] = [open(a).current(), open(b).current(), open(sum(a, b)).current()]
      const within = (figure: (view: RiskView) => number | undefined): void =>
        expect(figure(both)).toBeLessThanOrEqual((figure(one) ?? NaN) + (figure(other) ?? NaN) + 3e-6)
      within((view) => view.valueAtRisk(95, 'parametric'))
      within((view) => view.conditionalValueAtRisk(99, 'parametric'))
      within((view) => view.conditionalValueAtRisk(95, 'historical'))
      within((view) => view.conditionalValueAtRisk(99, 'historical'))
    }),
    { numRuns: 60 },
  )
})

test('component values at risk add up to the whole, and marginal ones tell what a little more costs', () => {
  const book = open({ S0: '20000', S1: '-15000', S4: '30000' })
  const view = book.current()
  const total = symbols.reduce((sum, symbol) => sum + (view.componentValueAtRisk(symbol, 95) ?? NaN), 0)
  expect(total).toBeCloseTo(view.valueAtRisk(95, 'parametric') ?? NaN, 5)
  const marginal = view.marginalValueAtRisk('S1', 95) ?? NaN
  expect(book.propose('S1', decimal('1000')).incrementalValueAtRisk(95, 'parametric')).toBeCloseTo(marginal / 100, 4)
  expect(book.current().incrementalValueAtRisk(95, 'historical')).toBe(0)
})

test('a long and a short of equal returns cancel out', () => {
  const updown = closesOf(repeated([0.01, -0.02, 0.004], window))
  const pair = preparePortfolioRisk({
    returns: bookOfCloses({ AAA: updown, SAME: updown }),
    symbols: ['AAA', 'SAME'],
    window,
  })
  const worths = [
    ['AAA', decimal('5000')],
    ['SAME', decimal('-5000')],
  ] as const
  const view = pair.openBook({ equity, positions: worths }).current()
  for (const method of methods) expect(view.valueAtRisk(99, method)).toBe(0)
  expect(view.marginalValueAtRisk('AAA', 95)).toBeUndefined()
  expect(view.beta()).toBeUndefined()
  expect(decimalText(view.correlatedExposure('AAA'))).toBe('10000')
})

test('an empty book risks nothing and is not concentrated', () => {
  const view = open({}).current()
  for (const method of methods) expect(view.valueAtRisk(95, method)).toBe(0)
  expect(view.largestShare()).toBeUndefined()
  expect(view.herfindahlIndex()).toBeUndefined()
})

test('a holding without returns leaves exposures exact and statistics unknown, until it is closed', () => {
  const risk = preparePortfolioRisk({
    returns: history,
    symbols: [...symbols, 'NEW'],
    benchmark: 'S2',
    window,
    scenarios: [
      { kind: 'uniform', name: 'u', shock: -0.1 },
      { kind: 'market', name: 'm', shock: -0.1 },
    ],
  })
  const book = risk.openBook({ equity, positions: [['S0', decimal('10000')]] })
  const whole = book.current().valueAtRisk(95, 'historical')
  const proposed = book.propose('NEW', decimal('5000'))
  expect(proposed.valueAtRisk(95, 'historical')).toBeUndefined()
  expect(proposed.valueAtRisk(95, 'parametric')).toBeUndefined()
  expect(proposed.beta()).toBeUndefined()
  expect(proposed.stressLoss(1)).toBeUndefined()
  expect(proposed.stressLoss(0)).toBeCloseTo(0.015, 6)
  expect(decimalText(proposed.gross())).toBe('15000')
  expect(decimalText(proposed.correlatedExposure('S0'))).toContain('5000')
  expect(proposed.missing()).toMatchObject([{ symbol: 'NEW', reason: 'NO_HISTORY' }])
  book.setPosition('NEW', decimal('5000'))
  expect(book.current().valueAtRisk(95, 'historical')).toBeUndefined()
  const closed = book.propose('NEW', decimal('-5000'))
  expect(closed.valueAtRisk(95, 'historical')).toBe(whole)
  expect(closed.beta()).toBeDefined()
  expect(closed.missing()).toEqual([])
  book.setPosition('NEW', decimal('4000'))
  book.setPosition('NEW', zero)
  expect(book.current().valueAtRisk(95, 'historical')).toBe(whole)
})

test('with no equity above 0 there are no fractions', () => {
  for (const amount of ['0', '-5']) {
    const view = open({ S0: '100' }, decimal(amount)).current()
    expect(view.valueAtRisk(95, 'parametric')).toBeUndefined()
    expect(view.beta()).toBeUndefined()
    expect(view.stressLoss(0)).toBeUndefined()
    expect(decimalText(view.gross())).toBe('100')
  }
})

test('what changes under a proposal is seen by it', () => {
  const book = open({ S0: '10000' })
  const proposed = book.propose('S1', decimal('10000'))
  const before = proposed.valueAtRisk(95, 'historical')
  book.setEquity(decimal('50000'))
  expect(proposed.valueAtRisk(95, 'historical')).toBeCloseTo(2 * (before ?? NaN), 5)
  book.setPosition('S1', decimal('5000'))
  expect(decimalText(proposed.worth('S1'))).toBe('15000')
})

test('exposure to what moves together follows the positions, and a copy stays as it was', () => {
  const book = open({ S0: '10000.37' })
  const peer = symbols.find((symbol) => symbol !== 'S0' && prepared.movesTogether('S0', symbol)) ?? ''
  expect(decimalText(book.propose('S0', decimal('1000')).correlatedExposure('S0'))).toBe('11000.37')
  book.setPosition(peer, decimal('-500'))
  expect(decimalText(book.propose('S0', decimal('1000')).correlatedExposure('S0'))).toBe('11500.37')
  book.setEquity(decimal('90000000000'))
  const copy = book.copy()
  expect(everything(copy.current())).toEqual(everything(book.current()))
  copy.setPosition('S0', zero)
  expect(decimalText(book.position('S0'))).toBe('10000.37')
})

test('a symbol that was not prepared is refused', () => {
  expect(() => open({}).propose('NONE', zero)).toThrow(expect.objectContaining({ code: 'SYMBOL_NOT_PREPARED' }))
  expect(() => open({ NONE: '1' })).toThrow(expect.objectContaining({ code: 'SYMBOL_NOT_PREPARED' }))
})

test('small and large accounts have the same fractions', () => {
  const scaled = (factor: string) => {
    const by = (amount: string) => decimal(amount).times(decimal(factor))
    return prepared
      .openBook({
        equity: by('100000'),
        positions: [
          ['S0', by('30000')],
          ['S3', by('-12000')],
        ],
      })
      .current()
  }
  for (const factor of ['0.00001', '1000000'])
    for (const method of methods)
      expect(scaled(factor).valueAtRisk(95, method)).toBeCloseTo(scaled('1').valueAtRisk(95, method) ?? NaN, 5)
  expect(toFloat(scaled('1000000').gross())).toBe(42_000_000_000)
})

test('the ceiling of the tail is never below its figures, whatever has moved, and no more than an order above them once it is tight', () => {
  const move = fc.tuple(fc.constantFrom(...symbols), worth)
  fc.assert(
    fc.property(worthsOf, fc.array(move, { maxLength: 12 }), move, (worths, moves, [symbol, change]) => {
      const book = open(worths)
      for (const confidence of confidences) {
        book.tailCeiling(symbol, zero, confidence)
        for (const [moved, to] of moves) book.setPosition(moved, decimal(to))
        const view = book.propose(symbol, decimal(change))
        const figures = methods.flatMap((method) => [
          view.valueAtRisk(confidence, method),
          view.conditionalValueAtRisk(confidence, method),
        ])
        const most = Math.max(...figures.map((figure) => figure ?? Number.NaN))
        expect(book.tailCeiling(symbol, decimal(change), confidence)).toBeGreaterThanOrEqual(most)
        const tight = book.tailCeiling(symbol, zero, confidence, 0) ?? Number.NaN
        const now = methods.map((method) => book.current().conditionalValueAtRisk(confidence, method) ?? Number.NaN)
        expect(tight).toBeGreaterThanOrEqual(Math.max(...now))
        expect(tight).toBeLessThan(Math.max(0, ...now) + 0.000_01)
      }
    }),
  )
})
