import { expect, test } from 'vitest'
import { holdingsOf } from './holdings.js'

const row = { available: '0', updatedAt: 0, averagePrice: undefined }

test('what is held of one swap with the margin of all, and with a margin of its own, is one holding', () => {
  const swap = 'BTC-USDT-SWAP'
  const balances = [
    { ...row, currency: 'USDT', total: '100.5' },
    { ...row, currency: 'BTC', total: '0' },
  ]
  const positions = ['10', '-3'].map((quantity) => ({ ...row, symbol: swap, quantity }))
  expect(holdingsOf(balances, positions)).toEqual([
    { asset: swap, total: '7' },
    { asset: 'USDT', total: '100.5' },
  ])
  const opposite = ['10', '-10'].map((quantity) => ({ ...row, symbol: swap, quantity }))
  expect(holdingsOf([], opposite)).toEqual([])
})
