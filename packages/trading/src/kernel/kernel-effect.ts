import type { DatedSplit } from '../ledger/book-record.js'
import type { LedgerEntry } from '../ledger/ledger-entry.js'
import type { FillEvent } from '../ledger/ledger-event.js'
import type { BookedFigures } from '../ledger/ledger-port.js'
import type { ClosedPosition } from './kernel.js'

/**
 * What a booking came to: its entry (none for a duplicate), the round trip that it ended, and the event that was booked where the record is
 * the venue's word.
 */
export type KernelEffect = {
  readonly entry?: LedgerEntry
  /** Of a duplicate that says other figures: the entry of the event that was booked under its id. */
  readonly contradicts?: string
  readonly closed?: ClosedPosition
  readonly fill?: FillEvent
  /** Of a fill whose units are those of now: its amounts as numbers. */
  readonly figures?: BookedFigures
  /** Of an execution: the splits that hold from after it and were booked before it. */
  readonly overtaken?: readonly DatedSplit[]
  /** Of a split: executions in its units were booked before it. */
  readonly isLate?: true
}

/** Of a record that books nothing. */
export const nothing: KernelEffect = {}

/** A prepared change that books nothing. */
export function changing(change: () => unknown): () => KernelEffect {
  return () => {
    change()
    return nothing
  }
}
