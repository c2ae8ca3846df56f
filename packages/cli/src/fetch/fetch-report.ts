import { shown } from '../live/tell-run.js'
import { numberText } from '../output/figure-text.js'
import type { Terminal } from '../terminal.js'
import type { HeldBars, MergedBars } from './bar-files.js'
import type { FetchRequest } from './fetch-request.js'

/** What a fetch says at its end, in a line for a person or a document for a program. */
export type FetchReport = {
  isThere(held: HeldBars): void
  /** `fetched` bars are in the pieces that came. */
  stopped(held: HeldBars, fetched: number): void
  completed(merged: MergedBars, fetched: number): void
}

/** The report of a request, whose bars are in a table. `bars` are those of the range that was asked for. */
export function createFetchReport(request: FetchRequest, table: string, terminal: Terminal): FetchReport {
  const { venue, symbol, timeframe, from, to, json } = request
  const path = shown(terminal, table)
  const range = `from ${dayText(from)} to ${dayText(to)}`
  const print = (document: object, line: string): void =>
    terminal.print(json ? JSON.stringify({ ...document, symbol, timeframe, file: table }) : line)
  return {
    isThere({ inRange }) {
      print({ status: 'complete-already', bars: inRange, fetched: 0 }, `${path} has all of ${symbol} ${range} already`)
    },
    stopped({ inRange }, fetched) {
      print({ status: 'stopped', bars: inRange, fetched }, 'Stopped; the same command goes on from there')
    },
    completed({ inRange, inAll, last, settled }, fetched) {
      const isShort = last !== undefined && settled !== undefined && settled < to
      const noneAfter = isShort ? { noneAfter: new Date(last).toISOString() } : {}
      const tail = isShort
        ? `; ${venue.name} has none after ${barText(last, timeframe)} yet: what follows is not noted as fetched, and asked for again`
        : ''
      print(
        { status: 'completed', bars: inRange, fetched, ...noneAfter },
        `${path}: ${countText(inRange, inAll)} of ${symbol} ${range}${tail}`,
      )
    },
  }
}

/** A day in UTC. */
export function dayText(time: number): string {
  return new Date(time).toISOString().slice(0, 10)
}

function countText(inRange: number, inAll: number): string {
  return `${numberText(inRange, 0)} bars${inAll > inRange ? ` (of ${numberText(inAll, 0)} in the table)` : ''}`
}

function barText(start: number, timeframe: string): string {
  return /[dw]$/.test(timeframe) ? dayText(start) : new Date(start).toISOString().replace(':00.000Z', 'Z')
}
