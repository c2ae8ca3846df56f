import type { SessionDate } from '../../instruments/trading-calendar.js'
import { noted, nothingNoted } from '../../orders/noted.js'
import { normalQuantile } from './confidence.js'
import { onReturnGrid } from './fixed-grid.js'
import type { StressScenario } from './stress-scenario.js'

/**
 * A scenario as numbers by symbol. `linear`: the loss is −Σ exposure × shock; `against`: Σ |exposure| × shock; `stretch`: the largest
 * −Σ exposure × return over the columns. One that cannot be worked out says why.
 */
export type PreparedScenario = {
  readonly scenario: StressScenario
  /** Undefined also for the other scenarios once a symbol without returns is held. */
  readonly needsReturns: boolean
} & (
  | { readonly form: 'linear' | 'against'; readonly shocks: Float64Array }
  | { readonly form: 'stretch'; readonly rows: readonly Float64Array[]; readonly columns: number }
  | { readonly form: 'unavailable'; readonly reason: string }
)

/** What scenarios are made of; a row is undefined, a number NaN, for symbols without returns. */
export type ScenarioGround = {
  readonly symbols: readonly string[]
  readonly groups: Readonly<Record<string, string>>
  readonly sessions: readonly SessionDate[]
  readonly closes: readonly (Float64Array | undefined)[]
  readonly volatilities: Float64Array
  readonly betas: Float64Array
  readonly hasBenchmark: boolean
}

/** Works out once a bar what a scenario does to each symbol. */
export function prepareScenario(scenario: StressScenario, ground: ScenarioGround): PreparedScenario {
  const { symbols, closes } = ground
  const shocks = (of: (index: number) => number): Float64Array =>
    Float64Array.from(symbols, (_, index) => onReturnGrid(of(index) || 0))
  switch (scenario.kind) {
    case 'uniform':
      return { scenario, needsReturns: false, form: 'against', shocks: shocks(() => Math.abs(scenario.shock)) }
    case 'shocks':
      return {
        scenario,
        needsReturns: false,
        form: 'linear',
        shocks: shocks((index) => statedShock(scenario, symbols[index] as string, ground.groups)),
      }
    case 'market':
      return ground.hasBenchmark
        ? {
            scenario,
            needsReturns: true,
            form: 'linear',
            shocks: shocks((index) => scenario.shock * (ground.betas[index] as number)),
          }
        : { scenario, needsReturns: true, form: 'unavailable', reason: 'there is no benchmark with returns' }
    case 'correlation-one': {
      const deviations = scenario.deviations ?? normalQuantile[99]
      return {
        scenario,
        needsReturns: true,
        form: 'against',
        shocks: shocks((index) => deviations * (ground.volatilities[index] as number)),
      }
    }
    case 'replay': {
      const from = lastAt(ground.sessions, scenario.from)
      const to = lastAt(ground.sessions, scenario.to)
      if (
        from === undefined ||
        to === undefined ||
        from === to ||
        scenario.to > (ground.sessions.at(-1) as SessionDate)
      )
        return {
          scenario,
          needsReturns: true,
          form: 'unavailable',
          reason: `${scenario.from} to ${scenario.to} does not lie within the window`,
        }
      return {
        scenario,
        needsReturns: true,
        form: 'linear',
        shocks: shocks((index) => moveBetween(closes[index], from, to)),
      }
    }
    case 'worst-stretch': {
      const columns = Math.max(ground.sessions.length - scenario.sessions, 0)
      const rows = closes.map((row) => stretches(row, scenario.sessions, columns))
      return columns === 0
        ? { scenario, needsReturns: true, form: 'unavailable', reason: 'no symbol has returns' }
        : { scenario, needsReturns: true, form: 'stretch', rows, columns }
    }
  }
}

function statedShock(
  scenario: StressScenario & { readonly kind: 'shocks' },
  symbol: string,
  groups: Readonly<Record<string, string>>,
): number {
  const group = noted(groups, symbol)
  const ofGroup = group === undefined ? undefined : noted(scenario.groups ?? nothingNoted, group)
  return noted(scenario.symbols ?? nothingNoted, symbol) ?? ofGroup ?? scenario.otherwise ?? 0
}

/** The place of the last session on or before a date. */
function lastAt(sessions: readonly SessionDate[], date: SessionDate): number | undefined {
  const place = sessions.findLastIndex((session) => session <= date)
  return place === -1 ? undefined : place
}

function moveBetween(closes: Float64Array | undefined, from: number, to: number): number {
  return closes === undefined ? 0 : (closes[to] as number) / (closes[from] as number) - 1
}

/** By start: the return over so many sessions. */
function stretches(closes: Float64Array | undefined, sessions: number, columns: number): Float64Array {
  const moves = new Float64Array(columns)
  for (let start = 0; start < columns; start += 1)
    moves[start] = onReturnGrid(moveBetween(closes, start, start + sessions))
  return moves
}
