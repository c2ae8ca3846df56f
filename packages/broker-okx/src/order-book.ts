import { type BookLevel, type BookView, placeLevel } from '@tradeswarm/broker-kit'
import type { EpochMs } from '@tradeswarm/core'
import { crc32 } from './crc32.js'
import type { BookUpdate } from './parse-market-data.js'

/** The checksum is made of so many levels of each side. */
const checkedLevels = 25

/**
 * One order book, kept from a snapshot and what has changed since. It knows whether it is whole: each change names the one before it, and
 * may carry a checksum.
 */
export class OrderBook {
  readonly symbol: string
  #bids: BookLevel[] = []
  #asks: BookLevel[] = []
  #sequence = -1
  #time: EpochMs = 0
  #isWhole = false

  constructor(symbol: string) {
    this.symbol = symbol
  }

  get isWhole(): boolean {
    return this.#isWhole
  }

  /** Takes what the venue tells; false where the book is not whole after it, and is to be asked for anew. */
  take(action: 'snapshot' | 'update', update: BookUpdate): boolean {
    if (action === 'snapshot') {
      this.#bids = [...update.bids]
      this.#asks = [...update.asks]
    } else {
      if (!this.#isWhole || update.previous !== this.#sequence) return this.#isLost()
      for (const level of update.bids) placeLevel(this.#bids, level, true)
      for (const level of update.asks) placeLevel(this.#asks, level, false)
    }
    this.#sequence = update.sequence
    this.#time = update.time
    this.#isWhole = update.checksum === undefined || update.checksum === this.checksum()
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

  /** What the venue's checksum is made of: bid and ask by turns, as it wrote them. */
  checksum(): number {
    const parts: string[] = []
    for (let index = 0; index < checkedLevels; index += 1) {
      const [bid, ask] = [this.#bids[index], this.#asks[index]]
      if (bid !== undefined) parts.push(`${bid[0]}:${bid[1]}`)
      if (ask !== undefined) parts.push(`${ask[0]}:${ask[1]}`)
    }
    return crc32(parts.join(':'))
  }

  #isLost(): false {
    this.#isWhole = false
    return false
  }
}
