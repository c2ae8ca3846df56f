import type { Scenarios } from './opinion.js'

/** What scenarios come to: fractions of the price. */
export type WeighedScenarios = {
  /** With probabilities that sum to 1 exactly, up to the last bit. */
  readonly scenarios: Scenarios
  readonly expectedReturn: number
  /** Σ p × gain over Σ p × loss; {@link mostRewardToRisk} where there is next to no loss. */
  readonly rewardToRisk: number
}

/** Where losses are next to nothing the ratio says no more. */
export const mostRewardToRisk = 100

/** Scales the probabilities to a sum of 1 and weighs gain against loss. Pure. */
export function weighScenarios(given: Scenarios): WeighedScenarios {
  const total = given.base.probability + given.bull.probability + given.bear.probability
  const scaled = ({ probability, returnPercent }: Scenarios['base']): Scenarios['base'] => ({
    probability: total > 0 ? probability / total : 1 / 3,
    returnPercent,
  })
  const scenarios = { base: scaled(given.base), bull: scaled(given.bull), bear: scaled(given.bear) }
  let gain = 0
  let loss = 0
  for (const { probability, returnPercent } of [scenarios.base, scenarios.bull, scenarios.bear]) {
    const part = (probability * returnPercent) / 100
    if (part > 0) gain += part
    else loss -= part
  }
  const ratio = loss * mostRewardToRisk > gain ? gain / loss : gain === 0 ? 0 : mostRewardToRisk
  return { scenarios, expectedReturn: gain - loss, rewardToRisk: ratio }
}
