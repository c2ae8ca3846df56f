import type { MarketBar, MarketDerivedSignal } from './market-derived-signal.js'

/** How many bars each measure needs; with fewer it is left out. */
export const marketSignalWarmUpBars = { trend: 220, gap: 16, volatility: 253, volume: 22 } as const

const trueRangeBars = 14
const shortReturns = 20
const yearOfReturns = 252
const volumeBars = 20
const slopeBars = 20

/**
 * Measures of the bars up to the last, each a bounded score by a standard formula (see the functions below). Sums,
 * quotients and square roots only. A number that is not finite, or a price of 0 or less, gives no measure at all.
 */
export function deriveMarketSignals(history: readonly MarketBar[]): readonly MarketDerivedSignal[] {
  const bars = history.slice(-(yearOfReturns + 1))
  if (!bars.every(isUsable)) return []
  const signals: MarketDerivedSignal[] = []
  for (const derive of [trendSignal, gapSignal, volatilitySignal, volumeSignal]) {
    const signal = derive(bars)
    if (signal !== undefined) signals.push(signal)
  }
  return signals
}

/**
 * Alignment of the averages of 20, 50 and 200 closes. Four distances in average true ranges, each cut at 1: close over the
 * 20 (by 2), 20 over 50 (by 2), 50 over 200 (by 5), rise of the 50 in 20 bars (by 2). Score: their mean. Confidence: how far
 * they agree. Value: SMA50 / SMA200 - 1.
 */
function trendSignal(bars: readonly MarketBar[]): MarketDerivedSignal | undefined {
  const range = averageTrueRange(bars)
  if (bars.length < marketSignalWarmUpBars.trend || range === 0) return undefined
  const closes = bars.map(({ close }) => close)
  const short = mean(closes.slice(-20))
  const middle = mean(closes.slice(-50))
  const long = mean(closes.slice(-200))
  const middleBefore = mean(closes.slice(-50 - slopeBars, -slopeBars))
  const parts = [
    (lastOf(closes) - short) / (2 * range),
    (short - middle) / (2 * range),
    (middle - long) / (5 * range),
    (middle - middleBefore) / (2 * range),
  ].map((part) => clamp(part, -1, 1))
  const size = parts.reduce((sum, part) => sum + Math.abs(part), 0)
  const total = parts.reduce((sum, part) => sum + part, 0)
  return signal('trend', total / parts.length, size === 0 ? 0 : Math.abs(total) / size, middle / long - 1)
}

/**
 * Value: (open - prior close) in average true ranges of the bars before. Score: value / 2, cut at 1, times the part of the
 * gap still open at the close. Confidence: |value|, cut at 1.
 */
function gapSignal(bars: readonly MarketBar[]): MarketDerivedSignal | undefined {
  const last = bars.at(-1)
  const prior = bars.at(-2)
  if (bars.length < marketSignalWarmUpBars.gap || last === undefined || prior === undefined) return undefined
  const range = averageTrueRange(bars.slice(0, -1))
  if (range === 0) return undefined
  const gap = last.open - prior.close
  const kept = gap === 0 ? 0 : clamp((last.close - prior.close) / gap, 0, 1)
  const value = gap / range
  return signal('gap', clamp(value / 2, -1, 1) * kept, Math.abs(value), value)
}

/**
 * Value: standard deviation of the last 20 daily returns over that of the last 252. Score: 1 - value, from -1 to 0.5: calm
 * is mildly good, turmoil bad. Confidence: |1 - value|, cut at 1.
 */
function volatilitySignal(bars: readonly MarketBar[]): MarketDerivedSignal | undefined {
  if (bars.length < marketSignalWarmUpBars.volatility) return undefined
  const returns = bars.slice(1).map((bar, index) => bar.close / (bars[index]?.close ?? bar.close) - 1)
  const year = standardDeviation(returns.slice(-yearOfReturns))
  if (year === 0) return undefined
  const value = standardDeviation(returns.slice(-shortReturns)) / year
  return signal('volatility', clamp(1 - value, -1, 0.5), Math.abs(1 - value), value)
}

/**
 * Value: z-score of the volume against the 20 bars before. Score: z / 3, cut to 0..1, with the sign of the day's change:
 * thin trading says nothing. Confidence: the same without the sign.
 */
function volumeSignal(bars: readonly MarketBar[]): MarketDerivedSignal | undefined {
  const last = bars.at(-1)
  const prior = bars.at(-2)
  if (bars.length < marketSignalWarmUpBars.volume || last === undefined || prior === undefined) return undefined
  const before = bars.slice(-1 - volumeBars, -1).map(({ volume }) => volume)
  const deviation = standardDeviation(before)
  if (deviation === 0) return undefined
  const value = (last.volume - mean(before)) / deviation
  const strength = clamp(value / 3, 0, 1)
  return signal('volume', Math.sign(last.close - prior.close) * strength, strength, value)
}

/** Mean true range (Wilder) of the last 14 bars, each against the close before it. */
function averageTrueRange(bars: readonly MarketBar[]): number {
  const recent = bars.slice(-trueRangeBars - 1)
  const ranges = recent.slice(1).map((bar, index) => {
    const priorClose = recent[index]?.close ?? bar.open
    return Math.max(bar.high, priorClose) - Math.min(bar.low, priorClose)
  })
  return mean(ranges)
}

function signal(
  kind: MarketDerivedSignal['kind'],
  score: number,
  confidence: number,
  value: number,
): MarketDerivedSignal {
  return { kind, score: clamp(score, -1, 1), confidence: clamp(confidence, 0, 1), value }
}

function isUsable({ open, high, low, close, volume }: MarketBar): boolean {
  return (
    isPrice(open) && isPrice(high) && isPrice(low) && isPrice(close) && volume >= 0 && volume < Number.POSITIVE_INFINITY
  )
}

function isPrice(value: number): boolean {
  return value > 0 && value < Number.POSITIVE_INFINITY
}

function mean(values: readonly number[]): number {
  return values.length === 0 ? 0 : values.reduce((sum, value) => sum + value, 0) / values.length
}

function standardDeviation(values: readonly number[]): number {
  const centre = mean(values)
  return Math.sqrt(mean(values.map((value) => (value - centre) * (value - centre))))
}

function lastOf(values: readonly number[]): number {
  return values.at(-1) ?? 0
}

function clamp(value: number, minimum: number, maximum: number): number {
  return Math.min(maximum, Math.max(minimum, value))
}
