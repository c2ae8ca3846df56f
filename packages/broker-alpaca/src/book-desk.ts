import { type BookView, Listeners } from '@tradeswarm/broker-kit'
import { type Clock, type EpochMs, type Logger, messageOf } from '@tradeswarm/core'
import { OrderBook } from './order-book.js'
import type { AlpacaBook } from './parse-market-data.js'

type Kept = { readonly book: OrderBook; askedAt: EpochMs }

/** A book that was asked for is asked for again after so long, where it has not come. */
const patienceMs = 5_000

export type BookDeskParts = {
  readonly symbols: readonly string[]
  readonly clock: Clock
  /** Has the venue send a whole book. */
  readonly askAnew: (symbol: string) => void
  readonly logger: Logger
}

/** The books that are kept. One that is not whole is asked for anew, not more than once in five seconds. */
export class BookDesk {
  readonly #parts: BookDeskParts
  readonly #kept: ReadonlyMap<string, Kept>
  readonly #listeners: Listeners<BookView>
  /** How many times a book was not whole any more. */
  lost = 0

  constructor(parts: BookDeskParts) {
    this.#parts = parts
    const fresh = (symbol: string): Kept => ({ book: new OrderBook(symbol), askedAt: Number.NEGATIVE_INFINITY })
    this.#kept = new Map(parts.symbols.map((symbol) => [symbol, fresh(symbol)]))
    this.#listeners = new Listeners(({ symbol }, thrown) =>
      parts.logger.error('a listener of order books failed', { symbol, error: messageOf(thrown) }),
    )
  }

  subscribe(listener: (book: BookView) => void): () => void {
    return this.#listeners.subscribe(listener)
  }

  view(symbol: string, depth?: number): BookView | undefined {
    return this.#kept.get(symbol)?.book.view(depth)
  }

  take(update: AlpacaBook): void {
    const kept = this.#kept.get(update.symbol)
    if (kept === undefined) return
    const wasWhole = kept.book.isWhole
    if (!kept.book.take(update)) {
      if (wasWhole) this.lost += 1
      this.#ask(kept)
      return
    }
    const view = this.#listeners.isEmpty ? undefined : kept.book.view()
    if (view !== undefined) this.#listeners.tellAtOnce(view)
  }

  /** A connection begins: its first word of each is a whole book. */
  begin(): void {
    const now = this.#parts.clock.now()
    for (const kept of this.#kept.values()) {
      kept.book.lose()
      kept.askedAt = now
    }
  }

  /** Something was said that nobody understood: it may have been of any. */
  doubtAll(): void {
    for (const kept of this.#kept.values()) {
      if (kept.book.isWhole) this.lost += 1
      kept.book.lose()
      this.#ask(kept)
    }
  }

  #ask(kept: Kept): void {
    const now = this.#parts.clock.now()
    if (now - kept.askedAt < patienceMs) return
    kept.askedAt = now
    this.#parts.askAnew(kept.book.symbol)
  }
}
