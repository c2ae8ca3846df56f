import { brokerContract } from '@tradeswarm/testing'
import { afterEach } from 'vitest'
import { defineOnFake, stopAll } from './fake-account.test-support.js'

afterEach(stopAll)

brokerContract('the Alpaca broker', {
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
    'oco-orders',
    'resting-targets',
  ],
  define: defineOnFake,
})
