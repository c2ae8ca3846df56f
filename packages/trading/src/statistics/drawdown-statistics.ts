/** The figures of an equity curve's falls below its earlier peak. */
export type DrawdownStatistics = {
  /** The deepest fall as a fraction of the peak before it, positive; 0 when the curve never fell. */
  readonly maximumDrawdown: number | null
  /** Periods from the peak before the deepest fall to the recovery of that peak, or to the end. */
  readonly maximumDrawdownPeriods: number | null
  /** Root mean square of the drawdowns of all periods, a fraction: Martin and McCann, The Investor's Guide to Fidelity Funds (1989). */
  readonly ulcerIndex: number | null
}

/** Not applicable to fewer than two points. */
export function drawdownStatistics(equity: readonly number[]): DrawdownStatistics {
  if (equity.length < 2) return { maximumDrawdown: null, maximumDrawdownPeriods: null, ulcerIndex: null }
  let peak = equity[0] as number
  let peakIndex = 0
  let deepest = { fraction: 0, peakIndex: 0, peak, end: 0 }
  let squares = 0
  for (const [index, value] of equity.entries()) {
    if (value >= peak) {
      if (deepest.fraction > 0 && deepest.end === 0 && value >= deepest.peak) deepest.end = index
      peak = value
      peakIndex = index
    }
    const fraction = (peak - value) / peak
    squares += fraction * fraction
    if (fraction > deepest.fraction) deepest = { fraction, peakIndex, peak, end: 0 }
  }
  const end = deepest.end === 0 ? equity.length - 1 : deepest.end
  return {
    maximumDrawdown: deepest.fraction,
    maximumDrawdownPeriods: deepest.fraction === 0 ? 0 : end - deepest.peakIndex,
    ulcerIndex: Math.sqrt(squares / equity.length),
  }
}
