import type { AutomaticHaltOptions, CalendarName, Instrument, OrderType, RiskPolicyInput } from '@tradeswarm/trading'
import type { AccountStep } from './acts/accounts.js'
import type { AmountStep } from './acts/amounts.js'
import type { ApprovalStep } from './acts/approvals.js'
import type { BusStepAct } from './acts/bus-acts.js'
import type { ContingencyStep } from './acts/contingencies.js'
import type { ContractStep } from './acts/contracts.js'
import type { CorporateStep } from './acts/corporate-actions.js'
import type { CorrectionStep } from './acts/corrections.js'
import type { DisturbanceStep } from './acts/disturbances.js'
import type { EmergencyStep } from './acts/emergencies.js'
import type { ExecutionStep } from './acts/executions.js'
import type { ExitStep } from './acts/exits.js'
import type { ExternalStep } from './acts/externals.js'
import type { LateNewsStep } from './acts/late-news.js'
import type { MovementStep } from './acts/movements.js'
import type { OrderTypeStep } from './acts/order-types.js'
import type { RecountStep } from './acts/recounts.js'
import type { ScopedHaltStep } from './acts/scoped-halts.js'
import type { TrespassStep } from './acts/trespasses.js'
import { sessionPeriodMs } from './session-calendar.js'

/** How the simulated venue behaves. */
export type VenueRules = {
  /** `permanent`: an id is taken for ever (as at Alpaca). `live`: unique among live orders only (as at OKX). */
  readonly clientOrderIds: 'permanent' | 'live'
  /** Whether the adapter says what the venue can do. What differs from what the port takes for granted it says in any case. */
  readonly declares: boolean
  /** A request is refused that arrives more than so long after its sending, by the client's clock; absent: it is taken whenever it comes. */
  readonly requestLifetimeMs?: number
  /** The order types whose requests that goes for; absent: all. */
  readonly requestLifetimeOf?: readonly OrderType[]
  /** Whether executions, and the venue's clock, can be asked for. */
  readonly tellsExecutions: boolean
  readonly tellsTime: boolean
  /** Whether gaps in the stream can be filled from its history. Where not, executions are told, and none is taken back. */
  readonly replays: boolean
  /** Whether a stop and a target may rest on the same units. */
  readonly holdsStopAndTarget: boolean
  /** It takes a target and a stop as one order, of which one cancels the other. */
  readonly takesPairs?: true
  /** What the venue makes of an amendment; with `none` the kernel cancels and sends anew. */
  readonly replace: 'same-order' | 'new-order' | 'none'
  /** Of what is traded, on each fill. */
  readonly feeBasisPoints: number
  /** Whether the fee of a purchase is taken out of the units bought. */
  readonly feeInAsset: boolean
  /** How likely a match fills only a part. */
  readonly partialFills: number
  /** One way through the network, in milliseconds. */
  readonly latencyMs: { readonly least: number; readonly most: number }
  /** The adapter gives up on an answer after so long. */
  readonly timeoutMs: number
  /** How likely an event of the stream comes twice, and how late an event may come beside the latency. */
  readonly duplicates: number
  readonly jitterMs: number
  /** It takes every type and time in force there is, and says so; absent: market, limit and stop, for the day, until cancelled or at once. */
  readonly takesAll?: true
  /** It takes orders that are sized in the currency, and says so. */
  readonly sizesInQuote?: true
  /** Units may be sold that are not held; what they cost is charged at each close, so many basis points of their worth. */
  readonly lendsAt?: number
  /** What could only reduce stays when nothing is left for it to reduce, until somebody cancels it. */
  readonly keepsNeedless?: true
  /** Of what a contract stands for so large a part is its margin, as 1 / leverage; absent: 1. */
  readonly leverage?: number
  /** What it moves without an order it tells when asked, or as it happens as well; absent: it tells nothing of that. */
  readonly tellsMovements?: 'asked' | 'told'
  /** Fees are taken in this currency instead of that of the trade. */
  readonly feeCurrency?: string
}

/** What can be asked of the venue. */
export type RequestKind = 'place' | 'cancel' | 'replace' | 'lookup'

/** What becomes of a request. `late`: it arrives after the adapter has given up. */
export type RequestFault =
  | 'request-lost'
  | 'reply-lost'
  | 'late'
  | 'rate-limited'
  | 'server-error-before'
  | 'server-error-after'
  | 'refused'

/** One thing that is done to the system under test, at a time in milliseconds after the start; plain JSON. */
export type Step = {
  readonly at: number
  /** Of a second account, where there is one. */
  readonly account?: 'second'
} & (
  | {
      readonly do: 'enter'
      readonly agent: number
      readonly symbol: number
      readonly side: 'buy' | 'sell'
      readonly type: 'market' | 'limit' | 'stop'
      readonly timeInForce: 'day' | 'gtc' | 'ioc'
      /** A share of the largest order that the policy allows; above 1 it is to be denied. */
      readonly size: number
      /** Where a limit or stop lies, off the last price. */
      readonly offsetBasisPoints: number
      readonly stopBasisPoints: number
      readonly targetBasisPoints: number
      readonly sessions: number
      readonly submit: 'at once' | 'twice' | 'never' | 'after a while' | 'under a forged permit'
    }
  | {
      readonly do: 'leave'
      readonly agent: number
      readonly symbol: number
      readonly part: number
      /** Absent: for the day. */
      readonly timeInForce?: 'at-open' | 'at-close'
    }
  /** Whoever holds units leaves a part of them while another agent enters, by a limit off the last price or at the market. */
  | {
      readonly do: 'meet'
      readonly agent: number
      readonly symbol: number
      readonly part: number
      readonly size: number
      readonly offsetBasisPoints: number | undefined
      readonly first: 'entry' | 'exit'
    }
  | { readonly do: 'garbage'; readonly agent: number; readonly symbol: number; readonly kind: number }
  | { readonly do: 'cancel'; readonly pick: number }
  /** An entry that rests gets another price, or so many times its quantity. */
  | { readonly do: 'amend'; readonly pick: number; readonly size: number; readonly offsetBasisPoints: number }
  | { readonly do: 'price'; readonly symbol: number; readonly moveBasisPoints: number }
  | { readonly do: 'late fill'; readonly pick: number }
  | { readonly do: 'bust'; readonly pick: number }
  | {
      readonly do: 'fault'
      readonly on: RequestKind
      readonly fault: RequestFault
      readonly times: number
      readonly lateMs: number
    }
  | { readonly do: 'outage'; readonly of: 'requests' | 'stream' | 'everything' | 'prices'; readonly forMs: number }
  | { readonly do: 'bad price'; readonly symbol: number; readonly price: string }
  | { readonly do: 'journal'; readonly fault: 'full' | 'failing' | 'slow'; readonly forMs: number }
  | { readonly do: 'lease store'; readonly fault: 'failing' | 'deaf' | 'slow'; readonly forMs: number }
  | { readonly do: 'kill switch store'; readonly fault: 'failing' | 'slow'; readonly forMs: number }
  /** The process dies at the so-manieth point from now on, or after five seconds. */
  | { readonly do: 'crash'; readonly afterPoints: number; readonly downMs: number; readonly torn: number }
  /** A second instance starts on what is durable, and the first one goes on for a while without knowing. */
  | { readonly do: 'take over'; readonly forMs: number }
  | { readonly do: 'kill' }
  | { readonly do: 'reset kill switch' }
  | { readonly do: 'halt'; readonly state: 'reducing' | 'halted' }
  | { readonly do: 'reduce' }
  | { readonly do: 'resume' }
  | { readonly do: 'policy'; readonly maxOpenPositions: number; readonly maxOrderFraction: number }
  | { readonly do: 'clock skew'; readonly ms: number }
  | ScopedHaltStep
  | EmergencyStep
  | ApprovalStep
  | TrespassStep
  | DisturbanceStep
  | OrderTypeStep
  | ContingencyStep
  | ExecutionStep
  | ExitStep
  | ContractStep
  | CorporateStep
  | LateNewsStep
  | CorrectionStep
  | RecountStep
  | AmountStep
  | MovementStep
  | ExternalStep
  | BusStepAct
  | AccountStep
)

/** A world and all that is done to it: a pure function of its seed, before shrinking. */
export type Scenario = {
  readonly seed: number
  readonly venue: VenueRules
  readonly instruments: readonly Instrument[]
  readonly policy: RiskPolicyInput
  readonly deposits: string
  readonly startPrices: readonly number[]
  readonly sessions: number
  readonly flushMs: number
  readonly reconcileEveryMs: number
  readonly automaticHalts: AutomaticHaltOptions
  /** Agents amend what rests. */
  readonly amends: boolean
  /** The account is leased, and the kernel has timers; a hold lapses so long after its last renewal. Absent: the journal alone fences. */
  readonly leaseTtlMs?: number
  /** The families of acts that it has besides what all have. */
  readonly features: readonly string[]
  /** A person has so long to approve an order. */
  readonly approvalLifetimeMs?: number
  /** Flattening and freezing ask for a secret. */
  readonly guardsEmergencies?: boolean
  /** Absent for the first account. */
  readonly account?: 'second'
  /** Another account at a venue of its own, in the same time; its steps are among those of this one. */
  readonly second?: Scenario
  /** A swarm of agents runs above the kernel. */
  readonly hasSwarm?: boolean
  /** The last instruments, so many, are not entered: somebody else holds them. */
  readonly externals?: number
  /** Who may act; absent: whoever gives a name. */
  readonly operators?: readonly string[]
  readonly steps: readonly Step[]
}

/** The account of a scenario. */
export function accountOf({ account }: Scenario): string {
  return account ?? 'simulated'
}

/** When its instruments trade. */
export function calendarOf({ instruments }: Pick<Scenario, 'instruments'>): CalendarName {
  return instruments[0]?.calendar ?? 'us-equity'
}

/** The instruments that agents enter. */
export function tradedInstruments({ instruments, externals = 0 }: Scenario): readonly Instrument[] {
  return instruments.slice(0, instruments.length - externals)
}

/** The instrument that a step means by its number. */
export function pickInstrument(scenario: Scenario, number: number): Instrument {
  const traded = tradedInstruments(scenario)
  return traded[number % traded.length] as Instrument
}

/** The last moment at which anything is done. */
export function lastActMs({ sessions }: Pick<Scenario, 'sessions'>): number {
  return sessions * sessionPeriodMs - 8_000
}
