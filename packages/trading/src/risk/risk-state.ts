import type { EpochMs } from '@tradeswarm/core'
import type { SessionDate } from '../instruments/trading-calendar.js'
import type { TradingState } from '../kernel/kernel.js'
import type { RiskPolicy } from './risk-policy.js'

/** Who or what may hold trading back, the gravest first, as reasons are told. */
export const haltCauses = [
  'kill-switch',
  /** Nothing is sent at all, by an operator's `freeze`. */
  'freeze',
  'operator',
  /** The Risk Manager. */
  'agent',
  /** An execution could not be booked. */
  'books',
  /** Books and venue do not agree. */
  'drift',
  'drawdown',
  'daily-loss',
  /** The venue rejected one order after another. */
  'rejections',
  /** More entries in a minute than anybody meant. */
  'order-rate',
  /** The venue's clock and ours differ. */
  'clock-skew',
  /** No prices of what is held or ordered. */
  'stale-feed',
] as const

/** Who or what holds trading back. */
export type HaltCause = (typeof haltCauses)[number]

/** The causes that set `reducing` by themselves. Resumed by a person, but for the day's loss, which the next session ends. */
export type AutomaticHaltCause = Exclude<HaltCause, 'kill-switch' | 'freeze' | 'operator' | 'agent'>

/** A halt that is in force, why, and by whom where it was a person. */
export type Halt = {
  readonly state: 'reducing' | 'halted'
  readonly reason: string
  readonly since: EpochMs
  readonly operator?: string
}

/** The halts of one scope. */
export type Halts = Readonly<Partial<Record<HaltCause, Halt>>>

/** What the risk authority remembers beside orders; plain JSON. Amounts are decimal texts in the account's currency. */
export type RiskState = {
  readonly policy: RiskPolicy
  /** Counts the policies from 1. */
  readonly policyVersion: number
  /** Counts every change of the trading state; a permit of another epoch does not hold. */
  readonly haltEpoch: number
  /** Those of the account. */
  readonly halts: Halts
  /** Those of narrower scopes, by `scopeKey`; absent while there are none. */
  readonly scopedHalts?: Readonly<Record<string, Halts>>
  /** The exchange's session (for markets that never close, the UTC day) that the day's loss is counted from. */
  readonly sessionDate?: SessionDate
  readonly lastClosedSession?: SessionDate
  readonly dayStartEquity?: string
  /** The highest equity, to within a step (`PeakWatch`). */
  readonly peakEquity?: string
  /** When a position was last closed at a loss, fees included. */
  readonly lastLossAt?: EpochMs
  /** In which symbol that was; absent where books of before did not say. */
  readonly lastLossSymbol?: string
  /** Orders that the venue rejected since it last accepted one; absent for none. */
  readonly rejectionStreak?: number
}

/** A trading state with all reasons for it. */
export type TradingStanding = { readonly state: TradingState; readonly reasons: readonly string[] }

const severity: Readonly<Record<TradingState, number>> = { active: 0, reducing: 1, halted: 2 }
const active: TradingStanding = Object.freeze({ state: 'active', reasons: Object.freeze([]) })

/** The strictest of the halts of all scopes given, and all their reasons, scope by scope. */
export function tradingStateOf(...scopes: readonly (Halts | undefined)[]): TradingStanding {
  let state: TradingState = 'active'
  let reasons: string[] | undefined
  for (const halts of scopes) {
    if (halts === undefined || isEmpty(halts)) continue
    for (const cause of haltCauses) {
      const halt = halts[cause]
      if (halt === undefined) continue
      reasons ??= []
      reasons.push(halt.reason)
      if (severity[halt.state] > severity[state]) state = halt.state
    }
  }
  return reasons === undefined ? active : { state, reasons }
}

/** The halts of one scope; none at all is the same object each time. */
export function haltsIn(risk: RiskState, key: string | undefined): Halts {
  return (key === undefined ? risk.halts : risk.scopedHalts?.[key]) ?? none
}

/** The state with other halts in one scope. */
export function withHalts(risk: RiskState, key: string | undefined, halts: Halts): RiskState {
  if (key === undefined) return { ...risk, halts }
  const { scopedHalts = {}, ...rest } = risk
  const { [key]: _, ...others } = scopedHalts
  const next = isEmpty(halts) ? others : { ...others, [key]: halts }
  return isEmpty(next) ? rest : { ...rest, scopedHalts: next }
}

const none: Halts = Object.freeze({})

function isEmpty(record: object): boolean {
  for (const _ in record) return false
  return true
}
