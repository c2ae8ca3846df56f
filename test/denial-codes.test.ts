import { readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { assessmentRules, denialCodes, isDenialCode, riskPolicy } from '@tradeswarm/trading'
import { expect, test } from 'vitest'
import { denialCodesPage, denialCodesPath } from '../scripts/denial-codes.mjs'
import { root } from '../scripts/workspace.mjs'

test('the reference of denial codes is that of the code', () => {
  const page = readFileSync(denialCodesPath, 'utf8')
  expect(page, 'run node scripts/denial-codes.mjs').toBe(denialCodesPage(denialCodes))
})

test('every built-in rule denies under a code of the registry, and every code that a rule says has one', () => {
  const codes = new Set(assessmentRules.flat().map(({ code }) => code))
  for (const code of codes) expect(isDenialCode(code), code).toBe(true)
  for (const [code, { saidBy, binds }] of Object.entries(denialCodes)) {
    if (!(saidBy as readonly string[]).includes('rule')) continue
    expect(codes.has(code), code).toBe(true)
    const rules = assessmentRules.flat().filter((rule) => rule.code === code)
    if (binds === 'entry') expect(new Set(rules.map((rule) => rule.binds))).toEqual(new Set(['entry']))
  }
})

test('whatever the code denies under is in the registry', () => {
  const denials = /(?:\[|=>|return|finding:|denied:|\?)\s*\{\s*code: '([A-Z_]{4,})',\s*(?:value|message)/g
  const said = new Set<string>()
  for (const folder of ['packages/trading/src', 'packages/agents/src']) {
    for (const file of readdirSync(join(root, folder), { recursive: true, encoding: 'utf8' })) {
      if (!file.endsWith('.ts') || file.includes('.test')) continue
      for (const [, code] of readFileSync(join(root, folder, file), 'utf8').matchAll(denials)) said.add(code ?? '')
    }
  }
  expect(said.size).toBeGreaterThan(2)
  expect([...said].filter((code) => !isDenialCode(code))).toEqual([])
})

test('the fields that the registry names are fields of the policy', () => {
  const stated = {
    maximumQuoteAgeMs: 1,
    maximumClockSkewMs: 1,
    deniedSymbols: [],
    allowedSymbols: [],
    maxGrossExposureFraction: 1,
    maxNetExposureFraction: 1,
    maxLeverage: 1,
    initialMarginFraction: 1,
    contractLeverage: 1,
    netting: 'internal-cross' as const,
    maxOpenOrders: 1,
    maxOrderRate: { burst: 1, intervalMs: 1 },
    maxRepeatedExecutions: { count: 1, windowMs: 1 },
    maxDuplicateOrders: { count: 1, windowMs: 1 },
    consecutiveLosses: { count: 1, pauseMs: 1 },
    stopLossGuard: { count: 1, windowMs: 1 },
    lowProfitSymbol: { trades: 1, windowMs: 1, minimumResult: '0' },
    rejectionStreak: { count: 1, pauseMs: 1 },
    patternDayTrading: { minimumEquity: '1', maxDayTrades: 1, sessions: 1 },
    maxValueAtRiskFraction: 1,
    maxConditionalValueAtRiskFraction: 1,
    maxBeta: 1,
    valueAtRiskConfidence: 95 as const,
    valueAtRiskSessions: 250,
    betaBenchmark: 'SPX',
    approvalAboveNotional: '1',
    approvalAboveFraction: 1,
    principals: [],
    minimumRiskReward: 1,
  }
  const fields = Object.keys(riskPolicy(stated))
  const guide = readFileSync(join(root, 'docs', 'guides', 'risk-policy.md'), 'utf8')
  for (const field of fields) expect(guide.includes(`\`${field}\``), `the guide does not speak of ${field}`).toBe(true)
  for (const { policy } of Object.values(denialCodes)) for (const field of policy) expect(fields).toContain(field)
})
