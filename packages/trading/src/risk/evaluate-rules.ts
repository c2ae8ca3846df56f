import { messageOf } from '@tradeswarm/core'
import type { RiskFinding } from '../kernel/kernel.js'
import { OrderFigures } from './order-figures.js'
import type { RiskContext } from './risk-context.js'
import type { RiskRule, RuleOutcome } from './risk-rule.js'

export type Evaluation = { readonly findings: readonly RiskFinding[]; readonly warnings: readonly RiskFinding[] }

const nothing: readonly RiskFinding[] = Object.freeze([])
const nothingToSay: Evaluation = Object.freeze({ findings: nothing, warnings: nothing })

/**
 * What the rules say of an order, stage by stage: a stage is asked only when the ones before it found nothing.
 * A rule that throws, for want of a value or by a fault, denies under its code (fail closed). Nothing is made while nothing is found.
 */
export function evaluateRules(stages: readonly (readonly RiskRule[])[], context: RiskContext): Evaluation {
  const figures = new OrderFigures(context)
  let warnings: RiskFinding[] | undefined
  for (const rules of stages) {
    let findings: RiskFinding[] | undefined
    for (const rule of rules) {
      if (!isAsked(rule, context)) continue
      const outcome = checked(rule, context, figures)
      if (outcome !== undefined) findings = joined(findings, outcome)
    }
    if (findings !== undefined) return { findings, warnings: nothing }
    for (const rule of rules) {
      if (rule.warn === undefined || !isAsked(rule, context)) continue
      const outcome = warned(rule, context, figures)
      if (outcome !== undefined) warnings = joined(warnings, outcome)
    }
  }
  return warnings === undefined ? nothingToSay : { findings: nothing, warnings }
}

/** What protects a position meets the kernel's own rules only. */
function isAsked({ binds, own }: RiskRule, { addsExposure, purpose }: RiskContext): boolean {
  if (addsExposure) return true
  return binds === 'all' && (own === undefined || purpose === 'exit-intent')
}

function checked(rule: RiskRule, context: RiskContext, figures: OrderFigures): RuleOutcome {
  try {
    return rule.check(context, figures)
  } catch (thrown) {
    return rule.own === true && !context.addsExposure ? undefined : unevaluated(rule, thrown)
  }
}

function warned(rule: RiskRule, context: RiskContext, figures: OrderFigures): RuleOutcome {
  try {
    return rule.warn?.(context, figures)
  } catch (thrown) {
    return unevaluated(rule, thrown)
  }
}

function unevaluated({ code }: RiskRule, thrown: unknown): RiskFinding {
  return { code, message: `the rule could not be evaluated: ${messageOf(thrown)}` }
}

/** An empty list says nothing. */
function joined(
  found: RiskFinding[] | undefined,
  outcome: RiskFinding | readonly RiskFinding[],
): RiskFinding[] | undefined {
  if (!isList(outcome)) {
    if (found === undefined) return [outcome]
    found.push(outcome)
    return found
  }
  if (outcome.length === 0) return found
  return found === undefined ? [...outcome] : [...found, ...outcome]
}

function isList(outcome: RiskFinding | readonly RiskFinding[]): outcome is readonly RiskFinding[] {
  return Array.isArray(outcome)
}
