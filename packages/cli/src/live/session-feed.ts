import { type Logger, messageOf } from '@tradeswarm/core'
import type { BarEvent, MarketDataFeed, MarketEvent, MarketListener, SessionDate } from '@tradeswarm/trading'

export type SessionFeedOptions = {
  readonly name: string
  readonly symbols: readonly string[]
  readonly logger: Logger
  /** Asks the venue for the bars of a session. */
  readonly barsOf: (date: SessionDate) => Promise<readonly BarEvent[]>
}

/**
 * What a swarm hears of a live feed that is opened after it: each session's bar comes once and before its close, and one that the stream did not
 * bring is asked for.
 */
export class SessionFeed implements MarketDataFeed {
  readonly name: string
  readonly #options: SessionFeedOptions
  readonly #known = new Map<string, SessionDate>()
  #unsubscribe: () => void = () => undefined
  #listeners: readonly MarketListener[] = []

  constructor(options: SessionFeedOptions) {
    this.#options = options
    this.name = options.name
  }

  subscribe(listener: MarketListener): () => void {
    const subscription: MarketListener = (event) => listener(event)
    this.#listeners = [...this.#listeners, subscription]
    return () => {
      this.#listeners = this.#listeners.filter((one) => one !== subscription)
    }
  }

  /**
   * From now on tells what a feed tells; at first bars that have ended meanwhile. Bars of a symbol up to the date given are known already.
   */
  follow(live: MarketDataFeed, known: ReadonlyMap<string, SessionDate>, ended: readonly BarEvent[]): void {
    for (const [symbol, date] of known) this.#known.set(symbol, date)
    // Each event waits until all listeners have taken the one before, so that the order stays.
    let before = this.#tellBars(ended)
    this.#unsubscribe = live.subscribe((event) => {
      before = before.then(() => this.#take(event)).catch((thrown: unknown) => this.#fail(thrown))
      return before
    })
  }

  close(): void {
    this.#unsubscribe()
  }

  #fail(thrown: unknown): void {
    this.#options.logger.error('an event of the market was not taken', { error: messageOf(thrown) })
  }

  async #tellBars(bars: readonly BarEvent[]): Promise<void> {
    for (const bar of bars) await this.#tellBar(bar)
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
      await this.#tellBars(await barsOf(date))
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
