import type { LanguageModelV4CallOptions } from '@ai-sdk/provider'
import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { type CacheKeyParts, cacheKey } from './cache-key.js'

const options: LanguageModelV4CallOptions = {
  prompt: [
    { role: 'system', content: 'You read posts.' },
    {
      role: 'user',
      content: [
        { type: 'text', text: 'AAPL to the moon' },
        { type: 'file', mediaType: 'image/png', data: { type: 'data', data: new Uint8Array([1, 2, 3]) } },
        { type: 'file', mediaType: 'image/png', data: { type: 'url', url: new URL('https://example.test/a.png') } },
      ],
    },
    {
      role: 'assistant',
      content: [{ type: 'tool-call', toolCallId: 'c-1', toolName: 'look', input: { a: 1, b: [1, 2] } }],
    },
  ],
  maxOutputTokens: 100,
  temperature: 0,
  stopSequences: ['a', 'b'],
  topP: 0.5,
  topK: 3,
  presencePenalty: 0.1,
  frequencyPenalty: 0.2,
  responseFormat: { type: 'json', name: 'n', schema: { type: 'object', properties: { x: { type: 'number' } } } },
  seed: 7,
  tools: [
    { type: 'function', name: 'look', inputSchema: { type: 'object' } },
    { type: 'function', name: 'touch', inputSchema: { type: 'object' } },
  ],
  toolChoice: { type: 'auto' },
  reasoning: 'low',
  includeRawChunks: false,
  headers: { 'anthropic-beta': 'context-1m' },
  providerOptions: { openai: { store: false }, tradeswarm: { agent: 'analyst', promptVersion: '3' } },
}
const parts: CacheKeyParts = {
  namespace: 'n',
  epoch: '2014-01-02',
  mode: 'generate',
  provider: 'openai',
  modelId: 'gpt-5-mini',
  baseUrl: 'https://api.openai.com/v1',
  options,
}

/** All places of a value that hold something other than an object of fields. */
function leavesOf(value: unknown, path: (string | number)[] = []): (string | number)[][] {
  if (typeof value !== 'object' || value === null || value instanceof URL || value instanceof Uint8Array) return [path]
  return Object.entries(value).flatMap(([key, field]) =>
    leavesOf(field, [...path, Array.isArray(value) ? Number(key) : key]),
  )
}

function changed(value: unknown, path: readonly (string | number)[], change: (leaf: unknown) => unknown): unknown {
  const [step, ...rest] = path
  if (step === undefined) return change(value)
  if (Array.isArray(value)) return value.map((item, index) => (index === step ? changed(item, rest, change) : item))
  return { ...(value as object), [step]: changed((value as Record<string, unknown>)[step], rest, change) }
}

/** Another leaf: never one that means the same. */
function mutated(leaf: unknown, salt: number, text: string): unknown {
  if (leaf instanceof URL) return new URL(`${leaf.href}${salt}`)
  if (leaf instanceof Uint8Array) return new Uint8Array([...leaf, salt % 256])
  if (typeof leaf === 'number') return leaf + 1 + salt
  if (typeof leaf === 'boolean') return salt % 2 === 0 ? !leaf : `${leaf}`
  return `${String(leaf)}${text === '' ? ' ' : text}`
}

describe('the key of a call', () => {
  test('100,000 calls that differ in one field have other keys, and all from each other', () => {
    const leaves = leavesOf(parts)
    const own = cacheKey(parts)
    const seen = new Map<string, string>([[own, 'itself']])
    let tried = 0
    fc.assert(
      fc.property(
        fc.nat({ max: leaves.length - 1 }),
        fc.nat({ max: 1_000_000 }),
        fc.string({ unit: 'binary' }),
        (leaf, salt, text) => {
          const path = leaves[leaf] ?? []
          const call = changed(parts, path, (value) => mutated(value, salt, text)) as CacheKeyParts
          const key = cacheKey(call)
          const what = JSON.stringify([
            path,
            path.reduce<unknown>((at, step) => (at as Record<string, unknown>)[step], call),
          ])
          expect(seen.get(key) ?? what, `${what} has the key of ${seen.get(key)}`).toBe(what)
          seen.set(key, what)
          tried += 1
        },
      ),
      { numRuns: 100_000 },
    )
    expect(tried).toBe(100_000)
  })

  test.each<[string, LanguageModelV4CallOptions]>([
    ['a field that is left out', { ...options, seed: undefined } as never],
    ['tools in another order', { ...options, tools: [...(options.tools ?? [])].reverse() }],
    ['stop sequences in another order', { ...options, stopSequences: ['b', 'a'] }],
    ['a header that turns a feature on', { ...options, headers: { 'anthropic-beta': 'context-2m' } }],
    [
      'another version of the prompt',
      {
        ...options,
        providerOptions: { ...options.providerOptions, tradeswarm: { agent: 'analyst', promptVersion: '4' } },
      },
    ],
    ['an option that did not exist when this was written', { ...options, novelty: 'high' } as never],
  ])('differs for %s', (_, other) => {
    expect(cacheKey({ ...parts, options: other })).not.toBe(cacheKey(parts))
  })

  test.each<[string, LanguageModelV4CallOptions]>([
    ['fields in another order', Object.fromEntries(Object.entries(options).reverse()) as never],
    [
      'a field that is undefined',
      { ...options, providerOptions: { ...options.providerOptions }, abortSignal: undefined } as never,
    ],
    ['an abort signal', { ...options, abortSignal: new AbortController().signal }],
    [
      'headers that name or prove the request, in any case',
      {
        ...options,
        headers: {
          'Anthropic-Beta': 'context-1m',
          Authorization: 'Bearer x',
          'X-Request-Id': '1',
          traceparent: '00',
          'user-agent': 'ai/7',
          'x-b3-traceid': '1',
          unset: undefined,
        },
      },
    ],
    [
      'bytes in base64',
      changed(options, ['prompt', 1, 'content', 1, 'data', 'data'], () => 'AQID') as LanguageModelV4CallOptions,
    ],
  ])('is the same with %s', (_, other) => {
    expect(cacheKey({ ...parts, options: other })).toBe(cacheKey(parts))
  })

  test('is the same in every order of fields, at every depth', () => {
    const shuffled = (value: unknown, random: () => number): unknown => {
      if (Array.isArray(value)) return value.map((item) => shuffled(item, random))
      if (typeof value !== 'object' || value === null || value instanceof URL || value instanceof Uint8Array)
        return value
      const fields = Object.entries(value).map(([key, field]): [string, unknown] => [key, shuffled(field, random)])
      return Object.fromEntries(
        fields
          .map((field) => ({ field, at: random() }))
          .sort((a, b) => a.at - b.at)
          .map(({ field }) => field),
      )
    }
    fc.assert(
      fc.property(fc.infiniteStream(fc.double({ min: 0, max: 1, noNaN: true })), (numbers) => {
        const other = shuffled(parts, () => numbers.next().value as number) as CacheKeyParts
        expect(cacheKey(other)).toBe(cacheKey(parts))
      }),
      { numRuns: 1_000 },
    )
  })

  test.each([
    ['NaN', Number.NaN],
    ['a function', () => 1],
    ['an object of a class', new Map()],
  ])('is refused for %s', (_, value) => {
    expect(() => cacheKey({ ...parts, options: { ...options, providerOptions: { x: { value } } } as never })).toThrow()
  })

  test('a text that looks like a mark is no mark', () => {
    const of = (value: unknown) =>
      cacheKey({ ...parts, options: { ...options, providerOptions: { x: { value } } } as never })
    const keys = [
      1n,
      '1',
      'I"1"',
      new Date(1),
      1,
      'D1',
      new URL('https://a.test/'),
      'https://a.test/',
      'L"https://a.test/"',
    ].map(of)
    expect(new Set(keys).size).toBe(keys.length)
  })
})
