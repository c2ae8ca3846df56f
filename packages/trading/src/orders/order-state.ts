import type { Execution } from './broker.js'

/** Where an order stands; see the state table in `order-status.ts`. */
export type OrderStatus =
  | 'initialized'
  /** Refused by us. */
  | 'denied'
  | 'permitted'
  | 'submitted'
  | 'accepted'
  | 'triggered'
  | 'partially-filled'
  | 'filled'
  | 'pending-cancel'
  | 'canceled'
  /** Refused by the venue. */
  | 'rejected'
  | 'expired'
  /** Sent, and nobody knows yet whether it arrived. */
  | 'unknown'

/** The words, ours and the venue's, that an order has heard. Each counts once, however often and in whatever order it comes. */
export type OrderWord =
  | 'denied'
  | 'permitted'
  | 'submitted'
  | 'submission-unknown'
  | 'submission-failed'
  | 'lapsed'
  | 'accepted'
  | 'rejected'
  | 'triggered'
  | 'canceled'
  | 'expired'

/** An order as its events make it; plain JSON, amounts as decimal texts. */
export type OrderState = {
  readonly status: OrderStatus
  readonly orderedQuantity: string
  /** Sum of the executions that were not busted. */
  readonly filledQuantity: string
  /** What may still be executed: max(0, ordered − filled) while the order is open, else 0. */
  readonly leavesQuantity: string
  /** What was executed beyond the order: max(0, filled − ordered). */
  readonly overfilledQuantity: string
  /** Sum of price × quantity of the executions that were not busted. */
  readonly filledNotional: string
  /** Their fees by currency (or asset); those that come to 0 are left out. */
  readonly fees: Readonly<Record<string, string>>
  readonly venueOrderId?: string
  /** The venue's (or the adapter's) reason for a refusal. */
  readonly rejection?: { readonly code: string; readonly message: string }
  readonly words: Readonly<Partial<Record<OrderWord, true>>>
  readonly executions: Readonly<Record<string, Execution>>
  /** Trade ids taken back, those of executions that have not arrived yet included. */
  readonly busted: Readonly<Record<string, true>>
  readonly cancelRequests: Readonly<Record<string, true>>
  readonly cancelRejections: Readonly<Record<string, true>>
  /** Events that cannot belong to any order, with the reason; they changed nothing else. */
  readonly misfits: Readonly<Record<string, string>>
}

/** The state before the first event. */
export function newOrderState(orderedQuantity: string): OrderState {
  return {
    status: 'initialized',
    orderedQuantity,
    filledQuantity: '0',
    leavesQuantity: orderedQuantity,
    overfilledQuantity: '0',
    filledNotional: '0',
    fees: {},
    words: {},
    executions: {},
    busted: {},
    cancelRequests: {},
    cancelRejections: {},
    misfits: {},
  }
}

const closed: ReadonlySet<OrderStatus> = new Set(['denied', 'filled', 'canceled', 'rejected', 'expired'])

/** False once nothing more is to come of the order by rights. */
export function isOpen(status: OrderStatus): boolean {
  return !closed.has(status)
}
