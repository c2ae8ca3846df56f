import { decimal, decimalText, divide, one, zero } from '../money/decimal.js'
import { Decimal } from '../money/exact-decimal.js'
import { worthOfUnit } from './ledger-amounts.js'
import type { ChangedSymbols, LedgerValuation, PriceOf, RateOf, Unpriceable } from './ledger-port.js'
import { type LedgerState, sortedCurrencies } from './ledger-state.js'
import type { SymbolBook } from './symbol-book.js'

/** What is converted at a rate is cut here: a valuation is a report, no booking. */
const convertedPlaces = 18

/** A price from outside; undefined where it is none. Throws `INVALID_DECIMAL` for what is no number in a text. */
export function priceIn(priceOf: PriceOf, symbol: string): Decimal | undefined {
  return positive(priceOf(symbol), 'price of', symbol)
}

/** A rate from outside; undefined where it is none. The base currency needs none. Throws `INVALID_DECIMAL` for what is no number in a text. */
export function rateIn(rateOf: RateOf | undefined, currency: string, base: string): Decimal | 'base' | undefined {
  return currency === base ? 'base' : positive(rateOf?.(currency), 'rate of', currency)
}

function positive(value: string | Decimal | undefined, what: string, name: string): Decimal | undefined {
  if (value === undefined) return undefined
  const amount = value instanceof Decimal ? value : decimal(value, `${what} ${name}`)
  return amount.gt(zero) ? amount : undefined
}

/** An amount at a rate, to 18 decimals, half to even. The base currency stays as it is. */
export function converted(amount: Decimal, rate: Decimal | 'base'): Decimal {
  return rate === 'base' ? amount : divide(amount.times(rate), one, convertedPlaces, 'half-even')
}

type Worth = { readonly marketValue: Decimal; readonly equity: Decimal } | Unpriceable

/** Each currency's holdings are summed exactly and converted once. `repriced` as of {@link Ledger.equity}. */
export function ledgerWorth(
  state: LedgerState,
  priceOf: PriceOf,
  rateOf: RateOf | undefined,
  repriced?: ChangedSymbols,
): Worth {
  if (state.currencies.size > 1) return worthInAllCurrencies(state, priceOf, rateOf)
  if (repriced === undefined || state.pricedBy !== priceOf) {
    state.pricedBy = undefined
    for (const book of state.books.values()) value(state, book, priceOf)
  } else {
    repriced.forEach((symbol) => {
      const book = state.books.get(symbol)
      if (book !== undefined) value(state, book, priceOf)
    })
  }
  for (const book of state.moved) value(state, book, priceOf)
  state.moved.clear()
  state.pricedBy = priceOf
  if (state.unpriced.size > 0) return { status: 'unpriceable', symbols: [...state.unpriced].sort() }
  return { marketValue: state.valued, equity: state.base.cash.plus(state.valued) }
}

function worthInAllCurrencies(state: LedgerState, priceOf: PriceOf, rateOf: RateOf | undefined): Worth {
  state.pricedBy = undefined
  const base = state.base.currency
  const foreign = new Map<string, Decimal>()
  const unpriced: string[] = []
  for (const book of state.books.values()) {
    const { symbol, currency, totals } = book
    const price = value(state, book, priceOf)
    if (price === undefined) {
      if (!totals.quantity.isZero()) unpriced.push(symbol)
    } else if (currency !== undefined && currency !== base)
      foreign.set(currency, (foreign.get(currency) ?? zero).plus(worthAt(book, price)))
  }
  let marketValue = state.valued
  let equity = state.base.cash
  const unrated: string[] = []
  for (const { currency, cash } of sortedCurrencies(state)) {
    if (currency === base) continue
    const held = foreign.get(currency)
    if (held === undefined && cash.eq(zero)) continue
    const rate = rateIn(rateOf, currency, base)
    if (rate === undefined) unrated.push(currency)
    else {
      marketValue = marketValue.plus(converted(held ?? zero, rate))
      equity = equity.plus(converted(cash, rate))
    }
  }
  if (unpriced.length > 0 || unrated.length > 0) {
    const symbols = unpriced.sort()
    return { status: 'unpriceable', symbols, ...(unrated.length > 0 ? { currencies: unrated } : {}) }
  }
  return { marketValue, equity: equity.plus(marketValue) }
}

/** Brings what a book is worth in the base currency up to date, in it and in the sum. Returns its price where it holds something and has one. */
function value(state: LedgerState, book: SymbolBook, priceOf: PriceOf): Decimal | undefined {
  const { valued, totals, symbol, currency } = book
  const isHeld = !totals.quantity.isZero()
  const price = isHeld ? priceIn(priceOf, symbol) : undefined
  if (currency !== undefined && currency !== state.base.currency) return price
  if (isHeld && price === undefined) state.unpriced.add(symbol)
  else if (state.unpriced.size > 0) state.unpriced.delete(symbol)
  if (valued === undefined ? price === undefined : valued.totals === totals && valued.price === price) return price
  const worth = price === undefined ? undefined : worthAt(book, price)
  if (valued !== undefined) state.valued = state.valued.minus(valued.worth)
  if (price === undefined || worth === undefined) {
    book.valued = undefined
    return undefined
  }
  state.valued = state.valued.plus(worth)
  if (valued === undefined) book.valued = { totals, price, worth }
  else {
    valued.totals = totals
    valued.price = price
    valued.worth = worth
  }
  return price
}

/** What the units of a book are worth to the account: of a contract, which was not paid for, what they have gained. */
export function worthAt(book: SymbolBook, price: Decimal): Decimal {
  const { totals, isContract } = book
  const worth = totals.quantity.times(worthOfUnit(price, book))
  return isContract ? worth.minus(totals.openCost) : worth
}

export function ledgerValuation(state: LedgerState, priceOf: PriceOf, rateOf: RateOf | undefined): LedgerValuation {
  const worth = ledgerWorth(state, priceOf, rateOf)
  if ('status' in worth) return worth
  return { status: 'priced', marketValue: decimalText(worth.marketValue), equity: decimalText(worth.equity) }
}
