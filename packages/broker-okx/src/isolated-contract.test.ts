import { brokerContract } from '@tradeswarm/testing'
import { afterEach } from 'vitest'
import { defineOnFake, stopAll, swapCapabilities, swapRoles } from './fake-account.test-support.js'
import { faultyOkx } from './faulty-venue.test-support.js'

afterEach(stopAll)

const marginMode = 'isolated'

brokerContract('the OKX broker, swaps on isolated margin,', {
  capabilities: swapCapabilities,
  instruments: swapRoles,
  elsewhere: ['quote-sized'],
  define: (setup) => defineOnFake(setup, { marginMode }),
  faults: faultyOkx({ options: { marginMode } }),
})
