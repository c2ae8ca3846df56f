import { canonicalJson, messageOf } from '@tradeswarm/core'
import type { LedgerEvent } from '../ledger/ledger-event.js'
import type { BrokerEvent } from '../orders/broker.js'
import type { OrderRecord } from '../orders/order-record.js'
import type { ClosedPosition } from './kernel.js'
import type { KernelRecord } from './kernel-record.js'
import { alert, commit, type KernelRuntime, tellOrder } from './kernel-runtime.js'
import { checkLosses } from './loss-desk.js'
import { protect } from './protection-desk.js'

/** Brings the venue's word into the books and the exits in line with them. An event that was heard before changes nothing. */
export async function takeBrokerEvent(runtime: KernelRuntime, event: BrokerEvent): Promise<void> {
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
  if (event.type === 'filled' && order.state.executions[event.execution.tradeId] !== undefined) {
    const message = `execution ${event.execution.tradeId} came a second time with other figures; the first ones stand`
    noteExternal(runtime, event, 'CONFLICTING_EXECUTION', message)
    return
  }
  noteVenueWord(runtime, order, event)
  // A venue that refuses a cancel is asked again when the market moves on, not at once: it might refuse for ever.
  if (event.type !== 'cancel-rejected') await protect(runtime, order.header.request.symbol)
  if (event.type === 'filled' || event.type === 'busted') checkLosses(runtime)
}

/** Journals the venue's word about an order of ours, books what it moved, and tells of it. */
export function noteVenueWord(runtime: KernelRuntime, before: OrderRecord, event: BrokerEvent): void {
  const { orderId, request } = before.header
  commit(runtime, { type: 'order-event', time: runtime.clock.now(), orderId, event })
  const state = runtime.state.orders.get(orderId)?.state
  if (state === undefined) return
  let closed: ClosedPosition | undefined
  if (event.type === 'filled' && state.executions[event.execution.tradeId] !== undefined)
    closed = bookFill(runtime, before, event)
  if (event.type === 'busted') {
    closed = bookBust(runtime, before, event)
    alert(
      runtime,
      'EXECUTION_BUSTED',
      `the venue took execution ${event.tradeId} of order ${orderId} back`,
      request.symbol,
    )
  }
  if (state.status !== before.state.status || state.filledQuantity !== before.state.filledQuantity)
    tellOrder(runtime, orderId)
  if (closed !== undefined) runtime.outbox.push({ type: 'position-closed', position: closed, time: event.time })
  if (state.status === 'rejected' && before.state.status !== 'rejected' && request.reduceOnly) {
    const why = `${state.rejection?.code ?? ''}: ${state.rejection?.message ?? ''}`
    alert(
      runtime,
      'PROTECTION_REFUSED',
      `the venue rejected the ${before.header.purpose} of ${request.symbol}: ${why}`,
      request.symbol,
    )
  }
  const misfit = state.misfits[event.eventId]
  if (misfit !== undefined)
    alert(
      runtime,
      'MISFIT_EVENT',
      `event ${event.eventId} of order ${orderId} was not applied: ${misfit}`,
      request.symbol,
    )
  if (state.overfilledQuantity !== '0' && before.state.overfilledQuantity === '0') {
    alert(
      runtime,
      'OVERFILLED',
      `order ${orderId} was filled ${state.overfilledQuantity} beyond its quantity`,
      request.symbol,
    )
  }
}

/**
 * Books the execution (or the bust) that a journal ends with: the process died between the venue's word and its booking, and the venue's
 * word alone is known. Anything that came later would have been written after the booking.
 */
export function bookLastWord(runtime: KernelRuntime, last: KernelRecord): void {
  if (last.type !== 'order-event') return
  const order = runtime.state.orders.get(last.orderId)
  if (order === undefined) return
  const { event } = last
  if (event.type === 'filled' && order.state.executions[event.execution.tradeId] !== undefined)
    bookFill(runtime, order, event)
  if (event.type === 'busted') bookBust(runtime, order, event)
}

function wasHeard({ state }: OrderRecord, event: BrokerEvent): boolean {
  switch (event.type) {
    case 'filled': {
      const known = state.executions[event.execution.tradeId]
      return (
        state.misfits[event.eventId] !== undefined ||
        (known !== undefined && canonicalJson(known) === canonicalJson(event.execution))
      )
    }
    case 'busted':
      return state.busted[event.tradeId] === true
    case 'cancel-rejected':
      return state.cancelRejections[event.eventId] === true
    default:
      return state.words[event.type] === true
  }
}

function noteExternal(runtime: KernelRuntime, event: BrokerEvent, code: string, message: string): void {
  if (runtime.state.external.has(event.eventId)) return
  commit(runtime, { type: 'external-event', time: runtime.clock.now(), event })
  alert(runtime, code, message)
}

function citing(
  { header }: OrderRecord,
  event: BrokerEvent,
): Pick<LedgerEvent, 'eventId' | 'time' | 'correlationId' | 'causationId'> {
  return {
    eventId: event.eventId,
    time: event.time,
    correlationId: header.correlationId,
    causationId: header.causationId,
  }
}

function bookFill(
  runtime: KernelRuntime,
  order: OrderRecord,
  event: Extract<BrokerEvent, { type: 'filled' }>,
): ClosedPosition | undefined {
  const { orderId, intentId, request, asset, correlationId, causationId } = order.header
  const { tradeId, price, quantity, fee, feeCurrency } = event.execution
  const { account, symbol, side } = request
  const closed = book(runtime, order, {
    type: 'fill',
    ...citing(order, event),
    account,
    symbol,
    tradeId,
    asset,
    side,
    price,
    quantity,
    fee,
    feeCurrency,
    orderId,
  })
  runtime.outbox.push({
    type: 'fill',
    orderId,
    intentId,
    tradeId,
    symbol,
    side,
    quantity,
    price,
    fee,
    correlationId,
    causationId,
    time: event.time,
  })
  return closed
}

function bookBust(
  runtime: KernelRuntime,
  order: OrderRecord,
  event: Extract<BrokerEvent, { type: 'busted' }>,
): ClosedPosition | undefined {
  const { account, symbol } = order.header.request
  return book(runtime, order, { type: 'bust', ...citing(order, event), account, symbol, tradeId: event.tradeId })
}

/** Books an event of an order. What cannot be booked leaves the books short of the venue: no more entries until a person has looked. */
function book(runtime: KernelRuntime, { header }: OrderRecord, event: LedgerEvent): ClosedPosition | undefined {
  const time = runtime.clock.now()
  try {
    return commit(runtime, { type: 'booked', time, event, orderId: header.orderId }).closed
  } catch (thrown) {
    const reason = `event ${event.eventId} of order ${header.orderId} could not be booked: ${messageOf(thrown)}`
    commit(runtime, { type: 'halted', time, cause: 'books', state: 'reducing', reason })
    alert(runtime, 'BOOKING_FAILED', reason, header.request.symbol)
    runtime.outbox.push({ type: 'trading-state', state: 'reducing', reason, time })
    return undefined
  }
}
