import { type Decimal, decimal, decimalText, divide, zero } from '../money/decimal.js'
import type { BrokerEvent } from '../orders/broker.js'
import { clientOrderId } from '../orders/client-order-id.js'
import type { CrossSide, InternalCross } from '../orders/internal-cross.js'
import type { OrderHeader, OrderRecord } from '../orders/order-record.js'
import type { ExitPlan } from '../orders/order-request.js'
import { newOrderState } from '../orders/order-state.js'
import { applyOrderEvent } from '../orders/reduce-order.js'
import { mergedExitPlan } from '../protection/merged-exit-plan.js'
import type { RoundTrip } from '../protection/round-trip.js'
import type { KernelRecord } from './kernel-record.js'
import { type KernelState, preparePut } from './kernel-state.js'
import { orderOf } from './order-of.js'

type Crossed = Extract<KernelRecord, { type: 'crossed' }>

/** Works out what a cross makes of both orders and of the round trip; the function that it returns puts it there. Cash and position stay. */
export function preparedCross(state: KernelState, { cross, time }: Crossed): () => void {
  const changed: OrderRecord[] = []
  for (const side of [cross.buy, cross.sell]) changed.push(...sideAfter(state, cross, side, time))
  const entry = [cross.buy, cross.sell]
    .map(({ orderId }) => orderOf(state, orderId))
    .find(({ header }) => !header.request.reduceOnly)
  return () => {
    // One after the other: each counts what is set aside from where the one before has left it.
    for (const order of changed) preparePut(state, order)()
    const trip = state.trips.get(cross.symbol)
    if (trip === undefined || entry === undefined) return
    const waiting = withoutCrossedExit(trip, state)
    const taken = takeOver(state, cross, entry.header)
    state.trips.set(
      cross.symbol,
      taken === undefined
        ? { ...withPlan(waiting, mergedExitPlan(trip.side, trip.plan, entry.header.exits)), ...crossIdsOf(trip, cross) }
        : { ...withPlan(waiting, entry.header.exits ?? trip.plan), ...taken, ...crossIdsOf(trip, cross) },
    )
  }
}

/** An order that is no longer to be crossed. */
export function withoutCrossing(order: OrderRecord): OrderRecord {
  const { crossing: _, ...rest } = order
  return rest
}

/**
 * Whoever holds all of it after the cross has the mandate: its plan takes the place of the old one whole, its sessions count from now, and
 * its chain is that of the exits. Undefined where others hold units too: then the plan joins theirs as that of any entry does, and no
 * stop is loosened.
 */
function takeOver(state: KernelState, cross: InternalCross, entry: OrderHeader): Partial<RoundTrip> | undefined {
  const { agent, strategy, intentId, correlationId, causationId } = entry
  const crossed = decimal(cross.quantity)
  let others = zero
  let units = crossed
  let cost = crossed.times(decimal(cross.price))
  for (const part of state.activity.holdings(cross.symbol)) {
    if (part.use.agent !== agent || part.use.strategy !== strategy) others = others.plus(part.units)
    else {
      units = units.plus(part.units)
      cost = cost.plus(part.cost)
    }
  }
  if (others.gt(crossed)) return undefined
  const takenOverAt = decimalText(divide(cost, units, averagePlaces, 'half-even'))
  return { agent, strategy, intentId, correlationId, causationId, takenOverAt, sessionsHeld: 0 }
}

/** Decimals kept of an average price. */
const averagePlaces = 12

function withPlan(trip: RoundTrip, plan: ExitPlan | undefined): RoundTrip {
  return plan === undefined ? trip : { ...trip, plan }
}

function crossIdsOf({ crossIds = [] }: RoundTrip, { crossId }: InternalCross): Pick<RoundTrip, 'crossIds'> {
  return { crossIds: [...crossIds, crossId] }
}

/**
 * The order that has the cross, and where that is another one what is left of the order that it was taken from. Of an order at the venue
 * nothing changes here: the venue has amended it down before.
 */
function sideAfter(state: KernelState, cross: InternalCross, side: CrossSide, time: number): readonly OrderRecord[] {
  const order = orderOf(state, side.orderId)
  if (side.crossedOrderId === side.orderId)
    return [
      withoutCrossing({ ...order, state: applyOrderEvent(order.state, filledBy(state, cross, order.header, time)) }),
    ]
  const header = headerOf(order.header, cross, side, time)
  const fresh = newOrderState(cross.quantity, { clientOrderId: header.request.clientOrderId })
  const crossed: OrderRecord = {
    header,
    findings: [],
    warnings: [],
    state: applyOrderEvent(fresh, filledBy(state, cross, header, time)),
  }
  const rest = { ...order, crossedQuantity: decimalText(crossedOf(order).plus(decimal(cross.quantity))) }
  return [side.left === undefined ? rest : withoutCrossing(reducedTo(rest, side.left)), crossed]
}

/** What of an order went within the account without the venue, which its own quantity no longer has. */
export function crossedOf({ crossedQuantity }: OrderRecord): Decimal {
  return crossedQuantity === undefined ? zero : decimal(crossedQuantity)
}

/** An order that is not sent yet, for less than before: nobody but these books knows of it. */
function reducedTo(order: OrderRecord, left: string): OrderRecord {
  const { header, state } = order
  return {
    ...order,
    header: {
      ...header,
      askedQuantity: header.askedQuantity ?? header.request.quantity,
      request: { ...header.request, quantity: left },
    },
    state: { ...state, orderedQuantity: left, leavesQuantity: left },
  }
}

function headerOf(from: OrderHeader, { quantity }: InternalCross, side: CrossSide, time: number): OrderHeader {
  const { decidedAt: _, contingency: __, nets: ___, ...kept } = from
  const { account } = from.request
  const orderId = side.crossedOrderId
  const id = clientOrderId({ orderId, account, attempt: 1, revision: 0 })
  const request = { ...from.request, clientOrderId: id, quantity }
  return { ...kept, crossOf: from.orderId, createdAt: time, orderId, request }
}

function filledBy(
  { currency }: KernelState,
  { crossId, price, quantity }: InternalCross,
  { request }: OrderHeader,
  time: number,
): Extract<BrokerEvent, { type: 'filled' }> {
  return {
    type: 'filled',
    eventId: crossId,
    clientOrderId: request.clientOrderId,
    venueOrderId: '',
    time,
    execution: {
      tradeId: crossId,
      price,
      quantity,
      fee: '0',
      feeCurrency: currency,
      referencePrice: price,
      referenceTime: time,
      liquidity: 'taker',
    },
  }
}

/** An exit that was crossed whole no longer waits. */
function withoutCrossedExit(trip: RoundTrip, state: KernelState): RoundTrip {
  const { queuedExitOrderId, ...rest } = trip
  return queuedExitOrderId !== undefined && state.orders.get(queuedExitOrderId)?.state.status === 'filled' ? rest : trip
}
