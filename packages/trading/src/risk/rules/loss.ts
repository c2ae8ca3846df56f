import { type Decimal, decimalText, zero } from '../../money/decimal.js'
import type { OrderFigures } from '../order-figures.js'
import { type RiskContext, required } from '../risk-context.js'
import { figured, gateRule, limitRule, type RiskRule, type Said, warningGate } from '../risk-rule.js'

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
    const message = `${which} was closed at a loss; entries are possible again in ${leftMs} ms`
    return figured(time - lastLossAt, policy.cooldownAfterLossMs, message)
  }),
  warningGate('CONSECUTIVE_LOSSES', 'entry', (context, _, near) => lossStreakFault(context, near)),
  warningGate('STOPLOSS_GUARD', 'entry', (context, _, near) => stopOutFault(context, near)),
  gateRule('LOW_PROFIT_SYMBOL', 'entry', profitFault),
]

/** What is wrong with the losses in a row. */
function lossStreakFault({ activity, limits, policy, time }: RiskContext, near: boolean): Said | undefined {
  const guard = policy.consecutiveLosses
  const { lossStreak, lastLossAt } = activity
  if (guard === undefined || lossStreak < (near ? limits.warnFrom.losses : guard.count)) return undefined
  const said = `${lossStreak} positions in a row were closed at a loss, ${guard.count} call for a pause`
  if (near) return figured(lossStreak, guard.count, said)
  const leftMs = required(lastLossAt, 'when the last position was closed at a loss') + guard.pauseMs - time
  return leftMs <= 0 ? undefined : figured(lossStreak, guard.count, `${said}; it ends in ${leftMs} ms`)
}

/** What is wrong with the number of positions that were stopped out of late. */
export function stopOutFault({ activity, limits, policy, time }: RiskContext, near: boolean): Said | undefined {
  const guard = policy.stopLossGuard
  if (guard === undefined) return undefined
  let stopOuts = 0
  for (const at of activity.stopOuts) if (at > time - guard.windowMs) stopOuts += 1
  if (stopOuts < (near ? limits.warnFrom.stopOuts : guard.count)) return undefined
  const message = `${stopOuts} positions were stopped out at a loss within ${guard.windowMs} ms, ${guard.count} end entries`
  return figured(stopOuts, guard.count, message)
}

/** What is wrong with the results of a symbol of late. */
export function profitFault(
  { policy, limits, time, request: { symbol } }: RiskContext,
  figures: OrderFigures,
): Said | undefined {
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
  if (trades < guard.trades || result.gte(required(limits.lowProfit, 'the minimum result'))) return undefined
  const came = `${trades} positions in ${symbol} came to ${decimalText(result)} within ${guard.windowMs} ms`
  return figured(decimalText(result), guard.minimumResult, `${came}, the minimum is ${guard.minimumResult}`)
}

/** Throws `RISK_VALUE_MISSING`, as {@link peak}. */
export function dayStart({ dayStartEquity }: RiskContext): Decimal {
  return required(dayStartEquity, `equity at the start of the session's day`)
}

export function peak({ peakEquity }: RiskContext): Decimal {
  return required(peakEquity, 'the peak of equity')
}
