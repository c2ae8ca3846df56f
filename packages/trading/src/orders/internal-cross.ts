import type { EpochMs } from '@tradeswarm/core'

/** What an exit that waits is to be crossed with: an entry of another principal that rests, once the venue has amended it down. */
export type CrossPlan = {
  /** The entry. */
  readonly orderId: string
  /** Units that are to be crossed. Decimal text. */
  readonly quantity: string
  /** What the entry was ordered for when that was planned, and how often it had been amended or cancelled by then. */
  readonly ordered: string
  readonly requests: number
  readonly plannedAt: EpochMs
}

/** One side of a cross. */
export type CrossSide = {
  /** The order of which a part, or all, was crossed. */
  readonly orderId: string
  /** The order that has the cross: the same where all of it was crossed before it was sent, else one of its own, which is never sent. */
  readonly crossedOrderId: string
  readonly intentId: string
  readonly agent: string
  readonly strategy: string
  /** Of an order that is not sent yet: what is left of it to be sent. Decimal text. */
  readonly left?: string
}

/** Units that went from one principal of an account to another, without the venue. Decimal texts. */
export type InternalCross = {
  readonly crossId: string
  readonly symbol: string
  /** Of a unit: the middle of bid and ask, or the last price, within the limits of both sides; exact, not on the grid. */
  readonly price: string
  readonly quantity: string
  readonly buy: CrossSide
  readonly sell: CrossSide
}
