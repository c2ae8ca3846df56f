import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { z } from 'zod'
import type { Ids } from '../ids/ids.js'
import { createSequentialIds } from '../ids/sequential-ids.js'
import { defineTopic } from '../messages/topic.js'
import { createStorageDouble, type StorageDouble } from '../testing-support/storage-double.test-support.js'
import { realTimeSwarm } from '../testing-support/swarm-bench.test-support.js'
import { settle } from '../testing-support/system-settle.test-support.js'
import { Agent } from './agent.js'
import type { HandlerContext } from './agent-types.js'
import type { Swarm } from './swarm.js'

const schema = z.object({ key: z.string() })
const effect = z.object({ group: z.string(), of: z.string() })
const Bought = defineTopic('order.bought', { schema, delivery: 'durable', key: (event) => event.key })
const Sold = defineTopic('order.sold', { schema, delivery: 'durable', key: (event) => event.key })
const Booked = defineTopic('books.booked', {
  schema: effect,
  delivery: 'durable',
  key: ({ of }) => of,
  overflow: 'block',
})

/** Where handlers wait until the test lets one of them end, well or badly. */
type Script = {
  waiting: { readonly end: () => void; readonly fail: () => void }[]
  readonly calls: string[]
  /** Handlers no longer wait. */
  free: boolean
}

const config = z.object({ script: z.custom<Script>(), capacity: z.number().default(100_000) })

async function book(this: void, group: string, script: Script, context: HandlerContext<typeof Buyer>): Promise<void> {
  const id = context.message?.id ?? ''
  script.calls.push(`${group} ${id}`)
  const { state } = context
  state.set(`booked ${id}`, (state.get<number>(`booked ${id}`) ?? 0) + 1)
  if (!script.free) {
    await new Promise<void>((resolve, reject) => {
      script.waiting.push({ end: resolve, fail: () => reject(new Error('not this time')) })
    })
  }
  await context.publish(Booked, { group, of: id })
}

/** Hears two topics, one of them twice. */
class Buyer extends Agent<typeof Buyer> {
  static readonly role = 'buyer'
  static readonly publishes = [Booked]
  static readonly config = config

  protected override onStart() {
    const { script, capacity } = this.config
    this.subscribe(Bought, (_event, context) => book('bought', script, context), { capacity })
    this.subscribe(Bought, (_event, context) => book('bought again', script, context), { capacity, overflow: 'block' })
    this.subscribe(Sold, (_event, context) => book('sold', script, context), { capacity, overflow: 'block' })
  }
}

/** Hears them through a pattern. */
class Auditor extends Agent<typeof Auditor> {
  static readonly role = 'auditor'
  static readonly publishes = [Booked]
  static readonly config = config

  protected override onStart() {
    const { script, capacity } = this.config
    this.subscribe('order.*', (_event, context) => book('audit', script, context), { capacity, overflow: 'block' })
  }
}

/** Counts what the others have booked, at once. */
class Counter extends Agent<typeof Counter> {
  static readonly role = 'counter'

  protected override onStart() {
    this.subscribe(
      Booked,
      ({ group, of }, { state }) => {
        const key = `${group} ${of}`
        state.set(key, (state.get<number>(key) ?? 0) + 1)
      },
      { capacity: 2 },
    )
  }
}

const groupsOf: Readonly<Record<string, readonly string[]>> = {
  'order.bought': ['bought', 'bought again', 'audit'],
  'order.sold': ['sold', 'audit'],
}

type Envelope = { topic: string; key: string; causationId?: string; payload: { group: string; of: string } }

const messagesOf = (storage: StorageDouble) =>
  storage.entries
    .filter(({ kind }) => kind === 'message')
    .map(({ id, sequence, text }) => ({ id, sequence, ...(JSON.parse(text) as Envelope) }))

const bookedOf = (storage: StorageDouble): string[] =>
  messagesOf(storage)
    .filter(({ topic }) => topic === 'books.booked')
    .map(({ payload }) => `${payload.group} ${payload.of}`)

/** What is on the disk, for the next process: what the last one still tries to write does not reach it. */
function diskOf(storage: StorageDouble): StorageDouble {
  const disk = createStorageDouble()
  disk.entries.push(...storage.entries)
  disk.records.push(...storage.records)
  for (const [key, value] of storage.keyValues) disk.keyValues.set(key, value)
  for (const [consumer, sequence] of storage.cursors) disk.cursors.set(consumer, sequence)
  return disk
}

type Step =
  | { readonly do: 'buy' | 'sell'; readonly key: string }
  | { readonly do: 'end' | 'fail'; readonly which: number }
  | { readonly do: 'wait'; readonly ms: number }
  | { readonly do: 'scale'; readonly replicas: number }
  | { readonly do: 'restart' | 'pause' | 'resume' | 'stop' | 'start'; readonly agent: string }

type Life = {
  readonly steps: readonly Step[]
  readonly replicas: number
  readonly capacity: number
  /** How many commits succeed before the crash, and whether the last one is written although it seems to fail. */
  readonly commits: number
  readonly writesLast: boolean
}

const step: fc.Arbitrary<Step> = fc.oneof(
  { weight: 4, arbitrary: fc.record({ do: fc.constantFrom('buy', 'sell'), key: fc.constantFrom('A', 'B', 'C') }) },
  { weight: 4, arbitrary: fc.record({ do: fc.constant('end' as const), which: fc.nat(20) }) },
  { weight: 1, arbitrary: fc.record({ do: fc.constant('fail' as const), which: fc.nat(20) }) },
  { weight: 2, arbitrary: fc.record({ do: fc.constant('wait' as const), ms: fc.constantFrom(1, 10, 60, 200) }) },
)

const unrest: fc.Arbitrary<Step> = fc.oneof(
  { weight: 4, arbitrary: step },
  { weight: 1, arbitrary: fc.record({ do: fc.constant('scale' as const), replicas: fc.integer({ min: 1, max: 3 }) }) },
  {
    weight: 3,
    arbitrary: fc.record({
      do: fc.constantFrom('restart', 'pause', 'resume', 'stop', 'start'),
      agent: fc.constantFrom('buyer', 'buyer-2', 'auditor', 'counter'),
    }),
  },
)

const lifeOf = (steps: fc.Arbitrary<Step>): fc.Arbitrary<Life> =>
  fc.record({
    steps: fc.array(steps, { maxLength: 25 }),
    replicas: fc.integer({ min: 1, max: 3 }),
    capacity: fc.constantFrom(1, 2, 5, 100_000),
    commits: fc.nat(25),
    writesLast: fc.boolean(),
  })

/** No process repeats the ids of another. */
function idsAfter({ entries }: StorageDouble): Ids {
  const ids = createSequentialIds()
  return { next: (kind) => `${ids.next(kind)}-from-${entries.length}-${entries.at(-1)?.hash.slice(0, 8) ?? ''}` }
}

const swarmOf = (script: Script, { replicas, capacity }: Pick<Life, 'replicas' | 'capacity'>, storage: StorageDouble) =>
  realTimeSwarm({
    agents: [
      { agent: Buyer, replicas, config: { script, capacity } },
      { agent: Auditor, config: { script, capacity } },
      Counter,
    ],
    storage,
    ids: idsAfter(storage),
    maximumTries: 1_000,
    handlerTimeoutMs: 1_000_000,
  })

function take(step: Exclude<Step, { do: 'wait' }>, swarm: Swarm, { waiting }: Script): void {
  const refused = (): void => undefined
  if (step.do === 'buy') swarm.publish(Bought, { key: step.key }).catch(refused)
  else if (step.do === 'sell') swarm.publish(Sold, { key: step.key }).catch(refused)
  else if (step.do === 'scale') swarm.scale('buyer', step.replicas).catch(refused)
  else if ('agent' in step) act(swarm, step.agent, step.do).catch(refused)
  else if ('which' in step) waiting.splice(step.which % Math.max(1, waiting.length), 1)[0]?.[step.do]()
}

async function act(
  swarm: Swarm,
  agent: string,
  what: 'restart' | 'pause' | 'resume' | 'stop' | 'start',
): Promise<void> {
  await swarm.agent(agent)[what]()
}

/** Lives until the storage refuses, and leaves behind what is on the disk then. */
async function live(settings: Life, storage: StorageDouble): Promise<StorageDouble> {
  const script: Script = { waiting: [], calls: [], free: false }
  const doneBefore = new Set(bookedOf(storage))
  let left = settings.commits
  let disk: StorageDouble | undefined
  storage.beforeCommit = (batch) => {
    if (disk === undefined && left > 0) {
      left -= 1
      return
    }
    if (disk === undefined && settings.writesLast) {
      storage.entries.push(...(batch.journal ?? []))
      for (const { key, value } of batch.keyValue ?? [])
        if (value === undefined) storage.keyValues.delete(key)
        else storage.keyValues.set(key, value)
      for (const { consumer, sequence } of batch.cursors ?? []) storage.cursors.set(consumer, sequence ?? 0)
      storage.records.push(...(batch.records ?? []))
    }
    disk ??= diskOf(storage)
    throw new Error('the process has died')
  }
  const { swarm, clock } = swarmOf(script, settings, storage)
  const started = await swarm.start().then(
    () => true,
    () => false,
  )
  for (const each of started ? settings.steps : []) {
    if (disk !== undefined) break
    if (each.do === 'wait') await clock.advance(each.ms)
    else {
      take(each, swarm, script)
      await settle()
    }
  }
  for (const call of script.calls) expect(doneBefore).not.toContain(call)
  return disk ?? diskOf(storage)
}

/** Starts once more, lets everything be done, and looks at what came of it. */
async function finish(storage: StorageDouble): Promise<void> {
  const script: Script = { waiting: [], calls: [], free: true }
  const doneBefore = new Set(bookedOf(storage))
  const { swarm, clock } = swarmOf(script, { replicas: 2, capacity: 2 }, storage)
  await swarm.start()
  await clock.advance(5_000)
  await swarm.stop()
  for (const call of script.calls) expect(doneBefore).not.toContain(call)
  expectAllDone(storage)
}

function expectAllDone(storage: StorageDouble): void {
  const messages = messagesOf(storage)
  const published = messages.filter(({ topic }) => topic !== 'books.booked')
  const booked = bookedOf(storage)
  // Handled by each group, with effect once.
  const expected = published.flatMap(({ id, topic }) => (groupsOf[topic] ?? []).map((group) => `${group} ${id}`))
  expect([...booked].sort()).toEqual([...expected].sort())
  // In order for each key.
  for (const group of ['bought', 'bought again', 'sold', 'audit'])
    for (const { topic } of [Bought, Sold].map(({ name }) => ({ topic: name })))
      for (const key of ['A', 'B', 'C']) {
        const ids = published.filter((each) => each.topic === topic && each.key === key).map(({ id }) => id)
        const effects = booked.filter((each) => ids.some((id) => each === `${group} ${id}`))
        if (groupsOf[topic]?.includes(group)) expect(effects).toEqual(ids.map((id) => `${group} ${id}`))
      }
  // What they wrote, too, and what was caused by it.
  const written = [...storage.keyValues].filter(([path]) => path.startsWith('state/'))
  for (const [, text] of written) expect((JSON.parse(text) as { value: number }).value).toBeGreaterThanOrEqual(1)
  const counted = written.filter(([path]) => path.startsWith('state/counter/'))
  expect(counted.map(([path]) => path.slice('state/counter/'.length)).sort()).toEqual([...expected].sort())
  for (const [, text] of counted) expect(JSON.parse(text)).toEqual({ version: 1, value: 1 })
}

/** Lives without a crash; then whoever is down is started, and everything is to be done without another process. */
async function liveInPeace(settings: Life): Promise<void> {
  const storage = createStorageDouble()
  const script: Script = { waiting: [], calls: [], free: false }
  const { swarm, clock } = swarmOf(script, settings, storage)
  await swarm.start()
  for (const each of settings.steps) {
    if (each.do === 'wait') await clock.advance(each.ms)
    else take(each, swarm, script)
    await settle()
  }
  script.free = true
  for (let round = 0; round < 40; round += 1) {
    for (const each of script.waiting.splice(0)) each.end()
    await clock.advance(100)
    for (const { id, state } of swarm.status().agents) {
      if (state === 'paused') await swarm.agent(id).resume()
      if (state === 'stopped') await swarm.agent(id).start()
    }
  }
  await clock.advance(5_000)
  expect(swarm.status().agents.every(({ state, mailboxDepth }) => state === 'running' && mailboxDepth === 0)).toBe(true)
  expectAllDone(storage)
  await swarm.stop()
}

async function liveAndFinish(lives: readonly Life[]): Promise<void> {
  let storage = createStorageDouble()
  // The groups are known from here on.
  const first = swarmOf({ waiting: [], calls: [], free: true }, { replicas: 1, capacity: 5 }, storage)
  await first.swarm.start()
  await first.swarm.stop()
  for (const each of lives) storage = await live(each, diskOf(storage))
  await finish(diskOf(storage))
}

const runs = 150

describe('redelivery', () => {
  it('I35 lets each durable message take effect once in each group and in order, wherever the process dies', async () => {
    const lives = fc.array(lifeOf(step), { minLength: 1, maxLength: 4 })
    await fc.assert(fc.asyncProperty(lives, liveAndFinish), { numRuns: runs })
  })

  it('I35 does so while agents are stopped, restarted, paused and scaled', async () => {
    const lives = fc.array(lifeOf(unrest), { minLength: 1, maxLength: 4 })
    await fc.assert(fc.asyncProperty(lives, liveAndFinish), { numRuns: runs })
  })

  it('I35 does so without another process, once all agents are back', async () => {
    await fc.assert(fc.asyncProperty(lifeOf(unrest), liveInPeace), { numRuns: runs })
  })
})
