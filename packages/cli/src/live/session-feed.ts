import { type Logger, messageOf } from '@tradeswarm/core'
import type { BarEvent, MarketDataFeed, MarketEvent, MarketListener, SessionDate } from '@tradeswarm/trading'

export type SessionFeedOptions = {
  readonly live: MarketDataFeed
  readonly symbols: readonly string[]
  readonly logger: Logger
  /** Asks the venue for the bars of a session. */
  readonly barsOf: (date: SessionDate) => Promise<readonly BarEvent[]>
}

/**
 * A live feed of which nothing is told before `begin`, in which each session's bar comes once and before its close: one that the stream did not
 * bring is asked for.
 */
export class SessionFeed implements MarketDataFeed {
  readonly name: string
  readonly #options: SessionFeedOptions
  readonly #known = new Map<string, SessionDate>()
  readonly #begun = Promise.withResolvers<void>()
  readonly #unsubscribe: () => void
  #listeners: readonly MarketListener[] = []

  constructor(options: SessionFeedOptions) {
    this.#options = options
    this.name = options.live.name
    // Each event waits for the listener of the one before, so that the order stays.
    this.#unsubscribe = options.live.subscribe(async (event) => {
      await this.#begun.promise
      await this.#take(event)
    })
  }

  subscribe(listener: MarketListener): () => void {
    const subscription: MarketListener = (event) => listener(event)
    this.#listeners = [...this.#listeners, subscription]
    return () => {
      this.#listeners = this.#listeners.filter((one) => one !== subscription)
    }
  }

  /** Tells what waits and what is to come. Bars up to the dates given are known already. */
  begin(known: ReadonlyMap<string, SessionDate>): void {
    for (const [symbol, date] of known) this.#known.set(symbol, date)
    this.#begun.resolve()
  }

  close(): void {
    this.#unsubscribe()
    this.#begun.resolve()
  }

  async #take(event: MarketEvent): Promise<void> {
    if (event.type === 'bar') return this.#tellBar(event)
    if (event.type === 'session' && event.phase === 'close') await this.#askForMissing(event.sessionDate)
    await this.#tell(event)
  }

  async #askForMissing(date: SessionDate): Promise<void> {
    const { symbols, barsOf, logger } = this.#options
    if (symbols.every((symbol) => (this.#known.get(symbol) ?? '') >= date)) return
    try {
      for (const bar of await barsOf(date)) await this.#tellBar(bar)
    } catch (thrown) {
      logger.warn('a bar that the stream did not bring could not be asked for', { error: messageOf(thrown) })
    }
  }

  async #tellBar(bar: BarEvent): Promise<void> {
    if ((this.#known.get(bar.symbol) ?? '') >= bar.sessionDate) return
    this.#known.set(bar.symbol, bar.sessionDate)
    await this.#tell(bar)
  }

  async #tell(event: MarketEvent): Promise<void> {
    for (const listener of this.#listeners) await listener(event)
  }
}
