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

/** What money an account trades. */
export type AccountMode = 'paper' | 'demo' | 'live'

/** An order as an adapter in another process takes it: plain JSON that proves its origin. */
export type SignedOrder = {
  readonly request: OrderRequest
  readonly permit: Permit
  /** Mode of the account that it is permitted for. */
  readonly mode: AccountMode
  /** HMAC-SHA256 of account, mode and permit under the kernel's key, in hex; see `permitText`. */
  readonly signature: string
}

declare const permitted: unique symbol

/** An order with its permit, as only the risk authority makes it. A literal or a copy does not pass the guard. Signed when the signature is read. */
export type PermittedOrder = SignedOrder & { readonly [permitted]: true }

/** What a broker asks before the first byte leaves. */
export type PermitGuard = {
  /**
   * Uses the permit up. Throws `PERMIT_FORGED`, `PERMIT_USED`, `PERMIT_EXPIRED`, `PERMIT_MISMATCH` (the order was altered, or is for another
   * account or mode), `PERMIT_STALE` (a halt or a new policy came between), `PERMIT_FROZEN` and `PERMIT_FENCED` (nothing is sent now).
   */
  consume(order: PermittedOrder): void
}

/** The text that a permit's signature is made over: all of the permit, with the account and the mode that it holds for. */
export function permitText(account: string, mode: AccountMode, permit: Permit): string {
  const { permitId, orderHash, issuedAt, expiresAt, haltEpoch, policyVersion, reservationId } = permit
  return JSON.stringify([
    'tradeswarm permit 1',
    account,
    mode,
    permitId,
    orderHash,
    issuedAt,
    expiresAt,
    haltEpoch,
    policyVersion,
    reservationId,
  ])
}
