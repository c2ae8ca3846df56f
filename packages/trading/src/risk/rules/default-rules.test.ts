import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { decimal, zero } from '../../money/decimal.js'
import type { OrderRequest } from '../../orders/order-request.js'
import { evaluateRules } from '../evaluate-rules.js'
import { type RiskPolicyInput, riskPolicy } from '../risk-policy.js'
import { assessmentRules } from './default-rules.js'
import { contextWith, deniedBy, exposureWith, soundRequest, unknown } from './rule-context.test-support.js'

type Fields = NonNullable<Parameters<typeof contextWith>[0]>

const request = soundRequest
const denied = deniedBy
const asking = (fields: Partial<OrderRequest>): Fields => ({ request: { ...request, ...fields } })
const worth = (worths: Readonly<Record<string, string>>): Fields => ({ exposure: exposureWith(worths) })
const under = (policy: RiskPolicyInput): Fields => ({ policy })

test('a sound entry is permitted without a warning', () => {
  expect(evaluateRules(assessmentRules, contextWith())).toEqual({ findings: [], warnings: [] })
})

const stop = (stopPrice: string, targetPrice = '110', maximumSessions = 5): Fields => ({
  exits: { stopPrice, targetPrice, maximumSessions },
})

test.each<[string, Fields]>([
  ['INSTRUMENT_NOT_FOUND', { instrument: undefined }],
  ['UNSUPPORTED_ORDER_TYPE', asking({ type: 'limit' })],
  ['UNSUPPORTED_ORDER_TYPE', asking({ type: 'market', limitPrice: '100' })],
  ['UNSUPPORTED_TIME_IN_FORCE', asking({ timeInForce: 'whenever' as 'day' })],
  ['QUANTITY_BELOW_MINIMUM', asking({ quantity: '0' })],
  ['QUANTITY_PRECISION', asking({ quantity: '1.5' })],
  ['QUANTITY_PRECISION', asking({ quantity: 'NaN' })],
  ['PRICE_PRECISION', asking({ type: 'limit', limitPrice: '100.001' })],
  ['INVALID_CLIENT_ORDER_ID', asking({ clientOrderId: 'with-dash' })],
  ['DUPLICATE_CLIENT_ORDER_ID', { clientOrderIdInUse: true }],
  [
    'NOTIONAL_BELOW_MINIMUM',
    { ...asking({ quantity: '1' }), last: { price: decimal('0.5'), time: 0, sessionDate: '2014-01-09' } },
  ],
  ['NOT_SHORTABLE', asking({ side: 'sell' })],
  ['SELF_TRADE_PREVENTION', { openOrders: [{ side: 'sell', type: 'limit', limitPrice: '104' }] }],
  ['SELF_TRADE_PREVENTION', { openOrders: [{ side: 'sell', type: 'market' }] }],
  ['TRADING_HALTED', { tradingState: 'halted' }],
  ['TRADING_STATE_REDUCING', { tradingState: 'reducing' }],
  ['RECONCILING', { reconciled: false }],
  ['STALE_MARKET_DATA', { last: { price: decimal('100'), time: 0, sessionDate: '2014-01-08' } }],
  [
    'STALE_MARKET_DATA',
    {
      ...under({ maximumQuoteAgeMs: 5_000 }),
      last: { price: decimal('100'), time: 999_990_000, sessionDate: '2014-01-09' },
    },
  ],
  ['MARKET_CLOSED', { ...asking({ timeInForce: 'ioc' }), marketOpen: false }],
  ['PRICE_COLLAR_BREACHED', asking({ type: 'limit', limitPrice: '105.01' })],
  ['SYMBOL_DENIED', { last: { price: decimal('0.99'), time: 0, sessionDate: '2014-01-09' } }],
  ['SYMBOL_DENIED', { averageVolume: decimal('99999') }],
  ['MAX_DAILY_LOSS', { dayStartEquity: decimal('102041') }],
  ['MAX_DRAWDOWN', { peakEquity: decimal('117648') }],
  ['COOLDOWN_ACTIVE', { lastLossAt: 1_000_000_000 - 30 * 60_000 + 1 }],
  ['MISSING_PROTECTIVE_STOP', { exits: undefined }],
  ['MISSING_PROTECTIVE_STOP', { unprotected: true }],
  ['MISSING_PROTECTIVE_STOP', stop('100')],
  ['MISSING_PROTECTIVE_STOP', stop('95', '99')],
  ['MISSING_PROTECTIVE_STOP', stop('95', '110', 0)],
  ['MISSING_PROTECTIVE_STOP', stop('95', '110', 1_001)],
  ['MISSING_PROTECTIVE_STOP', stop('0')],
  ['MISSING_PROTECTIVE_STOP', stop('99.999')],
  ['MISSING_PROTECTIVE_STOP', stop('95', '100.001')],
  [
    'UNSUPPORTED_ORDER_TYPE',
    {
      ...asking({ side: 'sell', type: 'limit', limitPrice: '100', timeInForce: 'ioc', reduceOnly: true }),
      position: decimal('50'),
    },
  ],
  ['MIN_RISK_REWARD', { ...under({ minimumRiskReward: 2.1 }) }],
  ['NOTIONAL_EXCEEDS_MAX_PER_ORDER', asking({ quantity: '101' })],
  ['MAX_POSITION', worth({ AAA: '5001' })],
  ['MAX_CONCENTRATION', { ...under({ maxPositionFraction: 1 }), ...worth({ AAA: '20001' }) }],
  ['MAX_OPEN_POSITIONS', { ...under({ maxOpenPositions: 1 }), ...worth({ BBB: '1' }) }],
  ['MAX_CORRELATED_EXPOSURE', { exposure: exposureWith({ BBB: '45001' }, { movingWith: () => decimal('45001') }) }],
  ['MAX_GROSS_EXPOSURE', worth({ BBB: '70001' })],
  ['NOTIONAL_EXCEEDS_FREE_BALANCE', { totalCash: decimal('5000'), freeCash: decimal('5000') }],
  ['CUM_NOTIONAL_EXCEEDS_FREE_BALANCE', { freeCash: decimal('5261.4') }],
])('%s denies', (code, fields) => {
  expect(denied(contextWith(fields))).toContain(code)
})

test.each(['market', 'limit'] as const)('without a price of a %s order the missing price is told first', (type) => {
  const terms = type === 'limit' ? { type, limitPrice: '100' } : { type }
  const { findings } = evaluateRules(assessmentRules, contextWith({ ...asking(terms), last: undefined }))
  expect(findings[0]).toMatchObject({ code: 'STALE_MARKET_DATA', message: 'there is no price of AAA' })
})

test.each<[string, string, Fields]>([
  ['INSTRUMENT_NOT_FOUND', 'symbol', { instrument: undefined }],
  ['QUANTITY_PRECISION', 'quantity', asking({ quantity: '1.5' })],
  ['PRICE_PRECISION', 'limitPrice', asking({ type: 'limit', limitPrice: '100.001' })],
  ['MARKET_CLOSED', 'timeInForce', { ...asking({ timeInForce: 'fok' }), marketOpen: false }],
  ['PRICE_COLLAR_BREACHED', 'limitPrice', asking({ type: 'limit', limitPrice: '99999999' })],
  ['PRICE_COLLAR_BREACHED', 'stopPrice', asking({ type: 'stop', stopPrice: '105.01' })],
  ['PRICE_COLLAR_BREACHED', 'trailAmount', asking({ type: 'trailing-stop', trailAmount: '6' })],
  ['PRICE_COLLAR_BREACHED', 'trailFraction', asking({ type: 'trailing-stop', trailFraction: '0.06' })],
])('%s names the field %s', (code, field, fields) => {
  const { findings } = evaluateRules(assessmentRules, contextWith(fields))
  expect(findings.find((finding) => finding.code === code)?.message).toMatch(new RegExp(`^${field}\\b`))
})

describe('at the limit itself', () => {
  test.each<[string, Fields]>([
    ['an order of 10 % of equity', asking({ quantity: '100' })],
    ['a position of 10 %', worth({ AAA: '5000' })],
    ['a stress loss of 12 %', worth({ BBB: '70000' })],
    ['a price 5 % off', asking({ type: 'limit', limitPrice: '105' })],
    ['the end of the cooldown', { lastLossAt: 1_000_000_000 - 30 * 60_000 }],
    ['cash to the cent', { freeCash: decimal('5261.5') }],
  ])('%s is permitted', (_, fields) => {
    expect(denied(contextWith(fields))).toEqual([])
  })
})

test('near a limit there is a warning', () => {
  const { findings, warnings } = evaluateRules(assessmentRules, contextWith(asking({ quantity: '80' })))
  expect(findings).toEqual([])
  expect(warnings.map(({ code }) => code)).toEqual(['NOTIONAL_EXCEEDS_MAX_PER_ORDER', 'MAX_POSITION'])
})

const thrower = (): never => {
  throw new Error('the rule broke')
}
const unpriced = exposureWith({}, { of: unknown, has: unknown, symbols: unknown, gross: unknown, net: unknown })

test.each<[string, string, Fields]>([
  ['no price', 'STALE_MARKET_DATA', { last: undefined }],
  ['no volume', 'SYMBOL_DENIED', { averageVolume: undefined }],
  ['no equity', 'MAX_POSITION', { exposure: exposureWith({}, { equity: thrower }) }],
  ['no start of the day', 'MAX_DAILY_LOSS', { dayStartEquity: undefined }],
  ['no peak', 'MAX_DRAWDOWN', { peakEquity: undefined }],
  ['an unpriceable position', 'MAX_GROSS_EXPOSURE', { exposure: unpriced }],
  [
    'a broken correlation',
    'MAX_CORRELATED_EXPOSURE',
    { exposure: exposureWith({ BBB: '1' }, { movingWith: thrower }) },
  ],
  ['no reservation', 'NOTIONAL_EXCEEDS_FREE_BALANCE', { last: undefined }],
])('I12 %s denies an entry under the code of its rule', (_, code, fields) => {
  expect(denied(contextWith(fields))).toContain(code)
})

test('I12 a rule that throws denies, whatever it throws', () => {
  const rules = [[{ code: 'MAX_POSITION', binds: 'entry', check: thrower } as const]]
  expect(evaluateRules(rules, contextWith()).findings).toEqual([
    { code: 'MAX_POSITION', message: 'the rule could not be evaluated: the rule broke' },
  ])
})

test('I12 an order that reduces passes whatever speaks against entries', () => {
  const everything: Fields = {
    request: { ...request, side: 'sell', reduceOnly: true },
    position: decimal('50'),
    tradingState: 'halted',
    reconciled: false,
    last: undefined,
    averageVolume: undefined,
    exposure: exposureWith({}, { equity: thrower, of: thrower, symbols: thrower, gross: thrower, net: thrower }),
    dayStartEquity: undefined,
    peakEquity: undefined,
    lastLossAt: 1_000_000_000,
    exits: undefined,
    unprotected: true,
    freeCash: zero,
  }
  expect(denied(contextWith(everything))).toEqual([])
})

test('I43 an order that would reduce a position of the other side is not taken for an exit', () => {
  const sell = { request: { ...request, side: 'sell', reduceOnly: true }, position: decimal('-60') } as const
  expect(denied(contextWith(sell))).toEqual(['REDUCE_ONLY_WOULD_INCREASE_POSITION'])
})

test('I43 an order that reduces does not turn the position round', () => {
  const sell: Fields = {
    request: { ...request, side: 'sell', reduceOnly: true },
    position: decimal('60'),
  }
  expect(denied(contextWith({ ...sell, claimed: decimal('10') }))).toEqual([])
  expect(denied(contextWith({ ...sell, claimed: decimal('11') }))).toEqual(['REDUCE_ONLY_WOULD_INCREASE_POSITION'])
})

const fraction = fc.integer({ min: 1, max: 100 }).map((percent) => percent / 100)
const anyPolicy = fc.record({
  maxPositionFraction: fraction,
  maxOpenPositions: fc.integer({ min: 1, max: 5 }),
  maxOrderFraction: fraction,
  maxSymbolExposureFraction: fraction,
  maxCorrelatedExposureFraction: fraction,
  maxDrawdownFraction: fraction,
  maxDailyLossFraction: fraction,
  maxStressLossFraction: fraction,
  priceCollarFraction: fraction,
})

test('I16 tightening limits never admits what was denied', () => {
  const book = fc.record({
    quantity: fc.integer({ min: 1, max: 2_000 }),
    held: fc.nat(90_000),
    other: fc.nat(90_000),
    peak: fc.integer({ min: 90_000, max: 130_000 }),
    limit: fc.integer({ min: 80, max: 120 }),
  })
  fc.assert(
    fc.property(anyPolicy, anyPolicy, book, (a, b, { quantity, held, other, peak, limit }) => {
      const tighter = Object.fromEntries(
        Object.entries(a).map(([name, value]) => [name, Math.min(value, b[name as keyof typeof b])]),
      )
      const fields: Fields = {
        ...asking({ type: 'limit', limitPrice: String(limit), quantity: String(quantity) }),
        ...stop('1', '1000'),
        exposure: exposureWith({ AAA: String(held), BBB: String(other) }, { movingWith: () => decimal(String(other)) }),
        peakEquity: decimal(String(peak)),
        dayStartEquity: decimal(String(peak)),
      }
      const before = denied(contextWith({ ...fields, ...under(a) }))
      const after = denied(contextWith({ ...fields, ...under(tighter) }))
      for (const code of before) expect(after).toContain(code)
    }),
  )
})

test('a wrong policy is refused by name', () => {
  expect(() => riskPolicy({ maxPositionFraction: 10 })).toThrow(/maxPositionFraction = 10/)
  expect(() => riskPolicy({ maxPositionFraktion: 0.1 } as RiskPolicyInput)).toThrow(/maxPositionFraktion/)
  expect(() => riskPolicy({ minimumPrice: '-1' })).toThrow(/minimumPrice = "-1"/)
})

test.each([
  ['a market buy', 'buy', '104.99', true],
  ['a market buy', 'buy', '105.01', false],
  ['a market sale', 'sell', '95.01', true],
  ['a market sale', 'sell', '94.99', false],
] as const)(
  'I16 I40 %s that could meet an order of ours is denied however tight the collar is: %s at %s',
  (_, side, limitPrice, meets) => {
    const openOrders = [
      { orderId: 'o1', agent: 'other', side: side === 'buy' ? 'sell' : 'buy', type: 'limit', limitPrice } as const,
    ]
    const request = { ...soundRequest, side, type: 'market' } as const
    const { limitPrice: _limit, ...market } = request as typeof request & { limitPrice?: string }
    for (const priceCollarFraction of [0.5, 0.05, 0.03, 0.001]) {
      const policy = { priceCollarFraction, allowShorts: true }
      const last = { price: decimal('100'), time: 1_000_000_000, sessionDate: '2014-01-02' }
      const { findings } = evaluateRules(assessmentRules, contextWith({ policy, request: market, openOrders, last }))
      expect(findings.map(({ code }) => code).includes('SELF_TRADE_PREVENTION')).toBe(meets)
    }
  },
)
