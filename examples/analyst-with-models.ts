// The five agents with a language model in the Analyst, over the bundled tape. A server on this machine stands in for OpenAI, so that no key
// is needed; in your program the model is `openai('gpt-5-mini')` and nothing else changes.
import { createOpenAI } from '@ai-sdk/openai'
import { defineTradingSwarm, RecommendationIssued } from '@tradeswarm/agents'
import { backtest, bundledTape } from '@tradeswarm/backtest'
import type { PayloadOf } from '@tradeswarm/core'
import { withSwarmEconomics } from '@tradeswarm/llm'
import { createMemoryStorage } from '@tradeswarm/storage-memory'
import { createFakeOpenAi, type FakeModelRequest } from '@tradeswarm/testing/fakes'

type Item = { readonly id: string; readonly item: Readonly<Record<string, unknown>> }
type Rules = { readonly action: string; readonly score?: number; readonly confidence?: number }

let opinions = 0
const server = await createFakeOpenAi({ answer: standIn })
const openai = createOpenAI({ baseURL: server.baseUrl, apiKey: server.apiKey })

const swarm = defineTradingSwarm({
  symbols: ['SPX'],
  model: withSwarmEconomics(openai('gpt-5-mini'), { cache: 'exact' }),
  config: { analyst: { model: { maximumPosts: 6, fallback: 'rules' } } },
})

// Who looks at what the models did: the status while it runs, the journal afterwards.
const storage = createMemoryStorage()
let models: unknown
const result = await backtest({
  tape: await bundledTape({ to: '2014-03-31' }),
  swarm,
  cash: { USD: '100000' },
  storage,
  onSessionClosed: (_date, running) => {
    models = running.status().models
  },
})
console.log(models)

const { recommendations, intents, trades } = result.counts
console.log(`${recommendations} recommendations, ${intents} intents, ${trades} trades`)
console.log(result.labels.find((label) => label.startsWith('Contaminated')))

// One recommendation, with all that it owes to models.
const opened = await storage.open({ clock: { now: () => 0 } })
const chosen = { model: false, rules: false }
for await (const entry of opened.journal.read({ kinds: ['message'] })) {
  const { topic, payload } = JSON.parse(entry.text) as {
    topic: string
    payload: PayloadOf<typeof RecommendationIssued>
  }
  if (topic !== RecommendationIssued.name || payload.model === undefined || chosen[payload.model.origin]) continue
  const { origin, fault, uses, costUsd, expectedReturn, rewardToRisk, rationaleHash, posts } = payload.model
  chosen[origin] = true
  console.log(`\n${payload.sessionDate} ${payload.direction} ${payload.symbol}, by ${origin}`)
  console.log(
    `  ${uses.map(({ prompt, model }) => `${prompt} ${model}`).join(', ') || 'no answer was taken'}, ${costUsd} USD`,
  )
  if (fault !== undefined) console.log(`  the model's answer was not taken: ${fault}`)
  if (rationaleHash !== undefined) console.log(`  "${await opened.blobs.get(rationaleHash)}"`)
  if (expectedReturn !== undefined)
    console.log(`  expected ${expectedReturn.toFixed(4)}, reward to risk ${rewardToRisk}`)
  for (const { id, reading } of posts.slice(0, 2)) console.log(`  ${id}: ${reading.stance}, ${reading.kind}`)
}
await opened.close()
await server.close()

/** Has the wire of a model and none of its knowledge: reads a post by its words, agrees with the rules about a brief, and makes up a number in every seventh opinion. */
function standIn({ user }: FakeModelRequest): string {
  const items = JSON.parse(user) as readonly Item[]
  return JSON.stringify({
    answers: items.map(({ id, item }) => ({ id, answer: 'text' in item ? read(String(item.text)) : judge(item) })),
  })
}

function read(text: string) {
  const isUp = /breakout|strong|buy|bull|higher/i.test(text)
  const isDown = /weak|sell|bear|lower|short/i.test(text)
  const stance = isUp === isDown ? 'neutral' : isUp ? 'bullish' : 'bearish'
  const strength = stance === 'neutral' ? 0 : 0.6
  return { relevance: 'about', stance, strength, certainty: 0.5, kind: 'opinion', event: 'none' }
}

function judge(brief: Item['item']) {
  opinions += 1
  const { action, score = 0, confidence = 0.5 } = brief.rules as Rules
  return {
    symbol: brief.symbol,
    action,
    score,
    confidence,
    scenarios: {
      base: { probability: 0.5, returnPercent: 1.5 },
      bull: { probability: 0.3, returnPercent: 6 },
      bear: { probability: 0.2, returnPercent: -5 },
    },
    evidence: ['rules', 'price'],
    rationale:
      opinions % 7 === 0
        ? 'Earnings will grow by 37.5%.'
        : `The rules score ${score}, and a bear case of -5% has a probability of only 20%.`,
  }
}
