import type { Clock, Random, Timers } from '@tradeswarm/core'
import type {
  Broker,
  BrokerCapabilities,
  BrokerContext,
  BrokerEvent,
  Instrument,
  OrderRequest,
  VenueMovement,
} from '@tradeswarm/trading'
import type { Exact } from './exact.js'
import type { VenueRules } from './scenario.js'
import type { SimulatedTime } from './simulated-time.js'
import type { VenueFill, VenueOrderTruth } from './venue-order.js'
import type { SimulatedVenue } from './venue-port.js'
import type { NetworkConditions } from './venue-session.js'

/** The venue of one account, and how the lives of its kernel connect to it. */
export type VenueEnd = {
  readonly venue: SimulatedVenue
  link(options: LinkOptions): VenueLink
  /** Called after each thing that happens, when all that follows from it has settled. */
  look(): void
}

/** One life's connection to its venue. */
export type VenueLink = {
  readonly mode: Broker['mode']
  /** Opens the adapter that is under test. */
  open(context: BrokerContext): Promise<Broker>
  hear(event: BrokerEvent): void
  /** Absent where its venue moves nothing by itself. */
  hearMovement?(movement: VenueMovement): void
  /** The stream that was down stands again. */
  restored(): void
  /** Its process is gone. */
  end(): void
}

/** What a connection is made with. */
export type LinkOptions = {
  readonly account: string
  readonly random: Random
  /** The client's clock, and its timers: a dead one hears of none. */
  readonly clock: Clock
  readonly timers: Pick<Timers, 'at'>
  readonly conditions: NetworkConditions
  readonly alive: () => boolean
  /** Told of a point at which the process may die; true where it does, or has. */
  readonly dies: (point: string) => boolean
  readonly onSent: (request: OrderRequest) => void
  readonly onCancelSent: (clientOrderId: string) => void
  readonly onBalances: () => void
}

/** What a venue is opened with, for one run. */
export type VenueStage = {
  readonly account: string
  readonly rules: VenueRules
  readonly instruments: readonly Instrument[]
  readonly currency: string
  readonly deposits: string
  readonly random: Random
  readonly time: SimulatedTime
  readonly cover: (what: string) => void
  /** Writes a line of the trace; absent where nobody reads it. */
  readonly note?: ((line: string) => void) | undefined
  readonly say: (event: BrokerEvent) => void
  readonly onOrder: (order: VenueOrderTruth) => void
  readonly onFill: (order: VenueOrderTruth, fill: VenueFill) => void
  /** What was charged for units that were lent. */
  readonly onBorrow: (symbol: string, amount: Exact) => void
  /** Money that the venue has moved. */
  readonly tell: (movement: VenueMovement) => void
}

/** What an adapter says of itself and its venue: a scenario is held to it. */
export type VenueTerms = {
  readonly instruments: readonly Instrument[]
  /** What it lists besides that nothing is paid for when it is entered; absent: nothing. */
  readonly contracts?: ListedContracts
  readonly capabilities: BrokerCapabilities | undefined
  readonly tellsExecutions: boolean
  readonly tellsTime: boolean
  /** Whether it can be asked for what the venue has moved without an order; absent: not. */
  readonly tellsMovements?: boolean
  /** What each fill costs; taken out of the units that were bought where `feeInAsset` is set. */
  readonly feeBasisPoints: number
  readonly feeInAsset: boolean
}

/** Contracts that a venue lists: one that may be traded in the place of each instrument, and in how many of a hundred seeds some are. */
export type ListedContracts = { readonly instruments: readonly Instrument[]; readonly share: number }

/** A venue with its adapter, to be simulated in the place of the simulator's own. */
export type VenueUnderTest = {
  readonly name: string
  /** Those of the account that a seed has: always the same for one seed. */
  terms(seed: number): Promise<VenueTerms>
  open(stage: VenueStage): Promise<VenueEnd>
}
