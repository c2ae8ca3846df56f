import type { BrokerEvent } from '../orders/broker.js'
import { compareExecutions } from '../orders/compare-executions.js'
import { toldExecution } from '../orders/execution-book.js'
import { noted, nothingNoted } from '../orders/noted.js'
import type { OrderRecord } from '../orders/order-record.js'
import { sendingOf } from '../orders/order-state.js'
import { carryOnAmendment } from './amend-desk.js'
import { hasContingencies, keepContingencies } from './contingency-desk.js'
import { alert, commit, type KernelRuntime } from './kernel-runtime.js'
import { checkLosses } from './loss-desk.js'
import { cancelAmended } from './order-desk.js'
import { protect } from './protection-desk.js'
import { clearTheWay } from './self-trade.js'
import { noteVenueWord, withTradeId } from './venue-word.js'
import { endWorked } from './worked-order.js'
import { withdrawLeft } from './working-desk.js'

/**
 * Brings the venue's word into the books and the exits in line with them. An event that was heard before changes nothing. A promise only
 * where something must be sent.
 */
export function takeBrokerEvent(runtime: KernelRuntime, told: BrokerEvent): Promise<void> | undefined {
  const event = withTradeId(told)
  const orderId = runtime.state.index.orderByClientId.get(event.clientOrderId)
  const order = orderId === undefined ? undefined : runtime.state.orders.get(orderId)
  if (order === undefined) {
    noteExternal(
      runtime,
      event,
      'EXTERNAL_ORDER',
      `the venue speaks of order ${event.clientOrderId}, which is not ours`,
    )
    return undefined
  }
  if (wasHeard(order, event)) return undefined
  if (isStrayRefusal(order, event)) {
    // Asked about soon: when it surfaces, the cancel is asked for again.
    runtime.unansweredCancels.add(order.header.orderId)
    return undefined
  }
  if (event.type === 'filled' && toldExecution(order.state, event.execution.tradeId) !== undefined) {
    const message = `execution ${event.execution.tradeId} came a second time with other figures; the first ones stand`
    noteExternal(runtime, event, 'CONFLICTING_EXECUTION', message)
    return undefined
  }
  noteVenueWord(runtime, order, event)
  if (hasMoreToDo(runtime, order, event)) return carryOn(runtime, order, event)
  const protecting = protectAfter(runtime, order, event)
  if (protecting !== undefined) return protecting.then(() => checkAfter(runtime, event))
  checkAfter(runtime, event)
  return undefined
}

/**
 * A venue that knows no such order refuses to cancel it. Of one that it never spoke of that says nothing, as a look-up that does not find it says
 * nothing: its request may be on its way.
 */
function isStrayRefusal({ state }: OrderRecord, event: BrokerEvent): boolean {
  return event.type === 'cancel-rejected' && event.code === 'ORDER_NOT_FOUND' && state.venueOrderId === undefined
}

/** Whether an event may concern more than the exits of its symbol: an order that is worked, tied to others, amended, or now live. */
function hasMoreToDo(runtime: KernelRuntime, { state, header }: OrderRecord, { type }: BrokerEvent): boolean {
  return (
    type === 'triggered' ||
    header.parentOrderId !== undefined ||
    state.revisions !== undefined ||
    runtime.state.index.working.size > 0 ||
    hasContingencies(runtime)
  )
}

/** What other orders, a worked one, or a revision wait for; then the exits. */
async function carryOn(runtime: KernelRuntime, order: OrderRecord, event: BrokerEvent): Promise<void> {
  const { orderId, parentOrderId, request } = order.header
  if (event.type === 'triggered') await clearTheWay(runtime, orderId)
  if (event.type === 'filled' && request.reduceOnly && runtime.state.index.working.size > 0)
    await withdrawLeft(runtime, request.symbol)
  if (parentOrderId !== undefined) endWorked(runtime, parentOrderId)
  if (!isRefusal(event, order.header) && hasContingencies(runtime)) await keepContingencies(runtime)
  if (order.state.revisions !== undefined) {
    await cancelAmended(runtime, orderId, event)
    await carryOnAmendment(runtime, orderId)
  }
  await protectAfter(runtime, order, event)
  checkAfter(runtime, event)
}

/** A venue that refuses a cancel, or to move an exit of ours, is asked again when the market moves on, not at once: it might refuse for ever. */
function isRefusal({ type }: BrokerEvent, { purpose }: OrderRecord['header']): boolean {
  return (
    type === 'cancel-rejected' ||
    (type === 'replace-rejected' && (purpose === 'exit-stop' || purpose === 'exit-target'))
  )
}

function protectAfter(runtime: KernelRuntime, { header }: OrderRecord, event: BrokerEvent): Promise<void> | undefined {
  return isRefusal(event, header) ? undefined : protect(runtime, header.request.symbol)
}

function checkAfter(runtime: KernelRuntime, { type }: BrokerEvent): void {
  if (type === 'filled' || type === 'busted' || type === 'corrected') checkLosses(runtime)
}

function wasHeard({ state }: OrderRecord, event: BrokerEvent): boolean {
  switch (event.type) {
    case 'filled': {
      const known = toldExecution(state, event.execution.tradeId)
      return (
        noted(state.misfits, event.eventId) !== undefined ||
        (known !== undefined && compareExecutions(known, event.execution) === 0)
      )
    }
    case 'corrected': {
      const known = noted(state.corrections ?? nothingNoted, event.execution.tradeId)
      return (
        noted(state.misfits, event.eventId) !== undefined ||
        (known !== undefined && known.time === event.time && known.eventId === event.eventId)
      )
    }
    case 'busted':
      return noted(state.busted, event.tradeId) === true
    case 'cancel-rejected':
      return noted(sendingOf(state, event.clientOrderId)?.cancelRejections ?? nothingNoted, event.eventId) === true
    case 'replaced':
    case 'replace-rejected':
      return noted(state.revisions ?? nothingNoted, event.by)?.words[event.type] === true
    default:
      return sendingOf(state, event.clientOrderId)?.words[event.type] === true
  }
}

function noteExternal(runtime: KernelRuntime, event: BrokerEvent, code: string, message: string): void {
  if (runtime.state.external.has(event.eventId)) return
  commit(runtime, { type: 'external-event', time: runtime.clock.now(), event })
  alert(runtime, code, message)
}
