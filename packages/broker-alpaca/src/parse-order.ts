import {
  asPayload,
  givenAmount,
  givenDecimal,
  givenInstant,
  givenText,
  instant,
  missing,
  text,
} from '@tradeswarm/broker-kit'
import type { EpochMs } from '@tradeswarm/core'
import { type Decimal, decimalText } from '@tradeswarm/trading'
import { fromVenueSymbol } from './symbols.js'

/** An order as Alpaca tells it. Amounts are decimal texts; `symbol` is ours. */
export type AlpacaOrder = {
  readonly id: string
  readonly clientOrderId: string
  readonly symbol: string
  readonly isCrypto: boolean
  readonly side: 'buy' | 'sell'
  readonly type: string
  readonly timeInForce: string
  readonly orderClass: string
  readonly status: string
  /** Undefined for an order sized in dollars. */
  readonly quantity: string | undefined
  readonly notional: string | undefined
  /** Units filled so far; of a replacement those of the order before it included. */
  readonly filledQuantity: string
  readonly averagePrice: string | undefined
  readonly submittedAt: EpochMs
  readonly updatedAt: EpochMs
  readonly replacedBy: string | undefined
  readonly replaces: string | undefined
  readonly legs: readonly AlpacaOrder[]
}

const what = 'an order'
const ofSeveralLegs = 'mleg'
const plain = (amount: Decimal | undefined): string | undefined => amount && decimalText(amount)
const noLegs: readonly AlpacaOrder[] = []

/** Whether an order is of several options: not ours, as a whole of no symbol, and its legs of no type. */
export function isOfSeveralLegs({ orderClass }: Pick<AlpacaOrder, 'orderClass'>): boolean {
  return orderClass === ofSeveralLegs
}

/** What every order says but one of several legs. */
function word(value: unknown, field: string, orderClass: string): string {
  return givenText(value) ?? (orderClass === ofSeveralLegs ? '' : missing(what, field, 'a text'))
}

/** Reads an order of the trading API or of the stream. Throws `BROKER_BAD_PAYLOAD`. */
export function parseOrder(value: unknown): AlpacaOrder {
  const payload = asPayload(value, what)
  const orderClass = givenText(payload['order_class']) ?? ''
  const legs = payload['legs']
  const submittedAt = givenInstant(payload['submitted_at']) ?? instant(payload, 'created_at', what)
  return {
    id: givenText(payload['id']) ?? missing(what, 'id', 'a text'),
    clientOrderId: givenText(payload['client_order_id']) ?? missing(what, 'client_order_id', 'a text'),
    symbol: fromVenueSymbol(word(payload['symbol'], 'symbol', orderClass)),
    isCrypto: payload['asset_class'] === 'crypto',
    side: word(payload['side'], 'side', orderClass) === 'sell' ? 'sell' : 'buy',
    type: word(payload['type'], 'type', orderClass),
    timeInForce: givenText(payload['time_in_force']) ?? missing(what, 'time_in_force', 'a text'),
    orderClass,
    status: givenText(payload['status']) ?? missing(what, 'status', 'a text'),
    quantity: plain(givenDecimal(payload['qty'])),
    notional: givenAmount(payload['notional']),
    filledQuantity: plain(givenDecimal(payload['filled_qty'])) ?? missing(what, 'filled_qty', 'an amount'),
    averagePrice: givenAmount(payload['filled_avg_price']),
    submittedAt,
    updatedAt: givenInstant(payload['updated_at']) ?? submittedAt,
    replacedBy: givenText(payload['replaced_by']),
    replaces: givenText(payload['replaces']),
    legs: Array.isArray(legs) && legs.length > 0 ? legs.map(parseOrder) : noLegs,
  }
}

/** What the stream says about an order. `price` and `quantity` are those of one execution. */
export type TradeUpdate = {
  readonly event: string
  readonly time: EpochMs
  readonly price: string | undefined
  readonly quantity: string | undefined
  readonly order: AlpacaOrder
}

/** Reads a message of the stream of order updates. Throws `BROKER_BAD_PAYLOAD`. */
export function parseTradeUpdate(value: unknown): TradeUpdate {
  const payload = asPayload(value, 'an order update')
  const order = parseOrder(payload['order'])
  return {
    event: givenText(payload['event']) ?? missing('an order update', 'event', 'a text'),
    time: givenInstant(payload['timestamp']) ?? givenInstant(payload['at']) ?? order.updatedAt,
    price: plain(givenDecimal(payload['price'])),
    quantity: plain(givenDecimal(payload['qty'])),
    order,
  }
}

/** An execution as the account's activities list it. */
export type FillActivity = {
  readonly id: string
  readonly orderId: string
  readonly time: EpochMs
  readonly price: string
  readonly quantity: string
  /** Filled of the order up to and with this execution. */
  readonly cumulative: string
}

/** Reads an activity of type `FILL`. Throws `BROKER_BAD_PAYLOAD`. */
export function parseFillActivity(value: unknown): FillActivity {
  const name = 'a fill'
  const payload = asPayload(value, name)
  return {
    id: text(payload, 'id', name),
    orderId: text(payload, 'order_id', name),
    time: instant(payload, 'transaction_time', name),
    price: plain(givenDecimal(payload['price'])) ?? missing(name, 'price', 'an amount'),
    quantity: plain(givenDecimal(payload['qty'])) ?? missing(name, 'qty', 'an amount'),
    cumulative: plain(givenDecimal(payload['cum_qty'])) ?? missing(name, 'cum_qty', 'an amount'),
  }
}
