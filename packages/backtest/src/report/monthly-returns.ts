import type { CurvePoint } from '../run/backtest-result.js'

/** The return of each calendar month of a year, January first, and of the year; null where the curve has none. */
export type YearOfReturns = {
  readonly year: string
  readonly months: readonly (number | null)[]
  readonly total: number | null
}

/** Fractions, each from the last close of the month (or year) before; the first from the start capital. */
export function monthlyReturns(curve: readonly CurvePoint[], startCapital: number): readonly YearOfReturns[] {
  const lastOfMonth = new Map<string, number>()
  for (const point of curve) lastOfMonth.set(point.date.slice(0, 7), point.equity)
  const years = new Map<string, { months: (number | null)[]; start: number; end: number }>()
  let before = startCapital
  for (const [month, end] of lastOfMonth) {
    const year = years.get(month.slice(0, 4)) ?? { months: Array<number | null>(12).fill(null), start: before, end }
    year.months[Number(month.slice(5, 7)) - 1] = change(before, end)
    year.end = end
    years.set(month.slice(0, 4), year)
    before = end
  }
  return [...years].map(([year, { months, start, end }]) => ({ year, months, total: change(start, end) }))
}

function change(from: number, to: number): number | null {
  return from > 0 ? to / from - 1 : null
}
