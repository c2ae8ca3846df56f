import { type Decimal, decimal, fromFloat, zero } from '../../money/decimal.js'
import { maximumPlannedSessions } from '../../orders/parse-intent.js'
import { plannedLevels } from '../../protection/planned-levels.js'
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
    const { maximumSessions } = context.exits
    if (!Number.isInteger(maximumSessions) || maximumSessions < 1 || maximumSessions > maximumPlannedSessions)
      return `maximumSessions of ${maximumSessions} is not a whole number from 1 to ${maximumPlannedSessions}`
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

/** From the price to the levels where stop and target will rest. */
function distances(context: RiskContext): { readonly risk: Decimal; readonly reward: Decimal } {
  const plan = required(context.exits, 'the exit plan')
  const price = orderPrice(context)
  const isLong = context.request.side === 'buy'
  const { tickSize } = required(context.instrument, 'the instrument')
  const levels = plannedLevels(isLong ? 'long' : 'short', plan, tickSize)
  const [stop, target] = [decimal(levels.stop), decimal(levels.target)]
  return isLong
    ? { risk: price.minus(stop), reward: target.minus(price) }
    : { risk: stop.minus(price), reward: price.minus(target) }
}
