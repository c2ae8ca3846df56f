import { decimalText, zero } from '@tradeswarm/trading'
import type { ListedAsset } from './fake-assets.js'
import type { FakeTerms } from './fake-order.js'
import { type FakeRefusal, forbidden, invalid, malformed, refuse } from './fake-refusal.js'
import type { EngineRefusal } from './fake-venue.js'

/** What Alpaca says where the matching engine does not take an order. */
export function refusalOf({ code, message }: EngineRefusal, terms: FakeTerms, buyingPower: string): FakeRefusal {
  switch (code) {
    case 'INSUFFICIENT_FUNDS':
      return forbidden('insufficient buying power', { buying_power: buyingPower, cost_basis: costBasis(terms) })
    case 'NOT_SHORTABLE':
      return forbidden('account is not allowed to short')
    case 'NOTIONAL_BELOW_MINIMUM':
      return belowMinimum(terms.asset)
    case 'QUANTITY_PRECISION':
    case 'QUANTITY_BELOW_MINIMUM':
      return malformed(`invalid qty: ${message}`)
    case 'TRADING_HALTED':
      return refuse(403, 40310010, `${terms.asset.symbol} is halted`)
    case 'ORDER_NOT_OPEN':
    case 'ORDER_NOT_FOUND':
      return invalid('order is no longer open')
    default:
      return invalid(message)
  }
}

/** An order that is worth too little. */
export function belowMinimum({ minimumNotional }: ListedAsset): FakeRefusal {
  return forbidden(`cost basis must be >= minimal amount of order ${minimumNotional}`)
}

function costBasis({ quantity, notional, limitPrice, stopPrice }: FakeTerms): string {
  const price = limitPrice ?? stopPrice
  return decimalText(notional ?? (price === undefined ? zero : price.times(quantity ?? zero)))
}
