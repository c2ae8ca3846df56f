import type { Random } from '@tradeswarm/core'

/** Ids as the venue makes them: digits beyond what a float holds, growing; of trades for each instrument apart. */
export class VenueIds {
  readonly #random: Random
  readonly #trades = new Map<string, number>()
  #next = 2_497_956_918_703_120_384n

  constructor(random: Random) {
    this.#random = random
  }

  /** Of an order, an algo order, a bill or a position. */
  next(): string {
    this.#next += 4_096n + BigInt(Math.floor(this.#random.next() * 1_000))
    return this.#next.toString()
  }

  nextTrade(instId: string): string {
    const next = (this.#trades.get(instId) ?? 744_876_979) + 1
    this.#trades.set(instId, next)
    return String(next)
  }

  /** Of a connection: eight hexadecimal digits. */
  connection(): string {
    return Array.from({ length: 8 }, () => Math.floor(this.#random.next() * 16).toString(16)).join('')
  }
}
