import { mean, sampleCovariance, sampleStandardDeviation, sampleVariance } from 'simple-statistics'
import { minimumReturns, ratio } from './return-statistics.js'

/** How returns relate to those of a benchmark over the same periods. */
export type BenchmarkStatistics = {
  /** Covariance / variance of the benchmark: Sharpe, Capital Asset Prices (1964). */
  readonly beta: number | null
  /** (Mean − beta × mean of the benchmark) × periods per year, at a risk-free rate of 0: Jensen (1968). */
  readonly alpha: number | null
  /** Mean of the differences / their standard deviation × √periods per year: Goodwin, The Information Ratio (1998). */
  readonly informationRatio: number | null
}

/** Not applicable without a benchmark and to fewer than 20 returns. */
export function benchmarkStatistics(
  returns: readonly number[],
  benchmark: readonly number[] | undefined,
  periodsPerYear: number,
): BenchmarkStatistics {
  if (benchmark === undefined || returns.length < minimumReturns || benchmark.length !== returns.length) {
    return { beta: null, alpha: null, informationRatio: null }
  }
  const own = [...returns]
  const other = [...benchmark]
  const beta = ratio(sampleCovariance(own, other), sampleVariance(other))
  const differences = own.map((value, index) => value - (other[index] as number))
  const deviation = sampleStandardDeviation(differences)
  return {
    beta,
    alpha: beta === null ? null : (mean(own) - beta * mean(other)) * periodsPerYear,
    informationRatio: deviation < 1e-12 ? null : (mean(differences) / deviation) * Math.sqrt(periodsPerYear),
  }
}
