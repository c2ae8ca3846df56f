import type { EpochMs } from '@tradeswarm/core'
import {
  type Decimal,
  decimal,
  decimalText,
  divide,
  type OrderRequest,
  type OrderType,
  roundToStep,
  type TimeInForce,
  zero,
} from '@tradeswarm/trading'
import type { ListedAsset } from './fake-assets.js'

/** Where an order stands, in Alpaca's words. */
export type FakeOrderStatus =
  | 'accepted'
  | 'pending_new'
  | 'new'
  | 'partially_filled'
  | 'pending_cancel'
  | 'pending_replace'
  | 'filled'
  | 'canceled'
  | 'expired'
  | 'replaced'
  | 'rejected'
  | 'held'

export type FakeOrderType = 'market' | 'limit' | 'stop' | 'stop_limit' | 'trailing_stop'
export type FakeTimeInForce = 'day' | 'gtc' | 'opg' | 'cls' | 'ioc' | 'fok'
export type FakeOrderClass = '' | 'simple' | 'bracket' | 'oco' | 'oto'

/** The terms of an order, read from a request. */
export type FakeTerms = {
  readonly asset: ListedAsset
  readonly side: 'buy' | 'sell'
  readonly type: FakeOrderType
  readonly timeInForce: FakeTimeInForce
  readonly quantity: Decimal | undefined
  readonly notional: Decimal | undefined
  readonly limitPrice: Decimal | undefined
  readonly stopPrice: Decimal | undefined
  readonly trailPrice: Decimal | undefined
  readonly trailPercent: Decimal | undefined
  readonly extendedHours: boolean
  readonly orderClass: FakeOrderClass
  /** As it was asked for; empty where it was left to the venue. */
  readonly positionIntent: string
  /** A leg of a bracket or a pair: it shares the units of the position with its sibling. */
  readonly reduces: boolean
}

/** An order that lives at the fake venue. */
export type FakeOrder = {
  readonly id: string
  clientOrderId: string
  terms: FakeTerms
  readonly sequence: number
  status: FakeOrderStatus
  filled: Decimal
  /** Sum of price × quantity over its executions. */
  filledWorth: Decimal
  readonly submittedAt: EpochMs
  readonly expiresAt: EpochMs
  updatedAt: EpochMs
  filledAt?: EpochMs
  canceledAt?: EpochMs
  expiredAt?: EpochMs
  replacedAt?: EpochMs
  replacedBy?: string
  replaces?: string
  /** The entry, or the first of a pair, that it belongs to. */
  parent?: FakeOrder
  legs: FakeOrder[]
  /** Whether the matching engine holds it, and under which id, where that is not its own. */
  isPlaced: boolean
  engineId?: string
}

const openStatuses: ReadonlySet<FakeOrderStatus> = new Set([
  'accepted',
  'pending_new',
  'new',
  'partially_filled',
  'pending_cancel',
  'pending_replace',
  'held',
])

export function isOpen({ status }: FakeOrder): boolean {
  return openStatuses.has(status)
}

/** Whether an order waits for the one to give way whose place it is to take. */
export function isWaiting({ status, replaces, isPlaced }: FakeOrder): boolean {
  return status === 'pending_new' && replaces !== undefined && !isPlaced
}

/** How an open order stands of which nothing is under way any more. */
export function plainStatusOf({ filled }: FakeOrder): FakeOrderStatus {
  return filled.eq(zero) ? 'new' : 'partially_filled'
}

const engineTypes: Readonly<Record<FakeOrderType, OrderType>> = {
  market: 'market',
  limit: 'limit',
  stop: 'stop',
  stop_limit: 'stop-limit',
  trailing_stop: 'trailing-stop',
}
const engineTimes: Readonly<Record<FakeTimeInForce, TimeInForce>> = {
  day: 'day',
  gtc: 'gtc',
  opg: 'at-open',
  cls: 'at-close',
  ioc: 'ioc',
  fok: 'fok',
}

/** The order as the matching engine takes it, under the venue's id. */
export function engineRequest(id: string, terms: FakeTerms, account: string): OrderRequest {
  const { quantity, notional, stopPrice, trailPrice, trailPercent } = terms
  const size = quantity ?? notional
  const cap = capOf(terms)
  const limitPrice = cap ?? terms.limitPrice
  return {
    account,
    clientOrderId: id,
    symbol: terms.asset.symbol,
    side: terms.side,
    type: cap === undefined ? engineTypes[terms.type] : 'stop-limit',
    quantity: size === undefined ? '0' : decimalText(size),
    ...(notional === undefined ? {} : { sizedIn: 'quote' as const }),
    ...(limitPrice === undefined ? {} : { limitPrice: decimalText(limitPrice) }),
    ...(stopPrice === undefined ? {} : { stopPrice: decimalText(stopPrice) }),
    ...(trailPrice === undefined ? {} : { trailAmount: decimalText(trailPrice) }),
    ...(trailPercent === undefined ? {} : { trailFraction: decimalText(trailPercent.times(hundredth)) }),
    timeInForce: engineTimes[terms.timeInForce],
    reduceOnly: terms.reduces,
  }
}

const hundredth = decimal('0.01')
const fifty = decimal('50')
const [capBelowFifty, capFromFifty] = [decimal('1.04'), decimal('1.025')]

/** A stop that buys shares is carried out as a stop-limit: it pays at most so much more than its level. */
function capOf({ asset, side, type, stopPrice }: FakeTerms): Decimal | undefined {
  if (asset.class === 'crypto' || side !== 'buy' || type !== 'stop' || stopPrice === undefined) return undefined
  return roundToStep(
    stopPrice.times(stopPrice.lt(fifty) ? capBelowFifty : capFromFifty),
    decimal(asset.priceIncrement),
    'down',
  )
}

const text = (value: Decimal | undefined): string | null => (value === undefined ? null : decimalText(value))
const timeText = (time: EpochMs | undefined): string | null => (time === undefined ? null : rfc3339(time))

/** An instant as Alpaca writes it. */
export function rfc3339(time: EpochMs): string {
  return new Date(time).toISOString()
}

/** The order as the API tells it; `status` may be that of a moment before. */
export function orderJson(
  order: FakeOrder,
  nested = false,
  status: FakeOrderStatus = order.status,
): Record<string, unknown> {
  const { terms } = order
  const average = order.filled.toString() === '0' ? undefined : divide(order.filledWorth, order.filled, 9, 'half-even')
  return {
    id: order.id,
    client_order_id: order.clientOrderId,
    created_at: rfc3339(order.submittedAt),
    updated_at: rfc3339(order.updatedAt),
    submitted_at: rfc3339(order.submittedAt),
    filled_at: timeText(order.filledAt),
    expired_at: timeText(order.expiredAt),
    expires_at: rfc3339(order.expiresAt),
    canceled_at: timeText(order.canceledAt),
    failed_at: null,
    replaced_at: timeText(order.replacedAt),
    replaced_by: order.replacedBy ?? null,
    replaces: order.replaces ?? null,
    asset_id: terms.asset.id,
    symbol: terms.asset.symbol,
    asset_class: terms.asset.class,
    notional: text(terms.notional),
    qty: text(terms.quantity),
    filled_qty: decimalText(order.filled),
    filled_avg_price: text(average),
    order_class: terms.orderClass,
    order_type: terms.type,
    type: terms.type,
    side: terms.side,
    position_intent: terms.positionIntent || (terms.side === 'buy' ? 'buy_to_open' : 'sell_to_close'),
    time_in_force: terms.timeInForce,
    limit_price: text(terms.limitPrice),
    stop_price: text(terms.stopPrice),
    status,
    extended_hours: terms.extendedHours,
    legs: nested && order.legs.length > 0 ? order.legs.map((leg) => orderJson(leg, true)) : null,
    trail_percent: text(terms.trailPercent),
    trail_price: text(terms.trailPrice),
    hwm: null,
    subtag: null,
    source: null,
  }
}
