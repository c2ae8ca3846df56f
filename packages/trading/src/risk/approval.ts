import type { EpochMs } from '@tradeswarm/core'
import type { RiskFinding } from '../kernel/kernel.js'
import type { OrderHeader } from '../orders/order-record.js'
import type { OrderIntent } from '../orders/order-request.js'

/** An order that waits for a person's word; plain JSON. Nothing is reserved for it. */
export type PendingApproval = {
  /** Names it to whoever approves or denies it; used once. */
  readonly token: string
  readonly intent: OrderIntent
  /** The order as it was looked at. An approved one is made anew. */
  readonly header: OrderHeader
  /** What asks for the approval: value and limit. */
  readonly finding: RiskFinding
  readonly requestedAt: EpochMs
  readonly expiresAt: EpochMs
}

/** What became of an approval. */
export type ApprovalOutcome = 'approved' | 'denied' | 'expired'

/** The finding that asks for a person's word. */
export const approvalCode = 'APPROVAL_REQUIRED'
