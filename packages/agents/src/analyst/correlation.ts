/** Fewer pairs than this say nothing. */
const minimumPairs = 20

/** Pearson's correlation of the last pairs of two series that end together; undefined for too few pairs or a series that does not move. */
export function correlationOf(one: readonly number[], other: readonly number[]): number | undefined {
  const length = Math.min(one.length, other.length)
  if (length < minimumPairs) return undefined
  const xs = one.slice(-length)
  const ys = other.slice(-length)
  const meanX = meanOf(xs)
  const meanY = meanOf(ys)
  let covariance = 0
  let varianceX = 0
  let varianceY = 0
  for (let index = 0; index < length; index += 1) {
    const x = (xs[index] ?? 0) - meanX
    const y = (ys[index] ?? 0) - meanY
    covariance += x * y
    varianceX += x * x
    varianceY += y * y
  }
  if (!(varianceX > 0 && varianceY > 0)) return undefined
  const value = covariance / Math.sqrt(varianceX * varianceY)
  return Number.isFinite(value) ? Math.min(1, Math.max(-1, value)) : undefined
}

/** Returns from one close to the next; a close that is not above 0 gives none. */
export function returnsOf(closes: readonly number[]): readonly number[] {
  const returns: number[] = []
  for (let index = 1; index < closes.length; index += 1) {
    const before = closes[index - 1] ?? 0
    returns.push(before > 0 ? (closes[index] ?? 0) / before - 1 : 0)
  }
  return returns
}

function meanOf(values: readonly number[]): number {
  let sum = 0
  for (const value of values) sum += value
  return values.length === 0 ? 0 : sum / values.length
}
