import { shown } from '@tradeswarm/core'
import { decimalText, type Session, type SessionDate, type TradingCalendar, zero } from '@tradeswarm/trading'
import {
  type BarColumns,
  type BarField,
  type BarRow,
  cutRow,
  dividendBetween,
  fieldNames,
  isSymbol,
  priceFields,
  type RefuseField,
  readAmounts,
  readHeader,
} from './bar-row.js'
import type { RowFaults, TapePlace } from './row-faults.js'
import { type BarCandidate, isSameRow, refuseConflict, refuseNegativeDividend, settleBars } from './settle-bars.js'
import type { TapeBar, TapeDividend } from './tape.js'
import { knownSession } from './tape-calendar.js'
import { isCalendarDate } from './tape-time.js'

/** One price file that is being read: give it the lines in order, the header first, then its end. */
type BarFileReader = { line(text: string, lineNumber: number): void; end(): void }

/** Bars and dividends, each by (date, symbol). */
type CollectedBars = { readonly bars: readonly TapeBar[]; readonly dividends: readonly TapeDividend[] }

/** Takes bars from one or more files, and keeps what is right. */
export type BarCollector = {
  /** A reader for one file; `symbol` is what the file is about where it has no such column. */
  file(file: string, columns: BarColumns, symbol?: string): BarFileReader
  /** To be called once, after the last row. */
  finish(): CollectedBars
  /** Complete when all is finished. */
  readonly counts: { rows: number; duplicates: number; withoutPrices: number }
}

type BarCollectorOptions = {
  readonly calendar: TradingCalendar
  readonly faults: RowFaults
  /** Rows of other symbols are passed over. */
  readonly symbols?: ReadonlySet<string>
}

/**
 * An empty collector. Per symbol the dates must ascend, each be a session of the calendar, and each bar hold together.
 * Strict loading throws at the first row that does not fit those before it; lenient loading decides when it has seen all.
 */
export function createBarCollector(options: BarCollectorOptions): BarCollector {
  const { calendar, faults } = options
  const bySymbol = new Map<string, BarCandidate[]>()
  const sessions = new Map<string, Session | undefined>()
  const counts = { rows: 0, duplicates: 0, withoutPrices: 0 }
  const fits = createStrictOrder(faults, counts)

  const isSession = (date: SessionDate): boolean => {
    if (!sessions.has(date)) sessions.set(date, knownSession(calendar, date))
    return sessions.get(date) !== undefined
  }

  const accept = (row: BarRow, at: (field?: BarField) => TapePlace) => {
    const refuse: RefuseField = (code, field, problem) => faults.refuse(code, at(field), problem)
    if (!isCalendarDate(row.date))
      return refuse('TAPE_DATE_INVALID', 'date', `${shown(row.date)} is no date YYYY-MM-DD`)
    if (!isSession(row.date)) {
      return refuse('TAPE_NOT_A_SESSION', 'date', `${row.date} is no trading day of the ${calendar.name} calendar`)
    }
    const amounts = readAmounts(row, refuse)
    if (amounts === undefined) return
    const candidate: BarCandidate = { row, amounts, at }
    if (!faults.isLenient && !fits(candidate)) return
    const candidates = bySymbol.get(row.symbol)
    if (candidates === undefined) bySymbol.set(row.symbol, [candidate])
    else candidates.push(candidate)
  }

  return {
    file: (file, columns, symbol) => createBarFileReader({ file, columns, symbol, counts, accept, options }),
    finish() {
      const settled = [...bySymbol.values()].map((candidates) => settleBars(candidates, faults))
      for (const { duplicates } of settled) counts.duplicates += duplicates
      return {
        bars: byDateAndSymbol(settled.flatMap(({ rows }) => rows.map(withoutAdjustment))),
        dividends: byDateAndSymbol(settled.flatMap(({ dividends }) => dividends)),
      }
    },
    counts,
  }
}

/** Throws at a row that does not fit those before it; false for the copy of one. */
function createStrictOrder(faults: RowFaults, counts: { duplicates: number }): (candidate: BarCandidate) => boolean {
  const known = new Map<string, BarRow>()
  const lastOf = new Map<string, BarCandidate>()
  return (candidate) => {
    const { row, amounts, at } = candidate
    const key = `${row.symbol} ${row.date}`
    const earlier = known.get(key)
    if (earlier !== undefined) {
      if (isSameRow(earlier, row)) counts.duplicates += 1
      else refuseConflict(row, at('date'), faults)
      return false
    }
    const last = lastOf.get(row.symbol)
    if (last !== undefined && row.date < last.row.date) {
      const problem = `${row.date} of ${row.symbol} comes after ${last.row.date}`
      faults.refuse('TAPE_BAR_OUT_OF_ORDER', at('date'), problem)
    }
    const dividend = last === undefined ? zero : dividendBetween(last.amounts, amounts)
    if (dividend.lt(zero)) refuseNegativeDividend(decimalText(dividend), at('adjClose'), faults)
    known.set(key, row)
    lastOf.set(row.symbol, candidate)
    return true
  }
}

type BarFile = {
  readonly file: string
  readonly columns: BarColumns
  readonly symbol: string | undefined
  readonly counts: { rows: number; withoutPrices: number }
  readonly options: BarCollectorOptions
  accept(row: BarRow, at: (field?: BarField) => TapePlace): void
}

function createBarFileReader({ file, columns, symbol, counts, accept, options }: BarFile): BarFileReader {
  const { faults, symbols } = options
  let header: ReadonlyMap<BarField, number> | undefined
  let width = 0
  return {
    line(text, line) {
      const cells = text.split(',')
      if (header === undefined) {
        header = readHeader(cells, columns, { file, line })
        width = cells.length
        return
      }
      const at = (field?: BarField): TapePlace => ({
        file,
        line,
        ...(field === undefined ? {} : { field: columns[field] ?? field }),
      })
      const row = cutRow(cells, header, symbol)
      if (symbols !== undefined && !symbols.has(row.symbol)) return
      counts.rows += 1
      const empty = fieldNames.find((field) => row[field] === '')
      if (cells.length !== width) {
        return faults.refuse('TAPE_FIELD_MISSING', at(empty), `the row has ${cells.length} fields, the header ${width}`)
      }
      if (priceFields.every((field) => row[field] === 'null' || row[field] === '')) {
        counts.withoutPrices += 1
        return
      }
      if (empty !== undefined) return faults.refuse('TAPE_FIELD_MISSING', at(empty), 'is empty')
      if (!isSymbol(row.symbol)) {
        return faults.refuse('TAPE_FIELD_INVALID', at('symbol'), `${shown(row.symbol)} is no symbol such as "AAPL"`)
      }
      accept(row, at)
    },
    end() {
      if (header === undefined)
        faults.refuse('TAPE_FILE_TRUNCATED', { file }, 'the file is empty; it lacks even its header')
    },
  }
}

function withoutAdjustment({ symbol, date, open, high, low, close, volume }: BarRow): TapeBar {
  return { symbol, date, open, high, low, close, volume }
}

/** A copy in the order of a tape. */
export function byDateAndSymbol<Row extends { readonly date: SessionDate; readonly symbol: string }>(
  rows: readonly Row[],
): Row[] {
  return [...rows].sort((left, right) => {
    if (left.date !== right.date) return left.date < right.date ? -1 : 1
    return left.symbol === right.symbol ? 0 : left.symbol < right.symbol ? -1 : 1
  })
}
