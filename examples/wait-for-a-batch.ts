// Work that can wait a day at half the price: handed to the provider's batch endpoints once, whatever happens to this process. A server on this
// machine stands in for OpenAI.
import { createOpenAI } from '@ai-sdk/openai'
import { createSystemClock } from '@tradeswarm/core'
import { budgetStoreOf, createBatchDesk, createBudget } from '@tradeswarm/llm'
import { createMemoryStorage } from '@tradeswarm/storage-memory'
import { createFakeOpenAi } from '@tradeswarm/testing/fakes'

const server = await createFakeOpenAi({ answer: ({ user }) => `lesson: ${user.length} characters of hindsight` })
const openai = createOpenAI({ baseURL: server.baseUrl, apiKey: server.apiKey })

// In your program a storage that survives: createSqliteStorage('swarm.db').
const storage = await createMemoryStorage().open({ clock: createSystemClock() })
const openDesk = async () => {
  const budget = createBudget({ usdPerDay: 1, store: budgetStoreOf(storage) })
  const desk = createBatchDesk({ batch: openai.experimental_batch(), storage, budget })
  await desk.open()
  return desk
}

const desk = await openDesk()
const id = await desk.submit({
  modelId: 'gpt-5-mini',
  items: ['the trade of Monday', 'the trade of Tuesday'].map((trade) => ({
    id: trade,
    call: { prompt: [{ role: 'user', content: [{ type: 'text', text: trade }] }], maxOutputTokens: 200 },
  })),
  context: { agent: 'learning' },
})
console.log(`handed in: ${desk.status()[0]?.state}`)
desk.close()

// The process ends here, and another one takes up what it left. Meanwhile the provider has done the work.
await server.batches.process({ 1: 'expired' })
const next = await openDesk()
const { items } = await next.results(id)
for (const [trade, item] of items) {
  const text =
    item.status === 'answered' ? item.result.content.map((part) => 'text' in part && part.text).join('') : item.reason
  console.log(`${trade}: ${item.status}, ${text}`)
}
console.log(`cost: ${next.status()[0]?.costUsd} USD, batches at the provider: ${server.batches.all.length}`)
next.close()
await server.close()
