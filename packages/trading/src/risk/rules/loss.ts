import { type Decimal, decimalText, zero } from '../../money/decimal.js'
import type { OrderFigures } from '../order-figures.js'
import { type RiskContext, required } from '../risk-context.js'
import { gateRule, limitRule, type RiskRule } from '../risk-rule.js'

/** No entries while the account is losing more than the policy bears. */
export const lossRules: readonly RiskRule[] = [
  limitRule({
    code: 'MAX_DAILY_LOSS',
    share: ({ dailyLoss }) => dailyLoss,
    base: dayStart,
    value: (context, figures) => dayStart(context).minus(figures.equity),
    what: 'the loss of the day is',
  }),
  limitRule({
    code: 'MAX_DRAWDOWN',
    share: ({ drawdown }) => drawdown,
    base: peak,
    value: (context, figures) => peak(context).minus(figures.equity),
    what: 'equity is below its peak by',
  }),
  gateRule('COOLDOWN_ACTIVE', 'entry', ({ lastLossAt, lastLossSymbol, time, policy }) => {
    if (lastLossAt === undefined) return undefined
    const leftMs = lastLossAt + policy.cooldownAfterLossMs - time
    if (leftMs <= 0) return undefined
    const which = lastLossSymbol === undefined ? 'a position' : `the position in ${lastLossSymbol}`
    return `${which} was closed at a loss; entries are possible again in ${leftMs} ms`
  }),
  gateRule('CONSECUTIVE_LOSSES', 'entry', ({ activity, policy, time }) => {
    const guard = policy.consecutiveLosses
    if (guard === undefined || activity.lossStreak < guard.count) return undefined
    const leftMs = required(activity.lastLossAt, 'when the last position was closed at a loss') + guard.pauseMs - time
    if (leftMs <= 0) return undefined
    return `${activity.lossStreak} positions in a row were closed at a loss, ${guard.count} call for a pause; it ends in ${leftMs} ms`
  }),
  gateRule('STOPLOSS_GUARD', 'entry', stopOutFault),
  gateRule('LOW_PROFIT_SYMBOL', 'entry', profitFault),
]

/** What is wrong with the number of positions that were stopped out of late. */
export function stopOutFault({ activity, policy, time }: RiskContext): string | undefined {
  const guard = policy.stopLossGuard
  if (guard === undefined) return undefined
  let stopOuts = 0
  for (const at of activity.stopOuts) if (at > time - guard.windowMs) stopOuts += 1
  return stopOuts < guard.count
    ? undefined
    : `${stopOuts} positions were stopped out at a loss within ${guard.windowMs} ms, ${guard.count} end entries`
}

/** What is wrong with the results of a symbol of late. */
export function profitFault(
  { policy, limits, time, request: { symbol } }: RiskContext,
  figures: OrderFigures,
): string | undefined {
  const guard = policy.lowProfitSymbol
  if (guard === undefined) return undefined
  let trades = 0
  let result = zero
  const results = figures.activity?.results
  for (let index = 0; index < (results?.length ?? 0); index += 1) {
    const closed = results?.at(index)
    if (closed === undefined || closed.time <= time - guard.windowMs) continue
    trades += 1
    result = result.plus(closed.result)
  }
  return trades < guard.trades || result.gte(required(limits.lowProfit, 'the minimum result'))
    ? undefined
    : `${trades} positions in ${symbol} came to ${decimalText(result)} within ${guard.windowMs} ms, the minimum is ${guard.minimumResult}`
}

/** Throws `RISK_VALUE_MISSING`, as {@link peak}. */
export function dayStart({ dayStartEquity }: RiskContext): Decimal {
  return required(dayStartEquity, `equity at the start of the session's day`)
}

export function peak({ peakEquity }: RiskContext): Decimal {
  return required(peakEquity, 'the peak of equity')
}
