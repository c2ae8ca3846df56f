import type { BacktestResult } from '../run/backtest-result.js'

/** What one agent did in a run, as `swarm.status()` tells it at the end. */
export type AgentActivity = {
  readonly id: string
  readonly role: string
  readonly state: string
  readonly handled: number
  readonly failed: number
  readonly deadLetters: number
  readonly restarts: number
}

/** The data of a result. */
export type ReportInput = Omit<BacktestResult, 'writeReport'>

/** What a report shows beside the result; agents given here take the place of the result's own. */
export type ReportExtras = { readonly title?: string; readonly agents?: readonly AgentActivity[] }
