import type { EpochMs } from '@tradeswarm/core'
import { z } from 'zod'

/**
 * The chart of accounts. In the currency, debits positive: `assets:cash`, `assets:position:SYMBOL` (open cost),
 * `expenses:fees`; credits negative: `income:realised`, `income:dividends`, `income:interest`, `equity:deposits`.
 * In units of the asset: `holdings:SYMBOL` against `market:SYMBOL`.
 */
export const ledgerAccounts = {
  cash: 'assets:cash',
  fees: 'expenses:fees',
  realised: 'income:realised',
  dividends: 'income:dividends',
  interest: 'income:interest',
  deposits: 'equity:deposits',
  position: (symbol: string) => `assets:position:${symbol}`,
  holdings: (symbol: string) => `holdings:${symbol}`,
  market: (symbol: string) => `market:${symbol}`,
} as const

/** One line of an entry: a signed decimal text in units of `asset` (a currency or what is traded). */
export type Posting = { readonly account: string; readonly asset: string; readonly amount: string }

/** What a booking rests on. */
export type LedgerEntryKind = 'deposit' | 'fill' | 'bust' | 'dividend' | 'fee' | 'interest' | 'split'

/** One booking, as plain JSON. Its postings sum to exactly 0 in each asset; a fill that a bust forestalled has none. */
export type LedgerEntry = {
  /** `ledger-1`, `ledger-2`, … in the order of booking. */
  readonly entryId: string
  /** The one event that it rests on. */
  readonly eventId: string
  readonly kind: LedgerEntryKind
  readonly time: EpochMs
  readonly postings: readonly Posting[]
  /** The symbol that a fill, bust, dividend or split is about. */
  readonly symbol?: string
  /** With the symbol the key of a fill or bust. */
  readonly account?: string
  readonly tradeId?: string
  /** Of a fill. */
  readonly orderId?: string
  /** Of a fill, bust or split: the profit or loss it realised, before fees, in the currency. */
  readonly realised?: string
  /** Of a fill or bust: the fee in the currency. */
  readonly fee?: string
  /** Of a fill: units of the position before it that it closed (unsigned), and what they had cost (negative for a short). */
  readonly closedQuantity?: string
  readonly closedCost?: string
  /** Of a fill, bust or split: the signed position after it. */
  readonly quantityAfter?: string
  readonly correlationId?: string
  readonly causationId?: string
}

const id = z.string().min(1)
const text = z.string().exactOptional()

/** How an entry is read back from a store. */
export const ledgerEntrySchema: z.ZodType<LedgerEntry> = z.object({
  entryId: id,
  eventId: id,
  kind: z.enum(['deposit', 'fill', 'bust', 'dividend', 'fee', 'interest', 'split']),
  time: z.number(),
  postings: z.array(z.object({ account: id, asset: id, amount: z.string() })),
  symbol: text,
  account: text,
  tradeId: text,
  orderId: text,
  realised: text,
  fee: text,
  closedQuantity: text,
  closedCost: text,
  quantityAfter: text,
  correlationId: text,
  causationId: text,
})
