import { zero } from '@tradeswarm/trading'
import { marginModeOf } from './margin-mode.js'
import type { OkxTerms } from './okx-order.js'
import { noFunds, type OkxRefusal, refuse, wrongParameter } from './okx-refusal.js'
import type { OkxVenue } from './okx-venue.js'
import type { EngineRefusal } from './okx-venue-parts.js'

/** What OKX says where the matching engine does not take an order. */
export function refusalOf({ code }: EngineRefusal, { listing, side, tdMode }: OkxTerms, venue: OkxVenue): OkxRefusal {
  switch (code) {
    case 'INSUFFICIENT_FUNDS':
      return noFunds(listing.quote, listing.instType === 'SWAP' ? '1001' : '1000')
    case 'NOT_SHORTABLE':
      return noFunds(listing.base)
    case 'QUANTITY_PRECISION':
      return refuse('51121', 'Order quantity must be a multiple of the lot size.')
    case 'QUANTITY_BELOW_MINIMUM':
    case 'NOTIONAL_BELOW_MINIMUM':
      return refuse('51020', 'Your order should meet or exceed the minimum order amount.')
    case 'PRICE_PRECISION':
      return refuse('51150', 'The precision of the number of trades or the price exceeds the limit.')
    case 'TRADING_HALTED':
      return refuse('51022', 'Contract suspended.')
    case 'REDUCE_ONLY_WOULD_INCREASE_POSITION': {
      const held = venue.positions.units(listing.instId, marginModeOf(tdMode))
      const isSameWay = side === 'buy' ? held.gt(zero) : held.lt(zero)
      return isSameWay
        ? refuse('51170', "A reduce-only order can't be the same trading direction as your existing positions.")
        : refuse('51169', "Order failed because you don't have any positions in this direction to reduce or close.")
    }
    default:
      return wrongParameter('sz')
  }
}

/** The same for an amendment. */
export function amendRefusalOf(refusal: EngineRefusal, terms: OkxTerms, venue: OkxVenue): OkxRefusal {
  switch (refusal.code) {
    case 'ORDER_NOT_OPEN':
    case 'ORDER_NOT_FOUND':
      return refuse('51503', 'Your order has already been filled or canceled.')
    case 'INSUFFICIENT_FUNDS':
    case 'NOT_SHORTABLE':
      return refuse('51502', 'Unable to edit order: insufficient balance or margin.', '1030')
    case 'POST_ONLY_WOULD_TRADE':
      return refuse('51511', 'Modification failed as the order price did not meet the requirement for Post Only.')
    default:
      return refusalOf(refusal, terms, venue)
  }
}
