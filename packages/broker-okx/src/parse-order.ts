import {
  amountText,
  asPayload,
  epochMs,
  optionalAmount,
  optionalEpochMs,
  optionalText,
  type Payload,
  text,
} from '@tradeswarm/broker-kit'
import type { EpochMs } from '@tradeswarm/core'
import { decimal, decimalText } from '@tradeswarm/trading'

/** An order as OKX tells it. Amounts are decimal texts; units of a swap are contracts. */
export type OkxOrder = {
  readonly kind: 'order'
  /** `ordId`. */
  readonly id: string
  /** Empty where it has none. */
  readonly clientOrderId: string
  readonly symbol: string
  readonly isSwap: boolean
  readonly side: 'buy' | 'sell'
  readonly type: string
  readonly state: string
  readonly quantity: string
  /** Whether `quantity` is an amount of the quote currency; what was filled never is. */
  readonly isInQuote: boolean
  readonly price: string | undefined
  readonly filledQuantity: string
  readonly averagePrice: string | undefined
  readonly cancelSource: string
  /** The algo order that it comes from. */
  readonly algoId: string | undefined
  readonly algoClientOrderId: string | undefined
  readonly tag: string
  readonly createdAt: EpochMs
  readonly updatedAt: EpochMs
}

/** One execution. The fee is above 0 where it was paid. */
export type OkxFill = {
  readonly tradeId: string
  readonly orderId: string
  readonly clientOrderId: string
  readonly symbol: string
  readonly isSwap: boolean
  readonly price: string
  readonly quantity: string
  readonly fee: string
  readonly feeCurrency: string
  /** What closing a contract has paid out. */
  readonly paidOut: string | undefined
  readonly isMaker: boolean
  readonly time: EpochMs
}

/** What the stream says about an order. */
export type OrderUpdate = {
  readonly order: OkxOrder
  readonly fill: OkxFill | undefined
  /** What became of an amendment: 0 it was done, -1 it was not; empty where it tells of none. */
  readonly amendResult: string
  readonly requestId: string | undefined
}

/** An algo order: a stop, a stop and target in one, a trailing stop. */
export type OkxAlgo = {
  readonly kind: 'algo'
  /** `algoId`. */
  readonly id: string
  readonly clientOrderId: string
  readonly symbol: string
  readonly isSwap: boolean
  readonly side: 'buy' | 'sell'
  readonly type: string
  readonly state: string
  readonly quantity: string
  readonly stopPrice: string | undefined
  /** The order that it has become, once it was set off. */
  readonly childId: string | undefined
  readonly failCode: string | undefined
  readonly tag: string
  readonly createdAt: EpochMs
  readonly updatedAt: EpochMs
}

const plain = (amount: string): string => decimalText(decimal(amount))
const isNamed = (id: string | undefined): id is string => id !== undefined && id !== '0'
const given = (amount: string | undefined): string | undefined =>
  amount === undefined || decimal(amount).isZero() ? undefined : plain(amount)
const sideOf = (payload: Payload, what: string): 'buy' | 'sell' =>
  text(payload, 'side', what) === 'sell' ? 'sell' : 'buy'

const aOrder = 'an order'

/** Reads an order of `trade/order`, of the lists, or of the stream. Throws `BROKER_BAD_PAYLOAD`. */
export function parseOrder(value: unknown): OkxOrder {
  const payload = asPayload(value, aOrder)
  const { linkedAlgoOrd } = payload
  const linked =
    typeof linkedAlgoOrd === 'object' && linkedAlgoOrd !== null
      ? optionalText(linkedAlgoOrd as Payload, 'algoId')
      : undefined
  const createdAt = epochMs(payload, 'cTime', aOrder)
  const type = text(payload, 'ordType', aOrder)
  return {
    kind: 'order',
    id: text(payload, 'ordId', aOrder),
    clientOrderId: optionalText(payload, 'clOrdId') ?? '',
    symbol: text(payload, 'instId', aOrder),
    isSwap: payload['instType'] === 'SWAP',
    side: sideOf(payload, aOrder),
    type,
    state: text(payload, 'state', aOrder),
    quantity: plain(amountText(payload, 'sz', aOrder)),
    isInQuote: payload['tgtCcy'] === 'quote_ccy' && type === 'market',
    price: given(optionalAmount(payload, 'px')),
    filledQuantity: plain(optionalAmount(payload, 'accFillSz') ?? '0'),
    averagePrice: given(optionalAmount(payload, 'avgPx')),
    cancelSource: optionalText(payload, 'cancelSource') ?? '',
    algoId: optionalText(payload, 'algoId') ?? linked,
    algoClientOrderId: optionalText(payload, 'algoClOrdId'),
    tag: optionalText(payload, 'tag') ?? '',
    createdAt,
    updatedAt: optionalEpochMs(payload, 'uTime') ?? createdAt,
  }
}

/** Reads a message of the channel `orders`. Throws `BROKER_BAD_PAYLOAD`. */
export function parseOrderUpdate(value: unknown): OrderUpdate {
  const payload = asPayload(value, 'an order update')
  const order = parseOrder(payload)
  const tradeId = optionalText(payload, 'tradeId')
  const quantity = given(optionalAmount(payload, 'fillSz'))
  const isFill = isNamed(tradeId) && quantity !== undefined && optionalAmount(payload, 'fillFee') !== undefined
  return {
    order,
    fill: isFill ? fillOf(payload, order, 'fillFee', 'fillFeeCcy', optionalEpochMs(payload, 'fillTime')) : undefined,
    amendResult: optionalText(payload, 'amendResult') ?? '',
    requestId: optionalText(payload, 'reqId'),
  }
}

const aFill = 'a fill'

function fillOf(
  payload: Payload,
  { id, symbol, isSwap, clientOrderId }: Pick<OkxOrder, 'id' | 'symbol' | 'isSwap' | 'clientOrderId'>,
  feeField: string,
  currencyField: string,
  time: EpochMs | undefined,
): OkxFill {
  const paidOut = isSwap ? optionalAmount(payload, 'fillPnl') : undefined
  return {
    tradeId: text(payload, 'tradeId', aFill),
    orderId: id,
    clientOrderId,
    symbol,
    isSwap,
    price: plain(amountText(payload, 'fillPx', aFill)),
    quantity: plain(amountText(payload, 'fillSz', aFill)),
    // OKX counts what is paid below 0.
    fee: decimalText(decimal(optionalAmount(payload, feeField) ?? '0').neg()),
    feeCurrency: optionalText(payload, currencyField) ?? '',
    paidOut: paidOut === undefined ? undefined : plain(paidOut),
    isMaker: payload['execType'] === 'M',
    time: time ?? epochMs(payload, 'ts', aFill),
  }
}

/** Reads an execution of `trade/fills`. Throws `BROKER_BAD_PAYLOAD`. */
export function parseFill(value: unknown): OkxFill & { readonly billId: string } {
  const payload = asPayload(value, aFill)
  const of = {
    id: text(payload, 'ordId', aFill),
    symbol: text(payload, 'instId', aFill),
    isSwap: payload['instType'] === 'SWAP',
    clientOrderId: optionalText(payload, 'clOrdId') ?? '',
  }
  const fill = fillOf(payload, of, 'fee', 'feeCcy', optionalEpochMs(payload, 'fillTime'))
  return { ...fill, billId: optionalText(payload, 'billId') ?? '' }
}

const anAlgo = 'an algo order'

/** Reads an algo order of `trade/order-algo`, of the lists, or of the streams. Throws `BROKER_BAD_PAYLOAD`. */
export function parseAlgo(value: unknown): OkxAlgo {
  const payload = asPayload(value, anAlgo)
  const createdAt = epochMs(payload, 'cTime', anAlgo)
  const { ordIdList } = payload
  const [listed] = Array.isArray(ordIdList) ? (ordIdList as readonly unknown[]) : []
  const childId = optionalText(payload, 'ordId') ?? (typeof listed === 'string' ? listed : undefined)
  return {
    kind: 'algo',
    id: text(payload, 'algoId', anAlgo),
    clientOrderId: optionalText(payload, 'algoClOrdId') ?? '',
    symbol: text(payload, 'instId', anAlgo),
    isSwap: payload['instType'] === 'SWAP',
    side: sideOf(payload, anAlgo),
    type: text(payload, 'ordType', anAlgo),
    state: text(payload, 'state', anAlgo),
    // One that closes a fraction of a position has none.
    quantity: plain(optionalAmount(payload, 'sz') ?? '0'),
    stopPrice: given(optionalAmount(payload, 'slTriggerPx') ?? optionalAmount(payload, 'triggerPx')),
    childId: isNamed(childId) && childId !== '' ? childId : undefined,
    failCode: optionalText(payload, 'failCode'),
    tag: optionalText(payload, 'tag') ?? '',
    createdAt,
    updatedAt: optionalEpochMs(payload, 'uTime') ?? optionalEpochMs(payload, 'triggerTime') ?? createdAt,
  }
}
