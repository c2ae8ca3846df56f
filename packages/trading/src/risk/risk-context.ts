import { type EpochMs, SwarmError } from '@tradeswarm/core'
import type { Instrument } from '../instruments/instrument.js'
import type { SessionDate } from '../instruments/trading-calendar.js'
import type { OrderPurpose, TradingState } from '../kernel/kernel.js'
import type { Decimal } from '../money/decimal.js'
import type { ExitPlan, OrderRequest, OrderType, Side } from '../orders/order-request.js'
import type { RiskPolicy } from './risk-policy.js'

/** The last price seen of a symbol and the session that it belongs to. */
export type LastPrice = { readonly price: Decimal; readonly time: EpochMs; readonly sessionDate: SessionDate }

/** An open order of ours in the same symbol, unless its cancel is on the way. */
export type OpenOrderView = {
  readonly side: Side
  readonly type: OrderType
  readonly limitPrice?: string
}

/**
 * All that the rules may look at, for one order. What is not known is undefined (or makes the method throw):
 * a rule that needs it then denies what adds exposure.
 */
export type RiskContext = {
  readonly time: EpochMs
  readonly policy: RiskPolicy
  readonly request: OrderRequest
  readonly purpose: OrderPurpose
  readonly exits: ExitPlan | undefined
  /** Whether the order opens or enlarges a position, rather than reducing one. */
  readonly addsExposure: boolean
  readonly tradingState: TradingState
  readonly tradingStateReasons: readonly string[]
  readonly reconciled: boolean
  readonly clientOrderIdInUse: boolean
  readonly instrument: Instrument | undefined
  readonly marketOpen: boolean
  /** The last session that has closed. */
  readonly closedSessionDate: SessionDate
  readonly last: LastPrice | undefined
  /** Units a session; undefined while fewer sessions than the policy asks for were seen. */
  readonly averageVolume: Decimal | undefined
  /** Signed units held. */
  readonly position: Decimal
  /** Units of it that other exits claim and do not yield to this order; see `claimedUnits`. */
  readonly claimed: Decimal
  /** The position in this symbol lacks an acknowledged exit. */
  readonly unprotected: boolean
  readonly openOrders: readonly OpenOrderView[]
  readonly totalCash: Decimal
  readonly freeCash: Decimal
  /** What the order would set aside in cash. Throws when it cannot be computed. */
  reservedCash(): Decimal
  /** Throws while a position is unpriceable. */
  equity(): Decimal
  /** Absolute worth by symbol of what is held and of what open entries may add. Throws while one is unpriceable. */
  exposures(): ReadonlyMap<string, Decimal>
  /** Whether daily returns move together; true where too few are known. */
  moveTogether(symbol: string, other: string): boolean
  readonly dayStartEquity: Decimal | undefined
  readonly peakEquity: Decimal | undefined
  readonly lastLossAt: EpochMs | undefined
}

/** The value, or `RISK_VALUE_MISSING`, which the evaluation turns into a denial by the rule that asked. */
export function required<T>(value: T | undefined, name: string): T {
  if (value !== undefined) return value
  throw new SwarmError({ code: 'RISK_VALUE_MISSING', message: `${name} is not known` })
}
