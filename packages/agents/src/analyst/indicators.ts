import { ATR, RSI, SMA } from 'trading-signals'

/** A finished bar as floats: for indicators only. */
export type IndicatorBar = { readonly high: number; readonly low: number; readonly close: number }

/** Values after the last bar; undefined while there are too few bars. */
export type Indicators = {
  readonly close: number
  /** Wilder's relative strength index over 14 bars, 0 to 100. */
  readonly rsi: number | undefined
  /** Wilder's average true range over 14 bars, in the price's unit. */
  readonly atr: number | undefined
  /** Simple moving average over 50 closes. */
  readonly sma50: number | undefined
}

/** Bars that the indicators look back on; more are of no use to them. */
export const indicatorBars = 120

/** Indicators of the last {@link indicatorBars} bars, oldest first. Undefined without bars. */
export function computeIndicators(bars: readonly IndicatorBar[]): Indicators | undefined {
  const recent = bars.slice(-indicatorBars)
  const last = recent.at(-1)
  if (last === undefined) return undefined
  const rsi = new RSI(14)
  const atr = new ATR(14)
  for (const bar of recent) {
    rsi.add(bar.close)
    atr.add(bar)
  }
  const sma = new SMA(50)
  for (const { close } of recent.slice(-50)) sma.add(close)
  return {
    close: last.close,
    rsi: rsi.getResult() ?? undefined,
    atr: atr.getResult() ?? undefined,
    sma50: sma.getResult() ?? undefined,
  }
}
