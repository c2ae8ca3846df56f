import { type Decimal, decimal, decimalText, divide, zero } from '../money/decimal.js'
import { ledgerAccounts, type Posting } from './ledger-entry.js'
import type { LedgerPosition, LedgerTotals, LedgerValuation } from './ledger-port.js'
import { type LedgerState, sortedBooks } from './ledger-state.js'
import type { SymbolBook } from './symbol-book.js'

const averagePlaces = 12

export function ledgerPosition(state: LedgerState, symbol: string): LedgerPosition | undefined {
  const book = state.books.get(symbol)
  return book === undefined || book.totals.quantity.eq(zero) ? undefined : positionOf(book)
}

export function ledgerPositions(state: LedgerState): readonly LedgerPosition[] {
  return sortedBooks(state)
    .filter((book) => !book.totals.quantity.eq(zero))
    .map(positionOf)
}

function positionOf(book: SymbolBook): LedgerPosition {
  const { shown, totals } = book
  if (shown?.totals === totals) return shown.position
  const position = newPositionOf(book)
  book.shown = { totals, position }
  return position
}

function newPositionOf(book: SymbolBook): LedgerPosition {
  const { quantity, openCost } = book.totals
  return {
    symbol: book.symbol,
    asset: book.asset ?? book.symbol,
    quantity: decimalText(quantity),
    openCost: decimalText(openCost),
    averagePrice: decimalText(divide(openCost, quantity, averagePlaces, 'half-even')),
    lots: book.lots().map((lot) => ({
      tradeId: lot.tradeId,
      quantity: decimalText(lot.quantity),
      cost: decimalText(lot.cost),
      openedAt: lot.openedAt,
    })),
    openedAt: book.openedAt,
  }
}

/** The totals of all books and of what belongs to none. */
function sums(state: LedgerState): { readonly openCost: Decimal; readonly realised: Decimal; readonly fees: Decimal } {
  let openCost = zero
  let realised = zero
  let { fees } = state
  for (const { totals } of state.books.values()) {
    openCost = openCost.plus(totals.openCost)
    realised = realised.plus(totals.realised)
    fees = fees.plus(totals.fees)
  }
  return { openCost, realised, fees }
}

export function ledgerTotals(state: LedgerState): LedgerTotals {
  const { openCost, realised, fees } = sums(state)
  return {
    cash: decimalText(state.cash),
    openCost: decimalText(openCost),
    realised: decimalText(realised),
    fees: decimalText(fees),
    income: decimalText(state.dividends.plus(state.interest)),
    netDeposits: decimalText(state.deposits),
  }
}

export function ledgerValuation(state: LedgerState, priceOf: (symbol: string) => string | undefined): LedgerValuation {
  let marketValue = zero
  const unpriceable: string[] = []
  for (const { symbol, totals } of state.books.values()) {
    if (totals.quantity.eq(zero)) continue
    const price = priceOf(symbol)
    if (price === undefined) unpriceable.push(symbol)
    else marketValue = marketValue.plus(totals.quantity.times(decimal(price, `price of ${symbol}`)))
  }
  if (unpriceable.length > 0) return { status: 'unpriceable', symbols: unpriceable.sort() }
  return { status: 'priced', marketValue: decimalText(marketValue), equity: decimalText(state.cash.plus(marketValue)) }
}

export function ledgerTrialBalance(state: LedgerState): readonly Posting[] {
  const { realised, fees } = sums(state)
  const { currency } = state
  const lines: [account: string, asset: string, amount: Decimal][] = [
    [ledgerAccounts.cash, currency, state.cash],
    [ledgerAccounts.deposits, currency, zero.minus(state.deposits)],
    [ledgerAccounts.fees, currency, fees],
    [ledgerAccounts.dividends, currency, zero.minus(state.dividends)],
    [ledgerAccounts.interest, currency, zero.minus(state.interest)],
    [ledgerAccounts.realised, currency, zero.minus(realised)],
  ]
  for (const { symbol, asset, totals } of state.books.values()) {
    lines.push([ledgerAccounts.position(symbol), currency, totals.openCost])
    lines.push([ledgerAccounts.holdings(symbol), asset ?? symbol, totals.quantity])
    lines.push([ledgerAccounts.market(symbol), asset ?? symbol, zero.minus(totals.quantity)])
  }
  return lines
    .filter(([, , amount]) => !amount.eq(zero))
    .map(([account, asset, amount]) => ({ account, asset, amount: decimalText(amount) }))
    .sort((a, b) => (a.account < b.account ? -1 : 1))
}
