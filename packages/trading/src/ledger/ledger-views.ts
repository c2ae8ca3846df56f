import { type Decimal, decimalText, divide, zero } from '../money/decimal.js'
import type { CurrencyBook } from './currency-book.js'
import { worthOfUnit } from './ledger-amounts.js'
import { ledgerAccounts, type Posting } from './ledger-entry.js'
import type { UnitTerms } from './ledger-event.js'
import type { LedgerPosition, LedgerTotals } from './ledger-port.js'
import { inOrder, type LedgerState, sortedBooks, sortedCurrencies } from './ledger-state.js'
import type { SymbolBook } from './symbol-book.js'

const averagePlaces = 12

export function ledgerPosition(state: LedgerState, symbol: string): LedgerPosition | undefined {
  const book = state.books.get(symbol)
  return book === undefined || book.totals.quantity.eq(zero) ? undefined : positionOf(state, book)
}

export function ledgerPositions(state: LedgerState): readonly LedgerPosition[] {
  return sortedBooks(state)
    .filter((book) => !book.totals.quantity.eq(zero))
    .map((book) => positionOf(state, book))
}

function positionOf(state: LedgerState, book: SymbolBook): LedgerPosition {
  const { shown, totals } = book
  if (shown?.totals === totals) return shown.position
  const position = newPositionOf(state, book)
  book.shown = { totals, position }
  return position
}

function newPositionOf(state: LedgerState, book: SymbolBook): LedgerPosition {
  const { quantity, openCost } = book.totals
  return {
    symbol: book.symbol,
    asset: book.asset ?? book.symbol,
    ...foreignCurrency(state, book),
    ...shownTerms(book),
    quantity: decimalText(quantity),
    openCost: decimalText(openCost),
    averagePrice: decimalText(divide(openCost, worthOfUnit(quantity, book), averagePlaces, 'half-even')),
    lots: book.lots().map((lot) => ({
      tradeId: lot.tradeId,
      quantity: decimalText(lot.quantity),
      cost: decimalText(lot.cost),
      openedAt: lot.openedAt,
    })),
    openedAt: book.openedAt,
  }
}

/** How units count, where that is to be told. */
export function shownTerms({ multiplier, isContract }: SymbolBook): UnitTerms {
  return {
    ...(multiplier === undefined ? {} : { multiplier: decimalText(multiplier) }),
    ...(isContract ? { settlement: 'margin' } : {}),
  }
}

/** The currency that a symbol settles in, where it is to be told. */
function foreignCurrency(state: LedgerState, book: SymbolBook): { readonly currency?: string } {
  return book.currency === undefined || book.currency === state.base.currency ? {} : { currency: book.currency }
}

/** Sums over all symbols that settle in a currency, and the fees that others paid in it. */
export type SymbolSums = { openCost: Decimal; realised: Decimal; fees: Decimal; contributed: Decimal }

const noSums: Readonly<SymbolSums> = { openCost: zero, realised: zero, fees: zero, contributed: zero }

/** The sums of every currency, in one pass over the symbols. */
export function sumsByCurrency(state: LedgerState): ReadonlyMap<string, SymbolSums> {
  const all = new Map<string, SymbolSums>()
  const sumsIn = (currency: string): SymbolSums => {
    let sums = all.get(currency)
    if (sums === undefined) {
      sums = { ...noSums }
      all.set(currency, sums)
    }
    return sums
  }
  for (const { currency, totals, isContract } of state.books.values()) {
    const sums = sumsIn(currency ?? state.base.currency)
    if (!isContract) sums.openCost = sums.openCost.plus(totals.openCost)
    sums.realised = sums.realised.plus(totals.realised)
    sums.fees = sums.fees.plus(totals.fees)
    sums.contributed = sums.contributed.plus(totals.contributed)
    if (totals.otherFees === undefined) continue
    for (const [other, fee] of totals.otherFees) {
      const paid = sumsIn(other)
      paid.fees = paid.fees.plus(fee)
    }
  }
  return all
}

/** The sums of one currency, with the fees that belong to no symbol. */
export function currencySums(all: ReadonlyMap<string, SymbolSums>, book: CurrencyBook): Readonly<SymbolSums> {
  const sums = all.get(book.currency) ?? noSums
  return { ...sums, fees: sums.fees.plus(book.figures.fees) }
}

export function ledgerTotals(state: LedgerState, currency: string): LedgerTotals {
  const book = state.currencies.get(currency)
  if (book === undefined) return { cash: '0', openCost: '0', realised: '0', fees: '0', income: '0', netDeposits: '0' }
  const { openCost, realised, fees, contributed } = currencySums(sumsByCurrency(state), book)
  return {
    cash: decimalText(book.cash),
    openCost: decimalText(openCost),
    realised: decimalText(realised),
    fees: decimalText(fees),
    income: decimalText(book.income()),
    netDeposits: decimalText(book.netDeposits().plus(contributed)),
  }
}

export function ledgerBalance(state: LedgerState, asset: string): string {
  let sum = state.currencies.get(asset)?.cash ?? zero
  for (const book of state.books.values()) if (book.asset === asset) sum = sum.plus(book.totals.quantity)
  return decimalText(sum)
}

/** {@link ledgerBalance} of all that is held, in one pass over the symbols, as a number. */
export function ledgerBalances(state: LedgerState): ReadonlyMap<string, Decimal> {
  const { base, currencies, books } = state
  const balances = new Map([[base.currency, base.cash]])
  if (currencies.size > 1) for (const { currency, cash } of sortedCurrencies(state)) balances.set(currency, cash)
  const held = [...books.values()].filter(({ totals }) => !totals.quantity.isZero())
  for (const { asset, symbol, totals } of inOrder(held)) {
    const name = asset ?? symbol
    balances.set(name, (balances.get(name) ?? zero).plus(totals.quantity))
  }
  return balances
}

/** The base currency, and every other that any figure is kept in. */
export function ledgerCurrencies(state: LedgerState): readonly string[] {
  return sortedCurrencies(state).map(({ currency }) => currency)
}

export function ledgerTrialBalance(state: LedgerState): readonly Posting[] {
  const lines: Line[] = []
  const all = sumsByCurrency(state)
  for (const book of state.currencies.values()) lines.push(...currencyLines(book, currencySums(all, book)))
  for (const { symbol, asset, currency, totals, isContract } of state.books.values()) {
    if (!isContract) lines.push([ledgerAccounts.position(symbol), currency ?? state.base.currency, totals.openCost])
    lines.push([ledgerAccounts.holdings(symbol), asset ?? symbol, totals.quantity])
    lines.push([ledgerAccounts.market(symbol), asset ?? symbol, totals.quantity.neg()])
  }
  return lines
    .filter(([, , amount]) => !amount.eq(zero))
    .map(([account, asset, amount]) => ({ account, asset, amount: decimalText(amount) }))
    .sort(byAccount)
}

type Line = readonly [account: string, asset: string, amount: Decimal]

/** Units that were transferred are what was contributed but neither opened nor adopted. */
function currencyLines({ currency, cash, figures }: CurrencyBook, sums: Readonly<SymbolSums>): readonly Line[] {
  const { openings, adoptions } = figures
  const transfers = figures.transfers.plus(sums.contributed).minus(openings).minus(adoptions)
  return [
    [ledgerAccounts.cash, currency, cash],
    [ledgerAccounts.deposits, currency, figures.deposits.neg()],
    [ledgerAccounts.fees, currency, sums.fees],
    [ledgerAccounts.borrow, currency, figures.borrow],
    [ledgerAccounts.dividends, currency, figures.dividends.neg()],
    [ledgerAccounts.interest, currency, figures.interest.neg()],
    [ledgerAccounts.funding, currency, figures.funding.neg()],
    [ledgerAccounts.realised, currency, sums.realised.neg()],
    [ledgerAccounts.transfers, currency, transfers.neg()],
    [ledgerAccounts.openings, currency, openings.neg()],
    [ledgerAccounts.adoptions, currency, adoptions.neg()],
  ]
}

/** The order of a trial balance. */
export function byAccount(a: Posting, b: Posting): number {
  return a.account < b.account || (a.account === b.account && a.asset < b.asset) ? -1 : 1
}
