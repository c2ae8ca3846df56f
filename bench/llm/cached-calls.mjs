// Calls of 16 KB through the exact cache, and past it, over a model that answers at once: what Node and workerd both time.
import { createExactCache } from '@tradeswarm/llm'
import { wrapLanguageModel } from 'ai'

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
const text = 'A post about $AAPL, of many. '.repeat(560)

/** `what`: `hit` or `miss`. Both functions make one call, `cached` through the cache; no two misses are alike. */
export function createCachedCalls(what) {
  const cached = wrapLanguageModel({ model, middleware: createExactCache().middleware })
  let made = 0
  const next = () => [{ role: 'user', content: [{ type: 'text', text: `${what === 'hit' ? 0 : made++} ${text}` }] }]
  return {
    cached: () => cached.doGenerate({ prompt: next() }),
    direct: () => model.doGenerate({ prompt: next() }),
  }
}

export function at(sorted, share) {
  return sorted[Math.min(sorted.length - 1, Math.floor(share * sorted.length))]
}
