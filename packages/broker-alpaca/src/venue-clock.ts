import type { Clock, EpochMs } from '@tradeswarm/core'
import type { TradingClient } from './trading-client.js'

/** How far the venue's clock is from ours: asked for, with half the way there and back taken off. */
export class VenueClock {
  readonly #client: TradingClient
  readonly #clock: Clock
  offsetMs = 0

  constructor(client: TradingClient, clock: Clock) {
    this.#client = client
    this.#clock = clock
  }

  /** Asks, and answers the venue's time. */
  async measure(): Promise<EpochMs> {
    const sent = this.#clock.now()
    const { time } = await this.#client.clock()
    const back = this.#clock.now()
    this.offsetMs = Math.round(time - (sent + back) / 2)
    return time
  }
}
