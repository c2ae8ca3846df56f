import { SwarmError } from '@tradeswarm/core'

/** Where in a tape something was found: a file, as the caller would name it, and where it applies a line (from 1) and a field. */
export type TapePlace = { readonly file: string; readonly line?: number; readonly field?: string }

/** What strict loading refuses. Lenient loading counts what is wrong with a row, and refuses only what leaves nothing to read. */
export type TapeFaultCode =
  | 'TAPE_BAR_CONFLICT'
  | 'TAPE_BAR_INCONSISTENT'
  | 'TAPE_BAR_OUT_OF_ORDER'
  | 'TAPE_COLUMN_MISSING'
  | 'TAPE_DATE_INVALID'
  | 'TAPE_DIRECTORY_MISSING'
  | 'TAPE_DIVIDEND_NEGATIVE'
  | 'TAPE_EMPTY'
  | 'TAPE_ENCODING_INVALID'
  | 'TAPE_FIELD_INVALID'
  | 'TAPE_FIELD_MISSING'
  | 'TAPE_FIELD_UNKNOWN'
  | 'TAPE_FILE_TRUNCATED'
  | 'TAPE_FILE_UNREADABLE'
  | 'TAPE_FORM_AMBIGUOUS'
  | 'TAPE_FORM_UNKNOWN'
  | 'TAPE_LINE_TOO_LONG'
  | 'TAPE_NOT_A_SESSION'
  | 'TAPE_NUMBER_INVALID'
  | 'TAPE_OPTION_INVALID'
  | 'TAPE_POST_CONFLICT'
  | 'TAPE_POST_OUT_OF_ORDER'
  | 'TAPE_POST_TOO_LATE'
  | 'TAPE_POST_UNPARSABLE'
  | 'TAPE_PRICE_NOT_POSITIVE'
  | 'TAPE_VOLUME_NEGATIVE'

const lenientRemedies = {
  row: 'correct the row, or load the tape with lenient to count and skip such rows',
  file: 'correct, rename or remove the file, or load the tape with lenient to count it and go on without it',
  cut: 'get the whole file again, or load the tape with lenient to go on with what there is',
} as const

function remedyFor(code: TapeFaultCode, place: TapePlace): string {
  if (code === 'TAPE_FILE_TRUNCATED') return lenientRemedies.cut
  return place.line === undefined ? lenientRemedies.file : lenientRemedies.row
}

/** The error of one place in a tape: a single line that names file, line and field. */
export function tapeError(code: TapeFaultCode, place: TapePlace, problem: string, cause?: unknown): SwarmError {
  const where = [place.file, place.line === undefined ? undefined : `line ${place.line}`, place.field]
  return new SwarmError({
    code,
    message: `${where.filter((part) => part !== undefined).join(', ')}: ${problem}`,
    context: { ...place },
    ...(cause === undefined ? {} : { cause }),
  })
}

/** What happens to rows that are wrong: strict loading throws at the first, lenient loading counts them by code. */
export type RowFaults = {
  readonly isLenient: boolean
  /** Throws in strict mode; in lenient mode counts the row, which the caller then leaves out. */
  refuse(code: TapeFaultCode, place: TapePlace, problem: string, cause?: unknown): void
  /** What was refused so far, by code in alphabetical order. */
  skipped(): Readonly<Record<string, number>>
}

/** A fresh count of wrong rows for one load. */
export function createRowFaults(lenient: boolean): RowFaults {
  const counts = new Map<string, number>()
  return {
    isLenient: lenient,
    refuse(code, place, problem, cause) {
      if (!lenient) throw tapeError(code, place, `${problem}; ${remedyFor(code, place)}`, cause)
      counts.set(code, (counts.get(code) ?? 0) + 1)
    },
    skipped: () => Object.fromEntries([...counts].sort(([left], [right]) => (left < right ? -1 : 1))),
  }
}
