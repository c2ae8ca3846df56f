import { type BrokerCapability, brokerContract } from '@tradeswarm/testing'
import { afterEach } from 'vitest'
import { defineOnFake, spotRoles, stopAll, swapRoles } from './fake-account.test-support.js'
import { faultyOkx } from './faulty-venue.test-support.js'

afterEach(stopAll)

const both: readonly BrokerCapability[] = [
  'stop-orders',
  'immediate-or-cancel',
  'fees',
  'slippage',
  'partial-fills',
  'stop-limit-orders',
  'trailing-stops',
  'fill-or-kill',
  'good-till-date',
  'post-only',
  'replace',
  'executions',
  'clock',
  'quotes',
  'trigger-words',
  'contracts',
  'funding',
  'currencies',
  'oco-orders',
  'fractions',
  'quantity-bounds',
]

brokerContract('the OKX broker, spot,', {
  capabilities: [...both, 'cash-settlement', 'quote-sized', 'quote-sized-whole-units', 'fees-in-kind'],
  instruments: spotRoles,
  define: defineOnFake,
  faults: faultyOkx(),
})

brokerContract('the OKX broker, swaps,', {
  capabilities: [...both, 'reduce-only', 'reduce-only-shrinks'],
  instruments: swapRoles,
  elsewhere: ['quote-sized'],
  define: defineOnFake,
  faults: faultyOkx(),
})
