import type { EpochMs } from '@tradeswarm/core'
import type {
  HaltScope,
  KernelEvent,
  KernelJournalEntry,
  MarketEvent,
  OrderIntent,
  OrderRequest,
  PermittedOrder,
  RiskPolicy,
  TradingKernel,
} from '@tradeswarm/trading'
import type { VenueFill, VenueOrderTruth } from './venue-order.js'

/** One life of a kernel: from its start to its crash. */
export type LifeView = {
  readonly number: number
  readonly kernel: TradingKernel
  /** It has answered its start. */
  readonly running: boolean
  /** It is in the midst of an append: its state and its journal need not agree. */
  readonly appending: boolean
  /** Its journal has refused a booking, which its books hold all the same; it is written first of all when the journal takes anything. */
  readonly aheadOfJournal: boolean
  /** Another life has taken over. */
  readonly fenced: boolean
  readonly now: () => number
  /** What it was told of prices, for the calls made so far. */
  readonly prices: ReadonlyMap<string, string>
  /** Symbols of which its last quote was crossed. */
  readonly crossed: ReadonlySet<string>
  /** What is durable and what it has appended, as a rebuild would read it. */
  entries(): readonly KernelJournalEntry[]
}

/** What checkers are told, as it happens. */
export type Observation =
  | { readonly type: 'life begun'; readonly life: LifeView; readonly history: readonly KernelJournalEntry[] }
  | { readonly type: 'life started'; readonly life: LifeView }
  /** It holds the account, by what it was told, until an instant by the world's clock; `isHolder` asks the store itself. */
  | {
      readonly type: 'account held'
      readonly life: LifeView
      readonly until: EpochMs
      readonly isHolder: () => boolean
    }
  | { readonly type: 'life ended'; readonly life: LifeView }
  | { readonly type: 'taken over'; readonly life: LifeView }
  | { readonly type: 'appended'; readonly life: LifeView; readonly entry: KernelJournalEntry }
  | { readonly type: 'durable'; readonly life: LifeView; readonly entries: readonly KernelJournalEntry[] }
  | { readonly type: 'permit used'; readonly life: LifeView; readonly order: PermittedOrder }
  | { readonly type: 'sent'; readonly life: LifeView; readonly request: OrderRequest }
  | { readonly type: 'cancel sent'; readonly life: LifeView; readonly clientOrderId: string }
  | { readonly type: 'balances read'; readonly life: LifeView }
  | { readonly type: 'told'; readonly life: LifeView; readonly event: KernelEvent }
  /** An agent asks; what it is judged by are the prices that the kernel was told before. */
  | {
      readonly type: 'asked'
      readonly intentId: string
      readonly prices: ReadonlyMap<string, string>
      readonly crossed: ReadonlySet<string>
      /** What was asked for; absent where that is no sound intent, or was asked for before. */
      readonly intent?: OrderIntent
    }
  | { readonly type: 'market'; readonly life: LifeView; readonly event: MarketEvent }
  /** A dividend falls due at the venue, on what it holds then. `isKnown`: the kernel has heard of all that was executed before. */
  | {
      readonly type: 'entitled'
      readonly symbol: string
      readonly time: EpochMs
      readonly quantity: string
      readonly isKnown: boolean
    }
  | { readonly type: 'call begun'; readonly life: LifeView; readonly call: OperatorCall }
  | { readonly type: 'call done'; readonly life: LifeView; readonly call: OperatorCall; readonly failed: boolean }
  | { readonly type: 'kill switch stored'; readonly engaged: boolean }
  | { readonly type: 'venue order'; readonly order: VenueOrderTruth }
  | { readonly type: 'venue fill'; readonly order: VenueOrderTruth; readonly fill: VenueFill }
  | { readonly type: 'second' }
  | { readonly type: 'settled' }
  | { readonly type: 'quiet'; readonly life: LifeView }

/** What an operator, or the Risk Manager, asked for. */
export type OperatorCall = {
  readonly name:
    | 'kill'
    | 'reset kill switch'
    | 'halt'
    | 'reduce'
    | 'resume'
    | 'policy'
    | 'flatten'
    | 'freeze'
    | 'unfreeze'
    | 'approve'
    | 'deny'
    | 'book'
    | 'adopt'
  /** Absent for the whole account. */
  readonly scope?: HaltScope
  /** Of an approval. */
  readonly token?: string
  /** By somebody who may not. */
  readonly trespasses?: true
  readonly state?: 'reducing' | 'halted'
  readonly policy?: RiskPolicy
}
