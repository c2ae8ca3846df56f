import { decimal, decimalText, zero } from '../money/decimal.js'
import type { CrossPlan } from '../orders/internal-cross.js'
import type { OrderRecord } from '../orders/order-record.js'
import { isOpen } from '../orders/order-state.js'
import { pendingAmendment, requestInForce, sendingInForce } from '../orders/request-in-force.js'
import { amendRecord } from './amend-desk.js'
import { bookCross } from './book-cross.js'
import { isAcknowledged } from './coverage.js'
import { crossPrice } from './cross-terms.js'
import type { RiskFinding } from './kernel.js'
import { alert, commit, type KernelRuntime } from './kernel-runtime.js'
import { fetchMissing } from './missing-executions.js'
import { denyOrder, requestCancel } from './order-desk.js'
import { makeWay, ordersInTheWay } from './self-trade.js'

/** Whether an exit waits in a symbol, or has waited, that may have to be crossed before it is sent. */
export function hasToNet(runtime: KernelRuntime, symbol: string): boolean {
  return runtime.state.index.crossing.size > 0 || waitingExit(runtime, symbol)?.header.nets === true
}

/**
 * Crosses the exit that waits in a symbol with the entries that are in its way, one after the other: each is amended down first, or
 * cancelled where nothing would be left of it, and the cross is booked when the venue has confirmed that. What is due follows from the
 * books and the market, so that it may be asked for at any time, after a restart as well.
 */
export async function netExit(runtime: KernelRuntime, symbol: string): Promise<void> {
  await dropOverPlans(runtime, symbol)
  for (;;) {
    const exit = waitingExit(runtime, symbol)
    if (exit?.header.nets !== true) return
    const { crossing } = exit
    if (crossing === undefined) {
      if (!(await planCross(runtime, exit))) return
    } else if ((await settleCross(runtime, exit, crossing)) === 'waits') return
  }
}

/** The exit that waits in a symbol to be sent. */
export function waitingExit({ state }: KernelRuntime, symbol: string): OrderRecord | undefined {
  const orderId = state.trips.get(symbol)?.queuedExitOrderId
  const exit = orderId === undefined ? undefined : state.orders.get(orderId)
  return exit?.state.status === 'permitted' ? exit : undefined
}

/** What keeps an order from being sent that could meet another one. */
export function inTheWay({ header }: OrderRecord): RiskFinding {
  return {
    code: 'SELF_TRADE_PREVENTION',
    message: `open order ${header.orderId} of agent ${header.agent} could trade with it, and cannot be crossed with it now: cancel that order first`,
  }
}

/**
 * Plans the cross with the first order that is in the way; one that cannot be crossed with is cancelled. False where there is nothing to plan:
 * the exit is sent when its way is free, or was denied.
 */
async function planCross(runtime: KernelRuntime, exit: OrderRecord): Promise<boolean> {
  const [entry] = ordersInTheWay(runtime, exit.header)
  if (entry === undefined) {
    // Of one that was crossed in part the rest goes on, and has to be an order by itself.
    const findings = runtime.authority.childFaults(exit.header)
    if (findings.length > 0) denyOrder(runtime, exit.header.orderId, findings)
    return false
  }
  const request = requestInForce(entry)
  const price = isAcknowledged(entry) ? crossPrice(runtime, exit.header, { ...entry.header, request }) : undefined
  if (price === undefined) {
    await makeWay(runtime, exit.header)
    return false
  }
  const left = decimal(entry.state.leavesQuantity)
  const wanted = decimal(exit.header.request.quantity)
  const time = runtime.clock.now()
  commit(runtime, {
    type: 'cross-planned',
    time,
    orderId: exit.header.orderId,
    plan: {
      orderId: entry.header.orderId,
      quantity: decimalText(wanted.lt(left) ? wanted : left),
      ordered: entry.state.orderedQuantity,
      requests: requestsOf(entry),
      plannedAt: time,
    },
  })
  return true
}

/** Does what is due of a planned cross. The exit waits for the venue's word, but no longer than a permit lives. */
async function settleCross(runtime: KernelRuntime, exit: OrderRecord, plan: CrossPlan): Promise<'waits' | 'settled'> {
  const entry = runtime.state.orders.get(plan.orderId)
  // Or the clock was put back by more than that.
  const overdue = Math.abs(runtime.clock.now() - plan.plannedAt) > runtime.state.risk.policy.permitLifetimeMs
  const price = entry === undefined ? undefined : crossPrice(runtime, exit.header, asInForce(entry))
  if (entry === undefined || price === undefined || overdue)
    return dropCross(runtime, exit, plan, 'it can no longer be')
  if (!isSettled(entry)) return 'waits'
  const isReduced = !isOpen(entry.state.status) || decimal(entry.state.orderedQuantity).lt(decimal(plan.ordered))
  if (!isReduced) {
    if (requestsOf(entry) !== plan.requests) return dropCross(runtime, exit, plan, 'the venue did not make room for it')
    return (await makeRoom(runtime, entry, plan))
      ? 'waits'
      : dropCross(runtime, exit, plan, 'the entry could not be made smaller')
  }
  if (!isOpen(entry.state.status) && !(await fetchMissing(runtime, requestInForce(entry).clientOrderId))) return 'waits'
  const known = runtime.state.orders.get(plan.orderId) ?? entry
  const freed = decimal(plan.ordered).minus(
    decimal(isOpen(known.state.status) ? known.state.orderedQuantity : known.state.filledQuantity),
  )
  const wanted = decimal(plan.quantity)
  const quantity = freed.lt(wanted) ? freed : wanted
  if (!quantity.gt(zero)) return dropCross(runtime, exit, plan, 'the entry was filled meanwhile')
  await bookCross(runtime, { exit, entry: known, quantity, price })
  return 'settled'
}

/** Has the venue make room for a cross: amend the entry down, or cancel it where all of it is crossed. */
async function makeRoom(runtime: KernelRuntime, entry: OrderRecord, plan: CrossPlan): Promise<boolean> {
  const reason = 'it is crossed with an exit of another principal'
  const whole = decimal(plan.quantity).gte(decimal(entry.state.leavesQuantity))
  if (whole) {
    await requestCancel(runtime, plan.orderId, reason)
    return true
  }
  const quantity = decimalText(decimal(plan.ordered).minus(decimal(plan.quantity)))
  return (await amendRecord(runtime, entry, { quantity }, reason)).status === 'submitted'
}

/**
 * A cross that does not come about. Where the entry is in the way of the exit, it is cancelled, and the exit goes on. The entry of one that was
 * withdrawn gets back what it had given up, once the venue has answered, where it still rests; where it has gone, that is told.
 */
async function dropCross(
  runtime: KernelRuntime,
  exit: OrderRecord,
  plan: CrossPlan,
  why: string,
): Promise<'waits' | 'settled'> {
  const { orderId } = exit.header
  const isWithdrawn = exit.state.status !== 'permitted'
  if (!isWithdrawn) await makeWay(runtime, exit.header)
  const entry = runtime.state.orders.get(plan.orderId)
  if (isWithdrawn && entry !== undefined && !isSettled(entry)) return 'waits'
  commit(runtime, { type: 'cross-dropped', time: runtime.clock.now(), orderId, reason: why })
  if (entry !== undefined) await giveBack(runtime, entry, plan, why)
  return 'settled'
}

/** Amends an entry up again to what it was ordered for; told where that cannot be done. */
async function giveBack(runtime: KernelRuntime, entry: OrderRecord, plan: CrossPlan, why: string): Promise<void> {
  const { status, orderedQuantity } = entry.state
  if (status === 'filled' || requestsOf(entry) === plan.requests) return
  if (isOpen(status) && orderedQuantity === plan.ordered && status !== 'pending-cancel') return
  const isAmended = isOpen(status) && isSettled(entry)
  const reason = `the cross did not come about: ${why}`
  if (isAmended && (await amendRecord(runtime, entry, { quantity: plan.ordered }, reason)).status === 'submitted')
    return
  const message = `entry ${plan.orderId} gave up ${plan.quantity} for a cross that did not come about: ${why}; ask for it anew`
  alert(runtime, 'CROSS_DROPPED', message, entry.header.request.symbol)
}

/** Whether nothing is on the way with an order: it has ended, or it rests as it is. */
function isSettled(order: OrderRecord): boolean {
  return !isOpen(order.state.status) || (isAcknowledged(order) && pendingAmendment(order) === undefined)
}

/** Exits that were denied or overtaken while they were to be crossed. */
async function dropOverPlans(runtime: KernelRuntime, symbol: string): Promise<void> {
  for (const orderId of Array.from(runtime.state.index.crossing)) {
    const exit = runtime.state.orders.get(orderId)
    if (exit?.crossing === undefined || exit.header.request.symbol !== symbol) continue
    if (exit.state.status === 'permitted' && waitingExit(runtime, symbol) === exit) continue
    await dropCross(runtime, exit, exit.crossing, 'the exit was withdrawn')
  }
}

function asInForce(entry: OrderRecord): OrderRecord['header'] {
  return { ...entry.header, request: requestInForce(entry) }
}

/** How often an order was asked to be amended or cancelled so far. */
function requestsOf(order: OrderRecord): number {
  const { revisions = {} } = order.state
  return Object.keys(revisions).length + Object.keys(sendingInForce(order).cancelRequests).length
}
