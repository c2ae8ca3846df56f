import { type Decimal, decimal } from '../money/decimal.js'
import type { Execution } from './broker.js'
import type { CorrectionFact } from './correction-fact.js'
import { noExecutions, toldExecution } from './execution-book.js'
import { noted, nothingNoted } from './noted.js'
import type { AmendedTerms } from './order-event.js'

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
  /** An amendment is on the way; what rested may still be executed. */
  | 'pending-replace'
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
  /** Of a revision: it has taken the place of what rested, or the venue has refused that. */
  | 'replaced'
  | 'replace-rejected'
  /** Of a revision: it was executed under its own id. */
  | 'filled'

/** What was heard of one sending of an order. */
export type SendingFacts = {
  readonly words: Readonly<Partial<Record<OrderWord, true>>>
  readonly cancelRequests: Readonly<Record<string, true>>
  readonly cancelRejections: Readonly<Record<string, true>>
}

/** An amendment of an order, as it was asked for and as the venue took it. */
export type OrderRevision = SendingFacts & {
  /** Absent while the venue alone has spoken of it. */
  readonly terms?: AmendedTerms & {
    /** The client order id that the venue knows it by. */
    readonly by: string
    readonly revision: number
    readonly how: 'replace' | 'resend'
  }
  /** Of one that was sent anew: what was left to be sent, as it went over the wire. */
  readonly sentQuantity?: string
}

/** An order as its events make it; plain JSON, amounts as decimal texts. */
export type OrderState = SendingFacts & {
  readonly status: OrderStatus
  /** What was ordered: units, or with `sizedIn` an amount of the currency; that of the latest revision in force. */
  readonly orderedQuantity: string
  /** Present where the order is sized in the currency: then ordered, leaves and overfilled count in it. */
  readonly sizedIn?: 'quote'
  /** Of an order that is sized in the currency: how many a unit stands for; absent where it is 1. */
  readonly multiplier?: string
  /** Units: sum of the executions that were not busted. */
  readonly filledQuantity: string
  /** What may still be executed: max(0, ordered − filled) while the order is open, else 0. While an amendment is on the way, by the larger of both. */
  readonly leavesQuantity: string
  /** What was executed beyond the order: max(0, filled − ordered). */
  readonly overfilledQuantity: string
  /** Sum of price × quantity of the executions that were not busted. */
  readonly filledNotional: string
  /** Their fees by currency (or asset); those that come to 0 are left out. */
  readonly fees: Readonly<Record<string, string>>
  readonly venueOrderId?: string | undefined
  /** The venue's (or the adapter's) reason for a refusal. */
  readonly rejection?: { readonly code: string; readonly message: string }
  /** As the venue first told them, by trade id; empty once there are so many that they lie in buckets. Read them with `toldExecutions`. */
  readonly executions: readonly Execution[]
  readonly executionBuckets?: Readonly<Record<number, readonly Execution[]>>
  /** The figures that hold instead, by trade id, with the instant and the event of the correction. */
  readonly corrections?: Readonly<Record<string, CorrectionFact>>
  /** Trade ids taken back, those of executions that have not arrived yet included. */
  readonly busted: Readonly<Record<string, true>>
  /** What the executions taken back came to, in what the order is counted in; absent while that is 0. */
  readonly bustedQuantity?: string
  /** Events that cannot belong to any order, with the reason; they changed nothing else. */
  readonly misfits: Readonly<Record<string, string>>
  /** The client order id of the order as first made; words under another one are those of a revision. */
  readonly clientOrderId?: string
  /** What was ordered first; present once there are revisions. */
  readonly firstQuantity?: string
  /** Amendments by their client order ids; absent while there are none. */
  readonly revisions?: Readonly<Record<string, OrderRevision>>
}

/** The state before the first event. Without a client order id, all words are taken for those of the order as first made. */
export function newOrderState(
  orderedQuantity: string,
  options: {
    readonly clientOrderId?: string
    readonly sizedIn?: 'quote' | undefined
    readonly multiplier?: string | undefined
  } = {},
): OrderState {
  const { clientOrderId, sizedIn, multiplier } = options
  if (clientOrderId !== undefined && sizedIn === undefined) {
    // In one piece, as nearly all are, with room for what nearly all come to have: an object that grows is moved on its way.
    return {
      status: 'initialized',
      orderedQuantity,
      filledQuantity: '0',
      leavesQuantity: orderedQuantity,
      overfilledQuantity: '0',
      filledNotional: '0',
      fees: nothingNoted,
      words: nothingNoted,
      executions: noExecutions,
      busted: nothingNoted,
      cancelRequests: nothingNoted,
      cancelRejections: nothingNoted,
      misfits: nothingNoted,
      clientOrderId,
      venueOrderId: undefined,
    }
  }
  return {
    status: 'initialized',
    orderedQuantity,
    ...(sizedIn === undefined ? {} : { sizedIn, ...(multiplier === undefined ? {} : { multiplier }) }),
    filledQuantity: '0',
    leavesQuantity: orderedQuantity,
    overfilledQuantity: '0',
    filledNotional: '0',
    fees: nothingNoted,
    words: nothingNoted,
    executions: noExecutions,
    busted: nothingNoted,
    cancelRequests: nothingNoted,
    cancelRejections: nothingNoted,
    misfits: nothingNoted,
    ...(clientOrderId === undefined ? {} : { clientOrderId }),
  }
}

/** False once nothing more is to come of the order by rights. */
export function isOpen(status: OrderStatus): boolean {
  // Written out: it is asked several times of each event.
  return (
    status !== 'filled' && status !== 'denied' && status !== 'canceled' && status !== 'rejected' && status !== 'expired'
  )
}

/** What was filled, in what the order is counted in. */
export function filledMeasure(
  state: Pick<OrderState, 'filledNotional' | 'filledQuantity' | 'multiplier' | 'sizedIn'>,
): Decimal {
  if (state.sizedIn !== 'quote') return decimal(state.filledQuantity)
  const notional = decimal(state.filledNotional)
  return state.multiplier === undefined ? notional : notional.times(decimal(state.multiplier))
}

/** The figures that hold of an execution: as corrected, else as told. Undefined where nothing was told of it. */
export function executionOf(state: OrderState, tradeId: string): Execution | undefined {
  return noted(state.corrections ?? nothingNoted, tradeId)?.execution ?? toldExecution(state, tradeId)
}

/** What was heard under a client order id: of the order as first made, or of a revision. Undefined where that was nothing. */
export function sendingOf(state: OrderState, clientOrderId: string): SendingFacts | undefined {
  if (state.clientOrderId === undefined || state.clientOrderId === clientOrderId) return state
  return noted(state.revisions ?? nothingNoted, clientOrderId)
}
