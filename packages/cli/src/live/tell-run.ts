import { relative } from 'node:path'
import type { BacktestResult } from '@tradeswarm/backtest'
import { summaryTable } from '../output/summary-table.js'
import type { Terminal } from '../terminal.js'
import type { BooksComparison } from './compare-books.js'
import type { LifeEnd } from './live-life.js'
import type { VenueRecord } from './venue-file.js'

/** So many differences are named; the rest are counted. */
const mostNamed = 20

export type RunToTell = {
  readonly result: BacktestResult
  readonly life: LifeEnd
  readonly record: VenueRecord
  readonly folder: string
  readonly report: string
  readonly database: string
  readonly seconds: number
  readonly json: boolean
}

/** Tells how a run ended; answers the exit code: 1 where the books differ from the venue's, 130 where a person stopped it. */
export function tellRun(run: RunToTell, terminal: Terminal): number {
  const { result, life, record, report, database, folder, seconds, json } = run
  const { comparison } = life
  const code = !comparison.agree ? 1 : life.status === 'completed' ? 0 : 130
  if (json) {
    const { status, lastSession, journalHash, labels, statistics, benchmark, counts, tape } = result
    const books = { ...comparison, venue: record.url }
    const files = { report, database }
    terminal.print(
      JSON.stringify({ status, lastSession, journalHash, labels, statistics, benchmark, counts, tape, books, files }),
    )
    return code
  }
  for (const line of summaryTable(result, { seconds })) terminal.print(line)
  terminal.print('')
  for (const line of comparisonLines(comparison, record.broker)) terminal.print(line)
  terminal.print(`report   ${shown(terminal, report)}`)
  terminal.print(`journal  ${shown(terminal, database)}  hash ${result.journalHash}`)
  if (life.status === 'stopped')
    terminal.print(
      `Stopped; the double goes on. To go on too: npm start -- --broker ${record.broker} --fake --out ${shown(terminal, folder)}; to end it: the same with --stop-venue`,
    )
  return code
}

/** Whether the books and the venue agree, in lines for a terminal. */
export function comparisonLines(comparison: BooksComparison, broker: string): readonly string[] {
  const { agree, differences, balances, openOrders, executions } = comparison
  if (agree)
    return [
      `books    agree with ${broker}: ${count(balances, 'balance')}, ${count(openOrders, 'open order')}, ${count(executions, 'execution')}`,
    ]
  const more = differences.length - mostNamed
  return [
    `books    differ from ${broker} in ${count(differences.length, 'place')}:`,
    ...differences.slice(0, mostNamed).map((difference) => `  ${difference}`),
    ...(more > 0 ? [`  and ${more} more`] : []),
  ]
}

function count(value: number, noun: string): string {
  return `${value} ${noun}${value === 1 ? '' : 's'}`
}

/** A path as it is written from the working directory. */
export function shown(terminal: Terminal, path: string): string {
  const short = relative(terminal.workingDirectory, path)
  return short === '' || short.startsWith('..') ? path : short
}
