import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { type Brief, brief as briefSchema } from './brief.js'
import { checkOpinion } from './check-opinion.js'
import { numbersInText } from './numbers-in-text.js'
import { type Opinion, opinion as opinionSchema } from './opinion.js'

const brief: Brief = briefSchema.parse({
  symbol: 'BTC-USDT',
  price: { close: 97.46, sma50: 90.1, aboveSma50Percent: 8.17, atr: 2.31, atrPercent: 2.37, rsi: 71.4 },
  readings: {
    asked: 8,
    read: 8,
    bullish: 5,
    bearish: 2,
    neutral: 1,
    promotions: 0,
    instructions: 0,
    unrelated: 0,
    score: 0.213,
    events: ['earnings'],
  },
  trend: 0.42,
  patterns: [],
  correlations: [{ with: 'ETH-USDT', value: 0.83 }],
  rules: { action: 'enter-long', score: 0.377, confidence: 0.81 },
  portfolio: { heldPercent: 0, freeCashPercent: 64.2, openPositions: 3 },
})

const sound: Opinion = opinionSchema.parse({
  symbol: 'BTC-USDT',
  action: 'enter-long',
  score: 0.4,
  confidence: 0.7,
  scenarios: {
    base: { probability: 0.55, returnPercent: 2 },
    bull: { probability: 0.25, returnPercent: 9 },
    bear: { probability: 0.2, returnPercent: -6 },
  },
  evidence: ['trend', 'readings'],
  rationale: 'The close of 97.46 is 8.2% above the SMA50, and five of eight posts are bullish.',
})
const saying = (rationale: string) => checkOpinion(brief, { ...sound, rationale })

test('a sound opinion is taken', () => {
  expect(checkOpinion(brief, sound)).toBeUndefined()
})

describe('a number in the rationale', () => {
  test.each([
    'RSI(14) stands at 71.4, near 71, above 70.',
    'Trend is 0.42, or 42 %.',
    'It fell by -6% in the bear case, which has 20% probability.',
    'The range is 90.1-97.46, and ATR 2.31 is 2.4% of it.',
    'Correlation with ETH-USDT is 0.83; ETH moves alike.',
    'Free cash is 64% of equity with three positions open.',
    'The rules score 0.38 (0.377).',
    'RSI is above 70, and far from 30.',
    'The case unfolds as before.',
  ])('that was given, rounded or as per cent, is known: %s', (text) => {
    expect(saying(text)).toBeUndefined()
  })

  test.each([
    'Revenue grew 37%.',
    'It will reach 120.',
    'RSI stands at 72.',
    'The trend is 0.45.',
    'A close of 97.4 was seen.',
    'Buy 1000 shares.',
    'Buy 1,000 shares.',
    'Volume was 3.2e6.',
    'It is worth $50k.',
    'In Q3 it beat.',
    'A hundred posts agree.',
    'Twelve posts agree.',
    'Thirteen posts agree.',
    'Nineteen analysts agree.',
    'It has doubled since.',
    'A threefold gain is near.',
    'Twice as much will come.',
    // Numbers of the prompt are levels and periods, and nothing that may be gained.
    'It will gain 30%.',
    'It will gain 50 %.',
    'It will gain 30 per cent.',
    'It will gain fifty percent.',
    'It doubled: double the score.',
    'Up 8.17.3 points.',
    'SMA200 is rising.',
    'The trend of 0.42x.',
  ])('that was not is made up: %s', (text) => {
    expect(saying(text)).toBe('made-up-number')
  })

  test('is off by half a unit of its last digit at most, and is never rounded away', () => {
    expect(saying('ATR is 2.3.')).toBeUndefined()
    expect(saying('ATR is 2.')).toBeUndefined() // two posts are bearish
    expect(saying('The rules score 0.4, the readings 0.21.')).toBeUndefined()
    expect(saying('Readings score 0.2.')).toBeUndefined() // the probability of bear
    expect(checkOpinion({ ...brief, trend: 0.004 }, { ...sound, rationale: 'Trend is 0.00.' })).toBeUndefined() // 0 promotions
    const { readings: _, ...others } = brief
    const bare = { ...others, portfolio: { ...brief.portfolio, heldPercent: 7 } }
    const opinion: Opinion = { ...sound, evidence: ['trend'], rationale: 'Trend is 0.' }
    expect(checkOpinion(bare, opinion)).toBe('made-up-number')
  })

  test('in other digits or hidden characters makes it unreadable', () => {
    for (const text of ['Up ９７ points', 'Up 97\u202e', 'zero\u200bwidth', 'line\nbreak', '\u001b[2J', 'ру́сский'])
      expect(saying(text)).toBe('unreadable-rationale')
  })
})

describe('what does not fit together is not taken', () => {
  test.each<readonly [Partial<Opinion>, string]>([
    [{ symbol: 'ETH-USDT' }, 'wrong-symbol'],
    [{ action: 'exit-long' }, 'inconsistent'],
    [{ score: 0 }, 'inconsistent'],
    [{ scenarios: { ...sound.scenarios, bear: { probability: 0.2, returnPercent: 3 } } }, 'inconsistent'],
    [{ scenarios: { ...sound.scenarios, bear: { probability: 0.3, returnPercent: -6 } } }, 'probabilities'],
    [{ scenarios: { ...sound.scenarios, bear: { probability: 0.18, returnPercent: -6 } } }, 'probabilities'],
    [{ evidence: ['posts'] }, 'no-such-evidence'],
    [{ evidence: ['patterns'] }, 'no-such-evidence'],
    [{ rationale: 'Sell NVDA and hold this.' }, 'unknown-symbol'],
    [{ rationale: 'Better than $doge by far.' }, 'unknown-symbol'],
    [{ rationale: 'IGNORE the limits.' }, 'unknown-symbol'],
  ])('%j', (changes, fault) => {
    expect(checkOpinion(brief, { ...sound, ...changes })).toBe(fault)
  })
})

test('probabilities may be off by 0.01, for rounding', () => {
  const scenarios = { ...sound.scenarios, bear: { probability: 0.21, returnPercent: -6 } }
  expect(checkOpinion(brief, { ...sound, scenarios, rationale: 'All is well.' })).toBeUndefined()
})

test('whatever number a rationale names, it is taken only if it stands for one that was given', () => {
  const given = [97.46, 90.1, 8.17, 2.31, 2.37, 71.4, 0.42, 42, 0.83, 83, 0.377, 37.7, 0.81, 81, 64.2]
  fc.assert(
    fc.property(fc.integer({ min: 101, max: 1_000_000 }), (number) => {
      expect(saying(`It is ${number}.`)).toBe('made-up-number')
    }),
  )
  fc.assert(
    fc.property(fc.constantFrom(...given), fc.integer({ min: 2, max: 4 }), (number, decimals) => {
      expect(saying(`It is ${number.toFixed(decimals)}.`)).toBeUndefined()
    }),
  )
})

test('any text can be read for numbers', () => {
  fc.assert(fc.property(fc.string({ unit: 'binary' }), (text) => void numbersInText(text)))
})
