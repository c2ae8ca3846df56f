import { APICallError, type LanguageModelV4CallOptions } from '@ai-sdk/provider'
import { wrapLanguageModel } from 'ai'
import { expect, test } from 'vitest'
import { callContext } from '../call-context.js'
import { createPriceTable } from '../prices/price-table.js'
import {
  answerOf,
  partsIn,
  partsOf,
  promptOf,
  scriptedModel,
  streamOf,
  usageOf,
} from '../testing-support/scripted-model.test-support.js'
import { createBudget } from './budget.js'
import { budgetMiddleware } from './budget-middleware.js'

const price = {
  input: '1',
  cacheRead: '0.1',
  cacheWrite: '1.25',
  output: '10',
  maximumOutputTokens: 1_000,
  contextTokens: 10_000,
  source: 'test',
  date: '2026-01-01',
}

function world(script: Parameters<typeof scriptedModel>[0], usdPerDay: string) {
  const model = scriptedModel(script)
  const budget = createBudget({ usdPerDay, agents: { analyst: { usdPerDay } } })
  const middleware = budgetMiddleware(budget, createPriceTable({ 'm-1': price }))
  const bounded = wrapLanguageModel({ model, middleware })
  const options = (more: Partial<LanguageModelV4CallOptions> = {}) => ({ prompt: promptOf('a'), ...more })
  return {
    model,
    used: (account = 'swarm') => budget.status().find((line) => line.account === account)?.usedUsd,
    ask: (more?: Partial<LanguageModelV4CallOptions>) => bounded.doGenerate(options(more)),
    stream: async (more?: Partial<LanguageModelV4CallOptions>) => (await bounded.doStream(options(more))).stream,
  }
}

test('a call costs what its tokens cost, each kind at its own price', async () => {
  const usage = {
    inputTokens: { total: 1_000, noCache: 100, cacheRead: 600, cacheWrite: 300 },
    outputTokens: { total: 50, text: 20, reasoning: 30 },
  }
  const { ask, used } = world({ generate: async () => answerOf('yes', { usage }) }, '1')
  await ask({ providerOptions: callContext({ agent: 'analyst' }) })
  // (100 × 1 + 600 × 0.1 + 300 × 1.25 + 50 × 10) / 1,000,000
  expect([used(), used('agent analyst')]).toEqual(['0.001035', '0.001035'])
})

test('a call without room goes nowhere; a bound on its output makes room', async () => {
  const { ask, model, used } = world({}, '0.005')
  await expect(ask()).rejects.toThrow(/set maxOutputTokens/)
  expect(model.calls).toHaveLength(0)
  expect(used()).toBe('0')
  await ask({ maxOutputTokens: 100 })
  expect(model.calls).toHaveLength(1)
})

test('a call of a model without a price goes nowhere', async () => {
  const model = scriptedModel({})
  const middleware = budgetMiddleware(createBudget({ usdPerDay: 1 }), createPriceTable())
  await expect(wrapLanguageModel({ model, middleware }).doGenerate({ prompt: promptOf('a') })).rejects.toMatchObject({
    code: 'MODEL_PRICE_UNKNOWN',
  })
  expect(model.calls).toHaveLength(0)
})

test('a refusal costs nothing; an end that nobody knows costs the worst', async () => {
  const refusal = new APICallError({ message: 'slow down', url: 'u', requestBodyValues: {}, statusCode: 429 })
  const refused = world({ generate: () => Promise.reject(refusal) }, '1')
  await expect(refused.ask()).rejects.toThrow('slow down')
  expect(refused.used()).toBe('0')
  const lost = world({ generate: () => Promise.reject(new Error('socket hang up')) }, '1')
  await expect(lost.ask({ maxOutputTokens: 1_000 })).rejects.toThrow('hang up')
  expect(Number(lost.used())).toBeGreaterThan(0.01)
  const untold = world(
    {
      generate: async () =>
        answerOf('yes', {
          usage: { ...usageOf(1, 1), outputTokens: { total: undefined, text: undefined, reasoning: undefined } },
        }),
    },
    '1',
  )
  await untold.ask()
  expect(Number(untold.used())).toBeGreaterThan(0.01)
})

test('a stream settles with its finish; cut, cancelled or without one it counts at its worst', async () => {
  const whole = world({}, '1')
  await partsIn(await whole.stream())
  expect(whole.used()).toBe('0.00006')
  const endless = world({ stream: () => streamOf(partsOf('yes').slice(0, -1)) }, '1')
  await partsIn(await endless.stream())
  expect(Number(endless.used())).toBeGreaterThan(0.01)
  const cancelled = world({}, '1')
  await (await cancelled.stream()).cancel()
  expect(Number(cancelled.used())).toBeGreaterThan(0.01)
  const cut = world(
    { stream: () => new ReadableStream({ start: (controller) => controller.error(new Error('cut')) }) },
    '1',
  )
  await expect(partsIn(await cut.stream())).rejects.toThrow('cut')
  expect(Number(cut.used())).toBeGreaterThan(0.01)
})

test('prices that make no sense are named', () => {
  expect(() => createPriceTable({ x: { ...price, input: '1e3' } })).toThrow(/prices\["x"\].input/)
  expect(() => createPriceTable({ x: { ...price, output: '-1' } })).toThrow(/prices\["x"\].output is -1/)
  expect(() => createPriceTable({ x: { ...price, contextTokens: 0 } })).toThrow(/contextTokens is 0/)
})
