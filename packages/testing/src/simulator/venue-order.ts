import type { EpochMs } from '@tradeswarm/core'
import type { BrokerEvent, OrderExecution, OrderRequest, VenueOrder } from '@tradeswarm/trading'
import { type Exact, exactText, floorTo, times, unit } from './exact.js'

/** What the venue executed. */
export type VenueFill = {
  readonly tradeId: string
  price: Exact
  quantity: Exact
  fee: Exact
  /** The currency of the trade, the asset, or another currency. */
  readonly feeCurrency: string
  readonly feeInAsset: boolean
  /** How many splits of the symbol came before it. */
  readonly splitsBefore: number
  busted: boolean
  /** Of a contract: what was paid out on what it closed. */
  paidOut?: Exact
  /** What was made of it since, as the stream told that. */
  change?: NonNullable<OrderExecution['change']>
}

/** An order as the venue has it, whatever anybody was told. */
export type VenueOrderTruth = {
  readonly venueOrderId: string
  request: OrderRequest
  /** Units, or an amount of the currency, as what is filled and carried. */
  quantity: Exact
  /** What orders that it has taken the place of had executed. */
  readonly carried: Exact
  /** As it was shown under ids that amendments have replaced. */
  readonly earlier: VenueOrder[]
  readonly acceptedAt: EpochMs
  /** Somebody else's, on the same account. */
  readonly external: boolean
  readonly splitsBefore: number
  status: VenueOrder['status']
  triggered: boolean
  /** Where a trailing stop stands. */
  level: Exact | undefined
  filled: Exact
  readonly fills: VenueFill[]
}

/** What is left to execute of an order that is open. */
export function leavesOf(order: VenueOrderTruth): Exact {
  return order.status === 'open' ? order.quantity - order.carried - order.filled : 0n
}

/** Units in what an order is counted in, at what one of them stands for. */
export function measureOf({ request }: VenueOrderTruth, unitPrice: Exact, units: Exact): Exact {
  return request.sizedIn === 'quote' ? times(unitPrice, units) : units
}

/** The units that so much of an order comes to at what one of them stands for: of an amount the whole lots that it pays for. */
export function unitsFor({ request }: VenueOrderTruth, unitPrice: Exact, much: Exact, lot: Exact): Exact {
  return request.sizedIn === 'quote' ? floorTo((much * unit) / unitPrice, lot) : much
}

/** An order as the port shows it. */
export function viewOf(order: VenueOrderTruth): VenueOrder {
  const { request, venueOrderId, status, quantity, filled } = order
  return {
    clientOrderId: request.clientOrderId,
    venueOrderId,
    symbol: request.symbol,
    status,
    quantity: exactText(quantity),
    filledQuantity: exactText(filled),
  }
}

/** A venue's word without what the venue itself adds to it. */
export type VenueWord = BrokerEvent extends infer Event
  ? Event extends BrokerEvent
    ? Omit<Event, 'eventId' | 'clientOrderId' | 'venueOrderId' | 'time'>
    : never
  : never

/** An execution with the figures that hold of it, and what was made of it. */
export function toldNow(told: OrderExecution, { price, quantity, fee, change }: VenueFill): OrderExecution {
  if (change === undefined) return told
  const figures = { price: exactText(price), quantity: exactText(quantity), fee: exactText(fee) }
  return { ...told, execution: { ...told.execution, ...figures }, change }
}
