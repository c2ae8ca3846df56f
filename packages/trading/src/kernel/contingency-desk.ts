import type { OrderHeader, OrderRecord } from '../orders/order-record.js'
import { isOpen } from '../orders/order-state.js'
import { largerReservation } from '../risk/reservation.js'
import type { RiskFinding } from './kernel.js'
import type { KernelRuntime } from './kernel-runtime.js'
import { groupKey } from './kernel-state.js'
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
  return orderOfIntent(runtime, header.contingency.intentId)?.state.status !== 'filled'
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
  for (const key of Array.from(splitGroups)) {
    const { open, executed } = groups.get(key) ?? nobody
    for (const orderId of Array.from(open))
      if (executed.size > 1 || !executed.has(orderId))
        await requestCancel(runtime, orderId, 'another order of its group was executed')
  }
  for (const orderId of Array.from(parked)) await release(runtime, orderId)
}

const nobody = { open: new Set<string>(), executed: new Set<string>() }

async function release(runtime: KernelRuntime, orderId: string): Promise<void> {
  const order = runtime.state.orders.get(orderId)
  if (order?.header.contingency?.type !== 'one-triggers-other') return
  const parent = orderOfIntent(runtime, order.header.contingency.intentId)
  if (parent === undefined || !isOpen(parent.state.status)) {
    if (parent?.state.status !== 'filled') {
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
