import type { EpochMs } from '@tradeswarm/core'
import { type Decimal, decimal, decimalText, type Execution, zero } from '@tradeswarm/trading'
import type { AlpacaOrder } from './parse-order.js'

/** Fractions of what is traded. */
export type CryptoFees = { readonly maker: Decimal; readonly taker: Decimal }

export type Fill = {
  readonly price: string
  readonly quantity: string
  readonly cumulative: string
  readonly time: EpochMs
}

/** A limit order that fills within this time of its arrival has taken from the book. Alpaca does not say it. */
const takerMs = 500
/** Alpaca counts units to so many decimals. */
const unitDecimals = 9

/**
 * An execution in our words. Alpaca tells neither fee, liquidity nor the market's price: the first two follow from its rules, and the price is
 * its own reference.
 */
export function executionOf(order: AlpacaOrder, fill: Fill, fees: CryptoFees): Execution {
  const { price, quantity, cumulative, time } = fill
  const isMaker = order.type === 'limit' && time - order.submittedAt >= takerMs
  const { fee, feeCurrency } = feeOf(order, fill, isMaker ? fees.maker : fees.taker)
  return {
    tradeId: `${order.id}:${cumulative}`,
    price,
    quantity,
    fee,
    feeCurrency,
    referencePrice: price,
    referenceTime: time,
    liquidity: isMaker ? 'maker' : 'taker',
  }
}

/** An execution of an order that Alpaca does not show: whose it is and what it cost is not known. */
export function executionOfNobody({
  orderId,
  cumulative,
  price,
  quantity,
  time,
}: Fill & { orderId: string }): Execution {
  return {
    tradeId: `${orderId}:${cumulative}`,
    price,
    quantity,
    fee: '0',
    feeCurrency: 'USD',
    referencePrice: price,
    referenceTime: time,
    liquidity: 'taker',
  }
}

/** Of crypto a fraction of what is received: units of a buy, money of a sale. Of shares nothing in the paper account. */
function feeOf(
  { isCrypto, side, symbol }: AlpacaOrder,
  { price, quantity }: Fill,
  fraction: Decimal,
): Pick<Execution, 'fee' | 'feeCurrency'> {
  if (!isCrypto) return { fee: '0', feeCurrency: 'USD' }
  const received = side === 'buy' ? decimal(quantity) : decimal(quantity).times(decimal(price))
  return { fee: decimalText(cryptoFee(received, fraction)), feeCurrency: receivedIn(symbol, side) }
}

/** What is kept back is rounded up, since what is left is cut to the decimals that Alpaca counts; it is never more than there is. */
function cryptoFee(received: Decimal, fraction: Decimal): Decimal {
  if (fraction.isZero()) return zero
  const fee = received.times(fraction).round(unitDecimals, 'up')
  return fee.gt(received) ? received.round(unitDecimals, 'down') : fee
}

/** What a side receives: units of the first currency of a pair, or money of the second. */
function receivedIn(symbol: string, side: AlpacaOrder['side']): string {
  const dash = symbol.indexOf('-')
  if (side === 'buy') return dash < 0 ? symbol : symbol.slice(0, dash)
  return dash < 0 ? 'USD' : symbol.slice(dash + 1)
}
