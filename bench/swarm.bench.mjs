import { existsSync } from 'node:fs'
import { join } from 'node:path'
import { loadTape } from '@tradeswarm/backtest'
import { inTurns } from './measure.mjs'
import { atMost, besidePeer, figure, median } from './row.mjs'

const rounds = 3

/** The five agents over the StockNet tape and the bundled one, each run in a process of its own. */
export async function run({ say, dataFolder }) {
  const bundled = swarmCase('bundled, SQLite', { storage: 'sqlite', writesReport: true })
  const tape = dataFolder === undefined ? undefined : join(dataFolder, 'stocknet')
  if (tape === undefined || !existsSync(tape)) {
    say(
      `swarm: rows of the StockNet tape are skipped: ${tape === undefined ? 'TRADESWARM_DATA is not set' : `there is no ${tape}`}`,
    )
    return bundledRows(await inTurns([bundled], rounds, say))
  }
  const half = await dayOfHalf(tape)
  const cases = [
    swarmCase('whole tape, memory', { tape, storage: 'memory' }),
    swarmCase('half tape, memory', { tape, to: half, storage: 'memory' }),
    swarmCase('whole tape, SQLite', { tape, storage: 'sqlite' }),
    { name: 'plain loop', program: 'peers/plain-loop.mjs', parameters: { tape } },
    bundled,
  ]
  const results = await inTurns(cases, rounds, say)
  assertSameHash([...results.get('whole tape, memory'), ...results.get('whole tape, SQLite')])
  return [...tapeRows(results), ...bundledRows(results)]
}

function tapeRows(results) {
  const of = (name, field) => median(results.get(name).map((result) => result[field]))
  const [memory, sqlite] = ['whole tape, memory', 'whole tape, SQLite']
  const linearity = of(memory, 'runSeconds') / of('half tape, memory', 'runSeconds')
  const perSecond = (result) => result.messages / result.runSeconds
  return [
    atMost({ name: 'whole tape, SQLite: time', value: of(sqlite, 'seconds'), unit: 's', bound: 30 }),
    atMost({ name: 'whole tape, SQLite: peak memory', value: of(sqlite, 'peakMegabytes'), unit: 'MB', bound: 512 }),
    atMost({ name: 'whole tape, memory: time', value: of(memory, 'seconds'), unit: 's', bound: 15 }),
    atMost({ name: 'whole tape / half tape: time', value: linearity, unit: 'times', bound: 2.3 }),
    figure({ name: 'messages, SQLite', value: median(results.get(sqlite).map(perSecond)), unit: '1/s' }),
    figure({ name: 'messages, memory', value: median(results.get(memory).map(perSecond)), unit: '1/s' }),
    besidePeer({
      name: 'whole tape, memory: time beside a loop without guarantees',
      value: of(memory, 'seconds'),
      unit: 's',
      peer: 'plain loop',
      peerValue: of('plain loop', 'seconds'),
      better: 'lower',
    }),
    besidePeer({
      name: 'whole tape, SQLite: time beside a loop without guarantees',
      value: of(sqlite, 'seconds'),
      unit: 's',
      peer: 'plain loop',
      peerValue: of('plain loop', 'seconds'),
      better: 'lower',
    }),
  ]
}

function bundledRows(results) {
  const runs = results.get('bundled, SQLite')
  const seconds = median(runs.map((result) => result.seconds))
  const memory = median(runs.map((result) => result.peakMegabytes))
  return [
    atMost({ name: 'bundled run, SQLite, report: time', value: seconds, unit: 's', bound: 20 }),
    figure({ name: 'bundled run, SQLite, report: peak memory', value: memory, unit: 'MB' }),
  ]
}

function swarmCase(name, parameters) {
  return { name, program: 'swarm-run.mjs', parameters }
}

/** The day with the middle post: up to it the tape holds about half of them. */
async function dayOfHalf(folder) {
  const { posts } = await loadTape(folder)
  return new Date(posts[posts.length >> 1].at).toISOString().slice(0, 10)
}

function assertSameHash(runs) {
  const hashes = new Set(runs.map((result) => result.journalHash))
  if (hashes.size !== 1)
    throw new Error(`runs of the same tape ended with different journal hashes: ${[...hashes].join(', ')}`)
}
