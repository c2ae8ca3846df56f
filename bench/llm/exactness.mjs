// False hits among calls that differ in one field, and hits among calls that mean the same. `peer`: through a cache as the AI SDK's documentation
// shows it. Models and their addresses are fields too: several models share a cache, as they do where it lies in one store.
import { createExactCache } from '@tradeswarm/llm'
import { wrapLanguageModel } from 'ai'
import { report } from '../measure.mjs'
import { baseCall, equivalent, leavesOf, mutated } from './base-call.mjs'
import { documentedCache } from './documented-cache.mjs'

const { mutations, equivalents, peer } = JSON.parse(process.argv[2])
let made = 0
const modelOf = (name) => ({
  specificationVersion: 'v4',
  provider: name.provider,
  modelId: name.modelId,
  supportedUrls: {},
  config: { baseURL: name.baseUrl },
  async doGenerate() {
    made += 1
    return {
      content: [{ type: 'text', text: `answer ${made}` }],
      finishReason: { unified: 'stop', raw: 'stop' },
      usage: { inputTokens: { total: 1 }, outputTokens: { total: 1 } },
      warnings: [],
    }
  },
})
const name = { provider: 'stand-in', modelId: 'm', baseUrl: 'http://127.0.0.1' }
const middleware = peer ? documentedCache() : createExactCache({ maximumCharacters: 1e9 }).middleware
const of = (which) => wrapLanguageModel({ model: modelOf(which), middleware })
const model = of(name)

await model.doGenerate(baseCall)
const hits = async (call) => {
  const before = made
  await call()
  return made === before ? 1 : 0
}
const leaves = [...leavesOf(baseCall), ...Object.keys(name)]
let falseHits = 0
for (let salt = 0; salt < mutations; salt += 1) {
  const leaf = leaves[salt % leaves.length]
  falseHits += await hits(() =>
    typeof leaf === 'string'
      ? of({ ...name, [leaf]: `${name[leaf]}${salt}` }).doGenerate(baseCall)
      : model.doGenerate(mutated(baseCall, leaf, salt)),
  )
}
let found = 0
for (let salt = 0; salt < equivalents; salt += 1)
  found += await hits(() => model.doGenerate(equivalent(baseCall, salt)))
report({ falseHits, equivalentHits: (100 * found) / equivalents })
