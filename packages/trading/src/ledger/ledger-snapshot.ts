import { canonicalJson, SwarmError } from '@tradeswarm/core'
import { z } from 'zod'
import { decimal, decimalText } from '../money/decimal.js'
import { bookOf, emptyLedgerState, fillKey, type LedgerState, sortedBooks } from './ledger-state.js'
import type { FillRecord, SplitRecord, SymbolBook } from './symbol-book.js'

const fillSchema = z.object({
  type: z.literal('fill'),
  account: z.string(),
  tradeId: z.string(),
  asset: z.string(),
  side: z.enum(['buy', 'sell']),
  price: z.string(),
  quantity: z.string(),
  fee: z.string(),
  feeCurrency: z.string(),
  time: z.number(),
  entryId: z.string(),
  bustEntryId: z.string().exactOptional(),
})

const splitSchema = z.object({
  type: z.literal('split'),
  numerator: z.int().positive(),
  denominator: z.int().positive(),
})

const pair = z.tuple([z.string(), z.string()])

const snapshotSchema = z.object({
  version: z.literal(1),
  currency: z.string().min(1),
  entries: z.int().nonnegative(),
  cash: z.string(),
  deposits: z.string(),
  fees: z.string(),
  dividends: z.string(),
  interest: z.string(),
  seen: z.array(pair),
  books: z.array(
    z.object({
      symbol: z.string(),
      quantity: z.string(),
      openCost: z.string(),
      realised: z.string(),
      fees: z.string(),
      lots: z.array(z.object({ tradeId: z.string(), quantity: z.string(), cost: z.string(), openedAt: z.number() })),
      history: z.array(z.discriminatedUnion('type', [fillSchema, splitSchema])),
      earlyBusts: z.array(pair),
    }),
  ),
})

type Snapshot = z.infer<typeof snapshotSchema>

export function ledgerSnapshot(state: LedgerState): Snapshot {
  return {
    version: 1,
    currency: state.currency,
    entries: state.entries,
    cash: decimalText(state.cash),
    deposits: decimalText(state.deposits),
    fees: decimalText(state.fees),
    dividends: decimalText(state.dividends),
    interest: decimalText(state.interest),
    seen: [...state.seen],
    books: sortedBooks(state).map(bookSnapshot),
  }
}

function bookSnapshot(book: SymbolBook): Snapshot['books'][number] {
  const { totals } = book
  return {
    symbol: book.symbol,
    quantity: decimalText(totals.quantity),
    openCost: decimalText(totals.openCost),
    realised: decimalText(totals.realised),
    fees: decimalText(totals.fees),
    lots: book.lots().map((lot) => ({
      tradeId: lot.tradeId,
      quantity: decimalText(lot.quantity),
      cost: decimalText(lot.cost),
      openedAt: lot.openedAt,
    })),
    history: book.history.map(recordSnapshot),
    earlyBusts: [...book.earlyBusts],
  }
}

function recordSnapshot(record: FillRecord | SplitRecord): Snapshot['books'][number]['history'][number] {
  if (record.type === 'split') return { ...record }
  const { bustEntryId, ...fill } = record
  return bustEntryId === undefined ? fill : { ...fill, bustEntryId }
}

/** The figures of each book are worked out again from its fills and must be the ones that the snapshot states. */
export function stateOfSnapshot(snapshot: unknown): LedgerState {
  const parsed = snapshotSchema.safeParse(snapshot)
  if (!parsed.success) {
    const issue = parsed.error.issues[0]
    throw invalid(`field "${issue?.path.join('.') ?? ''}": ${issue?.message ?? 'unreadable'}`, parsed.error)
  }
  const { data } = parsed
  const state = emptyLedgerState(data.currency)
  state.entries = data.entries
  state.deposits = decimal(data.deposits, 'snapshot.deposits')
  state.fees = decimal(data.fees, 'snapshot.fees')
  state.dividends = decimal(data.dividends, 'snapshot.dividends')
  state.interest = decimal(data.interest, 'snapshot.interest')
  state.cash = state.deposits.minus(state.fees).plus(state.dividends).plus(state.interest)
  for (const [eventId, entryId] of data.seen) state.seen.set(eventId, entryId)
  for (const stated of data.books) {
    const book = bookOf(state, stated.symbol)
    for (const record of stated.history) restoreRecord(book, record)
    for (const [key, entryId] of stated.earlyBusts) book.earlyBusts.set(key, entryId)
    book.replay(state.currency)
    state.cash = state.cash.plus(book.totals.cash)
  }
  if (canonicalJson(ledgerSnapshot(state)) !== canonicalJson(data)) {
    throw invalid('its balances do not follow from the fills that it holds')
  }
  return state
}

function restoreRecord(book: SymbolBook, record: Snapshot['books'][number]['history'][number]): void {
  if (record.type === 'split') {
    book.history.push(record)
    return
  }
  const fill: FillRecord = { ...record, bustEntryId: record.bustEntryId }
  book.asset = fill.asset
  book.fills.set(fillKey(fill.account, fill.tradeId), fill)
  book.history.push(fill)
}

function invalid(reason: string, cause?: unknown): SwarmError {
  return new SwarmError({
    code: 'LEDGER_SNAPSHOT_INVALID',
    message: `ledger snapshot: ${reason}; rebuild the ledger from its events instead`,
    ...(cause === undefined ? {} : { cause }),
  })
}
