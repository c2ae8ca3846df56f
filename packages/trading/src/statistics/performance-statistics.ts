import { SwarmError } from '@tradeswarm/core'
import { mean, sum } from 'simple-statistics'
import type { SessionDate } from '../instruments/trading-calendar.js'
import { type BenchmarkStatistics, benchmarkStatistics } from './benchmark-statistics.js'
import { type DrawdownStatistics, drawdownStatistics } from './drawdown-statistics.js'
import { minimumReturns, type ReturnStatistics, ratio, returnStatistics } from './return-statistics.js'
import { roundSignificant } from './round-significant.js'
import { type ClosedTrade, type TradeStatistics, tradeStatistics } from './trade-statistics.js'

/** The worth of the account at the end of a period; exposure is the invested fraction of it then. */
export type EquityPoint = { readonly date: SessionDate; readonly equity: number; readonly exposure?: number }

/** What the figures are worked out from. */
export type PerformanceInput = {
  /** One point per period, oldest first; the first is the start. */
  readonly equity: readonly EquityPoint[]
  readonly trades: readonly ClosedTrade[]
  /** The worth of the benchmark at the same points. */
  readonly benchmark?: readonly number[]
  /** 252 for sessions of US equities, 365 for days of crypto. */
  readonly periodsPerYear: number
}

/** Fractions, not per cent; null is "not applicable". Figures carry ten significant digits (the probability six). */
export type PerformanceStatistics = ReturnStatistics &
  DrawdownStatistics &
  TradeStatistics &
  BenchmarkStatistics & {
    readonly periods: number
    readonly totalReturn: number | null
    /** (1 + total return) to the power of periods per year / periods, minus 1. */
    readonly annualReturn: number | null
    /** Annual return / maximum drawdown: Young, Calmar Ratio (1991). */
    readonly calmar: number | null
    /** Mean invested fraction of the equity over the points that state one; null where none does. */
    readonly exposure: number | null
    /** Half of what closed trades bought and sold / mean equity, per year: what is still open at the end is not in it. */
    readonly turnover: number | null
  }

/** Throws `INVALID_OPTION`, naming the field, on a number that is not finite, a benchmark of another length or periods per year not above 0. */
export function performanceStatistics(input: PerformanceInput): PerformanceStatistics {
  checkInput(input)
  const { periodsPerYear } = input
  const equity = input.equity.map((point) => point.equity)
  const returns = simpleReturns(equity)
  const periods = Math.max(0, equity.length - 1)
  const drawdown = drawdownStatistics((equity[0] ?? 0) > 0 ? equity : [])
  const totalReturn =
    periods === 0 || returns === undefined ? null : (equity.at(-1) as number) / (equity[0] as number) - 1
  const enough = periods >= minimumReturns
  const annualReturn =
    totalReturn === null || !enough || totalReturn < -1 ? null : (1 + totalReturn) ** (periodsPerYear / periods) - 1
  const exposures = input.equity.flatMap((point) => (point.exposure === undefined ? [] : [point.exposure]))
  const traded = sum(input.trades.map((trade) => trade.tradedNotional)) / 2
  const unrounded = {
    periods,
    totalReturn,
    annualReturn,
    calmar:
      annualReturn === null || drawdown.maximumDrawdown === null ? null : ratio(annualReturn, drawdown.maximumDrawdown),
    exposure: exposures.length === 0 ? null : mean(exposures),
    turnover: enough && mean(equity) > 0 ? (traded / mean(equity)) * (periodsPerYear / periods) : null,
    ...returnStatistics(returns ?? [], periodsPerYear),
    ...drawdown,
    ...tradeStatistics(input.trades),
    ...benchmarkStatistics(returns ?? [], input.benchmark && simpleReturns(input.benchmark), periodsPerYear),
  }
  return rounded(unrounded)
}

/** Undefined where a value that would be divided by is not above 0. */
function simpleReturns(values: readonly number[]): readonly number[] | undefined {
  const returns: number[] = []
  for (let index = 1; index < values.length; index += 1) {
    const before = values[index - 1] as number
    if (!(before > 0)) return undefined
    returns.push((values[index] as number) / before - 1)
  }
  return returns
}

function rounded(statistics: PerformanceStatistics): PerformanceStatistics {
  const entries = Object.entries(statistics).map(([name, value]) => [
    name,
    roundSignificant(value, name === 'probabilisticSharpe' ? 6 : undefined),
  ])
  return Object.fromEntries(entries) as PerformanceStatistics
}

function checkInput({ equity, trades, benchmark, periodsPerYear }: PerformanceInput): void {
  if (!(periodsPerYear > 0 && Number.isFinite(periodsPerYear)))
    throw invalid(`periodsPerYear: ${periodsPerYear} is not a finite number above 0`)
  for (const point of equity) {
    if (!Number.isFinite(point.equity)) throw invalid(`equity of ${point.date}: ${point.equity} is not a finite number`)
    if (point.exposure !== undefined && !Number.isFinite(point.exposure)) {
      throw invalid(`exposure of ${point.date}: ${point.exposure} is not a finite number`)
    }
  }
  for (const [index, trade] of trades.entries()) {
    for (const field of ['profit', 'tradedNotional', 'openedAt', 'closedAt'] as const) {
      if (!Number.isFinite(trade[field]))
        throw invalid(`trades[${index}].${field}: ${trade[field]} is not a finite number`)
    }
  }
  if (benchmark === undefined) return
  if (benchmark.length !== equity.length)
    throw invalid(`benchmark: it has ${benchmark.length} points, the equity ${equity.length}`)
  const wrong = benchmark.findIndex((value) => !Number.isFinite(value))
  if (wrong >= 0) throw invalid(`benchmark[${wrong}]: ${benchmark[wrong]} is not a finite number`)
}

function invalid(reason: string): SwarmError {
  return new SwarmError({ code: 'INVALID_OPTION', message: `performanceStatistics: ${reason}` })
}
