import type { EpochMs } from '@tradeswarm/core'
import type { Decimal, OrderRequest, Side, VenueOrder } from '@tradeswarm/trading'
import type { VenueInstrument } from './paper-broker-options.js'
import type { SymbolMarket } from './symbol-market.js'
import type { Trail } from './trailing-level.js'

/** The amounts of an order, parsed once. They change with an amendment or a split, and a trailing level with the market. */
export type OrderAmounts = {
  /** Units, or an amount of the currency for an order that is sized in it. */
  quantity: Decimal
  limitPrice: Decimal | undefined
  /** Of a target and a stop in one: where it rests as a limit order until the stop is set off. */
  targetPrice: Decimal | undefined
  /** What sets it off; of a trailing stop undefined until a price is known. */
  stopPrice: Decimal | undefined
  trail: Trail | undefined
}

/** An order at the venue. */
export type RestingOrder = OrderAmounts & {
  /** The terms, under the client order id that its events carry; of the last amendment. */
  request: OrderRequest
  readonly listing: VenueInstrument
  readonly market: SymbolMarket
  readonly venueOrderId: string
  /** Its place among all that happened at the venue: orders and session opens count on one counter. */
  sequence: number
  acceptedAt: EpochMs
  status: 'open' | 'filled' | 'canceled' | 'expired'
  /** Executed so far, in the measure of `quantity`; what was busted counts, as the venue does not trade it again. */
  filled: Decimal
  /** The part of `filled` that was taken back. */
  busted: Decimal
  hasFills: boolean
  /** A stop that waits for its level. Once set off it is a market order, or a limit order. */
  armed: boolean
  /** A quote or a trade has met it: what it gets from then on comes to where it rests. */
  met: boolean
  /** Set aside for what is still to be traded: cash for a buy, units for a sale. */
  reserved: Decimal
  /** What it was before it was amended, oldest first; undefined when it never was. */
  former: VenueOrder[] | undefined
}

/** The limit that an order rests or takes at now: that of a pair is its target, as long as its stop was not set off. */
export function limitInForce({ armed, limitPrice, targetPrice }: RestingOrder): Decimal | undefined {
  return armed ? targetPrice : limitPrice
}

/** What is still to be filled, in the order's own measure. */
export function leavesOf(order: RestingOrder): Decimal {
  return order.quantity.minus(order.filled)
}

/** The asset in which an order sets something aside. */
export function reservedAsset(order: RestingOrder): string {
  return setAsideIn(order.listing, order.request.side)
}

/** The asset in which orders of that side set something aside: a contract's margin is cash, whichever way it goes. */
export function setAsideIn({ instrument, isContract }: VenueInstrument, side: Side): string {
  return side === 'buy' || isContract ? instrument.currency : instrument.asset
}

/** True for an order that has one chance only. */
export function isImmediate(order: RestingOrder): boolean {
  const { timeInForce } = order.request
  return timeInForce === 'ioc' || timeInForce === 'fok'
}
