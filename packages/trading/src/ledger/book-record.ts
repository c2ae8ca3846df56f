import type { EpochMs } from '@tradeswarm/core'
import { isLaterEventId } from '../orders/later-event-id.js'
import type { CorrectedTerms, FillTerms } from './ledger-amounts.js'

/** A fill as it is kept: all that a bust, a correction or a second report of it needs to know. Its terms are the corrected ones. */
export type FillRecord = FillTerms & {
  readonly type: 'fill'
  readonly account: string
  readonly tradeId: string
  readonly time: EpochMs
  readonly entryId: string
  readonly bustEntryId: string | undefined
  /** Of a contract: what the venue says that it has paid out. A correction takes it back. */
  readonly realised?: string
  /** Of a corrected fill: what was reported first, and the correction that holds. */
  readonly reported?: CorrectedTerms
  readonly correctedBy?: CorrectionMark
}

/** Of several corrections the latest by time, then by event id, holds, whatever the order in which they came. */
export type CorrectionMark = { readonly eventId: string; readonly time: EpochMs }

/** A correction that came before its fill. */
export type EarlyCorrection = CorrectedTerms & CorrectionMark

/** `denominator` old units are `numerator` new ones from an instant on. */
export type DatedSplit = { readonly numerator: number; readonly denominator: number; readonly time: EpochMs }

export type SplitRecord = {
  readonly type: 'split'
  /** From when it holds. Absent in books of before that was kept: it holds for what lies before it. */
  readonly time?: EpochMs
  readonly numerator: number
  readonly denominator: number
  readonly cashInLieu?: { readonly quantity: string; readonly amount: string }
}

/** Units that came in at a price or at a cost, or went out (neither is stated) at the cost of their lots. */
export type UnitsRecord = {
  readonly type: 'opening' | 'adoption' | 'transfer'
  readonly eventId: string
  readonly time: EpochMs
  readonly quantity: string
  readonly price?: string
  readonly cost?: string
}

/** What a symbol's figures follow from, in the order of booking; each split lies where it holds from. */
export type BookRecord = FillRecord | SplitRecord | UnitsRecord

/** The key of a fill that can no longer be busted. */
export type ForgottenFill = { readonly entryId: string; readonly time: EpochMs; readonly bustEntryId?: string }

/** Whether a correction takes the place of another. */
export function supersedes(later: CorrectionMark, earlier: CorrectionMark | undefined): boolean {
  if (earlier === undefined || later.time !== earlier.time) return earlier === undefined || later.time > earlier.time
  return isLaterEventId(later.eventId, earlier.eventId)
}
