import type { OrderRequest } from '@tradeswarm/trading'
import { type Exact, exact, times, unit } from '../exact.js'
import { contractResult } from './folded-contract.js'
import type { JournalFold } from './journal-fold.js'

/**
 * The price that an order counts at: a buy at its limit, else at the level that sets it off or the last price, whichever is higher; a sale
 * with a limit at that or the last price, with a level at that.
 */
export function referencePrice(request: OrderRequest, prices: ReadonlyMap<string, string>): Exact | undefined {
  const last = prices.get(request.symbol)
  const { limitPrice, stopPrice } = request
  if (request.side === 'buy' && limitPrice !== undefined) return exact(limitPrice)
  const stated = request.side === 'sell' ? (stopPrice ?? limitPrice) : stopPrice
  const meetsMarket = request.side === 'buy' || stopPrice === undefined
  if (stated !== undefined)
    return meetsMarket && last !== undefined && exact(last) > exact(stated) ? exact(last) : exact(stated)
  if (last === undefined) return undefined
  const { trailAmount, trailFraction, side } = request
  const behind =
    trailAmount !== undefined
      ? exact(trailAmount)
      : trailFraction !== undefined
        ? times(exact(last), exact(trailFraction))
        : 0n
  return side === 'buy' ? exact(last) + behind : exact(last) - behind
}

/** What an order is worth, at the price that it counts at. */
export function worthOf(fold: JournalFold, { symbol, quantity, sizedIn }: OrderRequest, price: Exact): Exact {
  return sizedIn === 'quote' ? exact(quantity) : times(unitPriceOf(fold, symbol, price), exact(quantity))
}

/** What one unit of a symbol stands for at a price. */
export function unitPriceOf({ contracts }: JournalFold, symbol: string, price: Exact): Exact {
  return times(price, contracts.get(symbol)?.multiplier ?? unit)
}

/** The symbol whose price is what a currency is worth in that of the account. */
export function rateSymbol(currency: string): string {
  return `${currency}-USD`
}

/** An amount of what a symbol is paid for in, in the account's currency; undefined while that has no rate. */
export function inAccountCurrency(
  { settles }: JournalFold,
  prices: ReadonlyMap<string, string>,
  symbol: string,
  amount: Exact,
): Exact | undefined {
  const currency = settles.get(symbol)
  if (currency === undefined) return amount
  const rate = prices.get(rateSymbol(currency))
  return rate === undefined ? undefined : times(amount, exact(rate))
}

/** Cash and holdings at the last prices; undefined while one has none. */
export function equityAt(fold: JournalFold, prices: ReadonlyMap<string, string>): Exact | undefined {
  let equity = fold.cash
  for (const [currency, amount] of fold.cashIn) {
    if (currency === fold.currency || amount === 0n) continue
    const rate = prices.get(rateSymbol(currency))
    if (rate === undefined) return undefined
    equity += times(amount, exact(rate))
  }
  for (const [symbol, held] of fold.positions) {
    if (held === 0n) continue
    const price = prices.get(symbol)
    if (price === undefined) return undefined
    // Nothing was paid for a contract: it is worth what closing it would make.
    const owned = fold.contracts.has(symbol) ? contractResult(fold, symbol, exact(price)) : times(held, exact(price))
    const worth = inAccountCurrency(fold, prices, symbol, owned)
    if (worth === undefined) return undefined
    equity += worth
  }
  return equity
}
