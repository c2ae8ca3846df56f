import { createSeededRandom } from '@tradeswarm/core'
import { expect, test } from 'vitest'
import { evaluateRules } from '../evaluate-rules.js'
import { policyLimits } from '../policy-limits.js'
import { assessmentRules, childRules, type RuleStages, useRules } from './default-rules.js'
import { contextOf, drawFacts, drawFrom, drawPolicy } from './fuzz-facts.test-support.js'
import { contextWith, deniedBy, soundInstrument, soundRequest } from './rule-context.test-support.js'
import { ruleGroups } from './rule-groups.js'

const orders = 20_000

/** The same rules, of which no group is known. */
function oneByOne(stages: RuleStages): RuleStages {
  return stages.map((stage) =>
    stage.map(({ code, binds, check, warn }) => ({ code, binds, check, ...(warn && { warn }) })),
  )
}

test.each([
  ['an assessment', assessmentRules],
  ['the use of a permit', useRules],
  ['a part of an order', childRules],
])('all rules of %s at once find what each finds by itself', (_, stages) => {
  const draw = drawFrom(createSeededRandom(71))
  const pool = Array.from({ length: 100 }, () => {
    const policy = drawPolicy(draw)
    return { policy, limits: policyLimits(policy) }
  })
  const separate = oneByOne(stages)
  let warned = 0
  let permitted = 0
  for (let order = 0; order < orders; order += 1) {
    const { policy, limits } = draw.of(...pool)
    const facts = drawFacts(draw, policy)
    const found = evaluateRules(stages, contextOf(policy, limits, facts))
    expect(found).toEqual(evaluateRules(separate, contextOf(policy, limits, facts)))
    if (found.warnings.length > 0) warned += 1
    if (found.findings.length === 0) permitted += 1
  }
  expect(permitted).toBeGreaterThan(orders / 100)
  if (stages === assessmentRules) expect(warned).toBeGreaterThan(100)
})

test('every built-in rule is in a group', () => {
  const grouped = new Set(ruleGroups.flatMap(({ rules }) => rules))
  expect(assessmentRules.flat().filter((rule) => !grouped.has(rule))).toEqual([])
})

test('of a contract the budget of a principal counts its worth, not its margin', () => {
  const contract = contextWith({
    policy: { contractLeverage: 10, principals: [{ agent: 'trader', capital: '5000' }] },
    instrument: { ...soundInstrument, kind: 'perpetual' },
    request: { ...soundRequest, quantity: '50' },
  })
  expect(deniedBy(contract)).toEqual(['AGENT_BUDGET_EXCEEDED'])
})
