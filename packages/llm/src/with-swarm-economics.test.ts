import { createAnthropic } from '@ai-sdk/anthropic'
import { createOpenAI } from '@ai-sdk/openai'
import type { LanguageModelV4 } from '@ai-sdk/provider'
import { createSeededRandom } from '@tradeswarm/core'
import {
  createFakeAnthropic,
  createFakeOpenAi,
  type FakeModelOptions,
  type FakeModelServer,
} from '@tradeswarm/testing/fakes'
import { generateText, Output, streamText } from 'ai'
import { afterEach, describe, expect, test } from 'vitest'
import { z } from 'zod'
import { callContext } from './call-context.js'
import { promptOf } from './testing-support/scripted-model.test-support.js'
import { type SwarmEconomicsOptions, withSwarmEconomics } from './with-swarm-economics.js'

const servers: FakeModelServer[] = []
afterEach(async () => {
  await Promise.all(servers.splice(0).map((server) => server.close()))
})

type Provider = { readonly server: FakeModelServer; readonly model: LanguageModelV4 }

async function openAi(options?: FakeModelOptions): Promise<Provider> {
  const server = await createFakeOpenAi(options)
  servers.push(server)
  return { server, model: createOpenAI({ baseURL: server.baseUrl, apiKey: 'test-key' })('gpt-5-mini') }
}

async function openAiChat(options?: FakeModelOptions): Promise<Provider> {
  const server = await createFakeOpenAi(options)
  servers.push(server)
  return { server, model: createOpenAI({ baseURL: server.baseUrl, apiKey: 'test-key' }).chat('gpt-5-mini') }
}

async function anthropic(options?: FakeModelOptions): Promise<Provider> {
  const server = await createFakeAnthropic(options)
  servers.push(server)
  return { server, model: createAnthropic({ baseURL: server.baseUrl, apiKey: 'test-key' })('claude-haiku-4-5') }
}

/** Waits are over at once: the test is not about how long they take. */
const quick: SwarmEconomicsOptions = {
  random: createSeededRandom(1),
  clock: {
    now: () => 1_767_225_600_000,
    at(time, callback) {
      // Time-outs are set far ahead, and none of these tests waits for one.
      if (time - 1_767_225_600_000 > 60_000) return () => undefined
      let isOff = false
      queueMicrotask(() => {
        if (!isOff) void callback()
      })
      return () => {
        isOff = true
      }
    },
  },
}
const maxRetries = 0

describe.each([
  ['OpenAI responses', openAi],
  ['OpenAI chat completions', openAiChat],
  ['Anthropic', anthropic],
])('over %s', (_, provider) => {
  test('an answer is billed once, whole and streamed', async () => {
    const { server, model } = await provider({ answer: ({ user }) => `you said ${user}` })
    const economic = withSwarmEconomics(model, quick)
    const ask = async () => (await generateText({ model: economic, prompt: 'hello', maxRetries })).text
    expect([await ask(), await ask()]).toEqual(['you said hello', 'you said hello'])
    expect(server.seen).toHaveLength(1)
    const stream = async () => streamText({ model: economic, prompt: 'hello', maxRetries }).text
    expect([await stream(), await stream()]).toEqual(['you said hello', 'you said hello'])
    expect(server.seen).toHaveLength(2)
    expect(economic.economics().cache).toMatchObject({ calls: 4, misses: 2, hits: { memory: 2 } })
  })

  test('an object in its schema is stored, one outside is not', async () => {
    const schema = z.object({ score: z.number() })
    let text = '{"score":"high"}'
    const { server, model } = await provider({ answer: () => text })
    const economic = withSwarmEconomics(model, quick)
    const ask = () =>
      generateText({ model: economic, output: Output.object({ schema }), prompt: 'score it', maxRetries })
    await expect(ask()).rejects.toThrow()
    text = '{"score":1}'
    expect((await ask()).output).toEqual({ score: 1 })
    expect((await ask()).output).toEqual({ score: 1 })
    expect(server.seen).toHaveLength(2)
    expect(server.seen.every(({ wantsJson }) => wantsJson)).toBe(true)
  })

  test.each([429, 500, 503, 529])('status %i is tried again', async (status) => {
    const { server, model } = await provider()
    server.fail({ kind: 'status', status, retryAfterSeconds: 1, times: 2 })
    expect((await generateText({ model: withSwarmEconomics(model, quick), prompt: 'a', maxRetries })).text).toBe('ok')
    expect(server.seen.map((request) => request.status)).toEqual([status, status, 200])
  })

  test.each([400, 401, 403, 413])('status %i is not, nor is another model asked', async (status) => {
    const [first, second] = await Promise.all([provider(), openAi()])
    first.server.fail({ kind: 'status', status })
    const economic = withSwarmEconomics(first.model, { ...quick, fallback: [second.model] })
    await expect(generateText({ model: economic, prompt: 'a', maxRetries })).rejects.toMatchObject({
      statusCode: status,
    })
    expect([first.server.seen.length, second.server.seen.length]).toEqual([1, 0])
  })

  test('a connection that breaks and a body that is none are tried again', async () => {
    const { server, model } = await provider()
    server.fail({ kind: 'cut' })
    server.fail({ kind: 'garbage' })
    expect((await generateText({ model: withSwarmEconomics(model, quick), prompt: 'a', maxRetries })).text).toBe('ok')
    expect(server.seen).toHaveLength(3)
  })

  test('a stream that breaks before its first word is tried again, one that has begun is not', async () => {
    const { server, model } = await provider({ answer: () => 'a long answer, in more than one piece' })
    const economic = withSwarmEconomics(model, { ...quick, cache: false })
    const read = async () => {
      const { stream } = await economic.doStream({ prompt: promptOf('a') })
      let text = ''
      for await (const part of stream) {
        if (part.type === 'text-delta') text += part.delta
        if (part.type === 'error') throw part.error
      }
      return text
    }
    server.fail({ kind: 'cut' })
    server.fail({ kind: 'cut', afterPieces: 1 })
    expect(await read()).toBe('a long answer, in more than one piece')
    expect(server.seen).toHaveLength(3)
    server.fail({ kind: 'cut', afterPieces: 5 })
    await read().then(
      (text) => expect(text).not.toBe('a long answer, in more than one piece'),
      () => undefined,
    )
    expect(server.seen).toHaveLength(4)
  })

  test('a refusal, a cut answer and a filtered one are given as they are, and not stored', async () => {
    for (const finish of ['length', 'content-filter', 'refusal'] as const) {
      const { server, model } = await provider({ answer: () => ({ text: 'no', finish }) })
      const economic = withSwarmEconomics(model, quick)
      const results = [
        await generateText({ model: economic, prompt: 'a', maxRetries }),
        await generateText({ model: economic, prompt: 'a', maxRetries }),
      ]
      expect(
        results.map(({ finishReason }) => finishReason),
        finish,
      ).not.toContain('stop')
      expect(server.seen, finish).toHaveLength(2)
    }
  })

  test('usage that the provider tells is what the budget books', async () => {
    const { server, model } = await provider()
    const price = {
      input: '1',
      output: '10',
      maximumOutputTokens: 1_000,
      contextTokens: 10_000,
      source: 'test',
      date: '2026-01-01',
    }
    const economic = withSwarmEconomics(model, {
      ...quick,
      budget: { usdPerDay: 1 },
      prices: { [model.modelId]: price },
    })
    await generateText({
      model: economic,
      prompt: 'hello',
      providerOptions: callContext({ agent: 'analyst' }),
      maxRetries,
    })
    const { input, output } = server.billed()
    expect(economic.economics().budget).toMatchObject([
      { account: 'swarm', usedUsd: String((input + 10 * output) / 1e6) },
    ])
  })

  test('neither options that nobody set nor our own context go out', async () => {
    const { server, model } = await provider()
    await generateText({
      model: withSwarmEconomics(model, quick),
      prompt: 'a',
      providerOptions: callContext({ agent: 'analyst' }),
      maxRetries,
    })
    const body = JSON.stringify(server.seen[0]?.body)
    expect(body).not.toContain('temperature')
    expect(body).not.toContain('analyst')
    expect(server.seen[0]?.body['max_output_tokens']).toBeUndefined()
  })
})

describe('several models', () => {
  test('the next answers for one that is down; its answer is stored as its own, and the breaker puts it first', async () => {
    const [first, second] = await Promise.all([
      openAi({ answer: () => 'first' }),
      anthropic({ answer: () => 'second' }),
    ])
    first.server.fail({ kind: 'status', status: 529, times: 30 })
    const steps: unknown[] = []
    const economic = withSwarmEconomics(first.model, {
      ...quick,
      fallback: [second.model],
      onStep: (step) => steps.push(step),
    })
    const ask = async (prompt: string) => (await generateText({ model: economic, prompt, maxRetries })).text
    for (const prompt of ['a', 'b', 'c', 'd', 'e', 'f']) expect(await ask(prompt)).toBe('second')
    expect(steps[0]).toEqual({
      from: 'openai.responses:gpt-5-mini',
      to: 'anthropic.messages:claude-haiku-4-5',
      why: 'failed',
    })
    // Ten failures open the breaker; after that nobody waits for what is down.
    expect(first.server.seen.length).toBeLessThan(12)
    expect(second.server.seen).toHaveLength(6)
    expect(await ask('a')).toBe('second')
    expect(second.server.seen).toHaveLength(6)
  })

  test('a cheap one is asked first, and a dear one when its answer will not do', async () => {
    const cheap = await openAi({
      answer: ({ user }) => JSON.stringify({ confidence: user.includes('hard') ? 0.2 : 0.9 }),
    })
    const dear = await anthropic({ answer: () => JSON.stringify({ confidence: 0.99 }) })
    const economic = withSwarmEconomics(cheap.model, {
      ...quick,
      fallback: [dear.model],
      isConfident: ({ content }) =>
        content.some((part) => part.type === 'text' && JSON.parse(part.text).confidence > 0.5),
    })
    const ask = async (prompt: string) =>
      JSON.parse((await generateText({ model: economic, prompt, maxRetries })).text).confidence
    expect([await ask('easy'), await ask('hard')]).toEqual([0.9, 0.99])
    expect([cheap.server.seen.length, dear.server.seen.length]).toEqual([2, 1])
    dear.server.fail({ kind: 'status', status: 500, times: 3 })
    // A doubtful answer is better than none.
    expect(await ask('hard too')).toBe(0.2)
  })

  test('a budget that is used up stops them all', async () => {
    const [first, second] = await Promise.all([openAi(), anthropic()])
    const economic = withSwarmEconomics(first.model, {
      ...quick,
      fallback: [second.model],
      budget: { usdPerDay: '0.0001' },
    })
    await expect(generateText({ model: economic, prompt: 'a', maxRetries })).rejects.toMatchObject({
      code: 'BUDGET_EXCEEDED',
    })
    expect([first.server.seen.length, second.server.seen.length]).toEqual([0, 0])
  })
})

test('no timer outlives the call that it was set for', async () => {
  const { model, server } = await openAi()
  let timers = 0
  const clock = {
    now: () => 0,
    at() {
      timers += 1
      let isSet = true
      return () => {
        if (isSet) timers -= 1
        isSet = false
      }
    },
  }
  const economic = withSwarmEconomics(model, { ...quick, clock, cache: false })
  await generateText({ model: economic, prompt: 'a', maxRetries })
  server.fail({ kind: 'status', status: 400 })
  await expect(generateText({ model: economic, prompt: 'a', maxRetries })).rejects.toThrow()
  const { stream } = await economic.doStream({ prompt: promptOf('a') })
  await stream.cancel()
  expect(timers).toBe(0)
})

test('what makes no sense is named', async () => {
  const { model } = await openAi()
  expect(() => withSwarmEconomics(model, { cahce: 'exact' } as never)).toThrow(/did you mean cache/)
  expect(() => withSwarmEconomics(model, { cache: 'semantic' } as never)).toThrow(/cache is semantic/)
  expect(() => withSwarmEconomics('gpt-5-mini' as never)).toThrow(/openai\('gpt-5-mini'\)/)
  const unknown = Object.assign(Object.create(model) as LanguageModelV4, { modelId: 'gpt-9' })
  expect(() => withSwarmEconomics(unknown, { budget: { usdPerDay: 1 } })).toThrow(/no price for the model gpt-9/)
})
