import {
  type ClosedPosition,
  closedTrade,
  type PerformanceStatistics,
  type PortfolioView,
  performanceStatistics,
  type SessionDate,
} from '@tradeswarm/trading'
import type { AgentActivity } from '../report/report-input.js'
import { withReport } from '../report/with-report.js'
import type { Tape, TapeCounts } from '../tape/tape.js'
import { type BenchmarkCurve, benchmarkCurve } from './benchmark.js'
import { type Contamination, contaminationOf } from './contamination.js'
import type { DriveResult, SessionClose } from './drive-run.js'
import { type RunTally, submittedOrders } from './run-counts.js'
import type { RunHeader } from './run-header.js'

/** How much of everything a run had: inputs, messages by their topic, and what became of orders. */
export type BacktestCounts = {
  readonly entries: number
  readonly posts: number
  readonly signals: number
  readonly aggregates: number
  readonly recommendations: number
  readonly intents: number
  readonly denials: number
  /** Orders that went to the venue, protective ones included. */
  readonly orders: number
  readonly fills: number
  readonly trades: number
  readonly outcomes: number
  readonly parameterChanges: number
  /** Messages published, those that are not journalled included. */
  readonly messages: number
  readonly deadLetters: number
}

/** Total return, Sharpe ratio and maximum drawdown of a yardstick; null where there is too little of it. */
export type YardstickStatistics = Pick<
  PerformanceStatistics,
  'totalReturn' | 'annualReturn' | 'sharpe' | 'maximumDrawdown'
>

/** What a run came to: figures, books, counts, and the hash that says whether another run was the same. */
export type BacktestResult = {
  /** `stopped` when a signal ended it early. */
  readonly status: 'completed' | 'stopped'
  /** The last session that was closed; undefined when there was none. */
  readonly lastSession: SessionDate | undefined
  readonly journalHash: string
  /** Entries that a resumed run found recorded; 0 otherwise. */
  readonly resumedAfter: number
  /** Sentences without which the figures mislead: the tape's, then the run's own. Every report shows them. */
  readonly labels: readonly string[]
  /** What the tape is called and where it came from: no part of the journal, as the same content is the same run. */
  readonly tapeName: string
  readonly tapeForm: Tape['form']
  readonly header: RunHeader
  readonly tape: TapeCounts
  readonly statistics: PerformanceStatistics
  readonly benchmark: { readonly buyAndHold: YardstickStatistics; readonly sameExposure: YardstickStatistics }
  readonly counts: BacktestCounts
  readonly portfolio: PortfolioView
  readonly trades: readonly ClosedPosition[]
  /** By session: the account, and the two benchmarks scaled to the start capital. */
  readonly curve: readonly CurvePoint[]
  /** What each agent did, at the end of the run. */
  readonly agents?: readonly AgentActivity[]
  /** Findings of denied intents by their code. */
  readonly denialsByCode?: Readonly<Record<string, number>>
  /** Journal entries by topic, and by kind where they are no message. */
  readonly topics?: Readonly<Record<string, number>>
  /** The part of the run on days that its models may have read about; absent where it had none. */
  readonly contamination?: Contamination
  /** One HTML file that opens offline. Not enumerable. Throws `REPORT_NOT_WRITTEN`, naming the path. */
  writeReport(path: string): Promise<void>
}

/** One session's close: worth in the currency of the start capital, exposure as a fraction of the equity. */
export type CurvePoint = {
  readonly date: SessionDate
  readonly equity: number
  readonly exposure: number
  readonly buyAndHold: number
  readonly sameExposure: number
}

const periodsPerYear = 252

/** Stands for the start capital, which comes before the close of the first session. */
const beforeFirst = 'start'

/** What a result is put together from. */
export type ResultParts = {
  readonly tape: Tape
  readonly header: RunHeader
  readonly result: DriveResult
  readonly sessions: readonly SessionClose[]
  readonly tally: RunTally
  /** Findings of denied intents, by code. */
  readonly denials: RunTally
  readonly resumedAfter: number
}

/** The result of a run: statistics start with the start capital, and sessions in which something had no price are left out. */
export function resultOf({
  tape,
  header,
  result,
  sessions,
  tally,
  denials,
  resumedAfter,
}: ResultParts): BacktestResult {
  const priced = sessions.filter((session) => session.equity !== undefined)
  const start = Number(header.cash[result.portfolio.currency])
  const benchmark = benchmarkCurve(tape, header.swarm.symbols, priced)
  const curve = priced.map((session, index): CurvePoint => pointOf(session, benchmark, index, start))
  const contamination = contaminationOf(header.swarm.models, curve, start)
  return withReport({
    status: result.status,
    lastSession: sessions.at(-1)?.sessionDate,
    journalHash: result.journalHash,
    resumedAfter,
    tapeName: tape.name,
    tapeForm: tape.form,
    labels: [...tape.labels, ...header.labels],
    header,
    tape: tape.counts,
    statistics: performanceStatistics({
      equity: [
        { date: beforeFirst, equity: start },
        ...curve.map(({ date, equity, exposure }) => ({ date, equity, exposure })),
      ],
      trades: result.closed.map(closedTrade),
      benchmark: [start, ...curve.map((point) => point.sameExposure)],
      periodsPerYear,
    }),
    benchmark: {
      buyAndHold: yardstick(start, curve, (point) => point.buyAndHold),
      sameExposure: yardstick(start, curve, (point) => point.sameExposure),
    },
    counts: countsOf(result, tally),
    portfolio: result.portfolio,
    trades: result.closed,
    curve,
    ...(contamination === undefined ? {} : { contamination }),
    topics: Object.fromEntries(tally),
    agents: result.agents,
    denialsByCode: Object.fromEntries(denials),
  })
}

function pointOf(session: SessionClose, benchmark: BenchmarkCurve, index: number, start: number): CurvePoint {
  return {
    date: session.sessionDate,
    equity: session.equity ?? start,
    exposure: session.exposure ?? 0,
    buyAndHold: start * (benchmark.buyAndHold[index] ?? 1),
    sameExposure: start * (benchmark.sameExposure[index] ?? 1),
  }
}

function yardstick(
  start: number,
  curve: readonly CurvePoint[],
  worth: (point: CurvePoint) => number,
): YardstickStatistics {
  const { totalReturn, annualReturn, sharpe, maximumDrawdown } = performanceStatistics({
    equity: [
      { date: beforeFirst, equity: start },
      ...curve.map((point) => ({ date: point.date, equity: worth(point) })),
    ],
    trades: [],
    periodsPerYear,
  })
  return { totalReturn, annualReturn, sharpe, maximumDrawdown }
}

function countsOf(result: DriveResult, tally: RunTally): BacktestCounts {
  const of = (name: string): number => tally.get(name) ?? 0
  return {
    entries: result.entries,
    posts: of('post.received'),
    signals: of('signal.observed'),
    aggregates: of('signal.aggregated'),
    recommendations: of('recommendation.issued'),
    intents: of('intent.formed'),
    denials: of('intent.denied'),
    orders: of(submittedOrders),
    fills: of('order.filled'),
    trades: result.closed.length,
    outcomes: of('outcome.recorded'),
    parameterChanges: of('parameters.adjusted'),
    messages: result.published,
    deadLetters: result.deadLetters,
  }
}
