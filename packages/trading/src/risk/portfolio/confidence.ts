/** In per cent: the loss that is not exceeded on so many days of a hundred. */
export type Confidence = 95 | 99

/** By the normal distribution and the covariance matrix, or by replaying the returns of the window. */
export type RiskMethod = 'parametric' | 'historical'

/**
 * Quantiles of the standard normal distribution: z with Φ(z) = 0.95 and 0.99 (Abramowitz and Stegun, Handbook of Mathematical Functions,
 * 26.2; worked out to 60 digits from the series of 26.2.11). Constants, as no engine has to agree with another on them.
 */
export const normalQuantile: Readonly<Record<Confidence, number>> = {
  95: 1.6448536269514726,
  99: 2.326347874040841,
}

/** φ(z) / (1 − confidence): the mean of a standard normal loss beyond its quantile (Rockafellar and Uryasev, 2000, section 3). */
export const normalTailMean: Readonly<Record<Confidence, number>> = {
  95: 2.062712807507426,
  99: 2.665214220345805,
}
