import type { EpochMs } from '@tradeswarm/core'

/** What all events of the ledger carry. */
export type LedgerEventBase = {
  /** Cited by the entry. Unique among the events of a ledger. */
  readonly eventId: string
  readonly time: EpochMs
  readonly correlationId?: string
  readonly causationId?: string
}

/** The key of an execution. */
export type FillKey = { readonly account: string; readonly symbol: string; readonly tradeId: string }

/** The currency of an event's amounts; without one it is the ledger's base currency. */
export type InCurrency = { readonly currency?: string }

/** What one unit of a symbol stands for, and how it is paid. A symbol has the same terms in all of its events. */
export type UnitTerms = {
  /** Prices count so many times for each unit, as where a contract stands for 0.01 of a coin; 1 where it is left out. */
  readonly multiplier?: string
  /** `margin`: a contract, which nothing is paid for; what closing it makes is paid in cash. Left out: cash pays for the units. */
  readonly settlement?: 'margin'
}

/** One execution, known by (account, symbol, tradeId). Price and cost are in the currency that the symbol settles in. */
export type FillEvent = LedgerEventBase &
  FillKey &
  InCurrency &
  UnitTerms & {
    readonly type: 'fill'
    readonly orderId: string
    /** What the position is counted in. */
    readonly asset: string
    readonly side: 'buy' | 'sell'
    readonly price: string
    readonly quantity: string
    /** A rebate is negative. */
    readonly fee: string
    /** The settlement currency, the asset when the venue keeps units of it back, or any other, paid from the balance in that. */
    readonly feeCurrency: string
    /** Of a contract: what the venue has paid out on what was closed, where it says so; else it is worked out of the average price. */
    readonly realised?: string
  }

/** The venue takes an execution back. It may come before the fill itself. */
export type BustEvent = LedgerEventBase & FillKey & { readonly type: 'bust' }

/** The venue changes an execution: these are its figures now. Of several the latest by (time, event id) holds. It may come before the fill. */
export type CorrectionEvent = LedgerEventBase &
  FillKey & {
    readonly type: 'correction'
    readonly price: string
    readonly quantity: string
    readonly fee: string
    readonly feeCurrency: string
  }

/** Cash on each unit held; the quantity is signed, so that a short pays. Names its currency where the symbol settles in a foreign one. */
export type DividendPaidEvent = LedgerEventBase &
  InCurrency & {
    readonly type: 'dividend'
    readonly symbol: string
    readonly quantity: string
    readonly amountPerUnit: string
    /** The id of the dividend that it adds to, or takes from, by something of before it that was told after it. */
    readonly corrects?: string
  }

/**
 * Money from outside (a negative deposit is a withdrawal; the amount of a withdrawal is above 0), a charge that belongs to no fill
 * (negative: refunded), interest received (negative: paid).
 */
export type CashMovementEvent = LedgerEventBase &
  InCurrency & { readonly type: 'deposit' | 'withdrawal' | 'fee' | 'interest'; readonly amount: string }

/** Funding of a perpetual or a short, received (negative: paid); the cost of borrowing what was sold short (negative: refunded). */
export type CarryEvent = LedgerEventBase &
  InCurrency & { readonly type: 'funding' | 'borrow'; readonly symbol: string; readonly amount: string }

/** Cash that comes from another account or wallet of the same owner (negative: goes there). */
export type CashTransferEvent = LedgerEventBase & InCurrency & { readonly type: 'transfer'; readonly amount: string }

type UnitsEvent = LedgerEventBase &
  InCurrency &
  UnitTerms & {
    readonly symbol: string
    readonly asset: string
    /** Signed: of a short below 0. */
    readonly quantity: string
  }

/**
 * Units that come from another account with their cost, signed like the quantity. Without a cost they go there, at the cost of the lots
 * that they are taken from: the quantity is then of the sign opposite to the position, and no more than is held.
 */
export type UnitsTransferEvent = UnitsEvent & { readonly type: 'transfer'; readonly cost?: string }

/** A position that the account starts with, at its cost (signed like the quantity). */
export type OpeningEvent = UnitsEvent & { readonly type: 'opening'; readonly cost: string }

/** An external position taken into the books, at a stated cost (signed like the quantity) or at a price: one of the two. */
export type AdoptionEvent = UnitsEvent & { readonly type: 'adoption' } & (
    | { readonly cost: string; readonly price?: never }
    | { readonly price: string; readonly cost?: never }
  )

/**
 * `denominator` old units become `numerator` new ones: 4 and 1 in a four-for-one split. Whole numbers above 0.
 * Where the venue pays out a fraction, the new units paid for (above 0) and the cash, negative for a short, in the settlement currency.
 */
export type SplitEvent = LedgerEventBase &
  InCurrency & {
    readonly type: 'split'
    readonly symbol: string
    readonly numerator: number
    readonly denominator: number
    readonly cashInLieu?: { readonly quantity: string; readonly amount: string }
  }

/** What moves cash in one currency and nothing else. */
export type CashEvent = CashMovementEvent | DividendPaidEvent | CarryEvent | CashTransferEvent

/** What brings units in, or takes them out, without a trade. */
export type PositionEvent = UnitsTransferEvent | OpeningEvent | AdoptionEvent

/** What changes the books. Amounts are decimal texts, quantities in units of the asset. */
export type LedgerEvent = FillEvent | BustEvent | CorrectionEvent | SplitEvent | CashEvent | PositionEvent
