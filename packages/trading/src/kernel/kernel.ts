import type { EpochMs } from '@tradeswarm/core'
import type { Instrument } from '../instruments/instrument.js'
import type { ProfitSums } from '../ledger/ledger-profit.js'
import type { PortfolioChange } from '../ledger/portfolio-change.js'
import type { MarketEvent } from '../market/market-event.js'
import type { VenueOrder } from '../orders/broker.js'
import type { AmendedTerms } from '../orders/order-event.js'
import type { ExitPlan, OrderIntent, Side } from '../orders/order-request.js'
import type { PendingApproval } from '../risk/approval.js'
import type { HaltScope } from '../risk/halt-scope.js'
import type { Mitigations } from '../risk/portfolio/mitigation.js'
import type { ScenarioReport } from '../risk/portfolio/scenario-report.js'
import type { RiskPolicyInput } from '../risk/risk-policy.js'
import type { Halt, HaltCause } from '../risk/risk-state.js'
import type { Adoption } from './adopt-position.js'
import type { Authorisation, SecretAuthorisation } from './authorise.js'
import type { CashMovement } from './book-movement.js'
import type { HaltDetails } from './halt-desk.js'
import type { MitigationWishes, OrderToConsider } from './risk-outlook.js'

/** Why the risk authority said no (or warns). Amounts are decimal texts or fractions as text. */
export type RiskFinding = {
  /** One of the documented denial codes. */
  readonly code: string
  readonly value?: string
  readonly limit?: string
  /** A sentence for a person. */
  readonly message: string
}

/** The answer of the risk authority. A permitted one names its permit, which only the kernel can use. */
export type Assessment =
  | {
      readonly status: 'permitted'
      readonly intentId: string
      readonly permitId: string
      readonly expiresAt: EpochMs
      readonly warnings: readonly RiskFinding[]
    }
  | {
      readonly status: 'denied'
      readonly intentId: string
      readonly findings: readonly RiskFinding[]
      /** The order waits for a person's word (`APPROVAL_REQUIRED`): approved, it is assessed anew and sent. */
      readonly approval?: { readonly token: string; readonly expiresAt: EpochMs }
    }

/** Whether an order went out (or waits its turn as an exit), or why not. */
export type SubmitResult =
  | { readonly status: 'submitted'; readonly orderId: string }
  | { readonly status: 'refused'; readonly findings: readonly RiskFinding[] }

/** `reducing`: nothing adds exposure. `halted`: resting entries are cancelled as well. */
export type TradingState = 'active' | 'reducing' | 'halted'

/** A position at its last price. Amounts are decimal texts. */
export type PositionView = {
  readonly symbol: string
  /** What its amounts are in; absent where that is the account's currency. */
  readonly currency?: string
  /** How many a unit stands for; absent where it is 1. */
  readonly multiplier?: string
  /** `margin` of a contract, whose cost was not paid. */
  readonly settlement?: 'margin'
  /** Signed, decimal text. */
  readonly quantity: string
  readonly averagePrice: string
  readonly openCost: string
  /** Absent when there is no price: unpriceable, never 0. */
  readonly marketPrice?: string
  /** What it is worth to the account: of a contract what closing it would make. */
  readonly marketValue?: string
  /** Of a contract: what its units stand for at the price, signed. */
  readonly notional?: string
  readonly openedAt: EpochMs
}

/** Cash of one currency: total = free + locked; the margin of contracts is locked, beside what open orders set aside. Decimal texts. */
export type CashView = { readonly total: string; readonly free: string; readonly locked: string }

/** What came of one currency, in it. Decimal texts. */
export type CurrencyView = {
  readonly realised: string
  readonly fees: string
  readonly income: string
  readonly netDeposits: string
}

/** The books of an account at a moment. Amounts are decimal texts. */
export type PortfolioView = {
  readonly time: EpochMs
  readonly currency: string
  /** Cash + market value of all positions; absent while a position is unpriceable. */
  readonly equity?: string
  readonly cash: Readonly<Record<string, CashView>>
  readonly positions: readonly PositionView[]
  readonly realised: string
  readonly fees: string
  readonly income: string
  readonly netDeposits: string
  /** The same of other currencies, where the books hold any; the figures above are of the account's own. */
  readonly currencies?: Readonly<Record<string, CurrencyView>>
  /** What one unit of each of them is worth in the account's currency, as far as a market told it. */
  readonly rates?: Readonly<Record<string, string>>
  /** The profit of all currencies in the account's own, at the rates of now; only where there are others, and all have a price and a rate. */
  readonly profit?: ProfitSums
}

/** A finished round trip: from flat to flat in one symbol. Amounts are decimal texts. */
export type ClosedPosition = {
  readonly positionId: string
  readonly symbol: string
  /** What its amounts are in; absent where that is the account's currency. */
  readonly currency?: string
  readonly side: 'long' | 'short'
  readonly quantity: string
  readonly entryPrice: string
  readonly exitPrice: string
  /** What the price made, before fees and income. */
  readonly realised: string
  readonly fees: string
  /** Dividends and funding received while it was held; what was paid, as dividends of a short, is negative. Its result is realised − fees + income. */
  readonly income: string
  readonly openedAt: EpochMs
  readonly closedAt: EpochMs
  readonly exitReason: 'stop' | 'target' | 'time' | 'intent' | 'flatten'
  /** Crosses by which units of it changed hands within the account; absent where there was none. */
  readonly crossIds?: readonly string[]
  /** The intent that opened it, or took it over whole by a cross, with its chain. */
  readonly intentId: string
  readonly causationId: string
  readonly correlationId: string
}

/** The other side of a cross between two principals of an account. */
export type CrossedWith = {
  readonly crossId: string
  readonly orderId: string
  readonly intentId: string
  readonly agent: string
  readonly strategy: string
}

/** What the kernel tells those above it. */
export type KernelEvent =
  | {
      readonly type: 'order'
      readonly orderId: string
      readonly intentId: string
      readonly symbol: string
      readonly side: Side
      readonly purpose: OrderPurpose
      /** Of a part of an order: the order that it is part of. */
      readonly parentOrderId?: string
      readonly status: string
      readonly filledQuantity: string
      /** Of one that the venue has rejected: why, in a code of ours and a message that says what to do. */
      readonly rejection?: { readonly code: string; readonly message: string }
      readonly correlationId: string
      readonly causationId: string
      readonly time: EpochMs
    }
  | {
      readonly type: 'fill'
      readonly orderId: string
      readonly intentId: string
      readonly tradeId: string
      readonly symbol: string
      readonly side: Side
      readonly quantity: string
      readonly price: string
      readonly fee: string
      /** Of what was crossed within the account, without the venue: under which id, and with whom. */
      readonly cross?: CrossedWith
      readonly correlationId: string
      readonly causationId: string
      readonly time: EpochMs
    }
  /** What a booking changed: a position, cash, realised profit. */
  | {
      readonly type: 'portfolio'
      readonly changes: readonly PortfolioChange[]
      readonly entryId: string
      readonly time: EpochMs
    }
  | { readonly type: 'position-closed'; readonly position: ClosedPosition; readonly time: EpochMs }
  | {
      readonly type: 'trading-state'
      readonly state: TradingState
      readonly reason: string
      readonly time: EpochMs
      /** Absent for the whole account. */
      readonly scope?: HaltScope
    }
  | {
      readonly type: 'alert'
      readonly code: string
      readonly message: string
      readonly symbol?: string
      readonly time: EpochMs
    }

/** Why an order was made. `exit-pair`: stop and target in one. */
export type OrderPurpose = 'entry' | 'exit-stop' | 'exit-target' | 'exit-pair' | 'exit-time' | 'exit-intent'

/** A halt that is in force; without a scope it holds for the whole account. */
export type HaltView = Halt & { readonly cause: HaltCause; readonly scope?: HaltScope }

/** Where the kernel writes what it did before it acts on it. */
export type KernelJournal = {
  /** Adds an entry; its place in the order of entries is final at once. */
  append(entry: {
    readonly kind: 'order' | 'ledger' | 'risk'
    readonly id: string
    readonly time: EpochMs
    readonly payload: unknown
    /** Nothing of the payload ever changes again, so that it need not be written down at once. */
    readonly isFinal?: boolean
  }): void
  /** Resolves when all that was appended survives a crash. In virtual time that is at the end of the instant. */
  durable(): Promise<void>
}

/** The single writer of one account: order manager, risk authority, ledger and protection. Calls are handled one at a time. */
export type TradingKernel = {
  readonly account: string
  /** Loads the latch, reconciles with the broker, then takes intents. */
  start(): Promise<void>
  stop(): Promise<void>
  /**
   * Checks an intent and reserves what it needs, in one step. One that is malformed is denied by field, and leaves no trace in the books.
   * A denial is remembered, as the answer to the same `intentId`, until a thousand more orders were denied.
   */
  assess(intent: OrderIntent): Promise<Assessment>
  /** Uses the permit of an assessed intent and sends its order. */
  submit(intent: OrderIntent, permitId: string): Promise<SubmitResult>
  /**
   * Asks the venue to cancel an entry, or an exit that an agent asked for; the position is then covered again. Of a part of an order the
   * whole order is cancelled. Throws `ORDER_NOT_FOUND`,
   * and `ORDER_PROTECTIVE` for an exit of the kernel's own.
   */
  cancel(orderId: string, reason: string): Promise<void>
  /**
   * Amends quantity, limit or stop of an entry that rests, or of an exit that an agent asked for, after a fresh assessment; refused with
   * the reasons where it does not pass. The quantity is that of the whole order. Throws `ORDER_NOT_FOUND`, `ORDER_PROTECTIVE`.
   */
  amend(orderId: string, terms: Partial<AmendedTerms>, reason: string): Promise<SubmitResult>
  /** Compares books and venue now, as is done at the start and at intervals. */
  reconcile(): Promise<void>
  /** Orders that the venue holds and that are not ours, as last seen. They count in risk. */
  externalOrders(): readonly VenueOrder[]
  /** Marks positions, moves the risk day on, keeps the exits. Throws `INVALID_MARKET_EVENT` for what cannot be, naming the field. */
  onMarket(event: MarketEvent): Promise<void>
  /** Resolves when every broker event received so far is in the books. */
  settled(): Promise<void>
  /** What the account's venue says of a symbol; undefined before the start, and for what it does not trade. */
  instrument(symbol: string): Instrument | undefined
  /**
   * Books money that came, went or was charged outside of any order: a deposit, a withdrawal, interest, funding, the cost of borrowing.
   * Known by its event id: told again it changes nothing, with other figures it is refused. More than the cash is not taken out; a charge is
   * booked whatever is left, and told (`CASH_BELOW_ZERO`). Throws `NOT_AUTHORIZED`, `INVALID_LEDGER_EVENT`, `INVALID_DECIMAL`.
   */
  book(movement: CashMovement, authorisation: Authorisation): Promise<void>
  /**
   * A person takes a position into the books that the venue holds and they do not, at a price per unit; with a plan it is protected. Throws
   * `NOT_AUTHORIZED`, `INSTRUMENT_NOT_FOUND`, `NOTHING_TO_ADOPT`, `INVALID_EXIT_PLAN`.
   */
  adopt(adoption: Adoption, authorisation: Authorisation): Promise<void>
  /** What the account's exposure, value at risk and stress losses are, and would be with an order. Nothing is booked. Throws while a position has no price. */
  scenarios(order: OrderToConsider): Promise<ScenarioReport>
  /** What would bring figures back under the policy's limits: data for whoever decides, no orders. Throws while a position has no price. */
  mitigations(wishes?: MitigationWishes): Promise<Mitigations>
  /** Orders that wait for a person's word, oldest first. */
  approvals(): readonly PendingApproval[]
  /**
   * A person's yes, once: the order is assessed anew at this moment, by price, limits and halts, and sent if nothing else speaks against it.
   * Throws `NOT_AUTHORIZED`, `APPROVAL_NOT_FOUND`.
   */
  approve(token: string, authorisation: { readonly operator: string; readonly reason?: string }): Promise<SubmitResult>
  /** A person's no. Throws `NOT_AUTHORIZED`, `APPROVAL_NOT_FOUND`. */
  deny(token: string, authorisation: Authorisation): Promise<void>
  portfolio(): PortfolioView
  /** How trading stands in the account, or in a narrower scope, where it is never better. */
  tradingState(scope?: HaltScope): { readonly state: TradingState; readonly reasons: readonly string[] }
  /** Every halt in force: why, since when, and by whom. */
  halts(): readonly HaltView[]
  exits(symbol: string): ExitPlan | undefined
  /**
   * A person's `reducing` or `halted` until resumed, of the account or a narrower scope. Stopping needs no authority. Throws
   * `JOURNAL_NOT_DURABLE` where the journal does not keep it: it holds, but a restart may lose it. So do `reduce` and `flatten`.
   */
  halt(state: 'reducing' | 'halted', reason: string, details?: HaltDetails): Promise<void>
  /** The Risk Manager's `reducing`, booked as an agent's, until an operator resumes; asked again while it lasts it changes nothing. */
  reduce(reason: string, scope?: HaltScope): Promise<void>
  /**
   * Lifts the halts of the account, or of the scope named, but for kill switch and freeze. After a loss limit losses are measured from the
   * equity of now; before all that is held has a price, as after a restart, from the first that is known, and entries wait for that. Throws `NOT_AUTHORIZED`, and `JOURNAL_NOT_DURABLE`
   * where the journal does not keep it: it was taken back.
   */
  resume(authorisation: Authorisation & { readonly scope?: HaltScope }): Promise<void>
  /**
   * Leaves all positions of a scope by market orders, cancels its entries, and keeps it in `reducing` until a person resumes. Throws
   * `NOT_AUTHORIZED`, `TOO_MANY_ATTEMPTS`, and `POSITION_NOT_LEFT` where nothing is under way yet that leaves one of them, as in a freeze: the
   * act holds, and is carried on when that is possible.
   */
  flatten(authorisation: SecretAuthorisation & { readonly scope?: HaltScope }): Promise<void>
  /**
   * Cancels everything and sends nothing any more, not even exits, until `unfreeze`. Throws `NOT_AUTHORIZED`, `TOO_MANY_ATTEMPTS`, and
   * `FREEZE_NOT_JOURNALLED` where it holds in this process alone.
   */
  freeze(authorisation: SecretAuthorisation): Promise<void>
  /**
   * Ends a freeze; positions are protected again. Throws `NOT_AUTHORIZED`, `TOO_MANY_ATTEMPTS`, and `JOURNAL_NOT_DURABLE` (it was taken back)
   * or `FREEZE_NOT_ENDED` (another freeze came since it was asked for): all stays frozen then.
   */
  unfreeze(authorisation: SecretAuthorisation): Promise<void>
  /**
   * Puts another policy in force; what is left out takes its default. Permits given before no longer hold. Throws `NOT_AUTHORIZED`, and
   * `JOURNAL_NOT_DURABLE` where the journal does not keep it: it was taken back.
   */
  changePolicy(policy: RiskPolicyInput, authorisation: Authorisation): Promise<void>
  /**
   * Latches the kill switch, of the account or a narrower scope: in memory before this returns, then in the journal and its stores; survives
   * restarts until reset. The promise waits for them and for cancels, for `killTimeoutMs` at most. Throws `KILL_SWITCH_NOT_STORED` when neither
   * journal nor stores are known to have it by then: it holds, but a restart may lose it.
   */
  kill(reason: string, details?: HaltDetails): Promise<void>
  /** Throws `NOT_AUTHORIZED`, `TOO_MANY_ATTEMPTS` (five wrong secrets in a minute), `KILL_SWITCH_NOT_RELEASED`. */
  resetKillSwitch(authorisation: {
    readonly operator: string
    readonly secret: string
    readonly scope?: HaltScope
  }): Promise<void>
  subscribe(listener: (event: KernelEvent) => void | Promise<void>): () => void
  /**
   * Takes hold of the books between two turns, to write them down piece by piece while the kernel goes on: the pieces come to a text from which
   * one can be made as from `snapshot()`. `taken` is called at that moment, when all that is journalled is in the books.
   */
  capture(taken: () => void): Promise<Iterable<string>>
  /** Canonical JSON of orders, reservations, ledger, positions and risk state: what a rebuild from the journal must reproduce to the byte. */
  snapshot(): string
}
