import { type ClockAndTimers, type EpochMs, type Logger, messageOf } from '@tradeswarm/core'

/** After a look-up that failed, the next. */
const againMs = 1_000
/** What is missing still is asked for less and less often: it may be that the venue has forgotten it. */
const mostMs = 60_000

/** An order that is to be asked for once more, when, and after how long a wait. */
type PutOff<Order> = { readonly order: Order; readonly at: EpochMs; readonly waitMs: number }

export type GapFillerParts<Order> = {
  /** Orders that are not known to have ended. */
  readonly live: () => readonly Order[]
  /**
   * Fetches what is missing of orders, executions before ends, and answers those of which something is missing still. `isAll` after a
   * break: there may be orders that nobody has told of.
   */
  readonly look: (orders: readonly Order[], isAll: boolean) => Promise<readonly Order[]>
  readonly logger: Logger
  readonly clock: ClockAndTimers
}

/**
 * Fetches what the stream did not bring: executions of orders whose sums do not agree, and after a break the state of everything that was
 * live. One pass at a time; what comes up meanwhile makes another.
 */
export class GapFiller<Order extends { readonly id: string }> {
  readonly #parts: GapFillerParts<Order>
  readonly #wanted = new Map<string, Order>()
  #wantsAll = false
  /** What is to be asked for once more, after a while. */
  readonly #later = new Map<string, PutOff<Order>>()
  /** How long was last waited for what is being asked for. */
  readonly #waited = new Map<string, number>()
  #allAt = Number.POSITIVE_INFINITY
  #running: Promise<void> | undefined
  #isClosed = false
  #cancelTimer: () => void = () => undefined

  constructor(parts: GapFillerParts<Order>) {
    this.#parts = parts
  }

  get isBusy(): boolean {
    return this.#running !== undefined
  }

  /** Executions of these orders are missing. */
  fill(orders: readonly Order[]): void {
    for (const order of orders) {
      this.#wanted.set(order.id, order)
      this.#waited.delete(order.id)
    }
    this.#begin()
  }

  /** Anything may have been missed. */
  resync(): void {
    this.#wantsAll = true
    this.#begin()
  }

  async settled(): Promise<void> {
    while (this.#running !== undefined) await this.#running
  }

  close(): void {
    this.#isClosed = true
    this.#cancelTimer()
  }

  #begin(): void {
    if (this.#isClosed) return
    this.#running ??= this.#run()
  }

  async #run(): Promise<void> {
    while (!this.#isClosed && (this.#wantsAll || this.#wanted.size > 0)) {
      const isAll = this.#wantsAll
      const wanted = new Map(this.#wanted)
      this.#wanted.clear()
      this.#wantsAll = false
      // Those that are wanted may have ended, and be live no more.
      if (isAll) for (const order of this.#parts.live()) wanted.set(order.id, order)
      const orders = [...wanted.values()]
      try {
        const missing = await this.#parts.look(orders, isAll)
        this.#noteLooked(orders, missing)
      } catch (thrown) {
        this.#parts.logger.warn('a gap in the stream was not filled yet', { error: messageOf(thrown) })
        const at = this.#parts.clock.now() + againMs
        for (const order of orders) this.#later.set(order.id, { order, at, waitMs: againMs })
        this.#allAt = Math.min(this.#allAt, at)
        this.#wait()
        break
      }
    }
    this.#running = undefined
  }

  /** What is to be read may be behind the stream: what is missing still is put off, the longer the more often it was missing. */
  #noteLooked(orders: readonly Order[], missing: readonly Order[]): void {
    const now = this.#parts.clock.now()
    const waits = new Map(missing.map(({ id }) => [id, this.#waited.get(id)]))
    for (const { id } of orders) {
      this.#waited.delete(id)
      this.#later.delete(id)
    }
    for (const order of missing) {
      const before = waits.get(order.id)
      const waitMs = before === undefined ? againMs : Math.min(2 * before, mostMs)
      this.#later.set(order.id, { order, at: now + waitMs, waitMs })
    }
    this.#wait()
  }

  /** For the first of what was put off: nothing that is asked for meanwhile may make it forgotten. */
  #wait(): void {
    this.#cancelTimer()
    this.#cancelTimer = () => undefined
    let next = this.#allAt
    for (const { at } of this.#later.values()) next = Math.min(next, at)
    if (next === Number.POSITIVE_INFINITY || this.#isClosed) return
    this.#cancelTimer = this.#parts.clock.at(next, () => {
      for (const [id, { order, at, waitMs }] of this.#later) {
        if (at > next) continue
        this.#later.delete(id)
        this.#wanted.set(id, order)
        this.#waited.set(id, waitMs)
      }
      if (this.#allAt <= next) {
        this.#allAt = Number.POSITIVE_INFINITY
        this.#wantsAll = true
      }
      this.#wait()
      this.#begin()
    })
  }
}
