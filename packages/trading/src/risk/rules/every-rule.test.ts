import { describe, expect, test } from 'vitest'
import { decimal } from '../../money/decimal.js'
import type { OrderRequest } from '../../orders/order-request.js'
import type { SymbolActivity } from '../activity-view.js'
import { type DenialCode, denialCodes } from '../denial-codes.js'
import { evaluateRules } from '../evaluate-rules.js'
import { assessmentRules } from './default-rules.js'
import {
  activityWith,
  contextWith,
  deniedBy,
  exposureWith,
  soundInstrument,
  soundRequest,
  unknown,
  useOf,
  warnedBy,
} from './rule-context.test-support.js'

type Fields = NonNullable<Parameters<typeof contextWith>[0]>

const now = 1_000_000_000
const asking = (fields: Partial<OrderRequest>): Fields => ({ request: { ...soundRequest, ...fields } })
const on = (fields: object): Fields => ({ instrument: { ...soundInstrument, ...fields } })
const lately = (fields: Partial<SymbolActivity>): Fields => ({
  activity: activityWith({ symbol: () => ({ entries: [], executions: [], results: [], ...fields }) }),
})
const entered = (time: number, quantity = '50') => ({ time, side: 'buy', quantity }) as const
const executed = (time: number, strategy = 'test') => ({ time, side: 'buy', strategy }) as const
const closedAt = (time: number, result: string) => ({ time, result: decimal(result) })
const principal = (limits: object) => ({ policy: { principals: [{ agent: 'trader', ...limits }] } })
const using = (amounts: Parameters<typeof useOf>[2]): Fields => ({
  activity: activityWith({
    principals: [useOf('trader', 'test', amounts), useOf('another', 'test', { openCost: '99999' })],
  }),
})
/** The order itself sets aside 50 × 100 × 1.05 × 1.002 + 1 = 5261.5. */
const book = (valueAtRisk: string, conditionalValueAtRisk = '0', beta = '0'): Fields => ({
  portfolioRisk: {
    withOrder: () => ({
      valueAtRisk: decimal(valueAtRisk),
      conditionalValueAtRisk: decimal(conditionalValueAtRisk),
      beta: decimal(beta),
    }),
  },
})
const aged = (ageMs: number): Fields => ({
  policy: { maximumQuoteAgeMs: 5_000 },
  last: { price: decimal('100'), time: now - ageMs, sessionDate: '2014-01-09' },
})
const losses = (lossStreak: number): Fields => ({
  policy: { consecutiveLosses: { count: 5, pauseMs: 1_000 } },
  activity: activityWith({ lossStreak, lastLossAt: now - 2_000 }),
})
const rejections = (rejectionStreak: number): Fields => ({
  policy: { rejectionStreak: { count: 5, pauseMs: 1_000 } },
  activity: activityWith({ rejectionStreak, lastRejectionAt: now }),
})
const times = <T>(count: number, each: T): readonly T[] => Array.from({ length: count }, () => each)
const stopOuts = (count: number): Fields => ({
  policy: { stopLossGuard: { count: 5, windowMs: 1_000 } },
  activity: activityWith({ stopOuts: times(count, now - 5) }),
})
const tokens = (level: number, key = ''): Fields => ({
  activity: activityWith({ rate: (name) => (name === key ? { level, at: now, intervalMs: 1_000 } : undefined) }),
})
const rate = { burst: 5, intervalMs: 1_000 }
const dayTrades = (count: number): Fields => ({
  policy: { patternDayTrading: { minimumEquity: '200000', maxDayTrades: 5, sessions: 5 } },
  activity: activityWith({ dayTrades: () => count }),
})
const alike = (executions: number): Fields => ({
  policy: { maxRepeatedExecutions: { count: 5, windowMs: 1_000 } },
  ...lately({ executions: times(executions, executed(now)) }),
})
const same = (entries: number): Fields => ({
  policy: { maxDuplicateOrders: { count: 5, windowMs: 1_000 } },
  ...lately({ entries: times(entries, entered(now)) }),
})
const wide = { maxPositionFraction: 1, maxOrderFraction: 1, maxSymbolExposureFraction: 1, maxStressLossFraction: 1 }

type Case = {
  readonly code: DenialCode
  readonly beyond: Fields
  readonly at: Fields
  /** At 80 %, and just below that. */
  readonly near?: readonly [at: Fields, below: Fields]
  /** The value that the rule needs is not there. */
  readonly missing?: Fields
  /** It compares no two figures. */
  readonly wordsAlone?: true
}

const cases: readonly Case[] = [
  {
    code: 'CLOCK_SKEW_EXCEEDED',
    beyond: { clockSkewMs: -1_001 },
    at: { clockSkewMs: 1_000 },
    near: [{ clockSkewMs: -800 }, { clockSkewMs: 799 }],
    missing: { clockSkewMs: undefined },
  },
  {
    code: 'QUANTITY_BELOW_MINIMUM',
    beyond: on({ minimumQuantity: '51' }),
    at: on({ minimumQuantity: '50' }),
  },
  {
    code: 'QUANTITY_EXCEEDS_MAXIMUM',
    beyond: on({ maximumQuantity: '49' }),
    at: on({ maximumQuantity: '50' }),
    near: [on({ maximumQuantity: '62.5' }), on({ maximumQuantity: '62.6' })],
  },
  {
    code: 'NOTIONAL_EXCEEDS_MAX_PER_ORDER',
    beyond: on({ maximumNotional: '4999.99' }),
    at: on({ maximumNotional: '5000' }),
    near: [on({ maximumNotional: '6250' }), on({ maximumNotional: '6251' })],
    missing: { last: undefined, ...on({ maximumNotional: '5000' }) },
  },
  {
    code: 'NOT_SHORTABLE',
    wordsAlone: true,
    beyond: { policy: { allowShorts: true }, ...asking({ side: 'sell' }), ...on({ shortable: false }) },
    at: {
      policy: { allowShorts: true },
      ...asking({ side: 'sell' }),
      ...on({ shortable: true }),
      exits: { stopPrice: '105', targetPrice: '90', maximumSessions: 5 },
    },
  },
  {
    code: 'SYMBOL_DENIED',
    wordsAlone: true,
    beyond: { policy: { deniedSymbols: ['AAA'] } },
    at: { policy: { deniedSymbols: ['AAB'], allowedSymbols: ['AAA'] } },
  },
  {
    code: 'SYMBOL_DENIED',
    wordsAlone: true,
    beyond: { policy: { allowedSymbols: ['AAB'] } },
    at: { policy: { allowedSymbols: ['AAB', 'AAA'] } },
  },
  {
    code: 'STALE_MARKET_DATA',
    wordsAlone: true,
    beyond: {
      last: {
        price: decimal('100'),
        time: now,
        sessionDate: '2014-01-09',
        bid: decimal('100.01'),
        ask: decimal('100'),
      },
    },
    at: {
      last: { price: decimal('100'), time: now, sessionDate: '2014-01-09', bid: decimal('100'), ask: decimal('100') },
    },
    missing: { last: undefined },
  },
  {
    code: 'STALE_MARKET_DATA',
    beyond: aged(5_001),
    at: aged(5_000),
    near: [aged(4_000), aged(3_999)],
  },
  {
    code: 'SYMBOL_DENIED',
    beyond: {
      last: { price: decimal('99.99'), time: now, sessionDate: '2014-01-09' },
      policy: { minimumPrice: '100' },
    },
    at: { policy: { minimumPrice: '100' } },
  },
  {
    code: 'SYMBOL_DENIED',
    beyond: { averageVolume: decimal('99999') },
    at: { averageVolume: decimal('100000') },
  },
  {
    code: 'NOTIONAL_BELOW_MINIMUM',
    beyond: on({ minimumNotional: '5000.01' }),
    at: on({ minimumNotional: '5000' }),
  },
  {
    code: 'MIN_RISK_REWARD',
    beyond: { policy: { minimumRiskReward: 2.01 } },
    at: { policy: { minimumRiskReward: 2 } },
  },
  {
    code: 'COOLDOWN_ACTIVE',
    beyond: { policy: { cooldownAfterLossMs: 1_000 }, lastLossAt: now - 999 },
    at: { policy: { cooldownAfterLossMs: 1_000 }, lastLossAt: now - 1_000 },
  },
  {
    code: 'NOTIONAL_EXCEEDS_FREE_BALANCE',
    beyond: { totalCash: decimal('5261.49'), freeCash: decimal('5261.49') },
    at: { totalCash: decimal('5261.5'), freeCash: decimal('5261.5') },
    near: [
      { totalCash: decimal('6576.875'), freeCash: decimal('6576.875') },
      { totalCash: decimal('6576.88'), freeCash: decimal('6576.88') },
    ],
  },
  {
    code: 'CUM_NOTIONAL_EXCEEDS_FREE_BALANCE',
    beyond: { freeCash: decimal('5261.49') },
    at: { freeCash: decimal('5261.5') },
    near: [{ freeCash: decimal('6576.875') }, { freeCash: decimal('6576.88') }],
  },
  {
    code: 'MARGIN_EXCEEDS_FREE_BALANCE',
    beyond: { ...on({ kind: 'perpetual' }), freeCash: decimal('5261.49') },
    at: { ...on({ kind: 'perpetual' }), freeCash: decimal('5261.5') },
    near: [
      { ...on({ kind: 'perpetual' }), freeCash: decimal('6576.875') },
      { ...on({ kind: 'perpetual' }), freeCash: decimal('6576.88') },
    ],
  },
  {
    code: 'MAX_GROSS_EXPOSURE',
    beyond: { policy: { maxGrossExposureFraction: 0.3 }, exposure: exposureWith({ BBB: '25000.01' }) },
    at: { policy: { maxGrossExposureFraction: 0.3 }, exposure: exposureWith({ BBB: '25000' }) },
    near: [
      { policy: { maxGrossExposureFraction: 0.3 }, exposure: exposureWith({ BBB: '19000' }) },
      { policy: { maxGrossExposureFraction: 0.3 }, exposure: exposureWith({ BBB: '18999.99' }) },
    ],
    missing: { policy: { maxGrossExposureFraction: 0.3 }, exposure: exposureWith({}, { gross: unknown }) },
  },
  {
    code: 'MAX_NET_EXPOSURE',
    beyond: { policy: { maxNetExposureFraction: 0.1 }, exposure: exposureWith({ BBB: '5000.01' }) },
    at: { policy: { maxNetExposureFraction: 0.1 }, exposure: exposureWith({ BBB: '5000' }) },
    near: [
      { policy: { maxNetExposureFraction: 0.1 }, exposure: exposureWith({ BBB: '3000' }) },
      { policy: { maxNetExposureFraction: 0.1 }, exposure: exposureWith({ BBB: '2999.99' }) },
    ],
    missing: { policy: { maxNetExposureFraction: 0.1 }, exposure: exposureWith({}, { net: unknown }) },
  },
  {
    code: 'MAX_LEVERAGE',
    beyond: { policy: { maxLeverage: 0.5 }, exposure: exposureWith({ BBB: '45000.01' }) },
    at: { policy: { maxLeverage: 0.5 }, exposure: exposureWith({ BBB: '45000' }) },
    near: [
      { policy: { maxLeverage: 0.5 }, exposure: exposureWith({ BBB: '35000' }) },
      { policy: { maxLeverage: 0.5 }, exposure: exposureWith({ BBB: '34999.99' }) },
    ],
    missing: { policy: { maxLeverage: 0.5 }, exposure: exposureWith({}, { gross: unknown }) },
  },
  {
    code: 'MARGIN_EXCEEDS_FREE_BALANCE',
    beyond: { policy: { ...wide, initialMarginFraction: 0.5 }, exposure: exposureWith({ BBB: '195000.01' }) },
    at: {
      policy: { ...wide, initialMarginFraction: 0.5, stressShocks: [] },
      exposure: exposureWith({ BBB: '195000' }),
    },
    near: [
      { policy: { ...wide, initialMarginFraction: 0.5 }, exposure: exposureWith({ BBB: '155000' }) },
      { policy: { ...wide, initialMarginFraction: 0.5 }, exposure: exposureWith({ BBB: '154999.99' }) },
    ],
    missing: { policy: { initialMarginFraction: 0.5 }, exposure: exposureWith({}, { gross: unknown }) },
  },
  {
    code: 'MAX_OPEN_ORDERS',
    beyond: { policy: { maxOpenOrders: 5 }, exposure: exposureWith({}, { openEntries: () => 5 }) },
    at: { policy: { maxOpenOrders: 5 }, exposure: exposureWith({}, { openEntries: () => 4 }) },
    near: [
      { policy: { maxOpenOrders: 5 }, exposure: exposureWith({}, { openEntries: () => 3 }) },
      { policy: { maxOpenOrders: 5 }, exposure: exposureWith({}, { openEntries: () => 2 }) },
    ],
    missing: { policy: { maxOpenOrders: 5 }, exposure: exposureWith({}, { openEntries: unknown }) },
  },
  {
    code: 'MAX_OPEN_POSITIONS',
    beyond: { policy: { maxOpenPositions: 5 }, exposure: exposureWith({}, { symbols: () => 5 }) },
    at: { policy: { maxOpenPositions: 5 }, exposure: exposureWith({}, { symbols: () => 5, has: () => true }) },
    near: [
      { policy: { maxOpenPositions: 5 }, exposure: exposureWith({}, { symbols: () => 3 }) },
      { policy: { maxOpenPositions: 5 }, exposure: exposureWith({}, { symbols: () => 2 }) },
    ],
    missing: { exposure: exposureWith({}, { symbols: unknown }) },
  },
  {
    code: 'MAX_VALUE_AT_RISK',
    beyond: { policy: { maxValueAtRiskFraction: 0.05 }, ...book('0.0500001') },
    at: { policy: { maxValueAtRiskFraction: 0.05 }, ...book('0.05') },
    near: [
      { policy: { maxValueAtRiskFraction: 0.05 }, ...book('0.04') },
      { policy: { maxValueAtRiskFraction: 0.05 }, ...book('0.0399') },
    ],
    missing: { policy: { maxValueAtRiskFraction: 0.05 } },
  },
  {
    code: 'MAX_CONDITIONAL_VALUE_AT_RISK',
    beyond: { policy: { maxConditionalValueAtRiskFraction: 0.05 }, ...book('0', '0.0500001') },
    at: { policy: { maxConditionalValueAtRiskFraction: 0.05 }, ...book('0', '0.05') },
    near: [
      { policy: { maxConditionalValueAtRiskFraction: 0.05 }, ...book('0', '0.04') },
      { policy: { maxConditionalValueAtRiskFraction: 0.05 }, ...book('0', '0.0399') },
    ],
    missing: { policy: { maxConditionalValueAtRiskFraction: 0.05 } },
  },
  {
    code: 'MAX_BETA',
    beyond: { policy: { maxBeta: 1.5, betaBenchmark: 'SPX' }, ...book('0', '0', '-1.51') },
    at: { policy: { maxBeta: 1.5, betaBenchmark: 'SPX' }, ...book('0', '0', '-1.5') },
    near: [
      { policy: { maxBeta: 1.5, betaBenchmark: 'SPX' }, ...book('0', '0', '1.2') },
      { policy: { maxBeta: 1.5, betaBenchmark: 'SPX' }, ...book('0', '0', '1.19') },
    ],
    missing: { policy: { maxBeta: 1.5, betaBenchmark: 'SPX' } },
  },
  {
    code: 'CONSECUTIVE_LOSSES',
    beyond: {
      policy: { consecutiveLosses: { count: 3, pauseMs: 1_000 } },
      activity: activityWith({ lossStreak: 3, lastLossAt: now - 999 }),
    },
    near: [losses(4), losses(3)],
    at: {
      policy: { consecutiveLosses: { count: 3, pauseMs: 1_000 } },
      activity: activityWith({ lossStreak: 3, lastLossAt: now - 1_000 }),
    },
    missing: {
      policy: { consecutiveLosses: { count: 3, pauseMs: 1_000 } },
      activity: activityWith({ lossStreak: 3 }),
    },
  },
  {
    code: 'STOPLOSS_GUARD',
    beyond: {
      policy: { stopLossGuard: { count: 2, windowMs: 1_000 } },
      activity: activityWith({ stopOuts: [now - 999, now - 5] }),
    },
    near: [stopOuts(4), stopOuts(3)],
    at: {
      policy: { stopLossGuard: { count: 2, windowMs: 1_000 } },
      activity: activityWith({ stopOuts: [now - 1_000, now - 5] }),
    },
  },
  {
    code: 'LOW_PROFIT_SYMBOL',
    beyond: {
      policy: { lowProfitSymbol: { trades: 2, windowMs: 1_000, minimumResult: '-10' } },
      ...lately({ results: [closedAt(now - 999, '-8'), closedAt(now - 5, '-2.01')] }),
    },
    at: {
      policy: { lowProfitSymbol: { trades: 2, windowMs: 1_000, minimumResult: '-10' } },
      ...lately({ results: [closedAt(now - 999, '-8'), closedAt(now - 5, '-2')] }),
    },
  },
  {
    code: 'LOW_PROFIT_SYMBOL',
    beyond: {
      policy: { lowProfitSymbol: { trades: 1, windowMs: 1_000, minimumResult: '0' } },
      ...lately({ results: [closedAt(now - 999, '-1')] }),
    },
    at: {
      policy: { lowProfitSymbol: { trades: 1, windowMs: 1_000, minimumResult: '0' } },
      ...lately({ results: [closedAt(now - 1_000, '-1')] }),
    },
  },
  {
    code: 'RATE_LIMIT_EXCEEDED',
    beyond: {
      policy: { maxOrderRate: { burst: 3, intervalMs: 1_000 } },
      activity: activityWith({
        rate: (key) => (key === '' ? { level: 3_000, at: now - 999, intervalMs: 1_000 } : undefined),
      }),
    },
    near: [
      { policy: { maxOrderRate: rate }, ...tokens(4_000) },
      { policy: { maxOrderRate: rate }, ...tokens(3_999) },
    ],
    at: {
      policy: { maxOrderRate: { burst: 3, intervalMs: 1_000 } },
      activity: activityWith({
        rate: (key) => (key === '' ? { level: 3_000, at: now - 1_000, intervalMs: 1_000 } : undefined),
      }),
    },
  },
  {
    code: 'RATE_LIMIT_EXCEEDED',
    beyond: {
      ...principal({ maxOrderRate: { burst: 1, intervalMs: 500 } }),
      activity: activityWith({
        rate: (key) => (key === '["trader",null]' ? { level: 500, at: now - 499, intervalMs: 500 } : undefined),
      }),
    },
    near: [
      { ...principal({ maxOrderRate: rate }), ...tokens(4_000, '["trader",null]') },
      { ...principal({ maxOrderRate: rate }), ...tokens(3_999, '["trader",null]') },
    ],
    at: {
      ...principal({ maxOrderRate: { burst: 1, intervalMs: 500 } }),
      activity: activityWith({
        rate: (key) => (key === '["trader",null]' ? { level: 500, at: now - 500, intervalMs: 500 } : undefined),
      }),
    },
  },
  {
    code: 'REPEATED_EXECUTION_THROTTLE',
    beyond: {
      policy: { maxRepeatedExecutions: { count: 2, windowMs: 1_000 } },
      ...lately({ executions: [executed(now - 999), executed(now)] }),
    },
    near: [alike(4), alike(3)],
    at: {
      policy: { maxRepeatedExecutions: { count: 2, windowMs: 1_000 } },
      ...lately({ executions: [executed(now - 1_000), executed(now - 5, 'another'), executed(now)] }),
    },
  },
  {
    code: 'DUPLICATE_ORDER_PATTERN',
    beyond: {
      policy: { maxDuplicateOrders: { count: 2, windowMs: 1_000 } },
      ...lately({ entries: [entered(now - 999), entered(now)] }),
    },
    near: [same(4), same(3)],
    at: {
      policy: { maxDuplicateOrders: { count: 2, windowMs: 1_000 } },
      ...lately({ entries: [entered(now - 1_000), entered(now - 5, '51'), entered(now)] }),
    },
  },
  {
    code: 'REJECTION_STREAK',
    beyond: {
      policy: { rejectionStreak: { count: 3, pauseMs: 1_000 } },
      activity: activityWith({ rejectionStreak: 3, lastRejectionAt: now - 999 }),
    },
    near: [rejections(4), rejections(3)],
    at: {
      policy: { rejectionStreak: { count: 3, pauseMs: 1_000 } },
      activity: activityWith({ rejectionStreak: 2, lastRejectionAt: now }),
    },
    missing: {
      policy: { rejectionStreak: { count: 3, pauseMs: 1_000 } },
      activity: activityWith({ rejectionStreak: 3 }),
    },
  },
  {
    code: 'PDT_RESTRICTED',
    beyond: {
      policy: { patternDayTrading: { minimumEquity: '100000.01', maxDayTrades: 3, sessions: 5 } },
      activity: activityWith({ dayTrades: (sessions) => (sessions === 5 ? 3 : 0) }),
    },
    near: [dayTrades(4), dayTrades(3)],
    at: {
      policy: { patternDayTrading: { minimumEquity: '100000', maxDayTrades: 3, sessions: 5 } },
      activity: activityWith({ dayTrades: () => 9 }),
    },
    missing: {
      policy: { patternDayTrading: { minimumEquity: '25000', maxDayTrades: 3, sessions: 5 } },
      activity: activityWith({ dayTrades: () => 3 }),
      exposure: exposureWith({}, { equity: unknown }),
    },
  },
  {
    code: 'PDT_RESTRICTED',
    beyond: {
      policy: { patternDayTrading: { minimumEquity: '200000', maxDayTrades: 3, sessions: 5 } },
      activity: activityWith({ dayTrades: () => 3 }),
    },
    at: {
      policy: { patternDayTrading: { minimumEquity: '200000', maxDayTrades: 3, sessions: 5 } },
      activity: activityWith({ dayTrades: () => 2 }),
    },
  },
  {
    code: 'PDT_RESTRICTED',
    beyond: {
      policy: { patternDayTrading: { minimumEquity: '200000', maxDayTrades: 3, sessions: 5 } },
      activity: activityWith({ dayTrades: () => 1 }),
      possibleDayTrades: 2,
    },
    at: {
      policy: { patternDayTrading: { minimumEquity: '200000', maxDayTrades: 3, sessions: 5 } },
      activity: activityWith({ dayTrades: () => 1 }),
      possibleDayTrades: 1,
    },
  },
  {
    code: 'AGENT_NOT_AUTHORIZED',
    wordsAlone: true,
    beyond: { policy: { principals: [{ agent: 'another' }] } },
    at: { policy: { principals: [{ agent: 'another' }, {}] } },
  },
  {
    code: 'AGENT_NOT_AUTHORIZED',
    wordsAlone: true,
    beyond: principal({ symbols: ['AAB'] }),
    at: principal({ symbols: ['AAA'], sides: ['buy'] }),
  },
  {
    code: 'AGENT_NOT_AUTHORIZED',
    wordsAlone: true,
    beyond: { policy: { principals: [{}, { strategy: 'test', sides: ['sell'] }] } },
    at: { policy: { principals: [{}, { strategy: 'another', sides: ['sell'] }] } },
  },
  {
    code: 'AGENT_BUDGET_EXCEEDED',
    beyond: { ...principal({ capital: '10000' }), ...using({ openCost: '4000', outstanding: '738.51' }) },
    at: { ...principal({ capital: '10000' }), ...using({ openCost: '4000', outstanding: '738.5' }) },
    near: [
      { ...principal({ capital: '10000' }), ...using({ openCost: '2738.5' }) },
      { ...principal({ capital: '10000' }), ...using({ openCost: '2738.49' }) },
    ],
    missing: { ...principal({ capital: '10000' }), last: undefined },
  },
  {
    code: 'AGENT_BUDGET_EXCEEDED',
    beyond: { ...principal({ maxDrawdown: '500' }), ...using({ peak: '100', realised: '-400.01' }) },
    at: { ...principal({ maxDrawdown: '500' }), ...using({ peak: '100', realised: '-400' }) },
    near: [
      { ...principal({ maxDrawdown: '500' }), ...using({ peak: '100', realised: '-300' }) },
      { ...principal({ maxDrawdown: '500' }), ...using({ peak: '100', realised: '-299.99' }) },
    ],
    missing: {
      ...principal({ maxDrawdown: '500' }),
      ...using({}),
      exposure: exposureWith({}, { openResult: unknown }),
    },
  },
  {
    code: 'AGENT_BUDGET_EXCEEDED',
    beyond: {
      ...principal({ modelBudget: '5' }),
      modelSpend: ({ agent }) => decimal(agent === 'trader' ? '5.01' : '0'),
    },
    at: { ...principal({ modelBudget: '5' }), modelSpend: () => decimal('5') },
    near: [
      { ...principal({ modelBudget: '5' }), modelSpend: () => decimal('4') },
      { ...principal({ modelBudget: '5' }), modelSpend: () => decimal('3.99') },
    ],
    missing: principal({ modelBudget: '5' }),
  },
  {
    code: 'APPROVAL_REQUIRED',
    beyond: { policy: { approvalAboveNotional: '4999.99' } },
    near: [{ policy: { approvalAboveNotional: '6250' } }, { policy: { approvalAboveNotional: '6250.01' } }],
    at: { policy: { approvalAboveNotional: '5000', approvalAboveFraction: 0.05 } },
  },
  {
    code: 'APPROVAL_REQUIRED',
    beyond: { policy: { approvalAboveNotional: '5000', approvalAboveFraction: 0.0499 } },
    at: { policy: { approvalAboveFraction: 0.0499 }, approved: true },
  },
]

describe.each(cases.map((each, index) => [`${each.code} (${index})`, each] as const))('%s', (_, each) => {
  test('denies just beyond the limit, with a code and a sentence', () => {
    const { findings } = evaluateRules(assessmentRules, contextWith(each.beyond))
    expect(findings.map(({ code }) => code)).toEqual([each.code])
    expect(findings[0]?.message).toMatch(/^[^ ].{10,}[^.]$/)
    const figures = [findings[0]?.value, findings[0]?.limit]
    if (each.wordsAlone === true) expect(figures).toEqual([undefined, undefined])
    else for (const figure of figures) expect(figure).toMatch(/^-?\d+(\.\d+)?$/)
  })

  test('permits just at the limit', () => {
    expect(evaluateRules(assessmentRules, contextWith(each.at)).findings).toEqual([])
  })

  const { near, missing } = each
  if (near !== undefined)
    test('warns from 80 % of the limit on', () => {
      const [at, below] = near
      expect(warnedBy(contextWith(at))).toContain(each.code)
      expect(warnedBy(contextWith(below))).not.toContain(each.code)
    })

  if (missing !== undefined)
    test('I12 denies while a value that it needs is missing', () => {
      expect(deniedBy(contextWith(missing))).toContain(each.code)
    })

  if (denialCodes[each.code].binds === 'entry')
    test('I13 does not hold up an exit', () => {
      for (const fields of [each.beyond, each.missing ?? {}]) {
        const request = { ...soundRequest, side: 'sell', reduceOnly: true } as const
        expect(deniedBy(contextWith({ ...fields, request, position: decimal('50') }))).toEqual([])
      }
    })
})

test('an order that needs approval and has another fault is denied for the fault alone', () => {
  const context = contextWith({ policy: { approvalAboveNotional: '1', maxOrderFraction: 0.01 } })
  expect(deniedBy(context)).toEqual(['NOTIONAL_EXCEEDS_MAX_PER_ORDER'])
})

test('a multiplier counts in the worth of an order and in what it sets aside', () => {
  const context = contextWith({ ...on({ multiplier: '3' }), ...asking({ type: 'limit', limitPrice: '100' }) })
  const { findings } = evaluateRules(assessmentRules, context)
  expect(findings[0]).toMatchObject({ code: 'NOTIONAL_EXCEEDS_MAX_PER_ORDER', value: '15000', limit: '10000' })
  const poor = contextWith({
    ...on({ multiplier: '3' }),
    policy: wide,
    totalCash: decimal('15782.49'),
    freeCash: decimal('15782.49'),
  })
  expect(deniedBy(poor)).toEqual(['NOTIONAL_EXCEEDS_FREE_BALANCE'])
})
