import {
  errorFunction,
  mean,
  quantile,
  sampleKurtosis,
  sampleSkewness,
  sampleStandardDeviation,
  sum,
} from 'simple-statistics'

/** Fewer returns than this say nothing about their distribution: one in twenty is the whole tail of a 95 % value at risk. */
export const minimumReturns = 20

/** Figures of a series of simple returns per period, at a risk-free rate of 0. */
export type ReturnStatistics = {
  /** Standard deviation (sample) of the returns × √periods per year. */
  readonly volatility: number | null
  /** Mean / standard deviation × √periods per year: Sharpe, The Sharpe Ratio (1994). */
  readonly sharpe: number | null
  /** Mean / downside deviation from 0 over all periods × √periods per year: Sortino and Price (1994). */
  readonly sortino: number | null
  /** Sum of gains / sum of losses about 0: Keating and Shadwick, A Universal Performance Measure (2002). */
  readonly omega: number | null
  /** The loss per period that 95 % of the returns stay above (historical, interpolated), a positive fraction. */
  readonly valueAtRisk95: number | null
  /** The mean loss of the returns at or below that one: Rockafellar and Uryasev (2000). */
  readonly conditionalValueAtRisk95: number | null
  /** |95 % quantile| / |5 % quantile|. */
  readonly tailRatio: number | null
  /** Adjusted Fisher-Pearson coefficient G1: Joanes and Gill (1998). */
  readonly skewness: number | null
  /** Excess kurtosis G2: Joanes and Gill (1998). */
  readonly kurtosis: number | null
  /** The probability that the true Sharpe ratio is above 0: Bailey and López de Prado, The Sharpe Ratio Efficient Frontier (2012). */
  readonly probabilisticSharpe: number | null
}

const notApplicable: ReturnStatistics = {
  volatility: null,
  sharpe: null,
  sortino: null,
  omega: null,
  valueAtRisk95: null,
  conditionalValueAtRisk95: null,
  tailRatio: null,
  skewness: null,
  kurtosis: null,
  probabilisticSharpe: null,
}

/** Not applicable to fewer than 20 returns; a ratio whose divisor is 0 is null too. */
export function returnStatistics(returns: readonly number[], periodsPerYear: number): ReturnStatistics {
  if (returns.length < minimumReturns) return notApplicable
  const values = [...returns]
  const average = mean(values)
  const deviation = sampleStandardDeviation(values)
  const downside = Math.sqrt(sum(values.map((value) => Math.min(value, 0) ** 2)) / values.length)
  const low = quantile(values, 0.05)
  const high = quantile(values, 0.95)
  const annual = Math.sqrt(periodsPerYear)
  const varies = !isConstant(values)
  return {
    volatility: deviation * annual,
    sharpe: varies ? (average / deviation) * annual : null,
    sortino: downside === 0 ? null : (average / downside) * annual,
    omega: ratio(sum(values.filter((value) => value > 0)), -sum(values.filter((value) => value < 0))),
    valueAtRisk95: -low,
    conditionalValueAtRisk95: -mean(values.filter((value) => value <= low)),
    tailRatio: ratio(Math.abs(high), Math.abs(low)),
    skewness: varies ? sampleSkewness(values) : null,
    kurtosis: varies ? sampleKurtosis(values) : null,
    probabilisticSharpe: varies ? probabilisticSharpe(values) : null,
  }
}

/** Equal returns have a deviation of 0 but for rounding, and nothing may be divided by that. */
function isConstant(values: readonly number[]): boolean {
  const first = values[0] as number
  return values.every((value) => Math.abs(value - first) <= 1e-12)
}

/** Null for a divisor of 0. */
export function ratio(value: number, divisor: number): number | null {
  return divisor === 0 ? null : value / divisor
}

/**
 * PSR(0) = Φ(SR √(n − 1) / √(1 − γ3 SR + (γ4 − 1)/4 SR²)), SR per period, γ3 and γ4 the skewness and kurtosis (3 for a normal) of the sample.
 * The normal distribution comes from the error function, exact to 1.2e-7.
 */
function probabilisticSharpe(values: number[]): number | null {
  const average = mean(values)
  const moment = (power: number) => sum(values.map((value) => (value - average) ** power)) / values.length
  const variance = moment(2)
  const sharpe = average / sampleStandardDeviation(values)
  const skewness = moment(3) / variance ** 1.5
  const kurtosis = moment(4) / variance ** 2
  const error = 1 - skewness * sharpe + ((kurtosis - 1) / 4) * sharpe ** 2
  if (!(error > 0)) return null
  const score = (sharpe * Math.sqrt(values.length - 1)) / Math.sqrt(error)
  return (1 + errorFunction(score / Math.SQRT2)) / 2
}
