import type { Execution } from '@tradeswarm/trading'
import type { OkxFill } from './parse-order.js'

/** An execution in our words. OKX does not tell the market's price: a fill's price is its own reference. */
export function executionOf({
  tradeId,
  price,
  quantity,
  fee,
  feeCurrency,
  paidOut,
  isMaker,
  time,
}: OkxFill): Execution {
  return {
    tradeId,
    price,
    quantity,
    fee,
    feeCurrency,
    ...(paidOut === undefined ? {} : { realised: paidOut }),
    referencePrice: price,
    referenceTime: time,
    liquidity: isMaker ? 'maker' : 'taker',
  }
}
