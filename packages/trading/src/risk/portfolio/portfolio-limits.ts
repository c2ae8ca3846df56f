import { SwarmError } from '@tradeswarm/core'
import { type Decimal, decimalText, divide, fromFloat, toFloat, zero } from '../../money/decimal.js'
import { exactFraction } from '../order-figures.js'
import type { Confidence, RiskMethod } from './confidence.js'
import type { RiskView } from './risk-view.js'
import { fractionPlaces } from './round-fraction.js'
import type { StressScenario } from './stress-scenario.js'

/** Limits of a portfolio, each above 0. What is left out is not limited. Fractions are of equity. */
export type PortfolioLimits = {
  /** Σ |worth|. */
  readonly maxGrossExposureFraction?: number
  /** |Σ worth|. */
  readonly maxNetExposureFraction?: number
  /** |worth| of any one symbol. */
  readonly maxSymbolExposureFraction?: number
  /** |worth| of any symbol and of all that move together with it, where there are such. */
  readonly maxCorrelatedExposureFraction?: number
  /** The largest |worth| as a fraction of gross exposure. */
  readonly maxLargestShare?: number
  readonly maxHerfindahlIndex?: number
  /** |beta|. */
  readonly maxBeta?: number
  /** Value at risk of one session, by either method. */
  readonly maxVaRFraction?: number
  /** Conditional value at risk of one session, by either method. */
  readonly maxCVaRFraction?: number
  /** Loss in any scenario. */
  readonly maxStressLossFraction?: number
  /** Of the values at risk; 95 when absent. */
  readonly confidence?: Confidence
  /** A figure is near its limit from this share of it on; 0.8 when absent. */
  readonly warnAt?: number
}

export type PortfolioLimitName = Exclude<keyof PortfolioLimits, 'confidence' | 'warnAt'>

/** A figure and what it may be at most. `unknown`: it cannot be worked out, which permits nothing new. */
export type LimitState = {
  readonly limit: PortfolioLimitName
  /** What was measured: the symbol, the method, the scenario. */
  readonly what: string
  /** Decimal texts, in money for exposures and in fractions for statistics; null when unknown. */
  readonly value: string | null
  readonly bound: string
  /** Value / bound to 6 decimals; null when unknown or the bound is not above 0. */
  readonly used: number | null
  /** 1 − used: how far away the limit is, as a fraction of it; negative beyond it. */
  readonly headroom: number | null
  readonly state: 'within' | 'near' | 'breached' | 'unknown'
}

const methods: readonly RiskMethod[] = ['parametric', 'historical']

/** A limit that can be measured again and again. */
export type LimitProbe = {
  readonly limit: PortfolioLimitName
  readonly what: string
  measure(view: RiskView): LimitState
}

/** What {@link limitProbes} measures by. */
export type LimitGround = {
  readonly equity: Decimal
  readonly symbols: readonly string[]
  readonly scenarios: readonly StressScenario[]
}

/** One probe for each figure that a limit binds. Throws `INVALID_OPTION`. */
export function limitProbes(limits: PortfolioLimits, ground: LimitGround): readonly LimitProbe[] {
  const { symbols, scenarios } = ground
  const confidence = limits.confidence ?? 95
  const build = createBuilder(limits, ground)
  return [
    ...build.money('maxGrossExposureFraction', 'gross exposure', (view) => view.gross()),
    ...build.money('maxNetExposureFraction', 'net exposure', (view) => view.net().abs()),
    ...build.money('maxSymbolExposureFraction', 'exposure to one symbol', (view) =>
      largest(symbols, (symbol) => view.worth(symbol).abs()),
    ),
    ...build.money('maxCorrelatedExposureFraction', 'exposure to symbols that move together', (view) =>
      largest(symbols, (symbol) => togetherWith(view, symbol)),
    ),
    ...build.statistic('maxLargestShare', 'largest share of gross exposure', (view) =>
      ofEmpty(view, view.largestShare()),
    ),
    ...build.statistic('maxHerfindahlIndex', 'Herfindahl index', (view) => ofEmpty(view, view.herfindahlIndex())),
    ...build.statistic('maxBeta', 'beta', (view) => absolute(view.beta())),
    ...methods.flatMap((method) =>
      build.statistic('maxVaRFraction', `${method} value at risk ${confidence} %`, (view) =>
        view.valueAtRisk(confidence, method),
      ),
    ),
    ...methods.flatMap((method) =>
      build.statistic('maxCVaRFraction', `${method} conditional value at risk ${confidence} %`, (view) =>
        view.conditionalValueAtRisk(confidence, method),
      ),
    ),
    ...scenarios.flatMap((scenario, place) =>
      scenario.kind === 'uniform'
        ? build.money('maxStressLossFraction', scenario.name, (view) =>
            view.gross().times(exactFraction(Math.abs(scenario.shock), scenario.name)),
          )
        : build.statistic('maxStressLossFraction', scenario.name, (view) => view.stressLoss(place)),
    ),
  ]
}

/** Exposures are compared exactly, statistics as rounded. */
function createBuilder(limits: PortfolioLimits, ground: LimitGround) {
  const warnAt = positive('warnAt', limits.warnAt ?? 0.8)
  return {
    money(limit: PortfolioLimitName, what: string, value: (view: RiskView) => Decimal): LimitProbe[] {
      const fraction = limits[limit]
      if (fraction === undefined) return []
      const bound = ground.equity.times(exactFraction(positive(limit, fraction), limit))
      return [{ limit, what, measure: (view) => stateOf({ limit, what }, value(view), bound, warnAt) }]
    },
    statistic(limit: PortfolioLimitName, what: string, value: (view: RiskView) => number | undefined): LimitProbe[] {
      const fraction = limits[limit]
      if (fraction === undefined) return []
      const bound = exactFraction(positive(limit, fraction), limit)
      const measure = (view: RiskView): LimitState => {
        const figure = value(view)
        const exact = figure === undefined ? undefined : fromFloat(figure, fractionPlaces, what)
        return stateOf({ limit, what }, exact, bound, warnAt)
      }
      return [{ limit, what, measure }]
    },
  }
}

function stateOf(
  names: Pick<LimitState, 'limit' | 'what'>,
  value: Decimal | undefined,
  bound: Decimal,
  warnAt: number,
): LimitState {
  const text = decimalText(bound)
  if (value === undefined) return { ...names, value: null, bound: text, used: null, headroom: null, state: 'unknown' }
  const share = bound.gt(zero) ? divide(value, bound, fractionPlaces, 'half-even') : undefined
  const near = value.gte(bound.times(exactFraction(warnAt, 'warnAt')))
  return {
    ...names,
    value: decimalText(value),
    bound: text,
    used: share === undefined ? null : toFloat(share),
    headroom: share === undefined ? null : toFloat(exactFraction(1, 'one').minus(share)),
    state: value.gt(bound) ? 'breached' : near ? 'near' : 'within',
  }
}

function largest(symbols: readonly string[], worth: (symbol: string) => Decimal): Decimal {
  return symbols.reduce((most, symbol) => {
    const one = worth(symbol)
    return one.gt(most) ? one : most
  }, zero)
}

/** 0 for a symbol that is not held, or alone: the limit is about several. */
function togetherWith(view: RiskView, symbol: string): Decimal {
  const own = view.worth(symbol).abs()
  const together = own.eq(zero) ? zero : view.correlatedExposure(symbol)
  return together.gt(own) ? together : zero
}

/** An empty book is not concentrated. */
function ofEmpty(view: RiskView, share: number | undefined): number | undefined {
  return share ?? (view.gross().eq(zero) ? 0 : undefined)
}

function absolute(value: number | undefined): number | undefined {
  return value === undefined ? undefined : Math.abs(value)
}

function positive(name: string, value: number): number {
  if (value > 0 && value <= 1_000) return value
  throw new SwarmError({
    code: 'INVALID_OPTION',
    message: `${name}: ${value} is not above 0 and at most 1000`,
    context: { name },
  })
}
