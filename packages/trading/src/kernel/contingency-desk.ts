import { decimal, zero } from '../money/decimal.js'
import { toldExecutions } from '../orders/execution-book.js'
import { noted } from '../orders/noted.js'
import type { OrderHeader, OrderRecord } from '../orders/order-record.js'
import { executionOf, filledMeasure, isOpen } from '../orders/order-state.js'
import { requestInForce, sendingInForce } from '../orders/request-in-force.js'
import { largerReservation } from '../risk/reservation.js'
import { contain } from './contain.js'
import { hasPassed } from './has-passed.js'
import type { RiskFinding } from './kernel.js'
import type { KernelRuntime } from './kernel-runtime.js'
import { groupKey } from './kernel-state.js'
import { fetchMissing } from './missing-executions.js'
import { denyOrder, freshPermit, requestCancel, sendOrder } from './order-desk.js'

/** Why an order cannot be part of what its contingency names; undefined where it can. */
export function contingencyFault(runtime: KernelRuntime, header: OrderHeader): RiskFinding | undefined {
  const key = groupKey(header)
  if (key !== undefined && (runtime.state.index.groups.get(key)?.executed.size ?? 0) > 0)
    return { code: 'INVALID_INTENT', message: `contingency.group: an order of this group was executed already` }
  if (header.contingency?.type !== 'one-triggers-other') return undefined
  const { intentId } = header.contingency
  const parent = orderOfIntent(runtime, intentId)
  if (parent === undefined || parent.header.agent !== header.agent)
    return {
      code: 'INVALID_INTENT',
      message: `contingency.intentId: intent ${intentId} was not assessed for ${header.agent}; ask for it first`,
    }
  if (header.request.reduceOnly)
    return {
      code: 'INVALID_INTENT',
      message: 'contingency: an exit waits for nothing; levels to leave at come with the exit plan of an entry',
    }
  return undefined
}

/** Whether an order has to wait for another one to fill before it is sent. */
export function waitsForParent(runtime: KernelRuntime, { header }: OrderRecord): boolean {
  if (header.contingency?.type !== 'one-triggers-other') return false
  const parent = orderOfIntent(runtime, header.contingency.intentId)
  return parent === undefined || !isWhole(runtime, parent)
}

/**
 * Whether an order got all that it could. One that is sized in the currency seldom comes out even: its venue ends it when what is left, fees
 * counted in, pays for no further lot at the highest price it has paid.
 */
function isWhole({ broker }: KernelRuntime, { state, header }: OrderRecord): boolean {
  const { status, sizedIn, orderedQuantity, fees, multiplier = '1' } = state
  if (status === 'filled') return true
  const instrument = broker?.instrument(header.request.symbol)
  if (sizedIn !== 'quote' || (status !== 'canceled' && status !== 'expired') || instrument === undefined) return false
  let highest = zero
  for (const { tradeId } of Object.values(toldExecutions(state))) {
    const price = decimal(executionOf(state, tradeId)?.price ?? '0')
    if (price.gt(highest)) highest = price
  }
  const fee = decimal(noted(fees, instrument.currency) ?? '0')
  const left = decimal(orderedQuantity).minus(filledMeasure(state)).minus(fee)
  return left.lt(highest.times(decimal(instrument.lotSize)).times(decimal(multiplier)))
}

/** Whether there may be something to carry out. */
export function hasContingencies({ state }: KernelRuntime): boolean {
  return state.index.splitGroups.size > 0 || state.index.parked.size > 0
}

/**
 * Carries out what orders have agreed on: where one of a group was executed, the others are cancelled; what waited for an order that has
 * filled is sent under a fresh permit, or withdrawn where that order ended otherwise. It follows from the books alone, so that it may be
 * done again at any time, after a restart as well.
 */
export async function keepContingencies(runtime: KernelRuntime): Promise<void> {
  const { groups, splitGroups, parked } = runtime.state.index
  for (const orderId of runtime.cancelAskedAt.keys())
    if (!isOpen(runtime.state.orders.get(orderId)?.state.status ?? 'canceled')) runtime.cancelAskedAt.delete(orderId)
  for (const key of Array.from(splitGroups)) {
    const { open, executed } = groups.get(key) ?? nobody
    for (const orderId of Array.from(open))
      if (executed.size > 1 || !executed.has(orderId))
        await contain(runtime, `withdrawing order ${orderId} of a group`, symbolOf(runtime, orderId), () =>
          cancelMember(runtime, orderId),
        )
  }
  for (const orderId of Array.from(parked))
    await contain(runtime, `sending order ${orderId}, which waited`, symbolOf(runtime, orderId), () =>
      release(runtime, orderId),
    )
}

function symbolOf({ state }: KernelRuntime, orderId: string): string | undefined {
  return state.orders.get(orderId)?.header.request.symbol
}

/** A venue that refused a cancel is asked again so much later, and after each refusal twice as late… */
const firstPauseMs = 1_000
/** …up to this. */
const lastPauseMs = 60_000

async function cancelMember(runtime: KernelRuntime, orderId: string): Promise<void> {
  const { cancelAskedAt, clock, state } = runtime
  const order = state.orders.get(orderId)
  const refusals = order === undefined ? 0 : Object.keys(sendingInForce(order).cancelRejections).length
  const askedAt = cancelAskedAt.get(orderId)
  // After a restart nobody knows when it was: it is asked at once.
  if (askedAt !== undefined && !hasPassed(clock.now(), askedAt, pauseAfter(refusals))) return
  if (order?.state.status !== 'pending-cancel') cancelAskedAt.set(orderId, clock.now())
  await requestCancel(runtime, orderId, 'another order of its group was executed')
}

function pauseAfter(refusals: number): number {
  if (refusals === 0) return 0
  let pauseMs = firstPauseMs
  for (let doubled = 1; doubled < refusals && pauseMs < lastPauseMs; doubled += 1) pauseMs *= 2
  return Math.min(pauseMs, lastPauseMs)
}

const nobody = { open: new Set<string>(), executed: new Set<string>() }

async function release(runtime: KernelRuntime, orderId: string): Promise<void> {
  const order = runtime.state.orders.get(orderId)
  if (order?.header.contingency?.type !== 'one-triggers-other') return
  const { intentId } = order.header.contingency
  let parent = orderOfIntent(runtime, intentId)
  if (parent === undefined || !isOpen(parent.state.status)) {
    // The word that ended it may have come before its last execution.
    if (parent?.state.sizedIn === 'quote' && !isWhole(runtime, parent)) {
      await fetchMissing(runtime, requestInForce(parent).clientOrderId)
      parent = orderOfIntent(runtime, intentId)
    }
    if (parent === undefined || !isWhole(runtime, parent)) {
      const message = 'the order that was to trigger it ended without being filled'
      denyOrder(runtime, orderId, [{ code: 'APPROVAL_EXPIRED', message }])
      return
    }
    const { findings, reservation } = runtime.authority.reassess(order.header, order.approved)
    if (findings.some(({ code }) => code === 'RECONCILING')) return
    if (findings.length > 0) {
      denyOrder(runtime, orderId, findings)
      return
    }
    // What it may cost has changed with the price since it was reserved for.
    freshPermit(runtime, order, order.header.request, largerReservation(order.reservation, reservation))
    await sendOrder(runtime, orderId)
  }
}

function orderOfIntent({ state }: KernelRuntime, intentId: string): OrderRecord | undefined {
  const orderId = state.index.orderByIntent.get(intentId)
  return orderId === undefined ? undefined : state.orders.get(orderId)
}
