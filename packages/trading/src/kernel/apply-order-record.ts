import type { FillEvent } from '../ledger/ledger-event.js'
import { isInForce } from '../orders/execution-in-force.js'
import type { OrderEvent } from '../orders/order-event.js'
import type { OrderHeader, OrderRecord } from '../orders/order-record.js'
import type { OrderState } from '../orders/order-state.js'
import { applyOrderEvent, assessedOrderState } from '../orders/reduce-order.js'
import { sendingInForce } from '../orders/request-in-force.js'
import type { Verdict } from '../risk/risk-authority.js'
import { applyBooking } from './apply-booking.js'
import { changeTrip, countRefusal, withoutDue, withoutTimeExit } from './change-trip.js'
import { fillEventOf } from './fill-event-of.js'
import { changing, type KernelEffect, nothing } from './kernel-effect.js'
import type { KernelRecord, OrderEventRecord } from './kernel-record.js'
import { type KernelState, preparePut } from './kernel-state.js'
import { orderOf } from './order-of.js'
import { afterWord } from './risk-after.js'

/** What a verdict changes: its order, the parent of that, and the round trip that it leaves. */
export function preparedAssessment(
  state: KernelState,
  { header, verdict }: Extract<KernelRecord, { type: 'order-assessed' }>,
): () => KernelEffect {
  const { permit } = verdict
  const { quantity, clientOrderId, sizedIn } = header.request
  const orderState = assessedOrderState(
    quantity,
    { clientOrderId, sizedIn, multiplier: header.multiplier },
    permit === undefined ? 'denied' : 'permitted',
  )
  const order = assessedOrder(header, verdict, orderState)
  const put = preparePut(state, order)
  const putParent = header.parentOrderId === undefined ? undefined : preparedParent(state, header.parentOrderId)
  return () => {
    put()
    putParent?.()
    if (header.purpose === 'exit-time') changeTrip(state, header.request.symbol, withoutTimeExit)
    else if (isWatchedExit(header)) changeTrip(state, header.request.symbol, withoutDue)
    if (permit === undefined) countRefusal(state, order)
    return nothing
  }
}

function isWatchedExit({ purpose, request }: OrderHeader): boolean {
  return (purpose === 'exit-stop' || purpose === 'exit-target') && request.type === 'market'
}

/** The order that a verdict was given on; in one piece, as nearly all are. */
function assessedOrder(header: OrderHeader, verdict: Verdict, state: OrderState): OrderRecord {
  const { permit, reservation, findings, warnings, approved } = verdict
  if (approved === undefined && permit !== undefined && reservation !== undefined)
    return { header, findings, warnings, permit, reservation, state }
  if (approved === undefined && permit === undefined && reservation === undefined)
    return { header, findings, warnings, state }
  return {
    header,
    findings,
    warnings,
    ...(permit === undefined ? {} : { permit }),
    ...(reservation === undefined ? {} : { reservation }),
    ...(approved === undefined ? {} : { approved }),
    state,
  }
}

export function preparedAmendment(
  state: KernelState,
  { orderId, event, permit, reservation }: Extract<KernelRecord, { type: 'order-amended' }>,
): () => KernelEffect {
  const order = orderOf(state, orderId)
  const next: OrderRecord = { ...order, permit, state: applyOrderEvent(order.state, event) }
  return changing(preparePut(state, reservation === undefined ? next : { ...next, reservation }))
}

export function preparedOrderEvent(state: KernelState, record: OrderEventRecord): () => KernelEffect {
  const { fill, put } = preparedWord(state, record)
  return () => {
    const effect = record.entry === undefined ? nothing : bookWord(state, record.orderId, fill)
    put()
    return effect
  }
}

/** What a word does to its order, and what is to be booked of it. */
export function preparedWord(
  state: KernelState,
  { orderId, event }: OrderEventRecord,
): { readonly fill: FillEvent | undefined; readonly put: () => void } {
  const order = orderOf(state, orderId)
  const next: OrderRecord = { ...order, state: applyOrderEvent(order.state, event) }
  const put = preparePut(state, next)
  const ended = next.state.status !== order.state.status && unaskedEnds.has(next.state.status)
  const putParent = preparedWorked(state, order, event)
  const unasked = ended && Object.keys(sendingInForce(next).cancelRequests).length === 0
  return {
    fill: event.type === 'filled' && isInForce(next.state, event) ? fillEventOf(order.header, event) : undefined,
    put: () => {
      put()
      putParent?.()
      if (unasked) countRefusal(state, next)
      state.risk = afterWord(state.risk, event.type)
    },
  }
}

export function bookWord(state: KernelState, orderId: string, fill: FillEvent | undefined): KernelEffect {
  return fill === undefined ? nothing : { ...applyBooking(state, { event: fill, orderId }), fill }
}

/** A parent with one more child. The child sets nothing aside of its own, so that both can be prepared side by side. */
function preparedParent(state: KernelState, parentOrderId: string): () => void {
  const parent = orderOf(state, parentOrderId)
  return preparePut(state, { ...parent, children: (parent.children ?? 0) + 1 })
}

/** What children execute, their parent has executed: its state is that of one order with the executions of all. */
function preparedWorked(state: KernelState, { header }: OrderRecord, event: OrderEvent): (() => void) | undefined {
  if (header.parentOrderId === undefined) return undefined
  if (event.type !== 'filled' && event.type !== 'busted' && event.type !== 'corrected') return undefined
  const parent = state.orders.get(header.parentOrderId)
  // It ended so long ago that it is forgotten: its child alone hears the late word.
  if (parent === undefined) return undefined
  const { clientOrderId } = parent.header.request
  return preparePut(state, {
    ...parent,
    state: applyOrderEvent(parent.state, { ...event, clientOrderId, venueOrderId: '' }),
  })
}

const unaskedEnds: ReadonlySet<string> = new Set(['rejected', 'canceled', 'expired', 'denied'])
