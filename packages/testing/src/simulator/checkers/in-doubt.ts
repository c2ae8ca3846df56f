import type { OrderRequest } from '@tradeswarm/trading'
import type { CheckerWorld } from './checker.js'
import { type FoldedOrder, foldedStatus, requestsOf } from './folded-order.js'

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

/** Whether the venue has, or had, an order under the id of a request. */
export function isAtVenue({ venue }: World, { clientOrderId }: OrderRequest): boolean {
  return venue.orders.some(({ request }) => request.clientOrderId === clientOrderId)
}

function mayAlwaysCome({ scenario }: World, { timeInForce, type }: OrderRequest): boolean {
  if (timeInForce !== 'gtc' && timeInForce !== 'gtd') return false
  const { requestLifetimeMs, requestLifetimeOf: types, tellsExecutions } = scenario.venue
  return requestLifetimeMs === undefined || types?.includes(type) === false || !tellsExecutions
}
