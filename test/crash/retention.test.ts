// Retention with a swarm that is at work on a SQLite file: archiving during traffic never takes away what is not acknowledged, names who
// holds it back, and goes on once they have; a new swarm is given exactly what was not handled; the chain verifies across segments, and
// across those that were erased; an id of a publisher's own stays taken, and a replay from an erased entry is refused.
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { Agent, createSwarm, createSystemClock, defineTopic, eraseArchived, verifyJournal } from '@tradeswarm/core'
import { createSqliteStorage } from '@tradeswarm/storage-sqlite'
import { afterEach, beforeEach, expect, test } from 'vitest'
import { z } from 'zod'

const Job = defineTopic('job.wanted', {
  schema: z.object({ key: z.string(), n: z.number() }),
  delivery: 'durable',
  key: ({ key }) => key,
})

/** What the handlers of one swarm do and have done. */
class Work {
  readonly handled: number[] = []
  gate: { readonly n: number; readonly passed: Promise<void> } | undefined
  readonly #waiters: { readonly count: number; readonly resolve: () => void }[] = []

  note(n: number): void {
    this.handled.push(n)
    for (const { count, resolve } of this.#waiters) if (this.handled.length >= count) resolve()
  }

  reached(count: number): Promise<void> {
    if (this.handled.length >= count) return Promise.resolve()
    return new Promise((resolve) => this.#waiters.push({ count, resolve }))
  }
}

class Doer extends Agent<typeof Doer> {
  static readonly role = 'doer'
  static readonly publishes = [Job]
  static readonly config = z.object({ work: z.custom<Work>() })

  protected override onStart() {
    const { work } = this.config
    this.subscribe(Job, async ({ key, n }, context) => {
      if (work.gate?.n === n) await work.gate.passed
      // A document for each key: keys are handled side by side, and handlers that collide would run twice.
      context.state.set(key, (context.state.get<number>(key) ?? 0) + n)
      work.note(n)
    })
  }
}

let folder: string
let file: string

beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'tradeswarm-retention-'))
  file = join(folder, 'swarm.db')
})
afterEach(() => rm(folder, { recursive: true }))

async function startedSwarm(work: Work) {
  const swarm = createSwarm({ agents: [{ agent: Doer, config: { work } }], storage: createSqliteStorage(file) })
  await swarm.start()
  return swarm
}

type Started = Awaited<ReturnType<typeof startedSwarm>>

async function publishAll(swarm: Started, from: number, to: number): Promise<void> {
  for (let n = from; n <= to; n += 1) await swarm.publish(Job, { key: `k${n % 3}`, n }, { id: `job-${n}` })
}

/** The numbers whose messages still lie in the live journal. */
async function liveNumbers(swarm: Started): Promise<readonly number[]> {
  const numbers: number[] = []
  for await (const { text } of swarm.storage.journal.read({
    from: await swarm.storage.journal.first(),
    kinds: ['message'],
  }))
    numbers.push((JSON.parse(text) as { payload: { n: number } }).payload.n)
  return numbers
}

async function verified(): Promise<unknown> {
  const storage = await createSqliteStorage(file, { readOnly: true }).open({ clock: createSystemClock() })
  try {
    return await verifyJournal(storage.journal)
  } finally {
    await storage.close()
  }
}

test('archiving during traffic takes away only what is acknowledged, and names who holds it back', async () => {
  const work = new Work()
  const gate = Promise.withResolvers<void>()
  work.gate = { n: 200, passed: gate.promise }
  const swarm = await startedSwarm(work)
  const traffic = publishAll(swarm, 1, 600)
  let heldBack: unknown
  let rounds = 0
  // One key is held at number 200 for good, so the other two thirds are what can be handled.
  for (let isOver = false; !isOver; rounds += 1) {
    isOver = work.handled.length >= 466
    const before = new Set(work.handled)
    const result = await swarm.archive({ keepEntries: 5, segmentEntries: 20 })
    heldBack = result.heldBack
    const live = new Set(await liveNumbers(swarm))
    for (let n = 1; n <= Math.max(...before); n += 1)
      expect(live.has(n) || work.handled.includes(n), `${n} is live or was handled`).toBe(true)
  }
  await traffic
  expect(rounds).toBeGreaterThan(3)
  expect(heldBack).toEqual({ consumer: 'job.wanted doer', sequence: 199 })
  expect(await swarm.storage.journal.first()).toBe(200)
  gate.resolve()
  await work.reached(600)
  expect(await swarm.archive({ keepEntries: 5 })).toMatchObject({ segments: [{ from: 200 }] })
  expect(await liveNumbers(swarm)).toHaveLength(5)
  await swarm.stop()
  expect(work.handled.toSorted((a, b) => a - b)).toEqual(Array.from({ length: 600 }, (_, index) => index + 1))
  expect(await verified()).toMatchObject({ ok: true, entries: 600 })
})

test('a new swarm after archiving is given exactly what was not handled, and what is published again is dropped', async () => {
  const first = new Work()
  const swarm = await startedSwarm(first)
  await publishAll(swarm, 1, 100)
  await first.reached(100)
  await swarm.agent('doer').pause()
  await publishAll(swarm, 101, 150)
  const { heldBack } = await swarm.archive({ keepEntries: 1, segmentEntries: 30 })
  expect(heldBack).toMatchObject({ consumer: 'job.wanted doer' })
  await swarm.stop()

  const second = new Work()
  const next = await startedSwarm(second)
  await second.reached(50)
  await publishAll(next, 1, 151)
  await second.reached(51)
  await next.stop()
  expect(second.handled.toSorted((a, b) => a - b)).toEqual(Array.from({ length: 51 }, (_, index) => index + 101))
  expect(await verified()).toMatchObject({ ok: true })
})

test('what was erased stays known by its id, cannot be replayed, and leaves the chain whole', async () => {
  const work = new Work()
  const swarm = await startedSwarm(work)
  await publishAll(swarm, 1, 60)
  await work.reached(60)
  await swarm.archive({ keepEntries: 10, segmentEntries: 25 })
  await eraseArchived(swarm.storage, { to: 25 })
  await publishAll(swarm, 1, 61)
  await work.reached(61)
  expect(work.handled).toHaveLength(61)
  await expect(swarm.replay({ agent: 'doer', from: 3 })).rejects.toMatchObject({ code: 'JOURNAL_ERASED' })
  expect(swarm.status().state).toBe('running')
  // What is archived and not erased is handled again.
  await swarm.replay({ agent: 'doer', from: 26 })
  await work.reached(61 + 36)
  await swarm.stop()
  expect(work.handled.slice(61).toSorted((a, b) => a - b)).toEqual(Array.from({ length: 36 }, (_, index) => index + 26))
  expect(await verified()).toMatchObject({ ok: true, erased: [{ from: 1, to: 25 }] })
})

test('two calls at once follow each other, and a swarm that stops ends them', async () => {
  const work = new Work()
  const swarm = await startedSwarm(work)
  await publishAll(swarm, 1, 60)
  await work.reached(60)
  const results = await Promise.all([10, 10].map((keepEntries) => swarm.archive({ keepEntries, segmentEntries: 10 })))
  expect(results.map(({ segments }) => segments.length)).toEqual([5, 0])
  await expect(swarm.archive({})).rejects.toMatchObject({ code: 'INVALID_OPTION' })
  await publishAll(swarm, 61, 120)
  await work.reached(120)
  const archiving = swarm.archive({ keepEntries: 1, segmentEntries: 1 })
  const stopping = swarm.stop()
  await expect(archiving).rejects.toMatchObject({ code: 'SWARM_NOT_RUNNING' })
  await stopping
  await expect(swarm.archive({ keepEntries: 1 })).rejects.toMatchObject({ code: 'SWARM_NOT_RUNNING' })
  expect(await verified()).toMatchObject({ ok: true, entries: 120 })
})
