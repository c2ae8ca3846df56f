import { brokerContract } from '@tradeswarm/testing'
import { createPaperBroker } from './create-paper-broker.js'

brokerContract('the paper broker', {
  capabilities: [
    'stop-orders',
    'immediate-or-cancel',
    'reduce-only',
    'fees',
    'slippage',
    'dividends',
    'partial-fills',
    'client-order-ids-never-reused',
    'stop-limit-orders',
    'trailing-stops',
    'fill-or-kill',
    'good-till-date',
    'auctions',
    'post-only',
    'quote-sized',
    'replace',
    'executions',
    'clock',
    'quotes',
    'trigger-words',
    'reference-prices',
    'auction-queue',
    'trailing-start',
    'contracts',
    'funding',
    'currencies',
    'sessions',
    'minimum-notional',
    'market-orders-rest',
    'quote-sized-contracts',
    'engine-stops',
  ],
  define: ({ feeBasisPoints, slippageBasisPoints, ...setup }) =>
    createPaperBroker({
      ...setup,
      fees: { basisPoints: feeBasisPoints },
      slippage: { basisPoints: slippageBasisPoints },
    }),
})
