import type { EpochMs } from '@tradeswarm/core'
import type { LedgerEntry, Posting } from './ledger-entry.js'
import type { LedgerEvent } from './ledger-event.js'

/** The answer to an event. A duplicate changed nothing; it conflicts when it repeats a fill's key with other figures. */
export type LedgerResult =
  | { readonly status: 'applied'; readonly entry: LedgerEntry }
  | { readonly status: 'duplicate'; readonly entryId: string; readonly conflicting: boolean }

/** What is left of one purchase (or short sale). Quantity and cost are signed alike; decimal texts. */
export type LotView = {
  readonly tradeId: string
  readonly quantity: string
  readonly cost: string
  readonly openedAt: EpochMs
}

/** An open position: signed quantity, its cost (negative for a short) and its lots, oldest first. Decimal texts. */
export type LedgerPosition = {
  readonly symbol: string
  readonly asset: string
  readonly quantity: string
  readonly openCost: string
  /** openCost / quantity, to 12 decimals, half to even. */
  readonly averagePrice: string
  readonly lots: readonly LotView[]
  /** When the position left flat, or flipped. */
  readonly openedAt: EpochMs
}

/** cash + openCost + fees − realised − income = netDeposits, exactly. Decimal texts in the currency. */
export type LedgerTotals = {
  readonly cash: string
  readonly openCost: string
  readonly realised: string
  /** Paid is positive. */
  readonly fees: string
  /** Dividends and interest. */
  readonly income: string
  readonly netDeposits: string
}

/** The worth of the books at given prices; unpriceable while a held symbol has none, never 0. */
export type LedgerValuation =
  | { readonly status: 'priced'; readonly marketValue: string; readonly equity: string }
  | { readonly status: 'unpriceable'; readonly symbols: readonly string[] }

/** The books of one account in one currency: double-entry, exact, a fold of its events. */
export type Ledger = {
  readonly currency: string
  /**
   * Books an event, whole or not at all. A fill is known by (account, symbol, tradeId), any other event by its id: a second one changes nothing.
   * Throws `INVALID_DECIMAL`, `INVALID_LEDGER_EVENT` (naming the field) or `FEE_CURRENCY_UNKNOWN`.
   */
  apply(event: LedgerEvent): LedgerResult
  /** Cash in a currency; `0` in one that these books do not hold. */
  cash(currency: string): string
  /** Undefined when flat. */
  position(symbol: string): LedgerPosition | undefined
  /** The signed quantity held; `0` when flat. Cheaper than {@link Ledger.position}. */
  quantity(symbol: string): string
  /** All that are open, by symbol. */
  positions(): readonly LedgerPosition[]
  totals(): LedgerTotals
  valuation(priceOf: (symbol: string) => string | undefined): LedgerValuation
  /** The balance of every account that is not 0, by account and asset. Sums to 0 per asset. */
  trialBalance(): readonly Posting[]
  /** Plain JSON from which `restoreLedger` goes on. It holds every fill, so that any may still be busted. */
  snapshot(): unknown
}
