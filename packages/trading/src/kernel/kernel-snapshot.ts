import { canonicalJson, messageOf, SwarmError } from '@tradeswarm/core'
import { restoreLedger } from '../ledger/ledger.js'
import { decimalText } from '../money/decimal.js'
import type { OrderRecord } from '../orders/order-record.js'
import type { RoundTrip } from '../protection/round-trip.js'
import type { PendingApproval } from '../risk/approval.js'
import { reservationView } from '../risk/reservation.js'
import type { RiskState } from '../risk/risk-state.js'
import type { FirstDividend } from './dividend-book.js'
import type { Entitlement } from './entitlement-book.js'
import { emptyKernelState, type KernelState, preparePut, putApproval } from './kernel-state.js'

/** So many orders are written at once. */
const ordersAtOnce = 50

/** Canonical JSON of the whole state. Two states with the same snapshot act alike from there on. */
export function kernelSnapshot(state: KernelState): string {
  const { index, ledger } = state
  const reservations: Record<string, unknown> = {}
  for (const { reservation, state: orderState } of state.orders.values()) {
    if (reservation !== undefined) reservations[reservation.reservationId] = reservationView(reservation, orderState)
  }
  const lockedOther = [...index.lockedOther].map(([currency, amount]): [string, string] => [
    currency,
    decimalText(amount),
  ])
  return canonicalJson({
    ...heldBeside(state),
    orders: [...state.orders.values()],
    ledger: ledger.snapshot(),
    // What follows from the rest, for whoever reads it.
    reservations,
    lockedCash: decimalText(index.lockedCash),
    ...(lockedOther.length === 0 ? {} : { lockedOther: Object.fromEntries(lockedOther) }),
    positions: ledger.positions(),
  })
}

/** All that a state is restored from but its orders and its ledger. */
function heldBeside(state: KernelState) {
  return {
    version: 1,
    account: state.account,
    ...(state.openedAt === undefined ? {} : { openedAt: state.openedAt }),
    currency: state.currency,
    roundTrips: Object.fromEntries(state.trips),
    denied: state.index.denied.list(),
    finished: state.index.finished.list(),
    ...(state.approvals.size === 0 ? {} : { approvals: [...state.approvals.values()] }),
    ...(state.dividends.size === 0 ? {} : { dividends: Object.fromEntries(state.dividends) }),
    ...(state.entitlements.size === 0 ? {} : { entitlements: Object.fromEntries(state.entitlements) }),
    external: [...state.external].sort(),
    risk: state.risk,
    activity: state.activity.snapshot(),
  }
}

/**
 * Takes hold of a state, to be written later and bit by bit: what the state becomes meanwhile is not in it. The pieces come to a JSON text
 * from which `restoreKernelState` goes on as from `kernelSnapshot`; what follows from the rest is left out.
 */
export function captureKernelState(state: KernelState): Iterable<string> {
  const orders = [...state.orders.values()]
  const { books, ...ledger } = state.ledger.snapshot() as { readonly books: readonly unknown[] }
  return pieces(heldBeside(state), ledger, books, orders)
}

function* pieces(
  rest: object,
  ledger: object,
  books: readonly unknown[],
  orders: readonly unknown[],
): Iterable<string> {
  yield `${JSON.stringify(rest).slice(0, -1)},"ledger":${JSON.stringify(ledger).slice(0, -1)},"books":[`
  yield* listed(books, 1)
  yield ']},"orders":['
  yield* listed(orders, ordersAtOnce)
  yield ']}'
}

/** The items of a list between its brackets. */
function* listed(items: readonly unknown[], atOnce: number): Iterable<string> {
  for (let from = 0; from < items.length; from += atOnce) {
    const text = JSON.stringify(items.slice(from, from + atOnce)).slice(1, -1)
    yield from === 0 ? text : `,${text}`
  }
}

type SnapshotShape = {
  readonly version: number
  readonly account: string
  readonly openedAt?: number
  readonly currency: string
  readonly orders: readonly OrderRecord[]
  readonly ledger: unknown
  readonly roundTrips: Readonly<Record<string, RoundTrip>>
  readonly denied: readonly string[]
  /** Absent in snapshots of when all were kept. */
  readonly finished?: readonly string[]
  readonly approvals?: readonly PendingApproval[]
  /** Absent while no dividend was booked, and in snapshots of when they were not kept. */
  readonly dividends?: Readonly<Record<string, readonly FirstDividend[]>>
  /** Absent likewise. */
  readonly entitlements?: Readonly<Record<string, readonly Entitlement[]>>
  readonly external: readonly string[]
  readonly risk: RiskState
  readonly activity?: unknown
}

/** The state that a snapshot was taken of. Throws `KERNEL_SNAPSHOT_INVALID`. */
export function restoreKernelState(snapshot: string): KernelState {
  try {
    const shape = JSON.parse(snapshot) as SnapshotShape
    if (shape.version !== 1) throw new SwarmError({ code: 'VERSION', message: `version ${shape.version} is not 1` })
    const state: KernelState = { ...emptyKernelState(shape.currency), ledger: restoreLedger(shape.ledger) }
    state.account = shape.account
    state.openedAt = shape.openedAt
    state.risk = shape.risk
    for (const order of shape.orders) preparePut(state, order)()
    state.index.denied.clear()
    for (const orderId of shape.denied) state.index.denied.add(orderId)
    if (shape.finished !== undefined) {
      state.index.finished.clear()
      for (const orderId of shape.finished) state.index.finished.add(orderId)
    }
    for (const approval of shape.approvals ?? []) putApproval(state, approval)
    for (const [symbol, trip] of Object.entries(shape.roundTrips)) state.trips.set(symbol, trip)
    for (const [symbol, firsts] of Object.entries(shape.dividends ?? {})) state.dividends.set(symbol, firsts)
    for (const [symbol, known] of Object.entries(shape.entitlements ?? {})) state.entitlements.set(symbol, known)
    for (const eventId of shape.external) state.external.add(eventId)
    state.activity.restore(shape.activity, state.orders.values())
    return state
  } catch (thrown) {
    throw new SwarmError({
      code: 'KERNEL_SNAPSHOT_INVALID',
      message: `the kernel's snapshot cannot be read: ${messageOf(thrown)}; rebuild from the journal instead`,
      cause: thrown,
    })
  }
}
