import { decimalText, type OrderRequest } from '@tradeswarm/trading'
import { type Refusal, refusal, restingTimes } from './order-form.js'
import type { OrderAmounts, RestingOrder } from './resting-order.js'
import type { Trail } from './trailing-level.js'

/** What an amendment may not touch: it is another order then. */
const fixedFields = ['symbol', 'side', 'type', 'sizedIn', 'reduceOnly'] as const

/** Why these terms are no amendment of that order, if they are none. */
export function checkAmendment(order: RestingOrder, request: OrderRequest): Refusal | undefined {
  for (const field of fixedFields) {
    if (request[field] === order.request[field]) continue
    return refusal('INVALID_ORDER', `${field}: an amendment keeps it; cancel the order and place another one`)
  }
  return undefined
}

/** Why an order cannot be amended to this size, if it cannot. */
export function checkAmendedSize(order: RestingOrder, { quantity }: OrderAmounts): Refusal | undefined {
  if (quantity.gt(order.filled)) return undefined
  return refusal('QUANTITY_BELOW_MINIMUM', `quantity: ${decimalText(order.filled)} of the order is filled already`)
}

/** True when an order keeps its place in the queue: it only gets smaller, or its time changes. */
export function keepsPriority(order: RestingOrder, amounts: OrderAmounts, request: OrderRequest): boolean {
  return (
    amounts.quantity.lte(order.quantity) &&
    request.limitPrice === order.request.limitPrice &&
    request.stopPrice === order.request.stopPrice &&
    isSameTrail(amounts.trail, order.trail) &&
    (request.postOnly === true) === (order.request.postOnly === true) &&
    restingTimes.has(order.request.timeInForce) &&
    restingTimes.has(request.timeInForce)
  )
}

function isSameTrail(a: Trail | undefined, b: Trail | undefined): boolean {
  if (a === undefined || b === undefined) return a === b
  if ('amount' in a) return 'amount' in b && a.amount.eq(b.amount)
  return 'fraction' in b && a.fraction.eq(b.fraction)
}
