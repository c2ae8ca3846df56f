import { messageOf, SwarmError } from '@tradeswarm/core'
import type { LedgerEvent } from '../ledger/ledger-event.js'
import type { BrokerEvent } from '../orders/broker.js'
import { isInForce } from '../orders/execution-in-force.js'
import { noted } from '../orders/noted.js'
import type { OrderRecord } from '../orders/order-record.js'
import { executionOf } from '../orders/order-state.js'
import { applyOrderEvent } from '../orders/reduce-order.js'
import { syntheticTradeId } from '../orders/synthetic-trade-id.js'
import { checkRejections } from './automatic-halts.js'
import { correctDividends } from './dividend-desk.js'
import { fillEventOf } from './fill-event-of.js'
import type { ClosedPosition } from './kernel.js'
import type { KernelRecord } from './kernel-record.js'
import { alert, commit, commitExecution, type KernelRuntime, tellOrder } from './kernel-runtime.js'
import { bookedRate } from './settled-as.js'

/** An execution that its venue does not name gets a name that follows from its figures. */
export function withTradeId(event: BrokerEvent): BrokerEvent {
  if (event.type !== 'filled' || event.execution.tradeId !== '') return event
  const { execution, clientOrderId, time } = event
  return { ...event, execution: { ...execution, tradeId: syntheticTradeId({ ...execution, clientOrderId, time }) } }
}

/** Journals the venue's word about an order of ours, books what it moved, and tells of it. */
export function noteVenueWord(runtime: KernelRuntime, before: OrderRecord, event: BrokerEvent): void {
  const { orderId, request } = before.header
  let closed: ClosedPosition | undefined
  const isCorrected = event.type === 'corrected' && bookCorrection(runtime, before, event)
  if (event.type === 'filled') closed = commitFill(runtime, before, event)
  else commit(runtime, { event, orderId, time: runtime.clock.now(), type: 'order-event' })
  const state = runtime.state.orders.get(orderId)?.state
  if (state === undefined) return
  if (!isCorrected && isInForce(state, event)) {
    if (event.type === 'corrected') closed = bookFill(runtime, before, event)
    tellFill(runtime, before, event, event.execution.tradeId)
  }
  if (event.type === 'busted') {
    closed = bookBust(runtime, before, event)
    alert(
      runtime,
      'EXECUTION_BUSTED',
      `the venue took execution ${event.tradeId} of order ${orderId} back`,
      request.symbol,
    )
  }
  if (state.status !== before.state.status || state.filledQuantity !== before.state.filledQuantity) {
    tellOrder(runtime, orderId)
    if (before.header.parentOrderId !== undefined && state.filledQuantity !== before.state.filledQuantity)
      tellOrder(runtime, before.header.parentOrderId)
  }
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
  if (state.status === 'rejected') checkRejections(runtime)
  const misfit = noted(state.misfits, event.eventId)
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
 * Books what the last word in a journal moved, where it was not booked with it: a crash may have come between the two lines, and an execution
 * that the order knows is never asked for again.
 */
export function bookLastWord(runtime: KernelRuntime, last: KernelRecord): void {
  const order = last.type === 'order-event' ? runtime.state.orders.get(last.orderId) : undefined
  if (order === undefined || last.type !== 'order-event') return
  const { event } = last
  let closed: ClosedPosition | undefined
  if (last.entry !== undefined) return
  if (event.type === 'filled' && isInForce(order.state, event)) {
    closed = bookFill(runtime, order, event)
    tellFill(runtime, order, event, event.execution.tradeId)
  } else if (event.type === 'busted') closed = bookBust(runtime, order, event)
  if (closed !== undefined) runtime.outbox.push({ type: 'position-closed', position: closed, time: event.time })
}

function bookBust(
  runtime: KernelRuntime,
  order: OrderRecord,
  event: Extract<BrokerEvent, { type: 'busted' }>,
): ClosedPosition | undefined {
  const { account, symbol } = order.header.request
  const { tradeId } = event
  return book(runtime, order, { type: 'bust', ...citing(order, event), account, symbol, tradeId })
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

/**
 * Gives an execution of the books its corrected figures, if they hold, before the order knows of them: the round trip needs the old ones.
 * False where the books have no figures of it yet.
 */
function bookCorrection(
  runtime: KernelRuntime,
  order: OrderRecord,
  event: Extract<BrokerEvent, { type: 'corrected' }>,
): boolean {
  const { state, header } = order
  const { tradeId, price, quantity, fee, feeCurrency } = event.execution
  if (executionOf(state, tradeId) === undefined || noted(state.busted, tradeId) === true) return false
  if (!isInForce(applyOrderEvent(state, event), event)) return true
  const { account, symbol } = header.request
  const figures = { tradeId, price, quantity, fee, feeCurrency }
  book(runtime, order, { type: 'correction', ...citing(order, event), account, symbol, ...figures })
  tellFill(runtime, order, event, `${tradeId}@${event.time}`)
  alert(runtime, 'EXECUTION_CORRECTED', `the venue corrected execution ${tradeId} of order ${header.orderId}`, symbol)
  return true
}

function bookFill(
  runtime: KernelRuntime,
  order: OrderRecord,
  event: Extract<BrokerEvent, { type: 'filled' | 'corrected' }>,
): ClosedPosition | undefined {
  return book(runtime, order, fillEventOf(order.header, event))
}

/** The word of an execution and its booking. Where the ledger does not take it, the word alone is noted: it was executed all the same. */
function commitFill(
  runtime: KernelRuntime,
  order: OrderRecord,
  event: Extract<BrokerEvent, { type: 'filled' }>,
): ClosedPosition | undefined {
  const record = { event, orderId: order.header.orderId, time: runtime.clock.now(), type: 'order-event' } as const
  let closed: ClosedPosition | undefined
  try {
    closed = commitExecution(runtime, record, order.header).closed
  } catch (thrown) {
    if (SwarmError.isInstance(thrown) && thrown.code.startsWith('KERNEL_')) throw thrown
    commit(runtime, record)
    noteUnbooked(runtime, order, event.eventId, thrown)
    return undefined
  }
  correctDividends(runtime, order.header.request.symbol)
  return closed
}

function tellFill(
  runtime: KernelRuntime,
  { header }: OrderRecord,
  { execution, time }: Extract<BrokerEvent, { type: 'filled' | 'corrected' }>,
  tradeId: string,
): void {
  const { orderId, intentId, correlationId, causationId } = header
  const { symbol, side } = header.request
  const { quantity, price, fee } = execution
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
    time,
  })
}

/** Books an event of an order. */
function book(runtime: KernelRuntime, order: OrderRecord, event: LedgerEvent): ClosedPosition | undefined {
  const time = runtime.clock.now()
  let closed: ClosedPosition | undefined
  try {
    const { orderId, currency } = order.header
    const record = { event, orderId, time, type: 'booked' } as const
    closed = commit(
      runtime,
      currency === undefined ? record : { ...record, ...bookedRate(runtime, order.header) },
    ).closed
  } catch (thrown) {
    noteUnbooked(runtime, order, event.eventId, thrown)
    return undefined
  }
  correctDividends(runtime, order.header.request.symbol)
  return closed
}

/** What cannot be booked leaves the books short of the venue: no more entries until a person has looked. */
function noteUnbooked(runtime: KernelRuntime, { header }: OrderRecord, eventId: string, thrown: unknown): void {
  const time = runtime.clock.now()
  const reason = `event ${eventId} of order ${header.orderId} could not be booked: ${messageOf(thrown)}`
  commit(runtime, { type: 'halted', time, cause: 'books', state: 'reducing', reason })
  alert(runtime, 'BOOKING_FAILED', reason, header.request.symbol)
  runtime.outbox.push({ type: 'trading-state', state: 'reducing', reason, time })
}
