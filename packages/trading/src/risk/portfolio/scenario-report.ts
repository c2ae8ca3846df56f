import type { SessionDate } from '../../instruments/trading-calendar.js'
import { type Decimal, decimal, decimalText, divide, fromFloat, zero } from '../../money/decimal.js'
import type { Side } from '../../orders/order-request.js'
import type { Confidence, RiskMethod } from './confidence.js'
import { type LimitState, limitProbes, type PortfolioLimitName, type PortfolioLimits } from './portfolio-limits.js'
import type { RiskBook } from './risk-book.js'
import type { RiskView } from './risk-view.js'
import { fractionPlaces } from './round-fraction.js'
import type { MissingReturns } from './shared-history.js'
import type { StressScenario } from './stress-scenario.js'

/** An order to look at before it is made. Amounts are decimal texts; the price is what it is measured by. */
export type ProposedOrder = {
  readonly symbol: string
  readonly side: Side
  readonly quantity: string
  readonly price: string
}

/** A loss as a fraction of equity (6 decimals) and that fraction of the equity in money. Decimal texts; null when unknown. */
export type LossFigure = { readonly fraction: string; readonly amount: string } | null

/** Values at risk by method and confidence. */
export type LossFigures = Readonly<Record<`${RiskMethod}${Confidence}`, LossFigure>>

/** A portfolio in figures, as decimal texts: exposures exact in money, fractions to 6 decimals; null when unknown. */
export type RiskFigures = {
  readonly gross: string
  readonly net: string
  readonly grossFraction: string | null
  readonly netFraction: string | null
  readonly largestShare: string | null
  readonly herfindahlIndex: string | null
  readonly beta: string | null
  readonly valueAtRisk: LossFigures
  readonly conditionalValueAtRisk: LossFigures
  readonly stress: readonly {
    readonly scenario: string
    readonly kind: StressScenario['kind']
    readonly loss: LossFigure
  }[]
}

/** A limit before and after. */
export type LimitChange = {
  readonly limit: PortfolioLimitName
  readonly what: string
  readonly before: LimitState
  readonly after: LimitState
}

/** What a proposed order does to a portfolio: plain JSON, for a person. */
export type ScenarioReport = {
  readonly order: ProposedOrder & { readonly notional: string }
  readonly equity: string
  readonly window: { readonly returns: number; readonly from: SessionDate | null; readonly to: SessionDate | null }
  readonly before: RiskFigures
  readonly after: RiskFigures
  /** What the order adds to the values at risk. */
  readonly incrementalValueAtRisk: Readonly<Record<`${RiskMethod}${Confidence}`, string | null>>
  /** Parametric, at 95 %: growth of the value at risk for each unit of money put into the symbol, after the order. */
  readonly marginalValueAtRisk: string | null
  readonly correlatedExposure: { readonly before: string; readonly after: string }
  /** Every limit that is set, the one most used after the order first. */
  readonly limits: readonly LimitChange[]
  /** Those near, breached or unknown after the order. */
  readonly binding: readonly LimitState[]
  readonly missing: readonly MissingReturns[]
}

/** What {@link scenarioReport} needs. */
export type ScenarioReportOptions = { readonly order: ProposedOrder; readonly limits?: PortfolioLimits }

/** Before and after, for every limit and scenario. Throws `SYMBOL_NOT_PREPARED`, `INVALID_DECIMAL` or `INVALID_OPTION`. */
export function scenarioReport(book: RiskBook, options: ScenarioReportOptions): ScenarioReport {
  const { order, limits = {} } = options
  const notional = decimal(order.quantity, 'quantity').times(decimal(order.price, 'price'))
  const change = order.side === 'buy' ? notional : zero.minus(notional)
  const current = book.current()
  const proposed = book.propose(order.symbol, change)
  const changes = limitChanges(book, limits, current, proposed)
  const { sessions } = book
  return {
    order: { ...order, notional: decimalText(notional) },
    equity: decimalText(book.equity),
    window: { returns: Math.max(sessions.length - 1, 0), from: sessions[0] ?? null, to: sessions.at(-1) ?? null },
    before: riskFigures(book, current),
    after: riskFigures(book, proposed),
    incrementalValueAtRisk: byMethod((confidence, method) =>
      fractionText(proposed.incrementalValueAtRisk(confidence, method)),
    ),
    marginalValueAtRisk: fractionText(proposed.marginalValueAtRisk(order.symbol, 95)),
    correlatedExposure: {
      before: decimalText(current.correlatedExposure(order.symbol)),
      after: decimalText(proposed.correlatedExposure(order.symbol)),
    },
    limits: changes,
    binding: changes.map(({ after }) => after).filter(({ state }) => state !== 'within'),
    missing: proposed.missing(),
  }
}

/** Every limit that is set on two views of a book, the one most used on the second first, unknown ones before all. */
export function limitChanges(
  book: RiskBook,
  limits: PortfolioLimits,
  before: RiskView,
  after: RiskView,
): readonly LimitChange[] {
  const used = ({ after: { used, state } }: LimitChange): number =>
    state === 'unknown' ? Number.POSITIVE_INFINITY : (used ?? Number.MAX_VALUE)
  return limitProbes(limits, book)
    .map(({ limit, what, measure }) => ({ limit, what, before: measure(before), after: measure(after) }))
    .sort((a, b) => (used(a) === used(b) ? 0 : used(b) - used(a)))
}

/** A view as decimal texts. */
export function riskFigures(book: RiskBook, view: RiskView): RiskFigures {
  const { equity } = book
  const lossFigure = (fraction: number | undefined): LossFigure => {
    if (fraction === undefined) return null
    const exact = fromFloat(fraction, fractionPlaces)
    return { fraction: decimalText(exact), amount: decimalText(exact.times(equity)) }
  }
  const ofEquity = (worth: Decimal): string | null =>
    equity.gt(zero) ? decimalText(divide(worth, equity, fractionPlaces, 'half-even')) : null
  return {
    gross: decimalText(view.gross()),
    net: decimalText(view.net()),
    grossFraction: ofEquity(view.gross()),
    netFraction: ofEquity(view.net()),
    largestShare: fractionText(view.largestShare()),
    herfindahlIndex: fractionText(view.herfindahlIndex()),
    beta: fractionText(view.beta()),
    valueAtRisk: byMethod((confidence, method) => lossFigure(view.valueAtRisk(confidence, method))),
    conditionalValueAtRisk: byMethod((confidence, method) =>
      lossFigure(view.conditionalValueAtRisk(confidence, method)),
    ),
    stress: book.scenarios.map(({ name, kind }, place) => ({
      scenario: name,
      kind,
      loss: lossFigure(view.stressLoss(place)),
    })),
  }
}

function byMethod<T>(
  figure: (confidence: Confidence, method: RiskMethod) => T,
): Readonly<Record<`${RiskMethod}${Confidence}`, T>> {
  return {
    parametric95: figure(95, 'parametric'),
    parametric99: figure(99, 'parametric'),
    historical95: figure(95, 'historical'),
    historical99: figure(99, 'historical'),
  }
}

function fractionText(value: number | undefined): string | null {
  return value === undefined ? null : decimalText(fromFloat(value, fractionPlaces))
}
