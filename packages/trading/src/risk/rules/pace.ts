import { isEmptied } from '../activity-view.js'
import type { OrderFigures } from '../order-figures.js'
import { type RiskContext, required } from '../risk-context.js'
import { gateRule, type RiskRule } from '../risk-rule.js'

/** A program that has run away shows in its pace. None of these is asked unless the policy says so. */
export const paceRules: readonly RiskRule[] = [
  gateRule('RATE_LIMIT_EXCEEDED', 'entry', ({ activity, policy: { maxOrderRate }, time }) =>
    maxOrderRate !== undefined && isEmptied(activity.rate(''), time, maxOrderRate)
      ? `the account has used up its ${maxOrderRate.burst} orders; one comes back every ${maxOrderRate.intervalMs} ms`
      : undefined,
  ),
  gateRule('REPEATED_EXECUTION_THROTTLE', 'entry', repetitionFault),
  gateRule('DUPLICATE_ORDER_PATTERN', 'entry', duplicateFault),
  gateRule('REJECTION_STREAK', 'entry', ({ activity, policy: { rejectionStreak }, time }) => {
    if (rejectionStreak === undefined || activity.rejectionStreak < rejectionStreak.count) return undefined
    const leftMs =
      required(activity.lastRejectionAt, 'when the venue last refused an order') + rejectionStreak.pauseMs - time
    return leftMs <= 0
      ? undefined
      : `the venue refused ${activity.rejectionStreak} orders in a row, ${rejectionStreak.count} call for a pause; it ends in ${leftMs} ms`
  }),
  gateRule('PDT_RESTRICTED', 'entry', dayTradeFault),
]

/** What is wrong with the executions of a symbol of late. */
export function repetitionFault(context: RiskContext, figures: OrderFigures): string | undefined {
  const { strategy, time, request } = context
  const guard = context.policy.maxRepeatedExecutions
  if (guard === undefined) return undefined
  const { side } = request
  const known = figures.activity?.executions
  const since = time - guard.windowMs
  let executions = 0
  const length = known?.length ?? 0
  for (let index = 0; index < length; index += 1) {
    const execution = known?.at(index)
    if (execution !== undefined && execution.time > since && execution.side === side && execution.strategy === strategy)
      executions += 1
    else if (executions + length - index <= guard.count) return undefined
  }
  return executions < guard.count
    ? undefined
    : `${executions} executions of strategy ${strategy} have gone the same way in ${request.symbol} within ${guard.windowMs} ms, the limit is ${guard.count}`
}

/** What is wrong with the entries to a symbol of late. */
export function duplicateFault(
  { time, request, policy: { maxDuplicateOrders } }: RiskContext,
  { activity }: OrderFigures,
): string | undefined {
  if (maxDuplicateOrders === undefined) return undefined
  const { count, windowMs } = maxDuplicateOrders
  const { quantity, side } = request
  const entries = activity?.entries
  const since = time - windowMs
  let same = 0
  const length = entries?.length ?? 0
  for (let index = 0; index < length; index += 1) {
    const other = entries?.at(index)
    if (other !== undefined && other.time > since && other.side === side && other.quantity === quantity) same += 1
    else if (same + length - index <= count) return undefined
  }
  return same < maxDuplicateOrders.count
    ? undefined
    : `${same} entries to ${request.side} ${request.quantity} ${request.symbol} were permitted within ${maxDuplicateOrders.windowMs} ms, the limit is ${maxDuplicateOrders.count}`
}

/** What is wrong with the day trades of late. */
export function dayTradeFault(context: RiskContext, figures: OrderFigures): string | undefined {
  const { activity, instrument, limits } = context
  const { patternDayTrading } = context.policy
  if (patternDayTrading === undefined || instrument?.kind !== 'equity') return undefined
  const made = activity.dayTrades(patternDayTrading.sessions)
  // A stop asks nobody before it makes a day trade of an entry: what was entered today, or may be yet, counts as if it did.
  const trades = made + context.possibleDayTrades
  if (trades < patternDayTrading.maxDayTrades) return undefined
  return figures.equity.gte(required(limits.dayTraderEquity, 'the minimum equity of a day trader'))
    ? undefined
    : `${made} day trades within ${patternDayTrading.sessions} sessions and ${trades - made} that entries of today may become, the limit is ${patternDayTrading.maxDayTrades} on equity below ${patternDayTrading.minimumEquity}`
}
