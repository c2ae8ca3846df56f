import type { BookView } from '@tradeswarm/broker-kit'
import { OrderBook } from './order-book.js'
import type { BookUpdate } from './parse-market-data.js'

type BookListener = (book: BookView) => void

/** Keeps the books of some symbols, and has those sent anew that are not whole any more. */
export class BookKeeper {
  readonly #books: ReadonlyMap<string, OrderBook>
  readonly #askAnew: (symbol: string) => void
  #listeners: readonly BookListener[] = []
  /** How many times a book had to be asked for anew. */
  lost = 0

  constructor(symbols: readonly string[], askAnew: (symbol: string) => void) {
    this.#books = new Map(symbols.map((symbol) => [symbol, new OrderBook(symbol)]))
    this.#askAnew = askAnew
  }

  subscribe(listener: BookListener): () => void {
    const subscription: BookListener = (book) => listener(book)
    this.#listeners = [...this.#listeners, subscription]
    return () => {
      this.#listeners = this.#listeners.filter((one) => one !== subscription)
    }
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
    const view = this.#listeners.length === 0 ? undefined : book.view()
    if (view !== undefined) for (const listener of this.#listeners) listener(view)
  }

  /** The connection broke: what comes next are snapshots. */
  loseAll(): void {
    for (const book of this.#books.values()) book.lose()
  }
}
