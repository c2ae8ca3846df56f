import { type Decimal, one, zero } from '../../money/decimal.js'
import type { OrderFigures } from '../order-figures.js'
import { type PortfolioRiskView, type RiskContext, required } from '../risk-context.js'
import { limitRule, type RiskRule } from '../risk-rule.js'

const ofOne = (): Decimal => one

/** What the statistics of the book with the order say, where the policy limits them. Figures are fractions of equity. */
export const portfolioRiskRules: readonly RiskRule[] = [
  limitRule({
    code: 'MAX_VALUE_AT_RISK',
    share: ({ valueAtRisk }) => valueAtRisk,
    base: ofOne,
    value: (context, figures) => withOrder(context, figures).valueAtRisk,
    what: 'the value at risk of the book as a fraction of equity would be',
  }),
  limitRule({
    code: 'MAX_CONDITIONAL_VALUE_AT_RISK',
    share: ({ conditionalValueAtRisk }) => conditionalValueAtRisk,
    base: ofOne,
    value: (context, figures) => withOrder(context, figures).conditionalValueAtRisk,
    what: 'the mean loss beyond the value at risk as a fraction of equity would be',
  }),
  limitRule({
    code: 'MAX_BETA',
    share: ({ beta }) => beta,
    base: ofOne,
    value: (context, figures) => withOrder(context, figures).beta.abs(),
    what: 'the beta of the book would be',
  }),
]

function withOrder(
  { portfolioRisk, request }: RiskContext,
  { notional }: OrderFigures,
): ReturnType<PortfolioRiskView['withOrder']> {
  const amount = request.side === 'buy' ? notional : zero.minus(notional)
  return required(portfolioRisk, 'the risk of the portfolio').withOrder(request.symbol, amount)
}
