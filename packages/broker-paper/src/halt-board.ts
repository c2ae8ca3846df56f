import type { EpochMs } from '@tradeswarm/core'
import type { TradingHalt } from './paper-broker-options.js'
import type { SymbolMarket } from './symbol-market.js'

/** When symbols do not trade: as was known beforehand, or by an operator's hand. */
export class HaltBoard {
  readonly #halts = new Map<string, TradingHalt[]>()

  constructor(halts: readonly TradingHalt[]) {
    for (const halt of halts) {
      const known = this.#halts.get(halt.symbol)
      if (known === undefined) this.#halts.set(halt.symbol, [halt])
      else known.push(halt)
    }
  }

  isHalted(market: SymbolMarket, time: EpochMs): boolean {
    if (market.isHalted) return true
    const halts = this.#halts.get(market.symbol)
    return halts?.some(({ from, to }) => from <= time && time < to) ?? false
  }

  /** True when any part of the span lay in a halt: which part of a bar's range that was cannot be told. */
  overlaps(market: SymbolMarket, from: EpochMs, to: EpochMs): boolean {
    if (market.isHalted) return true
    const halts = this.#halts.get(market.symbol)
    return halts?.some((halt) => halt.from < to && from < halt.to) ?? false
  }
}
