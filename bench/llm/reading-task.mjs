// The work that the benchmark gives to a model: read a post. The model is a stand-in within this process, with the built-in sentiment for
// its mind, so that every way of asking must come to the same decisions; its tokens are one for each four UTF-8 bytes of what it
// would be sent: prompt, tools and schema.

import { defineBatchTask } from '@tradeswarm/llm'
import { scoreSentiment } from '@tradeswarm/signals'
import { fakeTokens } from '@tradeswarm/testing/fakes'
import { z } from 'zod'

const instructions = `You read posts about stocks and say what each means for the stock that it is about.
For each post give:
- "stance": bullish, bearish or neutral, as its author means it. Sarcasm counts as what it means, not as what it says.
- "strength": from 0, hardly any conviction, to 1, certain. A question, a joke or a bare price is below 0.2.
- "isNews": true where it reports something that happened, false where it only gives an opinion.
A post that names several stocks is read for the one it is about. A link without words is neutral with strength 0.
Do not use what you know about what happened later: judge by the post alone.`

export const readPost = defineBatchTask({
  name: 'read-post',
  version: '1',
  schema: z.strictObject({
    stance: z.enum(['bullish', 'bearish', 'neutral']),
    strength: z.number().min(0).max(1),
    isNews: z.boolean(),
  }),
  instructions,
  item: ({ symbol, text }) => ({ symbol, text }),
})

/** What the stand-in says of one post. */
function reading({ text }) {
  const { score, confidence } = scoreSentiment(text)
  const stance = score > 0.2 ? 'bullish' : score < -0.2 ? 'bearish' : 'neutral'
  return { stance, strength: Math.round(confidence * 100) / 100, isNews: /\b(reports?|announc|files?)/i.test(text) }
}

/** A model whose calls cost tokens and nothing else. */
export function createStandIn() {
  const billed = { calls: 0, input: 0, output: 0 }
  const model = {
    specificationVersion: 'v4',
    provider: 'stand-in',
    modelId: 'reader',
    supportedUrls: {},
    config: { baseURL: 'http://127.0.0.1' },
    async doGenerate({ prompt, responseFormat, tools }) {
      const items = JSON.parse(prompt.at(-1).content[0].text)
      const text = JSON.stringify({ answers: items.map(({ id, item }) => ({ id, answer: reading(item) })) })
      const input = fakeTokens(JSON.stringify({ prompt, responseFormat, tools }))
      const output = fakeTokens(text)
      billed.calls += 1
      billed.input += input
      billed.output += output
      return {
        content: [{ type: 'text', text }],
        finishReason: { unified: 'stop', raw: 'stop' },
        usage: {
          inputTokens: { total: input, noCache: input, cacheRead: 0, cacheWrite: 0 },
          outputTokens: { total: output, text: output, reasoning: 0 },
        },
        warnings: [],
      }
    },
    doStream: () => Promise.reject(new Error('nobody streams here')),
  }
  return { model, billed }
}
