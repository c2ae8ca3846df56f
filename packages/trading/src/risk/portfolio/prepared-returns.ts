import type { SessionDate } from '../../instruments/trading-calendar.js'
import type { PreparedScenario } from './prepared-scenario.js'
import type { MissingReturns } from './shared-history.js'

/** All that a {@link RiskBook} reads, by the place of a symbol. Symbols are in order of name, so that sums do not depend on how they came. */
export type PreparedReturns = {
  readonly symbols: readonly string[]
  readonly places: ReadonlyMap<string, number>
  readonly count: number
  /** Returns in a row. */
  readonly window: number
  readonly sessions: readonly SessionDate[]
  /** Zeros for a symbol without returns. */
  readonly returns: readonly Float64Array[]
  readonly missing: readonly (MissingReturns | undefined)[]
  /** Count × count; NaN for symbols without returns. */
  readonly covariances: Float64Array
  readonly volatilities: Float64Array
  /** On the grid; NaN without a benchmark. */
  readonly betas: Float64Array
  readonly hasBenchmark: boolean
  readonly scenarios: readonly PreparedScenario[]
  /** Count × count; 1 where returns correlate above the threshold or that is not known. */
  readonly together: Uint8Array
}
