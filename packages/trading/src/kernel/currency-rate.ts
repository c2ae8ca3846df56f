import { type Decimal, divide, one, zero } from '../money/decimal.js'
import type { LastPrice } from '../risk/risk-context.js'
import type { KernelRuntime } from './kernel-runtime.js'

/** The worth of one unit of a currency in that of the account, and the price that it was taken from. */
export type CurrencyRate = { readonly rate: Decimal; readonly symbol: string; readonly last: LastPrice }

/** Decimals kept of a rate that is one over a price. */
const ratePlaces = 18

type Sources = Pick<KernelRuntime, 'market' | 'broker' | 'state'>

/**
 * The rate of a currency: the last price of a symbol that trades it for the account's own, or one over that of a symbol that trades the
 * account's for it. Of several such symbols the first by name, so that it does not depend on which was heard first. Undefined without one.
 */
export function currencyRate({ market, broker, state }: Sources, currency: string): CurrencyRate | undefined {
  let direct: string | undefined
  let inverse: string | undefined
  for (const symbol of market.symbols()) {
    const instrument = broker?.instrument(symbol)
    if (instrument === undefined || market.last(symbol)?.price.gt(zero) !== true) continue
    if (instrument.multiplier !== undefined) continue
    if (instrument.asset === currency && instrument.currency === state.currency) {
      if (direct === undefined || symbol < direct) direct = symbol
    } else if (instrument.asset === state.currency && instrument.currency === currency) {
      if (inverse === undefined || symbol < inverse) inverse = symbol
    }
  }
  const symbol = direct ?? inverse
  const last = symbol === undefined ? undefined : market.last(symbol)
  if (symbol === undefined || last === undefined) return undefined
  const rate = direct === undefined ? divide(one, last.price, ratePlaces, 'half-even') : last.price
  return rate.gt(zero) ? { rate, symbol, last } : undefined
}

/** The rate of {@link currencyRate} alone. */
export function rateOf(runtime: Sources, currency: string): Decimal | undefined {
  return currencyRate(runtime, currency)?.rate
}
