import { type Decimal, decimal, divide, one, roundToStep, toFloat, zero } from '../money/decimal.js'
import { rateKey } from './activity-view.js'
import { exactFraction } from './order-figures.js'
import type { RiskPolicy } from './risk-policy.js'

/** Clocks may differ by so much where the policy says nothing. */
const defaultClockSkewMs = 1_000
/** Decimals kept of the share that is margin, rounded up. */
const marginPlaces = 12

/**
 * A limit as a fraction of something, such as equity, with the level from which on it warns. The amounts are kept for the last base that
 * was asked about: equity stays the same number over many orders.
 */
export class Share {
  readonly most: Decimal
  private readonly warnFrom: Decimal
  private base: Decimal | undefined
  private limit: Decimal = zero
  private warning: Decimal = zero
  /** What a loss is measured from, and what is left of that where it warns and where it passes the limit. */
  private start: Decimal | undefined
  private warningLevel: Decimal = zero
  private limitLevel: Decimal = zero
  private lossWarnsFirst = false
  /** Whether all that is below the warning is below the limit as well. */
  private warnsFirst = false

  constructor(most: Decimal, warnAt: Decimal) {
    this.most = most
    this.warnFrom = most.times(warnAt)
  }

  limitOf(base: Decimal): Decimal {
    if (base !== this.base) this.turnTo(base)
    return this.limit
  }

  warningOf(base: Decimal): Decimal {
    if (base !== this.base) this.turnTo(base)
    return this.warning
  }

  /** Whether a value neither passes the limit nor comes near it. Of a base below 0 the warning lies above the limit. */
  isFar(value: Decimal, base: Decimal): boolean {
    if (base !== this.base) this.turnTo(base)
    return value.lt(this.warning) && (this.warnsFirst || value.lte(this.limit))
  }

  /** As `isFar(start.minus(level), start)`, of what has been lost since the start. No number is made for it. */
  isLossFar(level: Decimal, start: Decimal): boolean {
    if (start !== this.start) this.startFrom(start)
    return level.gt(this.warningLevel) && (this.lossWarnsFirst || level.gte(this.limitLevel))
  }

  private startFrom(start: Decimal): void {
    this.warningLevel = start.minus(start.times(this.warnFrom))
    this.limitLevel = start.minus(start.times(this.most))
    this.lossWarnsFirst = this.warningLevel.gte(this.limitLevel)
    this.start = start
  }

  private turnTo(base: Decimal): void {
    this.limit = base.times(this.most)
    this.warning = base.times(this.warnFrom)
    this.warnsFirst = this.warning.lte(this.limit)
    this.base = base
  }
}

/** One agent, one strategy, or one agent in one strategy, with its limits as exact numbers. */
export type PrincipalLimits = {
  readonly agent: string | undefined
  readonly strategy: string | undefined
  readonly symbols: ReadonlySet<string> | undefined
  readonly sides: ReadonlySet<string> | undefined
  readonly capital: Decimal | undefined
  readonly maxDrawdown: Decimal | undefined
  readonly maxOrderRate: { readonly burst: number; readonly intervalMs: number } | undefined
  readonly modelBudget: Decimal | undefined
  /** From where on each of these warns. */
  readonly capitalWarning: Decimal | undefined
  readonly drawdownWarning: Decimal | undefined
  readonly budgetWarning: Decimal | undefined
  /** So many tokens of its bucket of orders, once taken, warn. */
  readonly rateWarning: number
  /** Under which key its bucket of orders is kept. */
  readonly rateKey: string
  /** Who it is, for messages. */
  readonly name: string
  /** How messages begin that say what it has in use, what it has lost and what its models have cost. */
  readonly words: { readonly capital: string; readonly drawdown: string; readonly budget: string }
}

/** The smallest whole numbers that come near a limit of the policy. */
export type WholeWarnings = {
  readonly clockSkewMs: number
  readonly quoteAgeMs: number
  readonly losses: number
  readonly stopOuts: number
  readonly orders: number
  readonly executions: number
  readonly duplicates: number
  readonly rejections: number
  readonly dayTrades: number
}

/** The limits of a policy as exact numbers: made once for each policy, so that no assessment parses a text. */
export type PolicyLimits = {
  readonly policy: RiskPolicy
  readonly warnAt: Decimal
  readonly order: Share
  readonly position: Share
  readonly symbol: Share
  readonly correlated: Share
  readonly gross: Share | undefined
  readonly net: Share | undefined
  readonly leverage: Share | undefined
  readonly valueAtRisk: Share | undefined
  readonly conditionalValueAtRisk: Share | undefined
  readonly beta: Share | undefined
  readonly stressLoss: Share
  /** What each shock costs of the gross exposure, above 0. */
  readonly shocks: readonly { readonly name: string; readonly cost: Decimal }[]
  /** The highest of these costs; undefined without a shock. */
  readonly dearestShock: Decimal | undefined
  readonly initialMargin: Decimal | undefined
  /** All of something, such as equity, with the level from which on it warns. */
  readonly whole: Share
  /** Of a contract: the share of its worth that is margin, and that share with the highest fee. */
  readonly contractMargin: Decimal
  readonly contractMarginWithFee: Decimal
  readonly openPositions: Share
  readonly openOrders: Share | undefined
  readonly dailyLoss: Share
  readonly drawdown: Share
  readonly collar: Share
  readonly minimumPrice: Decimal
  readonly minimumAverageVolume: Decimal
  readonly minimumRiskReward: Decimal | undefined
  readonly clockSkewMs: number
  /** From where on what is counted, or measured in milliseconds, warns; `Infinity` where it has no limit. */
  readonly warnFrom: WholeWarnings
  readonly deniedSymbols: ReadonlySet<string> | undefined
  readonly allowedSymbols: ReadonlySet<string> | undefined
  /** 1 + buffer, and 1 + highest fee. */
  readonly buffered: Decimal
  readonly withFee: Decimal
  /** The product of both. */
  readonly bufferedWithFee: Decimal
  readonly feeMinimum: Decimal
  readonly lowProfit: Decimal | undefined
  readonly dayTraderEquity: Decimal | undefined
  readonly approvalNotional: Decimal | undefined
  readonly approvalWarning: Decimal | undefined
  readonly approvalShare: Share | undefined
  readonly principals: readonly PrincipalLimits[] | undefined
}

/** The limits of a policy. Throws `INVALID_DECIMAL` for a policy that `riskPolicy` did not make. */
export function policyLimits(policy: RiskPolicy): PolicyLimits {
  const warnAt = exactFraction(policy.warnAt, 'warnAt')
  const share = (most: Decimal): Share => new Share(most, warnAt)
  const fraction = (name: FractionName): Share => share(exactFraction(policy[name], name))
  const optional = (name: OptionalFractionName): Share | undefined =>
    policy[name] === undefined ? undefined : share(exactFraction(policy[name], name))
  const count = (value: number): Share => share(decimal(String(value)))
  const collar = fraction('priceCollarFraction')
  const withFee = one.plus(exactFraction(policy.highestFeeFraction, 'highestFeeFraction'))
  const buffered = one.plus(exactFraction(policy.reservationBufferFraction, 'reservationBufferFraction'))
  const contractLeverage =
    policy.contractLeverage === undefined ? one : exactFraction(policy.contractLeverage, 'contractLeverage')
  const contractMargin = divide(one, contractLeverage, marginPlaces, 'up')
  return {
    policy,
    warnAt,
    order: fraction('maxOrderFraction'),
    position: fraction('maxPositionFraction'),
    symbol: fraction('maxSymbolExposureFraction'),
    correlated: fraction('maxCorrelatedExposureFraction'),
    gross: optional('maxGrossExposureFraction'),
    net: optional('maxNetExposureFraction'),
    leverage: optional('maxLeverage'),
    valueAtRisk: optional('maxValueAtRiskFraction'),
    conditionalValueAtRisk: optional('maxConditionalValueAtRiskFraction'),
    beta: optional('maxBeta'),
    stressLoss: fraction('maxStressLossFraction'),
    shocks: policy.stressShocks.map((shock) => ({ name: String(shock), cost: costOf(shock) })),
    dearestShock: policy.stressShocks.length === 0 ? undefined : costOf(Math.min(...policy.stressShocks)),
    initialMargin: optional('initialMarginFraction')?.most,
    whole: share(one),
    openPositions: count(policy.maxOpenPositions),
    openOrders: policy.maxOpenOrders === undefined ? undefined : count(policy.maxOpenOrders),
    dailyLoss: fraction('maxDailyLossFraction'),
    drawdown: fraction('maxDrawdownFraction'),
    collar,
    minimumPrice: decimal(policy.minimumPrice, 'minimumPrice'),
    minimumAverageVolume: decimal(policy.minimumAverageVolume, 'minimumAverageVolume'),
    minimumRiskReward:
      policy.minimumRiskReward === undefined ? undefined : exactFraction(policy.minimumRiskReward, 'minimumRiskReward'),
    clockSkewMs: policy.maximumClockSkewMs ?? defaultClockSkewMs,
    warnFrom: wholeWarnings(policy, warnAt),
    deniedSymbols: setOf(policy.deniedSymbols),
    allowedSymbols: setOf(policy.allowedSymbols),
    buffered,
    withFee,
    bufferedWithFee: buffered.times(withFee),
    contractMargin,
    contractMarginWithFee: contractMargin.plus(withFee).minus(one),
    feeMinimum: decimal(policy.highestFeeMinimum, 'highestFeeMinimum'),
    lowProfit: amountOf(policy.lowProfitSymbol?.minimumResult),
    dayTraderEquity: amountOf(policy.patternDayTrading?.minimumEquity),
    approvalNotional: amountOf(policy.approvalAboveNotional),
    approvalWarning: amountOf(policy.approvalAboveNotional)?.times(warnAt),
    approvalShare: optional('approvalAboveFraction'),
    principals: policy.principals?.map((principal) => principalLimits(principal, warnAt)),
  }
}

type FractionName =
  | 'maxOrderFraction'
  | 'maxPositionFraction'
  | 'maxSymbolExposureFraction'
  | 'maxCorrelatedExposureFraction'
  | 'maxStressLossFraction'
  | 'maxDailyLossFraction'
  | 'maxDrawdownFraction'
  | 'priceCollarFraction'

type OptionalFractionName =
  | 'maxGrossExposureFraction'
  | 'maxNetExposureFraction'
  | 'maxLeverage'
  | 'initialMarginFraction'
  | 'maxValueAtRiskFraction'
  | 'maxConditionalValueAtRiskFraction'
  | 'maxBeta'
  | 'approvalAboveFraction'

function wholeWarnings(policy: RiskPolicy, warnAt: Decimal): WholeWarnings {
  const from = (limit: number | undefined): number => wholeWarning(limit, warnAt)
  return {
    clockSkewMs: from(policy.maximumClockSkewMs ?? defaultClockSkewMs),
    quoteAgeMs: from(policy.maximumQuoteAgeMs),
    losses: from(policy.consecutiveLosses?.count),
    stopOuts: from(policy.stopLossGuard?.count),
    orders: from(policy.maxOrderRate?.burst),
    executions: from(policy.maxRepeatedExecutions?.count),
    duplicates: from(policy.maxDuplicateOrders?.count),
    rejections: from(policy.rejectionStreak?.count),
    dayTrades: from(policy.patternDayTrading?.maxDayTrades),
  }
}

function wholeWarning(limit: number | undefined, warnAt: Decimal): number {
  return limit === undefined
    ? Number.POSITIVE_INFINITY
    : toFloat(roundToStep(decimal(String(limit)).times(warnAt), one, 'up'))
}

function principalLimits(principal: NonNullable<RiskPolicy['principals']>[number], warnAt: Decimal): PrincipalLimits {
  const { agent, strategy, maxOrderRate } = principal
  const [capital, maxDrawdown, modelBudget] = [
    amountOf(principal.capital),
    amountOf(principal.maxDrawdown),
    amountOf(principal.modelBudget),
  ]
  const parts = [
    ...(agent === undefined ? [] : [`agent ${agent}`]),
    ...(strategy === undefined ? [] : [`strategy ${strategy}`]),
  ]
  const name = parts.length === 0 ? 'every agent' : parts.join(' in ')
  return {
    agent,
    strategy,
    symbols: setOf(principal.symbols),
    sides: setOf(principal.sides),
    capital,
    maxDrawdown,
    maxOrderRate,
    modelBudget,
    capitalWarning: capital?.times(warnAt),
    drawdownWarning: maxDrawdown?.times(warnAt),
    budgetWarning: modelBudget?.times(warnAt),
    rateWarning: wholeWarning(maxOrderRate?.burst, warnAt),
    rateKey: rateKey(principal),
    name,
    words: {
      capital: `the capital in use by ${name} would be`,
      drawdown: `the results of ${name} are below their peak by`,
      budget: `the models of ${name} have cost`,
    },
  }
}

function costOf(shock: number): Decimal {
  return exactFraction(-shock, 'stressShocks')
}

function setOf(names: readonly string[] | undefined): ReadonlySet<string> | undefined {
  return names === undefined ? undefined : new Set(names)
}

function amountOf(text: string | undefined): Decimal | undefined {
  return text === undefined ? undefined : decimal(text)
}
