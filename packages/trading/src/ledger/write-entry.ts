import { type Decimal, decimalText, zero } from '../money/decimal.js'
import { oppositeText } from '../money/decimal-text.js'
import type { CurrencyBook } from './currency-book.js'
import { type CurrencyAmount, type LedgerEntry, ledgerAccounts, type Posting } from './ledger-entry.js'
import type { BustEvent, CorrectionEvent, FillEvent, LedgerEvent, PositionEvent, SplitEvent } from './ledger-event.js'
import type { LedgerResult } from './ledger-port.js'
import { currencyBookOf, type LedgerState } from './ledger-state.js'
import { type BookChange, type Mutable, noChange, type SymbolBook } from './symbol-book.js'

/** The entry of what moves cash, which comes from one other account or goes there. */
export function bookCash(
  state: LedgerState,
  event: LedgerEvent,
  book: CurrencyBook,
  amount: Decimal,
  against: string,
): LedgerResult {
  book.cash = book.cash.plus(amount)
  const postings: Posting[] = []
  post(postings, ledgerAccounts.cash, book.currency, amount)
  post(postings, against, book.currency, amount.neg())
  const entry = entryOf(state, event, postings)
  if ('symbol' in event) entry.symbol = event.symbol
  return { status: 'applied', entry }
}

/** The account that units without a trade come from. What a bust or correction changes of the cost of units that went out is there too. */
const contributedFrom = {
  opening: ledgerAccounts.openings,
  adoption: ledgerAccounts.adoptions,
  transfer: ledgerAccounts.transfers,
} as const

type Applied = Extract<LedgerResult, { readonly status: 'applied' }>

/** The entry for what has changed in a symbol's book. It balances because every book's totals do, before and after. */
export function bookChange(
  state: LedgerState,
  event: FillEvent | BustEvent | CorrectionEvent | SplitEvent | PositionEvent,
  book: SymbolBook,
  change: BookChange,
): Applied {
  const postings: Posting[] = []
  const currency = book.currency ?? state.base.currency
  if (change !== noChange) {
    const asset = book.asset ?? book.symbol
    const cashBook = currencyBookOf(state, currency)
    cashBook.cash = cashBook.cash.plus(change.cash)
    post(postings, ledgerAccounts.cash, currency, change.cash)
    const { accounts } = book
    if (!book.isContract) post(postings, accounts.position, currency, change.openCost)
    post(postings, ledgerAccounts.fees, currency, change.fees)
    postOpposite(postings, ledgerAccounts.realised, currency, change.realised)
    const from = event.type in contributedFrom ? (event.type as keyof typeof contributedFrom) : 'transfer'
    postOpposite(postings, contributedFrom[from], currency, change.contributed)
    post(postings, accounts.holdings, asset, change.quantity)
    postOpposite(postings, accounts.market, asset, change.quantity)
  }
  if (event.type === 'fill' && change.otherFees === undefined && currency === state.base.currency)
    return { status: 'applied', entry: fillEntry(state, event, book, change, postings) }
  const otherFees = change.otherFees === undefined ? [] : payOtherFees(state, postings, change.otherFees)
  const entry = entryOf(state, event, postings)
  entry.symbol = book.symbol
  if (currency !== state.base.currency) entry.currency = currency
  entry.realised = decimalText(change.realised)
  entry.quantityAfter = decimalText(book.totals.quantity)
  if (otherFees.length > 0) entry.otherFees = otherFees
  if (!('tradeId' in event)) return { status: 'applied', entry }
  entry.fee = decimalText(change.fees)
  entry.account = event.account
  entry.tradeId = event.tradeId
  if (event.type !== 'fill') return { status: 'applied', entry }
  entry.orderId = event.orderId
  entry.closedQuantity = decimalText(change.closedQuantity)
  entry.closedCost = decimalText(change.closedCost)
  return { status: 'applied', entry }
}

/** The entry of a fill in the base currency: what most entries are. Its keys come in alphabetical order, as canonical JSON wants them. */
function fillEntry(
  state: LedgerState,
  event: FillEvent,
  book: SymbolBook,
  change: BookChange,
  postings: readonly Posting[],
): LedgerEntry {
  state.entries += 1
  const entryId = `ledger-${state.entries}`
  const { account, causationId, correlationId, eventId, orderId, time, tradeId } = event
  const closedCost = decimalText(change.closedCost)
  const closedQuantity = decimalText(change.closedQuantity)
  const fee = decimalText(change.fees)
  const quantityAfter = decimalText(book.totals.quantity)
  const realised = decimalText(change.realised)
  const { symbol } = book
  if (causationId !== undefined && correlationId !== undefined) {
    return {
      account,
      causationId,
      closedCost,
      closedQuantity,
      correlationId,
      entryId,
      eventId,
      fee,
      kind: 'fill',
      orderId,
      postings,
      quantityAfter,
      realised,
      symbol,
      time,
      tradeId,
    }
  }
  const amounts = { closedCost, closedQuantity, fee, quantityAfter, realised }
  const chain = {
    ...(causationId === undefined ? {} : { causationId }),
    ...(correlationId === undefined ? {} : { correlationId }),
  }
  return { account, ...chain, ...amounts, entryId, eventId, kind: 'fill', orderId, postings, symbol, time, tradeId }
}

function payOtherFees(
  state: LedgerState,
  postings: Posting[],
  fees: ReadonlyMap<string, Decimal>,
): readonly CurrencyAmount[] {
  const paid: CurrencyAmount[] = []
  for (const [currency, amount] of fees) {
    if (amount.eq(zero)) continue
    const book = currencyBookOf(state, currency)
    book.cash = book.cash.minus(amount)
    post(postings, ledgerAccounts.cash, currency, amount.neg())
    post(postings, ledgerAccounts.fees, currency, amount)
    paid.push({ currency, amount: decimalText(amount) })
  }
  return paid
}

function entryOf(state: LedgerState, event: LedgerEvent, postings: readonly Posting[]): Mutable<LedgerEntry> {
  state.entries += 1
  const entry: Mutable<LedgerEntry> = {
    entryId: `ledger-${state.entries}`,
    eventId: event.eventId,
    kind: event.type,
    time: event.time,
    postings,
  }
  if (event.correlationId !== undefined) entry.correlationId = event.correlationId
  if (event.causationId !== undefined) entry.causationId = event.causationId
  return entry
}

function post(postings: Posting[], account: string, asset: string, amount: Decimal): void {
  if (!amount.isZero()) postings.push({ account, amount: decimalText(amount), asset })
}

/** The other side of an amount: its text with the other sign, for which no number is made. */
function postOpposite(postings: Posting[], account: string, asset: string, amount: Decimal): void {
  if (!amount.isZero()) postings.push({ account, amount: oppositeText(decimalText(amount)), asset })
}
