import type { EpochMs } from '@tradeswarm/core'
import type { Decimal, OrderRequest } from '@tradeswarm/trading'
import type { VenueInstrument } from './paper-broker-options.js'

/** An open order at the venue. */
export type RestingOrder = {
  readonly request: OrderRequest
  readonly listing: VenueInstrument
  readonly venueOrderId: string
  /** Its place among all that happened at the venue: orders and session opens count on one counter. */
  readonly sequence: number
  readonly acceptedAt: EpochMs
  readonly quantity: Decimal
  readonly limitPrice: Decimal | undefined
  readonly stopPrice: Decimal | undefined
  filled: Decimal
  /** A stop that was triggered is a market order from then on. */
  triggered: boolean
  /** Cash set aside for what is still to be bought. */
  reserved: Decimal
}

/** What is still to be filled. */
export function leavesOf(order: RestingOrder): Decimal {
  return order.quantity.minus(order.filled)
}
