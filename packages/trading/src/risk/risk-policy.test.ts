import { expect, test } from 'vitest'
import { type RiskPolicyInput, riskPolicy } from './risk-policy.js'

test.each<[unknown, string]>([
  [null, 'risk policy: it is null'],
  ['strict', 'risk policy: it is "strict"'],
  [{ maxOrderFraction: Number.NaN }, 'risk policy: maxOrderFraction = NaN: '],
  [{ maxOrderFraction: Number.POSITIVE_INFINITY }, 'risk policy: maxOrderFraction = Infinity: '],
  [{ maxOrderFracton: 0.1 }, 'maxOrderFracton = 0.1: there is no such limit; did you mean maxOrderFraction?'],
  [
    { principals: [{ agent: 'a', capitl: '5' }] },
    'principals.0.capitl = "5": there is no such limit; did you mean capital?',
  ],
  [{ valueAtRiskConfidence: 90 }, 'valueAtRiskConfidence = 90: must be 95 or 99, in per cent'],
  [{ maxOrderRate: { burst: 1, intervalMs: 5, every: 1 } }, 'maxOrderRate.every = 1: there is no such limit'],
  [{ maxBeta: 1 }, 'maxBeta = 1: a beta is against a benchmark; name its symbol in betaBenchmark'],
  [{ principals: [{ agent: 'a', capital: Number.NaN }] }, 'principals.0.capital = NaN: '],
])('a policy that is none says where and what: %j', (input, message) => {
  expect(() => riskPolicy(input as RiskPolicyInput)).toThrow(
    expect.objectContaining({ code: 'INVALID_RISK_POLICY', message: expect.stringContaining(message) }),
  )
})
