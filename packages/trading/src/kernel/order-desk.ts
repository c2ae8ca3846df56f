import { messageOf, SwarmError } from '@tradeswarm/core'
import type { BrokerEvent } from '../orders/broker.js'
import { noted, nothingNoted } from '../orders/noted.js'
import type { OwnOrderEvent } from '../orders/order-event.js'
import type { OrderRecord } from '../orders/order-record.js'
import type { OrderRequest } from '../orders/order-request.js'
import { isOpen, sendingOf } from '../orders/order-state.js'
import { pendingAmendment, requestInForce, sendingInForce } from '../orders/request-in-force.js'
import type { Permit, PermittedOrder } from '../risk/permit.js'
import type { Reservation } from '../risk/reservation.js'
import { checkRejections, countEntry } from './automatic-halts.js'
import { contain } from './contain.js'
import type { RiskFinding } from './kernel.js'
import { alert, assertNotFenced, brokerOf, commit, isFenced, type KernelRuntime, tellOrder } from './kernel-runtime.js'
import { endWorked, openChildrenOf } from './worked-order.js'

/** A permit that a halt or a policy overtook is renewed so often for an order that reduces. */
const maximumRenewals = 3

type OwnEvent = OwnOrderEvent extends infer Event ? (Event extends OwnOrderEvent ? Omit<Event, 'time'> : never) : never

/** Journals an event of ours about an order and tells of it. */
export function noteOrderEvent(runtime: KernelRuntime, orderId: string, event: OwnEvent): void {
  const time = runtime.clock.now()
  commit(runtime, { event: { ...event, time } as OwnOrderEvent, orderId, time, type: 'order-event' })
  tellOrder(runtime, orderId)
}

/** Refuses an order, or the revision `by` of it, that was not sent. */
export function denyOrder(
  runtime: KernelRuntime,
  orderId: string,
  findings: readonly RiskFinding[],
  by?: string,
): void {
  if (by === undefined) noteOrderEvent(runtime, orderId, { type: 'denied', eventId: 'denied', findings })
  else noteOrderEvent(runtime, orderId, { type: 'denied', eventId: `denied:${by}`, findings, by })
}

/**
 * Sends a permitted order, once it is certain that the sending will be remembered; what is journalled of it is by the time that this returns.
 * Resolves to what kept it from being sent; an order whose fate is unknown was sent.
 */
export function sendOrder(runtime: KernelRuntime, orderId: string): Promise<readonly RiskFinding[]> {
  const order = runtime.state.orders.get(orderId)
  const permit = order?.permit
  if (order === undefined || permit === undefined)
    return Promise.resolve([{ code: 'APPROVAL_REQUIRED', message: `order ${orderId} has no permit` }])
  const time = runtime.clock.now()
  const event = { eventId: 'submitted', time, type: 'submitted' } as const
  commit(runtime, { event, orderId, time, type: 'order-event' })
  tellOrder(runtime, orderId)
  if (!order.header.request.reduceOnly) countEntry(runtime)
  return transmit(runtime, order, order.header.request, permit)
}

/** How a request reaches the venue; default: it is placed. */
type Transmission = (order: PermittedOrder) => Promise<void>

/** Hands a request over that was noted as sent, under a permit that is renewed where a halt or a policy overtook it and it reduces. */
export async function transmit(
  runtime: KernelRuntime,
  order: OrderRecord,
  request: OrderRequest,
  given: Permit,
  send: Transmission = (permitted) => brokerOf(runtime).place(permitted),
): Promise<readonly RiskFinding[]> {
  let permit = given
  for (let renewals = 0; ; renewals += 1) {
    try {
      await runtime.journal.durable()
    } catch (thrown) {
      const finding = undurable(thrown)
      return isInDoubt(runtime, order, request)
        ? tellStillUnknown(runtime, order, finding)
        : noteUnsent(runtime, order, request, finding)
    }
    try {
      await send(runtime.authority.mint(request, permit))
      return []
    } catch (thrown) {
      if (!isOvertaken(thrown) || !request.reduceOnly || renewals === maximumRenewals)
        return noteFailure(runtime, order, request, thrown)
      permit = freshPermit(runtime, order, request)
    }
  }
}

/**
 * A fresh permit for a request of an order, on the reservation that the order holds, or on a `larger` one of the same id; journalled before
 * it is used.
 */
export function freshPermit(
  runtime: KernelRuntime,
  order: OrderRecord,
  request: OrderRequest,
  larger?: Reservation,
): Permit {
  const { orderId } = order.header
  const permit = runtime.authority.renewed({ ...order, header: { ...order.header, request } })
  const reservation = larger === undefined ? {} : { reservation: larger }
  commit(runtime, { orderId, permit, ...reservation, time: runtime.clock.now(), type: 'permit-renewed' })
  return permit
}

/** What kept the journal from being durable: then nothing may leave. */
async function notDurable(runtime: KernelRuntime): Promise<RiskFinding | undefined> {
  try {
    await runtime.journal.durable()
    return undefined
  } catch (thrown) {
    return undurable(thrown)
  }
}

function undurable(thrown: unknown): RiskFinding {
  return { code: 'JOURNAL_NOT_DURABLE', message: `nothing was sent, the journal is not durable: ${messageOf(thrown)}` }
}

/** An order, or a revision of one, that stayed here: it is no longer under way, and may be made anew. */
function noteUnsent(
  runtime: KernelRuntime,
  { header }: OrderRecord,
  request: OrderRequest,
  finding: RiskFinding,
): readonly RiskFinding[] {
  const { of, under } = revisionOf(header, request)
  const eventId = `submission-failed${under}`
  noteOrderEvent(runtime, header.orderId, { type: 'submission-failed', eventId, ...finding, ...of })
  return [finding]
}

/** How events name the revision that a request belongs to; that of the order as first made is not named. */
function revisionOf(
  { request: first }: OrderRecord['header'],
  { clientOrderId }: OrderRequest,
): { readonly of: { readonly by?: string }; readonly under: string } {
  return clientOrderId === first.clientOrderId
    ? { of: {}, under: '' }
    : { of: { by: clientOrderId }, under: `:${clientOrderId}` }
}

function isOvertaken(thrown: unknown): boolean {
  return SwarmError.isInstance(thrown, 'PERMIT_STALE') || SwarmError.isInstance(thrown, 'PERMIT_EXPIRED')
}

function noteFailure(
  runtime: KernelRuntime,
  order: OrderRecord,
  request: OrderRequest,
  thrown: unknown,
): readonly RiskFinding[] {
  const { header } = order
  const { orderId } = header
  const message = messageOf(thrown)
  const { of, under } = revisionOf(header, request)
  const isUnknown = isOutcomeUnknown(thrown)
  if (isInDoubt(runtime, order, request))
    return isUnknown ? [] : tellStillUnknown(runtime, order, { code: (thrown as SwarmError).code, message })
  if (isUnknown) {
    noteOrderEvent(runtime, orderId, {
      type: 'submission-unknown',
      eventId: `submission-unknown${under}`,
      message,
      ...of,
    })
    alert(
      runtime,
      'ORDER_UNKNOWN',
      `nobody knows whether order ${orderId} reached the venue: ${message}`,
      request.symbol,
    )
    return []
  }
  const finding = { code: (thrown as SwarmError).code, message }
  if (finding.code.startsWith('PERMIT_')) denyOrder(runtime, orderId, [finding], of.by)
  else {
    noteUnsent(runtime, order, request, finding)
    checkRejections(runtime)
  }
  return [finding]
}

/** Whether a request was sent before and nobody knows what became of it: what keeps it from being sent again says nothing of the first. */
function isInDoubt(runtime: KernelRuntime, { header, state }: OrderRecord, { clientOrderId }: OrderRequest): boolean {
  const now = runtime.state.orders.get(header.orderId)?.state ?? state
  return sendingOf(now, clientOrderId)?.words['submission-unknown'] === true
}

function tellStillUnknown(
  runtime: KernelRuntime,
  { header }: OrderRecord,
  { code, message }: RiskFinding,
): readonly RiskFinding[] {
  const what = `order ${header.orderId} could not be sent again (${code}: ${message})`
  alert(runtime, 'ORDER_UNKNOWN', `${what}; what was sent before may still arrive`, header.request.symbol)
  return []
}

/** Whether nobody knows what became of a request. A venue that says it has the id already had it from us: a look-up will tell. */
function isOutcomeUnknown(thrown: unknown): boolean {
  if (!SwarmError.isInstance(thrown) || thrown.retryability === 'unknown-outcome') return true
  return thrown.code === 'DUPLICATE_CLIENT_ORDER_ID'
}

/** Asks the venue to cancel an open order; one that was not sent yet is withdrawn. What is on the way already is left alone. */
export async function requestCancel(runtime: KernelRuntime, orderId: string, reason: string): Promise<void> {
  const order = runtime.state.orders.get(orderId)
  if (order === undefined || !isOpen(order.state.status) || order.state.status === 'pending-cancel') return
  if (order.state.status === 'permitted') {
    denyOrder(runtime, orderId, [{ code: 'APPROVAL_EXPIRED', message: `withdrawn before it was sent: ${reason}` }])
    return
  }
  if (order.header.execution !== undefined) return cancelWorked(runtime, orderId, reason)
  withdrawAmendment(runtime, order, reason)
  const now = runtime.state.orders.get(orderId) ?? order
  if (isOpen(now.state.status) && (now === order || now.state.status !== 'pending-cancel') && !isSurelyAsked(now))
    await cancelInForce(runtime, now, reason)
}

/** Of an order that may not be there one request is enough, however often it is wanted: when the order surfaces, the cancel is asked for again. */
export function isSurelyAsked(order: OrderRecord): boolean {
  if (order.state.status !== 'unknown') return false
  const { cancelRequests, cancelRejections } = sendingInForce(order)
  return Object.keys(cancelRequests).length > Object.keys(cancelRejections).length
}

/** What is to be cancelled is not sent anew; an amendment that is on the way already is to be cancelled when it has arrived. */
function withdrawAmendment(runtime: KernelRuntime, order: OrderRecord, reason: string): void {
  const { orderId } = order.header
  const pending = pendingAmendment(order)
  if (pending === undefined || Object.keys(pending.cancelRequests).length > 0) return
  const { by, how } = pending.terms
  if (how === 'resend' && pending.words.submitted !== true)
    denyOrder(runtime, orderId, [{ code: 'APPROVAL_EXPIRED', message: `withdrawn before it was sent: ${reason}` }], by)
  else noteOrderEvent(runtime, orderId, { type: 'cancel-requested', eventId: `cancel:${by}-1`, reason, by })
}

/** Cancels an amendment that the venue has just taken, where the order was to be cancelled while it was on the way. */
export async function cancelAmended(runtime: KernelRuntime, orderId: string, event: BrokerEvent): Promise<void> {
  const order = runtime.state.orders.get(orderId)
  if (order === undefined || (event.type !== 'replaced' && event.type !== 'accepted')) return
  const by = event.type === 'replaced' ? event.by : event.clientOrderId
  const revision = noted(order.state.revisions ?? nothingNoted, by)
  if (order.state.status !== 'pending-cancel' || requestInForce(order).clientOrderId !== by) return
  if (revision !== undefined && Object.keys(revision.cancelRequests).length > 0)
    await cancelInForce(runtime, order, 'it was to be cancelled before the venue took its amendment')
}

/** Of an order that is worked in parts the children are cancelled; it has ended when the last of them has. */
async function cancelWorked(runtime: KernelRuntime, orderId: string, reason: string): Promise<void> {
  if (isFenced(runtime)) return
  noteOrderEvent(runtime, orderId, { type: 'cancel-requested', eventId: 'cancel-1', reason })
  for (const child of openChildrenOf(runtime, orderId)) await requestCancel(runtime, child.header.orderId, reason)
  endWorked(runtime, orderId)
}

/** Asks the venue to cancel what is in force of an order, which it knows by the client order id of the latest revision that it took. */
export async function cancelInForce(runtime: KernelRuntime, order: OrderRecord, reason: string): Promise<void> {
  if (isFenced(runtime)) return
  const { orderId } = order.header
  const request = requestInForce(order)
  const { clientOrderId } = request
  const { of, under } = revisionOf(order.header, request)
  const name = `cancel${under}-${Object.keys(sendingInForce(order).cancelRequests).length + 1}`
  noteOrderEvent(runtime, orderId, { type: 'cancel-requested', eventId: name, reason, ...of })
  const unwritten = await notDurable(runtime)
  // Of an order that may not be there, a cancel that failed says nothing: when it surfaces, the cancel is asked for again.
  const isInDoubt = order.state.status === 'unknown'
  if (unwritten !== undefined) {
    if (!isInDoubt) noteNotCancelled(runtime, order, clientOrderId, `${name}-failed`, unwritten)
    return
  }
  try {
    assertNotFenced(runtime)
    await brokerOf(runtime).cancel(clientOrderId)
  } catch (thrown) {
    if (isInDoubt) return
    if (isOutcomeUnknown(thrown)) {
      runtime.unansweredCancels.add(orderId)
      return
    }
    const refusal = { code: (thrown as SwarmError).code, message: messageOf(thrown) }
    noteNotCancelled(runtime, order, clientOrderId, `${name}-failed`, refusal)
  }
}

/**
 * Notes that a cancel came to nothing, after which the order counts as live. Not of one that the venue has never spoken of, as after a restart:
 * it may not be there, and would be taken for live for ever. It is asked about soon, and the cancel is asked for again when it surfaces.
 */
function noteNotCancelled(
  runtime: KernelRuntime,
  order: OrderRecord,
  clientOrderId: string,
  eventId: string,
  why: RiskFinding,
): void {
  const { orderId } = order.header
  const { venueOrderId } = (runtime.state.orders.get(orderId) ?? order).state
  if (venueOrderId === undefined) runtime.unansweredCancels.add(orderId)
  else noteCancelFailed(runtime, order, clientOrderId, eventId, why)
}

function noteCancelFailed(
  runtime: KernelRuntime,
  { header, state }: OrderRecord,
  clientOrderId: string,
  eventId: string,
  { code, message }: RiskFinding,
): void {
  const { orderId } = header
  const time = runtime.clock.now()
  const venueOrderId = state.venueOrderId ?? ''
  const event: BrokerEvent = { type: 'cancel-rejected', eventId, clientOrderId, venueOrderId, time, code, message }
  commit(runtime, { type: 'order-event', time, orderId, event })
  tellOrder(runtime, orderId)
}

/**
 * The venue still holds open what we asked it to cancel: it has not heard of it, and the order counts as live again. What nobody plans
 * anew is asked to be cancelled once more: an entry, an agent's exit, what an amendment or a freeze wants gone.
 */
export async function repeatCancel(runtime: KernelRuntime, order: OrderRecord, clientOrderId: string): Promise<void> {
  const { orderId, purpose } = order.header
  const { under } = revisionOf(order.header, { ...order.header.request, clientOrderId })
  const { cancelRequests, cancelRejections } = sendingOf(order.state, clientOrderId) ?? noRequests
  const asked = Object.keys(cancelRequests).length
  const refused = Object.keys(cancelRejections).length
  if (asked <= refused) return
  for (let count = refused + 1; count <= asked; count += 1)
    noteCancelFailed(runtime, order, clientOrderId, `cancel${under}-${count}-unheard`, {
      code: 'CANCEL_UNHEARD',
      message: 'a look-up found the order open',
    })
  const now = runtime.state.orders.get(orderId)
  if (now === undefined || requestInForce(now).clientOrderId !== clientOrderId) return
  const isWanted = purpose === 'entry' || purpose === 'exit-intent' || runtime.frozen !== undefined
  if (isWanted || pendingAmendment(now)?.terms.how === 'resend')
    await cancelInForce(runtime, now, 'the request before got no answer')
}

const noRequests = { cancelRequests: {}, cancelRejections: {} }

/** Gives back what permits that nobody used in time had reserved. */
export function expirePermits(runtime: KernelRuntime): void {
  const { waiting } = runtime.state.index
  const now = runtime.clock.now()
  // What was permitted since this moment was looked at holds at least until it has passed.
  if (waiting.size === 0 || runtime.permitsCheckedAt === now) return
  runtime.permitsCheckedAt = now
  for (const orderId of waiting) {
    const order = runtime.state.orders.get(orderId)
    if (order?.permit === undefined || order.parked === true || isQueued(runtime, order)) continue
    if (now <= order.permit.expiresAt) continue
    const message = `permit ${order.permit.permitId} was not used in time`
    void contain(runtime, `giving back what order ${orderId} reserved`, order.header.request.symbol, () =>
      denyOrder(runtime, orderId, [{ code: 'APPROVAL_EXPIRED', message }]),
    )
  }
}

/** Whether an exit waits for protective orders to make room; its permit is renewed when it is sent. */
function isQueued({ state }: KernelRuntime, { header: { orderId, request } }: OrderRecord): boolean {
  const trip = state.trips.get(request.symbol)
  return trip?.queuedExitOrderId === orderId || trip?.queuedPartOrderId === orderId
}
