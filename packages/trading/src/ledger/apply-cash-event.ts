import { type Decimal, zero } from '../money/decimal.js'
import type { CurrencyFigure } from './currency-book.js'
import { checkName, invalidField, moneyAmount, unitPrice, unitQuantity } from './ledger-amounts.js'
import { ledgerAccounts } from './ledger-entry.js'
import type { CashEvent } from './ledger-event.js'
import type { LedgerResult } from './ledger-port.js'
import { checkCurrency, currencyBookOf, type LedgerState } from './ledger-state.js'
import { bookCash } from './write-entry.js'

/** Where each kind is counted, whether its amount is received or paid, and the other account of its entry. */
const kinds: Readonly<
  Record<
    CashEvent['type'],
    { readonly figure: CurrencyFigure; readonly account: string; readonly sign: 'received' | 'paid' }
  >
> = {
  deposit: { figure: 'deposits', account: ledgerAccounts.deposits, sign: 'received' },
  withdrawal: { figure: 'deposits', account: ledgerAccounts.deposits, sign: 'paid' },
  fee: { figure: 'fees', account: ledgerAccounts.fees, sign: 'paid' },
  interest: { figure: 'interest', account: ledgerAccounts.interest, sign: 'received' },
  dividend: { figure: 'dividends', account: ledgerAccounts.dividends, sign: 'received' },
  funding: { figure: 'funding', account: ledgerAccounts.funding, sign: 'received' },
  borrow: { figure: 'borrow', account: ledgerAccounts.borrow, sign: 'paid' },
  transfer: { figure: 'transfers', account: ledgerAccounts.transfers, sign: 'received' },
}

/** Moves cash of one currency, against the account of its kind. */
export function applyCashEvent(state: LedgerState, event: CashEvent): LedgerResult {
  const { figure, account, sign } = kinds[event.type]
  const amount = amountOf(event)
  const currency = event.currency ?? state.base.currency
  checkCurrency(state, currency, `${event.type}.currency`)
  if ('symbol' in event) checkSymbol(state, event, currency)
  const book = currencyBookOf(state, currency)
  const received = sign === 'received' ? amount : amount.neg()
  book.add(figure, figure === 'deposits' ? received : amount)
  return bookCash(state, event, book, received, account)
}

function amountOf(event: CashEvent): Decimal {
  if (event.type === 'dividend') {
    const perUnit = unitPrice(event.amountPerUnit, 'dividend.amountPerUnit')
    return unitQuantity(event.quantity, 'dividend.quantity').times(perUnit)
  }
  const amount = moneyAmount(event.amount, `${event.type}.amount`)
  if (event.type === 'withdrawal' && amount.lte(zero))
    throw invalidField('withdrawal.amount', `must be above 0, not "${event.amount}"`)
  return amount
}

/** Base currency is the default, but not for a symbol that is known to settle in another: a forgotten currency would book euros as dollars. */
function checkSymbol(
  state: LedgerState,
  event: Extract<CashEvent, { readonly symbol: string }>,
  currency: string,
): void {
  const book = state.books.get(event.symbol)
  if (book === undefined) checkName(event.symbol, `${event.type}.symbol`)
  if (event.currency === undefined && book?.currency !== undefined && book.currency !== currency)
    throw invalidField(
      `${event.type}.currency`,
      `is missing: ${event.symbol} settles in ${book.currency}, so say which currency this is in`,
    )
}
