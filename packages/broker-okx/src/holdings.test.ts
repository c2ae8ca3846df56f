import { expect, test } from 'vitest'
import { holdingsOf } from './holdings.js'

const row = { available: '0', updatedAt: 0, averagePrice: undefined, margin: undefined }
const swap = 'BTC-USDT-SWAP'
const balances = [
  { ...row, currency: 'USDT', total: '100.5' },
  { ...row, currency: 'BTC', total: '0' },
]
const cross = { ...row, symbol: swap, quantity: '10', marginMode: 'cross' } as const
const isolated = {
  ...row,
  symbol: swap,
  quantity: '-10',
  marginMode: 'isolated',
  margin: { currency: 'USDT', amount: '49.5000000000000001' },
} as const

test('what is set aside for isolated positions is cash that is held, whichever mode is traded', () => {
  const usdt = { asset: 'USDT', total: '150.0000000000000001' }
  expect(holdingsOf(balances, [isolated], 'isolated')).toEqual([{ asset: swap, total: '-10' }, usdt])
  expect(holdingsOf(balances, [isolated], 'cross')).toContainEqual(usdt)
})

test('a position in the other margin mode is a holding by itself, and takes nothing from one of the same size', () => {
  expect(holdingsOf([], [cross, { ...isolated, margin: undefined }], 'isolated')).toEqual([
    { asset: swap, total: '-10' },
    { asset: `${swap} on cross margin`, total: '10' },
  ])
  expect(holdingsOf([], [cross], 'cross')).toEqual([{ asset: swap, total: '10' }])
})
