import { type Decimal, decimal, type VenueOrder } from '@tradeswarm/trading'
import { statusOf } from './order-status.js'
import type { AlpacaOrder } from './parse-order.js'

type Kind = Pick<AlpacaOrder, 'orderClass' | 'type'>

/** Whether an order is the first of a pair: the target, under our client order id. The stop is its leg, under an id of the venue's. */
export function isTarget({ orderClass, type }: Kind): boolean {
  return orderClass === 'oco' && type === 'limit'
}

/** Whether an order is the stop of a pair. */
export function isStopOfPair({ orderClass, type }: Kind): boolean {
  return orderClass === 'oco' && type !== 'limit'
}

/** The stop of a pair in its latest form, where the venue has told of it. */
export function stopOf({ legs }: AlpacaOrder): AlpacaOrder | undefined {
  return legs.findLast(({ status }) => status !== 'replaced') ?? legs.at(-1)
}

/** What both have executed. */
export function filledOf(target: AlpacaOrder, stop: AlpacaOrder | undefined): Decimal {
  const filled = decimal(target.filledQuantity)
  return stop === undefined ? filled : filled.plus(decimal(stop.filledQuantity))
}

/** What the pair is for: of two that are reduced by what the other executes, the larger. */
export function quantityOf(target: AlpacaOrder, stop: AlpacaOrder | undefined): Decimal {
  const quantity = decimal(target.quantity ?? '0')
  const other = decimal(stop?.quantity ?? '0')
  return other.gt(quantity) ? other : quantity
}

/** The end of a pair: it has filled when both together have, and is open as long as one of them is. */
export function pairStatusOf(
  target: AlpacaOrder,
  stop: AlpacaOrder | undefined,
  wasCancelled: boolean,
): VenueOrder['status'] {
  const status = statusOf(target, wasCancelled)
  if (stop === undefined || status === 'replaced') return status
  if (filledOf(target, stop).gte(quantityOf(target, stop))) return 'filled'
  if (status === 'open' || statusOf(stop, wasCancelled) === 'open') return 'open'
  return status === 'filled' ? 'canceled' : status
}

/** Whether the stop has ended and the target lives on, with something left: then it is no pair any more, and protects nothing. */
export function isHalf(target: AlpacaOrder, stop: AlpacaOrder | undefined): boolean {
  if (stop === undefined || statusOf(target, false) !== 'open' || statusOf(stop, false) === 'open') return false
  return filledOf(target, stop).lt(quantityOf(target, stop))
}
