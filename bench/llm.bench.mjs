import { existsSync } from 'node:fs'
import { join } from 'node:path'
import { measure } from './measure.mjs'
import { atLeast, atMost, besidePeer, figure } from './row.mjs'

const peer = 'cache of the AI SDK’s documentation'

/** What language models cost. Tokens are counted once: with one tokenizer and one tape they are the same in every run. */
export async function run({ say, dataFolder }) {
  return [
    ...(await tokenRows(say, dataFolder)),
    ...(await identicalRows()),
    ...(await exactnessRows()),
    ...(await overheadRows()),
    ...(await overshootRows()),
  ]
}

async function tokenRows(say, dataFolder) {
  const stocknet = dataFolder === undefined ? undefined : join(dataFolder, 'stocknet')
  const isThere = stocknet !== undefined && existsSync(stocknet)
  if (!isThere) say('llm: TRADESWARM_DATA has no stocknet; the bundled tape is read instead')
  const tape = isThere ? stocknet : null
  const of = new Map()
  for (const way of ['direct', 'documented', 'cache', 'flight', 'batch', 'all']) {
    const result = await measure({ program: 'llm/tokens.mjs', parameters: { tape, way } })
    say(`${way}: ${result.calls} calls, ${result.input + result.output} tokens of ${result.posts} posts`)
    of.set(way, result)
  }
  const decisions = new Set([...of.values()].map((result) => result.decisions))
  if (decisions.size !== 1) throw new Error('the ways of asking did not come to the same decisions')
  const tokens = (way) => of.get(way).input + of.get(way).output
  const saved = (way) => 100 * (1 - tokens(way) / tokens('direct'))
  const name = `tokens saved on ${isThere ? 'the StockNet tape' : 'the bundled tape'}`
  return [
    figure({ name: `${name}: single-flight alone`, value: saved('flight'), unit: '%' }),
    figure({ name: `${name}: exact cache alone`, value: saved('cache'), unit: '%' }),
    figure({ name: `${name}: batching alone`, value: saved('batch'), unit: '%' }),
    atLeast({ name: `${name}: all`, value: saved('all'), unit: '%', bound: 60 }),
    besidePeer({
      name: 'tokens billed, all',
      value: tokens('all') / 1e6,
      unit: 'M',
      peer,
      peerValue: tokens('documented') / 1e6,
      better: 'lower',
    }),
  ]
}

async function identicalRows() {
  const calls = 1_000
  const [ours, theirs] = [
    await measure({ program: 'llm/identical.mjs', parameters: { calls, peer: false } }),
    await measure({ program: 'llm/identical.mjs', parameters: { calls, peer: true } }),
  ]
  return [
    atMost({ name: 'provider calls for 1,000 alike at once', value: ours.provider, unit: 'calls', bound: 1 }),
    besidePeer({
      name: 'provider calls for 1,000 alike at once',
      value: ours.provider,
      unit: 'calls',
      peer,
      peerValue: theirs.provider,
      better: 'lower',
    }),
  ]
}

async function exactnessRows() {
  const parameters = { mutations: 100_000, equivalents: 10_000 }
  const [ours, theirs] = [
    await measure({ program: 'llm/exactness.mjs', parameters: { ...parameters, peer: false } }),
    await measure({ program: 'llm/exactness.mjs', parameters: { ...parameters, peer: true } }),
  ]
  return [
    atMost({ name: 'false hits of 100,000 calls changed in one field', value: ours.falseHits, unit: 'hits', bound: 0 }),
    atLeast({ name: 'hits for calls that mean the same', value: ours.equivalentHits, unit: '%', bound: 100 }),
    besidePeer({
      name: 'hits for calls that mean the same',
      value: ours.equivalentHits,
      unit: '%',
      peer,
      peerValue: theirs.equivalentHits,
      better: 'higher',
    }),
    figure({ name: `false hits of the same calls, ${peer}`, value: theirs.falseHits, unit: 'hits' }),
  ]
}

async function overheadRows() {
  const rows = []
  for (const what of ['hit', 'miss']) {
    const node = await measure({ program: 'llm/overhead.mjs', parameters: { what, calls: 3_000 } })
    const name = `cache, ${what}, 16 KB`
    rows.push(
      atMost({ name: `${name}, Node: added at p99`, value: node.p99Ms, unit: 'ms', bound: 1 }),
      figure({ name: `${name}, Node: added at the median`, value: node.p50Ms, unit: 'ms' }),
    )
    // The clock of workerd has steps of one millisecond.
    const worker = await measure({ program: 'llm/overhead-workerd.mjs', parameters: { what, calls: 300 } })
    rows.push(
      atMost({ name: `${name}, workerd: p99 is below`, value: worker.p99BelowMs, unit: 'ms', bound: 2 }),
      figure({ name: `${name}, workerd: added at the mean`, value: worker.meanMs, unit: 'ms' }),
    )
  }
  return rows
}

async function overshootRows() {
  const { overshootUsd } = await measure({ program: 'llm/overshoot.mjs', parameters: { calls: 1_000, usdPerDay: 1 } })
  const name = 'budget overshoot, 1,000 calls at once, a restart and 1,000 more'
  return [atMost({ name, value: overshootUsd, unit: 'USD', bound: 0 })]
}
