// The same posts read by the same model three ways: a call for each, with a cache, and in batches. A server on this machine stands in for
// OpenAI, so that no key is needed; in your program it is `openai('gpt-5-mini')` and nothing else changes.
import { createOpenAI } from '@ai-sdk/openai'
import { batchCall, callContext, createBatcher, defineBatchTask, withSwarmEconomics } from '@tradeswarm/llm'
import { createFakeOpenAi, type FakeModelRequest } from '@tradeswarm/testing/fakes'
import { z } from 'zod'

const readPost = defineBatchTask({
  name: 'read-post',
  version: '1', // raise it with every change of the instructions
  schema: z.strictObject({ stance: z.enum(['bullish', 'bearish', 'neutral']), strength: z.number().min(0).max(1) }),
  instructions: 'Say what each post means for the stock it is about. A question, a joke or a bare price is neutral.',
  item: (post: string) => post,
  call: { maxOutputTokens: 60 }, // for one item: what a call may cost is set aside in the budget
})

// Sixty posts, and every fourth of them a copy of an earlier one, as in the wild.
const posts = Array.from({ length: 60 }, (_, index) => {
  const number = index % 45
  const mood = ['is a buy here', 'looks weak, selling', 'closed flat'][number % 3]
  return `$AAPL ${mood}, says trader ${number}`
})

/** What the stand-in says: of a model it has only the wire. */
function answer({ user }: FakeModelRequest): string {
  const items = JSON.parse(user) as { id: string; item: string }[]
  const stanceOf = (text: string) => (/buy/.test(text) ? 'bullish' : /selling/.test(text) ? 'bearish' : 'neutral')
  return JSON.stringify({
    answers: items.map(({ id, item }) => ({ id, answer: { stance: stanceOf(item), strength: 0.5 } })),
  })
}

const server = await createFakeOpenAi({ answer })
const model = createOpenAI({ baseURL: server.baseUrl, apiKey: server.apiKey })('gpt-5-mini')
const prompt = (post: string) => batchCall(readPost, [{ id: 'post', content: post }])

/** Tokens that the server billed while `work` ran. */
async function billed(work: () => Promise<unknown>): Promise<number> {
  const before = server.billed()
  await work()
  const after = server.billed()
  return after.input + after.output - before.input - before.output
}

const direct = await billed(() => Promise.all(posts.map((post) => model.doGenerate(prompt(post)))))

const economic = withSwarmEconomics(model, { cache: 'exact', budget: { usdPerDay: 5 } })
const context = callContext({ agent: 'analyst' })
const cached = await billed(() =>
  Promise.all(posts.map((post) => economic.doGenerate({ ...prompt(post), providerOptions: context }))),
)

const batcher = createBatcher({ model: withSwarmEconomics(model, { budget: { usdPerDay: 5 } }) })
const batched = await billed(() => Promise.all(posts.map((post) => batcher.run(readPost, post))))

const saved = (tokens: number) => `${Math.round(100 * (1 - tokens / direct))} % fewer`
console.log(`a call for each: ${direct} tokens`)
console.log(`exact cache:     ${cached} tokens, ${saved(cached)}`)
console.log(`batches:         ${batched} tokens, ${saved(batched)}`)
const { items, calls, joined, askedAlone } = batcher.statistics()
console.log(`${items} posts in ${calls} calls, ${joined} of them copies, ${askedAlone} asked again alone`)
const [line] = economic.economics().budget
console.log(`spent today with the cache: ${line?.usedUsd} of ${line?.limitUsd} USD`)

await server.close()
