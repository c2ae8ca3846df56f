// A real process that runs a chain of agents on a SQLite file (source, three workers, sink; keys, requests, failing handlers) is
// killed with SIGKILL 200 times in mid-flow, at its start too, and started again on the same file. At the end nothing that was
// acknowledged to it is lost, nothing took effect twice, each key kept its order, and the hash chain of the journal holds. One of the
// two files commits with synchronous FULL; the swarm on the other archives its journal all the while, and is killed in the middle of that.
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { createSeededRandom, createSystemClock, type Random } from '@tradeswarm/core'
import { createSqliteStorage } from '@tradeswarm/storage-sqlite'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { keys } from './chain-agents.test-support.js'
import { assertChainWhole } from './chain-verdict.test-support.js'
import { buildProgram, runProgram, startProgram } from './child-program.test-support.js'

const rounds = 100
/** So many numbers that were acknowledged are published again after a kill. */
const repeated = 3

let folder: string
let program: string

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'tradeswarm-sigkill-'))
  program = await buildProgram(new URL('./chain-program.test-support.ts', import.meta.url), folder)
  // Compiled once, and the code kept for those that are killed before they could keep it.
  await runProgram(program, [join(folder, 'warm.db'), 'normal', keys.map(() => '1').join(','), '1'])
})
afterAll(() => rm(folder, { recursive: true }))

/** Acknowledged numbers by key. */
type Acknowledged = Map<string, number>

test('I35 what a process acknowledged before it was killed, 200 times, is there and took effect once', {
  timeout: 240_000,
}, async () => {
  const outcomes = await Promise.all([killAndRestart('full', 'keep'), killAndRestart('normal', 'archive')])
  expect(outcomes.reduce((sum, { kills }) => sum + kills, 0)).toBe(200)
  // It was in full flow: else this shows nothing.
  for (const { acknowledged, early } of outcomes) {
    expect(acknowledged).toBeGreaterThan(rounds * 10)
    expect(early).toBeGreaterThan(5)
    expect(early).toBeLessThan(rounds / 2)
  }
})

async function killAndRestart(synchronous: 'full' | 'normal', mode: 'keep' | 'archive') {
  const file = join(folder, `${synchronous}.db`)
  const random = createSeededRandom(`sigkill ${synchronous}`)
  const acknowledged: Acknowledged = new Map(keys.map((key) => [key, 0]))
  let early = 0
  for (let kills = 0; kills < rounds; kills += 1) {
    const said = await runUntilKilled(
      [file, synchronous, beginnings(acknowledged), '1000000', mode],
      linesToLive(random),
    )
    if (!said.includes('started')) early += 1
    note(said, acknowledged)
  }
  const to = Math.max(...acknowledged.values()) + 10
  const last = await runProgram(program, [file, synchronous, beginnings(acknowledged), String(to), mode])
  expect([last.code, last.lines.at(-1)]).toEqual([0, 'stopped'])
  note(last.lines, acknowledged)
  const storage = await createSqliteStorage(file, { readOnly: true }).open({ clock: createSystemClock() })
  const counts = await assertChainWhole(storage)
  const archived = (await storage.journal.first()) - 1
  if (mode === 'keep') expect(archived).toBe(0)
  else expect(archived).toBeGreaterThan((await storage.journal.head()).sequence / 2)
  await storage.close()
  // All that was acknowledged is there, and so is all that the last run was to publish.
  expect(counts).toEqual(acknowledged)
  return { kills: rounds, early, acknowledged: [...acknowledged.values()].reduce((sum, n) => sum + n, 0) }
}

/** It is killed while it opens the file, starts, or is in full flow, after so many lines of what it says. */
function linesToLive(random: Random): number {
  const phase = random.next()
  return phase < 0.15 ? 1 : phase < 0.25 ? 2 : 3 + Math.floor(random.next() * 150)
}

function beginnings(acknowledged: Acknowledged): string {
  return keys.map((key) => Math.max(1, (acknowledged.get(key) ?? 0) + 1 - repeated)).join(',')
}

async function runUntilKilled(words: readonly string[], lines: number): Promise<readonly string[]> {
  const child = startProgram(program, words)
  const said: string[] = []
  for await (const line of child.lines) {
    said.push(line)
    if (said.length === lines) child.process.kill('SIGKILL')
  }
  expect(await child.ended, `it was killed and did not end by itself: ${said.at(-1)}`).toEqual({
    code: null,
    signal: 'SIGKILL',
  })
  return said
}

function note(said: readonly string[], acknowledged: Acknowledged): void {
  for (const line of said) {
    expect(line).toMatch(/^(opening|started|settled|stopped|archived \d+|ack [a-f] \d+)$/)
    const [word, key = '', n] = line.split(' ')
    if (word === 'ack') acknowledged.set(key, Math.max(acknowledged.get(key) ?? 0, Number(n)))
  }
}
