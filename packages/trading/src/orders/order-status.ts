import { nothingNoted } from './noted.js'
import { isOpen, type OrderRevision, type OrderState, type OrderStatus, type SendingFacts } from './order-state.js'

/** What decides an order's status. Executed counts busts too: a venue closes an order that it has executed in full. */
export type StatusFacts = {
  readonly fullyExecuted: boolean
  readonly anyFilled: boolean
  /** What is in force, and an amendment that was neither taken nor refused yet. */
  readonly current: SendingFacts
  readonly pending: OrderRevision | undefined
  /** Whether anything was executed under the id of what is in force. */
  readonly anyExecution: boolean
}

type SendingRow = { readonly status: OrderStatus; readonly holds: (facts: SendingRowFacts) => boolean }
type SendingRowFacts = {
  readonly words: SendingFacts['words']
  readonly anyExecution: boolean
  readonly anyFilled: boolean
  readonly cancelPending: boolean
  readonly venueSpoke: boolean
}

/**
 * The table of the states of what is in force: the first row that holds is the status. It looks at what was heard, never at the order of
 * hearing. An execution outweighs every word: money moved.
 */
const sendingTable: readonly SendingRow[] = [
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

type Row = {
  readonly status: OrderStatus
  readonly holds: (facts: StatusFacts & { readonly inForce: OrderStatus; readonly pending: OrderRevision }) => boolean
}

/** The rows that come before, while an amendment is on the way. A revision that is sent anew outlives the cancel that made room for it. */
const amendmentTable: readonly Row[] = [
  { status: 'pending-cancel', holds: ({ inForce, pending }) => inForce === 'pending-cancel' && !isResent(pending) },
  { status: 'unknown', holds: ({ inForce }) => inForce === 'unknown' },
  { status: 'pending-replace', holds: ({ inForce }) => isOpen(inForce) },
  { status: 'unknown', holds: ({ pending }) => pending.words['submission-unknown'] === true },
  { status: 'submitted', holds: ({ pending }) => isResent(pending) && pending.words.submitted === true },
  {
    status: 'pending-replace',
    holds: ({ inForce, pending }) => isResent(pending) && (inForce === 'canceled' || inForce === 'expired'),
  },
]

/** The status that the facts make. */
export function orderStatus(facts: StatusFacts): OrderStatus {
  if (facts.fullyExecuted) return 'filled'
  const inForce = sendingStatus(facts)
  const { pending } = facts
  if (pending === undefined) return inForce
  return amendmentTable.find(({ holds }) => holds({ ...facts, pending, inForce }))?.status ?? inForce
}

function sendingStatus({ current, anyExecution, anyFilled }: StatusFacts): OrderStatus {
  const { words } = current
  const cancelRejected = countOf(current.cancelRejections)
  const row: SendingRowFacts = {
    words,
    anyExecution,
    anyFilled,
    cancelPending: countOf(current.cancelRequests) > cancelRejected,
    venueSpoke: anyExecution || cancelRejected > 0 || words.replaced === true || hasVenueWord(words),
  }
  for (const { status, holds } of sendingTable) if (holds(row)) return status
  return 'initialized'
}

/**
 * What is in force, and what is to take its place. The latest revision that the venue took is in force, the order as first made where
 * there is none; a revision after it that was not refused is on the way. One that the venue alone speaks of is neither.
 */
export function revisionsInForce(state: OrderState): {
  readonly current: OrderRevision | undefined
  readonly pending: OrderRevision | undefined
} {
  let current: OrderRevision | undefined
  let pending: OrderRevision | undefined
  const { revisions } = state
  if (revisions === undefined) return { current, pending }
  const known = Object.values(revisions).filter(({ terms }) => terms !== undefined)
  known.sort((a, b) => (a.terms?.revision ?? 0) - (b.terms?.revision ?? 0))
  for (const revision of known) {
    if (tookOver(revision)) {
      current = revision
      pending = undefined
    } else if (!isRefused(revision)) pending = revision
  }
  return { current, pending }
}

/** Whether the venue took an amendment. */
export function tookOver({ words }: OrderRevision): boolean {
  if (words.rejected === true && words.filled !== true) return false
  return words.replaced === true || words.filled === true || hasVenueWord(words)
}

function isRefused({ words }: OrderRevision): boolean {
  return (
    words['replace-rejected'] === true ||
    words.rejected === true ||
    words.denied === true ||
    words['submission-failed'] === true ||
    words.lapsed === true
  )
}

function isResent({ terms }: OrderRevision): boolean {
  return terms?.how === 'resend'
}

function hasVenueWord(words: SendingFacts['words']): boolean {
  return (
    words.accepted === true ||
    words.triggered === true ||
    words.rejected === true ||
    words.canceled === true ||
    words.expired === true
  )
}

function countOf(record: Readonly<Record<string, true>>): number {
  if (record === nothingNoted) return 0
  let count = 0
  for (const _ in record) count += 1
  return count
}
