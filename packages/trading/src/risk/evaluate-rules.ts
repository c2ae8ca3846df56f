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
  /** Whether each of the kernel's own rules has nothing to say of an entry. */
  readonly quiet: readonly NonNullable<RiskRule['isQuiet']>[]
  readonly hasOwn: boolean
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
      const quiet = context.addsExposure && isQuiet(stage, context, figures)
      if (quiet && !stage.hasOwn) continue
      const { findings, near } = heard(quiet ? stage.rules.filter(({ own }) => own) : stage.rules, context, figures)
      if (findings !== undefined) return { findings, warnings: nothing }
      if (near !== undefined) warnings = warnings === undefined ? near : [...warnings, ...near]
    }
    return warnings === undefined ? nothingToSay : { findings: nothing, warnings }
  }
}

function prepareStage(rules: readonly RiskRule[]): Stage {
  const kernels = rules.filter(({ own }) => own !== true)
  return { rules, quiet: kernels.map(quietOf), hasOwn: kernels.length < rules.length }
}

function quietOf(rule: RiskRule): NonNullable<RiskRule['isQuiet']> {
  if (rule.isQuiet !== undefined) return rule.isQuiet
  return (context, figures) => rule.check(context, figures) === undefined && rule.warn?.(context, figures) === undefined
}

/**
 * Whether the kernel's own rules have nothing to say of an entry, as nearly always: that is found out in one go. Rules of a user's own are
 * not asked, so that none is asked twice.
 */
function isQuiet({ quiet }: Stage, context: RiskContext, figures: OrderFigures): boolean {
  try {
    for (let index = 0; index < quiet.length; index += 1) {
      const asked = quiet[index] as NonNullable<RiskRule['isQuiet']>
      if (!asked(context, figures)) return false
    }
    return true
  } catch {
    // Asked again, each by itself, it is seen which of them throws.
    return false
  }
}

/** What rules of one stage find, and what comes near a limit where they find nothing. */
function heard(
  rules: readonly RiskRule[],
  context: RiskContext,
  figures: OrderFigures,
): { readonly findings: RiskFinding[] | undefined; readonly near: RiskFinding[] | undefined } {
  let findings: RiskFinding[] | undefined
  for (const rule of rules) {
    if (!isAsked(rule, context)) continue
    const outcome = checked(rule, context, figures)
    if (outcome !== undefined) findings = joined(findings, outcome)
  }
  let near: RiskFinding[] | undefined
  if (findings !== undefined) return { findings, near }
  for (const rule of rules) {
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
