/** Digits that a reported figure keeps, so that the last bits of a float never show in a pinned one. */
const reportedDigits = 10

/** The value to so many significant digits; null where it is not a finite number. */
export function roundSignificant(value: number | null, digits: number = reportedDigits): number | null {
  if (value === null || !Number.isFinite(value)) return null
  const rounded = Number(value.toPrecision(digits))
  return rounded === 0 ? 0 : rounded
}
