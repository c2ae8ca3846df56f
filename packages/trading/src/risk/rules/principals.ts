import type { RiskFinding } from '../../kernel/kernel.js'
import { type Decimal, zero } from '../../money/decimal.js'
import { isPrincipal } from '../activity-view.js'
import type { OrderFigures } from '../order-figures.js'
import type { PrincipalLimits } from '../policy-limits.js'
import { type RiskContext, required } from '../risk-context.js'
import { gateRule, measured, type RiskRule, type Said, warningGate } from '../risk-rule.js'
import { rateSaid } from './pace.js'

/** Agents and strategies as principals: each has what the policy gives it, and what several of them share binds them all. */
export const authorisationRule: RiskRule = gateRule('AGENT_NOT_AUTHORIZED', 'entry', authorisationFault)

export function authorisationFault(context: RiskContext): string | undefined {
  const { agent, strategy, limits, request } = context
  if (limits.principals === undefined) return undefined
  let known = false
  for (const principal of limits.principals) {
    if (!isPrincipal(principal, agent, strategy)) continue
    known = true
    if (principal.symbols?.has(request.symbol) === false) return `${principal.name} may not enter ${request.symbol}`
    if (principal.sides?.has(request.side) === false)
      return `${principal.name} may not ${request.side} to enter a position`
  }
  return known ? undefined : `agent ${agent} in strategy ${strategy} is no principal of the policy`
}

/** What a principal may use. Several findings of one order keep the order of the policy. */
export const budgetRules: readonly RiskRule[] = [
  warningGate('RATE_LIMIT_EXCEEDED', 'entry', (context, _, near) => rateFault(context, near)),
  {
    code: 'AGENT_BUDGET_EXCEEDED',
    binds: 'entry',
    check: (context, figures) => budgetFindings(context, figures, 'above'),
    warn: (context, figures) => budgetFindings(context, figures, 'near'),
    isQuiet: isWithinBudgets,
  },
]

/** The first principal that has used up its orders. */
export function rateFault({ agent, strategy, limits, activity, time }: RiskContext, near: boolean): Said | undefined {
  for (const principal of limits.principals ?? []) {
    const { maxOrderRate, name, rateKey, rateWarning } = principal
    if (maxOrderRate === undefined || !isPrincipal(principal, agent, strategy)) continue
    const said = rateSaid(name, activity.rate(rateKey), time, maxOrderRate, near ? rateWarning : undefined)
    if (said !== undefined) return said
  }
  return undefined
}

/** Whether all that {@link budgetFindings} compares is below its warning, which lies at or below the limit: neither of them is below 0. */
export function isWithinBudgets(context: RiskContext, figures: OrderFigures): boolean {
  const { principals } = context.limits
  if (principals === undefined) return true
  const { activity, agent, alreadyReserved, alreadyBudgeted = alreadyReserved, exposure, strategy } = context
  for (const principal of principals) {
    if (!isPrincipal(principal, agent, strategy)) continue
    const { name, capitalWarning, drawdownWarning, budgetWarning } = principal
    if (capitalWarning !== undefined || drawdownWarning !== undefined) {
      let used = figures.reservedBudget.minus(alreadyBudgeted)
      let drawdown = zero
      for (const use of activity.principals) {
        if (!isPrincipal(principal, use.agent, use.strategy)) continue
        if (capitalWarning !== undefined) used = used.plus(use.committed)
        if (drawdownWarning !== undefined) drawdown = drawdown.plus(use.fallen).minus(exposure.openResult(use))
      }
      if (capitalWarning !== undefined && used.gte(capitalWarning)) return false
      if (drawdownWarning !== undefined && drawdown.gte(drawdownWarning)) return false
    }
    if (budgetWarning === undefined) continue
    if (required(context.modelSpend(principal), `what the models of ${name} have cost`).gte(budgetWarning)) return false
  }
  return true
}

function budgetFindings(
  context: RiskContext,
  figures: OrderFigures,
  where: 'above' | 'near',
): readonly RiskFinding[] | undefined {
  const { principals } = context.limits
  if (principals === undefined) return undefined
  const isAbove = where === 'above'
  let findings: RiskFinding[] | undefined
  const add = (what: string, value: Decimal, limit: Decimal): void => {
    findings ??= []
    findings.push(measured('AGENT_BUDGET_EXCEEDED', what, value, limit, where))
  }
  // No text is made for what is within its limit: most of what is compared is.
  const passes = (value: Decimal, limit: Decimal, warning: Decimal): boolean =>
    isAbove ? value.gt(limit) : value.gte(warning)
  for (const principal of principals) {
    if (!isPrincipal(principal, context.agent, context.strategy)) continue
    const { name, capital, maxDrawdown, modelBudget, words } = principal
    if (capital !== undefined) {
      const used = capitalInUse(context, principal).plus(figures.reservedBudget)
      if (passes(used, capital, principal.capitalWarning ?? capital)) add(words.capital, used, capital)
    }
    if (maxDrawdown !== undefined) {
      const drawdown = drawdownOf(context, principal)
      if (passes(drawdown, maxDrawdown, principal.drawdownWarning ?? maxDrawdown))
        add(words.drawdown, drawdown, maxDrawdown)
    }
    if (modelBudget === undefined) continue
    const spent = required(context.modelSpend(principal), `what the models of ${name} have cost`)
    if (passes(spent, modelBudget, principal.budgetWarning ?? modelBudget)) add(words.budget, spent, modelBudget)
  }
  return findings
}

/** What its positions have cost and its open entries set aside. */
function capitalInUse(context: RiskContext, principal: PrincipalLimits): Decimal {
  const { activity, alreadyReserved, alreadyBudgeted = alreadyReserved } = context
  let used = zero.minus(alreadyBudgeted)
  for (const use of activity.principals) {
    if (isPrincipal(principal, use.agent, use.strategy)) used = used.plus(use.committed)
  }
  return used
}

/** Below the highest that was realised, by what was realised since and by what is open, at the last prices. */
function drawdownOf({ activity, exposure }: RiskContext, principal: PrincipalLimits): Decimal {
  let drawdown = zero
  for (const use of activity.principals) {
    if (isPrincipal(principal, use.agent, use.strategy))
      drawdown = drawdown.plus(use.fallen).minus(exposure.openResult(use))
  }
  return drawdown
}
