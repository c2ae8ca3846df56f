import type { AutomaticHaltOptions, Instrument, RiskPolicyInput } from '@tradeswarm/trading'

/** How the simulated venue behaves. */
export type VenueRules = {
  /** `permanent`: an id is taken for ever (as at Alpaca). `live`: unique among live orders only (as at OKX). */
  readonly clientOrderIds: 'permanent' | 'live'
  /** Whether the adapter says what the venue can do. What differs from what the port takes for granted it says in any case. */
  readonly declares: boolean
  /** A request is refused that arrives more than so long after its sending, by the client's clock; absent: it is taken whenever it comes. */
  readonly requestLifetimeMs?: number
  /** Whether executions, and the venue's clock, can be asked for. */
  readonly tellsExecutions: boolean
  readonly tellsTime: boolean
  /** Whether gaps in the stream can be filled from its history. Where not, executions are told, and none is taken back. */
  readonly replays: boolean
  /** Whether a stop and a target may rest on the same units. */
  readonly holdsStopAndTarget: boolean
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
export type Step = { readonly at: number } & (
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
  | { readonly do: 'leave'; readonly agent: number; readonly symbol: number; readonly part: number }
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
  readonly steps: readonly Step[]
}
