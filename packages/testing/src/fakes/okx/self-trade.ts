import type { Decimal } from '@tradeswarm/trading'
import type { OkxOrder, OkxTerms } from './okx-order.js'
import type { OkxVenue } from './okx-venue.js'

/**
 * Keeps an order from meeting one of the same account: by default that one is cancelled. An order of our own is met only where the market
 * offers nothing better. Answers the new order where it is the one to be cancelled: it is accepted all the same.
 */
export async function preventSelfTrade(
  terms: OkxTerms,
  open: readonly OkxOrder[],
  far: Decimal | undefined,
  venue: OkxVenue,
): Promise<OkxOrder | undefined> {
  if (terms.ordType === 'post_only') return undefined
  const met = open.filter((order) => meets(terms, order, far))
  if (met.length === 0) return undefined
  if (terms.stpMode !== 'cancel_taker') for (const order of met) await venue.cancel(order, '32')
  return terms.stpMode === 'cancel_maker' ? undefined : venue.turnAway(terms, '32')
}

function meets(terms: OkxTerms, { terms: other }: OkxOrder, far: Decimal | undefined): boolean {
  if (other.side === terms.side || other.price === undefined) return false
  const isBuy = terms.side === 'buy'
  const isBest = far === undefined || (isBuy ? other.price.lte(far) : other.price.gte(far))
  const isWithin = terms.price === undefined || (isBuy ? other.price.lte(terms.price) : other.price.gte(terms.price))
  return isBest && isWithin
}
