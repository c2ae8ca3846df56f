import { type Decimal, decimal, fromFloat, zero } from '../../money/decimal.js'
import { orderPrice } from '../order-figures.js'
import { type RiskContext, required } from '../risk-context.js'
import { gateRule, type RiskRule } from '../risk-rule.js'

/** No way in without a way out. */
export const exitPlanRules: readonly RiskRule[] = [
  gateRule('MISSING_PROTECTIVE_STOP', 'entry', (context) => {
    if (context.unprotected) return `the position in ${context.request.symbol} has no exit that its venue acknowledges`
    if (context.exits === undefined)
      return context.policy.requireProtectiveStop ? 'the intent carries no exits' : undefined
    const { risk, reward } = distances(context)
    if (!risk.gt(zero)) return `the stop of ${context.exits.stopPrice} does not lie on the losing side of the price`
    if (!reward.gt(zero))
      return `the target of ${context.exits.targetPrice} does not lie on the winning side of the price`
    if (!Number.isInteger(context.exits.maximumSessions) || context.exits.maximumSessions < 1) {
      return `maximumSessions of ${context.exits.maximumSessions} is not a whole number of 1 or more`
    }
    return decimal(context.exits.stopPrice, 'stopPrice').gt(zero) ? undefined : 'the stop price is not above 0'
  }),
  gateRule('MIN_RISK_REWARD', 'entry', (context) => {
    const least = context.policy.minimumRiskReward
    if (least === undefined || context.exits === undefined) return undefined
    const { risk, reward } = distances(context)
    return reward.lt(risk.times(fromFloat(least, 12, 'minimumRiskReward')))
      ? `the way to the target is less than ${least} times the way to the stop`
      : undefined
  }),
]

function distances(context: RiskContext): { readonly risk: Decimal; readonly reward: Decimal } {
  const plan = required(context.exits, 'the exit plan')
  const price = orderPrice(context)
  const stop = decimal(plan.stopPrice, 'exits.stopPrice')
  const target = decimal(plan.targetPrice, 'exits.targetPrice')
  return context.request.side === 'buy'
    ? { risk: price.minus(stop), reward: target.minus(price) }
    : { risk: stop.minus(price), reward: price.minus(target) }
}
