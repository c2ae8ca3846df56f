import type { PayloadOf } from '@tradeswarm/core'
import type { OutcomeRecorded, Parameters } from '../messages/decision-topics.js'

type Outcome = PayloadOf<typeof OutcomeRecorded>

/** How often something was right. `count` may be fractional where an outcome is shared among factors. */
export type Tally = { readonly count: number; readonly wins: number; readonly returnSum: number }

export type OutcomeStatistics = {
  readonly outcomes: number
  readonly byFactor: Readonly<Record<string, Tally>>
  readonly bySetup: Readonly<Record<string, Tally>>
  readonly bySymbol: Readonly<Record<string, Tally>>
}

export const emptyStatistics: OutcomeStatistics = { outcomes: 0, byFactor: {}, bySetup: {}, bySymbol: {} }

/** Statistics with one more outcome. A factor takes part by its share of what spoke for the entry; one that spoke against it is credited with the opposite. */
export function addOutcome(statistics: OutcomeStatistics, outcome: Outcome): OutcomeStatistics {
  const strength = outcome.factors.reduce((sum, factor) => sum + Math.abs(factor.contribution), 0)
  const byFactor: Record<string, Tally> = { ...statistics.byFactor }
  for (const { factor, contribution } of outcome.factors) {
    if (strength === 0 || contribution === 0) continue
    const wasRight = contribution > 0 === outcome.isWin
    const sign = contribution > 0 ? 1 : -1
    byFactor[factor] = tallied(
      byFactor[factor],
      Math.abs(contribution) / strength,
      wasRight,
      sign * outcome.returnFraction,
    )
  }
  return {
    outcomes: statistics.outcomes + 1,
    byFactor,
    bySetup: {
      ...statistics.bySetup,
      [outcome.setup]: tallied(statistics.bySetup[outcome.setup], 1, outcome.isWin, outcome.returnFraction),
    },
    bySymbol: {
      ...statistics.bySymbol,
      [outcome.symbol]: tallied(statistics.bySymbol[outcome.symbol], 1, outcome.isWin, outcome.returnFraction),
    },
  }
}

/**
 * Parameters that follow from the statistics. Each rate is shrunk towards an even chance:
 * (wins + prior/2) / (count + prior), the mean of a beta posterior with a symmetric prior.
 * A factor's weight is twice its rate; a setup's and a symbol's bias is the rate's distance from a half, within ±0.2.
 */
export function adjustParameters(statistics: OutcomeStatistics, version: number, prior: number): Parameters {
  const rate = ({ wins, count }: Tally): number => (wins + prior / 2) / (count + prior)
  const each = (tallies: Readonly<Record<string, Tally>>, value: (rate: number) => number): Record<string, number> =>
    Object.fromEntries(Object.entries(tallies).map(([name, tally]) => [name, value(rate(tally))]))
  const bias = (value: number): number => Math.min(0.2, Math.max(-0.2, value - 0.5))
  return {
    version,
    factorWeights: each(statistics.byFactor, (value) => 2 * value),
    setupBias: each(statistics.bySetup, bias),
    symbolBias: each(statistics.bySymbol, bias),
  }
}

function tallied(tally: Tally | undefined, share: number, isWin: boolean, returnFraction: number): Tally {
  const { count = 0, wins = 0, returnSum = 0 } = tally ?? {}
  return { count: count + share, wins: wins + (isWin ? share : 0), returnSum: returnSum + share * returnFraction }
}
