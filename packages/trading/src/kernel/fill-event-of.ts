import type { FillEvent } from '../ledger/ledger-event.js'
import type { BrokerEvent } from '../orders/broker.js'
import type { OrderHeader } from '../orders/order-record.js'

/** What the ledger books of an execution that the venue told of an order of ours. */
export function fillEventOf(
  { asset, causationId, correlationId, orderId, request }: OrderHeader,
  { eventId, execution, time }: Extract<BrokerEvent, { type: 'filled' | 'corrected' }>,
): FillEvent {
  const { tradeId, price, quantity, fee, feeCurrency } = execution
  const { account, symbol, side } = request
  return {
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
}
