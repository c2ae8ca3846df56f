import type { BrokerDefinition } from '@tradeswarm/trading'
import { expect, test } from 'vitest'
import { simulatedAlpaca } from './simulated-alpaca.js'
import { simulatedOkx } from './simulated-okx.js'

const open = (): BrokerDefinition => {
  throw new Error('no adapter is opened before it is asked for its terms')
}

test('what an account of the simulator cannot trade is refused, and says what it can', () => {
  expect(() => simulatedOkx(open, { trades: 'swap' as 'swaps' })).toThrow(
    'simulatedOkx: trades: "swap" is not one of both, coins, swaps',
  )
  expect(() => simulatedAlpaca(open, { trades: 'swaps' as 'coins' })).toThrow(
    'simulatedAlpaca: trades: "swaps" is not one of shares, coins, both',
  )
  expect(() => simulatedOkx(open, { trade: 'swaps' } as object)).toThrow('trades')
  expect(() => simulatedOkx(open)).not.toThrow()
})
