/**
 * Pearson's correlation of two series of equal length, or undefined when one does not vary.
 * Arithmetic and a square root only, so that it is the same on every engine.
 */
export function correlation(a: readonly number[], b: readonly number[]): number | undefined {
  const length = Math.min(a.length, b.length)
  if (length < 2) return undefined
  let meanA = 0
  let meanB = 0
  for (let index = 0; index < length; index += 1) {
    meanA += (a[index] as number) / length
    meanB += (b[index] as number) / length
  }
  let covariance = 0
  let varianceA = 0
  let varianceB = 0
  for (let index = 0; index < length; index += 1) {
    const deviationA = (a[index] as number) - meanA
    const deviationB = (b[index] as number) - meanB
    covariance += deviationA * deviationB
    varianceA += deviationA * deviationA
    varianceB += deviationB * deviationB
  }
  const result = covariance / Math.sqrt(varianceA * varianceB)
  return Number.isFinite(result) ? result : undefined
}
