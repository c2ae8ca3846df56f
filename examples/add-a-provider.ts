// A provider that speaks like OpenAI and is not in the table of prices: a server on this machine, which is overloaded at first.
import { createOpenAI } from '@ai-sdk/openai'
import { modelFault, rejectedOption, withSwarmEconomics } from '@tradeswarm/llm'
import { createFakeOpenAi } from '@tradeswarm/testing/fakes'

const server = await createFakeOpenAi({ answer: () => 'a house of its own' })
const acme = createOpenAI({ name: 'acme', baseURL: server.baseUrl, apiKey: server.apiKey }).chat('acme-large')

// Without a price there is no budget, and it is said at once.
try {
  withSwarmEconomics(acme, { budget: { usdPerDay: 1 } })
} catch (error) {
  console.log((error as Error).message.split(';')[0])
}

const model = withSwarmEconomics(acme, {
  budget: { usdPerDay: 1 },
  prices: {
    'acme-large': {
      input: '0.8', // US dollars for a million tokens
      cacheRead: '0.08',
      output: '3.2',
      maximumOutputTokens: 32_000,
      contextTokens: 128_000,
      source: 'acme.test/pricing',
      date: '2026-11-01',
    },
  },
})
const ask = { prompt: [{ role: 'user' as const, content: [{ type: 'text' as const, text: 'What is a provider?' }] }] }

server.fail({ kind: 'status', status: 529, retryAfterSeconds: 0 })
for (let call = 0; call < 2; call += 1) {
  const { content } = await model.doGenerate({ ...ask, maxOutputTokens: 50 })
  console.log(content.map((part) => part.type === 'text' && part.text).join(''))
}
const { cache, budget } = model.economics()
console.log(`${server.seen.length} requests, one of them refused; ${cache?.hits.memory} hit; ${budget[0]?.usedUsd} USD`)

server.fail({ kind: 'rejected-option', option: 'top_p' })
const refused = await Promise.resolve(model.doGenerate({ ...ask, topP: 0.1 })).catch((error: unknown) => error)
console.log(`${modelFault(refused)}: ${rejectedOption(refused)}`)
await server.close()
