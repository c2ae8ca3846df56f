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
  const times = new Map<string, number>()
  const splits = new Set<string>()
  const crossed = new Set<string>()
  const take = ({ symbol, time }: { readonly symbol: string; readonly time: number }, price: string): void => {
    if (!isPrice.test(price)) return
    prices.set(symbol, price)
    times.set(symbol, time)
  }
  return {
    prices,
    crossed,
    note(event) {
      if (event.type === 'open' || event.type === 'trade') take(event, event.price)
      if (event.type === 'bar') take(event, event.close)
      if (event.type === 'split' && !splits.has(`${event.symbol} ${event.sessionDate}`)) {
        splits.add(`${event.symbol} ${event.sessionDate}`)
        if ((times.get(event.symbol) ?? 0) < event.time) noteSplit(prices, event)
      }
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
const isPrice = /^(?!0+(\.0+)?$)\d{1,30}(\.\d{1,30})?$/
