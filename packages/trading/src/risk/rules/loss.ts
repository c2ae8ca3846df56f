import { decimal } from '../../money/decimal.js'
import { exactFraction } from '../order-figures.js'
import { required } from '../risk-context.js'
import { gateRule, limitRule, type RiskRule } from '../risk-rule.js'

/** No entries while the account is losing more than the policy bears. */
export const lossRules: readonly RiskRule[] = [
  limitRule({
    code: 'MAX_DAILY_LOSS',
    measure: (context) => {
      const start = required(context.dayStartEquity, `equity at the start of the session's day`)
      const limit = start.times(exactFraction(context.policy.maxDailyLossFraction, 'maxDailyLossFraction'))
      return [{ value: start.minus(context.equity()), limit, what: 'the loss of the day is' }]
    },
  }),
  limitRule({
    code: 'MAX_DRAWDOWN',
    measure: (context) => {
      const peak = required(context.peakEquity, 'the peak of equity')
      const limit = peak.times(exactFraction(context.policy.maxDrawdownFraction, 'maxDrawdownFraction'))
      return [{ value: peak.minus(context.equity()), limit, what: 'equity is below its peak by' }]
    },
  }),
  gateRule('COOLDOWN_ACTIVE', 'entry', ({ lastLossAt, time, policy }) => {
    if (lastLossAt === undefined) return undefined
    const leftMs = lastLossAt + policy.cooldownAfterLossMs - time
    if (leftMs <= 0) return undefined
    return `a position was closed at a loss; entries are possible again in ${decimal(String(leftMs)).toFixed()} ms`
  }),
]
