import type { EpochMs } from '@tradeswarm/core'
import { isEmptied, isFewSince, isUsedUp, type RateLevel, usedTokens } from '../activity-view.js'
import type { OrderFigures } from '../order-figures.js'
import { type RiskContext, required } from '../risk-context.js'
import { figured, type RiskRule, type Said, warningGate } from '../risk-rule.js'

/** A program that has run away shows in its pace. None of these is asked unless the policy says so. */
export const paceRules: readonly RiskRule[] = [
  warningGate('RATE_LIMIT_EXCEEDED', 'entry', (context, _, near) => orderRateFault(context, near)),
  warningGate('REPEATED_EXECUTION_THROTTLE', 'entry', repetitionFault),
  warningGate('DUPLICATE_ORDER_PATTERN', 'entry', duplicateFault),
  warningGate('REJECTION_STREAK', 'entry', (context, _, near) => rejectionFault(context, near)),
  warningGate('PDT_RESTRICTED', 'entry', dayTradeFault),
]

/** Whether the account has used up its orders. */
export function orderRateFault({ activity, limits, policy, time }: RiskContext, near: boolean): Said | undefined {
  const rate = policy.maxOrderRate
  return rate === undefined
    ? undefined
    : rateSaid('the account', activity.rate(''), time, rate, near ? limits.warnFrom.orders : undefined)
}

/** What is to be said of a bucket of orders that is emptied, or of which `nearly` so many are taken. */
export function rateSaid(
  who: string,
  bucket: RateLevel | undefined,
  time: EpochMs,
  rate: { readonly burst: number; readonly intervalMs: number },
  nearly: number | undefined,
): Said | undefined {
  if (bucket === undefined) return undefined
  const { burst, intervalMs } = rate
  // A token that has come back in part is taken still: a small bucket is emptied before so many whole ones are.
  const isNear = nearly !== undefined && isUsedUp(bucket, time, nearly, intervalMs)
  if (!isNear && !isEmptied(bucket, time, rate)) return undefined
  const used = usedTokens(bucket, time, intervalMs)
  const said = nearly === undefined ? `has used up its ${burst} orders` : `has used ${used} of its ${burst} orders`
  return figured(used, burst, `${who} ${said}; one comes back every ${intervalMs} ms`)
}

/** What is wrong with the orders that the venue refused in a row. */
function rejectionFault({ activity, limits, policy, time }: RiskContext, near: boolean): Said | undefined {
  const guard = policy.rejectionStreak
  const { rejectionStreak, lastRejectionAt } = activity
  if (guard === undefined || rejectionStreak < (near ? limits.warnFrom.rejections : guard.count)) return undefined
  const said = `the venue refused ${rejectionStreak} orders in a row, ${guard.count} call for a pause`
  if (near) return figured(rejectionStreak, guard.count, said)
  const leftMs = required(lastRejectionAt, 'when the venue last refused an order') + guard.pauseMs - time
  return leftMs <= 0 ? undefined : figured(rejectionStreak, guard.count, `${said}; it ends in ${leftMs} ms`)
}

/** What is wrong with the executions of a symbol of late. */
export function repetitionFault(context: RiskContext, figures: OrderFigures, near: boolean): Said | undefined {
  const { limits, strategy, time, request } = context
  const guard = context.policy.maxRepeatedExecutions
  if (guard === undefined) return undefined
  const from = near ? limits.warnFrom.executions : guard.count
  const { side } = request
  const known = figures.activity?.executions
  const since = time - guard.windowMs
  if (isFewSince(known, from, since)) return undefined
  let executions = 0
  const length = known?.length ?? 0
  for (let index = 0; index < length; index += 1) {
    const execution = known?.at(index)
    if (execution !== undefined && execution.time > since && execution.side === side && execution.strategy === strategy)
      executions += 1
    else if (executions + length - index <= from) return undefined
  }
  if (executions < from) return undefined
  const said = `${executions} executions of strategy ${strategy} have gone the same way in ${request.symbol} within ${guard.windowMs} ms`
  return figured(executions, guard.count, `${said}, the limit is ${guard.count}`)
}

/** What is wrong with the entries to a symbol of late. */
export function duplicateFault(
  { limits, time, request, policy: { maxDuplicateOrders } }: RiskContext,
  { activity }: OrderFigures,
  near: boolean,
): Said | undefined {
  if (maxDuplicateOrders === undefined) return undefined
  const { count, windowMs } = maxDuplicateOrders
  const from = near ? limits.warnFrom.duplicates : count
  const { quantity, side } = request
  const entries = activity?.entries
  const since = time - windowMs
  if (isFewSince(entries, from, since)) return undefined
  let same = 0
  const length = entries?.length ?? 0
  for (let index = 0; index < length; index += 1) {
    const other = entries?.at(index)
    if (other !== undefined && other.time > since && other.side === side && other.quantity === quantity) same += 1
    else if (same + length - index <= from) return undefined
  }
  if (same < from) return undefined
  const said = `${same} entries to ${side} ${quantity} ${request.symbol} were permitted within ${windowMs} ms`
  return figured(same, count, `${said}, the limit is ${count}`)
}

/** What is wrong with the day trades of late. */
export function dayTradeFault(context: RiskContext, figures: OrderFigures, near: boolean): Said | undefined {
  const { activity, instrument, limits } = context
  const { patternDayTrading } = context.policy
  if (patternDayTrading === undefined || instrument?.kind !== 'equity') return undefined
  const made = activity.dayTrades(patternDayTrading.sessions)
  // A stop asks nobody before it makes a day trade of an entry: what was entered today, or may be yet, counts as if it did.
  const trades = made + context.possibleDayTrades
  const { maxDayTrades, minimumEquity, sessions } = patternDayTrading
  if (trades < (near ? limits.warnFrom.dayTrades : maxDayTrades)) return undefined
  if (figures.equity.gte(required(limits.dayTraderEquity, 'the minimum equity of a day trader'))) return undefined
  const said = `${made} day trades within ${sessions} sessions and ${trades - made} that entries of today may become`
  return figured(trades, maxDayTrades, `${said}, the limit is ${maxDayTrades} on equity below ${minimumEquity}`)
}
