import { copyFileSync, mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { inTurns, measure } from './measure.mjs'
import { atLeast, atMost, besidePeer, figure, median } from './row.mjs'

const rounds = 3

/** The trading kernel. It has no peer: nothing on npm takes orders with permits, a journal and exact books. */
export async function run({ say }) {
  const groups = [orderRows, assessmentRows, firstByteRows, rebuildRows, recoveryRows, moneyRows]
  const rows = []
  for (const rowsOf of groups) rows.push(...(await rowsOf(say)))
  return rows
}

async function orderRows(say) {
  const program = 'trading/orders.mjs'
  const cases = [
    { name: 'orders, real time', program, parameters: { symbols: 50, ordersEach: 5000, virtual: false } },
    { name: 'orders, virtual time', program, parameters: { symbols: 50, ordersEach: 5000, virtual: true } },
    {
      name: 'orders, with stop and target',
      program,
      parameters: { symbols: 50, ordersEach: 5000, virtual: true, protected: true },
    },
  ]
  const results = await inTurns(cases, rounds, say)
  const thousands = (name) => {
    const of = medianOf(results.get(name))
    say(`${name}: ${Math.round(of('perSecond'))} 1/s, thread busy ${Math.round(of('busy') * 100)} % of the time`)
    return of('perSecond') / 1000
  }
  const whole = 'order, permit, sent, filled, booked: memory'
  return [
    atLeast({ name: `${whole}, real time`, value: thousands('orders, real time'), unit: 'k/s', bound: 50 }),
    atLeast({ name: `${whole}, virtual time`, value: thousands('orders, virtual time'), unit: 'k/s', bound: 50 }),
    figure({
      name: 'the same, with stop and target at the venue',
      value: thousands('orders, with stop and target'),
      unit: 'k/s',
    }),
  ]
}

async function assessmentRows(say) {
  const parameters = { positions: 50, assessments: 30_000 }
  const results = await inTurns([{ name: 'assessment', program: 'trading/assess.mjs', parameters }], rounds, say)
  const of = medianOf(results.get('assessment'))
  const name = (what) => `one assessment, all rules, every option, 50 positions: ${what}`
  return [
    atMost({ name: name('permitted, median'), value: of('permittedMedianUs'), unit: 'µs', bound: 10 }),
    atMost({ name: name('denied, median'), value: of('deniedMedianUs'), unit: 'µs', bound: 10 }),
    figure({ name: name('permitted, p99'), value: of('permittedP99Us'), unit: 'µs' }),
    figure({ name: name('permitted, median of the first 10,000'), value: of('permittedFirstUs'), unit: 'µs' }),
    figure({ name: name('denied, median of the first 2,500'), value: of('deniedFirstUs'), unit: 'µs' }),
  ]
}

async function firstByteRows(say) {
  // A kernel takes no more than 300 entries a minute.
  const parameters = { recommendations: 240, warmUp: 50 }
  const results = await inTurns([{ name: 'first byte', program: 'trading/first-byte.mjs', parameters }], rounds, say)
  const of = medianOf(results.get('first byte'))
  return [
    atMost({ name: 'recommendation to first byte, SQLite, full: p99', value: of('p99Ms'), unit: 'ms', bound: 5 }),
    figure({ name: 'recommendation to first byte, SQLite, full: median', value: of('p50Ms'), unit: 'ms' }),
    figure({ name: 'recommendation to first byte, SQLite, full: longest', value: of('longestMs'), unit: 'ms' }),
  ]
}

async function rebuildRows(say) {
  const program = 'trading/rebuild.mjs'
  const cases = [
    { name: 'rebuild, swarm', program, parameters: { what: 'swarm' } },
    { name: 'rebuild, kernel', program, parameters: { what: 'kernel', symbols: 50, rounds: 40 } },
  ]
  const results = await inTurns(cases, rounds, say)
  for (const [name, runs] of results) {
    const of = medianOf(runs)
    say(
      `${name}: ${of('records')} records, recorded in ${of('recordedMs').toFixed(0)} ms, rebuilt in ${of('rebuiltMs').toFixed(0)} ms`,
    )
  }
  const timesAsFast = (name) => medianOf(results.get(name))('times')
  return [
    atLeast({
      name: 'books rebuilt, as fast as a swarm recorded them',
      value: timesAsFast('rebuild, swarm'),
      unit: 'times',
      bound: 10,
    }),
    figure({
      name: 'books rebuilt, as fast as a bare kernel recorded them',
      value: timesAsFast('rebuild, kernel'),
      unit: 'times',
    }),
  ]
}

async function recoveryRows(say) {
  const stopped = await recovered(say, false)
  const killed = await recovered(say, true)
  const name = '100,000 journalled orders, 1,000 open'
  return [
    atMost({ name: `${name}: process to recovered`, value: stopped('wholeSeconds'), unit: 's', bound: 3 }),
    atMost({
      name: `${name}, killed before: process to recovered`,
      value: killed('wholeSeconds'),
      unit: 's',
      bound: 3,
    }),
    figure({ name: `${name}: start of the swarm alone`, value: stopped('startSeconds'), unit: 's' }),
    figure({ name: `${name}: processor time`, value: stopped('cpuSeconds'), unit: 's' }),
    figure({ name: `${name}: peak memory`, value: stopped('peakMegabytes'), unit: 'MB' }),
  ]
}

/** Starts on the journal of a kernel that was stopped, or killed when its books were last written down 20,000 records before. */
async function recovered(say, killed) {
  const what = killed ? 'recovery after a kill' : 'recovery'
  const place = mkdtempSync(join(tmpdir(), 'tradeswarm-bench-'))
  try {
    const recorded = join(place, 'recorded.db')
    const parameters = { file: recorded, symbols: 50, orders: 100_000, open: 1000, killed }
    const { seconds, tail } = await measure({ program: 'trading/record-orders.mjs', parameters })
    say(`recorded 100,000 orders in ${seconds.toFixed(1)} s, ${tail} records since the books were written down`)
    const runs = []
    for (let round = 1; round <= rounds; round += 1) {
      const file = join(place, `round-${round}.db`)
      for (const ending of ['', '.json']) copyFileSync(recorded + ending, file + ending)
      runs.push(await measure({ program: 'trading/recover.mjs', parameters: { file } }))
      say(`round ${round} of ${rounds}: ${what}: ${runs.at(-1).wholeSeconds.toFixed(2)} s`)
      rmSync(file, { force: true })
    }
    return medianOf(runs)
  } finally {
    rmSync(place, { recursive: true, force: true })
  }
}

/** Here there are peers. */
async function moneyRows(say) {
  const peers = ['big.js', 'bignumber.js']
  const cases = ['ours', ...peers].map((library) => ({
    name: library,
    program: 'trading/money.mjs',
    parameters: { library },
  }))
  const results = await inTurns(cases, rounds, say)
  const digests = new Set([...results.values()].flat().map(({ digest }) => digest))
  if (digests.size !== 1) throw new Error('money: the libraries come to different results')
  const operations = {
    parse: 'parseNs',
    plus: 'plusNs',
    times: 'timesNs',
    divide: 'divideNs',
    compare: 'compareNs',
    'product to text': 'productTextNs',
  }
  return Object.entries(operations).flatMap(([name, field]) =>
    peers.map((peer) =>
      besidePeer({
        name: `money: ${name}`,
        value: medianOf(results.get('ours'))(field),
        unit: 'ns',
        peer,
        peerValue: medianOf(results.get(peer))(field),
        better: 'lower',
        atLeast: 1,
      }),
    ),
  )
}

function medianOf(runs) {
  return (field) => median(runs.map((result) => result[field]))
}
