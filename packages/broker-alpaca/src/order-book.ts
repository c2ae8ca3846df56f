import { type BookLevel, type BookView, placeLevel } from '@tradeswarm/broker-kit'
import type { EpochMs } from '@tradeswarm/core'
import type { AlpacaBook } from './parse-market-data.js'

/** So many levels of a side are kept: what is further away has been far from the market for long. */
const keptLevels = 5_000

/**
 * One order book, kept from a whole one and what has changed since. Alpaca numbers no change and sends no checksum: that something was missed
 * shows where a change makes the sides cross, and then it is not whole any more.
 */
export class OrderBook {
  readonly symbol: string
  #bids: BookLevel[] = []
  #asks: BookLevel[] = []
  #time: EpochMs = 0
  #isWhole = false

  constructor(symbol: string) {
    this.symbol = symbol
  }

  get isWhole(): boolean {
    return this.#isWhole
  }

  /** Takes what the venue tells; false where the book is not whole after it, and is to be asked for anew. */
  take({ bids, asks, time, isReset }: AlpacaBook): boolean {
    if (isReset) [this.#bids, this.#asks, this.#isWhole] = [[], [], true]
    if (!this.#isWhole) return false
    const wasCrossed = this.#isCrossed()
    for (const level of bids) placeLevel(this.#bids, level, true)
    for (const level of asks) placeLevel(this.#asks, level, false)
    for (const side of [this.#bids, this.#asks]) if (side.length > keptLevels) side.length = keptLevels
    this.#time = time
    // A whole book is taken as it is: to ask for it again would bring the same.
    this.#isWhole = isReset || wasCrossed || !this.#isCrossed()
    return this.#isWhole
  }

  /** Undefined while it is not whole. */
  view(depth = 400): BookView | undefined {
    if (!this.#isWhole) return undefined
    const { symbol } = this
    return { symbol, time: this.#time, bids: this.#bids.slice(0, depth), asks: this.#asks.slice(0, depth) }
  }

  /** Nothing that is known of it holds any more. */
  lose(): void {
    this.#isWhole = false
  }

  #isCrossed(): boolean {
    const [bid, ask] = [this.#bids[0], this.#asks[0]]
    return bid !== undefined && ask !== undefined && Number(bid[0]) >= Number(ask[0])
  }
}
