import type { EpochMs } from '@tradeswarm/core'
import type {
  BrokerEvent,
  OrderExecution,
  OrderRequest,
  VenueBalance,
  VenueMovement,
  VenueOrder,
} from '@tradeswarm/trading'
import type { Exact } from './exact.js'
import type { VenueRefusal } from './venue-admission.js'
import type { VenueBooks } from './venue-books.js'
import type { VenueOrderTruth } from './venue-order.js'

/** A venue with a truth of its own. */
export type SimulatedVenue = {
  place(request: OrderRequest): VenueRefusal | undefined
  cancel(clientOrderId: string): VenueRefusal | undefined
  /** Gives a live order other terms and the id of the request. Its word, `replaced` or `replace-rejected`, comes under the old id. */
  replace(clientOrderId: string, request: OrderRequest): VenueRefusal | undefined
  order(clientOrderId: string): VenueOrder | undefined
  openOrders(): readonly VenueOrder[]
  /** What was executed, or changed, at or after an instant; one that was taken back says so. */
  executions(since: EpochMs): readonly OrderExecution[]
  balances(): readonly VenueBalance[]
  /** All that it ever said, in order. */
  readonly history: readonly BrokerEvent[]
  /** Every order that it ever took, in order. */
  readonly orders: readonly VenueOrderTruth[]
  readonly isOpen: boolean
  readonly books: VenueBooks
  cash(): Exact
  position(symbol: string): Exact
  price(symbol: string): string
  /** Orders for the open meet it, or end. */
  openSession(): void
  /** Orders for the close meet it, orders for the day end, and what is lent is charged. */
  closeSession(): void
  /** Units of a symbol become others; what rests in it is withdrawn. */
  split(symbol: string, numerator: number, denominator: number): void
  /** Somebody else's order on the same account. */
  placeExternal(request: OrderRequest): void
  cancelExternal(): void
  /** Longs of a contract pay shorts such a part of what they hold, or are paid where it is below 0; whether there was any. */
  payFunding(symbol: string, rate: string): boolean
  /** Money that it has moved without an order at or after an instant. */
  movements(since: EpochMs): readonly VenueMovement[]
  /** Time goes by at the same prices. */
  tick(): void
  /** A new price, at which what can be executed is. */
  setPrice(symbol: string, price: string): void
  /** Executes a part of an order that was cancelled, where cash and position allow it. */
  fillAfterCancel(pick: number): void
  /** From now on there is always enough on the other side: what can be executed is executed whole. */
  deepen(): void
  /** Takes an execution of an order that has ended back, where that leaves no position below 0. */
  bust(pick: number): void
  /**
   * Gives an execution of an order that has ended another price, so many basis points off, or so many times its units, in whole lots, as far
   * as the order, cash and position bear it. Tells which way its units went, where they did.
   */
  correct(
    pick: number,
    change: { readonly basisPoints: number } | { readonly share: number },
  ): 'more' | 'fewer' | undefined
}
