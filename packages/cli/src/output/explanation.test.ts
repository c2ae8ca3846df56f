import type { ModelBasis } from '@tradeswarm/agents'
import { expect, test } from 'vitest'
import type { Explanation } from '../runs/explain-order.js'
import { renderExplanation } from './explanation.js'

const basis: ModelBasis = {
  origin: 'model',
  uses: [
    { part: 'reader', model: 'openai.responses:gpt-5-nano', prompt: 'reader@1' },
    { part: 'reasoner', model: 'openai.responses:gpt-5-mini', prompt: 'reasoner@1' },
  ],
  costUsd: '0.000560417',
  briefHash: 'b'.repeat(64),
  rationaleHash: 'c'.repeat(64),
  scenarios: {
    base: { probability: 0.5, returnPercent: 1 },
    bull: { probability: 0.3, returnPercent: 5 },
    bear: { probability: 0.2, returnPercent: -4 },
  },
  expectedReturn: 0.012,
  rewardToRisk: 2.5,
  sections: ['trend', 'readings'],
  posts: [],
}

function explanation(model: ModelBasis, rationale?: string): Explanation {
  const message = { id: 'message-1', time: 0, publisher: 'analyst' }
  return {
    order: {
      orderId: 'order-1',
      purpose: 'entry',
      correlationId: 'message-0',
      time: 0,
      request: { side: 'buy', quantity: '1', symbol: 'AAPL', type: 'limit', timeInForce: 'day' },
    },
    permit: { findings: [], warnings: [] },
    happenings: [],
    bookings: [],
    siblings: [],
    recommendation: { ...message, payload: { reasons: [], model } },
    ...(rationale === undefined ? {} : { rationale }),
    posts: [
      {
        source: 'reddit',
        id: 'p1',
        at: '2014-01-02T00:00:00.000Z',
        share: 1,
        score: 0.5,
        confidence: 0.5,
        synthetic: false,
        reading: { relevance: 'about', stance: 'bullish', strength: 0.7, certainty: 0.6, kind: 'news', event: 'none' },
        text: 'up',
      },
    ],
  } as unknown as Explanation
}

test('the chain of an order names models, prompts, cost, scenarios and reasons, and what was made of each post', () => {
  const lines = renderExplanation(explanation(basis, 'Trend is up.\u001b[2J'))
  const text = lines.join('\n')
  for (const part of [
    'Models  the recommendation is theirs',
    'reader      openai.responses:gpt-5-nano, prompt reader@1',
    'reasoner    openai.responses:gpt-5-mini, prompt reasoner@1',
    'cost 0.000560417 USD, brief bbbbbbbbbbbb',
    'scenarios base 50.0 % for 1.000 %, bull 30.0 % for 5.000 %, bear 20.0 % for -4.000 %',
    'expected return 1.2 %, reward to risk 2.500, on trend, readings',
    '"up", read as bullish 0.700 × 0.600 (news, about)',
  ])
    expect(text).toContain(part)
  expect(text).toContain('Trend is up.')
  expect(text).not.toContain('\u001b')
})

test('where the rules decided it says why the answer was not taken', () => {
  const { costUsd: _cost, scenarios: _scenarios, rationaleHash: _hash, ...rest } = basis
  const lines = renderExplanation(explanation({ ...rest, origin: 'rules', fault: 'made-up-number', sections: [] }))
  expect(lines).toContain('Models  the rules decided, since the answer was not taken: made-up-number')
  expect(lines.join('\n')).toContain('cost not known')
  expect(lines.join('\n')).not.toContain('scenarios')
})
