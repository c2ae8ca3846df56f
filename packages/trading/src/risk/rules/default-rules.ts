import { assertKnownOptions, nearestName, SwarmError } from '@tradeswarm/core'
import type { RiskRule } from '../risk-rule.js'
import { approvalRules } from './approval.js'
import { directionRules, noFlipRule } from './direction.js'
import { exitPlanRules } from './exit-plan.js'
import { exposureRules } from './exposure.js'
import { fundsRules } from './funds.js'
import { lossRules } from './loss.js'
import { marketRules, quoteRules, symbolListRule } from './market-data.js'
import { orderValidityRules, venueBoundRules } from './order-validity.js'
import { paceRules } from './pace.js'
import { portfolioRiskRules } from './portfolio-risk.js'
import { authorisationRule, budgetRules } from './principals.js'
import { clockRule, tradingStateRules } from './trading-state.js'

/** Rules in stages: a stage is asked only when the ones before it found nothing. */
export type RuleStages = readonly (readonly RiskRule[])[]

const limitStage: readonly RiskRule[] = [
  // Without a price nearly all others fail for want of it: the cause is told first.
  ...quoteRules,
  ...venueBoundRules,
  clockRule,
  symbolListRule,
  ...marketRules,
  ...lossRules,
  ...paceRules,
  ...exitPlanRules,
  ...exposureRules,
  ...fundsRules,
  ...portfolioRiskRules,
  ...budgetRules,
]

/** The rules of an assessment: is it an order, may we trade, all limits at once, and then a person's word. */
export const assessmentRules: RuleStages = [
  orderValidityRules,
  [...directionRules, ...tradingStateRules, authorisationRule],
  limitStage,
  approvalRules,
]

/** What is asked again when the permit of an exit is about to be used: units are claimed by what is sent, not by what was asked. */
export const exitUseRules: RuleStages = [[noFlipRule]]

/** What is asked again when the permit of an entry is about to be used. */
export const useRules: RuleStages = [[...tradingStateRules, ...quoteRules, clockRule]]

/** What is asked of each part of an order that was assessed as a whole, limits and cash included. */
export const childRules: RuleStages = [
  orderValidityRules,
  [...directionRules, ...tradingStateRules],
  [...quoteRules, ...venueBoundRules, clockRule, symbolListRule],
]

/** What a user changes of the rules of an assessment. */
export type RuleChanges = {
  /** Rules of one's own, asked together with the limits. */
  readonly add?: readonly RiskRule[]
  /** Rules of one's own in the place of all built-in ones of the same code. */
  readonly replace?: readonly RiskRule[]
  /** Codes of built-in rules that are not to be asked. */
  readonly remove?: readonly string[]
}

/** Whether an order can be sent, which way it goes and whether we may trade: the kernel itself rests on these. */
const fixed: ReadonlySet<string> = new Set(
  [...orderValidityRules, ...directionRules, ...tradingStateRules].map(({ code }) => code),
)

/**
 * The rules of an assessment with a user's changes. Throws `INVALID_OPTION` for a change that there is not or that is no list, and for a code that is not there, that is there already, or
 * whose rule the kernel rests on.
 */
export function composeRules(changes: RuleChanges = {}): RuleStages {
  checkChanges(changes)
  const { add = [], replace = [], remove = [] } = changes
  const builtIn = new Set(assessmentRules.flat().map(({ code }) => code))
  const refuse = (option: string, code: string, why: string): never => {
    throw new SwarmError({ code: 'INVALID_OPTION', message: `rules: ${option} names ${code}, ${why}` })
  }
  const gone = goneIn(changes)
  const named = new Set<string>()
  for (const [option, codes] of [
    ['replace', replace.map(({ code }) => code)],
    ['remove', remove],
  ] as const) {
    for (const code of codes) {
      if (!builtIn.has(code)) refuse(option, code, `and no built-in rule has that code; ${hintOf(code, builtIn)}`)
      if (fixed.has(code))
        refuse(option, code, 'a rule that the kernel itself rests on; tighten it with a rule of your own')
      if (named.has(code)) refuse(option, code, 'which is replaced or removed already')
      named.add(code)
    }
  }
  for (const { code } of add) if (builtIn.has(code)) refuse('add', code, 'which is built in; use replace')
  for (const rule of [...add, ...replace]) {
    if (rule.own !== true) refuse('add or replace', rule.code, 'which defineRiskRule did not make')
  }
  const stages = assessmentRules.map((stage) => stage.flatMap((rule) => kept(rule, gone, replace)))
  return stages.map((stage, index) => (index === 2 ? [...stage.filter(isFirst), ...add] : stage.filter(isFirst)))
}

/** {@link useRules} with the same changes, so that what is not asked, or asked otherwise, stays so when a permit is used. */
export function composeUseRules(changes: RuleChanges = {}): RuleStages {
  const { replace = [] } = changes
  const gone = goneIn(changes)
  return gone.size === 0
    ? useRules
    : useRules.map((stage) => stage.flatMap((rule) => kept(rule, gone, replace)).filter(isFirst))
}

/** The nearest code of a rule that may be taken out, or all of them. */
function hintOf(misspelt: string, builtIn: ReadonlySet<string>): string {
  const codes = [...builtIn].filter((code) => !fixed.has(code))
  const nearest = nearestName(misspelt, codes)
  return nearest === undefined ? `there are: ${codes.join(', ')}` : `did you mean ${nearest}?`
}

const changeNames = ['add', 'replace', 'remove'] as const

function checkChanges(changes: RuleChanges): void {
  const refuse = (what: string): never => {
    throw new SwarmError({ code: 'INVALID_OPTION', message: `rules: ${what}` })
  }
  if (Array.isArray(changes)) refuse('it is a list; say what the rules are for, such as { add: [ … ] }')
  assertKnownOptions('rules', changes, changeNames)
  for (const name of changeNames) {
    const list: unknown = changes[name]
    if (list === undefined) continue
    const what = name === 'remove' ? 'code' : 'rule'
    if (!Array.isArray(list)) refuse(`${name} is no list; give one, such as { ${name}: [${what}] }`)
    const isOne = (each: unknown): boolean =>
      name === 'remove' ? typeof each === 'string' : typeof each === 'object' && each !== null
    if (!(list as readonly unknown[]).every(isOne)) refuse(`${name} holds what is no ${what}`)
  }
}

function goneIn({ replace = [], remove = [] }: RuleChanges): ReadonlySet<string> {
  return new Set([...replace.map(({ code }) => code), ...remove])
}

function kept(rule: RiskRule, gone: ReadonlySet<string>, replace: readonly RiskRule[]): readonly RiskRule[] {
  if (!gone.has(rule.code)) return [rule]
  return replace.filter(({ code }) => code === rule.code)
}

/** Several built-in rules may share a code; what takes their place is asked once. */
function isFirst(rule: RiskRule, index: number, stage: readonly RiskRule[]): boolean {
  return stage.indexOf(rule) === index
}
