import type {
  LanguageModelV4,
  LanguageModelV4CallOptions,
  LanguageModelV4GenerateResult,
  LanguageModelV4StreamPart,
  LanguageModelV4Usage,
} from '@ai-sdk/provider'

export function usageOf(input: number, output: number): LanguageModelV4Usage {
  return {
    inputTokens: { total: input, noCache: input, cacheRead: 0, cacheWrite: 0 },
    outputTokens: { total: output, text: output, reasoning: 0 },
  }
}

export function answerOf(
  text: string,
  changes: Partial<LanguageModelV4GenerateResult> = {},
): LanguageModelV4GenerateResult {
  return {
    content: [{ type: 'text', text }],
    finishReason: { unified: 'stop', raw: 'stop' },
    usage: usageOf(10, 5),
    warnings: [],
    response: {
      id: 'provider-1',
      timestamp: new Date(1_000),
      modelId: 'm-1',
      headers: { secret: 'canary' },
      body: { secret: 'canary' },
    },
    request: { body: { secret: 'canary' } },
    ...changes,
  }
}

export function partsOf(text: string): LanguageModelV4StreamPart[] {
  return [
    { type: 'stream-start', warnings: [] },
    { type: 'response-metadata', id: 'provider-1', timestamp: new Date(1_000), modelId: 'm-1' },
    { type: 'text-start', id: 'text-1' },
    ...Array.from(text).map((delta): LanguageModelV4StreamPart => ({ type: 'text-delta', id: 'text-1', delta })),
    { type: 'text-end', id: 'text-1' },
    { type: 'finish', finishReason: { unified: 'stop', raw: 'stop' }, usage: usageOf(10, 5) },
  ]
}

export function promptOf(text: string): LanguageModelV4CallOptions['prompt'] {
  return [{ role: 'user', content: [{ type: 'text', text }] }]
}

/** A model whose answers the test gives; it remembers what it was asked. */
export type ScriptedModel = LanguageModelV4 & { readonly calls: LanguageModelV4CallOptions[] }

export function scriptedModel(script: {
  readonly generate?: (options: LanguageModelV4CallOptions) => Promise<LanguageModelV4GenerateResult>
  readonly stream?: (options: LanguageModelV4CallOptions) => ReadableStream<LanguageModelV4StreamPart>
  readonly address?: string
}): ScriptedModel {
  const calls: LanguageModelV4CallOptions[] = []
  const model: LanguageModelV4 = {
    specificationVersion: 'v4',
    provider: 'scripted',
    modelId: 'm-1',
    supportedUrls: {},
    async doGenerate(options) {
      calls.push(options)
      return (script.generate ?? (async () => answerOf('yes')))(options)
    },
    async doStream(options) {
      calls.push(options)
      return { stream: (script.stream ?? (() => streamOf(partsOf('yes'))))(options) }
    },
  }
  const config = { baseURL: script.address ?? 'https://scripted.test/v1' }
  return Object.assign(model, { calls, config })
}

/** A promise that the test settles. */
export function gate<T = void>() {
  let open: (value: T) => void = () => undefined
  let fail: (error: unknown) => void = () => undefined
  const promise = new Promise<T>((resolve, reject) => {
    open = resolve
    fail = reject
  })
  return { promise, open, fail }
}

/** A store that lies in a map. */
export function mapStore() {
  const texts = new Map<string, string>()
  return {
    texts,
    get: async (key: string) => texts.get(key),
    put: async (key: string, text: string) => {
      texts.set(key, text)
    },
  }
}

export function streamOf<P>(parts: readonly P[]): ReadableStream<P> {
  return new ReadableStream({
    start(controller) {
      for (const part of parts) controller.enqueue(part)
      controller.close()
    },
  })
}

/** Reads a stream to its end. */
export async function partsIn<P>(stream: ReadableStream<P>): Promise<P[]> {
  const parts: P[] = []
  for await (const part of stream) parts.push(part)
  return parts
}
