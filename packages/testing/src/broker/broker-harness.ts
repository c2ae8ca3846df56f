import type { BrokerDefinition, CalendarName, Instrument, InstrumentKind } from '@tradeswarm/trading'
import type { BrokerCapability } from './broker-capability.js'
import type { FaultyVenue } from './faulty-venue.js'

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
