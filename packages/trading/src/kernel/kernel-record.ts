import type { EpochMs } from '@tradeswarm/core'
import type { SessionDate } from '../instruments/trading-calendar.js'
import type { SettlementTerms } from '../instruments/unit-terms.js'
import type { LedgerEntry } from '../ledger/ledger-entry.js'
import type { LedgerEvent } from '../ledger/ledger-event.js'
import type { LotMethod } from '../ledger/open-lots.js'
import type { BrokerEvent } from '../orders/broker.js'
import type { CrossPlan, InternalCross } from '../orders/internal-cross.js'
import type { OrderEvent } from '../orders/order-event.js'
import type { OrderHeader } from '../orders/order-record.js'
import type { ExitPlan, Side } from '../orders/order-request.js'
import type { ApprovalOutcome, PendingApproval } from '../risk/approval.js'
import type { HaltScope } from '../risk/halt-scope.js'
import type { LossBaselines } from '../risk/loss-baselines.js'
import type { Permit } from '../risk/permit.js'
import type { Reservation } from '../risk/reservation.js'
import type { Verdict } from '../risk/risk-authority.js'
import type { RiskPolicy } from '../risk/risk-policy.js'
import type { HaltCause } from '../risk/risk-state.js'
import type { KernelJournal } from './kernel.js'

/** What a kernel journals, and the only thing that changes its state. Plain JSON, with all that a rebuild needs. */
export type KernelRecord = { readonly time: EpochMs } & (
  | {
      readonly type: 'account-opened'
      readonly account: string
      readonly currency: string
      readonly policy: RiskPolicy
      /** Absent for `fifo`, where nobody said otherwise. */
      readonly lots?: LotMethod
    }
  | { readonly type: 'order-assessed'; readonly header: OrderHeader; readonly verdict: Verdict }
  /** A person is asked about an order; nothing is reserved. */
  | { readonly type: 'approval-requested'; readonly approval: PendingApproval }
  | {
      readonly type: 'approval-settled'
      readonly token: string
      readonly outcome: ApprovalOutcome
      readonly operator?: string
      readonly reason?: string
    }
  /** `reservation` where it must be larger than it was. */
  | {
      readonly type: 'permit-renewed'
      readonly orderId: string
      readonly permit: Permit
      readonly reservation?: Reservation
    }
  /** A permitted order was handed in and waits for the order that is to trigger it. */
  | { readonly type: 'order-parked'; readonly orderId: string }
  /** An order of ours is to be amended: the permit of the revision, and the reservation, where it must be larger. */
  | {
      readonly type: 'order-amended'
      readonly orderId: string
      readonly event: Extract<OrderEvent, { type: 'amend-requested' }>
      readonly permit: Permit
      readonly reservation?: Reservation
    }
  /**
   * `entry` and `side` of an execution that was booked: word and booking are one line, so that no crash comes between them. What was booked is
   * what `fillEventOf` makes of the word. `terms` where that is not units paid for in the account's currency, with the `rate` of a foreign one.
   */
  | {
      readonly type: 'order-event'
      readonly orderId: string
      readonly event: OrderEvent
      readonly entry?: LedgerEntry
      readonly rate?: string
      readonly side?: Side
      readonly terms?: SettlementTerms
    }
  /** The venue spoke of an order that these books do not hold. */
  | { readonly type: 'external-event'; readonly event: BrokerEvent }
  /**
   * `orderId` for what belongs to an execution, `exits` for how an adopted position is to be left, `rate` for what one unit of a foreign
   * currency was worth then, `baselines` for what losses are measured from after money or units came in or went out. The entry that the
   * event makes is journalled with it.
   */
  | {
      readonly type: 'booked'
      readonly event: LedgerEvent
      readonly orderId?: string
      readonly exits?: ExitPlan
      readonly rate?: string
      readonly baselines?: LossBaselines
    }
  | { readonly type: 'session-started'; readonly sessionDate: SessionDate; readonly equity?: string }
  /** The equity of a day that began while it was not known. */
  | { readonly type: 'baseline-taken'; readonly sessionDate: SessionDate; readonly equity: string }
  | { readonly type: 'session-closed'; readonly sessionDate: SessionDate; readonly equity?: string }
  /** The highest that equity has been, within a session. */
  | { readonly type: 'peak-reached'; readonly equity: string }
  | {
      readonly type: 'halted'
      readonly cause: HaltCause
      readonly state: 'reducing' | 'halted'
      readonly reason: string
      /** Absent for the whole account. */
      readonly scope?: HaltScope
      readonly operator?: string
    }
  | {
      readonly type: 'resumed'
      readonly causes: readonly HaltCause[]
      readonly reason: string
      readonly operator?: string
      readonly equity?: string
      /** Equity was not known, and what losses are measured from is taken when it is; absent otherwise. */
      readonly unpriced?: true
      readonly scope?: HaltScope
    }
  /** All positions of a scope are to be left, and the scope is kept from entering. */
  | {
      readonly type: 'flattened'
      readonly symbols: readonly string[]
      readonly operator: string
      readonly reason: string
      readonly scope?: HaltScope
    }
  | { readonly type: 'policy-changed'; readonly policy: RiskPolicy; readonly operator: string; readonly reason: string }
  /** The stop of a position follows the price. */
  | { readonly type: 'stop-moved'; readonly symbol: string; readonly stopPrice: string }
  /** A position was left but for less than a lot, which nobody can sell. */
  | { readonly type: 'trip-ended'; readonly symbol: string }
  /** What was less than a lot is one by now, as after a split, and is to be left. */
  | { readonly type: 'dust-due'; readonly symbol: string }
  /** The price has reached a level that the venue does not hold. */
  | { readonly type: 'exit-due'; readonly symbol: string; readonly purpose: 'exit-stop' | 'exit-target' }
  /** An exit that waits is to be crossed with an entry that rests, or no longer is. */
  | { readonly type: 'cross-planned'; readonly orderId: string; readonly plan: CrossPlan }
  | { readonly type: 'cross-dropped'; readonly orderId: string; readonly reason: string }
  /** Units went from one principal to another. The entry is of their books alone: position, cash and reconciliation do not see it. */
  | { readonly type: 'crossed'; readonly cross: InternalCross; readonly entry: LedgerEntry }
  | { readonly type: 'exit-queued'; readonly orderId: string; readonly symbol: string }
  | { readonly type: 'exit-unqueued'; readonly orderId: string; readonly symbol: string }
)

/** What a venue's word about an order is journalled as. */
export type OrderEventRecord = Extract<KernelRecord, { type: 'order-event' }>

/** One line of a kernel's journal, as it was appended. */
export type KernelJournalEntry = Parameters<KernelJournal['append']>[0]

/** Under which kind a record is journalled. */
export function recordKind(record: KernelRecord): KernelJournalEntry['kind'] {
  if (record.type === 'booked' || record.type === 'crossed') return 'ledger'
  if (record.type === 'order-event') return record.entry === undefined ? 'order' : 'ledger'
  return record.type === 'external-event' ? 'order' : 'risk'
}
