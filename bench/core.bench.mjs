import { availableParallelism, loadavg } from 'node:os'
import { inTurns, measure } from './measure.mjs'
import { atLeast, atMost, besidePeer, figure, median } from './row.mjs'

const rounds = 3
/** Swarm options that switch metrics and tracing off. */
const withoutTelemetry = { telemetry: false }

/** The runtime of the core, beside moleculer. */
export async function run({ say }) {
  const groups = [publishRows, requestRows, durableRows, idleRows, recoveryRows, failoverRows, topicRows]
  const rows = []
  for (const rowsOf of groups) {
    warnOfLoad(say)
    rows.push(...(await rowsOf(say)))
  }
  return rows
}

/** Our own programs keep one processor busy, or little more than one. */
function warnOfLoad(say) {
  const [load] = loadavg()
  if (load > availableParallelism())
    say(
      `core: the load is ${load.toFixed(1)} on ${availableParallelism()} processors: rates are low, and ratios are not to be trusted`,
    )
}

async function publishRows(say) {
  const cases = [
    { name: 'publish', program: 'core/publish.mjs', parameters: { way: 'handler' } },
    { name: 'moleculer emit', program: 'peers/moleculer-emit.mjs', parameters: { atOnce: 1 } },
    { name: 'publish from outside', program: 'core/publish.mjs', parameters: { way: 'outside' } },
    { name: 'moleculer emit, 100 at once', program: 'peers/moleculer-emit.mjs', parameters: { atOnce: 100 } },
  ]
  const plain = { way: 'handler', swarmOptions: withoutTelemetry }
  cases.push({ name: 'without telemetry', program: 'core/publish.mjs', parameters: plain })
  const rates = await ratesInTurns(cases, say)
  const beside = (name, value, peer, least) =>
    besidePeer({
      name,
      value: rates.get(value),
      unit: '1/s',
      peer,
      peerValue: rates.get(peer),
      better: 'higher',
      atLeast: least,
    })
  return [
    beside('publish, validated, ephemeral, one handler', 'publish', 'moleculer emit', 1.6),
    beside('the same beside 100 emits at once', 'publish', 'moleculer emit, 100 at once'),
    beside('the same from outside, awaited one by one', 'publish from outside', 'moleculer emit'),
    beside('the same beside a swarm without telemetry', 'publish', 'without telemetry'),
  ]
}

async function requestRows(say) {
  const cases = [
    { name: 'request', program: 'core/request.mjs', parameters: {} },
    { name: 'moleculer call', program: 'peers/moleculer-call.mjs', parameters: {} },
  ]
  const rates = await ratesInTurns(cases, say)
  return [
    besidePeer({
      name: 'request, validated both ways, all policies on',
      value: rates.get('request'),
      unit: '1/s',
      peer: 'moleculer call',
      peerValue: rates.get('moleculer call'),
      better: 'higher',
      atLeast: 4,
    }),
  ]
}

async function durableRows(say) {
  const durable = (name, storage, way, signals) => ({
    name,
    program: 'core/durable.mjs',
    parameters: { storage, way, signals },
  })
  const rates = await ratesInTurns(
    [
      durable('memory', 'memory', 'handler', 100_000),
      durable('SQLite', 'sqlite', 'handler', 40_000),
      durable('memory, outside', 'memory', 'outside', 100_000),
      durable('SQLite, outside', 'sqlite', 'outside', 40_000),
    ],
    say,
  )
  const thousands = (name) => rates.get(name) / 1000
  const row = (name, value, bound) => atLeast({ name, value: thousands(value), unit: 'k/s', bound })
  return [
    row('publish, durable, handled, acknowledged: memory', 'memory', 300),
    row('publish, durable, handled, acknowledged: SQLite, full', 'SQLite', 50),
    figure({ name: 'the same, each from outside by itself: memory', value: thousands('memory, outside'), unit: 'k/s' }),
    figure({ name: 'the same, each from outside by itself: SQLite', value: thousands('SQLite, outside'), unit: 'k/s' }),
  ]
}

async function idleRows(say) {
  const parameters = { agents: 10_000 }
  const results = await inTurns(
    [{ name: 'idle', program: 'core/idle.mjs', parameters, flags: ['--expose-gc'] }],
    rounds,
    say,
  )
  const of = medianOf(results.get('idle'))
  return [
    atMost({ name: '10,000 idle agents: start', value: of('startSeconds'), unit: 's', bound: 2 }),
    atMost({ name: '10,000 idle agents: heap each', value: of('heapBytesEach') / 1000, unit: 'KB', bound: 8 }),
    figure({ name: '10,000 idle agents: resident set each', value: of('rssBytesEach') / 1000, unit: 'KB' }),
  ]
}

async function recoveryRows(say) {
  const parameters = { kills: 500, hangs: 50, handlerTimeoutMs: 100 }
  const results = await inTurns([{ name: 'recovery', program: 'core/recover.mjs', parameters }], rounds, say)
  const runs = results.get('recovery')
  const of = medianOf(runs)
  if (runs.some((result) => !result.hungAreRestarted))
    say('core: a hung handler was given up, but its agent was left as it was')
  return [
    atMost({ name: 'killed agent back with its state: p99', value: of('killP99Ms'), unit: 'ms', bound: 50 }),
    figure({ name: 'killed agent back with its state: longest', value: of('killLongestMs'), unit: 'ms' }),
    atMost({ name: 'hung for 100 ms, found and back: longest', value: of('hangLongestMs'), unit: 'ms', bound: 150 }),
    figure({ name: 'what hung for 100 ms handled anew: longest', value: of('redoneLongestMs'), unit: 'ms' }),
  ]
}

/** All three at once: they do next to nothing but wait. */
async function failoverRows(say) {
  const load = { perSecond: 200, faultAtMs: 1000 }
  const ours = (fault) =>
    measure({ program: 'core/failover.mjs', parameters: { ...load, fault, loadMs: 5000, graceMs: 6000 } })
  const theirs = measure({
    program: 'peers/moleculer-failover.mjs',
    parameters: { ...load, loadMs: 20_000, graceMs: 0 },
  })
  const [kill, freeze, peer] = await Promise.all([ours('kill'), ours('freeze'), theirs])
  const rowsOf = (what, mine, other) => {
    say(
      `failover, one of two ${what}: ${JSON.stringify(mine.failures)}; moleculer: ${JSON.stringify(other.failures)} of ${other.calls} calls`,
    )
    return [
      atMost({ name: `one of two ${what}: failed of 1,000 calls`, value: mine.failed, unit: 'calls', bound: 0 }),
      atMost({ name: `one of two ${what}: longest wait`, value: mine.longestMs, unit: 'ms', bound: 1000 }),
      besidePeer({
        name: `one of two ${what}: longest wait beside what of moleculer's was seen in 20 s`,
        value: mine.longestMs,
        unit: 'ms',
        peer: 'moleculer, defaults',
        peerValue: other.longestMs,
        better: 'lower',
      }),
      figure({
        name: `one of two ${what}: moleculer's failed of 4,000 calls in 20 s`,
        value: other.failed,
        unit: 'calls',
      }),
    ]
  }
  return [...rowsOf('replicas dies', kill, peer.kill), ...rowsOf('replicas freezes', freeze, peer.freeze)]
}

async function topicRows(say) {
  const parameters = { few: 10, many: 10_000, rounds: 9 }
  const results = await inTurns([{ name: 'topics', program: 'core/topics.mjs', parameters }], rounds, say)
  const runs = results.get('topics')
  for (const { fewPerSecond, manyPerSecond, leastTimes, mostTimes } of runs)
    say(
      `topics: ${whole(fewPerSecond)} and ${whole(manyPerSecond)} 1/s; one turn ${leastTimes.toFixed(2)} to ${mostTimes.toFixed(2)} times as long`,
    )
  return [
    atMost({ name: 'publish, 10,000 topics / 10', value: medianOf(runs)('timesAsLong'), unit: 'times', bound: 1.2 }),
  ]
}

/** The median rate of each case. What the windows of all rounds spread over goes to stderr. */
async function ratesInTurns(cases, say) {
  const results = await inTurns(cases, rounds, say)
  const rates = new Map()
  for (const [name, runs] of results) {
    const of = medianOf(runs)
    rates.set(name, of('perSecond'))
    const slowest = Math.min(...runs.map((result) => result.slowest))
    const fastest = Math.max(...runs.map((result) => result.fastest))
    const spread = `windows of ${whole(slowest)} to ${whole(fastest)}`
    const busy = `thread busy ${Math.round(of('busy') * 100)} % of the time`
    say(`${name}: ${whole(of('perSecond'))} 1/s, ${spread}, ${busy}, ${whole(of('perCpuSecond'))} per processor second`)
  }
  return rates
}

function medianOf(runs) {
  return (field) => median(runs.map((result) => result[field]))
}

function whole(value) {
  return Math.round(value).toLocaleString('en-US')
}
