import type { EpochMs } from '@tradeswarm/core'
import { type Decimal, zero } from '../money/decimal.js'
import { CurrencyBook } from './currency-book.js'
import { checkCurrencyName } from './ledger-amounts.js'
import type { PriceOf } from './ledger-port.js'
import type { LotMethod } from './open-lots.js'
import { SymbolBook } from './symbol-book.js'

/** The entry of an event that is not known by a trade id, and its time where that is needed to forget it. */
export type SeenEvent = {
  readonly entryId: string
  readonly time: EpochMs | undefined
  /** What it said; see {@link eventFingerprint}. In memory alone: of books that a snapshot restored it is not known. */
  readonly said?: string
}

/** All that the books hold. */
export type LedgerState = {
  /** The books of the base currency. */
  readonly base: CurrencyBook
  readonly lots: LotMethod
  entries: number
  /** The sum of what books in the base currency have in `valued`: no figure, but saves adding up all that has not changed. */
  valued: Decimal
  /** Books whose totals have changed since they were valued. */
  readonly moved: Set<SymbolBook>
  /** Symbols in the base currency that are held and had no price when they were valued. */
  readonly unpriced: Set<string>
  /** What gave the prices of `valued` and `unpriced`, where they hold all books but those in `moved`. */
  pricedBy: PriceOf | undefined
  /** Books of every currency, the base included. */
  readonly currencies: Map<string, CurrencyBook>
  /** How many they were before the fill that was booked last; no figure, but for taking that back. */
  currenciesBefore: number
  /** The currency that its symbol was known to settle in before it, where it was the first that said what that is counted in, and how. */
  namedBefore: Pick<SymbolBook, 'currency'> | undefined
  readonly books: Map<string, SymbolBook>
  readonly seen: Map<string, SeenEvent>
  /** Fills before it were folded; keys before `keysBefore` are not remembered. Undefined until something is to be forgotten. */
  horizon: { readonly time: EpochMs; readonly keysBefore: EpochMs | undefined } | undefined
}

export function emptyLedgerState(currency: string, lots: LotMethod): LedgerState {
  const base = new CurrencyBook(currency)
  return {
    base,
    lots,
    entries: 0,
    valued: zero,
    moved: new Set(),
    unpriced: new Set(),
    pricedBy: undefined,
    currencies: new Map([[currency, base]]),
    currenciesBefore: 1,
    namedBefore: undefined,
    books: new Map(),
    seen: new Map(),
    horizon: undefined,
  }
}

/** The book of a symbol, a new one where there is none. */
export function bookOf(state: LedgerState, symbol: string): SymbolBook {
  let book = state.books.get(symbol)
  if (book === undefined) {
    book = new SymbolBook(symbol, state.lots, state.moved)
    state.books.set(symbol, book)
  }
  return book
}

/** The book of a currency, a new one where there is none. */
export function currencyBookOf(state: LedgerState, currency: string): CurrencyBook {
  if (currency === state.base.currency) return state.base
  let book = state.currencies.get(currency)
  if (book === undefined) {
    book = new CurrencyBook(currency)
    state.currencies.set(currency, book)
  }
  return book
}

/** Throws `INVALID_LEDGER_EVENT` for a currency that has no book yet and whose name is none. */
export function checkCurrency(state: LedgerState, currency: string, field: string): void {
  if (!state.currencies.has(currency)) checkCurrencyName(currency, field)
}

/** The books in order of symbol, whatever came first. */
export function sortedBooks(state: LedgerState): readonly SymbolBook[] {
  return inOrder([...state.books.values()])
}

/** These books in order of symbol. */
export function inOrder(books: SymbolBook[]): readonly SymbolBook[] {
  return books.sort((a, b) => (a.symbol < b.symbol ? -1 : 1))
}

/** The books of currencies in order of name. */
export function sortedCurrencies(state: LedgerState): readonly CurrencyBook[] {
  return [...state.currencies.values()].sort((a, b) => (a.currency < b.currency ? -1 : 1))
}

/** Within a symbol a fill is known by account and trade id; the length keeps two different pairs from meeting. */
export function fillKey(account: string, tradeId: string): string {
  return `${account.length}:${account}${tradeId}`
}
