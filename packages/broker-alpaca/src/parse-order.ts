import {
  amountText,
  asPayload,
  instant,
  optionalAmount,
  optionalInstant,
  optionalText,
  type Payload,
  text,
} from '@tradeswarm/broker-kit'
import type { EpochMs } from '@tradeswarm/core'
import { decimal, decimalText } from '@tradeswarm/trading'
import { fromVenueSymbol } from './symbols.js'

/** An order as Alpaca tells it. Amounts are decimal texts; `symbol` is ours. */
export type AlpacaOrder = {
  readonly id: string
  readonly clientOrderId: string
  readonly assetId: string
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
const plain = (amount: string): string => decimalText(decimal(amount))

/** Reads an order of the trading API or of the stream. Throws `BROKER_BAD_PAYLOAD`. */
export function parseOrder(value: unknown): AlpacaOrder {
  const payload = asPayload(value, what)
  const quantity = optionalAmount(payload, 'qty')
  const legs = payload['legs']
  const submittedAt = optionalInstant(payload, 'submitted_at') ?? instant(payload, 'created_at', what)
  return {
    id: text(payload, 'id', what),
    clientOrderId: text(payload, 'client_order_id', what),
    assetId: optionalText(payload, 'asset_id') ?? '',
    symbol: fromVenueSymbol(text(payload, 'symbol', what)),
    isCrypto: payload['asset_class'] === 'crypto',
    side: text(payload, 'side', what) === 'sell' ? 'sell' : 'buy',
    type: text(payload, 'type', what),
    timeInForce: text(payload, 'time_in_force', what),
    orderClass: optionalText(payload, 'order_class') ?? '',
    status: text(payload, 'status', what),
    quantity: quantity === undefined ? undefined : plain(quantity),
    notional: optionalAmount(payload, 'notional'),
    filledQuantity: plain(amountText(payload, 'filled_qty', what)),
    averagePrice: optionalAmount(payload, 'filled_avg_price'),
    submittedAt,
    updatedAt: optionalInstant(payload, 'updated_at') ?? submittedAt,
    replacedBy: optionalText(payload, 'replaced_by'),
    replaces: optionalText(payload, 'replaces'),
    legs: Array.isArray(legs) ? legs.map(parseOrder) : [],
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
    event: text(payload, 'event', 'an order update'),
    time: optionalInstant(payload, 'timestamp') ?? optionalInstant(payload, 'at') ?? order.updatedAt,
    price: amountOf(payload, 'price'),
    quantity: amountOf(payload, 'qty'),
    order,
  }
}

const amountOf = (payload: Payload, field: string): string | undefined => {
  const amount = optionalAmount(payload, field)
  return amount === undefined ? undefined : plain(amount)
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
    price: plain(amountText(payload, 'price', name)),
    quantity: plain(amountText(payload, 'qty', name)),
    cumulative: plain(amountText(payload, 'cum_qty', name)),
  }
}
