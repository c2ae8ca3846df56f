import { decimalText, type SessionDate, zero } from '@tradeswarm/trading'
import { type BarAmounts, type BarField, type BarRow, dividendBetween, fieldNames } from './bar-row.js'
import { longestRun } from './longest-run.js'
import type { RowFaults, TapePlace } from './row-faults.js'
import type { TapeDividend } from './tape.js'

/** A row that holds together by itself, and where it stood. */
export type BarCandidate = {
  readonly row: BarRow
  readonly amounts: BarAmounts
  at(field?: BarField): TapePlace
}

/** The rows of one symbol that hold together, by date, and what comes out of them. */
export type SettledBars = {
  readonly rows: readonly BarRow[]
  readonly dividends: readonly TapeDividend[]
  readonly duplicates: number
}

/** Whether two rows of a file say the same. */
export function isSameRow(left: BarRow, right: BarRow): boolean {
  return fieldNames.every((field) => left[field] === right[field])
}

/**
 * Decides which rows of one symbol, in the order of their file, are right: those of the longest run of ascending dates.
 * So a row that is off is left out by what comes after it, and takes nothing with it. The same for dividends: the longest
 * run in which none is below 0 tells which adjClose is off, and of such a row only the adjClose is passed over.
 */
export function settleBars(candidates: readonly BarCandidate[], faults: RowFaults): SettledBars {
  const run = longestRun(candidates, (before, now) => before.row.date < now.row.date)
  const kept = candidates.filter((candidate) => run.has(candidate))
  const byDate = new Map(kept.map((candidate): [SessionDate, BarRow] => [candidate.row.date, candidate.row]))
  let duplicates = 0
  for (const { row, at } of candidates.filter((candidate) => !run.has(candidate))) {
    const known = byDate.get(row.date)
    if (known !== undefined && isSameRow(known, row)) duplicates += 1
    else if (known !== undefined) refuseConflict(row, at('date'), faults)
    else faults.refuse('TAPE_BAR_OUT_OF_ORDER', at('date'), `${row.date} of ${row.symbol} is out of line`)
  }
  return { rows: kept.map(({ row }) => row), dividends: settleDividends(kept, faults), duplicates }
}

/** Refuses the second of two bars of a day. */
export function refuseConflict({ symbol, date }: BarRow, place: TapePlace, faults: RowFaults): void {
  faults.refuse('TAPE_BAR_CONFLICT', place, `${symbol} has two different bars for ${date}`)
}

/** Refuses an adjClose that would mean that holders paid. */
export function refuseNegativeDividend(amount: string, place: TapePlace, faults: RowFaults): void {
  faults.refuse(
    'TAPE_DIVIDEND_NEGATIVE',
    place,
    `against close it falls from the bar before, which means a dividend of ${amount}`,
  )
}

function settleDividends(candidates: readonly BarCandidate[], faults: RowFaults): readonly TapeDividend[] {
  const steady = steadyRows(candidates)
  const dividends: TapeDividend[] = []
  let before: BarAmounts | undefined
  for (const [index, candidate] of candidates.entries()) {
    const { row, amounts, at } = candidate
    const closeBefore = candidates[index - 1]?.amounts.close
    const dividend =
      before === undefined || closeBefore === undefined ? zero : dividendBetween(before, amounts, closeBefore)
    if (!steady.has(candidate) || dividend.lt(zero)) {
      refuseNegativeDividend(decimalText(dividend), at('adjClose'), faults)
      continue
    }
    before = amounts
    if (dividend.eq(zero)) continue
    dividends.push({ symbol: row.symbol, date: row.date, amountPerUnit: decimalText(dividend), currency: 'USD' })
  }
  return dividends
}

/** All rows where no dividend is below 0, as in any good file. */
function steadyRows(candidates: readonly BarCandidate[]): ReadonlySet<BarCandidate> {
  const isSteady = (before: BarCandidate, now: BarCandidate): boolean =>
    dividendBetween(before.amounts, now.amounts).gte(zero)
  const isGood = candidates.every((now, index) => {
    const before = candidates[index - 1]
    return before === undefined || isSteady(before, now)
  })
  return isGood ? new Set(candidates) : longestRun(candidates, isSteady)
}
