// The contract of a broker, run on the adapter of `write-a-broker.ts`. What a venue lacks is left out of the list, and its cases are skipped by name.
import { brokerContract } from '@tradeswarm/testing'
import { createBourseBroker } from './write-a-broker.js'

brokerContract('the Bourse', {
  capabilities: [
    'client-order-ids-never-reused',
    'sessions',
    'quotes',
    'partial-fills',
    'market-orders-rest',
    'quantity-bounds',
    'minimum-notional',
    'cash-settlement',
    'fractions',
  ],
  define: ({ account, instruments, cash, maximumVolumeFraction: share }) => ({
    ...createBourseBroker({ instruments, cash, ...(share === undefined ? {} : { maximumVolumeFraction: share }) }),
    account,
  }),
})
