import { type Decimal, decimalText } from '../../money/decimal.js'
import type { OrderFigures } from '../order-figures.js'
import type { RiskContext } from '../risk-context.js'
import type { RiskRule } from '../risk-rule.js'

/** What is large needs a person's word. Asked last, so that nobody is asked about an order that is denied anyway. */
export const approvalRules: readonly RiskRule[] = [
  {
    code: 'APPROVAL_REQUIRED',
    binds: 'entry',
    check(context, figures) {
      if (context.approved) return undefined
      const limit = approvalLimit(context, figures)
      if (limit === undefined || !figures.notional.gt(limit)) return undefined
      const [value, most] = [decimalText(figures.notional), decimalText(limit)]
      return {
        code: 'APPROVAL_REQUIRED',
        value,
        limit: most,
        message: `the order is worth ${value}, above the ${most} up to which no person has to approve it`,
      }
    },
    warn(context, figures) {
      if (context.approved) return undefined
      const limit = approvalLimit(context, figures)
      if (limit === undefined || figures.notional.lt(limit.times(context.limits.warnAt))) return undefined
      const [value, most] = [decimalText(figures.notional), decimalText(limit)]
      const message = `the order is worth ${value}, near the ${most} up to which no person has to approve it`
      return { code: 'APPROVAL_REQUIRED', value, limit: most, message }
    },
  },
]

/** The lower of both limits; undefined where the policy states none. */
function approvalLimit({ limits }: RiskContext, figures: OrderFigures): Decimal | undefined {
  const { approvalNotional, approvalShare } = limits
  if (approvalShare === undefined) return approvalNotional
  const ofEquity = approvalShare.limitOf(figures.equity)
  return approvalNotional === undefined || ofEquity.lt(approvalNotional) ? ofEquity : approvalNotional
}
