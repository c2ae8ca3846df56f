import fc from 'fast-check'
import { expect, test } from 'vitest'
import { decimal, zero } from '../money/decimal.js'
import type { OrderTerms } from './order-request.js'
import { roundToGrid } from './round-to-grid.js'

const grid = { tickSize: '0.05', lotSize: '0.01' }
const limit = (side: 'buy' | 'sell', limitPrice: string, quantity = '1'): OrderTerms => ({
  symbol: 'AAA',
  side,
  type: 'limit',
  quantity,
  limitPrice,
  timeInForce: 'gtc',
})

test('what is on the grid stays as it is, and nothing is said', () => {
  const terms = limit('buy', '100.05')
  expect(roundToGrid(terms, grid)).toEqual({ terms, changes: [] })
})

test.each([
  ['buy', 'never-worse', '100'],
  ['sell', 'never-worse', '100.05'],
  ['buy', 'never-missed', '100.05'],
  ['sell', 'never-missed', '100'],
  ['buy', 'nearest', '100.05'],
] as const)('the limit of a %s goes %s to %s', (side, policy, limitPrice) => {
  const { terms, changes } = roundToGrid(limit(side, '100.03', '1.239'), grid, policy)
  expect(terms).toMatchObject({ limitPrice, quantity: '1.23' })
  expect(changes).toEqual([
    { field: 'quantity', from: '1.239', to: '1.23' },
    { field: 'limitPrice', from: '100.03', to: limitPrice },
  ])
})

test('a stop goes towards the market, a trail to no less than a tick, an amount to be spent stays', () => {
  const stop = { ...limit('sell', '1'), type: 'stop', stopPrice: '95.01' } as const
  expect(roundToGrid(stop, grid).terms.stopPrice).toBe('95.05')
  const trail = { ...limit('sell', '1'), type: 'trailing-stop', trailAmount: '0.01' } as const
  expect(roundToGrid(trail, grid).terms.trailAmount).toBe('0.05')
  expect(roundToGrid({ ...limit('buy', '1', '33.333'), sizedIn: 'quote' }, grid).terms.quantity).toBe('33.333')
})

test('what comes out lies on the grid, and never on the worse side', () => {
  fc.assert(
    fc.property(fc.constantFrom('buy', 'sell'), fc.integer({ min: 1, max: 10_000_000 }), (side, thousandths) => {
      const text = (thousandths / 1_000).toFixed(3)
      const { terms } = roundToGrid(limit(side, text, text), grid)
      const price = decimal(terms.limitPrice ?? '')
      expect(price.mod(decimal('0.05')).eq(zero)).toBe(true)
      expect(decimal(terms.quantity).mod(decimal('0.01')).eq(zero)).toBe(true)
      expect(side === 'buy' ? price.lte(decimal(text)) : price.gte(decimal(text))).toBe(true)
    }),
  )
})
