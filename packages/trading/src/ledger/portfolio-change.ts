import { type Decimal, decimal, decimalText, zero } from '../money/decimal.js'
import { type LedgerEntry, ledgerAccounts } from './ledger-entry.js'

/** What became of a position. */
export type PositionMove = 'opened' | 'enlarged' | 'reduced' | 'closed' | 'flipped'

/** What a booking changed, as it may be told to others. Amounts are decimal texts, signed: cash that went out is negative. */
export type PortfolioChange =
  | {
      readonly type: 'position'
      readonly move: PositionMove
      readonly symbol: string
      readonly quantityBefore: string
      readonly quantityAfter: string
      /** Why: a split changes units and no exposure, a bust takes back what was told before. */
      readonly cause: LedgerEntry['kind']
    }
  | { readonly type: 'cash'; readonly currency: string; readonly amount: string; readonly cause: LedgerEntry['kind'] }
  | { readonly type: 'realised'; readonly symbol: string; readonly currency: string; readonly amount: string }

/** What an entry changed: of its position, then cash by currency, then realised profit. A pure function of the entry; empty for one that moved nothing. */
export function portfolioChanges(entry: LedgerEntry): readonly PortfolioChange[] {
  const { symbol, kind } = entry
  const changes: PortfolioChange[] = []
  const held = symbol === undefined ? undefined : ledgerAccounts.holdings(symbol)
  const units = held === undefined ? zero : posted(entry, held)
  if (symbol !== undefined && entry.quantityAfter !== undefined && !units.eq(zero)) {
    const after = decimal(entry.quantityAfter, 'quantityAfter')
    const before = after.minus(units)
    const [quantityBefore, quantityAfter] = [decimalText(before), decimalText(after)]
    changes.push({ type: 'position', move: moveOf(before, after), symbol, quantityBefore, quantityAfter, cause: kind })
  }
  for (const [currency, amount] of sumsOf(entry, ledgerAccounts.cash))
    if (!amount.eq(zero)) changes.push({ type: 'cash', currency, amount: decimalText(amount), cause: kind })
  if (symbol === undefined) return changes
  for (const [currency, amount] of sumsOf(entry, ledgerAccounts.realised))
    if (!amount.eq(zero)) changes.push({ type: 'realised', symbol, currency, amount: decimalText(amount.neg()) })
  return changes
}

function moveOf(before: Decimal, after: Decimal): PositionMove {
  if (before.eq(zero)) return 'opened'
  if (after.eq(zero)) return 'closed'
  if (before.gt(zero) !== after.gt(zero)) return 'flipped'
  return after.abs().gt(before.abs()) ? 'enlarged' : 'reduced'
}

function posted(entry: LedgerEntry, account: string): Decimal {
  let sum = zero
  for (const posting of entry.postings) if (posting.account === account) sum = sum.plus(decimal(posting.amount))
  return sum
}

function sumsOf(entry: LedgerEntry, account: string): ReadonlyMap<string, Decimal> {
  const sums = new Map<string, Decimal>()
  for (const { account: booked, asset, amount } of entry.postings)
    if (booked === account) sums.set(asset, (sums.get(asset) ?? zero).plus(decimal(amount)))
  return sums
}
