import { SwarmError } from '@tradeswarm/core'
import { type Decimal, fromFloat, toFloat, zero } from '../money/decimal.js'
import type { PolicyLimits } from '../risk/policy-limits.js'
import type { Confidence } from '../risk/portfolio/confidence.js'
import { type PortfolioRisk, preparePortfolioRisk } from '../risk/portfolio/prepare-portfolio-risk.js'
import type { RiskBook } from '../risk/portfolio/risk-book.js'
import type { RiskView } from '../risk/portfolio/risk-view.js'
import type { PortfolioRiskView } from '../risk/risk-context.js'
import type { ExposureBook } from './exposure-book.js'
import type { MarketBook } from './market-book.js'

/** Figures are rounded to so many decimals by the portfolio. */
const figurePlaces = 6
/** So many symbols that are not held are kept prepared. */
const maximumAsked = 500

/** Keeps a book of the account's positions over returns that are prepared once a bar. */
export type PortfolioRiskDesk = {
  /** The figures under a policy, of the account as it stands now. Throws while a position has no price. */
  view(limits: PolicyLimits): PortfolioRiskView
}

/** The desk over an account's exposures. Nothing is prepared before a rule asks. */
export function createPortfolioRiskDesk(market: MarketBook, exposures: ExposureBook): PortfolioRiskDesk {
  let prepared: { readonly risk: PortfolioRisk; readonly limits: PolicyLimits } | undefined
  let book: RiskBook | undefined

  const prepare = (limits: PolicyLimits, symbols: Iterable<string>): PortfolioRisk => {
    const { betaBenchmark, valueAtRiskSessions } = limits.policy
    const risk = preparePortfolioRisk({
      returns: market.returns,
      symbols: [...symbols],
      ...(betaBenchmark === undefined ? {} : { benchmark: betaBenchmark }),
      ...(valueAtRiskSessions === undefined ? {} : { window: valueAtRiskSessions }),
    })
    prepared = { risk, limits }
    return risk
  }

  const isPrepared = (limits: PolicyLimits, symbol: string): boolean => {
    if (prepared?.limits !== limits || prepared.risk.version !== market.returns.version) return false
    if (!prepared.risk.has(symbol)) return false
    const { risk } = prepared
    let isKnown = true
    if (exposures.moved.size > 0)
      exposures.moved.forEach((each) => {
        isKnown = isKnown && risk.has(each)
      })
    return isKnown
  }

  const bookOf = (limits: PolicyLimits, symbol: string): RiskBook => {
    const equity = exposures.equity()
    const positions = exposures.positions()
    if (book === undefined || !isPrepared(limits, symbol)) {
      // What was asked about once is likely to be asked about again.
      const known = prepared?.limits === limits ? prepared.risk.symbols.slice(0, maximumAsked) : []
      const risk = prepare(limits, new Set([...positions.keys(), symbol, ...known]))
      book = risk.openBook({ equity, positions })
      exposures.moved.clear()
      return book
    }
    if (book.equity !== equity && !book.equity.eq(equity)) book.setEquity(equity)
    if (exposures.moved.size > 0) {
      const opened = book
      exposures.moved.forEach((each) => {
        opened.setPosition(each, positions.get(each) ?? zero)
      })
      exposures.moved.clear()
    }
    return book
  }

  let lastView: { readonly limits: PolicyLimits; readonly view: PortfolioRiskView } | undefined
  return {
    view(limits) {
      if (lastView?.limits !== limits) {
        const confidence = limits.policy.valueAtRiskConfidence ?? 95
        const withOrder: PortfolioRiskView['withOrder'] = (symbol, amount) =>
          new FiguresWithOrder(bookOf(limits, symbol), symbol, amount, confidence)
        lastView = { limits, view: { withOrder } }
      }
      return lastView.view
    },
  }
}

/** What the policy asks about, worked out when it is asked. What cannot be known throws, and says for want of what. */
class FiguresWithOrder {
  private proposed: RiskView | undefined
  private ceiling = Number.POSITIVE_INFINITY

  constructor(
    private readonly book: RiskBook,
    private readonly symbol: string,
    private readonly amount: Decimal,
    private readonly confidence: Confidence,
  ) {}
  private get figures(): RiskView {
    this.proposed ??= this.book.propose(this.symbol, this.amount)
    return this.proposed
  }
  /** The nearest doubles of two numbers are never the other way round: a figure whose double is less than that of a level is below it. */
  isTailBelow(level: Decimal): boolean {
    const { book, symbol, amount, confidence } = this
    const most = toFloat(level)
    if (!(this.ceiling < most))
      this.ceiling = book.tailCeiling(symbol, amount, confidence, most) ?? Number.POSITIVE_INFINITY
    return this.ceiling < most
  }
  isBetaBelow(level: Decimal): boolean {
    return Math.abs(this.betaFigure) < toFloat(level)
  }
  /** The higher of both methods. */
  get valueAtRisk(): Decimal {
    const { figures, confidence } = this
    const parametric = this.known(figures.valueAtRisk(confidence, 'parametric'), 'the value at risk')
    return exact(Math.max(parametric, this.known(figures.valueAtRisk(confidence, 'historical'), 'the value at risk')))
  }
  get conditionalValueAtRisk(): Decimal {
    const { figures, confidence } = this
    const name = 'the mean loss beyond the value at risk'
    const parametric = this.known(figures.conditionalValueAtRisk(confidence, 'parametric'), name)
    return exact(Math.max(parametric, this.known(figures.conditionalValueAtRisk(confidence, 'historical'), name)))
  }
  get beta(): Decimal {
    return exact(this.betaFigure)
  }
  private get betaFigure(): number {
    return this.known(this.figures.beta(), 'the beta of the book')
  }
  private known(figure: number | undefined, name: string): number {
    if (figure !== undefined) return figure
    const why = this.figures.missing()[0]?.message
    throw new SwarmError({
      code: 'RISK_VALUE_MISSING',
      message: `${name} is not known${why === undefined ? '' : `: ${why}`}`,
    })
  }
}

function exact(figure: number): Decimal {
  return fromFloat(figure, figurePlaces, 'a figure of the portfolio')
}
