import fc from 'fast-check'
import { expect, test } from 'vitest'
import { decimal, decimalText } from '../../money/decimal.js'
import type { MitigationInstrument, MitigationOptions, MitigationProposal } from './mitigation.js'
import { naiveFigures } from './naive-portfolio.test-support.js'
import { bookOfCloses, closesOf, randomReturns } from './portfolio-bench.test-support.js'
import { preparePortfolioRisk } from './prepare-portfolio-risk.js'
import { proposeMitigations } from './propose-mitigations.js'

const window = 120
const own = randomReturns(21, 6, window)
const average = (day: number): number => Object.values(own).reduce((sum, row) => sum + (row[day] ?? 0) / 6, 0)
const returns: Record<string, number[]> = {
  ...own,
  INDEX: Array.from({ length: window }, (_, day) => average(day)),
  TWIN: own['S0'] ?? [],
}
const risk = preparePortfolioRisk({
  returns: bookOfCloses(Object.fromEntries(Object.entries(returns).map(([symbol, row]) => [symbol, closesOf(row)]))),
  symbols: [...Object.keys(returns), 'NEW'],
  benchmark: 'INDEX',
  window,
  scenarios: [{ kind: 'uniform', name: 'fall', shock: -0.16 }],
})

type Held = Readonly<Record<string, number>>

/** Everything trades at 100 in lots of 1. */
function setUp(held: Held, options: Omit<MitigationOptions, 'instruments'>) {
  const worthOf = (units: number) => decimal(String(units * 100))
  const instruments = [...Object.keys(returns), 'NEW'].map(
    (symbol): MitigationInstrument => ({ symbol, price: '100', lotSize: '1', held: String(held[symbol] ?? 0) }),
  )
  const positions = Object.entries(held).map(([symbol, units]) => [symbol, worthOf(units)] as const)
  const book = risk.openBook({ equity: decimal('100000'), positions })
  return { book, instruments, result: proposeMitigations(book, { instruments, ...options }) }
}

function kindOf(proposals: readonly MitigationProposal[], kind: MitigationProposal['kind']): MitigationProposal {
  const found = proposals.find((proposal) => proposal.kind === kind)
  if (found === undefined) throw new Error(`no proposal of kind ${kind}`)
  return found
}

test('an exposure beyond its limit is reduced by the fewest lots, of the symbol that is beyond it', () => {
  const { result } = setUp({ S0: 305, S1: 100 }, { limits: { maxSymbolExposureFraction: 0.25 } })
  const reduce = kindOf(result.proposals, 'reduce')
  expect(reduce.orders).toEqual([{ symbol: 'S0', side: 'sell', quantity: '55', notional: '5500' }])
  expect(reduce.reaches).toBe(true)
  expect(reduce.after.gross).toBe('35000')
  expect(reduce.limits[0]?.after).toMatchObject({ value: '25000', state: 'near' })
  expect(kindOf(result.proposals, 'close').orders).toEqual([
    { symbol: 'S0', side: 'sell', quantity: '305', notional: '30500' },
  ])
})

test('near limits are mitigated when asked, until they are near no more', () => {
  const { result } = setUp({ S0: 240 }, { limits: { maxSymbolExposureFraction: 0.25 } })
  expect(result).toEqual({ proposals: [], without: [] })
  const { result: near } = setUp({ S0: 240 }, { limits: { maxSymbolExposureFraction: 0.25 }, includeNear: true })
  // 80 % of 250 lots is near: 199 is not.
  expect(kindOf(near.proposals, 'reduce').orders[0]?.quantity).toBe('41')
})

test('a reduction brings the value at risk under its limit, and one lot fewer would not', () => {
  const held = { S0: 300, S1: -150, S2: 200, S4: 250 }
  const limits = { maxVaRFraction: 0.008, maxGrossExposureFraction: 5 }
  const { result } = setUp(held, { limits })
  const reduce = result.proposals.find(({ kind, what }) => kind === 'reduce' && what.startsWith('parametric'))
  expect(reduce?.reaches).toBe(true)
  const left: Record<string, number> = { ...held }
  for (const { symbol, side, quantity } of reduce?.orders ?? [])
    left[symbol] = (left[symbol] ?? 0) + (side === 'buy' ? 1 : -1) * Number(quantity)
  const riskOf = (units: Held): number =>
    1.6448536 *
    naiveFigures(returns, Object.fromEntries(Object.entries(units).map(([s, lots]) => [s, lots / 1000]))).deviation
  expect(riskOf(held)).toBeGreaterThan(0.008)
  expect(riskOf(left)).toBeLessThanOrEqual(0.008 + 1e-6)
  const last = reduce?.orders.at(-1)
  const lotBack = { ...left, [last?.symbol ?? '']: (left[last?.symbol ?? ''] ?? 0) + (last?.side === 'buy' ? -1 : 1) }
  expect(riskOf(lotBack)).toBeGreaterThan(0.008 - 1e-6)
  expect(Number(reduce?.after.valueAtRisk.parametric95?.fraction)).toBeCloseTo(riskOf(left), 5)
})

test('a hedge on beta sells the index, as many lots as the limit needs', () => {
  const { result } = setUp({ S4: 400 }, { limits: { maxBeta: 0.3 }, hedges: ['INDEX', 'S1'], allowShorts: true })
  const hedge = kindOf(result.proposals, 'hedge')
  expect(hedge.reaches).toBe(true)
  expect(hedge.orders).toMatchObject([{ side: 'sell' }])
  expect(Number(hedge.after.beta)).toBeLessThanOrEqual(0.3)
  expect(Number(hedge.after.beta)).toBeGreaterThan(0.28)
})

test('a hedge that goes short is not proposed where shorts are off', () => {
  const { result } = setUp({ S4: 400 }, { limits: { maxBeta: 0.3 }, hedges: ['INDEX'] })
  expect(result.proposals.map(({ kind }) => kind)).toEqual(['reduce', 'close'])
  expect(result.without).toMatchObject([{ kind: 'hedge', limit: 'maxBeta', reason: expect.stringContaining('short') }])
})

test('a minimum-variance hedge lowers the risk, and says so where that does not suffice or breaches another limit', () => {
  const limits = { maxVaRFraction: 0.001, maxGrossExposureFraction: 0.45 }
  const { result } = setUp({ S0: 400 }, { limits, hedges: ['INDEX', 'S3'], allowShorts: true })
  const hedge = kindOf(result.proposals, 'hedge')
  expect(hedge.reaches).toBe(false)
  expect(hedge.message).toContain('does not suffice')
  expect(Number(hedge.after.valueAtRisk.parametric95?.fraction)).toBeLessThan(
    Number(hedge.before.valueAtRisk.parametric95?.fraction),
  )
  expect(hedge.breaches.map(({ limit }) => limit)).toEqual(['maxGrossExposureFraction'])
})

test('the position that adds most to the figure comes first', () => {
  const { book, result } = setUp({ S0: 100, S1: 40, S4: 250, S5: -60 }, { limits: { maxVaRFraction: 0.001 } })
  const components = book.positions().map(([symbol]) => ({
    symbol,
    component: book.current().componentValueAtRisk(symbol, 95) ?? 0,
  }))
  const most = components.reduce((best, one) => (one.component > best.component ? one : best))
  expect(kindOf(result.proposals, 'reduce').orders[0]?.symbol).toBe(most.symbol)
  expect(most.symbol).toBe('S4')
})

test('a position that is the hedge of another is reduced, not closed', () => {
  const { result } = setUp({ S0: 100, TWIN: -90 }, { limits: { maxVaRFraction: 0.0001 } })
  expect(kindOf(result.proposals, 'reduce')).toMatchObject({ reaches: true, orders: [{ symbol: 'S0', side: 'sell' }] })
  expect(result.proposals.map(({ kind }) => kind)).not.toContain('close')
})

test('of the symbols to hedge with, the one that correlates most with the book is taken', () => {
  for (const hedges of [
    ['S3', 'S0', 'INDEX'],
    ['INDEX', 'S0', 'S3'],
  ]) {
    const { result } = setUp({ TWIN: 100 }, { limits: { maxVaRFraction: 0.001 }, hedges, allowShorts: true })
    expect(kindOf(result.proposals, 'hedge')).toMatchObject({ reaches: true, orders: [{ symbol: 'S0', side: 'sell' }] })
  }
})

test('a symbol alone is no exposure to symbols that move together', () => {
  const limits = { maxCorrelatedExposureFraction: 0.15 }
  expect(setUp({ S0: 200 }, { limits }).result.proposals).toEqual([])
  const { result } = setUp({ S0: 100, TWIN: 100 }, { limits })
  expect(kindOf(result.proposals, 'reduce')).toMatchObject({ reaches: true, orders: [{ quantity: '50' }] })
})

test('when all that may be closed does not suffice, the proposal says so', () => {
  const { result } = setUp(
    { S0: 400, S1: 400, S2: 400 },
    { limits: { maxGrossExposureFraction: 0.1 }, maximumOrders: 2 },
  )
  const close = kindOf(result.proposals, 'close')
  expect(close.orders).toHaveLength(2)
  expect(close.reaches).toBe(false)
})

test('what is unknown is not mitigated on a guess', () => {
  const { result } = setUp({ S0: 400, NEW: 10 }, { limits: { maxVaRFraction: 0.001 } })
  expect(result.proposals).toEqual([])
  expect(result.without).toHaveLength(6)
  expect(result.without[0]?.reason).toContain('no bar of NEW was seen')
})

test('every proposal is what filling its orders gives, the book stays, and the order of instruments makes no difference', () => {
  const units = fc.integer({ min: -400, max: 400 })
  const symbols = ['S0', 'S1', 'S2', 'S3', 'S4', 'S5']
  fc.assert(
    fc.property(fc.dictionary(fc.constantFrom(...symbols), units, { minKeys: 1 }), (held) => {
      const options = {
        limits: {
          maxVaRFraction: 0.01,
          maxCVaRFraction: 0.02,
          maxStressLossFraction: 0.12,
          maxNetExposureFraction: 0.4,
        },
        hedges: ['INDEX', 'S5'],
        allowShorts: true,
      }
      const { book, instruments, result } = setUp(held, options)
      for (const proposal of result.proposals) {
        const filled = risk.openBook({ equity: book.equity, positions: book.positions() })
        for (const { symbol, side, notional } of proposal.orders) {
          const worth = decimal(notional)
          filled.setPosition(
            symbol,
            side === 'buy' ? filled.position(symbol).plus(worth) : filled.position(symbol).minus(worth),
          )
          if (proposal.kind !== 'hedge') expect(Math.sign(held[symbol] ?? 0)).toBe(side === 'sell' ? 1 : -1)
        }
        expect(proposal.after.gross).toBe(decimalText(filled.current().gross()))
        const limit = proposal.limits.find((change) => change.limit === proposal.limit && change.what === proposal.what)
        expect(proposal.reaches).toBe(limit?.after.state !== 'breached')
        expect(limit?.after.used).toBeLessThan(limit?.before.used ?? 0)
      }
      const again = proposeMitigations(book, { ...options, instruments: [...instruments].reverse() })
      expect(again).toEqual(result)
      expect(book.positions().map(([symbol]) => symbol)).toEqual(symbols.filter((symbol) => (held[symbol] ?? 0) !== 0))
    }),
    { numRuns: 25 },
  )
})

test.each([
  [{ price: '0' }, 'price of S0: 0'],
  [{ lotSize: '-1' }, 'lotSize of S0: -1'],
])('instruments are refused: %j', (wrong, message) => {
  const { book } = setUp({ S0: 1 }, { limits: {} })
  const instruments = [{ symbol: 'S0', price: '1', lotSize: '1', ...wrong }]
  expect(() => proposeMitigations(book, { limits: {}, instruments })).toThrow(
    expect.objectContaining({ code: 'INVALID_OPTION', message: expect.stringContaining(message) }),
  )
})
