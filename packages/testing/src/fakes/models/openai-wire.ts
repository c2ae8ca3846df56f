import { z } from 'zod'
import type { FakeModelRequest, FakeToolCall } from './fake-model.js'
import { type FakeModelWire, piecesOf, textsIn, type WireEvent, type WordedAnswer } from './fake-model-wire.js'
import { openAiBatchWire } from './openai-batch-wire.js'

const part = z.union([z.string(), z.array(z.looseObject({ text: z.string().optional() }))])
const message = z.looseObject({ role: z.string().optional(), content: part.optional() })
const common = { model: z.string(), stream: z.boolean().optional(), tools: z.array(z.unknown()).optional() }
const responses = z.looseObject({
  ...common,
  input: z.array(message),
  max_output_tokens: z.number().optional(),
  text: z.looseObject({ format: z.looseObject({ type: z.string() }).optional() }).optional(),
})
const chat = z.looseObject({
  ...common,
  messages: z.array(message),
  max_tokens: z.number().optional(),
  max_completion_tokens: z.number().optional(),
  response_format: z.looseObject({ type: z.string() }).optional(),
})

const systemRoles = ['system', 'developer']
const isChat = (path: string): boolean => path.endsWith('/chat/completions')

/** The responses and the chat completions of OpenAI, and of all that speak like it. */
export const openAiWire: FakeModelWire = {
  batch: openAiBatchWire,
  serves: (path) => isChat(path) || path.endsWith('/responses'),
  keyOf: (headers) => headers['authorization']?.replace(/^Bearer /, ''),
  read: (path, body, headers) => (isChat(path) ? readChat(body, headers) : readResponses(body, headers)),
  // Whatever begins like an earlier prompt is cached by itself.
  cacheable: ({ prompt }) => ({ text: prompt }),
  whole: (path, answer) => (isChat(path) ? wholeChat(answer) : wholeResponse(answer)),
  stream: (path, answer) => (isChat(path) ? streamChat(answer) : streamResponse(answer)),
  error: (status, option) => ({
    error:
      option === undefined
        ? {
            message: `the fake provider answers ${status}`,
            type: status === 429 ? 'rate_limit_exceeded' : 'server_error',
            param: null,
            code: null,
          }
        : {
            message: `Unsupported parameter: '${option}' is not supported with this model.`,
            type: 'invalid_request_error',
            param: option,
            code: 'unsupported_parameter',
          },
  }),
  errorEvent: () => ({
    event: 'error',
    data: {
      type: 'error',
      sequence_number: 1,
      error: { type: 'server_error', code: 'server_error', message: 'the fake provider fails', param: null },
    },
  }),
}

function readResponses(
  body: Readonly<Record<string, unknown>>,
  headers: FakeModelRequest['headers'],
): FakeModelRequest {
  const { model, input, max_output_tokens, text, stream, tools } = responses.parse(body)
  const wantsJson = text?.format !== undefined && text.format.type !== 'text'
  return requestOf(model, input, {
    body,
    headers,
    wantsJson,
    tools,
    schema: text?.format,
    limit: max_output_tokens,
    stream,
  })
}

function readChat(body: Readonly<Record<string, unknown>>, headers: FakeModelRequest['headers']): FakeModelRequest {
  const { model, messages, max_tokens, max_completion_tokens, response_format, stream, tools } = chat.parse(body)
  const wantsJson = response_format !== undefined && response_format.type !== 'text'
  const limit = max_completion_tokens ?? max_tokens
  return requestOf(model, messages, { body, headers, wantsJson, tools, schema: response_format, limit, stream })
}

type Rest = Pick<FakeModelRequest, 'body' | 'headers' | 'wantsJson'> & {
  readonly tools: readonly unknown[] | undefined
  readonly schema: unknown
  readonly limit: number | undefined
  readonly stream: boolean | undefined
}

function requestOf(model: string, messages: readonly z.infer<typeof message>[], rest: Rest): FakeModelRequest {
  const { body, headers, wantsJson, tools, schema, limit, stream } = rest
  const system = messages.filter(({ role }) => systemRoles.includes(role ?? '')).map(({ content }) => textsOf(content))
  const users = messages.filter(({ role }) => role === 'user').map(({ content }) => textsOf(content))
  const prompt = textsIn(tools) + textsIn(schema) + messages.map(({ content }) => `${textsOf(content)}\n`).join('')
  return {
    model,
    prompt,
    system: system.join('\n'),
    user: users.at(-1) ?? '',
    wantsJson,
    isStream: stream === true,
    maximumOutputTokens: limit,
    body,
    headers,
  }
}

function textsOf(content: z.infer<typeof part> | undefined): string {
  return typeof content === 'string' ? content : (content ?? []).map(({ text }) => text ?? '').join('\n')
}

function responseUsage({ usage }: WordedAnswer) {
  return {
    input_tokens: usage.input,
    input_tokens_details: { cached_tokens: usage.cacheRead },
    output_tokens: usage.output,
    output_tokens_details: { reasoning_tokens: 0 },
    total_tokens: usage.input + usage.output,
  }
}

function responseMessage({ id, text, finish }: WordedAnswer) {
  const content =
    finish === 'refusal'
      ? { type: 'refusal', refusal: text }
      : { type: 'output_text', text, annotations: [], logprobs: [] }
  return { id: `msg_${id}`, type: 'message', status: 'completed', role: 'assistant', content: [content] }
}

function responseShell(
  { id, model, created, finish }: WordedAnswer,
  status: 'completed' | 'in_progress' | 'incomplete',
) {
  const reason = finish === 'length' ? 'max_output_tokens' : 'content_filter'
  return {
    id: `resp_${id}`,
    object: 'response',
    created_at: created,
    status,
    model,
    error: null,
    incomplete_details: status === 'incomplete' ? { reason } : null,
    output: [] as unknown[],
    usage: null as unknown,
  }
}

function endStatus({ finish }: WordedAnswer): 'completed' | 'incomplete' {
  return finish === 'length' || finish === 'content-filter' ? 'incomplete' : 'completed'
}

function wholeResponse(answer: WordedAnswer): unknown {
  return {
    ...responseShell(answer, endStatus(answer)),
    output: [responseMessage(answer), ...answer.toolCalls.map(responseCall)],
    usage: responseUsage(answer),
  }
}

function responseCall({ name, input }: FakeToolCall, index: number) {
  const common = { type: 'function_call', status: 'completed', name, arguments: JSON.stringify(input) }
  return { id: `fc_${index}`, call_id: `call_${index}`, ...common }
}

function streamResponse(answer: WordedAnswer): readonly WireEvent[] {
  const item = responseMessage(answer)
  const at = { item_id: item.id, output_index: 0, content_index: 0 }
  const events: Record<string, unknown>[] = [
    { type: 'response.created', response: responseShell(answer, 'in_progress') },
    { type: 'response.output_item.added', output_index: 0, item: { ...item, status: 'in_progress', content: [] } },
    ...wordsOf(answer, at),
    { type: 'response.output_item.done', output_index: 0, item },
    { type: `response.${endStatus(answer)}`, response: wholeResponse(answer) },
  ]
  return events.map((data, sequence_number) => ({ event: String(data['type']), data: { ...data, sequence_number } }))
}

/** What is said, piece by piece; a refusal is no text. */
function wordsOf({ text, finish }: WordedAnswer, at: Record<string, unknown>): Record<string, unknown>[] {
  if (finish === 'refusal')
    return [
      { type: 'response.content_part.added', ...at, part: { type: 'refusal', refusal: '' } },
      ...piecesOf(text).map((delta) => ({ type: 'response.refusal.delta', ...at, delta })),
      { type: 'response.refusal.done', ...at, refusal: text },
    ]
  return [
    { type: 'response.content_part.added', ...at, part: { type: 'output_text', text: '', annotations: [] } },
    ...piecesOf(text).map((delta) => ({ type: 'response.output_text.delta', ...at, delta, logprobs: [] })),
    { type: 'response.output_text.done', ...at, text },
  ]
}

const chatFinish = { stop: 'stop', length: 'length', 'content-filter': 'content_filter', refusal: 'stop' } as const

function chatUsage({ usage }: WordedAnswer) {
  return {
    prompt_tokens: usage.input,
    completion_tokens: usage.output,
    total_tokens: usage.input + usage.output,
    prompt_tokens_details: { cached_tokens: usage.cacheRead },
    completion_tokens_details: { reasoning_tokens: 0 },
  }
}

function wholeChat(answer: WordedAnswer): unknown {
  const { id, model, created, text, finish } = answer
  const isRefusal = finish === 'refusal'
  const tool_calls = answer.toolCalls.map(({ name, input }, index) => ({
    id: `call_${index}`,
    type: 'function',
    function: { name, arguments: JSON.stringify(input) },
  }))
  const said = {
    role: 'assistant',
    content: isRefusal ? null : text,
    refusal: isRefusal ? text : null,
    ...(tool_calls.length === 0 ? {} : { tool_calls }),
  }
  return {
    id: `chatcmpl-${id}`,
    object: 'chat.completion',
    created,
    model,
    choices: [{ index: 0, message: said, logprobs: null, finish_reason: chatFinish[finish] }],
    usage: chatUsage(answer),
  }
}

function streamChat(answer: WordedAnswer): readonly WireEvent[] {
  const { id, model, created, text, finish } = answer
  const chunk = (choices: readonly unknown[], usage: unknown = null): WireEvent => ({
    data: { id: `chatcmpl-${id}`, object: 'chat.completion.chunk', created, model, choices, usage },
  })
  const choice = (delta: unknown, finish_reason: string | null = null) => [
    { index: 0, delta, logprobs: null, finish_reason },
  ]
  return [
    chunk(choice({ role: 'assistant', content: '' })),
    ...piecesOf(text).map((piece) => chunk(choice(finish === 'refusal' ? { refusal: piece } : { content: piece }))),
    chunk(choice({}, chatFinish[finish])),
    chunk([], chatUsage(answer)),
    { data: '[DONE]' },
  ]
}
