import { z } from 'zod'
import { anthropicBatchWire } from './anthropic-batch-wire.js'
import { type FakeModelWire, piecesOf, textsIn, type WireEvent, type WordedAnswer } from './fake-model-wire.js'

const block = z.looseObject({ text: z.string().optional(), cache_control: z.unknown().optional() })
const content = z.union([z.string(), z.array(block)])
const messages = z.looseObject({
  model: z.string(),
  max_tokens: z.number(),
  stream: z.boolean().optional(),
  system: content.optional(),
  messages: z.array(z.looseObject({ role: z.string(), content })),
  tools: z.array(z.looseObject({ cache_control: z.unknown().optional() })).optional(),
  output_config: z.looseObject({ format: z.unknown().optional() }).optional(),
})

const finishes = { stop: 'end_turn', length: 'max_tokens', 'content-filter': 'refusal', refusal: 'refusal' } as const
const errorTypes: Readonly<Record<number, string>> = {
  400: 'invalid_request_error',
  401: 'authentication_error',
  403: 'permission_error',
  413: 'request_too_large',
  429: 'rate_limit_error',
  529: 'overloaded_error',
}

/** The messages of Anthropic. */
export const anthropicWire: FakeModelWire = {
  batch: anthropicBatchWire,
  serves: (path) => path.endsWith('/messages'),
  keyOf: (headers) => (headers['anthropic-version'] === undefined ? undefined : headers['x-api-key']),
  read(_, body, headers) {
    const asked = messages.parse(body)
    const users = asked.messages.filter(({ role }) => role === 'user').map((one) => textsOf(one.content))
    return {
      model: asked.model,
      prompt: blocksOf(asked)
        .map(({ text }) => text)
        .join(''),
      system: textsOf(asked.system ?? ''),
      user: users.at(-1) ?? '',
      wantsJson: asked.output_config?.format !== undefined,
      isStream: asked.stream === true,
      maximumOutputTokens: asked.max_tokens,
      body,
      headers,
    }
  },
  cacheable({ body }) {
    const blocks = blocksOf(messages.parse(body))
    const last = blocks.findLastIndex(({ isMarked }) => isMarked)
    return {
      text: blocks
        .slice(0, last + 1)
        .map(({ text }) => text)
        .join(''),
    }
  },
  whole: (_, answer) => ({
    ...shellOf(answer),
    content: [
      { type: 'text', text: answer.text, citations: null },
      ...answer.toolCalls.map(({ name, input }, index) => ({ type: 'tool_use', id: `toolu_${index}`, name, input })),
    ],
    stop_reason: finishes[answer.finish],
    usage: usageOf(answer),
  }),
  stream: (_, answer) => streamOf(answer),
  error: (status, option) => ({
    type: 'error',
    error: {
      type: errorTypes[status] ?? 'api_error',
      message: option === undefined ? `the fake provider answers ${status}` : `${option}: this model does not take it`,
    },
    request_id: 'req_fake',
  }),
  errorEvent: () => ({
    event: 'error',
    data: { type: 'error', error: { type: 'overloaded_error', message: 'the fake provider fails' } },
  }),
}

function textsOf(given: z.infer<typeof content>): string {
  return typeof given === 'string' ? given : given.map(({ text }) => text ?? '').join('\n')
}

/** All that is asked, in the order of the provider's cache: tools, system, messages; and what has a mark behind it. */
function blocksOf(asked: z.infer<typeof messages>): readonly { readonly text: string; readonly isMarked: boolean }[] {
  const of = (given: z.infer<typeof content>) =>
    typeof given === 'string'
      ? [{ text: `${given}\n`, isMarked: false }]
      : given.map((one) => ({
          text: textsIn({ ...one, cache_control: undefined }),
          isMarked: isMark(one.cache_control),
        }))
  return [
    { text: textsIn(asked.output_config), isMarked: false },
    ...(asked.tools ?? []).map((tool) => ({
      text: textsIn({ ...tool, cache_control: undefined }),
      isMarked: isMark(tool.cache_control),
    })),
    ...of(asked.system ?? []),
    ...asked.messages.flatMap((one) => of(one.content)),
  ]
}

function isMark(value: unknown): boolean {
  return value !== undefined && value !== null
}

function shellOf({ id, model }: WordedAnswer) {
  return { id: `msg_${id}`, type: 'message', role: 'assistant', model, stop_sequence: null, container: null }
}

function usageOf({ usage }: WordedAnswer) {
  return {
    // Without what was read from the cache or written to it.
    input_tokens: usage.input - usage.cacheRead - usage.cacheWrite,
    cache_creation_input_tokens: usage.cacheWrite,
    cache_read_input_tokens: usage.cacheRead,
    output_tokens: usage.output,
    service_tier: 'standard',
  }
}

function streamOf(answer: WordedAnswer): readonly WireEvent[] {
  const events: Record<string, unknown>[] = [
    {
      type: 'message_start',
      message: { ...shellOf(answer), content: [], stop_reason: null, usage: { ...usageOf(answer), output_tokens: 1 } },
    },
    { type: 'content_block_start', index: 0, content_block: { type: 'text', text: '' } },
    { type: 'ping' },
    ...piecesOf(answer.text).map((text) => ({
      type: 'content_block_delta',
      index: 0,
      delta: { type: 'text_delta', text },
    })),
    { type: 'content_block_stop', index: 0 },
    {
      type: 'message_delta',
      delta: { stop_reason: finishes[answer.finish], stop_sequence: null },
      usage: usageOf(answer),
    },
    { type: 'message_stop' },
  ]
  return events.map((data) => ({ event: String(data['type']), data }))
}
