import type { BrokerDefinition, Instrument } from '@tradeswarm/trading'

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
}

/** How the contract suite comes by a broker whose market is the feed of its context. */
export type BrokerHarness = {
  readonly capabilities: readonly BrokerCapability[]
  define(setup: BrokerSetup): BrokerDefinition
}
