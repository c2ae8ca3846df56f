import type { Cancel, Clock, EpochMs, Timers } from '@tradeswarm/core'

type Due = { readonly time: EpochMs; readonly run: (time: EpochMs) => void }

/**
 * What is under way to the venue, and what ends at an instant, in the order of time. The venue settles it before it acts upon anything
 * later; where the clock has timers, one wakes it when nothing else does.
 */
export class VenueSchedule {
  readonly #timers: Partial<Timers>
  readonly #wake: () => void | Promise<void>
  /** Everything takes equally long, so arrivals come in the order of their sending. */
  readonly #arrivals: Due[] = []
  readonly #expiries: Due[] = []
  #timer: { readonly time: EpochMs; readonly cancel: Cancel } | undefined

  constructor(clock: Clock & Partial<Timers>, wake: () => void | Promise<void>) {
    this.#timers = clock
    this.#wake = wake
  }

  addArrival(time: EpochMs, run: (time: EpochMs) => void): void {
    this.#arrivals.push({ time, run })
    this.#setTimer()
  }

  addExpiry(time: EpochMs, run: (time: EpochMs) => void): void {
    let index = this.#expiries.length
    while (index > 0 && (this.#expiries[index - 1] as Due).time > time) index -= 1
    this.#expiries.splice(index, 0, { time, run })
    this.#setTimer()
  }

  /** Lets arrive what is due by then, and expire what was due before it; with `'inclusive'` also what expires at that very instant. */
  settle(time: EpochMs, expiries: 'before' | 'inclusive'): void {
    if (this.#arrivals.length === 0 && this.#expiries.length === 0) return
    const lastExpiry = expiries === 'inclusive' ? time : time - 1
    for (;;) {
      const [arrival] = this.#arrivals
      const [expiry] = this.#expiries
      const arrives = arrival !== undefined && arrival.time <= time
      if (expiry !== undefined && expiry.time <= lastExpiry && !(arrives && arrival.time <= expiry.time)) {
        this.#expiries.shift()
        expiry.run(expiry.time)
      } else if (arrives) {
        this.#arrivals.shift()
        arrival.run(arrival.time)
      } else break
    }
    this.#setTimer()
  }

  close(): void {
    this.#timer?.cancel()
    this.#timer = undefined
  }

  #setTimer(): void {
    if (this.#timers.at === undefined) return
    const next = Math.min(
      this.#arrivals[0]?.time ?? Number.POSITIVE_INFINITY,
      this.#expiries[0]?.time ?? Number.POSITIVE_INFINITY,
    )
    if (this.#timer?.time === next) return
    this.close()
    if (next === Number.POSITIVE_INFINITY) return
    // At one instant prices come first.
    const fire = (): void | Promise<void> => {
      this.#timer = undefined
      return this.#wake()
    }
    this.#timer = { time: next, cancel: this.#timers.at(next, fire, 'low') }
  }
}
