import { SwarmError } from '@tradeswarm/core'
import type { SessionDate } from '../../instruments/trading-calendar.js'
import { wholeOption } from './whole-option.js'

/** A move of the market to be survived. Shocks are simple returns: −0.1 is a fall by ten per cent. Names are unique. */
export type StressScenario =
  /** Every position moves against its holder by |shock|: gross exposure × |shock|, as `stressShocks` of the policy. */
  | { readonly kind: 'uniform'; readonly name: string; readonly shock: number }
  /** Each symbol moves by its own shock, else by that of its group, else by `otherwise` (0 when absent). */
  | {
      readonly kind: 'shocks'
      readonly name: string
      readonly symbols?: Readonly<Record<string, number>>
      readonly groups?: Readonly<Record<string, number>>
      readonly otherwise?: number
    }
  /** The benchmark moves by the shock and each symbol by beta × shock. */
  | { readonly kind: 'market'; readonly name: string; readonly shock: number }
  /** What happened between the closes of two sessions of the window happens again. */
  | { readonly kind: 'replay'; readonly name: string; readonly from: SessionDate; readonly to: SessionDate }
  /** The stretch of so many sessions of the window that would cost this very portfolio most, held through. */
  | { readonly kind: 'worst-stretch'; readonly name: string; readonly sessions: number }
  /** All correlations go to one and all against the holder: Σ |exposure| × volatility × `deviations` (2.326, the 99 % quantile, when absent). */
  | { readonly kind: 'correlation-one'; readonly name: string; readonly deviations?: number }

const maximumScenarios = 50
/** No price falls by more than all of it; a shock beyond +1,000 % is a slip. */
const shockRange = { least: -1, most: 10 }

/** Throws `INVALID_OPTION`, naming the scenario, the value and the range. */
export function checkScenarios(scenarios: readonly StressScenario[], window: number): void {
  if (scenarios.length > maximumScenarios)
    throw invalid(`scenarios: ${scenarios.length} are more than the ${maximumScenarios} that may be named`)
  const names = new Set<string>()
  for (const scenario of scenarios) {
    if (names.has(scenario.name)) throw invalid(`scenarios: the name "${scenario.name}" is there twice`)
    names.add(scenario.name)
    checkScenario(scenario, window)
  }
}

function checkScenario(scenario: StressScenario, window: number): void {
  const { name } = scenario
  if (scenario.kind === 'uniform' || scenario.kind === 'market') checkShock(name, 'shock', scenario.shock)
  else if (scenario.kind === 'shocks') {
    for (const stated of [scenario.groups, scenario.symbols, { otherwise: scenario.otherwise ?? 0 }])
      for (const [field, shock] of Object.entries(stated ?? {})) checkShock(name, field, shock)
  } else if (scenario.kind === 'replay') {
    if (!(scenario.from < scenario.to))
      throw invalid(`scenario "${name}": from ${scenario.from} is not before to ${scenario.to}`)
  } else if (scenario.kind === 'worst-stretch')
    wholeOption(`scenario "${name}": sessions`, scenario.sessions, 1, window)
  else checkRange(name, 'deviations', scenario.deviations ?? 1, 0, 100)
}

function checkShock(name: string, field: string, shock: number): void {
  checkRange(name, field, shock, shockRange.least, shockRange.most)
}

function checkRange(name: string, field: string, value: number, least: number, most: number): void {
  if (value >= least && value <= most) return
  throw invalid(`scenario "${name}": ${field} ${value} is not from ${least} to ${most}`)
}

function invalid(message: string): SwarmError {
  return new SwarmError({ code: 'INVALID_OPTION', message })
}
