import type { RiskRule } from '../risk-rule.js'
import { directionRules, noFlipRule } from './direction.js'
import { exitPlanRules } from './exit-plan.js'
import { exposureRules } from './exposure.js'
import { fundsRules } from './funds.js'
import { lossRules } from './loss.js'
import { marketRules, quoteRules } from './market-data.js'
import { minimumNotionalRule, orderValidityRules } from './order-validity.js'
import { tradingStateRules } from './trading-state.js'

/** The rules of an assessment, in stages: is it an order, may we trade, and then all limits at once. */
export const assessmentRules: readonly (readonly RiskRule[])[] = [
  orderValidityRules,
  [...directionRules, ...tradingStateRules],
  [minimumNotionalRule, ...quoteRules, ...marketRules, ...lossRules, ...exitPlanRules, ...exposureRules, ...fundsRules],
]

/** What is asked again when the permit of an exit is about to be used: units are claimed by what is sent, not by what was asked. */
export const exitUseRules: readonly (readonly RiskRule[])[] = [[noFlipRule]]

/** What is asked again when the permit of an entry is about to be used. */
export const useRules: readonly (readonly RiskRule[])[] = [[...tradingStateRules, ...quoteRules]]
