import { messageOf, SwarmError } from '@tradeswarm/core'
import type { BrokerEvent } from '../orders/broker.js'
import type { OwnOrderEvent } from '../orders/order-event.js'
import type { OrderRecord } from '../orders/order-record.js'
import type { OrderRequest } from '../orders/order-request.js'
import { isOpen, sendingOf } from '../orders/order-state.js'
import { requestInForce, sendingInForce } from '../orders/request-in-force.js'
import type { Permit, PermittedOrder } from '../risk/permit.js'
import { checkRejections, countEntry } from './automatic-halts.js'
import type { RiskFinding } from './kernel.js'
import { alert, assertNotFenced, brokerOf, commit, isFenced, type KernelRuntime, tellOrder } from './kernel-runtime.js'

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
 * Sends a permitted order, once it is certain that the sending will be remembered.
 * Returns what kept it from being sent; an order whose fate is unknown was sent.
 */
export async function sendOrder(runtime: KernelRuntime, orderId: string): Promise<readonly RiskFinding[]> {
  const order = runtime.state.orders.get(orderId)
  if (order?.permit === undefined) return [{ code: 'APPROVAL_REQUIRED', message: `order ${orderId} has no permit` }]
  const time = runtime.clock.now()
  const event = { eventId: 'submitted', time, type: 'submitted' } as const
  commit(runtime, { event, orderId, time, type: 'order-event' })
  tellOrder(runtime, orderId)
  if (!order.header.request.reduceOnly) countEntry(runtime)
  return transmit(runtime, order, order.header.request, order.permit)
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
    await runtime.journal.durable()
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

/** A fresh permit for a request of an order, on the reservation that the order holds; journalled before it is used. */
export function freshPermit(runtime: KernelRuntime, order: OrderRecord, request: OrderRequest): Permit {
  const { orderId } = order.header
  const permit = runtime.authority.renewed({ ...order, header: { ...order.header, request } })
  commit(runtime, { orderId, permit, time: runtime.clock.now(), type: 'permit-renewed' })
  return permit
}

function isOvertaken(thrown: unknown): boolean {
  return SwarmError.isInstance(thrown, 'PERMIT_STALE') || SwarmError.isInstance(thrown, 'PERMIT_EXPIRED')
}

function noteFailure(
  runtime: KernelRuntime,
  { header, state }: OrderRecord,
  request: OrderRequest,
  thrown: unknown,
): readonly RiskFinding[] {
  const { orderId } = header
  const message = messageOf(thrown)
  const of = request.clientOrderId === header.request.clientOrderId ? {} : { by: request.clientOrderId }
  const under = of.by === undefined ? '' : `:${of.by}`
  if (isOutcomeUnknown(thrown)) {
    const sending = sendingOf(runtime.state.orders.get(orderId)?.state ?? state, request.clientOrderId)
    if (sending?.words['submission-unknown'] === true) return []
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
  const code = (thrown as SwarmError).code
  const finding = { code, message }
  if (code.startsWith('PERMIT_')) denyOrder(runtime, orderId, [finding], of.by)
  else {
    noteOrderEvent(runtime, orderId, {
      type: 'submission-failed',
      eventId: `submission-failed${under}`,
      code,
      message,
      ...of,
    })
    checkRejections(runtime)
  }
  return [finding]
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
  await cancelInForce(runtime, order, reason)
}

/** Asks the venue to cancel what is in force of an order, which it knows by the client order id of the latest revision that it took. */
export async function cancelInForce(runtime: KernelRuntime, order: OrderRecord, reason: string): Promise<void> {
  if (isFenced(runtime)) return
  const { orderId, request } = order.header
  const { clientOrderId } = requestInForce(order)
  const of = clientOrderId === request.clientOrderId ? {} : { by: clientOrderId }
  const name = of.by === undefined ? 'cancel' : `cancel:${of.by}`
  const count = Object.keys(sendingInForce(order).cancelRequests).length + 1
  noteOrderEvent(runtime, orderId, { type: 'cancel-requested', eventId: `${name}-${count}`, reason, ...of })
  await runtime.journal.durable()
  try {
    assertNotFenced(runtime)
    await brokerOf(runtime).cancel(clientOrderId)
  } catch (thrown) {
    // Of an order that may not be there, a refusal to cancel says nothing: when it surfaces, the cancel is asked for again.
    if (isOutcomeUnknown(thrown) || order.state.status === 'unknown') return
    const refusal: BrokerEvent = {
      type: 'cancel-rejected',
      eventId: `${name}-${count}-failed`,
      clientOrderId,
      venueOrderId: order.state.venueOrderId ?? '',
      time: runtime.clock.now(),
      code: (thrown as SwarmError).code,
      message: messageOf(thrown),
    }
    commit(runtime, { type: 'order-event', time: refusal.time, orderId, event: refusal })
    tellOrder(runtime, orderId)
  }
}

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
    denyOrder(runtime, orderId, [
      { code: 'APPROVAL_EXPIRED', message: `permit ${order.permit.permitId} was not used in time` },
    ])
  }
}

/** Whether an exit waits for protective orders to make room; its permit is renewed when it is sent. */
function isQueued(runtime: KernelRuntime, { header }: OrderRecord): boolean {
  return runtime.state.trips.get(header.request.symbol)?.queuedExitOrderId === header.orderId
}
