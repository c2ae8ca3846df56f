import { type EpochMs, SwarmError } from '@tradeswarm/core'
import type { Instrument } from '../instruments/instrument.js'
import type { SessionDate } from '../instruments/trading-calendar.js'
import type { OrderPurpose, TradingState } from '../kernel/kernel.js'
import type { Decimal } from '../money/decimal.js'
import type { ExitPlan, OrderRequest, OrderType, Side } from '../orders/order-request.js'
import type { ActivityView, PrincipalUse } from './activity-view.js'
import type { InstrumentGrid } from './instrument-grid.js'
import type { PolicyLimits } from './policy-limits.js'
import type { RiskPolicy } from './risk-policy.js'

/** The last price seen of a symbol and the session that it belongs to; bid and ask where a feed of quotes gave them. */
export type LastPrice = {
  readonly price: Decimal
  readonly time: EpochMs
  readonly sessionDate: SessionDate
  readonly bid?: Decimal
  readonly ask?: Decimal
}

/**
 * Terms under which an open order of ours in the same symbol may yet trade, a stop that was triggered as what it has become; for an exit
 * those whose cancel is on the way are left out.
 */
export type OpenOrderView = {
  /** Which it is and whose, for the reader of a finding. */
  readonly orderId?: string
  readonly agent?: string
  readonly side: Side
  readonly type: OrderType
  readonly limitPrice?: string
}

/**
 * What the account holds and what its open entries may add to that, in the account's currency. Every method throws while one of the
 * symbols has no price.
 */
export type ExposureView = {
  /** Cash and positions at the last prices. */
  equity(): Decimal
  /** Absolute worth of what is held of a symbol and of what open entries may add to it; 0 where there is nothing. */
  of(symbol: string): Decimal
  /** Whether a symbol is held or being entered. */
  has(symbol: string): boolean
  /** How many are. */
  symbols(): number
  /** The sum of all worths. */
  gross(): Decimal
  /** Longs less shorts, open buys added; or, for `sell`, shorts less longs, open sales added. */
  net(side: Side): Decimal
  /** Worth of the other symbols that move together with this one; undefined where there are none. */
  movingWith(symbol: string): Decimal | undefined
  /** Open entries of the account. */
  openEntries(): number
  /** Worth of this very order where it lives and other terms are asked for, which is left out of all of these; else 0. */
  ofThisOrder(): Decimal
  /** What the open positions of an agent in a strategy have made at the last prices, against what they have cost. */
  openResult(use: PrincipalUse): Decimal
}

/** What the book with an order added to it would be like, as fractions of equity. Throws where it cannot be known. */
export type PortfolioRiskView = {
  /** `amount` is what the order adds to the worth of its symbol; of a sale below 0. */
  withOrder(
    symbol: string,
    amount: Decimal,
  ): {
    readonly valueAtRisk: Decimal
    readonly conditionalValueAtRisk: Decimal
    readonly beta: Decimal
    /** Whether value at risk and the loss beyond it are surely below a level; false where that could not be told quickly. */
    readonly isTailBelow?: ((level: Decimal) => boolean) | undefined
    /** Whether the size of the beta is below a level, told without a number being made. Throws as `beta`. */
    readonly isBetaBelow?: ((level: Decimal) => boolean) | undefined
  }
}

/**
 * All that the rules may look at, for one order. What is not known is undefined (or makes the method throw): a rule that needs it then
 * denies what adds exposure. It is frozen, and the same for every rule.
 */
export type RiskContext = {
  readonly time: EpochMs
  readonly policy: RiskPolicy
  /** The policy's limits as exact numbers. */
  readonly limits: PolicyLimits
  readonly request: OrderRequest
  readonly purpose: OrderPurpose
  readonly agent: string
  readonly strategy: string
  readonly exits: ExitPlan | undefined
  /** In how many parts the order may be sent, each of which may cost the least fee; absent where it is sent as it is. */
  readonly parts?: number | undefined
  /** Whether the order opens or enlarges a position, rather than reducing one. */
  readonly addsExposure: boolean
  /** A person has approved this very order. */
  readonly approved: boolean
  readonly tradingState: TradingState
  readonly tradingStateReasons: readonly string[]
  readonly reconciled: boolean
  readonly clientOrderIdInUse: boolean
  readonly instrument: Instrument | undefined
  /** The instrument's grid and bounds as exact numbers. */
  readonly grid: InstrumentGrid | undefined
  readonly marketOpen: boolean
  /** The last session that has closed. */
  readonly closedSessionDate: SessionDate
  /** How far our clock is from the venue's, or that nobody could tell; `no-clock` where the venue has none. */
  readonly clockSkewMs: number | 'no-clock' | undefined
  readonly last: LastPrice | undefined
  /** The currency that the symbol settles in, where it is not that of the account. */
  readonly currency?: string | undefined
  /** What one unit of that is worth in the account's currency, and when and where that was said; undefined where nobody knows. */
  readonly rate?: Pick<LastPrice, 'price' | 'time' | 'sessionDate'> | undefined
  /** The last price of another symbol. */
  readonly lastPriceOf: (symbol: string) => Decimal | undefined
  /** Units a session; undefined while fewer sessions than the policy asks for were seen. */
  readonly averageVolume: Decimal | undefined
  /** Signed units held. */
  readonly position: Decimal
  /** Units of it that other exits claim and do not yield to this order; see `claimedUnits`. */
  readonly claimed: Decimal
  /** The position in this symbol lacks an acknowledged exit. */
  readonly unprotected: boolean
  readonly openOrders: readonly OpenOrderView[]
  /** Other securities that were entered in this session and not left, or are being entered: each may be left before the session ends. */
  readonly possibleDayTrades: number
  /** Of the currency that the symbol settles in: no other pays for the order. Margin that contracts hold, and what they are losing, is not free. */
  readonly totalCash: Decimal
  readonly freeCash: Decimal
  /** What this very order sets aside already, where it lives and other terms are asked for; it is part of `freeCash`. */
  readonly alreadyReserved: Decimal
  /** What that counts as in the budgets of principals; the same where it is left out. */
  readonly alreadyBudgeted?: Decimal | undefined
  readonly exposure: ExposureView
  readonly portfolioRisk: PortfolioRiskView | undefined
  readonly activity: ActivityView
  /** What the models of a principal have cost; undefined where nobody counts it. */
  readonly modelSpend: (principal: {
    readonly agent: string | undefined
    readonly strategy: string | undefined
  }) => Decimal | undefined
  readonly dayStartEquity: Decimal | undefined
  readonly peakEquity: Decimal | undefined
  readonly lastLossAt: EpochMs | undefined
  /** Of that position. */
  readonly lastLossSymbol?: string | undefined
}

/** The value, or `RISK_VALUE_MISSING`, which the evaluation turns into a denial by the rule that asked. */
export function required<T>(value: T | undefined, name: string): T {
  if (value !== undefined) return value
  throw new SwarmError({ code: 'RISK_VALUE_MISSING', message: `${name} is not known` })
}
