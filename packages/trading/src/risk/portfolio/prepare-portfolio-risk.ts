import { SwarmError } from '@tradeswarm/core'
import type { SessionDate } from '../../instruments/trading-calendar.js'
import { minimumReturns } from '../../statistics/return-statistics.js'
import { onReturnGrid } from './fixed-grid.js'
import { placeOf } from './place-of.js'
import type { PreparedReturns } from './prepared-returns.js'
import { prepareScenario } from './prepared-scenario.js'
import type { ReturnBook } from './return-book.js'
import { createRiskBook, type RiskBook, type RiskBookOptions } from './risk-book.js'
import { type MissingReturns, missingReturns, shareHistory } from './shared-history.js'
import { checkScenarios, type StressScenario } from './stress-scenario.js'
import { wholeOption } from './whole-option.js'

/** 250 sessions are a year, the least that Basel asks of historical simulation (Basel Committee, 1996, B.4 d). */
const defaults = { window: 250, maximumLagSessions: 5, correlationThreshold: 0.7 }
/** Covariances take symbols² × window steps. */
const maximumSymbols = 1_000

/** What {@link preparePortfolioRisk} needs. */
export type PortfolioRiskOptions = {
  readonly returns: ReturnBook
  /** All that is held or may be traded before the next preparation; at most 1,000. The order makes no difference. */
  readonly symbols: readonly string[]
  /** Betas are against it. It may be held too. */
  readonly benchmark?: string
  /** Returns looked back on, 20 to 2,500; 250 when absent. Historical figures at 99 % need 100. */
  readonly window?: number
  /** A symbol whose last close is more sessions old counts as missing; 0 to 250, 5 when absent. */
  readonly maximumLagSessions?: number
  /** Symbols move together when their returns correlate above it; 0.7 when absent. */
  readonly correlationThreshold?: number
  readonly scenarios?: readonly StressScenario[]
  /** The group of a symbol, for scenarios that shock groups: its sector, say. */
  readonly groups?: Readonly<Record<string, string>>
}

/** What was worked out of the returns at one bar. A figure that the history does not give is undefined, never 0. */
export type PortfolioRisk = {
  /** By name. */
  readonly symbols: readonly string[]
  readonly benchmark: string | undefined
  readonly window: number
  /** The sessions whose closes were used, window + 1 of them; none when no symbol has enough. */
  readonly sessions: readonly SessionDate[]
  readonly scenarios: readonly StressScenario[]
  /** The version of the return book that this comes from. */
  readonly version: number
  has(symbol: string): boolean
  /** Why there are no figures of a symbol. */
  missing(symbol: string): MissingReturns | undefined
  /** Standard deviation (sample) of the returns of one session. */
  volatility(symbol: string): number | undefined
  /** Sample covariance of the returns of one session. */
  covariance(symbol: string, other: string): number | undefined
  /** Pearson's correlation. */
  correlation(symbol: string, other: string): number | undefined
  /** Covariance with the benchmark / its variance: Sharpe (1964). */
  beta(symbol: string): number | undefined
  /** Whether returns correlate above the threshold; true where that is not known. */
  movesTogether(symbol: string, other: string): boolean
  /** Positions and equity over these returns, kept up to date in little time. */
  openBook(options: RiskBookOptions): RiskBook
}

/** All that is costly, once a bar: symbols² × window steps. Throws `INVALID_OPTION`; asked about an unknown symbol, `SYMBOL_NOT_PREPARED`. */
export function preparePortfolioRisk(options: PortfolioRiskOptions): PortfolioRisk {
  const prepared = prepareReturns(options)
  const { symbols, count, covariances, volatilities, betas } = prepared
  const known = (value: number | undefined): number | undefined => (Number.isFinite(value) ? value : undefined)
  const covariance = (symbol: string, other: string): number | undefined =>
    known(covariances[placeOf(prepared, symbol) * count + placeOf(prepared, other)])
  return {
    symbols,
    benchmark: options.benchmark,
    window: prepared.window,
    sessions: prepared.sessions,
    scenarios: prepared.scenarios.map(({ scenario }) => scenario),
    version: options.returns.version,
    has: (symbol) => prepared.places.has(symbol),
    missing: (symbol) => prepared.missing[placeOf(prepared, symbol)],
    volatility: (symbol) => known(volatilities[placeOf(prepared, symbol)]),
    covariance,
    correlation(symbol, other) {
      const [a, b] = [placeOf(prepared, symbol), placeOf(prepared, other)]
      return known(correlationAt(prepared, a, b))
    },
    beta: (symbol) => known(betas[placeOf(prepared, symbol)]),
    movesTogether: (symbol, other) =>
      prepared.together[placeOf(prepared, symbol) * count + placeOf(prepared, other)] === 1,
    openBook: (bookOptions) => createRiskBook(prepared, bookOptions),
  }
}

function prepareReturns(options: PortfolioRiskOptions): PreparedReturns {
  const window = wholeOption('window', options.window ?? defaults.window, minimumReturns, 2_500)
  const maximumLagSessions = wholeOption(
    'maximumLagSessions',
    options.maximumLagSessions ?? defaults.maximumLagSessions,
    0,
    250,
  )
  const threshold = thresholdOption(options.correlationThreshold ?? defaults.correlationThreshold)
  const stated = options.scenarios ?? []
  checkScenarios(stated, window)
  const { returns: book, benchmark } = options
  const symbols = [...new Set(benchmark === undefined ? options.symbols : [...options.symbols, benchmark])].sort()
  wholeOption('symbols.length', symbols.length, 0, maximumSymbols)
  const count = symbols.length
  const history = shareHistory(book, symbols, { returns: window, maximumLagSessions, benchmark })

  const returns = symbols.map((symbol) => returnsOf(history.rows.get(symbol), window))
  const missing = symbols.map((symbol, place) => {
    const lack = history.missing.get(symbol)
    const row = returns[place] as Float64Array
    return lack ?? (varies(row) ? undefined : missingReturns(symbol, 'NO_VARIATION', window, window + 1))
  })
  const covariances = covarianceMatrix(returns, missing, window)
  const volatilities = Float64Array.from(symbols, (_, place) => Math.sqrt(covariances[place * count + place] as number))
  const market = benchmark === undefined ? -1 : symbols.indexOf(benchmark)
  const hasBenchmark = market !== -1 && missing[market] === undefined
  const betas = Float64Array.from(symbols, (_, place) =>
    hasBenchmark
      ? onReturnGrid((covariances[place * count + market] as number) / (covariances[market * count + market] as number))
      : Number.NaN,
  )
  const closes = symbols.map((symbol, place) => (missing[place] === undefined ? history.rows.get(symbol) : undefined))
  const { sessions } = history
  const ground = { symbols, groups: options.groups ?? {}, sessions, closes, volatilities, betas, hasBenchmark }
  const prepared = {
    symbols,
    places: new Map(symbols.map((symbol, place) => [symbol, place])),
    count,
    window,
    sessions,
    returns,
    missing,
    covariances,
    volatilities,
    betas,
    hasBenchmark,
    scenarios: stated.map((scenario) => prepareScenario(scenario, ground)),
    together: new Uint8Array(count * count),
  }
  for (let a = 0; a < count; a += 1)
    for (let b = 0; b < count; b += 1) {
      const moves = a === b || !(correlationAt(prepared, a, b) <= threshold)
      prepared.together[a * count + b] = moves ? 1 : 0
    }
  return prepared
}

/** NaN where one of them has no returns. */
function correlationAt(
  prepared: Pick<PreparedReturns, 'covariances' | 'volatilities' | 'count'>,
  a: number,
  b: number,
): number {
  const { covariances, volatilities, count } = prepared
  return (covariances[a * count + b] as number) / ((volatilities[a] as number) * (volatilities[b] as number))
}

/** Simple returns from close to close, on their grid; zeros for a symbol without. */
function returnsOf(closes: Float64Array | undefined, window: number): Float64Array {
  const returns = new Float64Array(window)
  if (closes === undefined) return returns
  for (let index = 0; index < window; index += 1)
    returns[index] = onReturnGrid((closes[index + 1] as number) / (closes[index] as number) - 1)
  return returns
}

function varies(returns: Float64Array): boolean {
  return returns.some((value) => value !== returns[0])
}

/** Row by row; NaN where a symbol has no returns. */
function covarianceMatrix(
  returns: readonly Float64Array[],
  missing: readonly (MissingReturns | undefined)[],
  window: number,
): Float64Array {
  const count = returns.length
  const deviations = returns.map((row) => {
    let sum = 0
    for (let index = 0; index < window; index += 1) sum += row[index] as number
    const mean = sum / window
    const deviation = new Float64Array(window)
    for (let index = 0; index < window; index += 1) deviation[index] = (row[index] as number) - mean
    return deviation
  })
  const matrix = new Float64Array(count * count).fill(Number.NaN)
  for (let a = 0; a < count; a += 1) {
    if (missing[a] !== undefined) continue
    const rowA = deviations[a] as Float64Array
    for (let b = a; b < count; b += 1) {
      if (missing[b] !== undefined) continue
      const rowB = deviations[b] as Float64Array
      let sum = 0
      for (let index = 0; index < window; index += 1) sum += (rowA[index] as number) * (rowB[index] as number)
      matrix[a * count + b] = sum / (window - 1)
      matrix[b * count + a] = sum / (window - 1)
    }
  }
  return matrix
}

function thresholdOption(value: number): number {
  if (value >= -1 && value <= 1) return value
  throw new SwarmError({
    code: 'INVALID_OPTION',
    message: `correlationThreshold: ${value} is not a correlation from -1 to 1`,
  })
}
