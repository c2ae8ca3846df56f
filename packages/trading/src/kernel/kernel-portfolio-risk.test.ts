import { expect, test } from 'vitest'
import type { RiskPolicyInput } from '../risk/risk-policy.js'
import { openKernelBench } from './kernel-bench.test-support.js'

const small = { valueAtRiskSessions: 60, betaBenchmark: 'FFF' } as const

async function answersUnder(policy: RiskPolicyInput) {
  const bench = await openKernelBench({ policy })
  await bench.enter()
  bench.broker.fill(bench.broker.sent[0]?.clientOrderId ?? '', '50', '100')
  await bench.kernel.settled()
  return { ...bench, answer: await bench.kernel.assess(bench.intent({ symbol: 'BBB', quantity: '20' })) }
}

test.each<[string, RiskPolicyInput, RiskPolicyInput]>([
  // Prices swing by 0.1 %, all alike: 5,000 held and 2,000 ordered of 100,000 can lose 0.007 % a day.
  ['MAX_VALUE_AT_RISK', { maxValueAtRiskFraction: 0.0001 }, { maxValueAtRiskFraction: 0.0002 }],
  [
    'MAX_CONDITIONAL_VALUE_AT_RISK',
    { maxConditionalValueAtRiskFraction: 0.00012 },
    { maxConditionalValueAtRiskFraction: 0.0002 },
  ],
  ['MAX_BETA', { maxBeta: 0.06 }, { maxBeta: 0.08 }],
])('%s counts what is held together with the order', async (code, tight, wide) => {
  expect((await answersUnder({ ...small, ...wide })).answer.status).toBe('permitted')
  const { answer } = await answersUnder({ ...small, ...tight })
  expect(answer).toMatchObject({ status: 'denied', findings: [{ code, limit: expect.any(String) }] })
})

test('I12 with fewer returns than the policy asks for nobody knows, and entries are denied', async () => {
  const bench = await openKernelBench({ policy: { maxValueAtRiskFraction: 1 } })
  expect(await bench.kernel.assess(bench.intent())).toMatchObject({
    status: 'denied',
    findings: [{ code: 'MAX_VALUE_AT_RISK', message: expect.stringMatching(/the value at risk is not known: .*AAA/) }],
  })
})

test('what is sold again no longer counts', async () => {
  const bench = await answersUnder({ ...small, maxBeta: 0.08 })
  const { kernel, broker } = bench
  expect(await kernel.assess(bench.intent({ symbol: 'CCC', quantity: '20' }))).toMatchObject({ status: 'denied' })
  await bench.enter({ side: 'sell', quantity: '50' })
  const exit = broker.sent.findLast(({ type, side }) => type === 'market' && side === 'sell')
  broker.fill(exit?.clientOrderId ?? '', '50', '100.1')
  await kernel.settled()
  expect((await kernel.assess(bench.intent({ symbol: 'CCC', quantity: '20' }))).status).toBe('permitted')
})
