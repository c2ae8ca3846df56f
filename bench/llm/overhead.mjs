// What the cache adds to a call of 16 KB, over a model that answers at once. `what`: `hit` or `miss`.
import { createExactCache } from '@tradeswarm/llm'
import { wrapLanguageModel } from 'ai'
import { report } from '../measure.mjs'

const { what, calls } = JSON.parse(process.argv[2])
const answer = {
  content: [{ type: 'text', text: 'x'.repeat(2_000) }],
  finishReason: { unified: 'stop', raw: 'stop' },
  usage: { inputTokens: { total: 1 }, outputTokens: { total: 1 } },
  warnings: [],
}
const model = {
  specificationVersion: 'v4',
  provider: 'stand-in',
  modelId: 'm',
  supportedUrls: {},
  config: { baseURL: 'http://127.0.0.1' },
  doGenerate: async () => answer,
}
const cached = wrapLanguageModel({ model, middleware: createExactCache().middleware })
const text = 'A post about $AAPL, of many. '.repeat(560)
const promptOf = (index) => [{ role: 'user', content: [{ type: 'text', text: `${index} ${text}` }] }]

await timesOf(cached, calls)
const direct = await timesOf(model, calls)
const ours = await timesOf(cached, calls)
report({ p50Ms: at(ours, 0.5) - at(direct, 0.5), p99Ms: at(ours, 0.99) - at(direct, 0.99) })

async function timesOf(asked, count) {
  const times = []
  for (let index = 0; index < count; index += 1) {
    const prompt = promptOf(what === 'hit' ? 0 : `${asked === model} ${times.length} ${count} ${performance.now()}`)
    const start = performance.now()
    await asked.doGenerate({ prompt })
    times.push(performance.now() - start)
  }
  return times.sort((a, b) => a - b)
}

function at(sorted, share) {
  return sorted[Math.min(sorted.length - 1, Math.floor(share * sorted.length))]
}
