import type { EpochMs } from '@tradeswarm/core'
import { z } from 'zod'

/**
 * The chart of accounts. In a currency, debits positive: `assets:cash`, `assets:position:SYMBOL` (open cost), `expenses:fees`,
 * `expenses:borrow`; credits negative: `income:…` and `equity:…`. In units of the asset: `holdings:SYMBOL` against `market:SYMBOL`.
 */
export const ledgerAccounts = {
  cash: 'assets:cash',
  fees: 'expenses:fees',
  borrow: 'expenses:borrow',
  realised: 'income:realised',
  dividends: 'income:dividends',
  interest: 'income:interest',
  funding: 'income:funding',
  deposits: 'equity:deposits',
  transfers: 'equity:transfers',
  openings: 'equity:openings',
  adoptions: 'equity:adoptions',
  /** Of an agent in a strategy: units and money that came from another principal of the account, or went there. */
  principal: (agent: string, strategy: string) => `principal:${JSON.stringify([agent, strategy])}`,
  position: (symbol: string) => `assets:position:${symbol}`,
  holdings: (symbol: string) => `holdings:${symbol}`,
  market: (symbol: string) => `market:${symbol}`,
} as const

/** One line of an entry: a signed decimal text in units of `asset` (a currency or what is traded). */
export type Posting = { readonly account: string; readonly asset: string; readonly amount: string }

/** A decimal text in a currency. */
export type CurrencyAmount = { readonly currency: string; readonly amount: string }

const entryKinds = [
  'deposit',
  'withdrawal',
  'fill',
  'bust',
  'correction',
  'dividend',
  'fee',
  'interest',
  'funding',
  'borrow',
  'transfer',
  'opening',
  'adoption',
  'split',
  'internal-cross',
] as const

/** What a booking rests on. */
export type LedgerEntryKind = (typeof entryKinds)[number]

/** One booking, as plain JSON. Its postings sum to exactly 0 in each asset; a fill that a bust forestalled has none. */
export type LedgerEntry = {
  /** `ledger-1`, `ledger-2`, … in the order of booking. */
  readonly entryId: string
  /** The one event that it rests on. */
  readonly eventId: string
  readonly kind: LedgerEntryKind
  readonly time: EpochMs
  readonly postings: readonly Posting[]
  /** The symbol that the event is about. */
  readonly symbol?: string
  /** What the symbol settles in, where that is not the ledger's base currency. */
  readonly currency?: string
  /** With the symbol the key of a fill, bust or correction. */
  readonly account?: string
  readonly tradeId?: string
  /** Of a fill. */
  readonly orderId?: string
  /** Of what changes a position: the profit or loss it realised, before fees, in the settlement currency. */
  readonly realised?: string
  /** Of a fill, bust or correction: the fee in the settlement currency. */
  readonly fee?: string
  /** Fees that were paid in other currencies (of a bust: returned, negative). */
  readonly otherFees?: readonly CurrencyAmount[]
  /** Of a fill: units of the position before it that it closed (unsigned), and what they had cost (negative for a short). */
  readonly closedQuantity?: string
  readonly closedCost?: string
  /** Of what changes a position: the signed position after it. */
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
  kind: z.enum(entryKinds),
  time: z.number(),
  postings: z.array(z.object({ account: id, asset: id, amount: z.string() })),
  symbol: text,
  currency: text,
  account: text,
  tradeId: text,
  orderId: text,
  realised: text,
  fee: text,
  otherFees: z.array(z.object({ currency: id, amount: z.string() })).exactOptional(),
  closedQuantity: text,
  closedCost: text,
  quantityAfter: text,
  correlationId: text,
  causationId: text,
})
