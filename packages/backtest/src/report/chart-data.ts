import { positionResult, toFloat } from '@tradeswarm/trading'
import { dayText } from './format-figure.js'
import type { ReportInput } from './report-input.js'

/** What the charts draw, one value per session; fractions as per cent. Its keys are read by the page's script. */
export type ChartData = {
  readonly currency: string
  /** Days since 1970-01-01. */
  readonly days: readonly number[]
  readonly equity: readonly number[]
  readonly buyAndHold: readonly number[]
  readonly sameExposure: readonly number[]
  /** At or below 0. */
  readonly drawdown: readonly number[]
  readonly sameExposureDrawdown: readonly number[]
  readonly exposure: readonly number[]
  /** Positions opened in the session. */
  readonly opened: readonly number[]
  /** Positions closed in the session, and what they made, after fees and with dividends; null where there was none. */
  readonly closed: readonly number[]
  readonly closedResult: readonly (number | null)[]
}

const dayMs = 86_400_000

/** The series of the charts. A trade is drawn at the last session that began by then. */
export function chartData({ curve, trades, portfolio }: ReportInput): ChartData {
  const dates = curve.map((point) => point.date)
  const opened = dates.map(() => 0)
  const closed = dates.map(() => 0)
  const closedResult = dates.map((): number | null => null)
  for (const trade of trades) {
    const from = sessionIndex(dates, dayText(trade.openedAt))
    const to = sessionIndex(dates, dayText(trade.closedAt))
    if (from >= 0) opened[from] = (opened[from] ?? 0) + 1
    if (to < 0) continue
    closed[to] = (closed[to] ?? 0) + 1
    closedResult[to] = cents((closedResult[to] ?? 0) + toFloat(positionResult(trade)))
  }
  const equity = curve.map((point) => point.equity)
  const sameExposure = curve.map((point) => point.sameExposure)
  return {
    currency: portfolio.currency,
    days: dates.map((date) => Math.round(Date.parse(`${date}T00:00:00Z`) / dayMs)),
    equity: equity.map(cents),
    buyAndHold: curve.map((point) => cents(point.buyAndHold)),
    sameExposure: sameExposure.map(cents),
    drawdown: drawdowns(equity),
    sameExposureDrawdown: drawdowns(sameExposure),
    exposure: curve.map((point) => percentPoints(point.exposure)),
    opened,
    closed,
    closedResult,
  }
}

/** The index of the last date at or before the day; −1 when there is none. */
function sessionIndex(dates: readonly string[], day: string): number {
  let low = 0
  let high = dates.length
  while (low < high) {
    const middle = (low + high) >>> 1
    if ((dates[middle] ?? '') <= day) low = middle + 1
    else high = middle
  }
  return low - 1
}

function drawdowns(worth: readonly number[]): readonly number[] {
  let peak = 0
  return worth.map((value) => {
    peak = Math.max(peak, value)
    return peak > 0 ? percentPoints(value / peak - 1) : 0
  })
}

function cents(value: number): number {
  return Math.round(value * 100) / 100
}

function percentPoints(fraction: number): number {
  return Math.round(fraction * 1e5) / 1e3 + 0
}
