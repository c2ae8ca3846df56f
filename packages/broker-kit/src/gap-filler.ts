import { type ClockAndTimers, type Logger, messageOf } from '@tradeswarm/core'

/** After a look-up that failed, the next. */
const againMs = 1_000

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
  readonly #later = new Map<string, Order>()
  #isAllLater = false
  #isWaiting = false
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
    for (const order of orders) this.#wanted.set(order.id, order)
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
        // What is to be read may be behind the stream.
        this.#askAgain(await this.#parts.look(orders, isAll), false)
      } catch (thrown) {
        this.#parts.logger.warn('a gap in the stream was not filled yet', { error: messageOf(thrown) })
        this.#askAgain(orders, true)
        break
      }
    }
    this.#running = undefined
  }

  /** After a while, with what was put off before: nothing that is asked for meanwhile may make it forgotten. */
  #askAgain(orders: readonly Order[], isAll: boolean): void {
    for (const order of orders) this.#later.set(order.id, order)
    this.#isAllLater ||= isAll
    const isNothing = this.#later.size === 0 && !this.#isAllLater
    if (isNothing || this.#isWaiting || this.#isClosed) return
    const { clock } = this.#parts
    this.#isWaiting = true
    this.#cancelTimer = clock.at(clock.now() + againMs, () => {
      this.#isWaiting = false
      for (const [id, order] of this.#later) this.#wanted.set(id, order)
      this.#later.clear()
      this.#wantsAll ||= this.#isAllLater
      this.#isAllLater = false
      this.#begin()
    })
  }
}
