import { type Decimal, one } from '../../money/decimal.js'
import type { OrderFigures } from '../order-figures.js'
import type { Share } from '../policy-limits.js'
import type { RiskContext } from '../risk-context.js'
import { limitRule, type RiskRule } from '../risk-rule.js'

const ofOne = (): Decimal => one

/** A limit of a figure of the tail. Nearly always what the figure cannot be above is far below it, and a look at each scenario is not needed. */
function tailRule(options: Pick<Parameters<typeof limitRule>[0], 'code' | 'share' | 'value' | 'what'>): RiskRule {
  const { share } = options
  const rule = limitRule({ ...options, base: ofOne })
  const isFar = (context: RiskContext, figures: OrderFigures): boolean => {
    const limits = share(context.limits)
    return limits === undefined || isTailFar(limits, figures)
  }
  return {
    ...rule,
    check: (context, figures) => (isFar(context, figures) ? undefined : rule.check(context, figures)),
    isQuiet: (context, figures) => isFar(context, figures) || rule.isQuiet?.(context, figures) === true,
  }
}

/** What the statistics of the book with the order say, where the policy limits them. Figures are fractions of equity. */
export const portfolioRiskRules: readonly RiskRule[] = [
  tailRule({
    code: 'MAX_VALUE_AT_RISK',
    share: ({ valueAtRisk }) => valueAtRisk,
    value: (_, figures) => figures.portfolio.valueAtRisk,
    what: 'the value at risk of the book as a fraction of equity would be',
  }),
  tailRule({
    code: 'MAX_CONDITIONAL_VALUE_AT_RISK',
    share: ({ conditionalValueAtRisk }) => conditionalValueAtRisk,
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

/** Whether not even what the figures of the tail cannot be above comes near a limit. */
export function isTailFar(limit: Share, { portfolio }: OrderFigures): boolean {
  const warning = limit.warningOf(one)
  return warning.lte(limit.limitOf(one)) && portfolio.isTailBelow?.(warning) === true
}

/** Whether the beta does not come near its limit. */
export function isBetaFar(limit: Share, { portfolio }: OrderFigures): boolean {
  const warning = limit.warningOf(one)
  if (portfolio.isBetaBelow !== undefined && warning.lte(limit.limitOf(one))) return portfolio.isBetaBelow(warning)
  return limit.isFar(portfolio.beta.abs(), one)
}
