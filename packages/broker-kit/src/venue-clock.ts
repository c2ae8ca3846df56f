import type { Clock, EpochMs } from '@tradeswarm/core'

/** How far the venue's clock is from ours: asked for, with half the way there and back taken off. */
export class VenueClock {
  readonly #ask: (onSent: () => void) => Promise<EpochMs>
  readonly #clock: Clock
  offsetMs = 0

  /** `ask` says when the request that is answered goes out, where it was not at once: for having waited its turn, or after one that failed. */
  constructor(ask: (onSent: () => void) => Promise<EpochMs>, clock: Clock) {
    this.#ask = ask
    this.#clock = clock
  }

  /** Asks, in another way where one is given, and answers the venue's time. */
  async measure(ask = this.#ask): Promise<EpochMs> {
    let sent = this.#clock.now()
    const time = await ask(() => {
      sent = this.#clock.now()
    })
    const back = this.#clock.now()
    this.offsetMs = Math.round(time - (sent + back) / 2)
    return time
  }

  /** The venue's time, as last measured. */
  now(): EpochMs {
    return this.#clock.now() + this.offsetMs
  }
}
