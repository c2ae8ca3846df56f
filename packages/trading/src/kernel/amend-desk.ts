import { assertKnownOptions, SwarmError } from '@tradeswarm/core'
import { decimal, decimalText, zero } from '../money/decimal.js'
import type { Broker } from '../orders/broker.js'
import { clientOrderId } from '../orders/client-order-id.js'
import type { AmendedTerms } from '../orders/order-event.js'
import type { OrderRecord } from '../orders/order-record.js'
import type { OrderRequest, OrderType } from '../orders/order-request.js'
import { isOpen, sendingOf } from '../orders/order-state.js'
import { amendedRequest, pendingAmendment, remainingRequest, requestInForce } from '../orders/request-in-force.js'
import { largerReservation } from '../risk/reservation.js'
import { crossedOf } from './apply-cross.js'
import { countEntry } from './automatic-halts.js'
import type { RiskFinding, SubmitResult } from './kernel.js'
import { brokerOf, commit, type KernelRuntime, tellOrder } from './kernel-runtime.js'
import { fetchMissing } from './missing-executions.js'
import { cancelInForce, denyOrder, freshPermit, noteOrderEvent, transmit } from './order-desk.js'

/** What an amendment changes; the rest stays. The quantity is that of the whole order, with what of it was crossed. Decimal texts. */
export type Amendment = Partial<AmendedTerms>

/** An order that the venue acknowledges, and on which nothing else is on the way. */
const amendable: ReadonlySet<string> = new Set(['accepted', 'triggered', 'partially-filled'])

/**
 * Amends an entry that rests, or an exit that an agent asked for: assessed anew for what is left of it, on the same reservation, which is
 * enlarged first where more is needed. What the venue cannot amend is cancelled, and the rest is sent anew once its end is certain.
 * Throws `ORDER_NOT_FOUND`, `ORDER_PROTECTIVE`, `INVALID_DECIMAL`, and `INVALID_OPTION` for what cannot be amended, or nothing at all.
 */
export async function amendOrder(
  runtime: KernelRuntime,
  orderId: string,
  terms: Amendment,
  reason: string,
): Promise<SubmitResult> {
  const order = agentsOrder(runtime, orderId)
  checkAmendment(terms)
  const { quantity } = terms
  const crossed = crossedOf(order)
  if (quantity === undefined || crossed.isZero()) return amendRecord(runtime, order, terms, reason)
  // Whoever asked for it does not know what of it went to the venue.
  const rest = decimal(quantity, 'quantity').minus(crossed)
  if (rest.gt(zero)) return amendRecord(runtime, order, { ...terms, quantity: decimalText(rest) }, reason)
  return { status: 'refused', findings: [nothingLeft(quantity, `${decimalText(crossed)} that were crossed`)] }
}

/** As {@link amendOrder}, of any order that is sent: how the kernel moves its own stops. */
export async function amendRecord(
  runtime: KernelRuntime,
  order: OrderRecord,
  terms: Amendment,
  reason: string,
): Promise<SubmitResult> {
  const { orderId } = order.header
  const fault = amendmentFault(order, terms)
  if (fault !== undefined) return { status: 'refused', findings: [fault] }
  const inForce = requestInForce(order)
  const how = canReplace(brokerOf(runtime), inForce.type) ? 'replace' : 'resend'
  const revision = Object.keys(order.state.revisions ?? {}).length + 1
  const { account } = order.header.request
  const by = clientOrderId({ orderId, account, attempt: 1, revision })
  const amended: AmendedTerms = { quantity: wholeQuantity(order), ...pricesOf(inForce), ...canonicalTerms(terms) }
  const request = amendedRequest(order.header.request, {
    words: {},
    cancelRequests: {},
    cancelRejections: {},
    terms: { ...amended, by, revision, how },
  })
  const left = remainingRequest(request, order.state.filledQuantity)
  const verdict = runtime.authority.reassess({ ...order.header, request: left }, isNoMore(order, amended))
  if (verdict.findings.length > 0) return { status: 'refused', findings: verdict.findings }
  const permit = runtime.authority.renewed({ ...order, header: { ...order.header, request } })
  const time = runtime.clock.now()
  const larger = largerReservation(order.reservation, verdict.reservation)
  commit(runtime, {
    type: 'order-amended',
    time,
    orderId,
    event: { type: 'amend-requested', eventId: `amend-${revision}`, time, by, revision, how, reason, ...amended },
    permit,
    ...(larger === undefined ? {} : { reservation: larger }),
  })
  tellOrder(runtime, orderId)
  if (how === 'resend') {
    await cancelInForce(runtime, runtime.state.orders.get(orderId) ?? order, reason)
    await carryOnAmendment(runtime, orderId)
    return { status: 'submitted', orderId }
  }
  if (!request.reduceOnly) countEntry(runtime)
  const failed = await transmit(runtime, order, request, permit, (permitted) =>
    replaceAtVenue(brokerOf(runtime), inForce.clientOrderId, permitted),
  )
  return failed.length > 0 ? { status: 'refused', findings: failed } : { status: 'submitted', orderId }
}

/** Whether the venue amends a live order of a type itself. */
export function canReplace({ capabilities, replace }: Broker, type: OrderType): boolean {
  if (replace === undefined || capabilities === undefined || capabilities.replace === 'none') return false
  return capabilities.replaceOf?.includes(type) ?? true
}

function replaceAtVenue(
  broker: Broker,
  id: string,
  permitted: Parameters<NonNullable<Broker['replace']>>[1],
): Promise<void> {
  return broker.replace?.(id, permitted) ?? Promise.resolve()
}

/**
 * Goes on with an amendment by cancel and new order: once what rested is over for certain, and all of its executions are known, the rest
 * is sent. Where a cancel is refused, the amendment is given up. Asked again at any time, it does what is due and nothing else.
 */
export async function carryOnAmendment(runtime: KernelRuntime, orderId: string): Promise<void> {
  const order = runtime.state.orders.get(orderId)
  const pending = order === undefined ? undefined : pendingAmendment(order)
  if (order === undefined || pending?.terms.how !== 'resend' || order.state.status !== 'pending-replace') return
  const { by } = pending.terms
  const id = requestInForce(order).clientOrderId
  const sending = sendingOf(order.state, id)
  const ended = sending?.words.canceled === true || sending?.words.expired === true
  if (!ended) {
    const refused = Object.keys(sending?.cancelRejections ?? {}).length
    const asked = Object.keys(sending?.cancelRequests ?? {}).length
    if (asked === 0) await cancelInForce(runtime, order, 'an amendment was begun before a restart')
    else if (refused >= asked)
      denyOrder(runtime, orderId, [{ code: 'CANCEL_REJECTED', message: 'the venue did not cancel what rests' }], by)
    return
  }
  if (!(await fetchMissing(runtime, id))) return
  const known = runtime.state.orders.get(orderId) ?? order
  const left = decimal(pending.terms.quantity).minus(decimal(known.state.filledQuantity))
  if (!left.gt(zero)) {
    denyOrder(runtime, orderId, [{ code: 'QUANTITY_BELOW_MINIMUM', message: 'all of it was filled meanwhile' }], by)
    return
  }
  const quantity = decimalText(left)
  const request = amendedRequest(known.header.request, { ...pending, sentQuantity: quantity })
  const isPermitted = isNoMore(known, pending.terms)
  const { findings, reservation } = runtime.authority.reassess({ ...known.header, request }, isPermitted)
  if (findings.length > 0) {
    if (findings.some(({ code }) => code !== 'RECONCILING')) denyOrder(runtime, orderId, findings, by)
    return
  }
  const permit = freshPermit(runtime, known, request, largerReservation(known.reservation, reservation))
  noteOrderEvent(runtime, orderId, { type: 'submitted', eventId: `submitted:${by}`, by, quantity })
  if (!request.reduceOnly) countEntry(runtime)
  await transmit(runtime, known, request, permit)
}

/**
 * Whether terms are no more than those that the order was first permitted with, by a person or without one: no larger, worth no more, and
 * at no worse a price. Nobody has to be asked for leave to shrink what lives.
 */
function isNoMore({ header: { request } }: OrderRecord, terms: AmendedTerms): boolean {
  const quantity = decimal(terms.quantity)
  if (quantity.gt(decimal(request.quantity))) return false
  for (const field of ['limitPrice', 'stopPrice'] as const) {
    const [before, after] = [request[field], terms[field]]
    if (before === undefined || after === undefined || before === after) continue
    const [was, is] = [decimal(before), decimal(after)]
    if (request.side === 'buy' ? is.gt(was) : is.lt(was)) return false
    if (quantity.times(is).gt(decimal(request.quantity).times(was))) return false
  }
  return true
}

function agentsOrder(runtime: KernelRuntime, orderId: string): OrderRecord {
  const order = runtime.state.orders.get(orderId)
  if (order === undefined)
    throw new SwarmError({
      code: 'ORDER_NOT_FOUND',
      message: `amend: there is no order ${orderId} in account ${runtime.state.account}`,
    })
  const { purpose, request } = order.header
  if (purpose === 'entry' || purpose === 'exit-intent') return order
  throw new SwarmError({
    code: 'ORDER_PROTECTIVE',
    message: `amend: order ${orderId} protects the position in ${request.symbol} (${purpose}), and only the kernel moves such orders`,
  })
}

const amendableTerms = ['quantity', 'limitPrice', 'stopPrice'] as const

function checkAmendment(terms: Amendment): void {
  assertKnownOptions('amend', terms, amendableTerms)
  if (amendableTerms.some((field) => terms[field] !== undefined)) return
  throw new SwarmError({
    code: 'INVALID_OPTION',
    message: `amend: it changes nothing; give at least one of ${amendableTerms.join(', ')}`,
  })
}

function amendmentFault(order: OrderRecord, terms: Amendment): RiskFinding | undefined {
  const { state, header } = order
  if (header.execution !== undefined || header.parentOrderId !== undefined)
    return { code: 'ORDER_NOT_AMENDABLE', message: 'an order that is worked in parts is cancelled and asked for anew' }
  if (!amendable.has(state.status)) {
    const done = isOpen(state.status) ? 'something else is on the way with it, or it did not arrive yet' : 'it is over'
    return { code: 'ORDER_NOT_AMENDABLE', message: `order ${header.orderId} is ${state.status}: ${done}` }
  }
  if (header.request.sizedIn !== undefined)
    return { code: 'ORDER_NOT_AMENDABLE', message: 'an order sized in the currency is cancelled and asked for anew' }
  for (const field of ['limitPrice', 'stopPrice'] as const)
    if (terms[field] !== undefined && header.request[field] === undefined)
      return { code: 'UNSUPPORTED_ORDER_TYPE', message: `${field}: a ${header.request.type} order has none to amend` }
  const quantity = terms.quantity === undefined ? undefined : decimal(terms.quantity, 'quantity')
  if (quantity?.lte(decimal(state.filledQuantity)))
    return nothingLeft(terms.quantity ?? '', `${state.filledQuantity} that are filled`)
  // The stop beside it covers the rest: both together would be more than is held.
  if (header.request.reduceOnly && quantity?.gt(decimal(state.orderedQuantity)) === true)
    return {
      code: 'REDUCE_ONLY_WOULD_INCREASE_POSITION',
      message: `quantity: an exit of ${state.orderedQuantity} is not made larger while the rest is protected; ask for another exit`,
    }
  return undefined
}

function nothingLeft(quantity: string, done: string): RiskFinding {
  return {
    code: 'QUANTITY_BELOW_MINIMUM',
    message: `quantity: ${quantity} is no more than the ${done}; cancel the rest instead`,
  }
}

/** The whole quantity in force: what a request that was sent anew carried is only what was left then. */
function wholeQuantity({ state }: OrderRecord): string {
  return state.orderedQuantity
}

function pricesOf({ limitPrice, stopPrice }: OrderRequest): Pick<AmendedTerms, 'limitPrice' | 'stopPrice'> {
  return { ...(limitPrice === undefined ? {} : { limitPrice }), ...(stopPrice === undefined ? {} : { stopPrice }) }
}

function canonicalTerms(terms: Amendment): Amendment {
  const canonical: { -readonly [Key in keyof Amendment]: Amendment[Key] } = {}
  for (const field of amendableTerms) {
    const text = terms[field]
    if (text !== undefined) canonical[field] = decimalText(decimal(text, field))
  }
  return canonical
}
