import type { EpochMs } from '@tradeswarm/core'
import type { Decimal, Instrument } from '@tradeswarm/trading'
import type { FeeSchedule } from './fee-schedule.js'

/** What fills cost. Amounts are decimal texts in the instrument's currency; a basis point is 0.0001 of the notional. */
export type PaperFees = {
  /** Of the notional of each fill; 5 by default. */
  readonly basisPoints?: string
  /** Instead of `basisPoints` for fills that rested on the book, and for those that took from it. */
  readonly makerBasisPoints?: string
  readonly takerBasisPoints?: string
  /** For each unit filled. */
  readonly perUnit?: string
  /** The least that a fill costs. */
  readonly minimum?: string
  /** Once for each order, with its first fill, on top of the rest. */
  readonly perOrder?: string
  /**
   * What fees are taken in: the currency (the default), what was bought (units for a buy, the currency for a sale), or units of a third
   * asset at the last price of a symbol that is traded here in the same currency. While that has no price, or too little of the
   * asset is held, the currency pays.
   */
  readonly chargedIn?: 'currency' | 'bought' | { readonly asset: string; readonly symbol: string }
  /** How many decimals a fee has, rounded up; 18 in a currency and 12 in units by default. */
  readonly places?: number
}

/** A span of time in which a symbol does not trade, from `from` until just before `to`. */
export type TradingHalt = { readonly symbol: string; readonly from: EpochMs; readonly to: EpochMs }

/** What a paper account is made of. Amounts are decimal texts; a basis point is 0.0001 of the notional. */
export type PaperBrokerOptions = {
  /** The account's name; `paper` by default. */
  readonly account?: string
  /** All that can be traded at this venue. */
  readonly instruments: readonly Instrument[]
  /** What the account holds at the start, by currency. */
  readonly cash: Readonly<Record<string, string>>
  /** Per fill: basis points of the notional plus an amount per unit, at least the minimum. 5 basis points by default. */
  readonly fees?: PaperFees
  /** What fills of single symbols cost, by symbol and in place of `fees`. */
  readonly symbolFees?: Readonly<Record<string, PaperFees>>
  /**
   * How much worse than the market's price a market or stop order fills: 5 basis points by default, and `impactBasisPoints` × the root of
   * (quantity / volume of the bar before) more.
   */
  readonly slippage?: { readonly basisPoints: string; readonly impactBasisPoints?: string }
  /**
   * The most that all orders of a symbol together may fill in one session, as a fraction of the volume of the bar before, and of one
   * trade as a fraction of its quantity. Unlimited by default. With it, nothing fills at an open before a first bar was seen.
   */
  readonly maximumVolumeFraction?: string
  /** Whether a resting limit fills when the market trades through it (the default), or when it is touched. */
  readonly limitFills?: 'through' | 'touch'
  /** How long orders, cancels and amendments take to the venue; 0 by default. */
  readonly latencyMs?: number
  /** How old a quote may be, in milliseconds, for an order that arrives to trade against it; 5,000 by default. */
  readonly quoteFreshMs?: number
  /** When symbols do not trade, as far as it is known beforehand. */
  readonly halts?: readonly TradingHalt[]
  /** Whether orders that come during a halt rest until it is over (the default), or are refused with `TRADING_HALTED`. */
  readonly haltedOrders?: 'rest' | 'refuse'
  /** Lets positions of instruments that are shortable go below 0, without margin. Off by default. */
  readonly allowShorts?: boolean
  /** What borrowing costs a year, as a fraction of a short position's worth, for all symbols and for single ones. Nothing by default. */
  readonly borrow?: { readonly annualRate: string; readonly symbols?: Readonly<Record<string, string>> }
  /** How many times its margin a perpetual or a future may stand for; 1 by default: all that it stands for must be there in cash. */
  readonly contractLeverage?: string
  /**
   * Funding that falls due at every whole `intervalMs` since 1970 (8 hours by default), at the last price: rates by symbol of a perpetual.
   * Without it, only that of `funding` events of the feed is paid.
   */
  readonly funding?: { readonly intervalMs?: number; readonly rates: Readonly<Record<string, string>> }
}

/** What {@link PaperBrokerOptions} leaves out. */
export const paperBrokerDefaults = {
  account: 'paper',
  fees: { basisPoints: '5', perUnit: '0', minimum: '0', perOrder: '0', chargedIn: 'currency' },
  slippage: { basisPoints: '5', impactBasisPoints: '0' },
  limitFills: 'through',
  latencyMs: 0,
  quoteFreshMs: 5_000,
  haltedOrders: 'rest',
  allowShorts: false,
  contractLeverage: '1',
  funding: { intervalMs: 28_800_000 },
} as const

/** An instrument with its grid parsed. */
export type VenueInstrument = {
  readonly instrument: Instrument
  readonly tick: Decimal
  readonly lot: Decimal
  readonly minimumNotional: Decimal
  readonly minimumQuantity: Decimal | undefined
  readonly maximumQuantity: Decimal | undefined
  readonly maximumNotional: Decimal | undefined
  /** Undefined where a contract is one unit. */
  readonly multiplier: Decimal | undefined
  /** What fills of it cost. */
  readonly fees: FeeSchedule
  readonly isContract: boolean
  /** Whether its position may go below 0. */
  readonly mayBeShort: boolean
  /** A fraction a year of what is short. */
  readonly borrowRate: Decimal
}

/** How much worse than the market's price what takes from it fills. */
export type SlippageModel = { readonly basisPoints: Decimal; readonly impactBasisPoints: Decimal | undefined }

/** The options, checked and parsed. */
export type PaperBrokerSettings = {
  readonly account: string
  readonly instruments: ReadonlyMap<string, VenueInstrument>
  readonly cash: ReadonlyMap<string, Decimal>
  readonly slippage: SlippageModel
  readonly maximumVolumeFraction: Decimal | undefined
  readonly fillsOnTouch: boolean
  readonly latencyMs: number
  readonly quoteFreshMs: number
  readonly halts: readonly TradingHalt[]
  readonly refusesInHalt: boolean
  readonly contractLeverage: Decimal
  readonly funding: { readonly intervalMs: number; readonly rates: ReadonlyMap<string, Decimal> } | undefined
}
