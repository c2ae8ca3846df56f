import { canonicalJson, SwarmError } from '@tradeswarm/core'
import { type Decimal, decimal, decimalText, zero } from '../money/decimal.js'
import { bookSnapshot, isPlainBook, isPlainUnit, isUndated, restoreBook } from './book-snapshot.js'
import { currencyFigures } from './currency-book.js'
import { type LedgerSnapshot, snapshotSchema } from './ledger-snapshot-schema.js'
import { currencyBookOf, emptyLedgerState, type LedgerState, sortedBooks, sortedCurrencies } from './ledger-state.js'

/** What snapshots have always told of the base currency. The other figures of a currency are told where they are not 0. */
const plainFigures: ReadonlySet<string> = new Set(['deposits', 'fees', 'dividends', 'interest'])

/** It says the lowest version that can read it: books in one currency, first in first out, of trades, splits and cash alone, are of version 1. */
export function ledgerSnapshot(state: LedgerState): LedgerSnapshot {
  const { base, horizon } = state
  const foreign = sortedCurrencies(state).filter((book) => book !== base)
  const extra = {
    ...(state.lots === 'fifo' ? {} : { lots: state.lots }),
    ...(horizon === undefined
      ? {}
      : {
          horizon: {
            time: horizon.time,
            ...(horizon.keysBefore === undefined ? {} : { keysBefore: horizon.keysBefore }),
          },
        }),
    ...otherFigures(base.figures),
    ...(foreign.length === 0
      ? {}
      : {
          currencies: foreign.map(({ currency, cash, figures }) => ({
            currency,
            cash: decimalText(cash),
            ...plainTexts(figures),
            ...otherFigures(figures),
          })),
        }),
  }
  const books = sortedBooks(state)
  const plain = Object.keys(extra).length === 0 && books.every((book) => isPlainBook(book, base.currency))
  return {
    version: plain ? 1 : !books.every(isUndated) ? 4 : books.every(isPlainUnit) ? 2 : 3,
    currency: base.currency,
    entries: state.entries,
    cash: decimalText(base.cash),
    ...plainTexts(base.figures),
    ...extra,
    seen: [...state.seen].map(([eventId, { entryId, time }]) =>
      time === undefined ? [eventId, entryId] : [eventId, entryId, time],
    ),
    books: books.map((book) => bookSnapshot(book, base.currency)),
  }
}

type Figures = Readonly<Record<(typeof currencyFigures)[number], Decimal>>

function plainTexts({ deposits, fees, dividends, interest }: Figures) {
  return {
    deposits: decimalText(deposits),
    fees: decimalText(fees),
    dividends: decimalText(dividends),
    interest: decimalText(interest),
  }
}

function otherFigures(figures: Figures): Partial<Record<keyof Figures, string>> {
  const texts: Partial<Record<keyof Figures, string>> = {}
  for (const figure of currencyFigures)
    if (!plainFigures.has(figure) && !figures[figure].eq(zero)) texts[figure] = decimalText(figures[figure])
  return texts
}

/** The figures of each book are worked out again from its history and must be the ones that the snapshot states. */
export function stateOfSnapshot(snapshot: unknown): LedgerState {
  const parsed = snapshotSchema.safeParse(snapshot)
  if (!parsed.success) {
    const issue = parsed.error.issues[0]
    throw invalid(`field "${issue?.path.join('.') ?? ''}": ${issue?.message ?? 'unreadable'}`, parsed.error)
  }
  const { data } = parsed
  const state = emptyLedgerState(data.currency, data.lots ?? 'fifo')
  state.entries = data.entries
  if (data.horizon !== undefined) state.horizon = { time: data.horizon.time, keysBefore: data.horizon.keysBefore }
  for (const stated of [data, ...(data.currencies ?? [])]) {
    const book = currencyBookOf(state, stated.currency)
    for (const figure of currencyFigures)
      book.add(figure, decimal(stated[figure] ?? '0', `snapshot.${stated.currency}.${figure}`))
    book.cash = book.ownCash()
  }
  for (const [eventId, entryId, time] of data.seen) state.seen.set(eventId, { entryId, time })
  for (const stated of data.books) {
    const { currency = data.currency, totals } = restoreBook(state, stated)
    const settled = currencyBookOf(state, currency)
    settled.cash = settled.cash.plus(totals.cash)
    for (const [other, fee] of totals.otherFees ?? []) {
      const paid = currencyBookOf(state, other)
      paid.cash = paid.cash.minus(fee)
    }
  }
  if (canonicalJson(ledgerSnapshot(state)) !== canonicalJson(data))
    throw invalid('its balances do not follow from the fills that it holds')
  return state
}

function invalid(reason: string, cause?: unknown): SwarmError {
  return new SwarmError({
    code: 'LEDGER_SNAPSHOT_INVALID',
    message: `ledger snapshot: ${reason}; rebuild the ledger from its events instead`,
    ...(cause === undefined ? {} : { cause }),
  })
}
