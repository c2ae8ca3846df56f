import type { Decimal } from '../../money/decimal.js'
import type { Confidence, RiskMethod } from './confidence.js'
import type { MissingReturns } from './shared-history.js'

/**
 * Figures of a book, worked out when asked and kept until it changes. Fractions are of equity and rounded to 6 decimals, half to even;
 * losses are positive. Undefined: equity is not above 0, or a symbol that is held has no returns (see `missing`); never 0 instead.
 */
export type RiskView = {
  /** Σ |worth|, exact. */
  gross(): Decimal
  /** Σ worth, exact. */
  net(): Decimal
  /** Signed worth of a symbol, exact. */
  worth(symbol: string): Decimal
  /** The largest |worth| as a fraction of gross exposure; undefined for an empty book. */
  largestShare(): number | undefined
  /** Σ (|worth| / gross)²: 1 for a single position, 1/n for n equal ones; undefined for an empty book. Herfindahl (1950), Hirschman (1945). */
  herfindahlIndex(): number | undefined
  /** |worth| of the symbol and of all that move together with it, exact. */
  correlatedExposure(symbol: string): Decimal
  /** Σ worth × beta / equity. */
  beta(): number | undefined
  /** Loss of one session that is not exceeded with this confidence. Historical at 99 % needs a window of 100. */
  valueAtRisk(confidence: Confidence, method: RiskMethod): number | undefined
  /** Mean loss beyond it (expected shortfall). */
  conditionalValueAtRisk(confidence: Confidence, method: RiskMethod): number | undefined
  /** What the proposed order adds to the value at risk; negative where it reduces it. 0 for the book as it is. */
  incrementalValueAtRisk(confidence: Confidence, method: RiskMethod): number | undefined
  /** By how much the parametric value at risk grows for each unit of money put into the symbol; undefined where the P&L does not vary. */
  marginalValueAtRisk(symbol: string, confidence: Confidence): number | undefined
  /** Worth × marginal value at risk / equity; over all symbols they add up to the parametric value at risk (Euler). */
  componentValueAtRisk(symbol: string, confidence: Confidence): number | undefined
  /** Cov(P&L of the book, return of the symbol), in money and not rounded: what a hedge is sized by. */
  covarianceWith(symbol: string): number | undefined
  /** By place in `scenarios`. Undefined also where the scenario cannot be worked out. */
  stressLoss(scenario: number): number | undefined
  /** What is held and has no returns. */
  missing(): readonly MissingReturns[]
}
