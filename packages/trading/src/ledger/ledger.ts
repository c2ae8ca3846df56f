import { SwarmError } from '@tradeswarm/core'
import { type Decimal, decimal, decimalText, zero } from '../money/decimal.js'
import { fillFigures, moneyAmount, unitPrice, unitQuantity } from './ledger-amounts.js'
import { type LedgerEntry, ledgerAccounts, type Posting } from './ledger-entry.js'
import type {
  BustEvent,
  CashMovementEvent,
  DividendPaidEvent,
  FillEvent,
  LedgerEvent,
  SplitEvent,
} from './ledger-event.js'
import type { Ledger, LedgerResult } from './ledger-port.js'
import { ledgerSnapshot, stateOfSnapshot } from './ledger-snapshot.js'
import { bookOf, emptyLedgerState, fillKey, type LedgerState } from './ledger-state.js'
import { ledgerPosition, ledgerPositions, ledgerTotals, ledgerTrialBalance, ledgerValuation } from './ledger-views.js'
import { type BookChange, type FillRecord, noChange, type SymbolBook } from './symbol-book.js'

/** Empty books in one currency. Throws `INVALID_OPTION` without one. */
export function createLedger(options: { readonly currency: string }): Ledger {
  if (options.currency === '') {
    throw new SwarmError({
      code: 'INVALID_OPTION',
      message: 'createLedger: currency is empty; name one, such as "USD"',
    })
  }
  return ledgerOf(emptyLedgerState(options.currency))
}

/** The books that a snapshot holds. Throws `LEDGER_SNAPSHOT_INVALID` when it cannot be read or its figures do not follow from its fills. */
export function restoreLedger(snapshot: unknown): Ledger {
  return ledgerOf(stateOfSnapshot(snapshot))
}

/** The books as the fold of their events, from nothing. */
export function rebuildLedger(options: { readonly currency: string; readonly events: Iterable<LedgerEvent> }): Ledger {
  const ledger = createLedger(options)
  for (const event of options.events) ledger.apply(event)
  return ledger
}

function ledgerOf(state: LedgerState): Ledger {
  return {
    currency: state.currency,
    apply: (event) => apply(state, event),
    cash: (currency) => (currency === state.currency ? decimalText(state.cash) : '0'),
    position: (symbol) => ledgerPosition(state, symbol),
    quantity: (symbol) => decimalText(state.books.get(symbol)?.totals.quantity ?? zero),
    positions: () => ledgerPositions(state),
    totals: () => ledgerTotals(state),
    valuation: (priceOf) => ledgerValuation(state, priceOf),
    trialBalance: () => ledgerTrialBalance(state),
    snapshot: () => ledgerSnapshot(state),
  }
}

function apply(state: LedgerState, event: LedgerEvent): LedgerResult {
  if (event.type === 'fill') return applyFill(state, event)
  if (event.type === 'bust') return applyBust(state, event)
  const earlier = state.seen.get(event.eventId)
  if (earlier !== undefined) return { status: 'duplicate', entryId: earlier, conflicting: false }
  const result = event.type === 'split' ? applySplit(state, event) : applyCash(state, event)
  if (result.status === 'applied') state.seen.set(event.eventId, result.entry.entryId)
  return result
}

type CashEvent = CashMovementEvent | DividendPaidEvent

function applyCash(state: LedgerState, event: CashEvent): LedgerResult {
  if (event.type === 'dividend') {
    const perUnit = unitPrice(event.amountPerUnit, 'dividend.amountPerUnit')
    const amount = unitQuantity(event.quantity, 'dividend.quantity').times(perUnit)
    state.dividends = state.dividends.plus(amount)
    return moveCash(state, event, amount, ledgerAccounts.dividends)
  }
  const amount = moneyAmount(event.amount, `${event.type}.amount`)
  if (event.type === 'deposit') {
    state.deposits = state.deposits.plus(amount)
    return moveCash(state, event, amount, ledgerAccounts.deposits)
  }
  if (event.type === 'interest') {
    state.interest = state.interest.plus(amount)
    return moveCash(state, event, amount, ledgerAccounts.interest)
  }
  state.fees = state.fees.plus(amount)
  return moveCash(state, event, amount.neg(), ledgerAccounts.fees)
}

function moveCash(state: LedgerState, event: CashEvent, amount: Decimal, against: string): LedgerResult {
  state.cash = state.cash.plus(amount)
  const postings: Posting[] = []
  post(postings, ledgerAccounts.cash, state.currency, amount)
  post(postings, against, state.currency, amount.neg())
  const entry = entryOf(state, event, postings)
  return { status: 'applied', entry: event.type === 'dividend' ? { ...entry, symbol: event.symbol } : entry }
}

function applyFill(state: LedgerState, event: FillEvent): LedgerResult {
  const known = state.books.get(event.symbol)
  const key = fillKey(event.account, event.tradeId)
  const earlier = known?.fills.get(key)
  if (earlier !== undefined)
    return { status: 'duplicate', entryId: earlier.entryId, conflicting: differs(earlier, event) }
  const figures = fillFigures(event, state.currency)
  if (known?.asset !== undefined && known.asset !== event.asset) {
    throw new SwarmError({
      code: 'INVALID_LEDGER_EVENT',
      message: `fill.asset: ${event.symbol} is booked in units of ${known.asset}, and this fill (${event.tradeId}) counts ${event.asset}`,
    })
  }
  const book = known ?? bookOf(state, event.symbol)
  book.asset = event.asset
  const record = recordOf(event, `ledger-${state.entries + 1}`, book.earlyBusts.get(key))
  book.earlyBusts.delete(key)
  book.fills.set(key, record)
  book.history.push(record)
  const change = record.bustEntryId === undefined ? book.applyFill(event.tradeId, event.time, figures) : noChange
  return { status: 'applied', entry: bookedEntry(state, event, book, change) }
}

function applyBust(state: LedgerState, event: BustEvent): LedgerResult {
  const book = bookOf(state, event.symbol)
  const key = fillKey(event.account, event.tradeId)
  const record = book.fills.get(key)
  const earlier = record === undefined ? book.earlyBusts.get(key) : record.bustEntryId
  if (earlier !== undefined) return { status: 'duplicate', entryId: earlier, conflicting: false }
  const entryId = `ledger-${state.entries + 1}`
  if (record === undefined) {
    book.earlyBusts.set(key, entryId)
    return { status: 'applied', entry: bookedEntry(state, event, book, noChange) }
  }
  record.bustEntryId = entryId
  return { status: 'applied', entry: bookedEntry(state, event, book, book.replay(state.currency)) }
}

function applySplit(state: LedgerState, event: SplitEvent): LedgerResult {
  for (const field of ['numerator', 'denominator'] as const) {
    if (Number.isSafeInteger(event[field]) && event[field] > 0) continue
    throw new SwarmError({
      code: 'INVALID_LEDGER_EVENT',
      message: `split.${field}: ${event[field]} is not a whole number above 0`,
    })
  }
  const book = bookOf(state, event.symbol)
  const record = { type: 'split', numerator: event.numerator, denominator: event.denominator } as const
  book.history.push(record)
  return { status: 'applied', entry: bookedEntry(state, event, book, book.applySplit(record)) }
}

/** The entry for what has changed in a book. It balances because every book's totals do, before and after. */
function bookedEntry(
  state: LedgerState,
  event: FillEvent | BustEvent | SplitEvent,
  book: SymbolBook,
  change: BookChange,
): LedgerEntry {
  const postings: Posting[] = []
  if (change !== noChange) {
    const { currency } = state
    const asset = book.asset ?? book.symbol
    state.cash = state.cash.plus(change.cash)
    post(postings, ledgerAccounts.cash, currency, change.cash)
    post(postings, ledgerAccounts.position(book.symbol), currency, change.openCost)
    post(postings, ledgerAccounts.fees, currency, change.fees)
    post(postings, ledgerAccounts.realised, currency, change.realised.neg())
    post(postings, ledgerAccounts.holdings(book.symbol), asset, change.quantity)
    post(postings, ledgerAccounts.market(book.symbol), asset, change.quantity.neg())
  }
  const entry: Writable<LedgerEntry> = entryOf(state, event, postings)
  entry.symbol = book.symbol
  entry.realised = decimalText(change.realised)
  entry.quantityAfter = decimalText(book.totals.quantity)
  if (event.type === 'split') return entry
  entry.fee = decimalText(change.fees)
  entry.account = event.account
  entry.tradeId = event.tradeId
  if (event.type === 'bust') return entry
  entry.orderId = event.orderId
  entry.closedQuantity = decimalText(change.closedQuantity)
  entry.closedCost = decimalText(change.closedCost)
  return entry
}

/** An entry while it is being written. */
type Writable<T> = { -readonly [Key in keyof T]: T[Key] }

function entryOf(state: LedgerState, event: LedgerEvent, postings: readonly Posting[]): LedgerEntry {
  state.entries += 1
  const entry: Writable<LedgerEntry> = {
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
  if (!amount.eq(zero)) postings.push({ account, asset, amount: decimalText(amount) })
}

function recordOf(event: FillEvent, entryId: string, bustEntryId: string | undefined): FillRecord {
  const { account, tradeId, asset, side, price, quantity, fee, feeCurrency, time } = event
  return { type: 'fill', account, tradeId, asset, side, price, quantity, fee, feeCurrency, time, entryId, bustEntryId }
}

const amounts = ['price', 'quantity', 'fee'] as const

/** Two reports of one fill may write the same amount differently: 1.50 and 1.5. */
function differs(record: FillRecord, event: FillEvent): boolean {
  if (record.side !== event.side || record.feeCurrency !== event.feeCurrency) return true
  return amounts.some((field) => !decimal(record[field]).eq(decimal(event[field], `fill.${field}`)))
}
