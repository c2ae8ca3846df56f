import { brokerContract } from '@tradeswarm/testing'
import { afterEach } from 'vitest'
import { cryptoRoles, defineOnFake, shareRoles, stopAll } from './fake-account.test-support.js'
import { faultyAlpaca } from './faulty-venue.test-support.js'

afterEach(stopAll)

brokerContract('the Alpaca broker, shares,', {
  capabilities: [
    'stop-orders',
    'immediate-or-cancel',
    'slippage',
    'dividends',
    'partial-fills',
    'client-order-ids-never-reused',
    'stop-limit-orders',
    'trailing-stops',
    'fill-or-kill',
    'auctions',
    'quote-sized',
    'replace',
    'executions',
    'clock',
    'quotes',
    'sessions',
    'minimum-notional',
    'market-orders-rest',
    'engine-stops',
    'gapped-stops',
    'oco-orders',
    'resting-targets',
    'cash-settlement',
    'fractions',
    'reduce-only',
  ],
  instruments: shareRoles,
  define: defineOnFake,
  faults: faultyAlpaca(),
})

brokerContract('the Alpaca broker, crypto,', {
  capabilities: [
    'stop-orders',
    'immediate-or-cancel',
    'slippage',
    'partial-fills',
    'client-order-ids-never-reused',
    'stop-limit-orders',
    'quote-sized',
    'quote-sized-whole-units',
    'replace',
    'executions',
    'clock',
    'quotes',
    'minimum-notional',
    'market-orders-rest',
    'engine-stops',
    'cash-settlement',
    'fractions',
    'reduce-only',
    'fees-in-kind',
  ],
  elsewhere: ['trailing-stops', 'fill-or-kill', 'auctions'],
  instruments: cryptoRoles,
  define: defineOnFake,
  faults: faultyAlpaca(),
})
