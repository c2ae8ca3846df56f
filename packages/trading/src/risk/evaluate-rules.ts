import { messageOf } from '@tradeswarm/core'
import type { RiskFinding } from '../kernel/kernel.js'
import { OrderFigures } from './order-figures.js'
import type { RiskContext } from './risk-context.js'
import type { RiskRule, RuleOutcome } from './risk-rule.js'

export type Evaluation = { readonly findings: readonly RiskFinding[]; readonly warnings: readonly RiskFinding[] }

const nothing: readonly RiskFinding[] = Object.freeze([])
const nothingToSay: Evaluation = Object.freeze({ findings: nothing, warnings: nothing })

type Stage = {
  readonly rules: readonly RiskRule[]
  /** By rule: whether it has nothing to say of an entry. */
  readonly quiet: readonly (RiskRule['isQuiet'] | undefined)[]
}

/**
 * What the rules say of an order, stage by stage: a stage is asked only when the ones before it found nothing.
 * A rule that throws, for want of a value or by a fault, denies under its code (fail closed). Nothing is made while nothing is found.
 */
export function evaluateRules(stages: readonly (readonly RiskRule[])[], context: RiskContext): Evaluation {
  return createEvaluation(stages)(context)
}

/** {@link evaluateRules} for stages that are asked often. */
export function createEvaluation(stages: readonly (readonly RiskRule[])[]): (context: RiskContext) => Evaluation {
  const prepared = stages.map(prepareStage)
  return (context) => {
    const figures = new OrderFigures(context)
    let warnings: RiskFinding[] | undefined
    for (const stage of prepared) {
      const quiet = context.addsExposure ? quietUpTo(stage, context, figures) : 0
      if (quiet === stage.rules.length) continue
      const { findings, near } = heard(stage, quiet, context, figures)
      if (findings !== undefined) return { findings, warnings: nothing }
      if (near !== undefined) warnings = warnings === undefined ? near : [...warnings, ...near]
    }
    return warnings === undefined ? nothingToSay : { findings: nothing, warnings }
  }
}

function prepareStage(rules: readonly RiskRule[]): Stage {
  return { rules, quiet: rules.map(quietOf) }
}

/** Undefined for a rule of a user's own, so that none is asked twice. */
function quietOf(rule: RiskRule): Stage['quiet'][number] {
  if (rule.own === true) return undefined
  return (
    rule.isQuiet ??
    ((context, figures) => rule.check(context, figures) === undefined && rule.warn?.(context, figures) === undefined)
  )
}

/**
 * How many of the first rules of a stage are known to have nothing to say of an entry: nearly always all of them, which is found out in one
 * go. It ends at a rule of a user's own, and at one that throws: that is asked again by itself.
 */
function quietUpTo({ quiet }: Stage, context: RiskContext, figures: OrderFigures): number {
  let count = 0
  try {
    for (; count < quiet.length; count += 1) {
      const isQuiet = quiet[count]
      if (isQuiet === undefined || !isQuiet(context, figures)) return count
    }
    return count
  } catch {
    return count
  }
}

/** What the rules of a stage find from one of them on, and what comes near a limit where they find nothing. */
function heard(
  { rules }: Stage,
  from: number,
  context: RiskContext,
  figures: OrderFigures,
): { readonly findings: RiskFinding[] | undefined; readonly near: RiskFinding[] | undefined } {
  let findings: RiskFinding[] | undefined
  for (let index = from; index < rules.length; index += 1) {
    const rule = rules[index] as RiskRule
    if (!isAsked(rule, context)) continue
    const outcome = checked(rule, context, figures)
    if (outcome !== undefined) findings = joined(findings, outcome)
  }
  let near: RiskFinding[] | undefined
  if (findings !== undefined) return { findings, near }
  for (let index = from; index < rules.length; index += 1) {
    const rule = rules[index] as RiskRule
    if (rule.warn === undefined || !isAsked(rule, context)) continue
    const outcome = warned(rule, context, figures)
    if (outcome !== undefined) near = joined(near, outcome)
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
