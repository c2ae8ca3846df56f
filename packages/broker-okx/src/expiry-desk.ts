import type { ClockAndTimers, EpochMs } from '@tradeswarm/core'
import { readTag } from './order-tag.js'
import type { TrackedOrder } from './tracked-order.js'

export type ExpiryDeskParts = {
  readonly live: () => readonly TrackedOrder[]
  /** The time of the venue's clock. */
  readonly now: () => EpochMs
  readonly timers: ClockAndTimers
  /** Cancels what may rest no longer. Never throws. */
  readonly end: (orders: readonly TrackedOrder[]) => Promise<void>
}

/** A timer waits no longer than this, so that a clock that is set is noticed. */
const longestWaitMs = 60_000
/** What could not be cancelled is tried again after so long. */
const againMs = 1_000

/**
 * OKX ends no order by itself at an instant: orders for the day and until a date are cancelled from here, by what their tags say. Where nobody
 * is here at that instant, it is done at the next opening of the account.
 */
export class ExpiryDesk {
  readonly #parts: ExpiryDeskParts
  #cancelTimer: () => void = () => undefined
  #ending: Promise<void> | undefined
  #isClosed = false

  constructor(parts: ExpiryDeskParts) {
    this.#parts = parts
  }

  /** Something was heard of an order that carries this tag. */
  noteTag(tag: string): void {
    if (readTag(tag)?.type === 'until') this.watch()
  }

  /** Ends what is due, and waits for the next. To be called when the venue's clock has been asked. */
  watch(): void {
    if (this.#isClosed) return
    this.#cancelTimer()
    const now = this.#parts.now()
    const due: TrackedOrder[] = []
    let next = Number.POSITIVE_INFINITY
    for (const tracked of this.#parts.live()) {
      const time = endOf(tracked)
      if (time === undefined) continue
      if (time <= now) due.push(tracked)
      else next = Math.min(next, time)
    }
    // Looked at once more, whether or not they are being ended already: that may fail.
    if (due.length > 0) next = Math.min(next, now + againMs)
    if (due.length > 0 && this.#ending === undefined)
      this.#ending = this.#parts.end(due).finally(() => {
        this.#ending = undefined
      })
    if (next === Number.POSITIVE_INFINITY) return
    const { timers } = this.#parts
    const waitMs = Math.min(Math.max(next - now, 1), longestWaitMs)
    this.#cancelTimer = timers.at(timers.now() + waitMs, () => this.watch())
  }

  async settled(): Promise<void> {
    await this.#ending
  }

  close(): void {
    this.#isClosed = true
    this.#cancelTimer()
  }
}

function endOf({ order, algo }: TrackedOrder): EpochMs | undefined {
  const tag = readTag(algo?.tag ?? order?.tag ?? '')
  return tag?.type === 'until' ? tag.time : undefined
}
