import type { PortfolioView } from '@tradeswarm/trading'
import { expect, test } from 'vitest'
import { entryIntent, exitIntent, type IntentBasis, sellable } from './form-intent.js'
import { traderConfig } from './trader-config.js'

const basis: IntentBasis = {
  recommendation: {
    symbol: 'AAPL',
    sessionDate: '2014-01-02',
    direction: 'enter-long',
    setup: 'trend',
    score: 0.8,
    confidence: 0.9,
    horizonSessions: 10,
    referencePrice: '100',
    entryPrice: '100',
    stopPrice: '95',
    targetPrice: '110',
    riskReward: 2,
    rank: 1,
    reasons: [],
    signalMessageId: 'message-1',
    parametersVersion: 0,
  },
  recommendationId: 'message-2',
  correlationId: 'message-1',
  account: 'paper',
  agent: 'trader',
  decidedAt: 5,
  instrument: {
    symbol: 'AAPL',
    kind: 'equity',
    asset: 'AAPL',
    currency: 'USD',
    tickSize: '0.01',
    lotSize: '1',
    minimumNotional: '1',
    calendar: 'us-equity',
  },
  config: traderConfig.parse({}),
}

const portfolio = (equity: string | undefined, free: string): PortfolioView => ({
  time: 0,
  currency: 'USD',
  cash: { USD: { total: free, free, locked: '0' } },
  positions: [],
  realised: '0',
  fees: '0',
  income: '0',
  netDeposits: '100000',
  ...(equity === undefined ? {} : { equity }),
})

test('an entry risks half a per cent to its stop, within the largest position', () => {
  // 0.005 × 100000 / (102 − 95) = 71; 10 % of equity / 102 = 98.
  const formed = entryIntent(basis, portfolio('100000', '100000'), 0.1)
  expect(formed).toMatchObject({
    status: 'formed',
    limitedBy: 'target',
    intent: { intentId: 'intent-message-2', side: 'buy', type: 'limit', limitPrice: '102', quantity: '71' },
  })
  expect(entryIntent(basis, portfolio('100000', '100000'), 0.05)).toMatchObject({
    limitedBy: 'maximum-notional',
    intent: { quantity: '49' },
  })
})

test('free cash bounds the size, fees included', () => {
  // 1000 / (102 × 1.002) = 9.78
  expect(entryIntent(basis, portfolio('100000', '1000'), 0.1)).toMatchObject({
    limitedBy: 'available-cash',
    intent: { quantity: '9' },
  })
})

test('without equity, without cash or with too little for one unit there is no intent, and a reason', () => {
  expect(entryIntent(basis, portfolio(undefined, '1000'), 0.1)).toEqual({ status: 'none', reason: 'equity-unknown' })
  expect(entryIntent(basis, portfolio('100000', '0'), 0.1)).toEqual({ status: 'none', reason: 'no-cash' })
  expect(entryIntent(basis, portfolio('100000', '50'), 0.1)).toMatchObject({ status: 'none' })
})

test('an exit sells what is held, under the id that follows from the recommendation', () => {
  expect(exitIntent(basis, '71')).toMatchObject({
    side: 'sell',
    type: 'market',
    quantity: '71',
    intentId: 'intent-message-2',
    causationId: 'message-2',
    correlationId: 'message-1',
  })
})

test('an entry that is to be worked carries its plan, and its end', () => {
  const execution = { plan: { style: 'twap', slices: 4 }, lastsMs: 60_000 } as const
  const config = traderConfig.parse({ execution })
  const formed = entryIntent({ ...basis, config }, portfolio('100000', '100000'), 0.1)
  expect(formed).toMatchObject({ intent: { timeInForce: 'gtd', expiresAt: 60_005, execution: execution.plan } })
})

test('of a position whole lots can be sold: what a fee in units has left of one is nothing', () => {
  const coin = { ...basis.instrument, lotSize: '0.000001' }
  expect(sellable('4.002724269', coin)).toBe('4.002724')
  expect(sellable('0.000000269', coin)).toBeUndefined()
  expect(sellable('71', basis.instrument)).toBe('71')
})
