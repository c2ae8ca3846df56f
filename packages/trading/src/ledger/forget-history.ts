import { type EpochMs, SwarmError } from '@tradeswarm/core'
import type { BookRecord } from './book-record.js'
import type { ForgetOptions } from './ledger-port.js'
import { fillKey, type LedgerState } from './ledger-state.js'
import type { SymbolBook } from './symbol-book.js'

/** Folds what lies before a time, and drops the keys before an earlier one. A horizon never goes back. */
export function forgetBefore(state: LedgerState, time: EpochMs, { keysBefore }: ForgetOptions): number {
  if (!Number.isFinite(time))
    throw invalidOption(`time is ${time}; give the time, in milliseconds, before which fills are settled`)
  if (keysBefore !== undefined && !(keysBefore <= time))
    throw invalidOption(`keysBefore is ${keysBefore}; it must not be after the horizon ${time}`)
  const before = state.horizon
  state.horizon = { time: later(before?.time, time) ?? time, keysBefore: later(before?.keysBefore, keysBefore) }
  let folded = 0
  for (const book of state.books.values()) folded += foldBook(book, time)
  if (keysBefore === undefined) return folded
  for (const book of state.books.values()) book.forgotten.dropBefore(keysBefore)
  for (const [eventId, seen] of state.seen)
    if (seen.time !== undefined && seen.time < keysBefore) state.seen.delete(eventId)
  return folded
}

/** A record that is not older ends the part that can be folded, since what comes after it follows from it. Splits have no time of their own. */
function foldBook(book: SymbolBook, time: EpochMs): number {
  const end = book.history.findIndex((record) => record.type !== 'split' && record.time >= time)
  const count = end < 0 ? book.history.length : end
  if (count === 0) return 0
  let fills = 0
  for (let place = 0; place < count; place += 1) {
    const record = book.history[place] as BookRecord
    if (record.type !== 'fill') continue
    const { entryId, time: filledAt, bustEntryId } = record
    const key = fillKey(record.account, record.tradeId)
    book.fills.delete(key)
    book.forgotten.add(
      key,
      bustEntryId === undefined ? { entryId, time: filledAt } : { entryId, time: filledAt, bustEntryId },
    )
    fills += 1
  }
  book.fold(count)
  return fills
}

function later(a: EpochMs | undefined, b: EpochMs | undefined): EpochMs | undefined {
  return a === undefined || (b !== undefined && b > a) ? b : a
}

function invalidOption(reason: string): SwarmError {
  return new SwarmError({ code: 'INVALID_OPTION', message: `forgetBefore: ${reason}` })
}
