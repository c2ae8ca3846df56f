// Reads every post of a tape, one after another in time, those of `waitMs`, an hour by default, at once (the swarm decides once a session, so that no decision waits), and counts what the model bills. `way`: `direct`, a call for each
// post; `documented`, the same calls through the cache of the AI SDK's documentation; `cache`, through ours; `flight`, the same calls, those under way shared; `batch`, batches and nothing
// remembered; `all`, batches over remembered items. Prints a hash of all decisions, which every way must come to.
import { createHash } from 'node:crypto'
import { bundledTape, loadTape } from '@tradeswarm/backtest'
import { batchCall, createBatcher, createExactCache } from '@tradeswarm/llm'
import { wrapLanguageModel } from 'ai'
import { report } from '../measure.mjs'
import { documentedCache } from './documented-cache.mjs'
import { createStandIn, readPost } from './reading-task.mjs'

const { tape: folder, way, waitMs = 3_600_000 } = JSON.parse(process.argv[2])
const tape = folder === null ? await bundledTape() : await loadTape(folder)
const { model, billed } = createStandIn()

/** Virtual time: a window closes when the next one begins. */
const clock = { now: () => 0, at: () => () => undefined }
const ask = askerOf(way)
const hash = createHash('sha256')

for (const posts of gatheredOf(tape.posts)) {
  const answers = posts.map(({ symbol, text }) => ask.one({ symbol, text }))
  ask.flush()
  for (const answer of await Promise.all(answers)) hash.update(JSON.stringify(answer))
}
report({ ...billed, posts: tape.posts.length, decisions: hash.digest('hex') })

function askerOf(kind) {
  if (kind === 'batch' || kind === 'all') {
    const batcher = createBatcher({ model, clock, maximumRemembered: kind === 'all' ? 1_000_000 : 0 })
    return { one: (post) => batcher.run(readPost, post), flush: () => batcher.flush() }
  }
  const asked = kind === 'direct' ? model : wrapLanguageModel({ model, middleware: middlewareOf(kind) })
  return { one: (post) => alone(asked, post), flush: () => undefined }
}

function middlewareOf(kind) {
  if (kind === 'documented') return documentedCache()
  const never = { get: async () => undefined, put: async () => undefined }
  // What is not remembered can only be shared while it is under way.
  return createExactCache(
    kind === 'flight' ? { maximumCharacters: 1, store: never } : { lifetime: '3650d', singleFlight: false },
  ).middleware
}

async function alone(asked, post) {
  const call = batchCall(readPost, [{ id: 'post', content: readPost.item(post) }])
  const { content } = await asked.doGenerate(call)
  return readPost.schema.parse(JSON.parse(content[0].text).answers[0].answer)
}

function* gatheredOf(posts) {
  let gathered = []
  for (const post of posts) {
    if (gathered.length > 0 && Math.floor(post.at / waitMs) !== Math.floor(gathered[0].at / waitMs)) {
      yield gathered
      gathered = []
    }
    gathered.push(post)
  }
  if (gathered.length > 0) yield gathered
}
