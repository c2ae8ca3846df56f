import type { Execution } from '@tradeswarm/trading'
import type { OkxFill } from './parse-order.js'

/** An execution in our words. OKX does not tell the market's price: a fill's price is its own reference. */
export function executionOf(fill: OkxFill): Execution {
  const { tradeId, price, quantity, fee, feeCurrency, paidOut, isMaker, time } = fill
  const execution: Execution = {
    tradeId,
    price,
    quantity,
    fee,
    feeCurrency,
    referencePrice: price,
    referenceTime: time,
    liquidity: isMaker ? 'maker' : 'taker',
  }
  return paidOut === undefined ? execution : { ...execution, realised: paidOut }
}
