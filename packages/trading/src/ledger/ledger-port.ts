import type { EpochMs } from '@tradeswarm/core'
import type { Decimal } from '../money/decimal.js'
import type { DatedSplit, FillRecord } from './book-record.js'
import type { LedgerEntry, Posting } from './ledger-entry.js'
import type { FillEvent, LedgerEvent } from './ledger-event.js'
import type { LedgerProfit } from './ledger-profit.js'
import type { LotMethod } from './open-lots.js'

/** The amounts of a fill and of its entry as numbers, so that nobody reads them from the texts again. */
export type BookedFigures = {
  readonly price: Decimal
  readonly quantity: Decimal
  /** In the settlement currency. */
  readonly fee: Decimal
  readonly realised: Decimal
  /** Units of the position before it that it closed, unsigned. */
  readonly closed: Decimal
  /** The signed position after it. */
  readonly after: Decimal
}

/**
 * The answer to an event. A duplicate changed nothing; it conflicts when it repeats the key of a fill, or the id of another event, with other
 * figures. Of events that were booked before a snapshot from which the books were restored only fills are compared.
 */
export type LedgerResult =
  | {
      readonly status: 'applied'
      readonly entry: LedgerEntry
      /** Of a fill. */
      readonly figures?: BookedFigures
      /** Of a fill: the splits of its symbol that the books hold, oldest first; left out where there are none. */
      readonly splits?: readonly DatedSplit[]
      /** Of a split that was told late: the fills that were booked before it and count in its units already; left out where there are none. */
      readonly since?: readonly FillRecord[]
    }
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
  /** What it settles in, and its cost is kept in; left out where that is the base currency. */
  readonly currency?: string
  /** Left out where it is 1. */
  readonly multiplier?: string
  /** `margin` of a contract, whose cost is what its units stood for when they were entered, and was not paid. */
  readonly settlement?: 'margin'
  readonly quantity: string
  readonly openCost: string
  /** openCost / quantity (/ multiplier), to 12 decimals, half to even. */
  readonly averagePrice: string
  readonly lots: readonly LotView[]
  /** When the position left flat, or flipped. */
  readonly openedAt: EpochMs
}

/** cash + openCost + fees − realised − income = netDeposits, exactly, in each currency; contracts have no part in openCost. Decimal texts in the currency. */
export type LedgerTotals = {
  readonly cash: string
  readonly openCost: string
  readonly realised: string
  /** Paid is positive. */
  readonly fees: string
  /** Dividends, interest and funding, less the cost of borrowing. */
  readonly income: string
  /** Deposits and transfers of cash; openings, adoptions and transfers of units at their cost. */
  readonly netDeposits: string
}

/** Symbols that have no price, and currencies that have no rate; the latter are left out where there are none. */
export type Unpriceable = {
  readonly status: 'unpriceable'
  readonly symbols: readonly string[]
  readonly currencies?: readonly string[]
}

/** The worth of the books in the base currency, of a contract what closing it would make; unpriceable while a held symbol has no price or a currency no rate, never 0. */
export type LedgerValuation =
  | { readonly status: 'priced'; readonly marketValue: string; readonly equity: string }
  | Unpriceable

/** The price of one unit (before its multiplier) in the currency that the symbol settles in. What is not above 0 counts as none. */
export type PriceOf = (symbol: string) => string | Decimal | undefined

/** The worth of one unit of a currency in the base currency, which itself is never asked for. What is not above 0 counts as none. */
export type RateOf = (currency: string) => string | Decimal | undefined

/** From when on the ledger may forget. */
export type ForgetOptions = {
  /** Before this time, not after the horizon, keys are dropped too: whatever is older and comes then is refused, new or not. Default: none is. */
  readonly keysBefore?: EpochMs
}

/** Symbols to which something has happened; a `Set` is one. */
export type ChangedSymbols = { forEach(visit: (symbol: string) => void): void }

/** The books of one account in any number of currencies: double-entry, exact, a fold of its events. */
export type Ledger = {
  /** The base currency: that of every event that names none, and of every valuation. */
  readonly currency: string
  readonly lots: LotMethod
  /**
   * Books an event, whole or not at all. A fill or bust is known by (account, symbol, tradeId), any other event by its id: a second one changes nothing.
   * Throws `INVALID_DECIMAL`, `INVALID_LEDGER_EVENT` (naming the field), `FEE_CURRENCY_UNKNOWN` or `LEDGER_HORIZON_PASSED`.
   */
  apply(event: LedgerEvent): LedgerResult
  /**
   * Takes the fill that was booked last out again, as if it had never come, where its entry could not be written down. It costs a walk over the
   * history of its symbol. Throws `INVALID_LEDGER_EVENT` where something else was booked last.
   */
  takeBack(fill: FillEvent): void
  /** Whether an event other than a fill or a bust was booked under this id, as far as the books remember. */
  hasBooked(eventId: string): boolean
  /** Cash in a currency; `0` in one that these books do not hold. */
  cash(currency: string): string
  /** The same as an exact number: the same object until it changes. */
  cashAmount(currency: string): Decimal
  /** Cash in it and units of it in all positions: what the venue should show of it. */
  balance(asset: string): string
  /** The same of the base currency, of every other by name, and then of each asset of which units are held, in the order of their symbols. */
  balances(): ReadonlyMap<string, Decimal>
  /** The base currency and every other in which the books hold or held something, by name. */
  currencies(): readonly string[]
  /** How many they are. */
  currencyCount(): number
  /** Undefined when flat. */
  position(symbol: string): LedgerPosition | undefined
  /** The signed quantity held; `0` when flat. Cheaper than {@link Ledger.position}. */
  quantity(symbol: string): string
  /** The same as a number: nothing is formatted. */
  units(symbol: string): Decimal
  /** What was held just before an instant, in the units of then, and all of it where nothing came later: what a dividend of that instant is paid on. */
  unitsAt(symbol: string, time: EpochMs): Decimal
  /** All that are open, by symbol. */
  positions(): readonly LedgerPosition[]
  /** Of one currency; of the base currency by default. */
  totals(currency?: string): LedgerTotals
  valuation(priceOf: PriceOf, rateOf?: RateOf): LedgerValuation
  /**
   * The equity of {@link Ledger.valuation} as a number; undefined where it is unpriceable. Whoever can name all symbols whose price has changed
   * since the last call with the same `priceOf` gives them as `repriced`: then these, and what was booked, are all that is valued anew.
   */
  equity(priceOf: PriceOf, rateOf?: RateOf, repriced?: ChangedSymbols): Decimal | undefined
  /** Realised and unrealised profit by symbol, by currency and in all. */
  profit(priceOf: PriceOf, rateOf?: RateOf): LedgerProfit
  /** The balance of every account that is not 0, by account and asset. Sums to 0 per asset. */
  trialBalance(): readonly Posting[]
  /**
   * Settles what happened before a time: the history of each symbol up to its first event that is not older is folded into its lots.
   * No figure changes. A bust or correction of such a fill is refused (`LEDGER_HORIZON_PASSED`); a second report of it stays a duplicate.
   * Returns how many fills were folded. To be called at the same place when the books are rebuilt.
   */
  forgetBefore(time: EpochMs, options?: ForgetOptions): number
  /** Plain JSON from which `restoreLedger` goes on. It holds every fill that may still be busted. */
  snapshot(): unknown
}
