import type {
  LanguageModelV4CallOptions,
  LanguageModelV4GenerateResult,
  LanguageModelV4StreamPart,
} from '@ai-sdk/provider'
import { createSequentialIds } from '@tradeswarm/core'
import { wrapLanguageModel } from 'ai'
import { describe, expect, test } from 'vitest'
import { callContext } from '../call-context.js'
import {
  answerOf,
  gate,
  mapStore,
  partsIn,
  partsOf,
  promptOf,
  type ScriptedModel,
  scriptedModel,
  streamOf,
  usageOf,
} from '../testing-support/scripted-model.test-support.js'
import { createExactCache } from './exact-cache.js'
import type { ExactCacheOptions } from './exact-cache-options.js'

function world(options: ExactCacheOptions = {}, model: ScriptedModel = scriptedModel({})) {
  let now = 1_000_000
  const cache = createExactCache({ clock: { now: () => now }, ids: createSequentialIds(), ...options })
  const cached = wrapLanguageModel({ model, middleware: cache.middleware })
  return {
    model,
    cache,
    wait: (ms: number) => {
      now += ms
    },
    ask: (text: string, more: Partial<LanguageModelV4CallOptions> = {}) =>
      cached.doGenerate({ prompt: promptOf(text), ...more }),
    stream: async (text: string, more: Partial<LanguageModelV4CallOptions> = {}) =>
      (await cached.doStream({ prompt: promptOf(text), ...more })).stream,
  }
}

const textOf = (result: LanguageModelV4GenerateResult): string =>
  result.content.map((part) => (part.type === 'text' ? part.text : '')).join('')

const streamText = (parts: readonly LanguageModelV4StreamPart[]): string =>
  parts.map((part) => (part.type === 'text-delta' ? part.delta : '')).join('')

describe('an answer that was given before', () => {
  test('comes again without a call, free, with what it saved, fresh ids, and no bodies or headers', async () => {
    const { ask, model, cache } = world()
    await ask('a')
    const again = await ask('a')
    expect(model.calls).toHaveLength(1)
    expect(textOf(again)).toBe('yes')
    expect(again.usage.inputTokens.total).toBe(0)
    expect(again.usage.outputTokens.total).toBe(0)
    expect(again.providerMetadata?.['tradeswarm']).toMatchObject({
      answeredBy: 'cache',
      savedUsage: { inputTokens: { total: 10 } },
    })
    expect(again.response).toEqual({ id: 'response-1', timestamp: new Date(1_000), modelId: 'm-1' })
    expect(JSON.stringify(again)).not.toContain('canary')
    expect(cache.statistics()).toMatchObject({
      calls: 2,
      hits: { memory: 1, store: 0 },
      misses: 1,
      stored: 1,
      savedTokens: { input: 10, output: 5 },
    })
  })

  test('belongs to the caller: what one does to it no other sees', async () => {
    const { ask } = world()
    await ask('a')
    const mine = await ask('a')
    ;(mine.content[0] as { text: string }).text = 'no'
    expect(textOf(await ask('a'))).toBe('yes')
  })

  test('is not found by another prompt, model address, namespace or epoch', async () => {
    let epoch = '1'
    const first = world({ epoch: () => epoch })
    await first.ask('a')
    await first.ask('b')
    epoch = '2'
    await first.ask('a')
    await first.ask('a', { providerOptions: callContext({ epoch: '1' }) })
    expect(first.model.calls).toHaveLength(4)
  })

  test('is over after its lifetime', async () => {
    const { ask, model, wait, cache } = world({ lifetime: '10s' })
    await ask('a')
    wait(9_999)
    await ask('a')
    expect(model.calls).toHaveLength(1)
    wait(1)
    await ask('a')
    expect(model.calls).toHaveLength(2)
    expect(cache.statistics().stale).toBe(1)
  })

  test('streams again, part by part, and nobody waits for the delays of the first time', async () => {
    const { stream, model, cache } = world()
    const first = await partsIn(await stream('a'))
    const again = await partsIn(await stream('a'))
    expect(model.calls).toHaveLength(1)
    expect(again.map(({ type }) => type)).toEqual(first.map(({ type }) => type))
    expect(streamText(again)).toBe('yes')
    expect(again.find((part) => part.type === 'response-metadata')?.timestamp).toEqual(new Date(1_000))
    expect(again.find((part) => part.type === 'finish')).toMatchObject({
      usage: { inputTokens: { total: 0 } },
      providerMetadata: { tradeswarm: { answeredBy: 'cache' } },
    })
    expect(cache.statistics().savedTokens).toEqual({ input: 10, output: 5 })
  })

  test('a whole answer does not serve a stream, nor the other way round', async () => {
    const { ask, stream, model } = world()
    await ask('a')
    await partsIn(await stream('a'))
    expect(model.calls).toHaveLength(2)
  })
})

describe('a store behind the memory', () => {
  test('gives answers to another process', async () => {
    const store = mapStore()
    const before = world({ store })
    await before.ask('a')
    await partsIn(await before.stream('a'))
    const after = world({ store })
    expect(textOf(await after.ask('a'))).toBe('yes')
    expect(streamText(await partsIn(await after.stream('a')))).toBe('yes')
    expect(after.model.calls).toHaveLength(0)
    expect(after.cache.statistics().hits).toEqual({ memory: 0, store: 2 })
    await after.ask('a')
    expect(after.cache.statistics().hits).toEqual({ memory: 1, store: 2 })
  })

  test('holds no secret of request or response', async () => {
    const store = mapStore()
    await world({ store }).ask('a', { headers: { authorization: 'canary' } })
    expect([...store.texts].flat().join()).not.toContain('canary')
  })

  test.each(['', 'null', '{}', '{"version":1}', '{"version":2,"mode":"generate"}', 'x'])(
    'asks anew for a damaged answer: %s',
    async (text) => {
      const store = mapStore()
      await world({ store }).ask('a')
      for (const key of store.texts.keys()) store.texts.set(key, text)
      const { ask, model, cache } = world({ store })
      expect(textOf(await ask('a'))).toBe('yes')
      expect(model.calls).toHaveLength(1)
      expect(cache.statistics().damaged).toBe(1)
    },
  )

  test('that fails costs an answer nothing', async () => {
    const store = { get: () => Promise.reject(new Error('down')), put: () => Promise.reject(new Error('down')) }
    const { ask, cache } = world({ store })
    expect(textOf(await ask('a'))).toBe('yes')
    expect(cache.statistics().notStored).toEqual({ 'store-failed': 2 })
  })

  test('keeps nothing of a model whose address nobody knows, and takes no two of them for one', async () => {
    const store = mapStore()
    const cache = createExactCache({ store })
    const [one, two] = [scriptedModel({}), scriptedModel({})].map((model) =>
      Object.assign(model, { config: undefined }),
    )
    if (one === undefined || two === undefined) throw new Error('two models')
    for (const model of [one, two, one])
      await wrapLanguageModel({ model, middleware: cache.middleware }).doGenerate({ prompt: promptOf('a') })
    expect([one.calls.length, two.calls.length]).toEqual([1, 1])
    expect(store.texts.size).toBe(0)
  })
})

describe('never stored', () => {
  const schema = { type: 'object', properties: { score: { type: 'number' } }, required: ['score'] } as const
  test.each<[string, LanguageModelV4GenerateResult, Partial<LanguageModelV4CallOptions>]>([
    ['length', answerOf('ye', { finishReason: { unified: 'length', raw: 'length' } }), {}],
    ['content filter', answerOf('', { finishReason: { unified: 'content-filter', raw: undefined } }), {}],
    ['interrupted', answerOf('ye', { finishReason: { unified: 'interrupted', raw: undefined } }), {}],
    ['other', answerOf('ye', { finishReason: { unified: 'other', raw: undefined } }), {}],
    [
      'an impure tool',
      answerOf('', {
        content: [{ type: 'tool-call', toolCallId: '1', toolName: 'sell', input: '{}' }],
        finishReason: { unified: 'tool-calls', raw: undefined },
      }),
      {},
    ],
    [
      'a tool that the provider ran',
      answerOf('', {
        content: [{ type: 'tool-call', toolCallId: '1', toolName: 'pure', input: '{}', providerExecuted: true }],
      }),
      {},
    ],
    [
      'a tool result',
      answerOf('', { content: [{ type: 'tool-result', toolCallId: '1', toolName: 'pure', result: 1 }] }),
      {},
    ],
    ['no JSON', answerOf('yes'), { responseFormat: { type: 'json' } }],
    ['JSON outside its schema', answerOf('{"score":"high"}'), { responseFormat: { type: 'json', schema } }],
    ['an answer drawn at random', answerOf('yes'), { temperature: 0.7 }],
    ['a call that has no canonical form', answerOf('yes'), { providerOptions: { x: { y: Number.NaN } } }],
    ['what the caller turned off', answerOf('yes'), { providerOptions: callContext({ cache: false }) }],
  ])('%s', async (_, answer, options) => {
    const { ask, model, cache } = world({ pureTools: ['pure'] }, scriptedModel({ generate: async () => answer }))
    await ask('a', options)
    await ask('a', options)
    expect(model.calls).toHaveLength(2)
    expect(cache.statistics().stored).toBe(0)
    expect(Object.values(cache.statistics().notStored)).toEqual([2])
  })

  test('but pure tools, answers in their schema, and sampled ones where that is wished', async () => {
    const content = [{ type: 'tool-call', toolCallId: '1', toolName: 'pure', input: '{}' }] as const
    const tools = world(
      { pureTools: ['pure'] },
      scriptedModel({
        generate: async () =>
          answerOf('', { content: [...content], finishReason: { unified: 'tool-calls', raw: undefined } }),
      }),
    )
    await tools.ask('a')
    expect((await tools.ask('a')).content).toEqual([{ ...content[0], toolCallId: 'call-1' }])
    const inSchema = world({}, scriptedModel({ generate: async () => answerOf('{"score":1}') }))
    await inSchema.ask('a', { responseFormat: { type: 'json', schema } })
    await inSchema.ask('a', { responseFormat: { type: 'json', schema } })
    const sampled = world({ storeSampled: true })
    await sampled.ask('a', { temperature: 1 })
    await sampled.ask('a', { temperature: 1 })
    expect([tools, inSchema, sampled].map(({ model }) => model.calls.length)).toEqual([1, 1, 1])
  })

  test('a stream with an error part, without a finish, or that broke', async () => {
    const whole = partsOf('yes')
    const broken = (): ReadableStream<LanguageModelV4StreamPart> =>
      new ReadableStream({
        start(controller) {
          controller.enqueue({ type: 'text-delta', id: '1', delta: 'y' })
          controller.error(new Error('cut'))
        },
      })
    const sources = [
      () =>
        streamOf<LanguageModelV4StreamPart>([
          ...whole.slice(0, -1),
          { type: 'error', error: new Error('x') } as const,
          ...whole.slice(-1),
        ]),
      () => streamOf<LanguageModelV4StreamPart>(whole.slice(0, -1)),
      broken,
    ]
    for (const source of sources) {
      const { stream, model, cache } = world({}, scriptedModel({ stream: source }))
      const read = async () => partsIn(await stream('a')).catch((error: Error) => error.message)
      await read()
      await read()
      expect(model.calls).toHaveLength(2)
      expect(cache.statistics().stored).toBe(0)
    }
  })

  test('a failure: the next call tries anew', async () => {
    let count = 0
    const { ask, model } = world(
      {},
      scriptedModel({
        generate: async () => {
          count += 1
          if (count === 1) throw new Error('529')
          return answerOf('yes')
        },
      }),
    )
    await expect(ask('a')).rejects.toThrow('529')
    expect(textOf(await ask('a'))).toBe('yes')
    expect(model.calls).toHaveLength(2)
  })
})

describe('calls that are under way', () => {
  test('1,000 alike are one at the provider, and one pays', async () => {
    const answer = gate<LanguageModelV4GenerateResult>()
    const { ask, model, cache } = world({}, scriptedModel({ generate: () => answer.promise }))
    const asked = Array.from({ length: 1_000 }, () => ask('a'))
    answer.open(answerOf('yes'))
    const results = await Promise.all(asked)
    expect(model.calls).toHaveLength(1)
    expect(results.map(textOf)).toEqual(Array.from({ length: 1_000 }, () => 'yes'))
    expect(results.reduce((sum, { usage }) => sum + (usage.inputTokens.total ?? 0), 0)).toBe(10)
    expect(cache.statistics()).toMatchObject({ misses: 1, shared: 999, savedTokens: { input: 9_990 } })
  })

  test('1,000 streams alike are one at the provider; who comes late reads from the beginning', async () => {
    const rest = gate()
    const parts = partsOf('yes')
    const source = () =>
      new ReadableStream<LanguageModelV4StreamPart>({
        async start(controller) {
          for (const part of parts.slice(0, 4)) controller.enqueue(part)
          await rest.promise
          for (const part of parts.slice(4)) controller.enqueue(part)
          controller.close()
        },
      })
    const { stream, model } = world({}, scriptedModel({ stream: source }))
    const early = await Promise.all(Array.from({ length: 999 }, () => stream('a')))
    const late = await stream('a')
    const reads = [...early, late].map(partsIn)
    rest.open()
    expect((await Promise.all(reads)).map(streamText)).toEqual(Array.from({ length: 1_000 }, () => 'yes'))
    expect(model.calls).toHaveLength(1)
  })

  test('one that goes, even the first, leaves the call to the others; when all have gone it is aborted', async () => {
    const answer = gate<LanguageModelV4GenerateResult>()
    const { ask, model } = world({}, scriptedModel({ generate: () => answer.promise }))
    const [first, second, third] = [new AbortController(), new AbortController(), new AbortController()]
    const asked = [first, second, third].map(({ signal }) => ask('a', { abortSignal: signal }))
    first.abort(new Error('first goes'))
    await expect(asked[0]).rejects.toThrow('first goes')
    second.abort(new Error('second goes'))
    await expect(asked[1]).rejects.toThrow('second goes')
    expect(model.calls[0]?.abortSignal?.aborted).toBe(false)
    third.abort(new Error('third goes'))
    await expect(asked[2]).rejects.toThrow('third goes')
    expect(model.calls[0]?.abortSignal?.aborted).toBe(true)
    // The next does not join what was given up.
    const next = ask('a')
    answer.open(answerOf('yes'))
    expect(textOf(await next)).toBe('yes')
    expect(model.calls).toHaveLength(2)
  })

  test('readers of a stream that go, by cancel or signal, leave it to the others', async () => {
    const rest = gate()
    const source = () =>
      new ReadableStream<LanguageModelV4StreamPart>({
        async start(controller) {
          await rest.promise
          for (const part of partsOf('yes')) controller.enqueue(part)
          controller.close()
        },
      })
    const { stream, model } = world({}, scriptedModel({ stream: source }))
    const controller = new AbortController()
    const [first, second, third] = await Promise.all([
      stream('a'),
      stream('a', { abortSignal: controller.signal }),
      stream('a'),
    ])
    if (first === undefined || second === undefined || third === undefined) throw new Error('three streams')
    await first.cancel()
    const reading = partsIn(second)
    controller.abort(new Error('gone'))
    await expect(reading).rejects.toThrow('gone')
    expect(model.calls[0]?.abortSignal?.aborted).toBe(false)
    rest.open()
    expect(streamText(await partsIn(third))).toBe('yes')
    const last = await stream('b')
    await last.cancel()
    expect(model.calls[1]?.abortSignal?.aborted).toBe(true)
  })

  test('a failure goes to all who wait, and leaves nothing behind', async () => {
    const answer = gate<LanguageModelV4GenerateResult>()
    let count = 0
    const { ask } = world(
      {},
      scriptedModel({
        generate: () => {
          count += 1
          return count === 1 ? answer.promise : Promise.resolve(answerOf('yes'))
        },
      }),
    )
    const asked = [ask('a'), ask('a')]
    answer.fail(new Error('529'))
    expect(await Promise.allSettled(asked)).toMatchObject([
      { reason: { message: '529' } },
      { reason: { message: '529' } },
    ])
    expect(textOf(await ask('a'))).toBe('yes')
  })

  test('are not shared where that is turned off, nor beyond the bound', async () => {
    const off = world({ singleFlight: false })
    await Promise.all([off.ask('a'), off.ask('a')])
    expect(off.model.calls).toHaveLength(2)
    const bounded = world({ maximumShared: 1 })
    await Promise.all([bounded.ask('a'), bounded.ask('b'), bounded.ask('b'), bounded.ask('a')])
    expect(bounded.model.calls).toHaveLength(3)
  })

  test('an abort before the call calls nobody', async () => {
    const { ask, model } = world()
    await expect(ask('a', { abortSignal: AbortSignal.abort(new Error('gone')) })).rejects.toThrow('gone')
    expect(model.calls).toHaveLength(0)
  })
})

test('misspelt and senseless options are named', () => {
  expect(() => createExactCache({ lifeTime: '1h' } as never)).toThrow(/lifeTime.*did you mean lifetime/)
  expect(() => createExactCache({ maximumShared: 0 })).toThrow(/maximumShared is 0/)
  expect(() => createExactCache({ namespace: '' })).toThrow(/namespace/)
  expect(() => createExactCache({ lifetime: '0s' })).toThrow(/0s/)
  expect(() => callContext({ agnet: 'x' } as never)).toThrow(/agnet/)
})

test('usage that a provider does not tell saves nothing that is counted', async () => {
  const usage = {
    inputTokens: { ...usageOf(0, 0).inputTokens, total: undefined },
    outputTokens: { ...usageOf(0, 0).outputTokens, total: undefined },
  }
  const { ask, cache } = world({}, scriptedModel({ generate: async () => answerOf('yes', { usage }) }))
  await ask('a')
  await ask('a')
  expect(cache.statistics().savedTokens).toEqual({ input: 0, output: 0 })
})
