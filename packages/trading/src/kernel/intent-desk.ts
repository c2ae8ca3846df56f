import { canonicalJson, SwarmError, sha256Hex } from '@tradeswarm/core'
import { instrumentFault } from '../instruments/unit-terms.js'
import { clientOrderId } from '../orders/client-order-id.js'
import { expiryFault, type TermsFault } from '../orders/intent-fault.js'
import { venueFault } from '../orders/order-measures.js'
import type { OrderHeader, OrderRecord } from '../orders/order-record.js'
import { type OrderIntent, orderRequest } from '../orders/order-request.js'
import { parseIntent } from '../orders/parse-intent.js'
import { maximumIntentIdLength } from '../orders/read-intent.js'
import { answerOfPending, expireApprovals, pendingApproval, requestApproval, takeApproval } from './approval-desk.js'
import { isAsAssessed, rememberIntent } from './assessed-intents.js'
import { contingencyFault, keepContingencies, waitsForParent } from './contingency-desk.js'
import type { Assessment, RiskFinding, SubmitResult } from './kernel.js'
import { commit, type KernelRuntime, tellOrder } from './kernel-runtime.js'
import { denyOrder, expirePermits, sendOrder } from './order-desk.js'
import { protect } from './protection-desk.js'
import { settledAs } from './settled-as.js'
import { beginWork } from './working-desk.js'

/**
 * Checks an intent and reserves what it needs, in one step. Asked again, it gives the first answer, for as long as that is remembered.
 * What cannot be read as an intent is denied and not booked. Throws `INTENT_CHANGED`, `WRONG_ACCOUNT`.
 */
export function assessIntent(runtime: KernelRuntime, given: unknown): Assessment {
  const parsed = parseIntent(given)
  if (parsed.status === 'malformed') {
    const { intentId, finding } = parsed
    runtime.logger.warn('an intent was malformed', { intentId, code: finding.code, message: finding.message })
    return { status: 'denied', intentId, findings: [finding] }
  }
  const { intent } = parsed
  if (intent.account !== runtime.state.account) {
    throw new SwarmError({
      code: 'WRONG_ACCOUNT',
      message: `intent ${intent.intentId} is for account "${intent.account}", this kernel keeps account "${runtime.state.account}"`,
    })
  }
  expireApprovals(runtime)
  const known = answerTo(runtime, intent)
  if (known !== undefined) return known
  expirePermits(runtime)
  const header = headerOf(runtime, intent)
  const fault = faultOf(runtime, intent, header)
  if (fault !== undefined) return { status: 'denied', intentId: intent.intentId, findings: [fault] }
  const { approval } = runtime.authority.assess(header)
  if (approval !== undefined) {
    requestApproval(runtime, intent, header, approval)
    return answerTo(runtime, intent) as Assessment
  }
  tellOrder(runtime, header.orderId)
  const order = runtime.state.orders.get(header.orderId)
  if (order?.permit !== undefined) rememberIntent(runtime.assessedIntents, intent)
  return order === undefined ? (answerTo(runtime, intent) as Assessment) : answerOf(order)
}

/** A person's yes: the order is made and assessed anew, as things stand now, and sent at once. */
export async function approveIntent(
  runtime: KernelRuntime,
  token: string,
  authorisation: Parameters<typeof takeApproval>[3],
): Promise<SubmitResult> {
  const { intent } = takeApproval(runtime, token, 'approved', authorisation)
  expirePermits(runtime)
  const header = headerOf(runtime, intent)
  const fault = faultOf(runtime, intent, header)
  if (fault !== undefined) return { status: 'refused', findings: [fault] }
  runtime.authority.assess(header, true)
  tellOrder(runtime, header.orderId)
  const order = runtime.state.orders.get(header.orderId)
  if (order?.permit === undefined) return { status: 'refused', findings: order?.findings ?? [] }
  return submitIntent(runtime, intent, order.permit.permitId)
}

/** What speaks against an intent before the authority is asked: its terms, its venue, what it is tied to. */
function faultOf(runtime: KernelRuntime, intent: OrderIntent, header: OrderHeader): RiskFinding | undefined {
  const fault = expiryFault(intent, runtime.clock.now()) ?? exitFault(header) ?? termsAtVenueFault(runtime, intent)
  if (fault !== undefined) return { code: fault.code, message: `${fault.field}: ${fault.message}` }
  const instrument = runtime.broker?.instrument(intent.symbol)
  const unsupported = instrument === undefined || header.request.reduceOnly ? undefined : instrumentFault(instrument)
  if (unsupported !== undefined) return unsupported
  return contingencyFault(runtime, header)
}

function answerTo(runtime: KernelRuntime, intent: OrderIntent): Assessment | undefined {
  const known = orderOfIntent(runtime, intent)
  if (known !== undefined) return answerOf(known)
  const pending = pendingApproval(runtime, intent.intentId)
  if (pending === undefined) return undefined
  if (pending.header.intentHash === intentHash(intent)) return answerOfPending(pending)
  throw intentChanged(intent)
}

/** Uses the permit of an assessed intent and sends its order. */
export async function submitIntent(runtime: KernelRuntime, given: unknown, permitId: unknown): Promise<SubmitResult> {
  const parsed = parseIntent(given)
  if (parsed.status === 'malformed') return { status: 'refused', findings: [parsed.finding] }
  const { intent } = parsed
  const order = orderOfIntent(runtime, intent)
  runtime.assessedIntents.delete(intent.intentId)
  if (order === undefined) {
    return {
      status: 'refused',
      findings: [
        { code: 'APPROVAL_REQUIRED', message: `intent ${intent.intentId} was never assessed, or waits for approval` },
      ],
    }
  }
  const { orderId, request } = order.header
  if (order.state.words.denied === true)
    return { status: 'refused', findings: order.findings.length > 0 ? order.findings : [overdue(order)] }
  if (order.state.words.submitted === true || order.parked === true || isQueuedFor(runtime, order))
    return { status: 'submitted', orderId }
  if (order.permit?.permitId !== permitId) {
    return {
      status: 'refused',
      findings: [
        {
          code: 'APPROVAL_REQUIRED',
          message: `permit ${String(permitId).slice(0, maximumIntentIdLength)} is not that of intent ${intent.intentId}`,
        },
      ],
    }
  }
  const findings = runtime.authority.usable(order)
  if (findings.length > 0) {
    denyOrder(runtime, orderId, findings)
    return { status: 'refused', findings }
  }
  if (request.reduceOnly) {
    withdrawOutranked(runtime, request.symbol, orderId)
    commit(runtime, { orderId, symbol: request.symbol, time: runtime.clock.now(), type: 'exit-queued' })
    await protect(runtime, request.symbol)
    const denied = runtime.state.orders.get(orderId)?.state.words.denied === true
    return denied ? { status: 'refused', findings: [overdue(order)] } : { status: 'submitted', orderId }
  }
  const unfit = contingencyFault(runtime, order.header)
  if (unfit !== undefined) {
    denyOrder(runtime, orderId, [unfit])
    return { status: 'refused', findings: [unfit] }
  }
  if (waitsForParent(runtime, order)) {
    commit(runtime, { type: 'order-parked', time: runtime.clock.now(), orderId })
    await keepContingencies(runtime)
    return { status: 'submitted', orderId }
  }
  if (order.header.execution !== undefined) {
    await beginWork(runtime, orderId)
    return { status: 'submitted', orderId }
  }
  const failed = await sendOrder(runtime, orderId)
  return failed.length > 0 ? { status: 'refused', findings: failed } : { status: 'submitted', orderId }
}

/** The exit that waits in the queue gives way to a newer one, which the no-flip check has found to leave at least as much. */
function withdrawOutranked(runtime: KernelRuntime, symbol: string, by: string): void {
  const orderId = runtime.state.trips.get(symbol)?.queuedExitOrderId
  if (orderId === undefined || runtime.state.orders.get(orderId)?.state.status !== 'permitted') return
  denyOrder(runtime, orderId, [
    { code: 'APPROVAL_EXPIRED', message: `withdrawn before it was sent: the newer exit ${by} leaves at least as much` },
  ])
}

function isQueuedFor(runtime: KernelRuntime, { header }: OrderRecord): boolean {
  return runtime.state.trips.get(header.request.symbol)?.queuedExitOrderId === header.orderId
}

function overdue({ permit }: OrderRecord): { readonly code: string; readonly message: string } {
  return {
    code: 'APPROVAL_EXPIRED',
    message: `permit ${permit?.permitId ?? ''} was not used in time, or its order was withdrawn; ask for a new assessment under a new intent`,
  }
}

function orderOfIntent(runtime: KernelRuntime, intent: OrderIntent): OrderRecord | undefined {
  const orderId = runtime.state.index.orderByIntent.get(intent.intentId)
  const order = orderId === undefined ? undefined : runtime.state.orders.get(orderId)
  if (order === undefined || isAsAssessed(runtime.assessedIntents, intent)) return order
  if (order.header.intentHash === intentHash(intent)) return order
  throw intentChanged(intent)
}

function intentChanged({ intentId }: OrderIntent): SwarmError {
  return new SwarmError({
    code: 'INTENT_CHANGED',
    message: `intent ${intentId} was assessed with other terms; a changed intent needs an id of its own`,
  })
}

function answerOf({ header, permit, findings, warnings }: OrderRecord): Assessment {
  const { intentId } = header
  if (permit === undefined) return { status: 'denied', intentId, findings }
  return { status: 'permitted', intentId, permitId: permit.permitId, expiresAt: permit.expiresAt, warnings }
}

function intentHash(intent: OrderIntent): string {
  return sha256Hex(canonicalJson(intent))
}

/** Of an order that is worked in parts it is the children that the venue must take. */
function termsAtVenueFault({ broker }: KernelRuntime, intent: OrderIntent): TermsFault | undefined {
  if (intent.execution === undefined) return venueFault(intent, broker?.capabilities)
  const { expiresAt: _, ...child } = { ...intent, type: 'limit' } as const
  return (
    venueFault({ ...child, timeInForce: 'day' }, broker?.capabilities) ??
    (intent.execution.style === 'passive'
      ? undefined
      : venueFault({ ...child, timeInForce: 'ioc' }, broker?.capabilities))
  )
}

/** An exit is counted in the units that are held. */
function exitFault({ request, execution }: OrderHeader): TermsFault | undefined {
  if (!request.reduceOnly) return undefined
  if (execution !== undefined) {
    const message = 'only an entry is worked in parts; a position is left at once, by a market order without it'
    return { code: 'UNSUPPORTED_ORDER_TYPE', field: 'execution', message }
  }
  if (request.sizedIn === undefined) return undefined
  return { code: 'QUANTITY_PRECISION', field: 'sizedIn', message: 'an order that reduces a position is sized in units' }
}

function headerOf(runtime: KernelRuntime, intent: OrderIntent): OrderHeader {
  const { account, symbol, side, exits, contingency, execution } = intent
  const orderId = runtime.ids.next('order')
  const held = runtime.state.ledger.units(symbol)
  const reduceOnly = !held.isZero() && held.isPositive() === (side === 'sell')
  const instrument = runtime.broker?.instrument(symbol)
  // Keys as canonical JSON has them, here and wherever a record is made for each order: it is written twice as fast then.
  const header: Mutable<OrderHeader> = {
    agent: intent.agent,
    asset: instrument?.asset ?? symbol,
    causationId: intent.causationId,
    correlationId: intent.correlationId,
    createdAt: runtime.clock.now(),
    intentHash: intentHash(intent),
    intentId: intent.intentId,
    orderId,
    purpose: reduceOnly ? 'exit-intent' : 'entry',
    request: orderRequest(intent, clientOrderId({ orderId, account, attempt: 1, revision: 0 }), reduceOnly),
    strategy: intent.strategy,
  }
  if (exits !== undefined && !reduceOnly) header.exits = exits
  if (contingency !== undefined) header.contingency = contingency
  if (execution !== undefined) header.execution = execution
  return instrument === undefined ? header : settledAs(runtime, instrument, header)
}

type Mutable<T> = { -readonly [Key in keyof T]: T[Key] }
