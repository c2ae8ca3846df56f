import type { BrokerDefinition, CalendarName, Instrument, InstrumentKind } from '@tradeswarm/trading'
import type { FaultyVenue } from './faulty-venue.js'

/** What a broker may lack. */
export const brokerCapabilities = [
  'stop-orders',
  'immediate-or-cancel',
  'reduce-only',
  'fees',
  'slippage',
  'dividends',
  'partial-fills',
  'client-order-ids-never-reused',
  'stop-limit-orders',
  'trailing-stops',
  'fill-or-kill',
  'good-till-date',
  'auctions',
  'post-only',
  'quote-sized',
  'replace',
  'executions',
  'clock',
  /** It matches the quotes and trades of the feed. */
  'quotes',
  /** It says that a stop has been set off before it fills; else the two come together. */
  'trigger-words',
  /** Executions name the market's price before slippage, and the instant of the bar or quote that it lies in. */
  'reference-prices',
  /** An order for an auction that comes too late for it waits for the next one. */
  'auction-queue',
  /** A trailing stop may start at a level of its own. */
  'trailing-start',
  /** Perpetuals and futures on margin, shorts included. */
  'contracts',
  /** It pays the funding that the feed announces, and tells of it by `movements`. */
  'funding',
  /** Symbols that are paid for in different currencies, out of one account. */
  'currencies',
  /** It trades in the sessions of an exchange, and an order for the day ends with one; else all orders of the cases rest until cancelled. */
  'sessions',
  /** It takes no order that is worth less than the minimum of its instrument. */
  'minimum-notional',
  /** Of a market order for more than the market offers, the rest waits for more instead of ending. */
  'market-orders-rest',
  /** Stops are matched with the bars and trades that set them off, at the prices of these; else each becomes an order of its own then, which meets the next quote. */
  'engine-stops',
  /** A stop leaves however far the market has leapt over its level; else within a bound, as a stop-limit. */
  'gapped-stops',
  /** A target and a stop in one order. */
  'oco-orders',
  /** The target of such a pair rests as a limit order; else it is watched, and the pair leaves at the market once it is reached. */
  'resting-targets',
  /** Such a pair can be amended. */
  'oco-amendments',
  /** Contracts, too, may be ordered for an amount of currency. */
  'quote-sized-contracts',
  /** An amount of currency may be ordered of what trades in whole units only. */
  'quote-sized-whole-units',
  /** What is bought is paid for with cash, and no more is sold than is held; else it is held on margin, shorts included. */
  'cash-settlement',
  /** A stop and a target may rest on one position side by side, and go with it; else the two are one order. */
  'exit-pairs',
  /** Of a reduce-only order for more than the position, the position is filled and the rest ends; else it is refused. */
  'reduce-only-shrinks',
  /** Least and most quantity of one order. */
  'quantity-bounds',
  /** And what it may be worth at most. */
  'order-bounds',
  /** An exit that comes at the very instant at which its entry has filled is matched with the rest of that bar. */
  'entry-bar-exits',
  /** The fee of a buy is taken out of what was bought, where the setup asks for that. */
  'fees-in-kind',
  /** Quantities of many decimals. */
  'fractions',
  /** Its harness can make the venue fail: see `BrokerHarness.faults`. */
  'faults',
] as const

/** A capability that is declared has its cases run; a skipped case names the one that is missing. */
export type BrokerCapability = (typeof brokerCapabilities)[number]

/** The account that a case wants to trade in. Amounts are decimal texts. */
export type BrokerSetup = {
  readonly account: string
  readonly instruments: readonly Instrument[]
  readonly cash: Readonly<Record<string, string>>
  readonly feeBasisPoints: string
  readonly slippageBasisPoints: string
  /** The most that fills per session, as a fraction of the volume of the bar before. */
  readonly maximumVolumeFraction?: string
  /** The fee of a buy is taken out of what was bought. Asked for of those who declare `fees-in-kind`. */
  readonly feesInKind?: true
  /** The venue grants no more requests than it documents, and the adapter keeps to that; else both take as many as come. Asked for of `faults`. */
  readonly documentedRates?: true
}

/** The symbols of the cases. */
export const benchRoles = ['AAA', 'BBB', 'CCC-SWAP', 'EEE'] as const

/** What the cases trade: two of one kind, AAA at about 100 and BBB at about 50, a perpetual and a share that is paid for in euros. */
export type BenchRole = (typeof benchRoles)[number]

/** What a venue lists in one of the roles. What is left out is as in the cases, the asset but the symbol. */
export type RoleInstrument = {
  readonly symbol: string
  readonly asset?: string
  readonly kind?: InstrumentKind
  readonly currency?: string
  readonly calendar?: CalendarName
  readonly multiplier?: string
  /** So many decimal places its prices stand above those of the cases: with 2 and a multiplier of 0.01 a contract is worth what a share of the cases is. */
  readonly priceShift?: number
}

/** How the contract suite comes by a broker whose market is the feed of its context. */
export type BrokerHarness = {
  readonly capabilities: readonly BrokerCapability[]
  /** What the venue lists in place of what the cases trade; what has no role is traded under the name that it has there. */
  readonly instruments?: Partial<Record<BenchRole, RoleInstrument>>
  /** What the account can do for other instruments than these, and says of itself. */
  readonly elsewhere?: readonly BrokerCapability[]
  define(setup: BrokerSetup): BrokerDefinition
  /** A venue that fails when it is told to. Where it is left out, the cases about failures are skipped for want of `faults`. */
  faults?(setup: BrokerSetup): Promise<FaultyVenue>
}
