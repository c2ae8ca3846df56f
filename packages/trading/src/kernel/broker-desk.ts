import type { BrokerEvent } from '../orders/broker.js'
import { compareExecutions } from '../orders/compare-executions.js'
import { toldExecution } from '../orders/execution-book.js'
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

/** Brings the venue's word into the books and the exits in line with them. An event that was heard before changes nothing. */
export async function takeBrokerEvent(runtime: KernelRuntime, told: BrokerEvent): Promise<void> {
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
    return
  }
  if (wasHeard(order, event)) return
  if (event.type === 'filled' && toldExecution(order.state, event.execution.tradeId) !== undefined) {
    const message = `execution ${event.execution.tradeId} came a second time with other figures; the first ones stand`
    noteExternal(runtime, event, 'CONFLICTING_EXECUTION', message)
    return
  }
  noteVenueWord(runtime, order, event)
  if (event.type === 'triggered') await clearTheWay(runtime, order.header.orderId)
  if (event.type === 'filled' && order.header.request.reduceOnly && runtime.state.index.working.size > 0)
    await withdrawLeft(runtime, order.header.request.symbol)
  if (order.header.parentOrderId !== undefined) endWorked(runtime, order.header.parentOrderId)
  // A venue that refuses a cancel is asked again when the market moves on, not at once: it might refuse for ever.
  const isRefusal = event.type === 'cancel-rejected'
  if (!isRefusal && hasContingencies(runtime)) await keepContingencies(runtime)
  if (order.state.revisions !== undefined) {
    await cancelAmended(runtime, order.header.orderId, event)
    await carryOnAmendment(runtime, order.header.orderId)
  }
  if (!isRefusal) await protect(runtime, order.header.request.symbol)
  if (event.type === 'filled' || event.type === 'busted' || event.type === 'corrected') checkLosses(runtime)
}

function wasHeard({ state }: OrderRecord, event: BrokerEvent): boolean {
  switch (event.type) {
    case 'filled': {
      const known = toldExecution(state, event.execution.tradeId)
      return (
        state.misfits[event.eventId] !== undefined ||
        (known !== undefined && compareExecutions(known, event.execution) === 0)
      )
    }
    case 'corrected': {
      const known = state.corrections?.[event.execution.tradeId]
      return (
        state.misfits[event.eventId] !== undefined ||
        (known !== undefined && known.time === event.time && known.eventId === event.eventId)
      )
    }
    case 'busted':
      return state.busted[event.tradeId] === true
    case 'cancel-rejected':
      return sendingOf(state, event.clientOrderId)?.cancelRejections[event.eventId] === true
    case 'replaced':
    case 'replace-rejected':
      return state.revisions?.[event.by]?.words[event.type] === true
    default:
      return sendingOf(state, event.clientOrderId)?.words[event.type] === true
  }
}

function noteExternal(runtime: KernelRuntime, event: BrokerEvent, code: string, message: string): void {
  if (runtime.state.external.has(event.eventId)) return
  commit(runtime, { type: 'external-event', time: runtime.clock.now(), event })
  alert(runtime, code, message)
}
