import { type Logger, messageOf } from '@tradeswarm/core'
import type { MarketEvent, MarketListener } from '@tradeswarm/trading'
import { Listeners } from './listeners.js'

/** Trades beyond this many that nobody has heard yet are dropped, and counted. */
const maximumWaiting = 100_000
const compactAt = 8_192

/**
 * Tells market events one after the other. A quote that nobody has heard yet gives way to the next of its symbol, unless something else of
 * that symbol or of all came between: so that whoever is slow hears the latest, the order per symbol stays, and no price of a session is told
 * before its open.
 */
export class FeedOutbox {
  readonly #listeners: Listeners<MarketEvent>
  #queue: MarketEvent[] = []
  #next = 0
  /** Where the last event of each symbol waits. */
  readonly #last = new Map<string, number>()
  #telling: Promise<void> | undefined
  /** How many quotes gave way, and how many trades were dropped. */
  conflated = 0
  dropped = 0

  constructor(logger: Logger) {
    this.#listeners = new Listeners(({ type }, thrown) =>
      logger.error('a listener of the market failed', { type, error: messageOf(thrown) }),
    )
  }

  get waiting(): number {
    return this.#queue.length - this.#next
  }

  subscribe(listener: MarketListener): () => void {
    return this.#listeners.subscribe(listener)
  }

  push(event: MarketEvent): void {
    if ('symbol' in event) {
      const place = this.#last.get(event.symbol)
      const waits = place === undefined || place < this.#next ? undefined : this.#queue[place]
      if (event.type === 'quote' && waits?.type === 'quote' && place !== undefined) {
        this.#queue[place] = event
        this.conflated += 1
        return
      }
      if (event.type === 'trade' && this.waiting >= maximumWaiting) {
        this.dropped += 1
        return
      }
      this.#last.set(event.symbol, this.#queue.length)
    } else this.#last.clear()
    this.#queue.push(event)
    this.#telling ??= this.#tellAll()
  }

  async settled(): Promise<void> {
    while (this.#telling !== undefined) await this.#telling
  }

  async #tellAll(): Promise<void> {
    await Promise.resolve()
    while (this.#next < this.#queue.length) {
      const event = this.#queue[this.#next] as MarketEvent
      // What is being told can give way no more.
      this.#next += 1
      if (this.#next >= compactAt) this.#compact()
      const pending = this.#listeners.tell(event)
      if (pending !== undefined) await pending
    }
    this.#queue = []
    this.#next = 0
    this.#last.clear()
    this.#telling = undefined
  }

  /** Whoever never catches up would keep everything. */
  #compact(): void {
    this.#queue = this.#queue.slice(this.#next)
    for (const [symbol, place] of this.#last) this.#last.set(symbol, place - this.#next)
    this.#next = 0
  }
}
