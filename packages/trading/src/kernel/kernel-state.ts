import { IdIndex, IdQueue } from '@tradeswarm/core'
import { createLedger } from '../ledger/ledger.js'
import type { Ledger } from '../ledger/ledger-port.js'
import type { LotMethod } from '../ledger/open-lots.js'
import { type Decimal, zero } from '../money/decimal.js'
import type { OrderHeader, OrderRecord } from '../orders/order-record.js'
import { isOpen, type OrderStatus } from '../orders/order-state.js'
import type { RoundTrip } from '../protection/round-trip.js'
import type { PendingApproval } from '../risk/approval.js'
import { outstandingOf } from '../risk/reservation.js'
import { riskPolicy } from '../risk/risk-policy.js'
import type { RiskState } from '../risk/risk-state.js'
import { type ActivityBook, createActivityBook } from './activity-book.js'
import type { DividendBook } from './dividend-book.js'
import type { EntitlementBook } from './entitlement-book.js'
import { OpenOrders } from './open-orders.js'

/** All that a kernel knows of its account. It is changed by `applyKernelRecord` alone. */
export type KernelState = {
  account: string
  /** When the books were opened; undefined where a snapshot of earlier days does not say. */
  openedAt?: number | undefined
  readonly currency: string
  readonly orders: Map<string, OrderRecord>
  readonly ledger: Ledger
  /** The open or the last round trip of each symbol. */
  readonly trips: Map<string, RoundTrip>
  /** Orders that wait for a person's word, by token, oldest first. */
  readonly approvals: Map<string, PendingApproval>
  /** Event ids of orders that are not ours. */
  readonly external: Set<string>
  /** The first dividend of each symbol on each of the last dates: others of that date need an id of their own. */
  readonly dividends: DividendBook
  /** On what the dividends of the last months were booked, for what is told late. */
  readonly entitlements: EntitlementBook
  risk: RiskState
  /** What the account did lately, for rules that count. */
  readonly activity: ActivityBook
  /** What follows from the rest, kept at hand. */
  readonly index: KernelIndex
}

export type KernelIndex = {
  readonly orderByClientId: IdIndex
  readonly orderByIntent: IdIndex
  /** Tokens of the approvals that intents wait for. */
  readonly approvalByIntent: Map<string, string>
  /** Open orders by symbol, in the order in which they were made. */
  readonly openOrders: OpenOrders
  /** Orders that hold a permit and were not sent yet, oldest first. */
  readonly waiting: Set<string>
  /** Orders whose fate nobody knows yet. */
  readonly unknown: Set<string>
  /** Orders whose amendment or cancel is on the way. */
  readonly amending: Set<string>
  /** Orders that wait for the one that is to trigger them. */
  readonly parked: Set<string>
  /** Parents that were handed in and are worked in children. */
  readonly working: Set<string>
  /** Exits that are, or were, to be crossed with an entry that rests. */
  readonly crossing: Set<string>
  /** Open children by their parents. */
  readonly openChildren: Map<string, Set<string>>
  /** Of groups of which one cancels the others: those that are open, and those that were executed. */
  readonly groups: Map<string, { readonly open: Set<string>; readonly executed: Set<string> }>
  /** Those of them that have both: there may be something to cancel. */
  readonly splitGroups: Set<string>
  /** Orders that we refused, in the order of refusal: at least the last {@link maximumDeniedOrders} of them. */
  readonly denied: IdQueue
  /** Orders that have ended otherwise, in the order of their ends: at least the last {@link maximumFinishedOrders} of them. */
  readonly finished: IdQueue
  /** Cash of the account's currency set aside by open orders, and of other currencies where there is any. */
  lockedCash: Decimal
  readonly lockedOther: Map<string, Decimal>
}

/** A state of nothing. */
export function emptyKernelState(currency: string, lots?: LotMethod): KernelState {
  return {
    account: '',
    currency,
    orders: new Map(),
    ledger: createLedger({ currency, ...(lots === undefined ? {} : { lots }) }),
    trips: new Map(),
    approvals: new Map(),
    external: new Set(),
    dividends: new Map(),
    entitlements: new Map(),
    risk: { policy: riskPolicy(), policyVersion: 1, haltEpoch: 0, halts: {} },
    activity: createActivityBook(),
    index: {
      orderByClientId: new IdIndex(),
      orderByIntent: new IdIndex(),
      approvalByIntent: new Map(),
      openOrders: new OpenOrders(),
      waiting: new Set(),
      unknown: new Set(),
      amending: new Set(),
      parked: new Set(),
      working: new Set(),
      crossing: new Set(),
      openChildren: new Map(),
      groups: new Map(),
      splitGroups: new Set(),
      denied: new IdQueue(),
      finished: new IdQueue(),
      lockedCash: zero,
      lockedOther: new Map(),
    },
  }
}

/**
 * Orders that were denied are kept until at least so many more were. After that such an order is forgotten, and an intent that is asked
 * again under its id is assessed anew. The journal keeps them all.
 */
export const maximumDeniedOrders = 1_000
/** So many at a time, in half the time that it takes one by one: each is looked up in several tables, which are then at hand. */
export const deniedForgottenAtOnce = 64

/**
 * Orders that have ended are kept until at least so many more have: for so long a late word about one is understood, and its intent is answered
 * as it was. What lies before costs memory and time at each start for nothing. The ledger and the journal keep all executions.
 */
export const maximumFinishedOrders = 10_000
/** So many at a time, as {@link deniedForgottenAtOnce}. */
export const forgottenAtOnce = 256

/** Works out how an order, or a newer version of one, goes into the state. The function that it returns puts it there and keeps the index right. */
export function preparePut(state: KernelState, order: OrderRecord): () => void {
  const { orderId } = order.header
  const { index } = state
  const before = state.orders.get(orderId)
  const other = otherCurrencyOf(state, order)
  const locked = lockedAfter(other === undefined ? index.lockedCash : lockedIn(state, other), before, order)
  return () => {
    state.orders.set(orderId, order)
    if (other === undefined) index.lockedCash = locked
    else if (locked.isZero()) index.lockedOther.delete(other)
    else index.lockedOther.set(other, locked)
    if (before === undefined || before.state.revisions !== order.state.revisions) nameOrder(index, order)
    if (isIndexedAnew(before, order)) indexOrder(index, before, order)
    if (isOpen(order.state.status)) index.openOrders.put(order)
    if (index.denied.size > maximumDeniedOrders + deniedForgottenAtOnce) forgetDenied(state)
    if (index.finished.size > maximumFinishedOrders + forgottenAtOnce) forgetFinished(state)
  }
}

/** The currency in which an order sets cash aside, where it is not that of the account. It never changes for an order. */
function otherCurrencyOf({ currency }: KernelState, { reservation }: OrderRecord): string | undefined {
  return reservation?.kind !== 'cash' || reservation.asset === currency ? undefined : reservation.asset
}

/** Cash of a currency that open orders have set aside. */
export function lockedIn({ currency, index }: KernelState, name: string): Decimal {
  return name === currency ? index.lockedCash : (index.lockedOther.get(name) ?? zero)
}

/** Most events leave what an order sets aside as it was. */
function lockedAfter(locked: Decimal, before: OrderRecord | undefined, after: OrderRecord): Decimal {
  if (before === undefined) return locked.plus(cashLockedBy(after))
  const isSame =
    before.reservation === after.reservation &&
    before.state.leavesQuantity === after.state.leavesQuantity &&
    isOpen(before.state.status) === isOpen(after.state.status)
  return isSame ? locked : locked.minus(cashLockedBy(before)).plus(cashLockedBy(after))
}

/** Puts an approval among those that wait. */
export function putApproval(state: KernelState, approval: PendingApproval): void {
  state.approvals.set(approval.token, approval)
  state.index.approvalByIntent.set(approval.intent.intentId, approval.token)
}

/** Takes an approval out, whatever became of it. */
export function dropApproval(state: KernelState, token: string): void {
  const approval = state.approvals.get(token)
  state.approvals.delete(token)
  if (approval !== undefined) state.index.approvalByIntent.delete(approval.intent.intentId)
}

function nameOrder(index: KernelIndex, { header, state: { revisions } }: OrderRecord): void {
  const { orderId, intentId, purpose, request, parentOrderId } = header
  index.orderByClientId.set(request.clientOrderId, orderId)
  if (revisions !== undefined) for (const by of Object.keys(revisions)) index.orderByClientId.set(by, orderId)
  if (parentOrderId !== undefined || header.crossOf !== undefined) return
  if (purpose === 'entry' || purpose === 'exit-intent') index.orderByIntent.set(intentId, orderId)
}

/** Most events leave what the index says of an order as it was. */
function isIndexedAnew(before: OrderRecord | undefined, { parked, crossing, state }: OrderRecord): boolean {
  return (
    before === undefined ||
    before.parked !== parked ||
    before.crossing !== crossing ||
    before.state.status !== state.status ||
    before.state.revisions !== state.revisions ||
    (before.state.filledQuantity === '0') !== (state.filledQuantity === '0')
  )
}

/** Most sets have an order neither before nor after: only what changes is touched. */
function indexOrder(index: KernelIndex, before: OrderRecord | undefined, order: OrderRecord): void {
  const { header, state } = order
  const { orderId, parentOrderId, request } = header
  const was = before?.state.status
  const { status } = state
  if (isAmending(before) !== isAmending(order)) keepIn(index.amending, orderId, isAmending(order))
  if (header.execution !== undefined) keepIn(index.working, orderId, isOpen(status) && state.words.submitted === true)
  if (parentOrderId !== undefined) indexChild(index, parentOrderId, orderId, isOpen(status))
  if ((was === 'permitted') !== (status === 'permitted')) keepIn(index.waiting, orderId, status === 'permitted')
  if ((was === 'unknown') !== (status === 'unknown')) keepIn(index.unknown, orderId, status === 'unknown')
  if ((was === 'denied') !== (status === 'denied')) keepIn(index.denied, orderId, status === 'denied')
  if (isFinished(was) !== isFinished(status)) keepIn(index.finished, orderId, isFinished(status))
  if (isParked(before) !== isParked(order)) keepIn(index.parked, orderId, isParked(order))
  if ((before?.crossing !== undefined) !== (order.crossing !== undefined))
    keepIn(index.crossing, orderId, order.crossing !== undefined)
  indexGroup(index, order)
  if (!isOpen(status) && was !== undefined && isOpen(was)) index.openOrders.delete(request.symbol, orderId)
}

function isAmending(order: OrderRecord | undefined): boolean {
  if (order === undefined || order.header.execution !== undefined) return false
  const { status, revisions } = order.state
  return (
    status === 'pending-replace' || status === 'pending-cancel' || (revisions !== undefined && status === 'submitted')
  )
}

function isFinished(status: OrderStatus | undefined): boolean {
  return status !== undefined && status !== 'denied' && !isOpen(status)
}

function isParked(order: OrderRecord | undefined): boolean {
  return order?.parked === true && order.state.status === 'permitted'
}

/** Under which key a group is kept: agents do not meet in each other's groups. */
export function groupKey({ agent, contingency }: OrderHeader): string | undefined {
  return contingency?.type === 'one-cancels-other' ? JSON.stringify([agent, contingency.group]) : undefined
}

function indexChild({ openChildren }: KernelIndex, parentOrderId: string, orderId: string, belongs: boolean): void {
  const open = openChildren.get(parentOrderId) ?? new Set()
  keepIn(open, orderId, belongs)
  if (open.size === 0) openChildren.delete(parentOrderId)
  else openChildren.set(parentOrderId, open)
}

function indexGroup({ groups, splitGroups }: KernelIndex, { header, state }: OrderRecord): void {
  const key = groupKey(header)
  if (key === undefined) return
  const group = groups.get(key) ?? { open: new Set(), executed: new Set() }
  groups.set(key, group)
  keepIn(group.open, header.orderId, isOpen(state.status))
  keepIn(group.executed, header.orderId, state.filledQuantity !== '0')
  keepIn(splitGroups, key, group.open.size > 0 && group.executed.size > 0)
}

function keepIn(set: Set<string> | IdQueue, member: string, belongs: boolean): void {
  if (belongs) set.add(member)
  else set.delete(member)
}

function forgetDenied(state: KernelState): void {
  const { index } = state
  while (index.denied.size > maximumDeniedOrders) forgetOrder(state, index.denied.shift() as string)
}

/** The oldest are forgotten, but for those whose group or whose parent is open yet: these stand back. */
function forgetFinished(state: KernelState): void {
  const { finished } = state.index
  for (let looked = 0; looked < 2 * forgottenAtOnce && finished.size > maximumFinishedOrders; looked += 1) {
    const oldest = finished.shift() as string
    const order = state.orders.get(oldest)
    if (order !== undefined && isWantedYet(state.index, order.header)) finished.add(oldest)
    else forgetOrder(state, oldest)
  }
}

function isWantedYet({ groups, working }: KernelIndex, header: OrderHeader): boolean {
  if (header.parentOrderId !== undefined && working.has(header.parentOrderId)) return true
  const key = groupKey(header)
  return key !== undefined && (groups.get(key)?.open.size ?? 0) > 0
}

/** Forgets an order that was taken out of those that have ended. */
function forgetOrder({ orders, index }: KernelState, orderId: string): void {
  const order = orders.get(orderId)
  orders.delete(orderId)
  if (index.crossing.size > 0) index.crossing.delete(orderId)
  if (order === undefined) return
  const { header, state } = order
  const key = groupKey(header)
  const group = key === undefined ? undefined : index.groups.get(key)
  group?.executed.delete(orderId)
  if (key !== undefined && group?.open.size === 0 && group.executed.size === 0) index.groups.delete(key)
  if (state.revisions !== undefined) for (const by of Object.keys(state.revisions)) index.orderByClientId.delete(by)
  index.orderByClientId.delete(header.request.clientOrderId)
  if (index.orderByIntent.get(header.intentId) === orderId) index.orderByIntent.delete(header.intentId)
}

/** Cash that an order has set aside and may yet need. */
function cashLockedBy(order: OrderRecord | undefined): Decimal {
  return order?.reservation?.kind === 'cash' ? outstandingOf(order.reservation, order.state) : zero
}
