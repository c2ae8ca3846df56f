import { decimal, decimalText, zero } from '../money/decimal.js'
import type { BookRecord, FillRecord, ForgottenFill } from './book-record.js'
import { unitMultiplier } from './ledger-amounts.js'
import type { BookSnapshot } from './ledger-snapshot-schema.js'
import { bookOf, fillKey, type LedgerState } from './ledger-state.js'
import { shownTerms } from './ledger-views.js'
import type { Lot } from './open-lots.js'
import { type FoldedHistory, type Mutable, noHistory, type SymbolBook } from './symbol-book.js'

/** Whether a reader of version 1 understands the book: trades and splits in the base currency, from their beginning. */
export function isPlainBook(book: SymbolBook, base: string): boolean {
  return (
    (book.currency ?? base) === base &&
    isPlainUnit(book) &&
    book.folded === noHistory &&
    book.forgotten.size + book.earlyCorrections.size === 0 &&
    book.totals.otherFees === undefined &&
    book.history.every((record) =>
      record.type === 'split'
        ? record.cashInLieu === undefined && record.time === undefined
        : record.type === 'fill' && record.correctedBy === undefined,
    )
  )
}

/** Whether a reader of version 2 understands how its units count. */
export function isPlainUnit({ multiplier, isContract }: SymbolBook): boolean {
  return multiplier === undefined && !isContract
}

/** Whether a reader of version 3 understands its splits. */
export function isUndated({ splits }: SymbolBook): boolean {
  return splits.length === 0
}

export function bookSnapshot(book: SymbolBook, base: string): BookSnapshot {
  const { totals, folded, forgotten, earlyCorrections } = book
  const knownByFill = isPlainBook(book, base)
  return {
    symbol: book.symbol,
    ...(knownByFill || book.asset === undefined ? {} : { asset: book.asset }),
    ...(knownByFill || book.currency === undefined ? {} : { currency: book.currency }),
    ...shownTerms(book),
    quantity: decimalText(totals.quantity),
    openCost: decimalText(totals.openCost),
    realised: decimalText(totals.realised),
    fees: decimalText(totals.fees),
    lots: book.lots().map(lotSnapshot),
    history: book.history.map(recordSnapshot),
    earlyBusts: [...book.earlyBusts],
    ...(earlyCorrections.size === 0 ? {} : { earlyCorrections: [...earlyCorrections] }),
    ...(folded === noHistory ? {} : { folded: foldedSnapshot(folded) }),
    ...(forgotten.size === 0 ? {} : { forgotten: forgotten.list().map(forgottenSnapshot) }),
  }
}

function lotSnapshot(lot: Readonly<Lot>): BookSnapshot['lots'][number] {
  return {
    tradeId: lot.tradeId,
    quantity: decimalText(lot.quantity),
    cost: decimalText(lot.cost),
    openedAt: lot.openedAt,
  }
}

function recordSnapshot(record: BookRecord): BookSnapshot['history'][number] {
  if (record.type !== 'fill') return { ...record }
  const { bustEntryId, ...fill } = record
  return bustEntryId === undefined ? fill : { ...fill, bustEntryId }
}

/** Quantity and open cost are those of the lots. */
function foldedSnapshot({ totals, lots, openedAt }: FoldedHistory): NonNullable<BookSnapshot['folded']> {
  const { cash, realised, fees, contributed, otherFees } = totals
  return {
    cash: decimalText(cash),
    realised: decimalText(realised),
    fees: decimalText(fees),
    contributed: decimalText(contributed),
    ...(otherFees === undefined
      ? {}
      : { otherFees: [...otherFees].map(([currency, fee]): [string, string] => [currency, decimalText(fee)]) }),
    openedAt,
    lots: lots.map((lot) => ({
      ...lotSnapshot(lot),
      ...(lot.price === undefined ? {} : { price: decimalText(lot.price) }),
    })),
  }
}

function forgottenSnapshot([key, fill]: readonly [string, ForgottenFill]): NonNullable<
  BookSnapshot['forgotten']
>[number] {
  const { entryId, time, bustEntryId } = fill
  return bustEntryId === undefined ? [key, entryId, time] : [key, entryId, time, bustEntryId]
}

/** Puts a book into the state, its figures worked out from its history. */
export function restoreBook(state: LedgerState, stated: BookSnapshot): SymbolBook {
  const book = bookOf(state, stated.symbol)
  book.asset = stated.asset
  book.currency = stated.currency
  book.takeTerms({
    multiplier: unitMultiplier(stated.multiplier, 'snapshot.multiplier'),
    isContract: stated.settlement === 'margin',
  })
  if (stated.folded !== undefined) book.folded = restoreFolded(stated.folded)
  for (const record of stated.history) restoreRecord(book, record, state.base.currency)
  if (book.asset !== undefined) book.currency ??= state.base.currency
  for (const [key, entryId] of stated.earlyBusts) book.earlyBusts.set(key, entryId)
  for (const [key, correction] of stated.earlyCorrections ?? []) book.earlyCorrections.set(key, correction)
  for (const [key, entryId, time, bustEntryId] of stated.forgotten ?? [])
    book.forgotten.add(key, bustEntryId === undefined ? { entryId, time } : { entryId, time, bustEntryId })
  book.noteSplits()
  book.replay()
  return book
}

function restoreRecord(book: SymbolBook, record: BookSnapshot['history'][number], base: string): void {
  if (record.type !== 'fill') {
    book.history.push(record)
    return
  }
  const fill: Mutable<FillRecord> = { ...record, bustEntryId: record.bustEntryId }
  book.asset = fill.asset
  book.currency ??= base
  book.fills.set(fillKey(fill.account, fill.tradeId), fill)
  book.history.push(fill)
}

function restoreFolded(stated: NonNullable<BookSnapshot['folded']>): FoldedHistory {
  const lots = stated.lots.map(
    ({ tradeId, quantity, cost, openedAt, price }): Lot => ({
      tradeId,
      openedAt,
      quantity: decimal(quantity, 'snapshot.folded.lots.quantity'),
      cost: decimal(cost, 'snapshot.folded.lots.cost'),
      price: price === undefined ? undefined : decimal(price, 'snapshot.folded.lots.price'),
    }),
  )
  const { otherFees } = stated
  return {
    totals: {
      cash: decimal(stated.cash, 'snapshot.folded.cash'),
      realised: decimal(stated.realised, 'snapshot.folded.realised'),
      fees: decimal(stated.fees, 'snapshot.folded.fees'),
      contributed: decimal(stated.contributed, 'snapshot.folded.contributed'),
      quantity: lots.reduce((sum, lot) => sum.plus(lot.quantity), zero),
      openCost: lots.reduce((sum, lot) => sum.plus(lot.cost), zero),
      otherFees:
        otherFees === undefined
          ? undefined
          : new Map(otherFees.map(([currency, fee]) => [currency, decimal(fee, 'snapshot.folded.otherFees')])),
    },
    lots,
    openedAt: stated.openedAt,
  }
}
