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

/**
 * The state after one more event. Nothing is lost that comes early: a bust waits for its execution, a fill does not wait for its acceptance.
 * An event that cannot belong is kept among the misfits and changes nothing.
 */
export function applyOrderEvent(state: OrderState, event: OrderEvent): OrderState {
  switch (event.type) {
    case 'filled':
      return withFill(withVenueOrderId(state, event.venueOrderId), event.eventId, event.execution)
    case 'busted':
      return withBust(withVenueOrderId(state, event.venueOrderId), event.tradeId)
    case 'cancel-requested':
      return settle({ ...state, cancelRequests: { ...state.cancelRequests, [event.eventId]: true } })
    case 'cancel-rejected':
      return settle({
        ...withVenueOrderId(state, event.venueOrderId),
        cancelRejections: { ...state.cancelRejections, [event.eventId]: true },
      })
    case 'rejected':
      return withRefusal(withVenueOrderId(state, event.venueOrderId), event)
    case 'submission-failed':
      return withRefusal(state, event)
    case 'accepted':
    case 'triggered':
    case 'canceled':
    case 'expired':
      return settle({ ...withVenueOrderId(state, event.venueOrderId), words: { ...state.words, [event.type]: true } })
    case 'denied':
    case 'permitted':
    case 'submitted':
    case 'submission-unknown':
    case 'lapsed':
      return settle({ ...state, words: { ...state.words, [event.type]: true } })
  }
}

/** A venue that gives an order two ids has it known by the one that sorts first, whichever came first. */
function withVenueOrderId(state: OrderState, venueOrderId: string): OrderState {
  if (venueOrderId === '' || (state.venueOrderId !== undefined && state.venueOrderId <= venueOrderId)) return state
  return { ...state, venueOrderId }
}

function withRefusal(
  state: OrderState,
  event: Extract<OrderEvent, { type: 'rejected' | 'submission-failed' }>,
): OrderState {
  const told = { code: event.code, message: event.message }
  const known = state.rejection
  const rejection = known === undefined || canonicalJson(told) < canonicalJson(known) ? told : known
  return settle({ ...state, rejection, words: { ...state.words, [event.type]: true } })
}

function withFill(state: OrderState, eventId: string, execution: Execution): OrderState {
  const fault = executionFault(execution)
  if (fault !== undefined) return { ...state, misfits: { ...state.misfits, [eventId]: fault } }
  const known = state.executions[execution.tradeId]
  if (known !== undefined && canonicalJson(known) <= canonicalJson(execution)) return state
  const executions = { ...state.executions, [execution.tradeId]: execution }
  if (known !== undefined) return settle(recounted({ ...state, executions }))
  const counted = state.busted[execution.tradeId] === true ? state : withAmounts(state, execution, 1)
  return settle({ ...counted, executions })
}

function withBust(state: OrderState, tradeId: string): OrderState {
  if (state.busted[tradeId] === true) return state
  const execution = state.executions[tradeId]
  const counted = execution === undefined ? state : withAmounts(state, execution, -1)
  return settle({ ...counted, busted: { ...state.busted, [tradeId]: true } })
}

/** Adds (or takes back) one execution. */
function withAmounts(state: OrderState, execution: Execution, sign: 1 | -1): OrderState {
  const add = (total: string, amount: Decimal): string =>
    decimalText(sign === 1 ? decimal(total).plus(amount) : decimal(total).minus(amount))
  const quantity = decimal(execution.quantity)
  return {
    ...state,
    filledQuantity: add(state.filledQuantity, quantity),
    filledNotional: add(state.filledNotional, quantity.times(decimal(execution.price))),
    fees: withFee(
      state.fees,
      execution.feeCurrency,
      add(state.fees[execution.feeCurrency] ?? '0', decimal(execution.fee)),
    ),
  }
}

function withFee(fees: OrderState['fees'], currency: string, total: string): OrderState['fees'] {
  const { [currency]: _, ...others } = fees
  return total === '0' ? others : { ...others, [currency]: total }
}

function recounted(state: OrderState): OrderState {
  let counted: OrderState = { ...state, filledQuantity: '0', filledNotional: '0', fees: {} }
  for (const [tradeId, execution] of Object.entries(state.executions)) {
    if (state.busted[tradeId] !== true) counted = withAmounts(counted, execution, 1)
  }
  return counted
}

function executionFault(execution: Execution): string | undefined {
  try {
    if (!decimal(execution.quantity, 'quantity').gt(zero)) return `quantity: "${execution.quantity}" is not above 0`
    if (!decimal(execution.price, 'price').gt(zero)) return `price: "${execution.price}" is not above 0`
    decimal(execution.fee, 'fee')
    return undefined
  } catch (thrown) {
    return thrown instanceof Error ? thrown.message : String(thrown)
  }
}

/** Fills in what follows from the facts: status, leaves, overfill. */
function settle(state: OrderState): OrderState {
  const ordered = decimal(state.orderedQuantity)
  const filled = decimal(state.filledQuantity)
  const { words } = state
  const tradeIds = Object.keys(state.executions)
  const anyExecution = tradeIds.length > 0
  const cancelRejected = Object.keys(state.cancelRejections).length
  const status = orderStatus({
    words,
    anyExecution,
    anyFilled: filled.gt(zero),
    fullyExecuted: anyExecution && executedQuantity(state, tradeIds).gte(ordered),
    cancelPending: Object.keys(state.cancelRequests).length > cancelRejected,
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
  return {
    ...state,
    status,
    leavesQuantity: isOpen(status) && left.gt(zero) ? decimalText(left) : '0',
    overfilledQuantity: left.lt(zero) ? decimalText(filled.minus(ordered)) : '0',
  }
}

function executedQuantity(state: OrderState, tradeIds: readonly string[]): Decimal {
  if (Object.keys(state.busted).length === 0) return decimal(state.filledQuantity)
  let sum = zero
  for (const tradeId of tradeIds) {
    const execution = state.executions[tradeId]
    if (execution !== undefined) sum = sum.plus(decimal(execution.quantity))
  }
  return sum
}
