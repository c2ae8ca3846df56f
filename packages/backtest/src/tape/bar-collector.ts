import { decimalText, type Session, type SessionDate, type TradingCalendar, zero } from '@tradeswarm/trading'
import {
  type BarAmounts,
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
import { quoted, type RowFaults, type TapePlace } from './row-faults.js'
import type { TapeBar, TapeDividend } from './tape.js'
import { knownSession } from './tape-calendar.js'
import { isCalendarDate } from './tape-time.js'

/** One price file that is being read: give it the lines in order, the header first, then its end. */
type BarFileReader = { line(text: string, lineNumber: number): void; end(): void }

/** Takes bars from one or more files, and keeps what is right. */
export type BarCollector = {
  /** A reader for one file; `symbol` is what the file is about where it has no such column. */
  file(file: string, columns: BarColumns, symbol?: string): BarFileReader
  /** All bars by (date, symbol). */
  bars(): readonly TapeBar[]
  /** All dividends by (date, symbol). */
  dividends(): readonly TapeDividend[]
  readonly counts: { rows: number; duplicates: number; withoutPrices: number }
}

type BarCollectorOptions = {
  readonly calendar: TradingCalendar
  readonly faults: RowFaults
  /** Rows of other symbols are passed over. */
  readonly symbols?: ReadonlySet<string>
}

/** An empty collector. Per symbol the dates must ascend, each be a session of the calendar, and each bar hold together. */
export function createBarCollector(options: BarCollectorOptions): BarCollector {
  const { calendar, faults } = options
  const bySymbol = new Map<string, Map<SessionDate, BarRow>>()
  const lastOf = new Map<string, BarAmounts & { readonly date: SessionDate }>()
  const dividends: TapeDividend[] = []
  const sessions = new Map<string, Session | undefined>()
  const counts = { rows: 0, duplicates: 0, withoutPrices: 0 }

  const isSession = (date: SessionDate): boolean => {
    if (!sessions.has(date)) sessions.set(date, knownSession(calendar, date))
    return sessions.get(date) !== undefined
  }

  const accept = (row: BarRow, at: (field?: BarField) => TapePlace) => {
    const refuse: RefuseField = (code, field, problem) => faults.refuse(code, at(field), problem)
    if (!isCalendarDate(row.date))
      return refuse('TAPE_DATE_INVALID', 'date', `${quoted(row.date)} is no date YYYY-MM-DD`)
    if (!isSession(row.date)) {
      return refuse('TAPE_NOT_A_SESSION', 'date', `${row.date} is no trading day of the ${calendar.name} calendar`)
    }
    const amounts = readAmounts(row, refuse)
    if (amounts === undefined) return
    const rows = bySymbol.get(row.symbol) ?? new Map<SessionDate, BarRow>()
    bySymbol.set(row.symbol, rows)
    const earlier = rows.get(row.date)
    if (earlier !== undefined) {
      if (fieldNames.every((field) => earlier[field] === row[field])) counts.duplicates += 1
      else refuse('TAPE_BAR_CONFLICT', 'date', `${row.symbol} has two different bars for ${row.date}`)
      return
    }
    const last = lastOf.get(row.symbol)
    if (last !== undefined && row.date < last.date) {
      return refuse('TAPE_BAR_OUT_OF_ORDER', 'date', `${row.date} of ${row.symbol} comes after ${last.date}`)
    }
    const dividend = last === undefined ? zero : dividendBetween(last, amounts)
    if (dividend.lt(zero)) {
      return refuse(
        'TAPE_DIVIDEND_NEGATIVE',
        'adjClose',
        `against close it falls from the bar before, which means a dividend of ${decimalText(dividend)}`,
      )
    }
    if (dividend.gt(zero)) {
      dividends.push({ symbol: row.symbol, date: row.date, amountPerUnit: decimalText(dividend), currency: 'USD' })
    }
    rows.set(row.date, row)
    lastOf.set(row.symbol, { date: row.date, close: amounts.close, adjClose: amounts.adjClose })
  }

  return {
    counts,
    bars: () => byDateAndSymbol([...bySymbol.values()].flatMap((rows) => [...rows.values()].map(withoutAdjustment))),
    dividends: () => byDateAndSymbol(dividends),
    file: (file, columns, symbol) => createBarFileReader({ file, columns, symbol, counts, accept, options }),
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
        return faults.refuse('TAPE_FIELD_INVALID', at('symbol'), `${quoted(row.symbol)} is no symbol such as "AAPL"`)
      }
      accept(row, at)
    },
    end() {
      if (header === undefined)
        faults.refuse('TAPE_FILE_TRUNCATED', { file, line: 1 }, 'the file is empty; it lacks even its header')
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
