import { type Logger, messageOf } from '@tradeswarm/core'
import type { BarEvent, MarketDataFeed, MarketEvent, MarketListener, SessionDate } from '@tradeswarm/trading'

export type SessionFeedOptions = {
  readonly name: string
  readonly symbols: readonly string[]
  readonly logger: Logger
  /** Asks the venue for the bars of a session. */
  readonly barsOf: (date: SessionDate) => Promise<readonly BarEvent[]>
}

const noBar =
  'a session has no bar, neither by the stream nor by the history of the venue: agents decide without it, as where nobody traded'
const notAsked =
  'the bar of a session that the stream did not bring could not be asked for; it is before the next session'

/**
 * What a swarm hears of a live feed that is opened after it: each session's bar comes once and before its close, and one that the stream did not
 * bring is asked for.
 */
export class SessionFeed implements MarketDataFeed {
  readonly name: string
  readonly #options: SessionFeedOptions
  readonly #known = new Map<string, SessionDate>()
  /** Sessions of which the venue could not be asked, or had no bar: once more before the next. */
  readonly #unanswered = new Set<SessionDate>()
  /** Those among them of which it had none. */
  readonly #asked = new Set<SessionDate>()
  #unsubscribe: () => void = () => undefined
  #listeners: readonly MarketListener[] = []
  #last: Promise<void> = Promise.resolve()

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

  /** Bars of these symbols up to these dates are known: they are not told again. */
  know(dates: ReadonlyMap<string, SessionDate>): void {
    for (const [symbol, date] of dates) this.#known.set(symbol, date)
  }

  /** From now on tells what a feed tells. */
  follow(live: MarketDataFeed): void {
    this.#unsubscribe = live.subscribe((event) => this.tell(event))
  }

  /** Tells an event, or bars that are asked for, after all that came before: each waits until every listener has taken the one before. */
  tell(event: MarketEvent | Promise<readonly BarEvent[]>): Promise<void> {
    this.#last = this.#last
      .then(async () => ('type' in event ? this.#take(event) : this.#tellBars(await event)))
      .catch((thrown: unknown) => this.#fail(thrown))
    return this.#last
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
    if (event.type === 'session') {
      const dates = event.phase === 'close' ? [event.sessionDate] : [...this.#unanswered].sort()
      for (const date of dates) await this.#askForMissing(date)
    }
    await this.#hand(event)
  }

  async #askForMissing(date: SessionDate): Promise<void> {
    const { symbols, barsOf, logger } = this.#options
    if (symbols.every((symbol) => (this.#known.get(symbol) ?? '') >= date)) return
    this.#unanswered.delete(date)
    try {
      await this.#tellBars(await barsOf(date))
      this.#noteMissing(date)
    } catch (thrown) {
      this.#unanswered.add(date)
      logger.warn(notAsked, { sessionDate: date, error: messageOf(thrown) })
    }
  }

  /** A history may be a moment behind the close: it is asked once more before the next session, and then it has none. */
  #noteMissing(date: SessionDate): void {
    const { symbols, logger } = this.#options
    const missing = symbols.filter((symbol) => (this.#known.get(symbol) ?? '') < date)
    if (missing.length === 0 || this.#asked.has(date)) {
      this.#asked.delete(date)
      for (const symbol of missing) logger.warn(noBar, { symbol, sessionDate: date })
      return
    }
    this.#asked.add(date)
    this.#unanswered.add(date)
  }

  async #tellBar(bar: BarEvent): Promise<void> {
    if ((this.#known.get(bar.symbol) ?? '') >= bar.sessionDate) return
    this.#known.set(bar.symbol, bar.sessionDate)
    await this.#hand(bar)
  }

  async #hand(event: MarketEvent): Promise<void> {
    for (const listener of this.#listeners) await listener(event)
  }
}
