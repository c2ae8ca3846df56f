import { createAnthropic } from '@ai-sdk/anthropic'
import { createOpenAI } from '@ai-sdk/openai'
import type { LanguageModelV4, LanguageModelV4CallOptions, LanguageModelV4FunctionTool } from '@ai-sdk/provider'
import { createFakeAnthropic, createFakeOpenAi, type FakeModelServer } from '@tradeswarm/testing/fakes'
import { afterEach, describe, expect, test } from 'vitest'
import { knownPrices } from '../prices/known-prices.js'
import { withSwarmEconomics } from '../with-swarm-economics.js'
import { layoutCall, stablePrefix } from './prompt-layout.js'

const servers: FakeModelServer[] = []
afterEach(async () => {
  await Promise.all(servers.splice(0).map((server) => server.close()))
})

type Wire = 'anthropic' | 'openai' | 'openai chat'

async function world(wire: Wire) {
  const server = await (wire === 'anthropic' ? createFakeAnthropic() : createFakeOpenAi())
  servers.push(server)
  const settings = { baseURL: server.baseUrl, apiKey: server.apiKey }
  const raw: LanguageModelV4 =
    wire === 'anthropic'
      ? createAnthropic(settings)('claude-haiku-4-5')
      : wire === 'openai'
        ? createOpenAI(settings)('gpt-5-mini')
        : createOpenAI(settings).chat('gpt-5-mini')
  const model = withSwarmEconomics(raw, { cache: false, promptCache: true, budget: { usdPerDay: 5 } })
  const price = knownPrices[raw.modelId]
  if (price === undefined) throw new Error('no price')
  return { server, model, price }
}

const tool = (name: string): LanguageModelV4FunctionTool => ({
  type: 'function',
  name,
  description: `look at ${name}`,
  inputSchema: { type: 'object', properties: {} },
})
const rules = 'Judge each post by itself. '.repeat(200)
const glossary = 'A ticker is a name. '.repeat(200)

/** What changes stands first, as it must not: the layout puts it last. */
const call = (post: string, more: Partial<LanguageModelV4CallOptions> = {}): LanguageModelV4CallOptions => ({
  prompt: [
    { role: 'system', content: rules },
    { role: 'user', content: [{ type: 'text', text: post }] },
    { role: 'user', content: [{ type: 'text', text: glossary }], providerOptions: stablePrefix },
  ],
  maxOutputTokens: 100,
  ...more,
})

/** All marks of a body, by where they stand. */
function marksIn(value: unknown, path = ''): string[] {
  if (typeof value !== 'object' || value === null) return []
  return Object.entries(value).flatMap(([key, field]) =>
    key === 'cache_control'
      ? field == null
        ? []
        : [`${path}: ${JSON.stringify(field)}`]
      : marksIn(field, `${path}/${key}`),
  )
}

describe('over Anthropic', () => {
  test('the end of the beginning is marked, once, and read at a tenth of the price from the second call on', async () => {
    const { server, model, price } = await world('anthropic')
    for (const post of ['one', 'another']) await model.doGenerate(call(post))
    for (const { body } of server.seen) {
      expect(marksIn(body)).toEqual(['/messages/0/content/0: {"type":"ephemeral"}'])
      // Messages of one speaker are one on this wire.
      const [user] = body['messages'] as { content: { text: string }[] }[]
      expect(user?.content[0]?.text).toBe(glossary)
    }
    const [first, second] = server.seen.map(({ usage }) => usage)
    expect(first).toMatchObject({ cacheRead: 0 })
    expect(first?.cacheWrite).toBeGreaterThan(2_000)
    expect(second).toMatchObject({ cacheRead: first?.cacheWrite, cacheWrite: 0 })
    const cost = server.seen.reduce((sum, { usage }) => {
      const fresh = usage.input - usage.cacheRead - usage.cacheWrite
      const writes = usage.cacheWrite * Number(price.cacheWrite)
      const reads = usage.cacheRead * Number(price.cacheRead)
      return sum + fresh * Number(price.input) + writes + reads + usage.output * Number(price.output)
    }, 0)
    expect(Number(model.economics().budget[0]?.usedUsd)).toBeCloseTo(cost / 1e6, 12)
  })

  test('tools come by name, whatever order they were given in, and are read too', async () => {
    const { server, model } = await world('anthropic')
    const prompt = call('x').prompt.slice(0, 2)
    await model.doGenerate({ prompt, tools: [tool('b'), tool('a')] })
    await model.doGenerate({ prompt, tools: [tool('a'), tool('b')] })
    const [first, second] = server.seen
    expect(JSON.stringify(second?.body)).toBe(JSON.stringify(first?.body))
    expect(marksIn(first?.body)).toEqual(['/system/0: {"type":"ephemeral"}'])
    expect(second?.usage.cacheRead).toBe(first?.usage.cacheWrite)
    await model.doGenerate({ prompt: prompt.slice(1), tools: [tool('b'), tool('a')] })
    expect(marksIn(server.seen.at(-1)?.body)).toEqual(['/tools/1: {"type":"ephemeral"}'])
  })

  test('marks of the caller’s own stay alone', async () => {
    const { server, model } = await world('anthropic')
    const own = { anthropic: { cacheControl: { type: 'ephemeral', ttl: '1h' } } }
    const prompt = call('x').prompt.map((message, index) =>
      index === 1 ? { ...message, providerOptions: own } : message,
    )
    await model.doGenerate({ prompt })
    expect(marksIn(server.seen[0]?.body)).toEqual(['/messages/0/content/1: {"type":"ephemeral","ttl":"1h"}'])
  })
})

describe.each([
  ['openai', 'input'],
  ['openai chat', 'messages'],
] as const)('over %s', (wire, messages) => {
  test('calls that begin alike have one key, and bytes that are alike up to what changes', async () => {
    const { server, model, price } = await world(wire)
    for (const post of ['one', 'another']) await model.doGenerate(call(post, { tools: [tool('b'), tool('a')] }))
    await model.doGenerate({ ...call('one'), prompt: [{ role: 'system', content: 'other rules' }] })
    const bodies = server.seen.map(({ body }) => body)
    const beginning = (body: (typeof bodies)[number] = {}) =>
      JSON.stringify([body['tools'], (body[messages] as unknown[]).slice(0, 2)])
    expect(beginning(bodies[1])).toBe(beginning(bodies[0]))
    expect(beginning(bodies[0])).toContain('A ticker is a name')
    expect(beginning(bodies[0])).not.toContain('one')
    const keys = bodies.map((body) => body['prompt_cache_key'])
    expect(keys[0]).toMatch(/^[0-9a-f]{32}$/)
    expect([keys[1] === keys[0], keys[2] === keys[0]]).toEqual([true, false])
    expect(marksIn(bodies)).toEqual([])
    const [first, second] = server.seen.map(({ usage }) => usage)
    expect(first?.cacheRead).toBe(0)
    expect(second?.cacheRead).toBeGreaterThan(2_000)
    const cost = server.seen.reduce(
      (sum, { usage: { input, cacheRead, output } }) =>
        sum +
        (input - cacheRead) * Number(price.input) +
        cacheRead * Number(price.cacheRead) +
        output * Number(price.output),
      0,
    )
    expect(Number(model.economics().budget[0]?.usedUsd)).toBeCloseTo(cost / 1e6, 12)
  })

  test('a key of the caller’s own stays', async () => {
    const { server, model } = await world(wire)
    await model.doGenerate(call('x', { providerOptions: { openai: { promptCacheKey: 'mine' } } }))
    expect(server.seen[0]?.body['prompt_cache_key']).toBe('mine')
  })
})

test('other providers are told nothing, and a call without a beginning is left as it is', () => {
  const other = layoutCall(call('x'), 'deepseek.chat')
  expect(other.providerOptions).toBeUndefined()
  expect(JSON.stringify(other.prompt[1])).toContain('A ticker')
  const bare: LanguageModelV4CallOptions = { prompt: [{ role: 'user', content: [{ type: 'text', text: 'x' }] }] }
  expect(layoutCall(bare, 'openai.responses')).toEqual(bare)
  expect(layoutCall(bare, 'anthropic.messages')).toEqual(bare)
})
