// One call with something in every option, and what is done to it: changed in one field, or written in another way that means the same.

export const baseCall = {
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
  ],
  maxOutputTokens: 100,
  temperature: 0,
  stopSequences: ['a', 'b'],
  topP: 0.5,
  seed: 7,
  reasoning: 'low',
  tools: [{ type: 'function', name: 'look', inputSchema: { type: 'object', properties: { x: { type: 'number' } } } }],
  toolChoice: { type: 'auto' },
  headers: { 'anthropic-beta': 'context-1m' },
  providerOptions: {
    openai: { store: false },
    tradeswarm: { agent: 'analyst', promptVersion: '3', epoch: '2014-01-02' },
  },
}

/** Places of all that is no object of fields. */
export function leavesOf(value, path = []) {
  if (typeof value !== 'object' || value === null || value instanceof URL || value instanceof Uint8Array) return [path]
  return Object.entries(value).flatMap(([key, field]) => leavesOf(field, [...path, key]))
}

/** The call with one leaf changed; with another salt it is another call. */
export function mutated(value, [step, ...rest], salt) {
  if (step === undefined) return mutatedLeaf(value, salt)
  if (Array.isArray(value))
    return value.map((item, index) => (index === Number(step) ? mutated(item, rest, salt) : item))
  return { ...value, [step]: mutated(value[step], rest, salt) }
}

function mutatedLeaf(leaf, salt) {
  if (leaf instanceof URL) return new URL(`${leaf.href}${salt}`)
  if (leaf instanceof Uint8Array) return new Uint8Array([...leaf, salt & 255, (salt >> 8) & 255, (salt >> 16) & 255])
  if (typeof leaf === 'number') return leaf + 1 + salt
  return `${leaf} ${salt}`
}

const same = [
  (call) => Object.fromEntries(Object.entries(call).reverse()),
  (call) => ({ ...call, abortSignal: new AbortController().signal }),
  (call) => ({ ...call, presencePenalty: undefined }),
  (call, salt) => ({
    ...call,
    headers: { ...call.headers, authorization: `Bearer ${salt}`, 'X-Request-Id': `${salt}` },
  }),
  (call, salt) => ({
    ...call,
    headers: { 'Anthropic-Beta': call.headers['anthropic-beta'], traceparent: `00-${salt}` },
  }),
  (call) => ({ ...call, prompt: call.prompt.map((message) => Object.fromEntries(Object.entries(message).reverse())) }),
  (call) => ({ ...call, prompt: structured(call.prompt) }),
]

/** The same call, written in another way. */
export function equivalent(call, salt) {
  return same[salt % same.length](call, salt)
}

/** Bytes as base64, which is what a provider is sent of either. */
function structured(prompt) {
  return prompt.map((message) => ({
    ...message,
    content: Array.isArray(message.content)
      ? message.content.map((part) =>
          part.data?.data instanceof Uint8Array
            ? { ...part, data: { type: 'data', data: Buffer.from(part.data.data).toString('base64') } }
            : part,
        )
      : message.content,
  }))
}
