import { type Decimal, zero } from '../money/decimal.js'
import { SymbolBook } from './symbol-book.js'

/** All that the books hold. Cash is kept as a running sum; the rest of the totals is summed when asked for. */
export type LedgerState = {
  readonly currency: string
  entries: number
  cash: Decimal
  deposits: Decimal
  /** Fees that belong to no fill. */
  fees: Decimal
  dividends: Decimal
  interest: Decimal
  readonly books: Map<string, SymbolBook>
  /** The entry of each event that is not known by a trade id. */
  readonly seen: Map<string, string>
}

export function emptyLedgerState(currency: string): LedgerState {
  return {
    currency,
    entries: 0,
    cash: zero,
    deposits: zero,
    fees: zero,
    dividends: zero,
    interest: zero,
    books: new Map(),
    seen: new Map(),
  }
}

export function bookOf(state: LedgerState, symbol: string): SymbolBook {
  let book = state.books.get(symbol)
  if (book === undefined) {
    book = new SymbolBook(symbol)
    state.books.set(symbol, book)
  }
  return book
}

/** The books in order of symbol, whatever came first. */
export function sortedBooks(state: LedgerState): readonly SymbolBook[] {
  return [...state.books.values()].sort((a, b) => (a.symbol < b.symbol ? -1 : 1))
}

/** Within a symbol a fill is known by account and trade id; the length keeps two different pairs from meeting. */
export function fillKey(account: string, tradeId: string): string {
  return `${account.length}:${account}${tradeId}`
}
