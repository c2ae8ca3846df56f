import { canonicalJson } from '@tradeswarm/core'
import { type Decimal, decimal, decimalText, zero } from '../money/decimal.js'
import type { Execution } from './broker.js'
import type { OrderEvent } from './order-event.js'
import { isOpen, newOrderState, type OrderState } from './order-state.js'
import { orderStatus } from './order-status.js'

/** The state that a set of events makes of an order: the same for every permutation and with any of them repeated. */
export function reduceOrder(orderedQuantity: string, events: Iterable<OrderEvent>): OrderState {
  let state = newOrderState(orderedQuantity)
  for (const event of events) state = applyOrderEvent(state, event)
  return state
}

/** A state in the making: a copy that nobody else has seen yet. */
type Draft = { -readonly [Field in keyof OrderState]: OrderState[Field] }

/**
 * The state after one more event. Nothing is lost that comes early: a bust waits for its execution, a fill does not wait for its acceptance.
 * An event that cannot belong is kept among the misfits and changes nothing.
 */
export function applyOrderEvent(state: OrderState, event: OrderEvent): OrderState {
  const draft: Draft = { ...state }
  if (takes(draft, event)) settle(draft)
  return draft
}

/** Adds what an event says to the facts; false where nothing follows from it. */
function takes(draft: Draft, event: OrderEvent): boolean {
  switch (event.type) {
    case 'filled':
      noteVenueOrderId(draft, event.venueOrderId)
      return takesFill(draft, event.eventId, event.execution)
    case 'busted':
      noteVenueOrderId(draft, event.venueOrderId)
      return takesBust(draft, event.tradeId)
    case 'cancel-requested':
      draft.cancelRequests = { ...draft.cancelRequests, [event.eventId]: true }
      return true
    case 'cancel-rejected':
      noteVenueOrderId(draft, event.venueOrderId)
      draft.cancelRejections = { ...draft.cancelRejections, [event.eventId]: true }
      return true
    case 'rejected':
      noteVenueOrderId(draft, event.venueOrderId)
      noteRefusal(draft, event)
      break
    case 'submission-failed':
      noteRefusal(draft, event)
      break
    case 'accepted':
    case 'triggered':
    case 'canceled':
    case 'expired':
      noteVenueOrderId(draft, event.venueOrderId)
      break
    case 'denied':
    case 'permitted':
    case 'submitted':
    case 'submission-unknown':
    case 'lapsed':
      break
  }
  draft.words = { ...draft.words, [event.type]: true }
  return true
}

/** A venue that gives an order two ids has it known by the one that sorts first, whichever came first. */
function noteVenueOrderId(draft: Draft, venueOrderId: string): void {
  if (venueOrderId === '' || (draft.venueOrderId !== undefined && draft.venueOrderId <= venueOrderId)) return
  draft.venueOrderId = venueOrderId
}

function noteRefusal(draft: Draft, event: Extract<OrderEvent, { type: 'rejected' | 'submission-failed' }>): void {
  const told = { code: event.code, message: event.message }
  const known = draft.rejection
  if (known === undefined || canonicalJson(told) < canonicalJson(known)) draft.rejection = told
}

function takesFill(draft: Draft, eventId: string, execution: Execution): boolean {
  const fault = executionFault(execution)
  if (fault !== undefined) {
    draft.misfits = { ...draft.misfits, [eventId]: fault }
    return false
  }
  const known = draft.executions[execution.tradeId]
  if (known !== undefined && canonicalJson(known) <= canonicalJson(execution)) return false
  draft.executions = { ...draft.executions, [execution.tradeId]: execution }
  if (known !== undefined) recount(draft)
  else if (draft.busted[execution.tradeId] !== true) addAmounts(draft, execution, 1)
  return true
}

function takesBust(draft: Draft, tradeId: string): boolean {
  if (draft.busted[tradeId] === true) return false
  const execution = draft.executions[tradeId]
  if (execution !== undefined) addAmounts(draft, execution, -1)
  draft.busted = { ...draft.busted, [tradeId]: true }
  return true
}

/** Adds (or takes back) one execution. */
function addAmounts(draft: Draft, execution: Execution, sign: 1 | -1): void {
  const { price, fee, feeCurrency } = execution
  const quantity = decimal(execution.quantity)
  draft.filledQuantity = added(draft.filledQuantity, quantity, sign)
  draft.filledNotional = added(draft.filledNotional, quantity.times(decimal(price)), sign)
  draft.fees = withFee(draft.fees, feeCurrency, added(draft.fees[feeCurrency] ?? '0', decimal(fee), sign))
}

function added(total: string, amount: Decimal, sign: 1 | -1): string {
  if (total === '0') return decimalText(sign === 1 ? amount : amount.neg())
  return decimalText(sign === 1 ? decimal(total).plus(amount) : decimal(total).minus(amount))
}

function withFee(fees: OrderState['fees'], currency: string, total: string): OrderState['fees'] {
  const { [currency]: _, ...others } = fees
  return total === '0' ? others : { ...others, [currency]: total }
}

function recount(draft: Draft): void {
  draft.filledQuantity = '0'
  draft.filledNotional = '0'
  draft.fees = {}
  for (const [tradeId, execution] of Object.entries(draft.executions)) {
    if (draft.busted[tradeId] !== true) addAmounts(draft, execution, 1)
  }
}

function executionFault(execution: Execution): string | undefined {
  try {
    if (!decimal(execution.quantity, 'quantity').isPositive()) return `quantity: "${execution.quantity}" is not above 0`
    if (!decimal(execution.price, 'price').isPositive()) return `price: "${execution.price}" is not above 0`
    decimal(execution.fee, 'fee')
    return undefined
  } catch (thrown) {
    return thrown instanceof Error ? thrown.message : String(thrown)
  }
}

/** Fills in what follows from the facts: status, leaves, overfill. */
function settle(draft: Draft): void {
  const ordered = decimal(draft.orderedQuantity)
  const filled = decimal(draft.filledQuantity)
  const { words } = draft
  const tradeIds = Object.keys(draft.executions)
  const anyExecution = tradeIds.length > 0
  const cancelRejected = Object.keys(draft.cancelRejections).length
  draft.status = orderStatus({
    words,
    anyExecution,
    anyFilled: filled.isPositive(),
    fullyExecuted: anyExecution && executedQuantity(draft, tradeIds, filled).gte(ordered),
    cancelPending: Object.keys(draft.cancelRequests).length > cancelRejected,
    venueSpoke:
      anyExecution ||
      cancelRejected > 0 ||
      words.accepted === true ||
      words.triggered === true ||
      words.rejected === true ||
      words.canceled === true ||
      words.expired === true,
  })
  const left = ordered.minus(filled)
  draft.leavesQuantity = left.isPositive() && isOpen(draft.status) ? decimalText(left) : '0'
  draft.overfilledQuantity = left.isNegative() ? decimalText(left.neg()) : '0'
}

function executedQuantity(state: OrderState, tradeIds: readonly string[], filled: Decimal): Decimal {
  if (Object.keys(state.busted).length === 0) return filled
  let sum = zero
  for (const tradeId of tradeIds) {
    const execution = state.executions[tradeId]
    if (execution !== undefined) sum = sum.plus(decimal(execution.quantity))
  }
  return sum
}
