import { type Decimal, decimalText, divide, zero } from '../money/decimal.js'
import type { CurrencyAmount } from './ledger-entry.js'
import type { PriceOf, RateOf, Unpriceable } from './ledger-port.js'
import { type LedgerState, sortedBooks, sortedCurrencies } from './ledger-state.js'
import { converted, priceIn, rateIn, worthAt } from './ledger-valuation.js'
import { currencySums, shownTerms, sumsByCurrency } from './ledger-views.js'
import type { SymbolBook } from './symbol-book.js'

const fractionPlaces = 12

/** What came of a symbol so far, in the currency it settles in; decimal texts. Fees are not taken off. */
export type SymbolProfit = {
  readonly symbol: string
  readonly currency: string
  /** Left out where it is 1. */
  readonly multiplier?: string
  readonly settlement?: 'margin'
  readonly quantity: string
  readonly openCost: string
  readonly realised: string
  readonly fees: string
  /** Fees paid in other currencies; left out where there are none. */
  readonly otherFees?: readonly CurrencyAmount[]
  /** Of what is held, at the price; of a contract what closing it would make. Left out without a price. */
  readonly marketValue?: string
  readonly unrealised?: string
  /** unrealised / |openCost|, to 12 decimals, half to even; left out without a price or a cost. */
  readonly returnFraction?: string
}

/** Decimal texts. `net` = realised + unrealised + income − fees. */
export type ProfitSums = {
  readonly realised: string
  readonly unrealised: string
  readonly fees: string
  readonly income: string
  readonly net: string
}

/** Profit in one currency; without `unrealised` and `net` while something in it has no price. */
export type CurrencyProfit = Omit<ProfitSums, 'unrealised' | 'net'> &
  Partial<Pick<ProfitSums, 'unrealised' | 'net'>> & { readonly currency: string }

/** Profit by symbol and by currency, and the whole in the base currency at the rates of now; unpriceable where one is missing. */
export type LedgerProfit = {
  readonly symbols: readonly SymbolProfit[]
  readonly currencies: readonly CurrencyProfit[]
  readonly total: ({ readonly status: 'priced' } & ProfitSums) | Unpriceable
}

type Sums = { realised: Decimal; unrealised: Decimal | undefined; fees: Decimal; income: Decimal }

export function ledgerProfit(state: LedgerState, priceOf: PriceOf, rateOf: RateOf | undefined): LedgerProfit {
  const base = state.base.currency
  const all = sumsByCurrency(state)
  const byCurrency = new Map<string, Sums>()
  for (const book of sortedCurrencies(state)) {
    const { realised, fees } = currencySums(all, book)
    byCurrency.set(book.currency, { realised, fees, income: book.income(), unrealised: zero })
  }
  const unpriced: string[] = []
  const symbols = sortedBooks(state).map((book) => {
    const currency = book.currency ?? base
    const profit = symbolProfit(book, currency, priceOf)
    const sums = byCurrency.get(currency)
    if (profit.unrealised === undefined) unpriced.push(book.symbol)
    if (sums?.unrealised !== undefined) sums.unrealised = profit.unrealised && sums.unrealised.plus(profit.unrealised)
    return profit.view
  })
  return {
    symbols,
    currencies: [...byCurrency].map(([currency, sums]) => ({ currency, ...currencyProfit(sums) })),
    total: totalProfit(base, byCurrency, unpriced, rateOf),
  }
}

function symbolProfit(
  book: SymbolBook,
  currency: string,
  priceOf: PriceOf,
): { readonly view: SymbolProfit; readonly unrealised: Decimal | undefined } {
  const { totals, isContract } = book
  const { quantity, openCost, realised, fees, otherFees } = totals
  const flat = quantity.eq(zero)
  const price = flat ? undefined : priceIn(priceOf, book.symbol)
  const marketValue = flat ? zero : price === undefined ? undefined : worthAt(book, price)
  const unrealised = isContract ? marketValue : marketValue?.minus(openCost)
  const view: SymbolProfit = {
    symbol: book.symbol,
    currency,
    ...shownTerms(book),
    quantity: decimalText(quantity),
    openCost: decimalText(openCost),
    realised: decimalText(realised),
    fees: decimalText(fees),
    ...(otherFees === undefined ? {} : { otherFees: feeTexts(otherFees) }),
    ...(marketValue === undefined || unrealised === undefined
      ? {}
      : { marketValue: decimalText(marketValue), unrealised: decimalText(unrealised) }),
    ...(unrealised === undefined || openCost.eq(zero)
      ? {}
      : { returnFraction: decimalText(divide(unrealised, openCost.abs(), fractionPlaces, 'half-even')) }),
  }
  return { view, unrealised }
}

/** Fees by currency that are not 0, in order of name. */
function feeTexts(fees: ReadonlyMap<string, Decimal>): readonly CurrencyAmount[] {
  return [...fees]
    .filter(([, amount]) => !amount.eq(zero))
    .map(([currency, amount]) => ({ currency, amount: decimalText(amount) }))
    .sort((a, b) => (a.currency < b.currency ? -1 : 1))
}

function currencyProfit({ realised, unrealised, fees, income }: Sums): Omit<CurrencyProfit, 'currency'> {
  const sums = { realised: decimalText(realised), fees: decimalText(fees), income: decimalText(income) }
  if (unrealised === undefined) return sums
  const net = realised.plus(unrealised).plus(income).minus(fees)
  return { ...sums, unrealised: decimalText(unrealised), net: decimalText(net) }
}

function totalProfit(
  base: string,
  byCurrency: ReadonlyMap<string, Sums>,
  symbols: readonly string[],
  rateOf: RateOf | undefined,
): LedgerProfit['total'] {
  const currencies: string[] = []
  const total = { realised: zero, unrealised: zero, fees: zero, income: zero }
  for (const [currency, sums] of byCurrency) {
    const amounts = { ...sums, unrealised: sums.unrealised ?? zero }
    const figures = Object.keys(total) as (keyof typeof total)[]
    if (sums.unrealised !== undefined && figures.every((figure) => amounts[figure].eq(zero))) continue
    const rate = rateIn(rateOf, currency, base)
    if (rate === undefined) currencies.push(currency)
    else for (const figure of figures) total[figure] = total[figure].plus(converted(amounts[figure], rate))
  }
  if (symbols.length > 0 || currencies.length > 0)
    return { status: 'unpriceable', symbols, ...(currencies.length > 0 ? { currencies } : {}) }
  const { realised, unrealised, fees, income } = total
  return {
    status: 'priced',
    realised: decimalText(realised),
    unrealised: decimalText(unrealised),
    fees: decimalText(fees),
    income: decimalText(income),
    net: decimalText(realised.plus(unrealised).plus(income).minus(fees)),
  }
}
