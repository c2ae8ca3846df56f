import { type Decimal, one } from '../../money/decimal.js'
import { limitRule, type RiskRule } from '../risk-rule.js'

const ofOne = (): Decimal => one

/** What the statistics of the book with the order say, where the policy limits them. Figures are fractions of equity. */
export const portfolioRiskRules: readonly RiskRule[] = [
  limitRule({
    code: 'MAX_VALUE_AT_RISK',
    share: ({ valueAtRisk }) => valueAtRisk,
    base: ofOne,
    value: (_, figures) => figures.portfolio.valueAtRisk,
    what: 'the value at risk of the book as a fraction of equity would be',
  }),
  limitRule({
    code: 'MAX_CONDITIONAL_VALUE_AT_RISK',
    share: ({ conditionalValueAtRisk }) => conditionalValueAtRisk,
    base: ofOne,
    value: (_, figures) => figures.portfolio.conditionalValueAtRisk,
    what: 'the mean loss beyond the value at risk as a fraction of equity would be',
  }),
  limitRule({
    code: 'MAX_BETA',
    share: ({ beta }) => beta,
    base: ofOne,
    value: (_, figures) => figures.portfolio.beta.abs(),
    what: 'the beta of the book would be',
  }),
]
