import { messageOf, SwarmError } from '@tradeswarm/core'
import type { BrokerEvent } from '../orders/broker.js'
import type { OwnOrderEvent } from '../orders/order-event.js'
import type { OrderRecord } from '../orders/order-record.js'
import { isOpen } from '../orders/order-state.js'
import type { Permit } from '../risk/permit.js'
import type { RiskFinding } from './kernel.js'
import { alert, brokerOf, commit, type KernelRuntime, tellOrder } from './kernel-runtime.js'

/** A permit that a halt or a policy overtook is renewed so often for an order that reduces. */
const maximumRenewals = 3

type OwnEvent = OwnOrderEvent extends infer Event ? (Event extends OwnOrderEvent ? Omit<Event, 'time'> : never) : never

/** Journals an event of ours about an order and tells of it. */
export function noteOrderEvent(runtime: KernelRuntime, orderId: string, event: OwnEvent): void {
  const time = runtime.clock.now()
  commit(runtime, { type: 'order-event', time, orderId, event: { ...event, time } as OwnOrderEvent })
  tellOrder(runtime, orderId)
}

/** Refuses an order that was not sent. */
export function denyOrder(runtime: KernelRuntime, orderId: string, findings: readonly RiskFinding[]): void {
  noteOrderEvent(runtime, orderId, { type: 'denied', eventId: 'denied', findings })
}

/**
 * Sends a permitted order, once it is certain that the sending will be remembered.
 * Returns what kept it from being sent; an order whose fate is unknown was sent.
 */
export async function sendOrder(runtime: KernelRuntime, orderId: string): Promise<readonly RiskFinding[]> {
  const order = runtime.state.orders.get(orderId)
  if (order?.permit === undefined) return [{ code: 'APPROVAL_REQUIRED', message: `order ${orderId} has no permit` }]
  noteOrderEvent(runtime, orderId, { type: 'submitted', eventId: 'submitted' })
  let permit: Permit = order.permit
  for (let renewals = 0; ; renewals += 1) {
    const unwritten = await notDurable(runtime)
    if (unwritten !== undefined) return noteUnsent(runtime, orderId, unwritten)
    try {
      await brokerOf(runtime).place(runtime.authority.mint(order.header.request, permit))
      return []
    } catch (thrown) {
      if (!isOvertaken(thrown) || !order.header.request.reduceOnly || renewals === maximumRenewals)
        return noteFailure(runtime, order, thrown)
      permit = runtime.authority.renewed(order)
      commit(runtime, { type: 'permit-renewed', time: runtime.clock.now(), orderId, permit })
    }
  }
}

/** What kept the journal from being durable: then nothing may leave. */
async function notDurable(runtime: KernelRuntime): Promise<RiskFinding | undefined> {
  try {
    await runtime.journal.durable()
    return undefined
  } catch (thrown) {
    return {
      code: 'JOURNAL_NOT_DURABLE',
      message: `nothing was sent, the journal is not durable: ${messageOf(thrown)}`,
    }
  }
}

/** An order that stayed here: it is no longer under way, and may be made anew. */
function noteUnsent(runtime: KernelRuntime, orderId: string, finding: RiskFinding): readonly RiskFinding[] {
  noteOrderEvent(runtime, orderId, { type: 'submission-failed', eventId: 'submission-failed', ...finding })
  return [finding]
}

function isOvertaken(thrown: unknown): boolean {
  return SwarmError.isInstance(thrown, 'PERMIT_STALE') || SwarmError.isInstance(thrown, 'PERMIT_EXPIRED')
}

function noteFailure(runtime: KernelRuntime, order: OrderRecord, thrown: unknown): readonly RiskFinding[] {
  const { orderId, request } = order.header
  const message = messageOf(thrown)
  if (!SwarmError.isInstance(thrown) || thrown.retryability === 'unknown-outcome') {
    noteOrderEvent(runtime, orderId, { type: 'submission-unknown', eventId: 'submission-unknown', message })
    alert(
      runtime,
      'ORDER_UNKNOWN',
      `nobody knows whether order ${orderId} reached the venue: ${message}`,
      request.symbol,
    )
    return []
  }
  const finding = { code: thrown.code, message }
  if (!thrown.code.startsWith('PERMIT_')) return noteUnsent(runtime, orderId, finding)
  denyOrder(runtime, orderId, [finding])
  return [finding]
}

/** Asks the venue to cancel an open order; one that was not sent yet is withdrawn. What is on the way already is left alone. */
export async function requestCancel(runtime: KernelRuntime, orderId: string, reason: string): Promise<void> {
  const order = runtime.state.orders.get(orderId)
  if (order === undefined || !isOpen(order.state.status) || order.state.status === 'pending-cancel') return
  if (order.state.status === 'permitted') {
    denyOrder(runtime, orderId, [{ code: 'APPROVAL_EXPIRED', message: `withdrawn before it was sent: ${reason}` }])
    return
  }
  const count = Object.keys(order.state.cancelRequests).length + 1
  noteOrderEvent(runtime, orderId, { type: 'cancel-requested', eventId: `cancel-${count}`, reason })
  const unwritten = await notDurable(runtime)
  if (unwritten !== undefined)
    return noteCancelFailed(runtime, order, `cancel-${count}-failed`, unwritten.code, unwritten.message)
  try {
    await brokerOf(runtime).cancel(order.header.request.clientOrderId)
  } catch (thrown) {
    if (!SwarmError.isInstance(thrown) || thrown.retryability === 'unknown-outcome') {
      runtime.unansweredCancels.add(orderId)
      return
    }
    noteCancelFailed(runtime, order, `cancel-${count}-failed`, thrown.code, messageOf(thrown))
  }
}

function noteCancelFailed(
  runtime: KernelRuntime,
  { header, state }: OrderRecord,
  eventId: string,
  code: string,
  message: string,
): void {
  const { orderId, request } = header
  const time = runtime.clock.now()
  const event: BrokerEvent = {
    type: 'cancel-rejected',
    eventId,
    clientOrderId: request.clientOrderId,
    venueOrderId: state.venueOrderId ?? '',
    time,
    code,
    message,
  }
  commit(runtime, { type: 'order-event', time, orderId, event })
  tellOrder(runtime, orderId)
}

/**
 * The venue still holds an order open whose cancel got no answer: it has not heard of it, and the order counts as live again. What
 * nobody plans anew, an entry or an agent's exit, is asked to be cancelled once more.
 */
export async function repeatCancel(runtime: KernelRuntime, orderId: string): Promise<void> {
  const order = runtime.state.orders.get(orderId)
  if (order?.state.status !== 'pending-cancel') return
  const count = Object.keys(order.state.cancelRequests).length
  noteCancelFailed(runtime, order, `cancel-${count}-unheard`, 'CANCEL_UNHEARD', 'a look-up found the order open')
  const { purpose } = order.header
  if (purpose === 'entry' || purpose === 'exit-intent')
    await requestCancel(runtime, orderId, 'the request before got no answer')
}

/** Gives back what permits that nobody used in time had reserved. */
export function expirePermits(runtime: KernelRuntime): void {
  const now = runtime.clock.now()
  for (const orderId of runtime.state.index.waiting) {
    const order = runtime.state.orders.get(orderId)
    if (order?.permit === undefined || isQueued(runtime, order)) continue
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
