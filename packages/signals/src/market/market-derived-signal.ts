import type { SessionDate } from '@tradeswarm/trading'

/** A finished daily bar as floats: statistics only, never money. */
export type MarketBar = {
  readonly sessionDate: SessionDate
  readonly open: number
  readonly high: number
  readonly low: number
  readonly close: number
  readonly volume: number
}

/** What is measured of the bars. */
export type MarketSignalKind = 'trend' | 'gap' | 'volatility' | 'volume'

/** One measure of the bars up to the last one given. `value` is the raw measure, in the unit its kind documents. */
export type MarketDerivedSignal = {
  readonly kind: MarketSignalKind
  /** -1 (bearish) to 1 (bullish). */
  readonly score: number
  /** 0 to 1. */
  readonly confidence: number
  readonly value: number
}
