import type { EpochMs } from '@tradeswarm/core'
import type { SettlementTerms } from '../instruments/unit-terms.js'
import type { OrderPurpose, RiskFinding } from '../kernel/kernel.js'
import type { Permit } from '../risk/permit.js'
import type { Reservation } from '../risk/reservation.js'
import type { ExecutionPlan, PartsPlan } from './execution/execution-plan.js'
import type { CrossPlan } from './internal-cross.js'
import type { Contingency, ExitPlan, OrderRequest } from './order-request.js'
import type { OrderState } from './order-state.js'

/** Whose order it is and what led to it, and how its executions are booked. It never changes. */
export type OrderHeader = SettlementTerms & {
  readonly orderId: string
  /** The intent that it serves; of a protective exit the intent that opened the position. */
  readonly intentId: string
  /** When the intent that was assessed was decided on; absent for an exit that the kernel made. */
  readonly decidedAt?: EpochMs
  readonly purpose: OrderPurpose
  readonly request: OrderRequest
  readonly agent: string
  readonly strategy: string
  /** The asset that the position is counted in. */
  readonly asset: string
  /** Of an order in another currency than the account's: the rate that was known when it was made. A decimal text. */
  readonly rate?: string
  readonly exits?: ExitPlan
  /** Of an agent's exit: the plan that its intent carried all the same, of which nothing comes. */
  readonly idleExits?: ExitPlan
  readonly contingency?: Contingency
  /** Of a parent: how it is worked. It is never sent itself; its children are. */
  readonly execution?: ExecutionPlan | PartsPlan
  /** Of a child: the parent, on whose reservation it was permitted. */
  readonly parentOrderId?: string
  /** The policy nets: what would be in its way may be crossed with it before the venue; see `netting-desk.ts`. */
  readonly nets?: true
  /** Of an order that was made smaller by a cross before it was sent: what its intent asked for. */
  readonly askedQuantity?: string
  /** Of what was crossed within the account and never sent: the order that it was taken from. */
  readonly crossOf?: string
  readonly createdAt: EpochMs
  readonly correlationId: string
  readonly causationId: string
}

/** An order of ours: its header, what risk said of it, and what its events made of it. */
export type OrderRecord = {
  readonly header: OrderHeader
  /** The latest; absent when the order was denied. */
  readonly permit?: Permit
  readonly reservation?: Reservation
  readonly findings: readonly RiskFinding[]
  readonly warnings: readonly RiskFinding[]
  readonly state: OrderState
  /** It was handed in and waits for the order that is to trigger it. */
  readonly parked?: true
  /** A person approved it as it was permitted. */
  readonly approved?: true
  /** Of a parent: how many children were made for it. */
  readonly children?: number
  /** What was taken from it to be crossed within the account, and is an order of its own now. A decimal text. */
  readonly crossedQuantity?: string
  /** Of an exit that waits: what it is to be crossed with. */
  readonly crossing?: CrossPlan
}
