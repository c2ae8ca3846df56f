import type { OrderHeader } from '../orders/order-record.js'
import type { OrderIntent, OrderRequest } from '../orders/order-request.js'

/**
 * Whether an intent is, field by field, the one that an order was made for: the header of an order holds all that its intent said. Comparing costs a
 * tenth of hashing.
 */
export function isIntentOf(header: OrderHeader, intent: OrderIntent): boolean {
  return (
    isRequestOf(header.request, intent) &&
    (header.askedQuantity ?? header.request.quantity) === intent.quantity &&
    header.intentId === intent.intentId &&
    header.agent === intent.agent &&
    header.strategy === intent.strategy &&
    header.decidedAt === intent.decidedAt &&
    header.causationId === intent.causationId &&
    header.correlationId === intent.correlationId &&
    isSameJson(header.exits ?? header.idleExits, intent.exits) &&
    isSameJson(header.contingency, intent.contingency) &&
    isSameJson(askedExecution(header), intent.execution)
  )
}

/** That a venue takes less as one order is no part of what was asked for. */
function askedExecution({ execution }: OrderHeader): OrderIntent['execution'] {
  return execution?.style === 'parts' ? undefined : execution
}

/** So many fields are in every intent. */
const requiredFields = 12

/** Whether a value may be an intent without any field that not every intent has, but for the plan of exits. Its fields are not looked at. */
export function isPlainIntent(value: unknown): value is OrderIntent {
  if (typeof value !== 'object' || value === null) return false
  let fields = 0
  for (const _ in value) fields += 1
  const { exits } = value as { readonly exits?: unknown }
  return fields === (exits === undefined ? requiredFields : requiredFields + 1)
}

/** Written out, field by field: a loop over their names takes several times as long. */
function isRequestOf(request: OrderRequest, intent: OrderIntent): boolean {
  return (
    request.account === intent.account &&
    request.symbol === intent.symbol &&
    request.side === intent.side &&
    request.type === intent.type &&
    request.timeInForce === intent.timeInForce &&
    request.sizedIn === intent.sizedIn &&
    request.limitPrice === intent.limitPrice &&
    request.stopPrice === intent.stopPrice &&
    request.trailAmount === intent.trailAmount &&
    request.trailFraction === intent.trailFraction &&
    request.expiresAt === intent.expiresAt &&
    request.postOnly === intent.postOnly &&
    // An order may reduce without having been asked to.
    (intent.reduceOnly === undefined || request.reduceOnly)
  )
}

/** Whether two values of plain JSON are the same, whatever the order of their fields; a field that is undefined is none. */
export function isSameJson(one: unknown, other: unknown): boolean {
  if (one === other) return true
  if (typeof one !== 'object' || typeof other !== 'object' || one === null || other === null) return false
  const left = one as Readonly<Record<string, unknown>>
  const right = other as Readonly<Record<string, unknown>>
  for (const key in left) if (!isSameJson(left[key], right[key])) return false
  for (const key in right) if (right[key] !== undefined && left[key] === undefined) return false
  return true
}
