import type { EpochMs } from '@tradeswarm/core'

/** So many requests in each minute of the clock, as the venue counts them, and the headers that tell of it. */
export class RateWindow {
  readonly #limit: number
  #minute = -1
  #used = 0

  constructor(limit: number) {
    this.#limit = limit
  }

  /** Counts a request; false where it is one too many. */
  take(now: EpochMs): boolean {
    const minute = Math.floor(now / 60_000)
    if (minute !== this.#minute) {
      this.#minute = minute
      this.#used = 0
    }
    this.#used += 1
    return this.#used <= this.#limit
  }

  headers(): Record<string, string> {
    return {
      'X-RateLimit-Limit': String(this.#limit),
      'X-RateLimit-Remaining': String(Math.max(0, this.#limit - this.#used)),
      'X-RateLimit-Reset': String((this.#minute + 1) * 60),
    }
  }
}
