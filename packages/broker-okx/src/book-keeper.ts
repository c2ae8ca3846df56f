import { type BookView, Listeners } from '@tradeswarm/broker-kit'
import { type Logger, messageOf } from '@tradeswarm/core'
import { OrderBook } from './order-book.js'
import type { BookUpdate } from './parse-market-data.js'

/** Keeps the books of some symbols, and has those sent anew that are not whole any more. */
export class BookKeeper {
  readonly #books: ReadonlyMap<string, OrderBook>
  readonly #askAnew: (symbol: string) => void
  readonly #listeners: Listeners<BookView>
  /** How many times a book had to be asked for anew. */
  lost = 0

  constructor(symbols: readonly string[], askAnew: (symbol: string) => void, logger: Logger) {
    this.#books = new Map(symbols.map((symbol) => [symbol, new OrderBook(symbol)]))
    this.#askAnew = askAnew
    this.#listeners = new Listeners(({ symbol }, thrown) =>
      logger.error('a listener of order books failed', { symbol, error: messageOf(thrown) }),
    )
  }

  subscribe(listener: (book: BookView) => void): () => void {
    return this.#listeners.subscribe(listener)
  }

  view(symbol: string, depth?: number): BookView | undefined {
    return this.#books.get(symbol)?.view(depth)
  }

  take(symbol: string, action: 'snapshot' | 'update', update: BookUpdate): void {
    const book = this.#books.get(symbol)
    if (book === undefined) return
    // A change that comes while the snapshot is on its way says nothing new about that.
    const wasWhole = book.view(0) !== undefined
    if (!book.take(action, update)) {
      if (wasWhole || action === 'snapshot') {
        this.lost += 1
        this.#askAnew(symbol)
      }
      return
    }
    const view = this.#listeners.isEmpty ? undefined : book.view()
    if (view !== undefined) this.#listeners.tellAtOnce(view)
  }

  /** The connection broke: what comes next are snapshots. */
  loseAll(): void {
    for (const book of this.#books.values()) book.lose()
  }
}
