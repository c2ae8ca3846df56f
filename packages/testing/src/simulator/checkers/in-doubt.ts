import type { OrderRequest } from '@tradeswarm/trading'
import { magnitude } from '../exact.js'
import type { CheckerWorld } from './checker.js'
import { type FoldedOrder, foldedLeaves, foldedStatus, requestsOf } from './folded-order.js'

type World = Pick<CheckerWorld, 'scenario' | 'venue'>

/**
 * Whether nobody can ever know what became of an order: a request of it got no answer, the venue does not have it, and it is good for more
 * than a session at a venue that does not say for how long a request may be late, or cannot tell what it has executed. It holds no order of
 * ours at rest otherwise.
 */
export function staysInDoubt(world: World, order: FoldedOrder): boolean {
  return (
    foldedStatus(order) === 'unknown' &&
    requestsOf(order).some((request) => !isAtVenue(world, request) && mayAlwaysCome(world, request))
  )
}

/**
 * Whether nobody knows what became of an order that must not be sent again: a second sending might be a second order, or it is an exit for
 * more than is held by now, as after a correction. It is waited for, some for ever.
 */
export function mayNotBeSentAgain({ scenario, venue }: World, order: FoldedOrder): boolean {
  if (foldedStatus(order) !== 'unknown') return false
  const { reduceOnly, symbol } = order.header.request
  const isTooMuch = reduceOnly && foldedLeaves(order) > magnitude(venue.position(symbol))
  return scenario.venue.clientOrderIds === 'live' || isTooMuch
}

/** Whether the venue has, or had, an order under the id of a request. */
export function isAtVenue({ venue }: World, { clientOrderId }: OrderRequest): boolean {
  return venue.orders.some(({ request }) => request.clientOrderId === clientOrderId)
}

function mayAlwaysCome({ scenario }: World, { timeInForce, type }: OrderRequest): boolean {
  if (timeInForce !== 'gtc' && timeInForce !== 'gtd') return false
  const { requestLifetimeMs, requestLifetimeOf: types, tellsExecutions } = scenario.venue
  return requestLifetimeMs === undefined || types?.includes(type) === false || !tellsExecutions
}
