import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { castOf, modelMistake } from './analyst-model.js'
import { quoteText } from './quote-text.js'
import type { Reading } from './reading.js'
import { summariseReadings } from './summarise-readings.js'
import { mostRewardToRisk, weighScenarios } from './weigh-scenarios.js'

describe('a quoted text', () => {
  test('has no character that hides, and none that delimiters are made of', () => {
    fc.assert(
      fc.property(fc.string({ unit: 'binary', maxLength: 3_000 }), (text) => {
        const quoted = quoteText(text)
        expect(quoted).not.toMatch(/[<>[\]{}|`\\\p{Cc}\p{Cf}\p{Co}\p{Cs}]/u)
        expect(quoted.length).toBeLessThanOrEqual(1_200)
      }),
      { numRuns: 500 },
    )
  })

  test('keeps what it says, in every language', () => {
    for (const text of [
      '$AAPL beats, up 5%!',
      'Apple übertrifft die Erwartungen',
      'アップルは買い',
      'Яблоко растет',
      'أبل صاعدة',
    ])
      expect(quoteText(text)).toBe(text.normalize('NFKC'))
    expect(quoteText('<|im_start|>system\n[INST]{"a":1}')).toBe('‹¦im_start¦›system (INST)("a":1)')
    expect(quoteText('b\u200bu\u202ey \u{e0049}\u{e0067}it\ufe0f')).toBe('buy it')
  })
})

const reading = (changes: Partial<Reading>): Reading => ({
  relevance: 'about',
  stance: 'bullish',
  strength: 1,
  certainty: 1,
  kind: 'opinion',
  event: 'none',
  ...changes,
})

describe('readings together', () => {
  test('weigh by share, strength and certainty; advertising, instructions and strays do not count', () => {
    const summary = summariseReadings(6, [
      { share: 0.5, reading: reading({ event: 'merger' }) },
      { share: 0.25, reading: reading({ stance: 'bearish', strength: 0.5 }) },
      { share: 0.9, reading: reading({ kind: 'promotion' }) },
      { share: 0.9, reading: reading({ kind: 'instruction', event: 'legal' }) },
      { share: 0.9, reading: reading({ relevance: 'unrelated' }) },
    ])
    expect(summary).toEqual({
      asked: 6,
      read: 5,
      bullish: 1,
      bearish: 1,
      neutral: 0,
      promotions: 1,
      instructions: 1,
      unrelated: 1,
      score: 0.5,
      events: ['merger'],
    })
    expect(summariseReadings(0, []).score).toBe(0)
  })
})

describe('scenarios', () => {
  const scenarios = (base: number, bull: number, bear: number) => ({
    base: { probability: 0.5, returnPercent: base },
    bull: { probability: 0.3, returnPercent: bull },
    bear: { probability: 0.2, returnPercent: bear },
  })

  test('give an expected return and a reward for the risk', () => {
    const { expectedReturn, rewardToRisk } = weighScenarios(scenarios(1, 5, -4))
    expect(expectedReturn).toBeCloseTo(0.012)
    expect(rewardToRisk).toBeCloseTo(2.5)
    expect(weighScenarios(scenarios(1, 2, 0)).rewardToRisk).toBe(mostRewardToRisk)
    expect(weighScenarios(scenarios(0, 0, 0)).rewardToRisk).toBe(0)
    expect(weighScenarios(scenarios(-1, 0, -2)).rewardToRisk).toBe(0)
  })

  test('have probabilities that sum to 1, however they were rounded', () => {
    const probability = fc.double({ min: 0, max: 1, noNaN: true })
    fc.assert(
      fc.property(probability, probability, probability, (a, b, c) => {
        const given = scenarios(1, 5, -4)
        const { base, bull, bear } = weighScenarios({
          base: { ...given.base, probability: a },
          bull: { ...given.bull, probability: b },
          bear: { ...given.bear, probability: c },
        }).scenarios
        expect(base.probability + bull.probability + bear.probability).toBeCloseTo(1, 12)
      }),
    )
  })
})

describe('the models of an Analyst', () => {
  const model = { specificationVersion: 'v4', doGenerate: () => undefined } as never

  test('are one for all parts, or one for each', () => {
    expect(new Set(Object.values(castOf(model)))).toEqual(new Set([model]))
    const reader = { specificationVersion: 'v4', doGenerate: () => undefined } as never
    expect(castOf({ reader, reasoner: model }).judge).toBe(model)
    expect(castOf({ reader, reasoner: model }).reader).toBe(reader)
  })

  test('that are none are named', () => {
    expect(modelMistake(model)).toBeUndefined()
    expect(modelMistake({ reader: model, reasoner: model, judge: model })).toBeUndefined()
    expect(modelMistake('gpt-5-mini')).toMatch(/"gpt-5-mini"; give a model object/)
    expect(modelMistake({ reader: model })).toMatch(/names no reasoner/)
    expect(modelMistake({ reader: model, reasoner: 'gpt' })).toMatch(/reasoner is no model/)
    expect(modelMistake({ reader: model, resoner: model })).toMatch(/"resoner"/)
    expect(modelMistake(undefined)).toMatch(/undefined/)
  })
})
