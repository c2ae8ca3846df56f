import { type Decimal, decimal, zero } from '../../money/decimal.js'
import type { OrderRequest } from '../../orders/order-request.js'
import type { ActivityView, PrincipalUse } from '../activity-view.js'
import { evaluateRules } from '../evaluate-rules.js'
import { instrumentGrid } from '../instrument-grid.js'
import { policyLimits } from '../policy-limits.js'
import { type ExposureView, type RiskContext, required } from '../risk-context.js'
import { type RiskPolicyInput, riskPolicy } from '../risk-policy.js'
import { assessmentRules, type RuleStages } from './default-rules.js'

export const soundRequest: OrderRequest = {
  account: 'test',
  clientOrderId: 'abc',
  symbol: 'AAA',
  side: 'buy',
  type: 'market',
  quantity: '50',
  timeInForce: 'day',
  reduceOnly: false,
}

export const soundInstrument = {
  symbol: 'AAA',
  kind: 'equity',
  asset: 'AAA',
  currency: 'USD',
  tickSize: '0.01',
  lotSize: '1',
  minimumNotional: '1',
  calendar: 'us-equity',
} as const

/** Throws, as a value does that nobody knows. */
export const unknown = (): never => required<never>(undefined, 'it')

/** An account that did nothing lately. */
export function activityWith(fields: Partial<ActivityView> = {}): ActivityView {
  return {
    symbol: () => undefined,
    rate: () => undefined,
    lossStreak: 0,
    lastLossAt: undefined,
    stopOuts: [],
    rejectionStreak: 0,
    lastRejectionAt: undefined,
    dayTrades: () => 0,
    principals: [],
    holdings: () => [],
    ...fields,
  }
}

/** One principal's use of the account. */
export function useOf(
  agent: string,
  strategy: string,
  amounts: Partial<Record<'outstanding' | 'openCost' | 'realised' | 'peak', string>>,
): PrincipalUse {
  const { outstanding = '0', openCost = '0', realised = '0', peak = '0' } = amounts
  return {
    agent,
    strategy,
    outstanding: decimal(outstanding),
    openCost: decimal(openCost),
    realised: decimal(realised),
    peak: decimal(peak),
    committed: decimal(openCost).plus(decimal(outstanding)),
    fallen: decimal(peak).minus(decimal(realised)),
  }
}

/** Long positions of the worth given, beside cash that brings equity to 100,000. */
export function exposureWith(
  worths: Readonly<Record<string, string>> = {},
  fields: Partial<ExposureView> = {},
): ExposureView {
  const known = new Map(Object.entries(worths).map(([symbol, worth]): [string, Decimal] => [symbol, decimal(worth)]))
  const gross = [...known.values()].reduce((sum, worth) => sum.plus(worth), zero)
  return {
    equity: () => decimal('100000'),
    of: (symbol) => known.get(symbol) ?? zero,
    has: (symbol) => known.has(symbol),
    symbols: () => known.size,
    gross: () => gross,
    net: (side) => (side === 'buy' ? gross : zero.minus(gross)),
    movingWith: () => undefined,
    openEntries: () => 0,
    ofThisOrder: () => zero,
    openResult: () => zero,
    ...fields,
  }
}

type ContextFields = Omit<Partial<RiskContext>, 'policy' | 'limits' | 'grid'> & { readonly policy?: RiskPolicyInput }

/** The context of an entry to which nothing can be objected, but for what is given otherwise. */
export function contextWith({ policy: input, ...fields }: ContextFields = {}): RiskContext {
  const request = fields.request ?? soundRequest
  const instrument = 'instrument' in fields ? fields.instrument : soundInstrument
  const policy = riskPolicy(input)
  return {
    time: 1_000_000_000,
    policy,
    limits: policyLimits(policy),
    request,
    purpose: request.reduceOnly ? 'exit-intent' : 'entry',
    agent: 'trader',
    strategy: 'test',
    exits: { stopPrice: '95', targetPrice: '110', maximumSessions: 5 },
    addsExposure: !request.reduceOnly,
    approved: false,
    tradingState: 'active',
    tradingStateReasons: [],
    reconciled: true,
    clientOrderIdInUse: false,
    instrument,
    grid: instrument === undefined ? undefined : instrumentGrid(instrument),
    marketOpen: true,
    closedSessionDate: '2014-01-09',
    clockSkewMs: 'no-clock',
    last: { price: decimal('100'), time: 1_000_000_000, sessionDate: '2014-01-09' },
    lastPriceOf: () => decimal('100'),
    averageVolume: decimal('1000000'),
    position: zero,
    claimed: zero,
    unprotected: false,
    openOrders: [],
    possibleDayTrades: 0,
    totalCash: decimal('100000'),
    freeCash: decimal('100000'),
    alreadyReserved: zero,
    exposure: exposureWith(),
    portfolioRisk: undefined,
    activity: activityWith(),
    modelSpend: () => undefined,
    dayStartEquity: decimal('100000'),
    peakEquity: decimal('100000'),
    lastLossAt: undefined,
    ...fields,
  }
}

/** Codes under which an order is denied, by the default rules unless others are given. */
export function deniedBy(context: RiskContext, rules: RuleStages = assessmentRules): readonly string[] {
  return evaluateRules(rules, context).findings.map(({ code }) => code)
}

/** Codes of the warnings of an order that is permitted. */
export function warnedBy(context: RiskContext): readonly string[] {
  const { findings, warnings } = evaluateRules(assessmentRules, context)
  if (findings.length > 0) throw new Error(`denied: ${JSON.stringify(findings)}`)
  return warnings.map(({ code }) => code)
}
