// Calls at once against a budget that a third of them fit into, a process that dies with all of them under way, and as many calls again of the next
// one. The provider bills each call that reached it at the most it can cost.
import { callContext, withSwarmEconomics } from '@tradeswarm/llm'
import { createMemoryStorage } from '@tradeswarm/storage-memory'
import { report } from '../measure.mjs'

const { calls, usdPerDay } = JSON.parse(process.argv[2])
const price = {
  input: '0',
  output: '10',
  maximumOutputTokens: 300,
  contextTokens: 1_000,
  source: 'bench',
  date: '2026-01-01',
}
const callUsd = 0.003
const storage = await createMemoryStorage().open({ clock: { now: () => Date.now() } })
let reached = 0

function life(answers) {
  const model = {
    specificationVersion: 'v4',
    provider: 'stand-in',
    modelId: 'm',
    supportedUrls: {},
    config: { baseURL: 'http://127.0.0.1' },
    async doGenerate() {
      reached += 1
      if (!answers) return new Promise(() => undefined)
      return {
        content: [{ type: 'text', text: 'yes' }],
        finishReason: { unified: 'stop', raw: 'stop' },
        usage: { inputTokens: { total: 0 }, outputTokens: { total: 300 } },
        warnings: [],
      }
    },
  }
  const calm = { timeoutMs: 86_400_000 }
  const budget = { usdPerDay, agents: { first: { usdPerDay: usdPerDay / 2 } } }
  return withSwarmEconomics(model, { cache: false, budget, prices: { m: price }, storage, calls: calm })
}

const prompt = [{ role: 'user', content: [{ type: 'text', text: 'a' }] }]
const ask = (model, agent) =>
  Array.from({ length: calls }, () =>
    model.doGenerate({ prompt, providerOptions: callContext({ agent }) }).catch((error) => error.code),
  )
// Half of the budget, of which nobody ever hears.
ask(life(false), 'first')
await new Promise((resolve) => setTimeout(resolve, 2_000))
const before = reached
await Promise.all(ask(life(true), 'second'))
const billed = reached * callUsd
report({ before, reached, overshootUsd: Math.max(0, Number((billed - usdPerDay).toFixed(9))) })
process.exit(0)
