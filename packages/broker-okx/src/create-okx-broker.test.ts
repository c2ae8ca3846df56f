import { brokerContract } from '@tradeswarm/testing'
import { afterEach } from 'vitest'
import {
  defineOnFake,
  sharedCapabilities,
  spotRoles,
  stopAll,
  swapCapabilities,
  swapRoles,
} from './fake-account.test-support.js'
import { faultyOkx } from './faulty-venue.test-support.js'

afterEach(stopAll)

brokerContract('the OKX broker, spot,', {
  capabilities: [...sharedCapabilities, 'cash-settlement', 'quote-sized', 'quote-sized-whole-units', 'fees-in-kind'],
  instruments: spotRoles,
  define: defineOnFake,
  faults: faultyOkx(),
})

brokerContract('the OKX broker, swaps,', {
  capabilities: swapCapabilities,
  instruments: swapRoles,
  elsewhere: ['quote-sized'],
  define: defineOnFake,
  faults: faultyOkx(),
})
