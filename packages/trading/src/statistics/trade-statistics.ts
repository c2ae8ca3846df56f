import type { EpochMs } from '@tradeswarm/core'
import { mean, sum } from 'simple-statistics'
import type { ClosedPosition } from '../kernel/kernel.js'
import { decimal, toFloat } from '../money/decimal.js'
import { positionResult } from './position-result.js'
import { ratio } from './return-statistics.js'

/** A finished round trip, in floats of the account's currency. */
export type ClosedTrade = {
  /** Realised − fees + income (dividends received, or paid by a short). */
  readonly profit: number
  /** Bought plus sold: quantity × price of entry and of exit. */
  readonly tradedNotional: number
  readonly openedAt: EpochMs
  readonly closedAt: EpochMs
}

/** A closed position of the kernel as the statistics want it. Throws `INVALID_DECIMAL`. */
export function closedTrade(position: ClosedPosition): ClosedTrade {
  const quantity = decimal(position.quantity, 'quantity').abs()
  const traded = quantity.times(
    decimal(position.entryPrice, 'entryPrice').plus(decimal(position.exitPrice, 'exitPrice')),
  )
  return {
    profit: toFloat(positionResult(position)),
    tradedNotional: toFloat(traded),
    openedAt: position.openedAt,
    closedAt: position.closedAt,
  }
}

/** Figures of the closed trades; a trade without profit or loss counts among neither winners nor losers. */
export type TradeStatistics = {
  readonly trades: number
  /** Winners / all trades. */
  readonly winRate: number | null
  /** Sum of profits / sum of losses; null without a loss. */
  readonly profitFactor: number | null
  /** Mean profit of a trade, in the currency: Tharp, Trade Your Way to Financial Freedom (1998). */
  readonly expectancy: number | null
  /** Mean profit of a winner / mean loss of a loser. */
  readonly payoff: number | null
  readonly averageHoldMs: number | null
}

/** Not applicable without trades. */
export function tradeStatistics(trades: readonly ClosedTrade[]): TradeStatistics {
  if (trades.length === 0)
    return { trades: 0, winRate: null, profitFactor: null, expectancy: null, payoff: null, averageHoldMs: null }
  const profits = trades.map((trade) => trade.profit)
  const winners = profits.filter((profit) => profit > 0)
  const losers = profits.filter((profit) => profit < 0)
  return {
    trades: trades.length,
    winRate: winners.length / trades.length,
    profitFactor: ratio(sum(winners), -sum(losers)),
    expectancy: mean(profits),
    payoff: winners.length === 0 || losers.length === 0 ? null : ratio(mean(winners), -mean(losers)),
    averageHoldMs: mean(trades.map((trade) => trade.closedAt - trade.openedAt)),
  }
}
