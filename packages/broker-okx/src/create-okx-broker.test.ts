import { brokerContract } from '@tradeswarm/testing'
import { afterEach } from 'vitest'
import { defineOnFake, stopAll } from './fake-account.test-support.js'

afterEach(stopAll)

brokerContract('the OKX broker', {
  capabilities: [
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
    'quote-sized',
    'quote-sized-whole-units',
    'replace',
    'executions',
    'clock',
    'quotes',
    'trigger-words',
    'contracts',
    'funding',
    'currencies',
    'oco-orders',
  ],
  define: defineOnFake,
})
