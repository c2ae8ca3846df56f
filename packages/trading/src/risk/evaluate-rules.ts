import { messageOf } from '@tradeswarm/core'
import type { RiskFinding } from '../kernel/kernel.js'
import { OrderFigures } from './order-figures.js'
import type { RiskContext } from './risk-context.js'
import type { RiskRule, RuleOutcome } from './risk-rule.js'
import { type RuleGroup, ruleGroups } from './rules/rule-groups.js'

export type Evaluation = { readonly findings: readonly RiskFinding[]; readonly warnings: readonly RiskFinding[] }

const nothing: readonly RiskFinding[] = Object.freeze([])
const nothingToSay: Evaluation = Object.freeze({ findings: nothing, warnings: nothing })

/** Rules of a stage that are looked at together. */
type Step = {
  readonly rules: readonly RiskRule[]
  /** Whether they have nothing to say of an entry; undefined for a rule of a user's own, so that none is asked twice. */
  readonly isQuiet: RuleGroup['isQuiet'] | undefined
}

/**
 * What the rules say of an order, stage by stage: a stage is asked only when the ones before it found nothing.
 * A rule that throws, for want of a value or by a fault, denies under its code (fail closed). Nothing is made while nothing is found.
 */
export function evaluateRules(stages: readonly (readonly RiskRule[])[], context: RiskContext): Evaluation {
  return createEvaluation(stages)(context)
}

/** {@link evaluateRules} for stages that are asked often. */
export function createEvaluation(
  stages: readonly (readonly RiskRule[])[],
): (context: RiskContext, figures?: OrderFigures) => Evaluation {
  const prepared = stages.map(stepsOf)
  // What protects a position is asked few of the rules, one by one.
  const protecting = stages.map((rules) => stepsOf(rules.filter(({ binds }) => binds === 'all')))
  return (context, figures = new OrderFigures(context)) => {
    let warnings: RiskFinding[] | undefined
    for (const steps of context.addsExposure ? prepared : protecting) {
      const quiet = context.addsExposure ? quietUpTo(steps, context, figures) : 0
      if (quiet === steps.length) continue
      const { findings, near } = heard(steps, quiet, context, figures)
      if (findings !== undefined) return { findings, warnings: nothing }
      if (near !== undefined) warnings = warnings === undefined ? near : [...warnings, ...near]
    }
    return warnings === undefined ? nothingToSay : { findings: nothing, warnings }
  }
}

/** The groups of a stage that stand in it whole, and its other rules one by one. */
function stepsOf(rules: readonly RiskRule[]): readonly Step[] {
  const steps: Step[] = []
  let next = 0
  while (next < rules.length) {
    const from = next
    const group = ruleGroups.find((each) => each.rules.every((rule, index) => rule === rules[from + index]))
    const rule = rules[from] as RiskRule
    steps.push(group ?? { rules: [rule], isQuiet: quietOf(rule) })
    next += group?.rules.length ?? 1
  }
  return steps
}

function quietOf(rule: RiskRule): Step['isQuiet'] {
  if (rule.own === true) return undefined
  return (
    rule.isQuiet ??
    ((context, figures) => rule.check(context, figures) === undefined && rule.warn?.(context, figures) === undefined)
  )
}

/** How many of the first steps of a stage are known to have nothing to say of an entry: nearly always all of them. */
function quietUpTo(steps: readonly Step[], context: RiskContext, figures: OrderFigures): number {
  let count = 0
  try {
    for (; count < steps.length; count += 1) {
      const isQuiet = steps[count]?.isQuiet
      if (isQuiet === undefined || !isQuiet(context, figures)) return count
    }
    return count
  } catch {
    return count
  }
}

/** Where it throws, the rules are asked, and say which of them it was. */
function isQuiet(step: Step, context: RiskContext, figures: OrderFigures): boolean {
  if (!context.addsExposure || step.rules.length === 1) return false
  try {
    return step.isQuiet?.(context, figures) === true
  } catch {
    return false
  }
}

/** What the rules of a stage find from one of its steps on, and what comes near a limit where they find nothing. */
function heard(
  steps: readonly Step[],
  from: number,
  context: RiskContext,
  figures: OrderFigures,
): { readonly findings: RiskFinding[] | undefined; readonly near: RiskFinding[] | undefined } {
  let findings: RiskFinding[] | undefined
  const asked: Step[] = []
  for (let index = from; index < steps.length; index += 1) {
    const step = steps[index] as Step
    // The first of them is the one that was not quiet.
    if (index > from && isQuiet(step, context, figures)) continue
    asked.push(step)
    for (const rule of step.rules) {
      if (!isAsked(rule, context)) continue
      const outcome = checked(rule, context, figures)
      if (outcome !== undefined) findings = joined(findings, outcome)
    }
  }
  let near: RiskFinding[] | undefined
  if (findings !== undefined) return { findings, near }
  for (const { rules } of asked) {
    for (const rule of rules) {
      if (rule.warn === undefined || !isAsked(rule, context)) continue
      const outcome = warned(rule, context, figures)
      if (outcome !== undefined) near = joined(near, outcome)
    }
  }
  return { findings, near }
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
