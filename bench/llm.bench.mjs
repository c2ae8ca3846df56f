import { existsSync } from 'node:fs'
import { join } from 'node:path'
import { measure } from './measure.mjs'
import { atLeast, atMost, besidePeer, figure } from './row.mjs'

/** What language models cost. Tokens are counted once: with one tokenizer and one tape they are the same in every run. */
export async function run({ say, dataFolder }) {
  return [...(await tokenRows(say, dataFolder)), ...(await identicalRows()), ...(await overheadRows())]
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
      peer: 'cache of the AI SDK’s documentation',
      peerValue: tokens('documented') / 1e6,
      better: 'lower',
    }),
  ]
}

async function identicalRows() {
  const calls = 1_000
  const [ours, peer] = [
    await measure({ program: 'llm/identical.mjs', parameters: { calls, peer: false } }),
    await measure({ program: 'llm/identical.mjs', parameters: { calls, peer: true } }),
  ]
  return [
    atMost({ name: 'provider calls for 1,000 alike at once', value: ours.provider, unit: 'calls', bound: 1 }),
    besidePeer({
      name: 'provider calls for 1,000 alike at once',
      value: ours.provider,
      unit: 'calls',
      peer: 'cache of the AI SDK’s documentation',
      peerValue: peer.provider,
      better: 'lower',
    }),
  ]
}

async function overheadRows() {
  const rows = []
  for (const what of ['hit', 'miss']) {
    const { p50Ms, p99Ms } = await measure({ program: 'llm/overhead.mjs', parameters: { what, calls: 3_000 } })
    rows.push(
      atMost({ name: `cache, ${what}, 16 KB, Node: added at p99`, value: p99Ms, unit: 'ms', bound: 1 }),
      figure({ name: `cache, ${what}, 16 KB, Node: added at the median`, value: p50Ms, unit: 'ms' }),
    )
  }
  return rows
}
