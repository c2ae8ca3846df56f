import type { LedgerEntry } from '../ledger/ledger-entry.js'
import type { AdoptionEvent } from '../ledger/ledger-event.js'
import { decimal, decimalText, zero } from '../money/decimal.js'
import type { ExitPlan } from '../orders/order-request.js'
import type { RoundTrip } from './round-trip.js'

/** The round trip of a position that was at the venue and that a person took into the books: no intent of ours opened it. */
export function adoptedTrip(
  account: string,
  event: AdoptionEvent,
  entry: LedgerEntry,
  plan: ExitPlan | undefined,
): RoundTrip {
  const quantity = decimal(event.quantity)
  const cost = event.cost === undefined ? decimal(event.price).times(quantity) : decimal(event.cost)
  return {
    positionId: `position-${event.eventId}`,
    symbol: event.symbol,
    asset: event.asset,
    ...(event.currency === undefined ? {} : { currency: event.currency }),
    side: quantity.lt(zero) ? 'short' : 'long',
    status: 'open',
    ...(plan === undefined ? {} : { plan }),
    intentId: event.eventId,
    agent: 'operator',
    strategy: 'adopted',
    correlationId: event.correlationId ?? event.eventId,
    causationId: event.causationId ?? `${account}:${event.eventId}`,
    openedAt: entry.time,
    sessionsHeld: 0,
    timeExitDue: false,
    refusals: 0,
    tradeIds: [],
    entryQuantity: decimalText(quantity.abs()),
    entryNotional: decimalText(cost.abs()),
    exitQuantity: '0',
    exitNotional: '0',
    fees: '0',
    realised: '0',
    income: '0',
  }
}
