import type { Decimal } from '../../money/decimal.js'
import type { Side } from '../../orders/order-request.js'
import type { LimitProbe, LimitState, PortfolioLimitName, PortfolioLimits } from './portfolio-limits.js'
import type { RiskBook } from './risk-book.js'
import type { LimitChange, RiskFigures } from './scenario-report.js'

/** What may be traded to mitigate, and what of it is held. Amounts are decimal texts. */
export type MitigationInstrument = {
  readonly symbol: string
  /** What an order is measured by. */
  readonly price: string
  /** Orders are whole multiples of it. */
  readonly lotSize: string
  /** Signed units held, without open entries; 0 when absent. */
  readonly held?: string
}

/** What {@link proposeMitigations} needs. */
export type MitigationOptions = {
  readonly limits: PortfolioLimits
  readonly instruments: readonly MitigationInstrument[]
  /** Symbols that may be bought or sold against the book: an index, or what is liquid. None when absent. */
  readonly hedges?: readonly string[]
  /** Whether a hedge may go short; false when absent. */
  readonly allowShorts?: boolean
  /** Whether limits that are near are mitigated too, rather than breached ones only; false when absent. */
  readonly includeNear?: boolean
  /** Orders in one proposal, 1 to 100; 20 when absent. */
  readonly maximumOrders?: number
}

/** An order that a proposal suggests. It is no intent, and nothing is sent. Decimal texts. */
export type MitigationOrder = {
  readonly symbol: string
  readonly side: Side
  readonly quantity: string
  readonly notional: string
}

/** `reduce`: the fewest lots of the largest contributors. `hedge`: a position against the book. `close`: whole positions, the worst contributors first. */
export type MitigationKind = 'reduce' | 'hedge' | 'close'

/** One way to bring a figure under its limit, with the effect of all its orders together, worked out anew from the positions. */
export type MitigationProposal = {
  readonly kind: MitigationKind
  readonly limit: PortfolioLimitName
  readonly what: string
  readonly orders: readonly MitigationOrder[]
  /** Whether the figure is under its limit (and no longer near it, where near ones are mitigated) once all are filled. */
  readonly reaches: boolean
  /** Other limits that the orders bring from under to beyond. */
  readonly breaches: readonly LimitState[]
  readonly before: RiskFigures
  readonly after: RiskFigures
  readonly limits: readonly LimitChange[]
  /** A sentence for people. */
  readonly message: string
}

/** Proposals by limit, and why there are none of some kind. */
export type Mitigations = {
  readonly proposals: readonly MitigationProposal[]
  readonly without: readonly {
    readonly kind: MitigationKind
    readonly limit: PortfolioLimitName
    readonly what: string
    readonly reason: string
  }[]
}

/** An instrument with its amounts as numbers. */
export type TradableInstrument = {
  readonly symbol: string
  readonly price: Decimal
  /** Price × lot size. */
  readonly lotWorth: Decimal
  readonly lotSize: Decimal
  readonly held: Decimal
}

/** What the ways to mitigate work on: one limit, and a book that they may change. */
export type MitigationTask = {
  readonly probe: LimitProbe
  readonly book: RiskBook
  readonly instruments: ReadonlyMap<string, TradableInstrument>
  readonly hedges: readonly string[]
  readonly allowShorts: boolean
  readonly includeNear: boolean
  readonly maximumOrders: number
}
