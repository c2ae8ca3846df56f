import type {
  AmendedTerms,
  Execution,
  KernelRecord,
  OrderEvent,
  OrderHeader,
  OrderRequest,
  Permit,
  Reservation,
} from '@tradeswarm/trading'
import { type Exact, exact, exactText, times, unit } from '../exact.js'

/** What a naive reader heard of one sending: the order as first made, or an amendment of it. */
export type FoldedSending = {
  readonly words: Set<string>
  readonly cancelRequests: Set<string>
  readonly cancelRejections: Set<string>
  /** Of an amendment: what was asked for, and what went over the wire where it was sent anew. */
  terms: (AmendedTerms & { readonly by: string; readonly revision: number; readonly how: string }) | undefined
  sent: string | undefined
}

/** An order as a naive reader of the journal knows it. */
export type FoldedOrder = {
  readonly header: OrderHeader
  permit: Permit | undefined
  reservation: Reservation | undefined
  readonly first: FoldedSending
  /** By their client order ids. */
  readonly amendments: Map<string, FoldedSending>
  /** As they were first told; those that only corrections have told of, by the earliest of these. */
  readonly executions: Map<string, Execution>
  /** The rank of the correction that stands for a telling that was not heard. */
  readonly untold: Map<string, string>
  /** What a correction has put in their place, and its rank among those of the same execution. */
  readonly corrections: Map<string, { readonly rank: string; readonly execution: Execution }>
  readonly busted: Set<string>
  /** Of a part: the order that it is part of, which has executed what its parts have. */
  readonly parent: FoldedOrder | undefined
  readonly parts: FoldedOrder[]
  /** What one unit stands for at a price of 1. */
  readonly multiplier: Exact
  /** Worked out once for each word. */
  status: string | undefined
}

type Assessed = Extract<KernelRecord, { type: 'order-assessed' }>

/** A sending of which nothing was heard. */
export function newSending(words: readonly string[] = []): FoldedSending {
  return {
    words: new Set(words),
    cancelRequests: new Set(),
    cancelRejections: new Set(),
    terms: undefined,
    sent: undefined,
  }
}

/** An order as it was assessed. */
export function foldedOrder(
  { header, verdict }: Assessed,
  parent: FoldedOrder | undefined,
  multiplier: Exact = unit,
): FoldedOrder {
  const { permit, reservation } = verdict
  const order: FoldedOrder = {
    parent,
    parts: [],
    multiplier,
    header,
    permit,
    reservation,
    first: newSending([permit === undefined ? 'denied' : 'permitted']),
    amendments: new Map(),
    executions: new Map(),
    untold: new Map(),
    corrections: new Map(),
    busted: new Set(),
    status: undefined,
  }
  parent?.parts.push(order)
  return order
}

function sendingOf(order: FoldedOrder, clientOrderId: string | undefined): FoldedSending {
  if (clientOrderId === undefined || clientOrderId === order.header.request.clientOrderId) return order.first
  const known = order.amendments.get(clientOrderId)
  if (known !== undefined) return known
  const fresh = newSending()
  order.amendments.set(clientOrderId, fresh)
  return fresh
}

/** Adds a word, ours or the venue's. */
export function hear(order: FoldedOrder, event: OrderEvent): void {
  order.status = undefined
  const id = 'clientOrderId' in event ? event.clientOrderId : event.by
  switch (event.type) {
    case 'filled':
      takeTelling(order, event)
      order.untold.delete(event.execution.tradeId)
      return
    case 'corrected':
      takeUntold(order, event)
      for (const each of order.parent === undefined ? [order] : [order, order.parent]) putRight(each, event)
      return
    case 'busted':
      order.busted.add(event.tradeId)
      order.parent?.busted.add(event.tradeId)
      if (order.parent !== undefined) order.parent.status = undefined
      return
    case 'cancel-requested':
      sendingOf(order, id).cancelRequests.add(event.eventId)
      return
    case 'cancel-rejected':
      sendingOf(order, id).cancelRejections.add(event.eventId)
      return
    case 'amend-requested':
      sendingOf(order, event.by).terms = event
      return
    case 'replaced':
    case 'replace-rejected':
      sendingOf(order, event.by).words.add(event.type)
      return
    case 'submitted':
      sendingOf(order, id).words.add(event.type)
      if (event.quantity !== undefined) sendingOf(order, id).sent = event.quantity
      return
    default:
      sendingOf(order, id).words.add(event.type)
  }
}

type Telling = Extract<OrderEvent, { type: 'filled' | 'corrected' }>

function takeTelling(order: FoldedOrder, { clientOrderId, execution }: Telling): void {
  for (const each of order.parent === undefined ? [order] : [order, order.parent]) {
    each.executions.set(execution.tradeId, execution)
    each.status = undefined
  }
  const sending = sendingOf(order, clientOrderId)
  if (sending !== order.first) sending.words.add('filled')
}

/** An execution known by corrections alone was told by the earliest of them, in whatever order they come: that is next to what it was at first. */
function takeUntold(order: FoldedOrder, event: Extract<OrderEvent, { type: 'corrected' }>): void {
  const { tradeId } = event.execution
  const known = order.untold.get(tradeId)
  if (known === undefined ? order.executions.has(tradeId) : known <= rankOf(event)) return
  takeTelling(order, event)
  order.untold.set(tradeId, rankOf(event))
}

/** Of several corrections the last by the venue's clock holds, then by id, of which a longer one is later. */
export function rankOf({ time, eventId }: { readonly time: number; readonly eventId: string }): string {
  return `${String(time).padStart(16)} ${String(eventId.length).padStart(6)} ${eventId}`
}

function putRight(order: FoldedOrder, event: Extract<OrderEvent, { type: 'corrected' }>): void {
  const { execution } = event
  const rank = rankOf(event)
  order.status = undefined
  if ((order.corrections.get(execution.tradeId)?.rank ?? '') < rank)
    order.corrections.set(execution.tradeId, { rank, execution })
}

const venueWords = ['accepted', 'triggered', 'rejected', 'canceled', 'expired']
const refusals = ['replace-rejected', 'rejected', 'denied', 'submission-failed', 'lapsed']

const hasAny = ({ words }: FoldedSending, some: readonly string[]): boolean => some.some((word) => words.has(word))

type Standing = { readonly current: FoldedSending; readonly pending: FoldedSending | undefined }

/** What the venue took last, and what is on its way after it. */
function standingOf(order: FoldedOrder): Standing {
  let current = order.first
  let pending: FoldedSending | undefined
  const asked = [...order.amendments.values()].filter(({ terms }) => terms !== undefined)
  asked.sort((a, b) => (a.terms?.revision ?? 0) - (b.terms?.revision ?? 0))
  for (const each of asked) {
    const isRefused = each.words.has('rejected') && !each.words.has('filled')
    if (!isRefused && hasAny(each, ['replaced', 'filled', ...venueWords])) {
      current = each
      pending = undefined
    } else if (!hasAny(each, refusals)) pending = each
  }
  return { current, pending }
}

/** An execution in what its order is counted in: units, or an amount of the currency. */
function measure({ header, multiplier }: FoldedOrder, { price, quantity }: Execution): Exact {
  if (header.request.sizedIn !== 'quote') return exact(quantity)
  return times(times(exact(price), multiplier), exact(quantity))
}

/** Sum of the executions that stand, in what the order is counted in. */
export function filledOf(order: FoldedOrder): Exact {
  let sum = 0n
  for (const [tradeId, told] of order.executions) {
    if (order.busted.has(tradeId)) continue
    sum += measure(order, order.corrections.get(tradeId)?.execution ?? told)
  }
  return sum
}

/** The status that the words of an order make; written anew from the description of the state table. */
export function foldedStatus(order: FoldedOrder): string {
  order.status ??= statusOf(order)
  return order.status
}

/** Whether its cancel was asked for, and not refused. */
export function isAskedToGo(order: FoldedOrder): boolean {
  const { cancelRequests, cancelRejections } = standingOf(order).current
  return cancelRequests.size > cancelRejections.size
}

function statusOf(order: FoldedOrder): string {
  const { current, pending } = standingOf(order)
  let executed = 0n
  for (const execution of order.executions.values()) executed += measure(order, execution)
  // What the venue cut short, corrections may have made whole.
  const isCut = hasAny(current, ['canceled', 'expired'])
  const most = isCut && filledOf(order) > executed ? filledOf(order) : executed
  if (executed > 0n && most >= quantityOf(order, current)) return 'filled'
  const inForce = sendingStatus(order, current, current === order.first ? executed > 0n : current.words.has('filled'))
  if (pending === undefined) return inForce
  const isSentAnew = pending.terms?.how === 'resend'
  if (inForce === 'unknown' || (inForce === 'pending-cancel' && !isSentAnew)) return inForce
  if (!ended.has(inForce)) return 'pending-replace'
  if (pending.words.has('submission-unknown')) return 'unknown'
  if (!isSentAnew) return inForce
  if (pending.words.has('submitted')) return 'submitted'
  return inForce === 'canceled' || inForce === 'expired' ? 'pending-replace' : inForce
}

function sendingStatus(order: FoldedOrder, sending: FoldedSending, any: boolean): string {
  const { words, cancelRequests, cancelRejections } = sending
  const venueSpoke = any || cancelRejections.size > 0 || hasAny(sending, ['replaced', ...venueWords])
  if (words.has('canceled') || (words.has('rejected') && any)) return 'canceled'
  if (words.has('expired')) return 'expired'
  if (words.has('rejected') || (words.has('submission-failed') && !venueSpoke)) return 'rejected'
  if (words.has('lapsed') && !venueSpoke) return 'expired'
  if (words.has('submission-unknown') && !venueSpoke) return 'unknown'
  if (cancelRequests.size > cancelRejections.size) return 'pending-cancel'
  if (filledOf(order) > 0n) return 'partially-filled'
  if (words.has('triggered')) return 'triggered'
  if (venueSpoke) return 'accepted'
  if (words.has('denied')) return 'denied'
  return words.has('submitted') ? 'submitted' : 'permitted'
}

const ended: ReadonlySet<string> = new Set(['denied', 'filled', 'canceled', 'rejected', 'expired'])

/** Whether something may still come of an order. */
export function isFoldedOpen(order: FoldedOrder): boolean {
  return !ended.has(foldedStatus(order))
}

function quantityOf({ header }: FoldedOrder, { terms }: FoldedSending): Exact {
  return exact(terms?.quantity ?? header.request.quantity)
}

/** What may still be executed; while an amendment is on the way, by the larger of both quantities. */
export function foldedLeaves(order: FoldedOrder): Exact {
  if (!isFoldedOpen(order)) return 0n
  const { current, pending } = standingOf(order)
  let most = quantityOf(order, current)
  const then = pending === undefined ? most : quantityOf(order, pending)
  if (then > most) most = then
  const left = most - filledOf(order)
  return left > 0n ? left : 0n
}

/** What the venue may hold of an order: the request in force, and one that may take its place. */
export function requestsOf(order: FoldedOrder): readonly OrderRequest[] {
  // What is worked in parts is never there itself.
  if (order.header.execution !== undefined) return []
  const { current, pending } = standingOf(order)
  const inForce = requestUnder(order, current.terms?.by ?? order.header.request.clientOrderId)
  const next = pending?.terms === undefined ? undefined : requestUnder(order, pending.terms.by)
  return [inForce, next].filter((request) => request !== undefined)
}

/** What goes over the wire under a client order id; undefined where the journal knows no such sending. */
export function requestUnder({ header, amendments }: FoldedOrder, clientOrderId: string): OrderRequest | undefined {
  const { request } = header
  if (clientOrderId === request.clientOrderId) return request
  const { terms, sent } = amendments.get(clientOrderId) ?? {}
  if (terms === undefined) return undefined
  const { limitPrice, stopPrice, quantity } = terms
  return {
    ...request,
    clientOrderId,
    quantity: sent ?? quantity,
    ...(limitPrice === undefined ? {} : { limitPrice }),
    ...(stopPrice === undefined ? {} : { stopPrice }),
  }
}

/** What an amended order asks the risk authority for: what is left of it by its new terms. */
export function amendedRequest(order: FoldedOrder, clientOrderId: string): OrderRequest | undefined {
  const request = requestUnder(order, clientOrderId)
  const left = request === undefined ? 0n : exact(request.quantity) - filledOf(order)
  return request === undefined ? undefined : { ...request, quantity: exactText(left) }
}
