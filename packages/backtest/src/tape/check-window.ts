import { shown } from '@tradeswarm/core'
import type { TapeWindow } from './assemble-tape.js'
import { tapeError } from './row-faults.js'
import { isCalendarDate } from './tape-time.js'

/** Refuses days that are none: compared as texts, they would select the whole tape or nothing. Throws `TAPE_OPTION_INVALID`. */
export function checkWindow(owner: string, { from, to }: TapeWindow): void {
  for (const [field, date] of Object.entries({ from, to })) {
    if (date === undefined || (typeof date === 'string' && isCalendarDate(date))) continue
    throw tapeError('TAPE_OPTION_INVALID', { file: owner, field }, `${shown(String(date))} is no date YYYY-MM-DD`)
  }
  if (from !== undefined && to !== undefined && from > to)
    throw tapeError('TAPE_OPTION_INVALID', { file: owner, field: 'from' }, `${from} comes after to, which is ${to}`)
}
