/** A weight counts as no less than this part of the largest, so that no quotient overflows. */
const smallestRatio = 1e-12

/**
 * Shares of a total in proportion to weights, none above `max(cap, 1/n)` for n positive weights; they sum to 1.
 * What is cut off is spread over the rest in proportion (the capping of index weights, repeated until none is over).
 * Equal weights get equal shares whatever their order. All zeros give all zeros.
 */
export function cappedShares(weights: readonly number[], cap: number): readonly number[] {
  const positive = weights.filter((weight) => weight > 0).length
  if (positive === 0) return weights.map(() => 0)
  const limit = Math.max(cap, 1 / positive)
  const largest = Math.max(...weights)
  const largestFirst = weights
    .map((weight, index) => ({ weight: weight > 0 ? Math.max(smallestRatio, weight / largest) : 0, index }))
    .filter(({ weight }) => weight > 0)
    .sort((a, b) => b.weight - a.weight || a.index - b.index)
  const restSums = sumsFromTheEnd(largestFirst.map(({ weight }) => weight))
  const shares: number[] = weights.map(() => 0)
  let left = 1
  let isCapping = true
  let scale = 0
  largestFirst.forEach(({ weight, index }, rank) => {
    const proportional = (left * weight) / (restSums[rank] ?? weight)
    if (isCapping && proportional > limit) {
      shares[index] = limit
      left = Math.max(0, left - limit)
      return
    }
    if (isCapping) {
      isCapping = false
      scale = left / (restSums[rank] ?? weight)
    }
    shares[index] = Math.min(limit, weight * scale)
  })
  return shares
}

function sumsFromTheEnd(values: readonly number[]): readonly number[] {
  const sums: number[] = values.map(() => 0)
  let sum = 0
  for (let index = values.length - 1; index >= 0; index -= 1) {
    sum += values[index] ?? 0
    sums[index] = sum
  }
  return sums
}
