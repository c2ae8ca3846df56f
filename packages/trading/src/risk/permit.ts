import type { EpochMs } from '@tradeswarm/core'
import type { OrderRequest } from '../orders/order-request.js'

/** Leave to send one exact order, once, for a short time. */
export type Permit = {
  readonly permitId: string
  /** SHA-256 of the canonical JSON of the order request. */
  readonly orderHash: string
  readonly issuedAt: EpochMs
  readonly expiresAt: EpochMs
  readonly haltEpoch: number
  readonly policyVersion: number
  readonly reservationId: string
}

declare const permitted: unique symbol

/** An order with its permit, as only the risk authority makes it. A literal or a copy does not pass the guard. */
export type PermittedOrder = {
  readonly request: OrderRequest
  readonly permit: Permit
  readonly [permitted]: true
}

/** What a broker asks before the first byte leaves. */
export type PermitGuard = {
  /**
   * Uses the permit up. Throws `PERMIT_FORGED`, `PERMIT_USED`, `PERMIT_EXPIRED`, `PERMIT_MISMATCH` (the order was altered),
   * `PERMIT_STALE` (a halt or a new policy came between).
   */
  consume(order: PermittedOrder): void
}
