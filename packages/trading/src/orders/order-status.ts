import type { OrderStatus, OrderWord } from './order-state.js'

/** What decides an order's status. Executed counts busts too: a venue closes an order that it has executed in full. */
export type StatusFacts = {
  readonly words: Readonly<Partial<Record<OrderWord, true>>>
  readonly anyExecution: boolean
  readonly anyFilled: boolean
  readonly fullyExecuted: boolean
  readonly cancelPending: boolean
  readonly venueSpoke: boolean
}

type Row = { readonly status: OrderStatus; readonly holds: (facts: StatusFacts) => boolean }

/**
 * The one table of order states: the first row that holds is the status. It looks at what was heard, never at the order of hearing,
 * and an execution outweighs every word: money moved.
 */
const statusTable: readonly Row[] = [
  { status: 'filled', holds: ({ fullyExecuted }) => fullyExecuted },
  {
    status: 'canceled',
    holds: ({ words, anyExecution }) => words.canceled === true || (words.rejected === true && anyExecution),
  },
  { status: 'expired', holds: ({ words }) => words.expired === true },
  { status: 'rejected', holds: ({ words }) => words.rejected === true },
  { status: 'rejected', holds: ({ words, venueSpoke }) => words['submission-failed'] === true && !venueSpoke },
  { status: 'expired', holds: ({ words, venueSpoke }) => words.lapsed === true && !venueSpoke },
  { status: 'unknown', holds: ({ words, venueSpoke }) => words['submission-unknown'] === true && !venueSpoke },
  { status: 'pending-cancel', holds: ({ cancelPending }) => cancelPending },
  { status: 'partially-filled', holds: ({ anyFilled }) => anyFilled },
  { status: 'triggered', holds: ({ words }) => words.triggered === true },
  { status: 'accepted', holds: ({ venueSpoke }) => venueSpoke },
  { status: 'denied', holds: ({ words }) => words.denied === true },
  { status: 'submitted', holds: ({ words }) => words.submitted === true },
  { status: 'permitted', holds: ({ words }) => words.permitted === true },
]

/** The status that the facts make. */
export function orderStatus(facts: StatusFacts): OrderStatus {
  return statusTable.find(({ holds }) => holds(facts))?.status ?? 'initialized'
}
