import { isContract } from '../../instruments/unit-terms.js'
import { one, zero } from '../../money/decimal.js'
import { isClientOrderId } from '../../orders/client-order-id.js'
import { termsFault } from '../../orders/intent-fault.js'
import type { OrderTerms } from '../../orders/order-request.js'
import { maximumPlannedSessions } from '../../orders/read-intent.js'
import { inAccountCurrency, isSizedInQuote, type OrderFigures } from '../order-figures.js'
import type { Share } from '../policy-limits.js'
import { type RiskContext, required } from '../risk-context.js'
import type { RiskRule } from '../risk-rule.js'
import { approvalRules } from './approval.js'
import { directionRules, selfTradeFault } from './direction.js'
import { distances, exitPlanRules } from './exit-plan.js'
import { countOf, exposureRules, isStressFar } from './exposure.js'
import { fundsRules } from './funds.js'
import { dayStart, lossRules, peak, profitFault, stopOutFault } from './loss.js'
import { atOnce, lastPrice, marketRules, quoteFault, quoteRules, symbolListRule } from './market-data.js'
import { orderTypes, orderValidityRules, pricesFault, timesInForce, venueBoundRules } from './order-validity.js'
import { dayTradeFault, duplicateFault, orderRateFault, paceRules, repetitionFault } from './pace.js'
import { isBetaFar, isTailFar, portfolioRiskRules } from './portfolio-risk.js'
import { authorisationFault, authorisationRule, budgetRules, isWithinBudgets, rateFault } from './principals.js'
import { clockRule, tradingStateRules } from './trading-state.js'

/** Rules that stand together in a stage, with one look at all of them. */
export type RuleGroup = {
  readonly rules: readonly RiskRule[]
  /**
   * True only where none of the rules would say anything of an entry, neither to deny nor to warn; as nearly always. False says nothing, nor does
   * it that it throws: each rule is asked then.
   */
  readonly isQuiet: (context: RiskContext, figures: OrderFigures) => boolean
}

/** The built-in rules, as straight code over what they share. A rule that changes is changed here too; a test asks both of random orders. */
export const ruleGroups: readonly RuleGroup[] = [
  { rules: orderValidityRules, isQuiet: isSendable },
  { rules: [...directionRules, ...tradingStateRules], isQuiet: isTradable },
  { rules: [authorisationRule], isQuiet: (context) => authorisationFault(context) === undefined },
  { rules: [...quoteRules, ...venueBoundRules, clockRule, symbolListRule], isQuiet: isFitForVenue },
  { rules: [...tradingStateRules, ...quoteRules, clockRule], isQuiet: isUsable },
  { rules: [...marketRules, ...lossRules], isQuiet: isFarFromLosses },
  { rules: paceRules, isQuiet: isInPace },
  { rules: exitPlanRules, isQuiet: hasWayOut },
  { rules: exposureRules, isQuiet: isExposureFar },
  { rules: fundsRules, isQuiet: isPaidFor },
  { rules: portfolioRiskRules, isQuiet: isBookFar },
  {
    rules: budgetRules,
    isQuiet: (context, figures) => rateFault(context, true) === undefined && isWithinBudgets(context, figures),
  },
  { rules: approvalRules, isQuiet: needsNobody },
]

function isSendable(context: RiskContext, { quantity }: OrderFigures): boolean {
  const { request, instrument, purpose } = context
  if (instrument === undefined) return false
  if (!isDayAtMarket(request)) {
    if (!timesInForce.has(request.timeInForce) || !orderTypes.has(request.type)) return false
    if (termsFault(request) !== undefined || request.type === 'oco') return false
  }
  if (purpose === 'exit-intent' || !quantity.gt(zero)) return false
  if (!isSizedInQuote(request) && !quantity.isMultipleOf(required(context.grid, 'the instrument').lot)) return false
  return pricesFault(context) === undefined && isClientOrderId(request.clientOrderId) && !context.clientOrderIdInUse
}

/** The terms that most orders have; there is nothing about them that would not go together. */
function isDayAtMarket(terms: OrderTerms): boolean {
  return (
    terms.type === 'market' &&
    terms.timeInForce === 'day' &&
    terms.limitPrice === undefined &&
    terms.stopPrice === undefined &&
    terms.trailAmount === undefined &&
    terms.trailFraction === undefined &&
    terms.expiresAt === undefined &&
    terms.postOnly !== true
  )
}

function isTradable(context: RiskContext): boolean {
  return (
    isTradingOn(context) &&
    (context.request.side !== 'sell' || isShortable(context)) &&
    selfTradeFault(context) === undefined
  )
}

function isShortable({ policy, instrument }: RiskContext): boolean {
  if (instrument === undefined) return false
  return isContract(instrument) || (policy.allowShorts && instrument.shortable !== false)
}

function isTradingOn({ tradingState, reconciled }: RiskContext): boolean {
  return tradingState !== 'halted' && tradingState !== 'reducing' && reconciled
}

function isUsable(context: RiskContext, figures: OrderFigures): boolean {
  return isTradingOn(context) && isQuoteSound(context, figures) && isOnTime(context)
}

function isFitForVenue(context: RiskContext, figures: OrderFigures): boolean {
  const { minimumNotional, minimumQuantity, maximumQuantity, maximumNotional } = required(
    context.grid,
    'the instrument',
  )
  if (figures.localNotional.lt(minimumNotional)) return false
  if (minimumQuantity !== undefined && figures.quantity.lt(minimumQuantity)) return false
  if (maximumQuantity !== undefined && !isFarBelow(context, figures.quantity, maximumQuantity)) return false
  if (maximumNotional !== undefined && !isFarBelow(context, figures.localNotional, maximumNotional)) return false
  return isQuoteSound(context, figures) && isOnTime(context) && isListed(context)
}

function isFarBelow({ limits }: RiskContext, value: OrderFigures['quantity'], most: OrderFigures['quantity']): boolean {
  return value.lte(most) && value.lt(most.times(limits.warnAt))
}

function isQuoteSound(context: RiskContext, figures: OrderFigures): boolean {
  if (quoteFault(context, true) !== undefined) return false
  if (context.request.type === 'market') return true
  const price = lastPrice(context)
  return context.limits.collar.isFar(figures.price.minus(price).abs(), price)
}

function isOnTime({ clockSkewMs, limits }: RiskContext): boolean {
  if (clockSkewMs === 'no-clock') return true
  // All that is beyond the limit is beyond what warns.
  return clockSkewMs !== undefined && Math.abs(clockSkewMs) < limits.warnFrom.clockSkewMs
}

function isListed({ limits: { deniedSymbols, allowedSymbols }, request: { symbol } }: RiskContext): boolean {
  return deniedSymbols?.has(symbol) !== true && allowedSymbols?.has(symbol) !== false
}

function isFarFromLosses(context: RiskContext, figures: OrderFigures): boolean {
  const { limits, policy, activity, request, time, lastLossAt } = context
  if (!context.marketOpen && atOnce.has(request.timeInForce)) return false
  if (inAccountCurrency(context, lastPrice(context)).lt(limits.minimumPrice)) return false
  if (required(context.averageVolume, 'the average volume').lt(limits.minimumAverageVolume)) return false
  const { equity } = figures
  const [start, highest] = [dayStart(context), peak(context)]
  if (!limits.dailyLoss.isLossFar(equity, start) || !limits.drawdown.isLossFar(equity, highest)) return false
  if (lastLossAt !== undefined && lastLossAt + policy.cooldownAfterLossMs > time) return false
  if (activity.lossStreak >= limits.warnFrom.losses) return false
  return stopOutFault(context, true) === undefined && profitFault(context, figures) === undefined
}

function isInPace(context: RiskContext, figures: OrderFigures): boolean {
  const { activity, limits } = context
  if (orderRateFault(context, true) !== undefined) return false
  if (repetitionFault(context, figures, true) !== undefined) return false
  if (duplicateFault(context, figures, true) !== undefined) return false
  if (activity.rejectionStreak >= limits.warnFrom.rejections) return false
  return dayTradeFault(context, figures, true) === undefined
}

function hasWayOut(context: RiskContext, figures: OrderFigures): boolean {
  const { exits, limits, policy } = context
  if (context.unprotected) return false
  if (exits === undefined) return !policy.requireProtectiveStop
  const { maximumSessions } = exits
  if (!Number.isInteger(maximumSessions) || maximumSessions < 1 || maximumSessions > maximumPlannedSessions)
    return false
  const { risk, reward } = distances(context, figures)
  if (!risk.gt(zero) || !reward.gt(zero) || !figures.stop.gt(zero)) return false
  return limits.minimumRiskReward === undefined || reward.gte(risk.times(limits.minimumRiskReward))
}

function isExposureFar({ limits, exposure, request }: RiskContext, figures: OrderFigures): boolean {
  const { equity, grossExposure, movingExposure, notional, symbolExposure } = figures
  const { correlated, gross, leverage, net, openOrders } = limits
  if (!limits.order.isFar(notional, equity) || !limits.position.isFar(symbolExposure, equity)) return false
  if (!limits.symbol.isFar(symbolExposure, equity)) return false
  const symbols = exposure.symbols() + (exposure.has(request.symbol) ? 0 : 1)
  if (!limits.openPositions.isFar(countOf(symbols), one)) return false
  if (movingExposure !== undefined && !correlated.isFar(movingExposure.plus(symbolExposure), equity)) return false
  if (!isStressFar(limits, figures)) return false
  if (!isUnlimitedOr(gross, grossExposure, equity) || !isUnlimitedOr(leverage, grossExposure, equity)) return false
  if (net !== undefined && !net.isFar(exposure.net(request.side).plus(notional), equity)) return false
  return openOrders === undefined || openOrders.isFar(countOf(exposure.openEntries() + 1), one)
}

function isUnlimitedOr(share: Share | undefined, value: OrderFigures['equity'], base: OrderFigures['equity']): boolean {
  return share === undefined || share.isFar(value, base)
}

function isPaidFor(context: RiskContext, { equity, grossExposure, reservedCash }: OrderFigures): boolean {
  const { initialMargin, whole, warnAt } = context.limits
  // What is free of a contract's currency may be less than what is there, and is all that counts.
  const { instrument, totalCash, freeCash } = context
  // What is free is another number each time. Of a balance below 0 the warning lies above it.
  const warning = freeCash.times(warnAt)
  if (!reservedCash.lt(warning) || !(warning.lte(freeCash) || reservedCash.lte(freeCash))) return false
  if ((instrument === undefined || !isContract(instrument)) && totalCash.lt(freeCash)) return false
  return initialMargin === undefined || whole.isFar(grossExposure.times(initialMargin), equity)
}

function isBookFar({ limits }: RiskContext, figures: OrderFigures): boolean {
  const { beta, conditionalValueAtRisk, valueAtRisk } = limits
  return (
    (valueAtRisk === undefined || isTailFar(valueAtRisk, figures)) &&
    (conditionalValueAtRisk === undefined || isTailFar(conditionalValueAtRisk, figures)) &&
    (beta === undefined || isBetaFar(beta, figures))
  )
}

function needsNobody({ approved, limits }: RiskContext, { equity, notional }: OrderFigures): boolean {
  if (approved) return true
  const { approvalWarning, approvalShare } = limits
  if (approvalWarning !== undefined && notional.gte(approvalWarning)) return false
  return approvalShare === undefined || approvalShare.isFar(notional, equity)
}
