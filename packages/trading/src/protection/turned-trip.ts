import type { EpochMs } from '@tradeswarm/core'
import type { LedgerEntry } from '../ledger/ledger-entry.js'
import type { BookedFigures, LedgerPosition } from '../ledger/ledger-port.js'
import { type Decimal, decimal, decimalText, zero } from '../money/decimal.js'
import type { OrderHeader } from '../orders/order-record.js'
import { openedTrip, type RoundTrip, type TradedAmounts, unwanted } from './round-trip.js'

/**
 * What a fill opens on the other side, when it took the position through zero. Of an exit nobody planned that, so it is left; an entry, as one
 * that was on its way when a correction turned the position, brings its own plan.
 */
export function flippedTrip(
  header: OrderHeader,
  execution: TradedAmounts,
  entry: LedgerEntry,
  { after, closed }: Pick<BookedFigures, 'after' | 'closed'> = figuresOf(entry),
): RoundTrip | undefined {
  if (after.eq(zero) || closed.eq(zero) || isLong(after) !== (header.request.side === 'buy')) return undefined
  const { exits, request } = header
  return {
    ...openedTrip(header, execution.tradeId, entry.time, after),
    ...(request.reduceOnly ? unwanted : {}),
    ...(request.reduceOnly || exits === undefined ? {} : { plan: exits }),
    entryQuantity: decimalText(after.abs()),
    entryNotional: decimalText(after.abs().times(decimal(execution.price))),
  }
}

function figuresOf({
  quantityAfter = '0',
  closedQuantity = '0',
}: LedgerEntry): Pick<BookedFigures, 'after' | 'closed'> {
  return { after: decimal(quantityAfter), closed: decimal(closedQuantity) }
}

/** What a change of an execution has left on the other side: nobody planned it, so it is left. */
export function turnedTrip(
  trip: RoundTrip,
  header: OrderHeader,
  entry: LedgerEntry,
  position: Pick<LedgerPosition, 'quantity' | 'averagePrice' | 'openCost' | 'multiplier'> | undefined,
): RoundTrip | undefined {
  const after = decimal(entry.quantityAfter ?? '0')
  if (after.eq(zero) || isLong(after) === (trip.side === 'long')) return undefined
  const { exits: _, ...unplanned } = header
  return {
    ...openedTrip(unplanned, entry.eventId, entry.time, after),
    ...unwanted,
    entryQuantity: decimalText(after.abs()),
    entryNotional: decimalText(entryNotionalOf(position)),
  }
}

/**
 * A round trip of units that were left over as less than a lot, and are a lot by now, as after a split: left at once, under the mandate of the
 * one that they were left over from.
 */
export function leftOverTrip(
  trip: RoundTrip,
  time: EpochMs,
  position: Parameters<typeof turnedTrip>[3],
): RoundTrip | undefined {
  if (trip.status !== 'closed' || position === undefined) return undefined
  const { closedAt: _closed, exitReason: _reason, crossIds: _crosses, splits: _splits, ...mandate } = trip
  const { targetRefusals: _targets, pairRefusals: _pairs, takenOverAt: _cost, ...rest } = mandate
  const quantity = decimal(position.quantity)
  return {
    ...rest,
    positionId: `${trip.positionId}-${time}`,
    side: isLong(quantity) ? 'long' : 'short',
    status: 'open',
    openedAt: time,
    timeExitDue: true,
    refusals: 0,
    tradeIds: [],
    entryQuantity: decimalText(quantity.abs()),
    entryNotional: decimalText(entryNotionalOf(position)),
    exitQuantity: '0',
    exitNotional: '0',
    fees: '0',
    realised: '0',
    income: '0',
  }
}

/** Price × units, without a multiplier: what prices of a round trip are worked out of. */
function entryNotionalOf(position: Parameters<typeof turnedTrip>[3]): Decimal {
  if (position === undefined) return zero
  const { quantity, averagePrice, openCost, multiplier } = position
  return (multiplier === undefined ? decimal(openCost) : decimal(averagePrice).times(decimal(quantity))).abs()
}

function isLong(quantity: Decimal): boolean {
  return quantity.gt(zero)
}
