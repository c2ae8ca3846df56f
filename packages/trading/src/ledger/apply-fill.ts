import { SwarmError } from '@tradeswarm/core'
import { type Decimal, decimal } from '../money/decimal.js'
import { type FillRecord, type ForgottenFill, supersedes } from './book-record.js'
import {
  type BookedFill,
  bookedAmounts,
  type CorrectedTerms,
  checkedAmounts,
  checkName,
  checkUnitWorth,
  type FillAmounts,
  fillFigures,
  invalidField,
  moneyAmount,
  unitMultiplier,
  unitPrice,
} from './ledger-amounts.js'
import type { BustEvent, CorrectionEvent, FillEvent, UnitTerms } from './ledger-event.js'
import type { LedgerResult } from './ledger-port.js'
import { bookOf, checkCurrency, fillKey, type LedgerState } from './ledger-state.js'
import { type BookChange, type Mutable, noChange, type SymbolBook } from './symbol-book.js'
import { bookChange } from './write-entry.js'

/** Books an execution. One that a bust forestalled moves nothing; of one that was corrected beforehand the corrected figures are booked. */
export function applyFill(state: LedgerState, event: FillEvent): LedgerResult {
  const known = state.books.get(event.symbol)
  const key = fillKey(event.account, event.tradeId)
  const earlier = known?.fills.find(key)
  const currency = event.currency ?? state.base.currency
  if (earlier !== undefined) {
    const conflicting = 'type' in earlier && (known?.currency !== currency || differs(earlier, event))
    return { status: 'duplicate', entryId: earlier.entryId, conflicting }
  }
  const amounts = checkedFill(state, event, known, currency)
  state.currenciesBefore = state.currencies.size
  const book = known ?? bookOf(state, event.symbol)
  state.namedBefore = book.asset === undefined ? { currency: book.currency } : undefined
  if (book.asset === undefined) takeUnits(book, event, currency)
  const record = recordOf(event, `ledger-${state.entries + 1}`)
  const isCorrected = book.earlyBusts.size + book.earlyCorrections.size > 0 && takeEarlyWord(book, key, record)
  book.fills.set(key, record)
  if (record.time < book.splitAt) return booked(state, event, book, book.applyLateFill(record), amounts)
  book.history.push(record)
  if (record.bustEntryId !== undefined) return bookChange(state, event, book, noChange)
  const figures: Mutable<BookedFill> = fillFigures(
    record,
    isCorrected ? bookedAmounts(record) : amounts,
    currency,
    book,
  )
  if (record.realised !== undefined) figures.realised = decimal(record.realised)
  const change = book.applyFill(record, figures)
  book.noteFlat()
  return booked(state, event, book, change, amounts)
}

function booked(
  state: LedgerState,
  event: FillEvent,
  book: SymbolBook,
  change: BookChange,
  { price, quantity }: FillAmounts,
): LedgerResult {
  const { entry } = bookChange(state, event, book, change)
  const { fees: fee, realised, closedQuantity: closed } = change
  const figures = { price, quantity, fee, realised, closed, after: book.totals.quantity }
  const { splits } = book
  return splits.length === 0 ? { status: 'applied', entry, figures } : { status: 'applied', entry, figures, splits }
}

/** Takes the fill that was booked last out again, and what had come early for it waits again. Throws `INVALID_LEDGER_EVENT` otherwise. */
export function takeBackFill(state: LedgerState, event: FillEvent): void {
  const book = state.books.get(event.symbol)
  const key = fillKey(event.account, event.tradeId)
  const record = book?.fills.get(key)
  if (book === undefined || record === undefined || record.entryId !== `ledger-${state.entries}`)
    throw invalidField('fill.tradeId', `${event.tradeId} of ${event.symbol} is not what was booked last`)
  book.fills.delete(key)
  book.history.splice(book.history.lastIndexOf(record), 1)
  if (record.bustEntryId !== undefined) book.earlyBusts.set(key, record.bustEntryId)
  if (record.correctedBy !== undefined) {
    const { price, quantity, fee, feeCurrency, correctedBy } = record
    book.earlyCorrections.set(key, { price, quantity, fee, feeCurrency, ...correctedBy })
  }
  bookChange(state, event, book, book.replay())
  if (state.namedBefore !== undefined) book.forgetTerms(state.namedBefore)
  // Neither its own entry nor that of taking it back is one.
  state.entries -= 2
  if (book.isUnused()) state.books.delete(event.symbol)
  for (const currency of [...state.currencies.keys()].slice(state.currenciesBefore)) state.currencies.delete(currency)
}

function checkedFill(
  state: LedgerState,
  event: FillEvent,
  known: SymbolBook | undefined,
  currency: string,
): FillAmounts {
  if (event.side !== 'buy' && event.side !== 'sell')
    throw invalidField('fill.side', `must be "buy" or "sell", not "${String(event.side)}"`)
  const amounts = checkedAmounts(event, 'fill')
  const multiplier = checkUnits(state, event, known, currency)
  if (multiplier !== undefined) checkFillWorth(event, known, amounts.price, multiplier)
  if (event.realised !== undefined) {
    moneyAmount(event.realised, 'fill.realised')
    if (event.settlement === undefined)
      throw invalidField('fill.realised', 'is stated, and only a contract (settlement "margin") is paid out that way')
  }
  const { feeCurrency } = event
  if (feeCurrency !== currency && feeCurrency !== event.asset && feeCurrency !== '')
    checkCurrency(state, feeCurrency, 'fill.feeCurrency')
  return amounts
}

/** Also of a correction that came before the fill, which is what will be booked. */
function checkFillWorth(event: FillEvent, known: SymbolBook | undefined, price: Decimal, multiplier: Decimal): void {
  checkUnitWorth(price, multiplier, 'fill.price')
  const early = known?.earlyCorrections.get(fillKey(event.account, event.tradeId))
  if (early !== undefined) checkUnitWorth(decimal(early.price), multiplier, 'correction.price')
}

/** What a book's first units tell of it, once it is certain that they will be booked. */
export function takeUnits(
  book: SymbolBook,
  event: UnitTerms & { readonly type: string; readonly asset: string },
  currency: string,
): void {
  book.asset = event.asset
  book.currency = currency
  if (event.multiplier === undefined && event.settlement === undefined) return
  const multiplier = unitMultiplier(event.multiplier, `${event.type}.multiplier`)
  book.takeTerms({ multiplier, isContract: event.settlement === 'margin' })
}

/**
 * A symbol is counted in one asset, settles in one currency and has one multiplier, which is returned. Names are looked at when they are new.
 */
export function checkUnits(
  state: LedgerState,
  event: UnitTerms & { readonly type: string; readonly symbol: string; readonly asset: string },
  book: SymbolBook | undefined,
  currency: string,
): Decimal | undefined {
  if (book === undefined) checkName(event.symbol, `${event.type}.symbol`)
  if (book?.asset === undefined) checkName(event.asset, `${event.type}.asset`)
  else if (book.asset !== event.asset)
    throw invalidField(
      `${event.type}.asset`,
      `${event.symbol} is booked in units of ${book.asset}, and this event counts ${event.asset}`,
    )
  if (book?.currency === undefined) checkCurrency(state, currency, `${event.type}.currency`)
  else if (book.currency !== currency)
    throw invalidField(
      `${event.type}.currency`,
      `${event.symbol} is booked in ${book.currency}, and this event settles in ${currency}`,
    )
  return checkTerms(event, book)
}

function checkTerms(
  event: UnitTerms & { readonly type: string; readonly symbol: string },
  book: SymbolBook | undefined,
): Decimal | undefined {
  const multiplier = unitMultiplier(event.multiplier, `${event.type}.multiplier`)
  if (event.settlement !== undefined && event.settlement !== 'margin')
    throw invalidField(`${event.type}.settlement`, `must be "margin" or left out, not "${String(event.settlement)}"`)
  if (book?.asset === undefined) return multiplier
  const known = book.multiplier
  if (known === undefined ? multiplier !== undefined : multiplier === undefined || !known.eq(multiplier))
    throw invalidField(
      `${event.type}.multiplier`,
      `a unit of ${event.symbol} is booked as standing for ${known?.toFixed() ?? '1'}, and this event says ${event.multiplier ?? '1'}`,
    )
  if (book.isContract !== (event.settlement === 'margin'))
    throw invalidField(
      `${event.type}.settlement`,
      `${event.symbol} is booked as ${book.isContract ? 'a contract on margin' : 'paid for in cash'}, and this event says otherwise`,
    )
  return multiplier
}

/** What was said of a fill before it came. True when other figures than its own are to be booked. */
function takeEarlyWord(book: SymbolBook, key: string, record: Mutable<FillRecord>): boolean {
  record.bustEntryId = book.earlyBusts.get(key)
  book.earlyBusts.delete(key)
  const correction = book.earlyCorrections.get(key)
  if (correction === undefined) return false
  book.earlyCorrections.delete(key)
  correct(record, correction, correction)
  return true
}

/** Takes an execution back, wherever in the history it is. */
export function applyBust(state: LedgerState, event: BustEvent): LedgerResult {
  const known = state.books.get(event.symbol)
  const key = fillKey(event.account, event.tradeId)
  const record = known?.fills.get(key)
  const forgotten = known?.fills.forgotten(key)
  const earlier = record?.bustEntryId ?? forgotten?.bustEntryId ?? known?.earlyBusts.get(key)
  if (earlier !== undefined) return { status: 'duplicate', entryId: earlier, conflicting: false }
  refuseForgotten(event, forgotten)
  if (known === undefined) checkName(event.symbol, 'bust.symbol')
  const book = known ?? bookOf(state, event.symbol)
  const entryId = `ledger-${state.entries + 1}`
  if (record === undefined) {
    book.earlyBusts.set(key, entryId)
    return bookChange(state, event, book, noChange)
  }
  record.bustEntryId = entryId
  return bookChange(state, event, book, book.replay())
}

/** Gives an execution other figures, as if it had always had them. */
export function applyCorrection(state: LedgerState, event: CorrectionEvent): LedgerResult {
  const known = state.books.get(event.symbol)
  const key = fillKey(event.account, event.tradeId)
  refuseForgotten(event, known?.fills.forgotten(key))
  checkedAmounts(event, 'correction')
  if (known === undefined) checkName(event.symbol, 'correction.symbol')
  else checkUnitWorth(unitPrice(event.price, 'correction.price'), known.multiplier, 'correction.price')
  if (event.feeCurrency !== '' && event.feeCurrency !== known?.asset)
    checkCurrency(state, event.feeCurrency, 'correction.feeCurrency')
  const book = known ?? bookOf(state, event.symbol)
  const record = book.fills.get(key)
  const { price, quantity, fee, feeCurrency, eventId, time } = event
  if (record === undefined) {
    const correction = { price, quantity, fee, feeCurrency, eventId, time }
    if (supersedes(event, book.earlyCorrections.get(key))) book.earlyCorrections.set(key, correction)
    return bookChange(state, event, book, noChange)
  }
  if (!supersedes(event, record.correctedBy)) return bookChange(state, event, book, noChange)
  correct(record, event, { eventId, time })
  return bookChange(state, event, book, record.bustEntryId === undefined ? book.replay() : noChange)
}

function correct(
  record: Mutable<FillRecord>,
  terms: CorrectedTerms,
  { eventId, time }: { readonly eventId: string; readonly time: number },
): void {
  const { price, quantity, fee, feeCurrency } = record
  record.reported ??= { price, quantity, fee, feeCurrency }
  record.correctedBy = { eventId, time }
  record.price = terms.price
  record.quantity = terms.quantity
  record.fee = terms.fee
  record.feeCurrency = terms.feeCurrency
  delete record.realised
}

function refuseForgotten(event: BustEvent | CorrectionEvent, forgotten: ForgottenFill | undefined): void {
  if (forgotten === undefined) return
  throw new SwarmError({
    code: 'LEDGER_HORIZON_PASSED',
    message: `${event.type} of trade ${event.tradeId} in ${event.symbol}: the fill (${forgotten.entryId}) is settled and folded into its lots; correct the position by an adoption and the cash by a fee or a deposit`,
    context: { field: 'tradeId', entryId: forgotten.entryId },
  })
}

function recordOf(event: FillEvent, entryId: string): Mutable<FillRecord> {
  const { account, tradeId, asset, side, price, quantity, fee, feeCurrency, time } = event
  const record: Mutable<FillRecord> = {
    type: 'fill',
    account,
    tradeId,
    asset,
    side,
    price,
    quantity,
    fee,
    feeCurrency,
    time,
    entryId,
    bustEntryId: undefined,
  }
  if (event.realised !== undefined) record.realised = event.realised
  return record
}

const amountFields = ['price', 'quantity', 'fee'] as const

/** Two reports of one fill may write the same amount differently: 1.50 and 1.5. A corrected one may be told with its first figures or the new. */
function differs(record: FillRecord, event: FillEvent): boolean {
  if (record.side !== event.side) return true
  return !agrees(record, event) && (record.reported === undefined || !agrees(record.reported, event))
}

function agrees(terms: CorrectedTerms, event: FillEvent): boolean {
  if (terms.feeCurrency !== event.feeCurrency) return false
  return amountFields.every((field) => decimal(terms[field]).eq(decimal(event[field], `fill.${field}`)))
}
