import { expect, test } from 'vitest'
import { analystConfig } from './analyst-config.js'
import type { Indicators } from './indicators.js'
import { type RecommendInput, recommend } from './recommend.js'

const indicators: Indicators = { close: 100, rsi: 50, atr: 2, sma50: 95 }
const trend = (score: number) => ({ kind: 'trend', score, confidence: 0.8, value: 0.02 }) as const

function input(changes: Partial<RecommendInput> = {}): RecommendInput {
  return {
    signal: { symbol: 'AAPL', sessionDate: '2014-01-02', at: 0, synthetic: false, market: [trend(0.9)] },
    signalMessageId: 'message-1',
    indicators,
    baseline: { mean: 0.1, count: 50 },
    tickSize: '0.01',
    parameters: { version: 3, factorWeights: {}, setupBias: {}, symbolBias: {} },
    config: analystConfig.parse({}),
    ...changes,
  }
}

const quality = {
  mentions: 5,
  observations: 5,
  uniqueAuthors: 5,
  duplicateShare: 0,
  retweetShare: 0,
  rejectedShare: 0,
  concentration: 0.2,
  agreement: 1,
  opinion: 0.5,
  oldestAgeMs: 1,
  newestAgeMs: 0,
}
const burst = { isBurst: false, mentions: 5, baseline: 5, zScore: 0 }
const posts = (score: number) => ({ score, confidence: 0.7, burst, quality, contributors: [] })

test('a strong trend is bought with levels on the tick and the reasons as data', () => {
  const recommendation = recommend(input())
  expect(recommendation).toMatchObject({
    direction: 'enter-long',
    setup: 'trend',
    entryPrice: '100',
    stopPrice: '95',
    targetPrice: '110',
    riskReward: 2,
    parametersVersion: 3,
  })
  expect(recommendation?.reasons).toEqual([
    { factor: 'trend', score: 0.9, confidence: 0.8, weight: 0.8, contribution: 0.8 * 0.8 * 0.9 },
  ])
})

test('a strong downward trend asks to leave', () => {
  expect(recommend(input({ signal: { ...input().signal, market: [trend(-0.9)] } }))?.direction).toBe('exit-long')
})

test('weak, contradictory or missing signals give no recommendation', () => {
  const { signal } = input()
  expect(recommend(input({ signal: { ...signal, market: [trend(0.2)] } }))).toBeUndefined()
  expect(recommend(input({ signal: { ...signal, market: [] } }))).toBeUndefined()
  expect(recommend(input({ signal: { ...signal, posts: posts(-0.9), market: [trend(0.9)] } }))).toBeUndefined()
})

test('posts count by their distance from what they usually say, and not at all while that is unknown', () => {
  const usual = recommend(input({ signal: { ...input().signal, posts: posts(0.1) } }))
  expect(usual?.reasons.find((reason) => reason.factor === 'posts')?.score).toBeCloseTo(0)
  const unknown = recommend(
    input({ baseline: { mean: 0, count: 9 }, signal: { ...input().signal, posts: posts(0.9) } }),
  )
  expect(unknown?.reasons.map((reason) => reason.factor)).toEqual(['trend'])
})

test('what Learning found out changes weight and confidence', () => {
  const parameters = {
    version: 4,
    factorWeights: { trend: 0.5 },
    setupBias: { trend: -0.2 },
    symbolBias: { AAPL: -0.15 },
  }
  const recommendation = recommend(input({ parameters }))
  expect(recommendation?.confidence).toBeCloseTo(0.65)
  expect(recommendation?.reasons[0]?.weight).toBeCloseTo(0.4)
  expect(
    recommend(
      input({
        parameters: { ...parameters, symbolBias: { AAPL: -0.2, MSFT: 0.2 }, setupBias: { trend: -0.21 + 0.01 } },
      }),
    )?.confidence,
  ).toBeCloseTo(0.6)
})

test('no level is made up where prices or ranges are missing or not finite', () => {
  for (const broken of [{ atr: undefined }, { atr: Number.NaN }, { close: 0 }, { close: Number.NaN }]) {
    expect(recommend(input({ indicators: { ...indicators, ...broken } as Indicators }))).toBeUndefined()
  }
})
