import type { MarketEvent, StockSplitEvent } from '@tradeswarm/trading'
import { exact, exactText } from './exact.js'

/** The last prices that a life was told. */
export type LifePrices = {
  readonly prices: ReadonlyMap<string, string>
  /** Symbols of which the last quote was crossed. */
  readonly crossed: ReadonlySet<string>
  note(event: MarketEvent): void
}

/** Nothing told yet. */
export function createLifePrices(): LifePrices {
  const prices = new Map<string, string>()
  const crossed = new Set<string>()
  return {
    prices,
    crossed,
    note(event) {
      if (event.type === 'open' || event.type === 'trade') notePrice(prices, event.symbol, event.price)
      if (event.type === 'bar') notePrice(prices, event.symbol, event.close)
      if (event.type === 'split') noteSplit(prices, event)
      if (event.type === 'open' || event.type === 'bar' || event.type === 'split') crossed.delete(event.symbol)
      if (event.type === 'quote' && Number(event.bid) > Number(event.ask)) crossed.add(event.symbol)
    },
  }
}

/** After a split the last price is what it would have been with the new units. */
function noteSplit(prices: Map<string, string>, { symbol, numerator, denominator }: StockSplitEvent): void {
  const price = prices.get(symbol)
  if (price !== undefined) prices.set(symbol, exactText((exact(price) * BigInt(denominator)) / BigInt(numerator)))
}

/** A price that is no plain amount above 0 is not one: a kernel goes on with the last that was. */
function notePrice(prices: Map<string, string>, symbol: string, price: string): void {
  if (/^(?!0+(\.0+)?$)\d{1,30}(\.\d{1,30})?$/.test(price)) prices.set(symbol, price)
}
