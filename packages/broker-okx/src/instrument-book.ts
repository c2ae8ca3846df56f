import type { Instrument } from '@tradeswarm/trading'
import type { OkxListing } from './instruments.js'

/** What the venue lists, by symbol. */
export class InstrumentBook {
  readonly #bySymbol = new Map<string, OkxListing>()

  take(listings: readonly OkxListing[]): void {
    for (const listing of listings) this.#bySymbol.set(listing.instrument.symbol, listing)
  }

  listing(symbol: string): OkxListing | undefined {
    return this.#bySymbol.get(symbol)
  }

  /** Undefined for what does not trade now. */
  instrument(symbol: string): Instrument | undefined {
    const listing = this.#bySymbol.get(symbol)
    return listing?.isLive === true ? listing.instrument : undefined
  }

  symbols(): readonly string[] {
    return [...this.#bySymbol.keys()]
  }
}
