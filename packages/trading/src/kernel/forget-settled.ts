import type { EpochMs } from '@tradeswarm/core'
import type { SessionDate } from '../instruments/trading-calendar.js'
import type { Ledger } from '../ledger/ledger-port.js'
import { type EntitlementBook, forgetEntitlements } from './entitlement-book.js'

const dayMs = 86_400_000

/** Venues bust and correct executions within days; for a quarter of a year the books can. */
const correctableForMs = 92 * dayMs

/** For a year and a day it is known which executions and other events were booked. What is older and comes then is refused, never booked twice. */
const knownForMs = 366 * dayMs

/**
 * Settles what is old, with the first session that starts in a month, so that the books and their snapshots do not grow for ever. No figure
 * changes. It follows from the journalled starts alone, so that a rebuild does it at the same places.
 */
export function forgetSettled(
  { ledger, entitlements }: { readonly ledger: Ledger; readonly entitlements: EntitlementBook },
  { sessionDate, time }: { readonly sessionDate: SessionDate; readonly time: EpochMs },
  before: SessionDate | undefined,
): void {
  if (before === undefined || monthOf(before) === monthOf(sessionDate)) return
  forgetEntitlements(entitlements, time - correctableForMs)
  ledger.forgetBefore(time - correctableForMs, { keysBefore: time - knownForMs })
}

/** `2014-03` of `2014-03-31`. */
function monthOf(date: SessionDate): string {
  return date.slice(0, 7)
}
