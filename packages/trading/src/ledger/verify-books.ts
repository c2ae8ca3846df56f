import { messageOf } from '@tradeswarm/core'
import { type Decimal, decimal, decimalText, zero } from '../money/decimal.js'
import {
  type LedgerEntry,
  type LedgerEntryKind,
  ledgerAccounts,
  ledgerEntrySchema,
  type Posting,
} from './ledger-entry.js'
import { byAccount } from './ledger-views.js'

const holdingsPrefix = ledgerAccounts.holdings('')
const { cash, fees, realised, transfers } = ledgerAccounts
const units = [realised, 'assets:position:', 'holdings:', 'market:'] as const
const trade = [cash, fees, transfers, ...units] as const

/** The accounts that an entry of each kind may touch; those that end in a colon are of its own symbol. */
const accountsOf: Readonly<Record<LedgerEntryKind, readonly string[]>> = {
  deposit: [cash, ledgerAccounts.deposits],
  withdrawal: [cash, ledgerAccounts.deposits],
  fee: [cash, fees],
  interest: [cash, ledgerAccounts.interest],
  dividend: [cash, ledgerAccounts.dividends],
  funding: [cash, ledgerAccounts.funding],
  borrow: [cash, ledgerAccounts.borrow],
  transfer: [cash, transfers, ...units],
  opening: [ledgerAccounts.openings, ...units],
  adoption: [ledgerAccounts.adoptions, ...units],
  fill: [cash, fees, ...units],
  bust: trade,
  correction: trade,
  split: [cash, ...units],
  'internal-cross': [],
}

/** Only what goes from one principal to another touches these, and that touches nothing else. */
const principalPrefix = 'principal:'

/** Whether the books hold, the balances they come to, or the first entry that is wrong and why. */
export type BooksVerdict =
  | { readonly ok: true; readonly entries: number; readonly balances: readonly Posting[] }
  | { readonly ok: false; readonly entryId: string; readonly message: string }

type Audit = {
  readonly balances: Map<string, { readonly account: string; readonly asset: string; amount: Decimal }>
  /** Units held, by account of holdings. */
  readonly holdings: Map<string, Decimal>
  readonly entryIds: Set<string>
  readonly events: Set<string>
}

/**
 * Adds the books up again from their entries alone, as read from a store: every entry is well-formed, cites an event that no other one cites,
 * balances to 0 in each asset, touches only accounts of its kind and symbol, states the realised profit, fees and position that its postings
 * make, and books each fill once.
 */
export function verifyBooks(entries: Iterable<unknown>): BooksVerdict {
  const audit: Audit = { balances: new Map(), holdings: new Map(), entryIds: new Set(), events: new Set() }
  let count = 0
  for (const value of entries) {
    count += 1
    const parsed = ledgerEntrySchema.safeParse(value)
    if (!parsed.success) {
      const issue = parsed.error.issues[0]
      const message = `field "${issue?.path.join('.') ?? ''}": ${issue?.message ?? 'unreadable'}`
      return { ok: false, entryId: entryIdOf(value, count), message }
    }
    const fault = faultOf(audit, parsed.data)
    if (fault !== undefined) return { ok: false, entryId: parsed.data.entryId, message: fault }
  }
  const balances = [...audit.balances.values()]
    .filter(({ amount }) => !amount.eq(zero))
    .map(({ account, asset, amount }) => ({ account, asset, amount: decimalText(amount) }))
    .sort(byAccount)
  return { ok: true, entries: count, balances }
}

function faultOf(audit: Audit, entry: LedgerEntry): string | undefined {
  if (audit.entryIds.has(entry.entryId)) return 'the entry occurs twice'
  audit.entryIds.add(entry.entryId)
  const cited = citation(entry)
  if (audit.events.has(cited)) return `its ${entry.kind} (event ${entry.eventId}) is booked twice`
  audit.events.add(cited)
  try {
    return misplaced(entry) ?? unbalanced(entry) ?? misstated(audit, entry)
  } catch (thrown) {
    return messageOf(thrown)
  }
}

/** A fill or a bust is one of a kind by its key, whatever event told of it. */
function citation({ kind, eventId, symbol, account, tradeId }: LedgerEntry): string {
  return JSON.stringify(kind === 'fill' || kind === 'bust' ? [kind, account, symbol, tradeId] : [eventId])
}

function misplaced({ kind, symbol, postings }: LedgerEntry): string | undefined {
  const allowed = accountsOf[kind]
  for (const { account } of postings) {
    if (allowed.includes(account) || (kind === 'internal-cross' && account.startsWith(principalPrefix))) continue
    if (allowed.some((prefix) => prefix.endsWith(':') && account === `${prefix}${symbol}`)) continue
    return `it posts to ${account}, which a ${kind}${symbol === undefined ? '' : ` of ${symbol}`} does not touch`
  }
  return undefined
}

function unbalanced(entry: LedgerEntry): string | undefined {
  const sums = new Map<string, Decimal>()
  for (const { asset, account, amount } of entry.postings) {
    sums.set(asset, (sums.get(asset) ?? zero).plus(decimal(amount, account)))
  }
  for (const [asset, sum] of sums) {
    if (!sum.eq(zero)) return `its postings in ${asset} sum to ${decimalText(sum)} instead of 0`
  }
  return undefined
}

/** Adds the postings to the balances and compares what the entry says of itself. */
function misstated(audit: Audit, entry: LedgerEntry): string | undefined {
  for (const { account, asset, amount } of entry.postings) {
    const key = JSON.stringify([account, asset])
    const balance = audit.balances.get(key)
    if (balance === undefined) audit.balances.set(key, { account, asset, amount: decimal(amount) })
    else balance.amount = balance.amount.plus(decimal(amount))
    if (account.startsWith(holdingsPrefix))
      audit.holdings.set(account, (audit.holdings.get(account) ?? zero).plus(decimal(amount)))
  }
  const otherFees = entry.otherFees ?? []
  const isOther = (asset: string) => otherFees.some(({ currency }) => currency === asset)
  const inSettlement = (account: string) => posted(entry, account, (asset) => !isOther(asset))
  if (entry.realised !== undefined && !inSettlement(realised).plus(decimal(entry.realised, 'realised')).eq(zero))
    return `it states ${entry.realised} realised, its postings another amount`
  if (entry.fee !== undefined && !inSettlement(fees).eq(decimal(entry.fee, 'fee')))
    return `it states a fee of ${entry.fee}, its postings another amount`
  for (const { currency, amount } of otherFees)
    if (!posted(entry, fees, (asset) => asset === currency).eq(decimal(amount, 'otherFees')))
      return `it states a fee of ${amount} ${currency}, its postings another amount`
  if (entry.quantityAfter === undefined || entry.symbol === undefined) return undefined
  const held = audit.holdings.get(ledgerAccounts.holdings(entry.symbol)) ?? zero
  if (held.eq(decimal(entry.quantityAfter, 'quantityAfter'))) return undefined
  return `it states a position of ${entry.quantityAfter} ${entry.symbol}, the entries so far come to ${decimalText(held)}`
}

function posted(entry: LedgerEntry, account: string, counts: (asset: string) => boolean): Decimal {
  let sum = zero
  for (const posting of entry.postings)
    if (posting.account === account && counts(posting.asset)) sum = sum.plus(decimal(posting.amount))
  return sum
}

function entryIdOf(value: unknown, position: number): string {
  if (typeof value === 'object' && value !== null && 'entryId' in value && typeof value.entryId === 'string')
    return value.entryId
  return `(entry number ${position})`
}
