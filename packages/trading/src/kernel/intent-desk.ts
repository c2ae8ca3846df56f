import { SwarmError } from '@tradeswarm/core'
import type { Instrument } from '../instruments/instrument.js'
import { instrumentFault, settlementTerms } from '../instruments/unit-terms.js'
import { decimal, zero } from '../money/decimal.js'
import { clientOrderId } from '../orders/client-order-id.js'
import { expiryFault, type TermsFault } from '../orders/intent-fault.js'
import { venueFault } from '../orders/order-measures.js'
import type { OrderHeader, OrderRecord } from '../orders/order-record.js'
import { type OrderIntent, orderRequest } from '../orders/order-request.js'
import { parseIntent } from '../orders/parse-intent.js'
import { maximumIntentIdLength } from '../orders/read-intent.js'
import { answerOfPending, expireApprovals, pendingApproval, requestApproval, takeApproval } from './approval-desk.js'
import { isKeptBeside } from './claimed-units.js'
import { contingencyFault, keepContingencies, waitsForParent } from './contingency-desk.js'
import { canNet } from './cross-terms.js'
import { isIntentOf, isPlainIntent, isSameJson } from './is-intent-of.js'
import type { Assessment, RiskFinding, SubmitResult } from './kernel.js'
import { commit, type KernelRuntime, tellOrder } from './kernel-runtime.js'
import { netEntry } from './net-entry.js'
import { inTheWay } from './netting-desk.js'
import { exitFinding } from './not-left.js'
import { denyOrder, expirePermits, sendOrder } from './order-desk.js'
import { leaveAtOnce, protect } from './protection-desk.js'
import { ordersInTheWay } from './self-trade.js'
import { partsPlan } from './send-parts.js'
import type { Begun } from './serial-queue.js'
import { settledAs } from './settled-as.js'
import { beginWork } from './working-desk.js'
import { workedExitFault } from './working-exits.js'

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
  const instrument = runtime.broker?.instrument(intent.symbol)
  const header = headerOf(runtime, intent, instrument)
  const fault = faultOf(runtime, intent, header, instrument)
  if (fault !== undefined) return { status: 'denied', intentId: intent.intentId, findings: [fault] }
  const { approval } = runtime.authority.assess(header)
  if (approval !== undefined) {
    requestApproval(runtime, intent, header, approval)
    return answerTo(runtime, intent) as Assessment
  }
  const order = tellOrder(runtime, header.orderId)
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
  const instrument = runtime.broker?.instrument(intent.symbol)
  const header = headerOf(runtime, intent, instrument)
  const fault = faultOf(runtime, intent, header, instrument)
  if (fault !== undefined) return { status: 'refused', findings: [fault] }
  runtime.authority.assess(header, true)
  const order = tellOrder(runtime, header.orderId)
  if (order?.permit === undefined) return { status: 'refused', findings: order?.findings ?? [] }
  return submitIntent(runtime, intent, order.permit.permitId)
}

/** What speaks against an intent before the authority is asked: its terms, its venue, what it is tied to. */
function faultOf(
  runtime: KernelRuntime,
  intent: OrderIntent,
  header: OrderHeader,
  instrument: Instrument | undefined,
): RiskFinding | undefined {
  const fault =
    expiryFault(intent, runtime.clock.now()) ?? exitFault(header) ?? termsAtVenueFault(runtime, intent, instrument)
  if (fault !== undefined) return { code: fault.code, message: `${fault.field}: ${fault.message}` }
  const unsupported = instrument === undefined || header.request.reduceOnly ? undefined : instrumentFault(instrument)
  if (unsupported !== undefined) return unsupported
  return contingencyFault(runtime, header)
}

function answerTo(runtime: KernelRuntime, intent: OrderIntent): Assessment | undefined {
  const known = orderOfIntent(runtime, intent)
  if (known !== undefined) return answerOf(known)
  const pending = pendingApproval(runtime, intent.intentId)
  if (pending === undefined) return undefined
  if (isSameJson(pending.intent, intent)) return answerOfPending(pending)
  throw intentChanged(intent)
}

/** Uses the permit of an assessed intent and sends its order. */
async function submitIntent(runtime: KernelRuntime, given: unknown, permitId: unknown): Promise<SubmitResult> {
  const begun = beginSubmit(runtime, given, permitId)
  if ('value' in begun) return begun.value
  return 'alone' in begun ? begun.alone() : begun.rest()
}

/**
 * As {@link submitIntent}, in two parts: up to where the sending must be remembered before it goes on, and the rest. What takes more than to hand the order over, such as an
 * exit for which others have to make room, is to be done by itself.
 */
export function beginSubmit(runtime: KernelRuntime, given: unknown, permitId: unknown): Begun<SubmitResult> {
  let order = orderAsGiven(runtime, given)
  let intentId = order?.header.intentId
  if (intentId === undefined) {
    const parsed = parseIntent(given)
    if (parsed.status === 'malformed') return { value: { status: 'refused', findings: [parsed.finding] } }
    order = orderOfIntent(runtime, parsed.intent)
    intentId = parsed.intent.intentId
  }
  const asked = { intentId, orderId: order?.header.orderId, permitId }
  const alone = (): Promise<SubmitResult> => submitAlone(runtime, asked)
  // What was handed in and got no answer yet may be under way still.
  if (order?.state.status === 'submitted') return { alone }
  const found = submittable(runtime, asked)
  if ('status' in found) return { value: found }
  const { orderId, request, execution, nets } = found.header
  if (request.reduceOnly) {
    const leave = leaveAtOnce(runtime, found)
    return leave === undefined ? { alone } : { rest: () => left(runtime, found, leave()) }
  }
  if (execution !== undefined || nets === true || waitsForParent(runtime, found)) return { alone }
  return { rest: () => send(runtime, orderId) }
}

/** What is asked to be sent; without an order where none was made for the intent. */
type Asked = { readonly intentId: string; readonly orderId: string | undefined; readonly permitId: unknown }

async function submitAlone(runtime: KernelRuntime, asked: Asked): Promise<SubmitResult> {
  // What came before it may have changed what it was looked at by.
  const found = submittable(runtime, asked)
  if ('status' in found) return found
  const { orderId, request, execution, nets } = found.header
  if (request.reduceOnly) {
    const blocked = exitFinding(runtime, request.symbol, execution === undefined ? decimal(request.quantity) : zero)
    if (blocked !== undefined) {
      denyOrder(runtime, orderId, [blocked])
      return refused(blocked)
    }
    withdrawOutranked(runtime, found)
    if (execution !== undefined && execution.style !== 'parts') {
      await beginWork(runtime, orderId)
      return { status: 'submitted', orderId }
    }
    commit(runtime, { orderId, symbol: request.symbol, time: runtime.clock.now(), type: 'exit-queued' })
    return left(runtime, found, protect(runtime, request.symbol))
  }
  if (waitsForParent(runtime, found)) {
    commit(runtime, { type: 'order-parked', time: runtime.clock.now(), orderId })
    await keepContingencies(runtime)
  } else if (execution !== undefined) await beginWork(runtime, orderId)
  else return send(runtime, orderId, nets === true ? await netEntry(runtime, orderId) : undefined)
  return { status: 'submitted', orderId }
}

/** Sends an order, unless a cross has settled what becomes of it. */
async function send(runtime: KernelRuntime, orderId: string, crossed?: SubmitResult): Promise<SubmitResult> {
  if (crossed !== undefined) return crossed
  const failed = await sendOrder(runtime, orderId)
  return failed.length > 0 ? { status: 'refused', findings: failed } : { status: 'submitted', orderId }
}

/** What became of an exit. */
async function left(
  runtime: KernelRuntime,
  order: OrderRecord,
  leaving: Promise<unknown> | undefined,
): Promise<SubmitResult> {
  await leaving
  const { orderId } = order.header
  const denied = runtime.state.orders.get(orderId)?.state.words.denied === true
  return denied ? { status: 'refused', findings: [overdue(order)] } : { status: 'submitted', orderId }
}

/** The order that a permit is for, where it may be sent now; otherwise the answer. */
function submittable(runtime: KernelRuntime, { intentId, orderId: id, permitId }: Asked): OrderRecord | SubmitResult {
  const order = id === undefined ? undefined : runtime.state.orders.get(id)
  if (order === undefined)
    return refused({
      code: 'APPROVAL_REQUIRED',
      message: `intent ${intentId} was never assessed, or waits for approval`,
    })
  const { header, state, findings: denials } = order
  const { orderId, request } = header
  if (state.words.denied === true)
    return denials.length > 0 ? { status: 'refused', findings: denials } : refused(overdue(order))
  if (state.words.submitted === true || order.parked === true || isQueuedFor(runtime, order) || isCrossed(order))
    return { status: 'submitted', orderId }
  if (order.permit?.permitId !== permitId) {
    const shown = String(permitId).slice(0, maximumIntentIdLength)
    return refused({ code: 'APPROVAL_REQUIRED', message: `permit ${shown} is not that of intent ${intentId}` })
  }
  const findings = runtime.authority.usable(order)
  const unfit = findings.length > 0 || request.reduceOnly ? undefined : entryFault(runtime, header)
  const against = unfit === undefined ? findings : [unfit]
  if (against.length === 0) return order
  denyOrder(runtime, orderId, against)
  return { status: 'refused', findings: against }
}

/** What speaks against sending an entry that was permitted: an order of its group, or an exit that has gone to the venue since. */
function entryFault(runtime: KernelRuntime, header: OrderHeader): RiskFinding | undefined {
  const fault = contingencyFault(runtime, header)
  if (fault !== undefined || header.execution !== undefined || header.nets === true) return fault
  const [blocking] = ordersInTheWay(runtime, header)
  return blocking === undefined ? undefined : inTheWay(blocking)
}

function refused(finding: RiskFinding): SubmitResult {
  return { status: 'refused', findings: [finding] }
}

/** The exit that waits in the queue gives way to a newer one, which the no-flip check has found to leave at least as much. */
function withdrawOutranked(runtime: KernelRuntime, { header }: OrderRecord): void {
  const orderId = runtime.state.trips.get(header.request.symbol)?.queuedExitOrderId
  const waiting = orderId === undefined ? undefined : runtime.state.orders.get(orderId)
  if (orderId === undefined || waiting?.state.status !== 'permitted' || isKeptBeside(runtime, header, waiting)) return
  const message = `withdrawn before it was sent: the newer exit ${header.orderId} leaves at least as much`
  denyOrder(runtime, orderId, [{ code: 'APPROVAL_EXPIRED', message }])
}

function isQueuedFor(runtime: KernelRuntime, { header }: OrderRecord): boolean {
  return runtime.state.trips.get(header.request.symbol)?.queuedExitOrderId === header.orderId
}

/** Whether all of an order was crossed within the account, so that nothing of it was sent. */
function isCrossed({ state }: OrderRecord): boolean {
  return state.status === 'filled'
}

function overdue({ permit }: OrderRecord): { readonly code: string; readonly message: string } {
  return {
    code: 'APPROVAL_EXPIRED',
    message: `permit ${permit?.permitId ?? ''} was not used in time, or its order was withdrawn; ask for a new assessment under a new intent`,
  }
}

/** The order of an intent that is handed in as it was assessed, which needs no second reading; undefined where it has to be read. */
function orderAsGiven(runtime: KernelRuntime, given: unknown): OrderRecord | undefined {
  if (!isPlainIntent(given)) return undefined
  const orderId = runtime.state.index.orderByIntent.get(given.intentId)
  const order = orderId === undefined ? undefined : runtime.state.orders.get(orderId)
  return order !== undefined && isIntentOf(order.header, given) ? order : undefined
}

function orderOfIntent(runtime: KernelRuntime, intent: OrderIntent): OrderRecord | undefined {
  const orderId = runtime.state.index.orderByIntent.get(intent.intentId)
  const order = orderId === undefined ? undefined : runtime.state.orders.get(orderId)
  if (order === undefined || isIntentOf(order.header, intent)) return order
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

/** Of an order that is worked in parts it is the children that the venue must take. */
function termsAtVenueFault(
  runtime: KernelRuntime,
  intent: OrderIntent,
  instrument: Instrument | undefined,
): TermsFault | undefined {
  const { broker } = runtime
  if (intent.execution === undefined) return venueFault(intent, broker?.capabilities, instrument)
  const { expiresAt: _, ...child } = {
    ...intent,
    type: reducesPosition(runtime, intent, instrument) ? 'market' : 'limit',
  } as const
  return (
    venueFault({ ...child, timeInForce: 'day' }, broker?.capabilities, instrument) ??
    (intent.execution.style === 'passive' || child.type === 'market'
      ? undefined
      : venueFault({ ...child, timeInForce: 'ioc' }, broker?.capabilities, instrument))
  )
}

/** An exit is counted in the units that are held. */
function exitFault({ request, execution }: OrderHeader): TermsFault | undefined {
  if (!request.reduceOnly) return undefined
  const unworkable =
    execution === undefined || execution.style === 'parts' ? undefined : workedExitFault(execution, request)
  if (unworkable !== undefined) return { code: 'UNSUPPORTED_ORDER_TYPE', ...unworkable }
  if (request.sizedIn === undefined) return undefined
  return { code: 'QUANTITY_PRECISION', field: 'sizedIn', message: 'an order that reduces a position is sized in units' }
}

/**
 * Whether an order of this side would take off what is held; what says so itself is held to that, whatever is held. Less than a lot is nothing
 * to take off: nobody can leave it, and it would keep its symbol from entries to the other side for good.
 */
function reducesPosition(
  runtime: KernelRuntime,
  { reduceOnly, symbol, side }: OrderIntent,
  instrument: Instrument | undefined,
): boolean {
  if (reduceOnly === true) return true
  const held = runtime.state.ledger.units(symbol)
  if (held.isZero() || held.isPositive() !== (side === 'sell')) return false
  return instrument === undefined || held.abs().gte(decimal(instrument.lotSize))
}

function headerOf(runtime: KernelRuntime, intent: OrderIntent, instrument: Instrument | undefined): OrderHeader {
  const { account, symbol, exits, contingency } = intent
  const orderId = runtime.ids.next('order')
  const reduceOnly = reducesPosition(runtime, intent, instrument)
  const execution = reduceOnly ? (intent.execution ?? partsPlan(runtime, intent, instrument)) : intent.execution
  const request = orderRequest(intent, clientOrderId({ orderId, account, attempt: 1, revision: 0 }), reduceOnly)
  const { netting } = runtime.state.risk.policy
  const nets =
    netting === 'internal-cross' &&
    canNet({
      contingency,
      execution,
      request,
      ...(instrument === undefined ? undefined : settlementTerms(instrument, runtime.state.currency)),
    })
  const asset = instrument?.asset ?? symbol
  const createdAt = runtime.clock.now()
  const header =
    contingency === undefined && execution === undefined && !nets && exits === undefined
      ? plainHeader(intent, { asset, createdAt, orderId, request })
      : headerWithTerms(intent, { asset, createdAt, execution, nets, orderId, request })
  return instrument === undefined ? header : settledAs(runtime, instrument, header)
}

type HeaderParts = Pick<OrderHeader, 'asset' | 'createdAt' | 'orderId' | 'request'>

/**
 * In one piece, as most are: an object that grows field by field is moved on its way. Keys as canonical JSON has them, here and wherever a record is
 * made for each order: it is written twice as fast then.
 */
function plainHeader(intent: OrderIntent, { asset, createdAt, orderId, request }: HeaderParts): OrderHeader {
  return {
    agent: intent.agent,
    asset,
    causationId: intent.causationId,
    correlationId: intent.correlationId,
    createdAt,
    decidedAt: intent.decidedAt,
    intentId: intent.intentId,
    orderId,
    purpose: request.reduceOnly ? 'exit-intent' : 'entry',
    request,
    strategy: intent.strategy,
  }
}

function headerWithTerms(
  intent: OrderIntent,
  {
    asset,
    createdAt,
    execution,
    nets,
    orderId,
    request,
  }: HeaderParts & { readonly execution: OrderHeader['execution']; readonly nets: boolean },
): OrderHeader {
  const { contingency, exits } = intent
  const { reduceOnly } = request
  const purpose = reduceOnly ? 'exit-intent' : 'entry'
  if (exits !== undefined && !reduceOnly && contingency === undefined && execution === undefined && !nets) {
    return {
      agent: intent.agent,
      asset,
      causationId: intent.causationId,
      correlationId: intent.correlationId,
      createdAt,
      decidedAt: intent.decidedAt,
      exits,
      intentId: intent.intentId,
      orderId,
      purpose,
      request,
      strategy: intent.strategy,
    }
  }
  const header: Mutable<Partial<OrderHeader>> = { agent: intent.agent, asset, causationId: intent.causationId }
  if (contingency !== undefined) header.contingency = contingency
  header.correlationId = intent.correlationId
  header.createdAt = createdAt
  header.decidedAt = intent.decidedAt
  if (execution !== undefined) header.execution = execution
  if (exits !== undefined && !reduceOnly) header.exits = exits
  if (exits !== undefined && reduceOnly) header.idleExits = exits
  header.intentId = intent.intentId
  if (nets) header.nets = true
  header.orderId = orderId
  header.purpose = purpose
  header.request = request
  header.strategy = intent.strategy
  return header as OrderHeader
}

type Mutable<T> = { -readonly [Key in keyof T]: T[Key] }
