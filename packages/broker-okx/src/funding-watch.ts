import type { FundingEvent } from '@tradeswarm/trading'
import type { OkxFundingRate } from './parse-market-data.js'

/** Tells of funding when it has fallen due: the venue then names the next instant. */
export class FundingWatch {
  readonly #rates = new Map<string, OkxFundingRate>()
  readonly #prices = new Map<string, string>()

  /** The mark price, which funding is counted at. */
  notePrice(symbol: string, price: string): void {
    this.#prices.set(symbol, price)
  }

  /** Answers the funding that this shows to have fallen due; undefined where it shows none. */
  take(rate: OkxFundingRate): FundingEvent | undefined {
    const before = this.#rates.get(rate.symbol)
    if (before !== undefined && rate.time < before.time) return undefined
    this.#rates.set(rate.symbol, rate)
    const price = this.#prices.get(rate.symbol)
    if (before === undefined || rate.time === before.time || price === undefined) return undefined
    return { type: 'funding', symbol: rate.symbol, time: before.time, rate: rate.settledRate ?? before.rate, price }
  }
}
