import type { EpochMs } from '@tradeswarm/core'
import type { SessionDate } from '../instruments/trading-calendar.js'
import type { TradingState } from '../kernel/kernel.js'
import type { RiskPolicy } from './risk-policy.js'

/** Who or what holds trading back; `agent` is the Risk Manager, `books` when an execution could not be booked, `drift` when books and venue differ. */
export type HaltCause = 'kill-switch' | 'operator' | 'agent' | 'books' | 'drift' | 'drawdown' | 'daily-loss'

/** A halt that is in force, and why. */
export type Halt = { readonly state: 'reducing' | 'halted'; readonly reason: string; readonly since: EpochMs }

/** What the risk authority remembers beside orders; plain JSON. Amounts are decimal texts in the account's currency. */
export type RiskState = {
  readonly policy: RiskPolicy
  /** Counts the policies from 1. */
  readonly policyVersion: number
  /** Counts every change of the trading state; a permit of another epoch does not hold. */
  readonly haltEpoch: number
  readonly halts: Readonly<Partial<Record<HaltCause, Halt>>>
  /** The exchange's session that the day's loss is counted from. */
  readonly sessionDate?: SessionDate
  readonly lastClosedSession?: SessionDate
  readonly dayStartEquity?: string
  /** The highest equity at the start or close of a session. */
  readonly peakEquity?: string
  /** When a position was last closed at a loss, fees included. */
  readonly lastLossAt?: EpochMs
}

const severity: Readonly<Record<TradingState, number>> = { active: 0, reducing: 1, halted: 2 }

/** The strictest of the halts, and all their reasons. */
export function tradingStateOf(halts: RiskState['halts']): {
  readonly state: TradingState
  readonly reasons: readonly string[]
} {
  let state: TradingState = 'active'
  const reasons: string[] = []
  for (const cause of ['kill-switch', 'operator', 'agent', 'books', 'drift', 'drawdown', 'daily-loss'] as const) {
    const halt = halts[cause]
    if (halt === undefined) continue
    reasons.push(halt.reason)
    if (severity[halt.state] > severity[state]) state = halt.state
  }
  return { state, reasons }
}
