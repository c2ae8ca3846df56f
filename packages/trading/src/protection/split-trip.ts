import type { DatedSplit, FillRecord } from '../ledger/book-record.js'
import type { LedgerEntry } from '../ledger/ledger-entry.js'
import { type Decimal, decimal, decimalText, zero } from '../money/decimal.js'
import { type RoundTrip, stillToLeave, unitsNow, unwanted } from './round-trip.js'
import { planAfter, priceAfter, unitsAfter } from './split-amounts.js'

/**
 * A round trip in new units, with the levels of its plan at the prices that stand for the same worth. One that has ended too: a bust may open
 * it again. `since` are executions that were booked before a split that is told late, and count in its units already.
 */
export function afterSplit(
  trip: RoundTrip,
  split: DatedSplit,
  entry: LedgerEntry,
  since: readonly FillRecord[] = [],
): RoundTrip {
  const later = since.filter(({ tradeId }) => trip.tradeIds.includes(tradeId))
  const tradeIds = trip.tradeIds.filter((tradeId) => later.every((fill) => fill.tradeId !== tradeId))
  // What began after it is in its units altogether.
  if (later.length > 0 && tradeIds.length === 0) return trip
  const { numerator, denominator, time } = split
  const restated: RoundTrip = {
    ...trip,
    entryQuantity: restate(trip, 'entry', split, later),
    exitQuantity: restate(trip, 'exit', split, later),
    ...(trip.takenOverAt === undefined ? {} : { takenOverAt: priceAfter(trip.takenOverAt, split) }),
    splits: [...(trip.splits ?? []), { numerator, denominator, time, tradeIds }],
    ...(trip.plan === undefined ? {} : { plan: planAfter(trip.plan, split) }),
  }
  return later.length === 0 ? restated : reopened(restated, entry)
}

/** What was entered, or left, with what was executed since as it is. */
function restate(trip: RoundTrip, way: 'entry' | 'exit', split: DatedSplit, later: readonly FillRecord[]): string {
  let since: Decimal = zero
  for (const fill of later) {
    const isEntry = (fill.side === 'buy') === (trip.side === 'long')
    if (isEntry === (way === 'entry')) since = since.plus(unitsNow(trip, fill))
  }
  const text = way === 'entry' ? trip.entryQuantity : trip.exitQuantity
  if (since.isZero()) return unitsAfter(text, split)
  const before = decimal(text).minus(since)
  return decimalText(decimal(unitsAfter(decimalText(before), split)).plus(since))
}

/** What was thought to be left may not be, and the other way round. */
function reopened(trip: RoundTrip, entry: LedgerEntry): RoundTrip {
  const { closedAt, ...rest } = trip
  const realised = decimalText(decimal(trip.realised).plus(decimal(entry.realised ?? '0')))
  const after = decimal(entry.quantityAfter ?? '0')
  if (after.isZero())
    return { ...trip, realised, status: 'closed', closedAt: closedAt ?? entry.time, timeExitDue: false }
  const side = after.isPositive() ? 'long' : 'short'
  const open = { ...rest, ...(trip.status === 'closed' ? stillToLeave(trip) : {}), realised, status: 'open' } as const
  if (side === trip.side) return open
  // More was left than there was: nobody planned what that has opened.
  const { plan: _, ...unplanned } = open
  return { ...unplanned, side, ...unwanted }
}
