import { type ClockAndTimers, type Logger, messageOf } from '@tradeswarm/core'
import type { OrderTracker } from './order-tracker.js'
import type { AlpacaOrder } from './parse-order.js'
import type { TradingClient } from './trading-client.js'

/** After a look-up that failed, the next. */
const againMs = 1_000

/**
 * Fetches what the stream did not bring: executions of orders whose sums do not agree, and after a break the state of everything that was
 * live. One pass at a time; what comes up meanwhile makes another.
 */
export class GapFiller {
  readonly #client: TradingClient
  readonly #tracker: OrderTracker
  readonly #logger: Logger
  readonly #clock: ClockAndTimers
  readonly #wanted = new Map<string, AlpacaOrder>()
  #wantsAll = false
  #running: Promise<void> | undefined
  #isClosed = false
  #cancelTimer: () => void = () => undefined

  constructor(client: TradingClient, tracker: OrderTracker, logger: Logger, clock: ClockAndTimers) {
    this.#client = client
    this.#tracker = tracker
    this.#logger = logger
    this.#clock = clock
  }

  get isBusy(): boolean {
    return this.#running !== undefined
  }

  /** Executions of these orders are missing. */
  fill(orders: readonly AlpacaOrder[]): void {
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
      const orders = this.#wantsAll ? this.#tracker.live() : [...this.#wanted.values()]
      const isAll = this.#wantsAll
      this.#wanted.clear()
      this.#wantsAll = false
      try {
        await this.#look(orders, isAll)
      } catch (thrown) {
        this.#logger.warn('a gap in the stream was not filled yet', { error: messageOf(thrown) })
        this.#askAgain(() => this.resync())
        break
      }
    }
    this.#running = undefined
  }

  /** Executions first, then the orders themselves: an end is told after what came before it. */
  async #look(orders: readonly AlpacaOrder[], isAll: boolean): Promise<void> {
    const open = isAll ? await this.#client.openOrders() : []
    for (const order of open) if (this.#tracker.known(order.id) === undefined) this.#tracker.note(order)
    if (orders.length === 0) return
    const since = orders.reduce((first, { submittedAt }) => Math.min(first, submittedAt), Number.MAX_SAFE_INTEGER)
    const states = await Promise.all(orders.map(({ id }) => this.#client.order(id)))
    for (const state of states) if (state?.replacedBy !== undefined) await this.#know(state.replacedBy)
    for (const fill of await this.#client.fills(since)) this.#tracker.execute(fill)
    const missing = states.filter((state) => state !== undefined && !this.#tracker.note(state))
    if (missing.length > 0) this.#askAgain(() => this.fill(missing.filter((state) => state !== undefined)))
  }

  /** The list of activities may be behind the stream. */
  #askAgain(ask: () => void): void {
    this.#cancelTimer()
    this.#cancelTimer = this.#clock.at(this.#clock.now() + againMs, ask)
  }

  /** The order that took another's place has the name that its end is told with. */
  async #know(id: string): Promise<void> {
    if (this.#tracker.known(id) !== undefined) return
    const found = await this.#client.order(id)
    if (found !== undefined && !this.#tracker.note(found)) this.#wanted.set(found.id, found)
  }
}
