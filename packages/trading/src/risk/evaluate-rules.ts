import { messageOf } from '@tradeswarm/core'
import type { RiskFinding } from '../kernel/kernel.js'
import type { RiskContext } from './risk-context.js'
import type { RiskRule } from './risk-rule.js'

export type Evaluation = { readonly findings: readonly RiskFinding[]; readonly warnings: readonly RiskFinding[] }

/**
 * What the rules say of an order, stage by stage: a stage is asked only when the ones before it found nothing.
 * A rule that throws, for want of a value or by a fault, denies under its code (fail closed).
 */
export function evaluateRules(stages: readonly (readonly RiskRule[])[], context: RiskContext): Evaluation {
  const warnings: RiskFinding[] = []
  for (const rules of stages) {
    const binding = rules.filter(({ binds }) => binds === 'all' || context.addsExposure)
    const findings = binding.flatMap((rule) => asked(rule, () => rule.check(context)))
    if (findings.length > 0) return { findings, warnings: [] }
    for (const rule of binding) {
      if (rule.warn !== undefined) warnings.push(...asked(rule, () => rule.warn?.(context) ?? []))
    }
  }
  return { findings: [], warnings }
}

function asked(rule: RiskRule, ask: () => readonly RiskFinding[]): readonly RiskFinding[] {
  try {
    return ask()
  } catch (thrown) {
    return [{ code: rule.code, message: `the rule could not be evaluated: ${messageOf(thrown)}` }]
  }
}
