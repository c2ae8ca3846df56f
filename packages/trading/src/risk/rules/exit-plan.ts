import { type Decimal, decimalText, divide, roundToStep, zero } from '../../money/decimal.js'
import { maximumPlannedSessions } from '../../orders/read-intent.js'
import type { OrderFigures } from '../order-figures.js'
import { type RiskContext, required } from '../risk-context.js'
import { figured, gateRule, type RiskRule } from '../risk-rule.js'

/** Decimals shown of a ratio. */
const ratioPlaces = 6

/** No way in without a way out. */
export const exitPlanRules: readonly RiskRule[] = [
  gateRule('MISSING_PROTECTIVE_STOP', 'entry', (context, figures) => {
    if (context.unprotected) return `the position in ${context.request.symbol} has no exit that its venue acknowledges`
    if (context.exits === undefined)
      return context.policy.requireProtectiveStop ? 'the intent carries no exits' : undefined
    const { risk, reward } = distances(context, figures)
    if (!risk.gt(zero)) return `the stop of ${context.exits.stopPrice} does not lie on the losing side of the price`
    if (!reward.gt(zero))
      return `the target of ${context.exits.targetPrice} does not lie on the winning side of the price`
    const { maximumSessions } = context.exits
    if (!Number.isInteger(maximumSessions) || maximumSessions < 1 || maximumSessions > maximumPlannedSessions)
      return `maximumSessions of ${maximumSessions} is not a whole number from 1 to ${maximumPlannedSessions}`
    return figures.stop.gt(zero) ? undefined : 'the stop price is not above 0'
  }),
  gateRule('MIN_RISK_REWARD', 'entry', (context, figures) => {
    const least = context.limits.minimumRiskReward
    if (least === undefined || context.exits === undefined) return undefined
    const { risk, reward } = distances(context, figures)
    if (!reward.lt(risk.times(least))) return undefined
    const message = `the way to the target is less than ${context.policy.minimumRiskReward} times the way to the stop`
    return figured(ratioText(reward, risk), decimalText(least), message)
  }),
]

/** Cut, so that it is never shown as what it is held to. */
function ratioText(reward: Decimal, risk: Decimal): string {
  return risk.gt(zero) ? decimalText(divide(reward, risk, ratioPlaces, 'down')) : '0'
}

/** From the price to the levels where stop and target will rest: rounded towards the market, as `plannedLevels` does. */
export function distances(
  context: RiskContext,
  { price, stop, target }: OrderFigures,
): { readonly risk: Decimal; readonly reward: Decimal } {
  const { tick } = required(context.grid, 'the instrument')
  return context.request.side === 'buy'
    ? { risk: price.minus(onTick(stop, tick, 'up')), reward: onTick(target, tick, 'down').minus(price) }
    : { risk: onTick(stop, tick, 'down').minus(price), reward: price.minus(onTick(target, tick, 'up')) }
}

/** Levels are nearly always on the tick already, and a division costs more than to see that. */
function onTick(level: Decimal, tick: Decimal, rounding: 'up' | 'down'): Decimal {
  return level.isMultipleOf(tick) ? level : roundToStep(level, tick, rounding)
}
