import type { EpochMs } from '@tradeswarm/core'
import { type LedgerEntry, ledgerAccounts } from '../ledger/ledger-entry.js'
import type { LedgerEvent } from '../ledger/ledger-event.js'
import type { KernelRecord } from './kernel-record.js'

/** An event that was booked, the entry that it made, and the order that it belongs to. */
export type Booking = {
  readonly event: LedgerEvent
  readonly entry: LedgerEntry
  readonly orderId?: string
  readonly time: EpochMs
}

/** What a journalled record says was booked, an execution with its word among it; undefined where that is nothing. */
export function bookingIn(record: KernelRecord & { readonly entry?: LedgerEntry }): Booking | undefined {
  const { entry, time } = record
  if (entry === undefined) return undefined
  if (record.type === 'booked') {
    const { event, orderId } = record
    return { event, entry, time, ...(orderId === undefined ? {} : { orderId }) }
  }
  if (record.type !== 'order-event' || record.event.type !== 'filled') return undefined
  const { orderId, side = 'buy', terms } = record
  const { eventId, execution } = record.event
  const { tradeId, price, quantity, fee, feeCurrency, realised } = execution
  const { account = '', symbol = '', causationId, correlationId } = entry
  const held = entry.postings.find((posting) => posting.account === ledgerAccounts.holdings(symbol))
  const event: LedgerEvent = {
    account,
    asset: held?.asset ?? symbol,
    ...(causationId === undefined ? {} : { causationId }),
    ...(correlationId === undefined ? {} : { correlationId }),
    eventId,
    fee,
    feeCurrency,
    orderId,
    price,
    quantity,
    side,
    symbol,
    time: record.event.time,
    tradeId,
    type: 'fill',
    ...terms,
    ...(terms?.settlement === undefined || realised === undefined ? {} : { realised }),
  }
  return { event, entry, orderId, time }
}
