import { createSeededRandom } from '@tradeswarm/core'
import { expect, test } from 'vitest'
import { denialCodes, isDenialCode } from '../denial-codes.js'
import { evaluateRules } from '../evaluate-rules.js'
import { policyLimits } from '../policy-limits.js'
import { assessmentRules } from './default-rules.js'
import { contextOf, drawFacts, drawFrom, drawPolicy } from './fuzz-facts.test-support.js'
import { naiveDenials } from './naive-rules.test-support.js'

const orders = 100_000
const policies = 500

test(`of ${orders} random orders none is admitted that a naive reading of the policy denies, and none denied that it admits`, async ({
  annotate,
}) => {
  const draw = drawFrom(createSeededRandom(4))
  const counts = new Map<string, number>()
  const pool = Array.from({ length: policies }, () => {
    const policy = drawPolicy(draw)
    return { policy, limits: policyLimits(policy) }
  })
  let admitted = 0
  for (let order = 0; order < orders; order += 1) {
    const { policy, limits } = draw.of(...pool)
    const facts = drawFacts(draw, policy)
    const found = new Set(
      evaluateRules(assessmentRules, contextOf(policy, limits, facts)).findings.map(({ code }) => code),
    )
    const naive = naiveDenials(policy, facts)
    const isSame = found.size === naive.size && [...naive].every((code) => found.has(code))
    if (!isSame)
      expect.fail(
        `order ${order}: ${[...found].join()} and naively ${[...naive].join()}\n${JSON.stringify({ facts, policy })}`,
      )
    if (found.size === 0) admitted += 1
    for (const code of found) counts.set(code, (counts.get(code) ?? 0) + 1)
  }
  const unknown = [...counts.keys()].filter((code) => !isDenialCode(code))
  expect(unknown).toEqual([])
  const reached = Object.entries(denialCodes).filter(([, { saidBy }]) => (saidBy as readonly string[]).includes('rule'))
  const seldom = reached.filter(([code]) => (counts.get(code) ?? 0) < 20)
  expect(seldom.map(([code]) => code)).toEqual([])
  expect(admitted).toBeGreaterThan(orders / 100)
  await annotate(`admitted ${admitted}; denied ${JSON.stringify(Object.fromEntries(counts))}`)
}, 180_000)
