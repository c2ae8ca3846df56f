import { createSeededRandom } from '@tradeswarm/core'
import { expect, test } from 'vitest'
import { evaluateRules } from '../evaluate-rules.js'
import { policyLimits } from '../policy-limits.js'
import { type RiskPolicy, type RiskPolicyInput, riskPolicy } from '../risk-policy.js'
import { assessmentRules } from './default-rules.js'
import { contextOf, type Draw, drawFacts, drawFrom, drawPolicy } from './fuzz-facts.test-support.js'
import type { Facts } from './naive-rules.test-support.js'

type Field = keyof RiskPolicy
/** A tighter value for a field, or the same. Undefined: there is nothing to tighten. */
type Tightening = (draw: Draw, policy: RiskPolicy) => unknown

/** Smaller, from nothing to something included. */
const smaller =
  (field: Field, most: number): Tightening =>
  (draw, policy) => {
    const value = (policy[field] as number | undefined) ?? most
    return Number((value * draw.of(0.999, 0.9, 0.5, 0.1)).toFixed(6))
  }
const fewer =
  (field: Field, most: number): Tightening =>
  (draw, policy) =>
    Math.max(1, ((policy[field] as number | undefined) ?? most) - draw.whole(0, 3))
const larger =
  (field: Field, most: number): Tightening =>
  (draw, policy) =>
    draw.of(Math.min(most, Number(((policy[field] as number) * 1.01).toFixed(6))), most)
const moreOf =
  (field: Field): Tightening =>
  (draw, policy) =>
    (Number(policy[field]) * draw.of(1, 1.01, 100)).toFixed(4)
const window =
  (field: 'stopLossGuard' | 'maxRepeatedExecutions' | 'maxDuplicateOrders'): Tightening =>
  (draw, policy) => {
    const { count, windowMs } = policy[field] ?? { count: 5, windowMs: 1 }
    return { count: Math.max(1, count - draw.whole(0, 2)), windowMs: windowMs + draw.whole(0, 2_000) }
  }
const streak =
  (field: 'consecutiveLosses' | 'rejectionStreak'): Tightening =>
  (draw, policy) => {
    const { count, pauseMs } = policy[field] ?? { count: 5, pauseMs: 1 }
    return { count: Math.max(1, count - draw.whole(0, 2)), pauseMs: pauseMs + draw.whole(0, 2_000) }
  }
const slower = (draw: Draw, rate: RiskPolicy['maxOrderRate']): object => ({
  burst: Math.max(1, (rate?.burst ?? 10) - draw.whole(0, 2)),
  intervalMs: (rate?.intervalMs ?? 1) + draw.whole(0, 500),
})

/** A field of the policy is a limit, and how it is tightened; or it is none, and why. A new field does not compile without one. */
const tightenings: Readonly<Record<Field, Tightening | string>> = {
  maxPositionFraction: smaller('maxPositionFraction', 1),
  maxOpenPositions: fewer('maxOpenPositions', 10),
  maxOrderFraction: smaller('maxOrderFraction', 1),
  maxSymbolExposureFraction: smaller('maxSymbolExposureFraction', 1),
  maxCorrelatedExposureFraction: smaller('maxCorrelatedExposureFraction', 1),
  correlationThreshold: 'what moves together is the market book’s to say, and a lower threshold only adds to it',
  correlationSessions: 'a window is no limit',
  maxDrawdownFraction: smaller('maxDrawdownFraction', 1),
  maxDailyLossFraction: smaller('maxDailyLossFraction', 1),
  cooldownAfterLossMs: (draw, policy) => policy.cooldownAfterLossMs + draw.whole(0, 9_000_000),
  minimumPrice: moreOf('minimumPrice'),
  minimumAverageVolume: moreOf('minimumAverageVolume'),
  averageVolumeSessions: 'a window is no limit',
  priceCollarFraction: smaller('priceCollarFraction', 1),
  maximumQuoteAgeMs: (draw, { maximumQuoteAgeMs }) =>
    maximumQuoteAgeMs === undefined ? undefined : draw.whole(1, maximumQuoteAgeMs),
  permitLifetimeMs: 'it binds the use of a permit, not the assessment',
  allowShorts: () => false,
  requireProtectiveStop: () => true,
  minimumRiskReward: (draw, policy) => (policy.minimumRiskReward ?? 0.1) * draw.of(1, 2),
  stressShocks: (draw, policy) => [...policy.stressShocks, -draw.whole(1, 99) / 100],
  maxStressLossFraction: smaller('maxStressLossFraction', 1),
  warnAt: 'a warning denies nothing',
  reservationBufferFraction: larger('reservationBufferFraction', 1),
  highestFeeFraction: larger('highestFeeFraction', 0.1),
  highestFeeMinimum: (draw) => draw.of('1.01', '100', '50000'),
  protectMs: 'it binds protection, not the assessment',
  maximumClockSkewMs: (draw, policy) => draw.whole(0, policy.maximumClockSkewMs ?? 1_000),
  deniedSymbols: (draw, policy) => [...(policy.deniedSymbols ?? []), draw.of('AAA', 'BBB')],
  allowedSymbols: (draw, policy) =>
    (policy.allowedSymbols ?? ['AAA', 'BBB', 'CCC', 'DDD']).filter(() => draw.chance(0.5)),
  maxGrossExposureFraction: smaller('maxGrossExposureFraction', 5),
  maxNetExposureFraction: smaller('maxNetExposureFraction', 5),
  maxLeverage: smaller('maxLeverage', 5),
  contractLeverage: (draw, policy) => Math.max(1, (policy.contractLeverage ?? 1) / draw.of(1.5, 4)),
  initialMarginFraction: (draw, policy) => Math.min(1, (policy.initialMarginFraction ?? 0.1) * draw.of(1.1, 3)),
  maxOpenOrders: fewer('maxOpenOrders', 10),
  maxOrderRate: (draw, policy) => slower(draw, policy.maxOrderRate),
  maxRepeatedExecutions: window('maxRepeatedExecutions'),
  maxDuplicateOrders: window('maxDuplicateOrders'),
  consecutiveLosses: streak('consecutiveLosses'),
  stopLossGuard: window('stopLossGuard'),
  // A longer window may bring gains back in, and is no limit.
  lowProfitSymbol: (draw, { lowProfitSymbol }) => {
    const { trades, windowMs, minimumResult } = lowProfitSymbol ?? { trades: 4, windowMs: 1_000, minimumResult: '-900' }
    return {
      trades: Math.max(1, trades - draw.whole(0, 2)),
      windowMs,
      minimumResult: (Number(minimumResult) + draw.of(0, 0.01, 200)).toFixed(2),
    }
  },
  rejectionStreak: streak('rejectionStreak'),
  patternDayTrading: (draw, { patternDayTrading }) => {
    const { minimumEquity, maxDayTrades, sessions } = patternDayTrading ?? {
      minimumEquity: '0',
      maxDayTrades: 5,
      sessions: 5,
    }
    return {
      minimumEquity: (Number(minimumEquity) + draw.of(0, 0.01, 50_000)).toFixed(2),
      maxDayTrades: Math.max(0, maxDayTrades - draw.whole(0, 2)),
      sessions,
    }
  },
  maxValueAtRiskFraction: smaller('maxValueAtRiskFraction', 1),
  maxConditionalValueAtRiskFraction: smaller('maxConditionalValueAtRiskFraction', 1),
  valueAtRiskConfidence: 'what is measured, no limit',
  valueAtRiskSessions: 'a window is no limit',
  betaBenchmark: 'what is measured against, no limit',
  maxBeta: smaller('maxBeta', 5),
  approvalAboveNotional: (draw, policy) =>
    (Number(policy.approvalAboveNotional ?? '90000') * draw.of(0.99, 0.1)).toFixed(2),
  approvalAboveFraction: smaller('approvalAboveFraction', 1),
  netting: 'what could meet is crossed by the kernel; the rules look at what is in the way all the same',
  principals: (draw, { principals }) =>
    principals?.map((principal) => {
      const { capital = '90000', maxDrawdown = '5000', modelBudget = '50', maxOrderRate, symbols, sides } = principal
      const less = (amount: string): string => (Number(amount) * draw.of(1, 0.99, 0.3)).toFixed(2)
      return {
        ...principal,
        capital: less(capital),
        maxDrawdown: less(maxDrawdown),
        modelBudget: less(modelBudget),
        maxOrderRate: slower(draw, maxOrderRate),
        symbols: (symbols ?? ['AAA', 'BBB', 'CCC', 'DDD']).filter(() => draw.chance(0.8)),
        sides: (sides ?? (['buy', 'sell'] as const)).filter(() => draw.chance(0.8)),
      }
    }),
}

const isDenied = (policy: RiskPolicy, facts: Facts): boolean =>
  evaluateRules(assessmentRules, contextOf(policy, policyLimits(policy), facts)).findings.length > 0

/** What only the last of the cash decides is seldom met by chance. */
const nearCash: ReadonlySet<string> = new Set(['reservationBufferFraction', 'highestFeeFraction', 'highestFeeMinimum'])

/** So much of the cash locked that about what the order is worth is free. */
function cashNear(draw: Draw, { cash, locked, ...order }: Facts): Pick<Facts, 'locked'> {
  const worth = Number(order.quantity) * Number(order.limitPrice ?? order.stopPrice ?? order.last?.price ?? '1')
  const rest = Number(cash) - worth * draw.of(1, 1.001, 1.005, 1.01, 1.03, 1.06, 1.2)
  return { locked: rest > 0 && Number.isFinite(rest) ? rest.toFixed(4) : locked }
}

/** The same of an order for a contract, with cash of half of what it is worth. */
function contractNear(draw: Draw, facts: Facts): Facts {
  if (facts.instrument === undefined) return facts
  const instrument = { ...facts.instrument, multiplier: undefined, kind: 'perpetual' }
  const contract = { ...facts, foreign: undefined, instrument }
  return { ...contract, ...cashNear(draw, { ...contract, quantity: String(Number(facts.quantity) / 2) }) }
}

test.each(Object.entries(tightenings).filter(([, how]) => typeof how === 'function') as [Field, Tightening][])(
  'I16 tightening %s never admits an order that was denied, and denies some that were not',
  (field, tighten) => {
    const draw = drawFrom(createSeededRandom(16).fork(field))
    let stricter = 0
    for (let turn = 0; turn < 300 || (stricter === 0 && turn < 20_000); turn += 1) {
      const drawnPolicy = drawPolicy(draw)
      const policy = field === 'contractLeverage' ? riskPolicy({ ...drawnPolicy, contractLeverage: 4 }) : drawnPolicy
      const value = tighten(draw, policy)
      if (value === undefined) continue
      const tighter = riskPolicy({ ...policy, [field]: value } as RiskPolicyInput)
      const drawn = drawFacts(draw, policy)
      const facts =
        field === 'contractLeverage'
          ? contractNear(draw, drawn)
          : nearCash.has(field)
            ? { ...drawn, ...cashNear(draw, drawn) }
            : drawn
      const [before, after] = [isDenied(policy, facts), isDenied(tighter, facts)]
      if (before && !after) expect.fail(JSON.stringify({ field, before: policy[field], after: value, facts }))
      if (after && !before) stricter += 1
    }
    // Of longs alone no margin up to all of their worth is more than equity.
    if (field !== 'initialMarginFraction') expect(stricter).toBeGreaterThan(0)
  },
)
