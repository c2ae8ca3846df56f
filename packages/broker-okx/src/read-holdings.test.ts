import { expect, test } from 'vitest'
import type { OkxBalance, OkxPosition } from './parse-account.js'
import { readHoldings } from './read-holdings.js'

const symbol = 'BTC-USDT-SWAP'
const cashOf = (total: string): readonly OkxBalance[] => [{ currency: 'USDT', total, available: total, updatedAt: 0 }]
const isolated = (quantity: string, amount: string): readonly OkxPosition[] => [
  {
    symbol,
    quantity,
    averagePrice: undefined,
    marginMode: 'isolated',
    margin: { currency: 'USDT', amount },
    updatedAt: 0,
  },
]
const total = (holdings: Awaited<ReturnType<typeof readHoldings>>): string | undefined =>
  holdings.find(({ asset }) => asset === 'USDT')?.total

/** An account that changes with each look at its positions; the last state stays. */
function accountOf(states: readonly (readonly [cash: string, quantity: string, margin: string])[]) {
  let at = -1
  let asked = 0
  const now = () => states[Math.min(Math.max(at, 0), states.length - 1)] ?? (['0', '0', '0'] as const)
  return {
    get asked() {
      return asked
    },
    async positions() {
      asked += 1
      at += 1
      const [, quantity, margin] = now()
      return quantity === '0' ? [] : isolated(quantity, margin)
    },
    async balances() {
      asked += 1
      return cashOf(now()[0])
    },
  }
}

test('margin that moves between two answers is neither missed nor counted twice', async () => {
  const opened = accountOf([
    ['1000', '0', '0'],
    ['900', '10', '100'],
    ['900', '10', '100'],
  ])
  expect(total(await readHoldings(opened, 'isolated'))).toBe('1000')
  const closed = accountOf([
    ['900', '10', '100'],
    ['1000', '0', '0'],
    ['1000', '0', '0'],
  ])
  expect(total(await readHoldings(closed, 'isolated'))).toBe('1000')
})

test('what never comes to rest is asked for four times at most', async () => {
  const states = Array.from({ length: 99 }, (_, at) => ['900', String(at + 1), String(100 + at)] as const)
  const restless = accountOf(states)
  await readHoldings(restless, 'isolated')
  expect(restless.asked).toBe(9)
})

test('an account on cross margin is asked once for each, unless it holds an isolated position', async () => {
  const flat = accountOf([['1000', '0', '0']])
  expect(total(await readHoldings(flat, 'cross'))).toBe('1000')
  expect(flat.asked).toBe(2)
  expect(total(await readHoldings(accountOf([['900', '10', '100']]), 'cross'))).toBe('1000')
})
