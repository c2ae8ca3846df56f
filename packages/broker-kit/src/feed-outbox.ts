import { type Logger, messageOf } from '@tradeswarm/core'
import type { MarketEvent, MarketListener } from '@tradeswarm/trading'

/** Trades beyond this many that nobody has heard yet are dropped, and counted. */
const maximumWaiting = 100_000
const compactAt = 8_192

/**
 * Tells market events one after the other. A quote that nobody has heard yet gives way to the next of its symbol, unless something else of
 * that symbol came between: so that whoever is slow hears the latest, and the order per symbol stays.
 */
export class FeedOutbox {
  readonly #logger: Logger
  #listeners: readonly MarketListener[] = []
  #queue: MarketEvent[] = []
  #next = 0
  /** Where the last event of each symbol waits. */
  readonly #last = new Map<string, number>()
  #telling: Promise<void> | undefined
  /** How many quotes gave way, and how many trades were dropped. */
  conflated = 0
  dropped = 0

  constructor(logger: Logger) {
    this.#logger = logger
  }

  get waiting(): number {
    return this.#queue.length - this.#next
  }

  subscribe(listener: MarketListener): () => void {
    const subscription: MarketListener = (event) => listener(event)
    this.#listeners = [...this.#listeners, subscription]
    return () => {
      this.#listeners = this.#listeners.filter((one) => one !== subscription)
    }
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
    }
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
      for (const listener of this.#listeners) {
        const pending = this.#tell(listener, event)
        if (pending !== undefined) await pending
      }
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

  /** Undefined where the listener was done at once: to wait for that would take longer than to tell. */
  #tell(listener: MarketListener, event: MarketEvent): Promise<void> | undefined {
    try {
      const pending = listener(event)
      return pending === undefined ? undefined : this.#await(pending, event)
    } catch (thrown) {
      this.#failed(event, thrown)
      return undefined
    }
  }

  async #await(pending: Promise<void>, event: MarketEvent): Promise<void> {
    try {
      await pending
    } catch (thrown) {
      this.#failed(event, thrown)
    }
  }

  #failed({ type }: MarketEvent, thrown: unknown): void {
    this.#logger.error('a listener of the market failed', { type, error: messageOf(thrown) })
  }
}
