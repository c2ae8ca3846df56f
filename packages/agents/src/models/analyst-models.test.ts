import type { LanguageModelV4, LanguageModelV4CallOptions, LanguageModelV4GenerateResult } from '@ai-sdk/provider'
import { createJsonLogger, createSeededRandom } from '@tradeswarm/core'
import { createSimulatedClock } from '@tradeswarm/testing'
import { describe, expect, test } from 'vitest'
import { analystModelConfig } from './analyst-model-config.js'
import { createAnalystModels } from './analyst-models.js'
import type { Brief } from './brief.js'

const start = Date.UTC(2026, 0, 5)

const brief: Brief = {
  symbol: 'AAPL',
  price: { close: 100 },
  patterns: [],
  correlations: [],
  rules: { action: 'none' },
  portfolio: { heldPercent: 0, freeCashPercent: 100, openPositions: 0 },
}

const reading = { relevance: 'about', stance: 'bullish', strength: 1, certainty: 1, kind: 'news', event: 'none' }
const opinion = {
  symbol: 'AAPL',
  action: 'none',
  score: 0,
  confidence: 0.5,
  scenarios: {
    base: { probability: 0.5, returnPercent: 1 },
    bull: { probability: 0.25, returnPercent: 2 },
    bear: { probability: 0.25, returnPercent: -2 },
  },
  evidence: ['price'],
  rationale: 'Nothing speaks for it.',
}

/** A model that answers all items of a call with one answer, or does what the test says. */
function modelOf(
  answer: unknown,
  instead?: (options: LanguageModelV4CallOptions) => PromiseLike<LanguageModelV4GenerateResult>,
) {
  const calls: LanguageModelV4CallOptions[] = []
  const model: LanguageModelV4 = {
    specificationVersion: 'v4',
    provider: 'scripted',
    modelId: 'gpt-5-mini',
    supportedUrls: {},
    async doGenerate(options) {
      calls.push(options)
      if (instead !== undefined) return instead(options)
      const user = options.prompt.find(({ role }) => role === 'user')?.content as readonly { readonly text: string }[]
      const items = JSON.parse(user[0]?.text ?? '') as readonly { readonly id: string }[]
      const text = JSON.stringify({ answers: items.map(({ id }) => ({ id, answer })) })
      return {
        content: [{ type: 'text', text }],
        finishReason: { unified: 'stop', raw: 'stop' },
        usage: {
          inputTokens: { total: 1_000, noCache: 1_000, cacheRead: 0, cacheWrite: 0 },
          outputTokens: { total: 100, text: 100, reasoning: 0 },
        },
        warnings: [],
      }
    },
    doStream: () => Promise.reject(new Error('not streamed')),
  }
  return { model, calls }
}

const posts = ['up', 'down', 'flat'].map((text, index) => ({ symbol: 'AAPL', source: 's', id: `p${index}`, text }))

function models(model: LanguageModelV4, options: { readonly isRealTime?: boolean; readonly config?: object } = {}) {
  const clock = createSimulatedClock({ start })
  const { isRealTime = false, config = {} } = options
  const log: string[] = []
  const created = createAnalystModels({
    model,
    config: analystModelConfig.parse(config),
    clock,
    random: createSeededRandom(1),
    logger: createJsonLogger({ clock, write: (line) => log.push(line) }),
    isRealTime,
  })
  return { created, clock, log }
}

describe('the models', () => {
  test('are asked about all posts of a symbol in one call, and about a post once', async () => {
    const { model, calls } = modelOf(reading)
    const { created } = models(model)
    const first = await created.readPosts(posts)
    expect(first.readings).toHaveLength(3)
    // 1,000 × 0.25 + 100 × 2 millionths of a dollar.
    expect(first.costUsd).toBe('0.00045')
    expect(await created.readPosts(posts)).toMatchObject({ readings: first.readings, costUsd: '0' })
    expect(calls).toHaveLength(1)
    expect(created.statistics()).toMatchObject({ calls: 1, costUsd: '0.00045', posts: { asked: 6, accepted: 6 } })
  })

  test('are never asked about posts of two symbols at once', async () => {
    const { model, calls } = modelOf(reading)
    await models(model).created.readPosts([...posts, { symbol: 'MSFT', source: 's', id: 'm', text: 'up' }])
    expect(calls).toHaveLength(2)
  })

  test('are sent no option that nobody asked for, and those that somebody did', async () => {
    const plain = modelOf(opinion)
    await models(plain.model).created.formOpinions('2026-01-05', [brief])
    for (const name of ['temperature', 'maxOutputTokens', 'tools', 'toolChoice', 'topP', 'seed'])
      expect(plain.calls[0]).not.toHaveProperty(name)
    const asked = modelOf(opinion)
    const config = { call: { temperature: 0, maxOutputTokens: 300 } }
    await models(asked.model, { config }).created.formOpinions('2026-01-05', [brief])
    expect(asked.calls[0]).toMatchObject({ temperature: 0, maxOutputTokens: 300 })
  })

  test('whose text was erased are not asked about it', async () => {
    const { model, calls } = modelOf(reading)
    const answer = await models(model).created.readPosts([{ symbol: 'A', source: 's', id: 'x', text: undefined }])
    expect(answer).toMatchObject({ readings: [], rejected: [{ id: 'x', fault: 'text-erased' }] })
    expect(calls).toHaveLength(0)
  })

  test('that have no price are counted as such, and no cost is made up', async () => {
    const { model } = modelOf(reading)
    const { created, log } = models({ ...model, modelId: 'my-own' })
    expect(await created.readPosts(posts)).not.toHaveProperty('costUsd')
    expect(created.statistics()).toMatchObject({ unpriced: 1, costUsd: '0' })
    expect(log.map((line) => JSON.parse(line))).toMatchObject([
      {
        level: 'warn',
        model: 'my-own',
        message: expect.stringMatching(/give its price under config.analyst.model.prices/),
      },
    ])
  })

  test('that are late are not waited for in real time', async () => {
    const { model } = modelOf(reading, () => new Promise(() => undefined))
    const { created, clock } = models(model, { isRealTime: true, config: { deadlineMs: 5_000 } })
    const reads = created.readPosts(posts)
    await clock.advance(5_000)
    expect((await reads).rejected.map(({ fault }) => fault)).toEqual(['late', 'late', 'late'])
    const forms = created.formOpinions('2026-01-05', [brief])
    await clock.advance(5_000)
    expect((await forms).rejected).toEqual([{ symbol: 'AAPL', part: 'reasoner', fault: 'late' }])
  })

  test('that throw whatever they like lead to a word for it, and to nothing of what they threw', async () => {
    const secret = new Error('Incorrect API key provided: sk-canary')
    const { model } = modelOf(reading, () => Promise.reject(secret))
    const { created, log } = models(model)
    const answer = await created.readPosts(posts)
    expect(JSON.stringify([answer, log])).not.toContain('canary')
    expect(log.map((line) => JSON.parse(line))).toMatchObject([{ level: 'warn', part: 'reader', code: 'Error' }])
    expect(answer.rejected.map(({ fault }) => fault)).toEqual(['failed', 'failed', 'failed'])
  })

  test('need a price for a debate, whose money could not be bounded otherwise', () => {
    const { model } = modelOf(opinion)
    const config = { debate: { rounds: 1, usdPerDay: '1' } }
    expect(() => models({ ...model, modelId: 'my-own' }, { config })).toThrow(
      expect.objectContaining({ code: 'MODEL_PRICE_UNKNOWN' }),
    )
  })
})
