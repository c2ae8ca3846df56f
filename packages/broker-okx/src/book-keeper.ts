import { type BookView, Listeners } from '@tradeswarm/broker-kit'
import { type Clock, type EpochMs, type Logger, messageOf } from '@tradeswarm/core'
import { OrderBook } from './order-book.js'
import type { BookUpdate } from './parse-market-data.js'

type Kept = { readonly book: OrderBook; askedAt: EpochMs; asks: number }

/** A book that was asked for is asked for again after so long, where it has not come, and not more than thrice within: OKX counts. */
const patienceMs = 5_000
const asksWithin = 3

export type BookKeeperParts = {
  readonly symbols: readonly string[]
  readonly clock: Clock
  /** Has the venue send a whole book. */
  readonly askAnew: (symbol: string) => void
  readonly logger: Logger
}

/** Keeps the books of some symbols, and has those sent anew that are not whole any more. */
export class BookKeeper {
  readonly #parts: BookKeeperParts
  readonly #kept: ReadonlyMap<string, Kept>
  readonly #listeners: Listeners<BookView>
  /** How many times a book was not whole any more. */
  lost = 0

  constructor(parts: BookKeeperParts) {
    this.#parts = parts
    const fresh = (symbol: string): Kept => ({
      book: new OrderBook(symbol),
      askedAt: Number.NEGATIVE_INFINITY,
      asks: 0,
    })
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

  take(symbol: string, action: 'snapshot' | 'update', update: BookUpdate): void {
    const kept = this.#kept.get(symbol)
    if (kept === undefined) return
    const { book } = kept
    const wasWhole = book.isWhole
    if (!book.take(action, update)) {
      // A change that comes while the snapshot is on its way says nothing new about that.
      const isNews = wasWhole || action === 'snapshot'
      if (isNews) this.lost += 1
      if (isNews || this.#parts.clock.now() - kept.askedAt >= patienceMs) this.#ask(kept)
      return
    }
    const view = this.#listeners.isEmpty ? undefined : book.view()
    if (view !== undefined) this.#listeners.tellAtOnce(view)
  }

  /** A connection begins: its first word of each is a snapshot. */
  begin(): void {
    const now = this.#parts.clock.now()
    for (const kept of this.#kept.values()) {
      kept.book.lose()
      kept.askedAt = now
    }
  }

  /** Something was said of a book that nobody understood; of any, where it is not known of which. */
  doubt(symbol: string | undefined): void {
    for (const kept of this.#kept.values()) {
      if (symbol !== undefined && symbol !== kept.book.symbol) continue
      if (kept.book.isWhole) this.lost += 1
      kept.book.lose()
      this.#ask(kept)
    }
  }

  #ask(kept: Kept): void {
    const now = this.#parts.clock.now()
    if (now - kept.askedAt >= patienceMs) kept.asks = 0
    if (kept.asks >= asksWithin) return
    kept.asks += 1
    kept.askedAt = now
    this.#parts.askAnew(kept.book.symbol)
  }
}
