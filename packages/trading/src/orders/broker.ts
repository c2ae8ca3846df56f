import type { Clock, EpochMs, Ids, Logger, Random } from '@tradeswarm/core'
import type { Instrument } from '../instruments/instrument.js'
import type { CalendarName } from '../instruments/trading-calendar.js'
import type { MarketDataFeed } from '../market/market-event.js'
import type { PermitGuard, PermittedOrder } from '../risk/permit.js'
import type { OrderRequest, OrderType, Side, TimeInForce } from './order-request.js'

type BrokerEventBase = {
  /** Unique at the venue, or synthetic and the same on every restart. */
  readonly eventId: string
  readonly clientOrderId: string
  readonly venueOrderId: string
  readonly time: EpochMs
}

/** One execution. Amounts are decimal texts; `(account, symbol, tradeId)` is its key. */
export type Execution = {
  readonly tradeId: string
  readonly price: string
  readonly quantity: string
  readonly fee: string
  /** The currency, or the asset when the venue takes its fee out of what was bought. */
  readonly feeCurrency: string
  /** Of a contract: what the venue has paid out on what this closed, where it says so. */
  readonly realised?: string
  /** The market's price before slippage, and the instant at which the bar (or quote) that it lies in began. */
  readonly referencePrice: string
  readonly referenceTime: EpochMs
  readonly liquidity: 'maker' | 'taker'
}

/** The venue's own word about an order. */
export type BrokerEvent = BrokerEventBase &
  (
    | { readonly type: 'accepted' }
    | { readonly type: 'rejected'; readonly code: string; readonly message: string }
    /** A stop was set off; of an `oco` its stop, or its target at a venue that watches both. */
    | { readonly type: 'triggered' }
    | { readonly type: 'filled'; readonly execution: Execution }
    | { readonly type: 'busted'; readonly tradeId: string }
    | { readonly type: 'canceled' }
    | { readonly type: 'cancel-rejected'; readonly code: string; readonly message: string }
    /** It lives on with the terms of the revision that the venue knows by `by`, the client order id of the replacement. */
    | { readonly type: 'replaced'; readonly by: string }
    | { readonly type: 'replace-rejected'; readonly by: string; readonly code: string; readonly message: string }
    /** The venue changes an execution of its own: the figures of `execution` hold instead of those under the same trade id. */
    | { readonly type: 'corrected'; readonly execution: Execution }
    | { readonly type: 'expired' }
  )

/** An order as the venue holds it; amounts are decimal texts. */
export type VenueOrder = {
  readonly clientOrderId: string
  readonly venueOrderId: string
  readonly symbol: string
  readonly status: 'open' | 'filled' | 'canceled' | 'expired' | 'rejected' | 'replaced'
  readonly quantity: string
  readonly filledQuantity: string
  /** Absent where the venue does not tell: an order that is not ours then counts whichever way it goes. */
  readonly side?: Side
}

/** What the venue holds of a currency or asset; a decimal text. */
export type VenueBalance = { readonly asset: string; readonly total: string }

/** A balance that is told rounded: to so many significant digits, and to so many decimals at most; whichever is coarser counts. */
export type BalancePrecision = { readonly significantDigits: number; readonly decimals: number }

/** What a venue can do, as far as the order manager must know it. */
export type BrokerCapabilities = {
  readonly orderTypes: readonly OrderType[]
  readonly timesInForce: readonly TimeInForce[]
  readonly postOnly: boolean
  readonly sizedInQuote: boolean
  /**
   * `permanent`: a client order id that was ever used is refused, so that the same request may be sent again without harm.
   * `live`: it is unique among live orders only, and a second sending may be a second order.
   */
  readonly clientOrderIds: 'permanent' | 'live'
  /** For so long after its sending a request may still take effect; absent where no bound is known. */
  readonly requestLifetimeMs?: number
  /** Of which types `requestLifetimeMs` holds; of all where it is left out. */
  readonly requestLifetimeOf?: readonly OrderType[]
  /**
   * So long after its end, or later, the venue no longer knows an order that was cancelled without an execution: one that is older, rests no
   * more and is not found was cancelled. Absent where none is forgotten.
   */
  readonly forgetsUnfilledMs?: number
  /** Whether a stop and a target for the same units may rest side by side; where not, they are one `oco` order, or the target is watched by the kernel. */
  readonly holdsExitPairs: boolean
  /** What an amendment makes of the venue's order: the same one, another one, or it cannot be amended. */
  readonly replace: 'same-order' | 'new-order' | 'none'
  /** Of which types `replace` holds; of all where it is left out. */
  readonly replaceOf?: readonly OrderType[]
  /** Its `movements` tell of dividends as they are paid: those that a feed announces are not booked then. */
  readonly tellsDividends?: boolean
  /** How exactly `balances` are told; to the last digit where it is left out. What they are compared with is always exact. */
  readonly balancePrecision?: BalancePrecision
}

/** An order that its venue has amended in place, by the names that it has had: some venues go on naming it by the first. */
export type AmendedOrder = {
  readonly symbol: string
  /** Client order ids, in order: the one that it was sent under, and those of the amendments that the venue took. */
  readonly names: readonly [string, ...string[]]
  /** An amendment that was asked for, and of which nobody knows whether the venue took it; with the whole quantity. */
  readonly pending?: OrderRequest
}

/** An execution with the order that it belongs to. */
export type OrderExecution = {
  readonly clientOrderId: string
  readonly venueOrderId: string
  readonly time: EpochMs
  readonly execution: Execution
  /**
   * What the venue has made of it since, under the event id and the time with which its stream tells that: taken back, or put right, and
   * then `execution` has the figures that hold. Absent where it stands as it was made, or the venue does not tell.
   */
  readonly change?: { readonly type: 'busted' | 'corrected'; readonly eventId: string; readonly time: EpochMs }
}

/**
 * Money that the venue moves without an order: what borrowing costs, funding, interest, a fee, a dividend. Amounts are decimal texts and signed
 * as in the ledger: the cost of borrowing and a fee are above 0 where they are paid, the others where they are received.
 */
export type VenueMovement = {
  /** Unique among the movements of the account at the venue, and the same on every restart. */
  readonly eventId: string
  readonly time: EpochMs
  readonly currency: string
  readonly amount: string
} & (
  | { readonly type: 'borrow' | 'funding' | 'dividend'; readonly symbol: string }
  | { readonly type: 'interest' | 'fee' }
)

/** An account at a venue. Only the order manager holds one; each `place` uses up a permit. */
export type Broker = {
  readonly name: string
  readonly account: string
  readonly mode: 'paper' | 'demo' | 'live'
  /** Absent: all order types and times in force, `permanent` ids, exit pairs side by side, no amendments. */
  readonly capabilities?: BrokerCapabilities
  instrument(symbol: string): Instrument | undefined
  /**
   * Sends an order. Resolves when the venue has taken note of it; its word comes as an event.
   * Throws `PERMIT_*` before anything is sent when the permit does not hold, and errors with
   * retryability `unknown-outcome` when the venue may or may not have the order.
   */
  place(order: PermittedOrder): Promise<void>
  cancel(clientOrderId: string): Promise<void>
  /** Amends the live order `clientOrderId` to the terms of `order`, which carries a client order id and a permit of its own. Throws as `place` does. */
  replace?(clientOrderId: string, order: PermittedOrder): Promise<void>
  /**
   * Told once, before anything else is asked: the open orders that were amended in earlier lives. For a broker whose venue keeps an order that
   * it amends under its first client order id, and so cannot tell which revision it stands at. What it concludes from it comes as events.
   */
  recall?(orders: readonly AmendedOrder[]): void
  /** The venue's view of one order, or undefined where it knows none. */
  order(clientOrderId: string): Promise<VenueOrder | undefined>
  openOrders(): Promise<readonly VenueOrder[]>
  /**
   * Executions made, or changed, at or after an instant, in order of the time when they were made, those of orders that are not ours
   * included: what a stream may have missed. One that was taken back is left out, or says so. Throws `INVALID_OPTION` for what is no instant.
   */
  executions?(since: EpochMs): Promise<readonly OrderExecution[]>
  /** Movements at or after an instant, in order of time: what was not heard as it happened. Throws as `executions` does. */
  movements?(since: EpochMs): Promise<readonly VenueMovement[]>
  /** As `subscribe`, of movements. A venue that tells none here may still tell them by `movements`. */
  subscribeMovements?(listener: (movement: VenueMovement) => void | Promise<void>): () => void
  /** The venue's clock. */
  time?(): Promise<EpochMs>
  /** Cash by currency and holdings by asset. */
  balances(): Promise<readonly VenueBalance[]>
  /** Each listener is awaited, in the order of subscription. */
  subscribe(listener: (event: BrokerEvent) => void | Promise<void>): () => void
  close(): Promise<void>
}

/** What a broker is opened with. */
export type BrokerContext = {
  readonly clock: Clock
  readonly ids: Ids
  readonly random: Random
  readonly logger: Logger
  readonly feed: MarketDataFeed
  readonly guard: PermitGuard
}

/** An inert description of an account; the swarm opens it. */
export type BrokerDefinition = {
  readonly name: string
  readonly account: string
  readonly mode: 'paper' | 'demo' | 'live'
  /** The currency of its books, and the exchange whose sessions make its risk day; default those of the swarm. */
  readonly currency?: string
  readonly calendar?: CalendarName
  open(context: BrokerContext): Promise<Broker>
}
