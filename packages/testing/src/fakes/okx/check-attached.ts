import type { Decimal } from '@tradeswarm/trading'
import { checkDirections } from './algo-prices.js'
import type { AttachedAlgo, PriceType } from './attached-algo.js'
import type { OkxTerms } from './okx-order.js'
import { type OkxRefusal, refuse } from './okx-refusal.js'
import { checkStop } from './read-algo.js'

/** Codes of a take-profit and a stop-loss that the price of their own order has passed, of a buy and of a sale. */
const pastOrder = {
  buy: { tp: '51046', sl: '51047' },
  sell: { tp: '51048', sl: '51049' },
} as const

/**
 * What is attached to an order lies beyond it: of one with a price beyond that price, of one at the market beyond the price that sets it off,
 * as of an algo order of its own. A stop that leaves at the market is no larger than such an order may be.
 */
export function checkAttached(
  terms: OkxTerms,
  priceOf: (type: PriceType, side: 'buy' | 'sell') => Decimal | undefined,
): OkxRefusal | undefined {
  const { listing, side, size, price, tgtCcy, attached } = terms
  const exit = side === 'buy' ? 'sell' : 'buy'
  for (const one of attached) {
    const wrong =
      price === undefined
        ? checkDirections({ side: exit, ...one }, (type) => priceOf(type, exit))
        : checkBeyond(side, price, one)
    const refused = wrong ?? (tgtCcy === 'quote_ccy' ? undefined : checkStop(listing, size, one))
    if (refused !== undefined) return refused
  }
  return undefined
}

function checkBeyond(
  side: 'buy' | 'sell',
  price: Decimal,
  { takeProfit, stopLoss }: AttachedAlgo,
): OkxRefusal | undefined {
  const [higher, lower] = side === 'buy' ? [takeProfit, stopLoss] : [stopLoss, takeProfit]
  const refusal = (isTarget: boolean, way: string): OkxRefusal => {
    const name = isTarget ? 'take profit' : 'stop loss'
    return refuse(
      pastOrder[side][isTarget ? 'tp' : 'sl'],
      `The ${name} trigger price must be ${way} than the order price`,
    )
  }
  if (higher !== undefined && !higher.trigger.gt(price)) return refusal(side === 'buy', 'higher')
  if (lower !== undefined && !lower.trigger.lt(price)) return refusal(side === 'sell', 'lower')
  return undefined
}
