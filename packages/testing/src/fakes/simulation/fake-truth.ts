import type { OrderRequest } from '@tradeswarm/trading'
import { type Exact, exact } from '../../simulator/exact.js'
import type { HeldContract } from '../../simulator/venue-books.js'
import type { VenueFill, VenueOrderTruth } from '../../simulator/venue-order.js'

/** What a fake has in its books, in the words of the simulator's checkers. */
export type FakeTruth = {
  readonly orders: readonly VenueOrderTruth[]
  cash(currency: string): Exact
  held(symbol: string): Exact
  currencies(): readonly string[]
  /** What is held of a contract, as its executions make it; undefined where it was never traded. Absent where there are no contracts. */
  contract?(symbol: string): HeldContract | undefined
  /** Funding falls due: to be called before the fake hears of it. Absent where there is none. */
  fund?(symbol: string, rate: string, price: string): void
  /** In what its books contradict themselves; undefined where they do not. */
  contradiction?(): string | undefined
  /** Takes over what has changed in the books since it was last called. */
  look(): void
}

/** Who is told of what is new. */
export type TruthListeners = {
  readonly onOrder: (order: VenueOrderTruth) => void
  readonly onFill: (order: VenueOrderTruth, fill: VenueFill) => void
  /** What was permitted under a client order id. */
  readonly permitted: (clientOrderId: string) => OrderRequest | undefined
}

/** An order that was just found. */
export function truthOf(
  venueOrderId: string,
  request: OrderRequest,
  quantity: string,
  acceptedAt: number,
  carried: Exact = 0n,
): VenueOrderTruth {
  return {
    venueOrderId,
    request,
    quantity: exact(quantity),
    carried,
    earlier: [],
    acceptedAt,
    external: false,
    splitsBefore: 0,
    status: 'open',
    triggered: false,
    level: undefined,
    filled: 0n,
    fills: [],
  }
}

/** An execution as a fake tells it. */
export type ToldFill = {
  readonly tradeId: string
  readonly price: string
  readonly quantity: string
  /** What was paid; below 0 where something was given back. */
  readonly fee: string
  readonly feeCurrency: string
  readonly feeInAsset: boolean
  /** Of a contract: what was paid out on what it closed. */
  readonly paidOut?: string | undefined
}

/** Adds an execution to its order. */
export function addFill(order: VenueOrderTruth, told: ToldFill): VenueFill {
  const { tradeId, feeCurrency, feeInAsset, paidOut } = told
  const fill: VenueFill = {
    tradeId,
    price: exact(told.price),
    quantity: exact(told.quantity),
    fee: exact(told.fee),
    feeCurrency,
    feeInAsset,
    splitsBefore: 0,
    busted: false,
    ...(paidOut === undefined ? {} : { paidOut: exact(paidOut) }),
  }
  order.fills.push(fill)
  order.filled += fill.quantity
  return fill
}
