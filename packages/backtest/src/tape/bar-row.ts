import { shown } from '@tradeswarm/core'
import { type Decimal, decimal, divide, zero } from '@tradeswarm/trading'
import { type TapeFaultCode, type TapePlace, tapeError } from './row-faults.js'
import type { TapeBar } from './tape.js'

/** How the columns of a price file are called; `symbol` is undefined where the file itself is about one symbol. */
export type BarColumns = {
  readonly symbol?: string
  readonly date: string
  readonly open: string
  readonly high: string
  readonly low: string
  readonly close: string
  readonly adjClose: string
  readonly volume: string
}

/** A field of a bar's row, by our name for it. */
export type BarField = keyof BarColumns

/** A row of a price file, cut into texts. */
export type BarRow = TapeBar & { readonly adjClose: string }

/** The exact amounts that a dividend is worked out from. */
export type BarAmounts = { readonly close: Decimal; readonly adjClose: Decimal }

/** The fields that are prices, in the order in which they are checked. */
export const priceFields = ['open', 'high', 'low', 'close', 'adjClose'] as const
/** All fields, in the order in which they are checked. */
export const fieldNames = ['symbol', 'date', ...priceFields, 'volume'] as const
const symbolShape = /^[A-Z0-9][A-Z0-9.^_-]{0,19}$/
const plainNumber = /^-?\d{1,15}(\.\d{1,12})?$/
/** adjClose has six decimals, so two of them make a dividend of up to about 0.0001 out of nothing; no real one is so small. */
const dividendNoise = decimal('0.001')

/** Whether a text can be the symbol of an instrument: up to 20 capitals, digits and `. ^ _ -`. */
export function isSymbol(text: string): boolean {
  return symbolShape.test(text)
}

/** Where each field stands. Throws `TAPE_COLUMN_MISSING`. */
export function readHeader(
  cells: readonly string[],
  columns: BarColumns,
  place: TapePlace,
): ReadonlyMap<BarField, number> {
  const names = cells.map((cell) => cell.trim())
  const header = new Map<BarField, number>()
  for (const field of fieldNames) {
    const name = columns[field]
    if (name === undefined) continue
    const index = names.indexOf(name)
    if (index === -1) {
      const wanted = Object.values(columns).join(',')
      throw tapeError(
        'TAPE_COLUMN_MISSING',
        { ...place, field: name },
        `there is no such column; the header must have ${wanted}`,
      )
    }
    header.set(field, index)
  }
  return header
}

/** The fields of a row by name; one that is not there is empty. */
export function cutRow(
  cells: readonly string[],
  header: ReadonlyMap<BarField, number>,
  symbol: string | undefined,
): BarRow {
  const cell = (field: BarField): string => cells[header.get(field) ?? -1]?.trim() ?? ''
  return {
    symbol: symbol ?? cell('symbol'),
    date: cell('date'),
    open: cell('open'),
    high: cell('high'),
    low: cell('low'),
    close: cell('close'),
    adjClose: cell('adjClose'),
    volume: cell('volume'),
  }
}

/** Refuses a row because of one of its fields. */
export type RefuseField = (code: TapeFaultCode, field: BarField, problem: string) => void

/** The amounts of a row, checked; undefined when the row was refused. */
export function readAmounts(row: BarRow, refuse: RefuseField): BarAmounts | undefined {
  for (const field of [...priceFields, 'volume'] as const) {
    if (!plainNumber.test(row[field])) {
      refuse('TAPE_NUMBER_INVALID', field, `${shown(row[field])} is no plain decimal number such as "12.50"`)
      return undefined
    }
  }
  if (decimal(row.volume).lt(zero)) {
    refuse('TAPE_VOLUME_NEGATIVE', 'volume', `${row.volume} is below 0`)
    return undefined
  }
  const prices = {
    open: decimal(row.open),
    high: decimal(row.high),
    low: decimal(row.low),
    close: decimal(row.close),
    adjClose: decimal(row.adjClose),
  }
  for (const field of priceFields) {
    if (prices[field].gt(zero)) continue
    refuse('TAPE_PRICE_NOT_POSITIVE', field, `${row[field]} is not above 0`)
    return undefined
  }
  if (prices.high.lt(prices.low)) {
    refuse('TAPE_BAR_INCONSISTENT', 'high', `${row.high} is below the low ${row.low}`)
    return undefined
  }
  for (const field of ['open', 'close'] as const) {
    if (prices[field].lt(prices.low) || prices[field].gt(prices.high)) {
      refuse('TAPE_BAR_INCONSISTENT', field, `${row[field]} lies outside low ${row.low} to high ${row.high}`)
      return undefined
    }
  }
  return prices
}

/**
 * close before × (1 − f before / f) with f = adjClose / close, to six decimals; 0 where it is noise.
 * Multiplied out it is close before − adjClose before × close / adjClose, with one division only. `closeBefore` is given
 * where the bar before is not the one that f before comes from.
 */
export function dividendBetween(before: BarAmounts, now: BarAmounts, closeBefore: Decimal = before.close): Decimal {
  const scaled = before.close.times(now.adjClose).minus(before.adjClose.times(now.close))
  if (scaled.abs().lt(dividendNoise.times(now.adjClose))) return zero
  return divide(scaled.times(closeBefore), now.adjClose.times(before.close), 6, 'half-even')
}
