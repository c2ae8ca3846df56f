import type { FillEvent } from '../ledger/ledger-event.js'
import type { BrokerEvent } from '../orders/broker.js'
import type { OrderHeader } from '../orders/order-record.js'

/** What the ledger books of an execution that the venue told of an order of ours. */
export function fillEventOf(
  header: OrderHeader,
  { eventId, execution, time }: Extract<BrokerEvent, { type: 'filled' | 'corrected' }>,
): FillEvent {
  const { asset, causationId, correlationId, orderId, request, currency, multiplier, settlement } = header
  const { tradeId, price, quantity, fee, feeCurrency, realised } = execution
  const { account, symbol, side } = request
  const fill: Mutable<FillEvent> = {
    account,
    asset,
    causationId,
    correlationId,
    eventId,
    fee,
    feeCurrency,
    orderId,
    price,
    quantity,
    side,
    symbol,
    time,
    tradeId,
    type: 'fill',
  }
  if (currency !== undefined) fill.currency = currency
  if (multiplier !== undefined) fill.multiplier = multiplier
  if (settlement !== undefined) {
    fill.settlement = settlement
    if (realised !== undefined) fill.realised = realised
  }
  return fill
}

type Mutable<T> = { -readonly [Key in keyof T]: T[Key] }
