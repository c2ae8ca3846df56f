import type { OrderRequest } from '@tradeswarm/trading'
import { magnitude } from '../exact.js'
import type { CheckerWorld } from './checker.js'
import { exitsBeside } from './exits-beside.js'
import { type FoldedOrder, foldedStatus, requestsOf } from './folded-order.js'

type World = Pick<CheckerWorld, 'scenario' | 'venue'>

/**
 * Whether nobody can ever know what became of an order: a request of it got no answer, the venue does not have it, and it is good for more
 * than a session at a venue that does not say for how long a request may be late, or cannot tell what it has executed. It holds no order of
 * ours at rest otherwise.
 */
export function staysInDoubt(world: World, order: FoldedOrder): boolean {
  return isLost(world, order, ['gtc'])
}

/** As that, for now: what is good until an instant may come until then. */
export function isInDoubtYet(world: World, order: FoldedOrder): boolean {
  return isLost(world, order, ['gtc', 'gtd'])
}

function isLost(world: World, order: FoldedOrder, lasting: readonly OrderRequest['timeInForce'][]): boolean {
  return (
    foldedStatus(order) === 'unknown' &&
    requestsOf(order).some(
      (request) => lasting.includes(request.timeInForce) && !isAtVenue(world, request) && mayAlwaysCome(world, request),
    )
  )
}

/**
 * Whether nobody knows what became of an order of a symbol that must not be sent again: a second sending might be a second order, or it is an
 * exit for more than is held by now, by itself or with the others that are live or may be, as after a correction. It is waited for, some for
 * ever. Or an order of somebody else holds units.
 */
export function isHeldInDoubt(world: World, symbol: string, orders: Iterable<FoldedOrder>): boolean {
  const own = [...orders].filter(({ header }) => header.request.symbol === symbol)
  const isShort = world.venue.position(symbol) < 0n
  if (isHeldByOthers(world, symbol, isShort ? 'buy' : 'sell')) return true
  // What would enlarge the position holds none of its units.
  const unknown = own.filter((order) => {
    const { reduceOnly, side } = order.header.request
    return foldedStatus(order) === 'unknown' && !(reduceOnly && (side === 'buy') !== isShort)
  })
  if (unknown.length === 0 || world.scenario.venue.clientOrderIds === 'live') return unknown.length > 0
  const held = magnitude(world.venue.position(symbol))
  const mayAct = own.filter((order) => mayBeLive(world, order))
  return unknown.some(({ header: { request } }) => request.reduceOnly && exitsBeside(request, mayAct) > held)
}

/** Whether an order of somebody else, which a kernel lets be, holds units at a venue that lets no two orders have the same ones. */
function isHeldByOthers({ scenario, venue }: World, symbol: string, side: 'buy' | 'sell'): boolean {
  if (scenario.venue.holdsStopAndTarget) return false
  return venue.orders.some(
    ({ external, status, request }) =>
      external && status === 'open' && request.symbol === symbol && request.side === side,
  )
}

/** Whether an order rests at the venue, or nobody can tell: what the venue would tell of on being asked is over. */
function mayBeLive(world: World, order: FoldedOrder): boolean {
  const isUnknown = foldedStatus(order) === 'unknown'
  return requestsOf(order).some(({ clientOrderId }) => {
    const found = world.venue.orders.find(({ request }) => request.clientOrderId === clientOrderId)
    return found === undefined ? isUnknown : found.status === 'open'
  })
}

/** Whether the venue has, or had, an order under the id of a request. */
export function isAtVenue({ venue }: World, { clientOrderId }: OrderRequest): boolean {
  return venue.orders.some(({ request }) => request.clientOrderId === clientOrderId)
}

function mayAlwaysCome({ scenario }: World, { type }: OrderRequest): boolean {
  const { requestLifetimeMs, requestLifetimeOf: types, tellsExecutions } = scenario.venue
  return requestLifetimeMs === undefined || types?.includes(type) === false || !tellsExecutions
}
