// A thousand calls alike, at once. `peer`: through a cache as the AI SDK's documentation shows it, which looks before the call and stores after it.
import { createExactCache } from '@tradeswarm/llm'
import { wrapLanguageModel } from 'ai'
import { report } from '../measure.mjs'
import { documentedCache } from './documented-cache.mjs'

const { calls, peer } = JSON.parse(process.argv[2])
let provider = 0
const model = {
  specificationVersion: 'v4',
  provider: 'stand-in',
  modelId: 'm',
  supportedUrls: {},
  config: { baseURL: 'http://127.0.0.1' },
  async doGenerate() {
    provider += 1
    await new Promise((resolve) => setTimeout(resolve, 50))
    return {
      content: [{ type: 'text', text: 'yes' }],
      finishReason: { unified: 'stop', raw: 'stop' },
      usage: { inputTokens: { total: 1 }, outputTokens: { total: 1 } },
      warnings: [],
    }
  },
}
const cached = wrapLanguageModel({ model, middleware: peer ? documentedCache() : createExactCache().middleware })
const prompt = [{ role: 'user', content: [{ type: 'text', text: 'a' }] }]
await Promise.all(Array.from({ length: calls }, () => cached.doGenerate({ prompt })))
report({ provider })
