import { type Decimal, decimal } from '@tradeswarm/trading'
import { type BookLevel, bookChecksum } from './book-checksum.js'

/** What the book of an instrument is, best levels first. */
export type BookSides = { readonly bids: readonly BookLevel[]; readonly asks: readonly BookLevel[] }

/** A change of a book: the levels that are new or have another size; size `0` where one is gone. */
export type BookChange = BookSides & { readonly prevSeqId: number; readonly seqId: number }

/** Prices and sizes of one side of a book, in a test's words. */
export type PlainLevel = readonly [price: string, size: string]

/** The book of one instrument with its sequence. */
export class OkxBook {
  #sides: BookSides = { bids: [], asks: [] }
  #seqId: number

  constructor(firstSeqId: number) {
    this.#seqId = firstSeqId
  }

  get sides(): BookSides {
    return this.#sides
  }

  get seqId(): number {
    return this.#seqId
  }

  checksum(): number {
    return bookChecksum(this.#sides.bids, this.#sides.asks)
  }

  /** Puts other levels in the place of the ones before; undefined where nothing changes. */
  replace(bids: readonly PlainLevel[], asks: readonly PlainLevel[]): BookChange | undefined {
    const next = { bids: levels(bids, -1), asks: levels(asks, 1) }
    const change = { bids: changed(this.#sides.bids, next.bids), asks: changed(this.#sides.asks, next.asks) }
    this.#sides = next
    if (change.bids.length + change.asks.length === 0) return undefined
    return { ...change, ...this.#step(this.#seqId + 4) }
  }

  /** Nothing has changed: the sequence stands. */
  stillThere(): BookChange {
    return { bids: [], asks: [], prevSeqId: this.#seqId, seqId: this.#seqId }
  }

  /** The venue begins to count anew, at a lower number. */
  reset(): BookChange {
    return { bids: [], asks: [], ...this.#step(3) }
  }

  /** Counts on, as if an update had been told. */
  skip(): void {
    this.#step(this.#seqId + 4)
  }

  #step(seqId: number): { readonly prevSeqId: number; readonly seqId: number } {
    const prevSeqId = this.#seqId
    this.#seqId = seqId
    return { prevSeqId, seqId }
  }
}

function levels(side: readonly PlainLevel[], direction: 1 | -1): readonly BookLevel[] {
  const parsed = side.map(([price, size]): readonly [Decimal, BookLevel] => [decimal(price), [price, size, '0', '1']])
  return parsed.sort(([a], [b]) => direction * a.cmp(b)).map(([, level]) => level)
}

function changed(before: readonly BookLevel[], after: readonly BookLevel[]): readonly BookLevel[] {
  const sizes = new Map(before.map(([price, size]) => [price, size]))
  const changes: BookLevel[] = after.filter(([price, size]) => sizes.get(price) !== size)
  for (const [price] of after) sizes.delete(price)
  for (const price of sizes.keys()) changes.push([price, '0', '0', '0'])
  return changes
}
