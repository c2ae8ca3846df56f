import {
  asPayload,
  decimalIfAny,
  epochMs,
  givenDecimal,
  givenEpochMs,
  givenText,
  missing,
  optionalEpochMs,
  optionalText,
  type Payload,
  text,
} from '@tradeswarm/broker-kit'
import type { EpochMs } from '@tradeswarm/core'
import { type Decimal, decimalText, zero } from '@tradeswarm/trading'

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
  /** Undefined where it is to sell or buy at the market. */
  readonly limitPrice: string | undefined
  /** The orders that it has become, once it was set off: several where one at the market would have been too large. */
  readonly childIds: readonly string[]
  readonly failCode: string | undefined
  readonly tag: string
  readonly createdAt: EpochMs
  readonly updatedAt: EpochMs
}

const isNamed = (id: string | undefined): id is string => id !== undefined && id !== '0'
/** 0 is none. */
const given = (amount: Decimal | undefined): string | undefined =>
  amount === undefined || amount.isZero() ? undefined : decimalText(amount)
/** `-1` is the market. */
const limitOf = (amount: Decimal | undefined): string | undefined => {
  const limit = given(amount)
  return limit === '-1' ? undefined : limit
}
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
  const createdAt = givenEpochMs(payload['cTime']) ?? missing(aOrder, 'cTime', 'an instant')
  const type = givenText(payload['ordType']) ?? missing(aOrder, 'ordType', 'a text')
  return {
    kind: 'order',
    id: givenText(payload['ordId']) ?? missing(aOrder, 'ordId', 'a text'),
    clientOrderId: givenText(payload['clOrdId']) ?? '',
    symbol: givenText(payload['instId']) ?? missing(aOrder, 'instId', 'a text'),
    isSwap: payload['instType'] === 'SWAP',
    side: (givenText(payload['side']) ?? missing(aOrder, 'side', 'a text')) === 'sell' ? 'sell' : 'buy',
    type,
    state: givenText(payload['state']) ?? missing(aOrder, 'state', 'a text'),
    quantity: decimalText(givenDecimal(payload['sz']) ?? missing(aOrder, 'sz', 'an amount')),
    isInQuote: payload['tgtCcy'] === 'quote_ccy' && type === 'market',
    price: given(decimalIfAny(payload['px'], 'px', aOrder)),
    filledQuantity: decimalText(decimalIfAny(payload['accFillSz'], 'accFillSz', aOrder) ?? zero),
    averagePrice: given(givenDecimal(payload['avgPx'])),
    cancelSource: givenText(payload['cancelSource']) ?? '',
    algoId: givenText(payload['algoId']) ?? linked,
    algoClientOrderId: givenText(payload['algoClOrdId']),
    tag: givenText(payload['tag']) ?? '',
    createdAt,
    updatedAt: givenEpochMs(payload['uTime']) ?? createdAt,
  }
}

/** Reads a message of the channel `orders`. Throws `BROKER_BAD_PAYLOAD`. */
export function parseOrderUpdate(value: unknown): OrderUpdate {
  const payload = asPayload(value, 'an order update')
  const order = parseOrder(payload)
  const fee = isNamed(givenText(payload['tradeId'])) ? decimalIfAny(payload['fillFee'], 'fillFee', aOrder) : undefined
  const isFill = fee !== undefined && given(decimalIfAny(payload['fillSz'], 'fillSz', aOrder)) !== undefined
  const currency = givenText(payload['fillFeeCcy'])
  return {
    order,
    fill: isFill ? fillOf(payload, order, fee, currency, givenEpochMs(payload['fillTime'])) : undefined,
    amendResult: givenText(payload['amendResult']) ?? '',
    requestId: givenText(payload['reqId']),
  }
}

const aFill = 'a fill'

function fillOf(
  payload: Payload,
  { id, symbol, isSwap, clientOrderId }: Pick<OkxOrder, 'id' | 'symbol' | 'isSwap' | 'clientOrderId'>,
  fee: Decimal,
  feeCurrency: string | undefined,
  time: EpochMs | undefined,
): OkxFill {
  const paidOut = isSwap ? decimalIfAny(payload['fillPnl'], 'fillPnl', aFill) : undefined
  return {
    tradeId: givenText(payload['tradeId']) ?? missing(aFill, 'tradeId', 'a text'),
    orderId: id,
    clientOrderId,
    symbol,
    isSwap,
    price: decimalText(givenDecimal(payload['fillPx']) ?? missing(aFill, 'fillPx', 'an amount')),
    quantity: decimalText(givenDecimal(payload['fillSz']) ?? missing(aFill, 'fillSz', 'an amount')),
    // OKX counts what is paid below 0.
    fee: negatedText(fee),
    feeCurrency: feeCurrency ?? (fee.isZero() ? '' : missing(aFill, 'feeCcy', 'a text')),
    paidOut: paidOut && decimalText(paidOut),
    isMaker: payload['execType'] === 'M',
    time: time ?? epochMs(payload, 'ts', aFill),
  }
}

/** The text of an amount with the other sign: most of them are there already. */
function negatedText(amount: Decimal): string {
  const text = decimalText(amount)
  if (amount.isZero()) return text
  return amount.isNegative() ? text.slice(1) : `-${text}`
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
  const fee = decimalIfAny(payload['fee'], 'fee', aFill) ?? zero
  const fill = fillOf(payload, of, fee, optionalText(payload, 'feeCcy'), optionalEpochMs(payload, 'fillTime'))
  return { ...fill, billId: optionalText(payload, 'billId') ?? '' }
}

const anAlgo = 'an algo order'

/** Reads an algo order of `trade/order-algo`, of the lists, or of the streams. Throws `BROKER_BAD_PAYLOAD`. */
export function parseAlgo(value: unknown): OkxAlgo {
  const payload = asPayload(value, anAlgo)
  const createdAt = epochMs(payload, 'cTime', anAlgo)
  const { ordIdList } = payload
  const listed: readonly unknown[] = Array.isArray(ordIdList) ? ordIdList : []
  const childIds = [...listed, payload['ordId']].map(givenText).filter(isNamed)
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
    quantity: decimalText(givenDecimal(payload['sz']) ?? zero),
    stopPrice: given(givenDecimal(payload['slTriggerPx']) ?? givenDecimal(payload['triggerPx'])),
    limitPrice: limitOf(givenDecimal(payload['slOrdPx']) ?? givenDecimal(payload['ordPx'])),
    childIds: [...new Set(childIds)],
    failCode: optionalText(payload, 'failCode'),
    tag: optionalText(payload, 'tag') ?? '',
    createdAt,
    updatedAt: optionalEpochMs(payload, 'uTime') ?? optionalEpochMs(payload, 'triggerTime') ?? createdAt,
  }
}
