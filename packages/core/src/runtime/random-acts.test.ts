import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { z } from 'zod'
import { SwarmError } from '../errors/swarm-error.js'
import { defineTopic } from '../messages/topic.js'
import { createSeededRandom } from '../random/seeded-random.js'
import { realTimeSwarm } from '../testing-support/swarm-bench.test-support.js'
import { settle } from '../testing-support/system-settle.test-support.js'
import { Agent } from './agent.js'
import type { AgentControl } from './agent-control.js'
import type { HandlerContext } from './agent-types.js'

type Act = 'pause' | 'resume' | 'restart' | 'kill' | 'stop' | 'start' | 'scale' | 'hang'

/** What acts that overlap may be told. */
const told = new Set([
  'ALREADY_STARTED',
  'AGENT_STOPPING',
  'AGENT_RESTARTED',
  'AGENT_START_FAILED',
  'AGENT_NOT_RUNNING',
  'AGENT_NOT_FOUND',
])

const schema = z.object({ key: z.string(), number: z.int() })
const Task = defineTopic('task.given', { schema, delivery: 'durable', key: ({ key }) => key })
const Done = defineTopic('task.done', { schema, delivery: 'durable', key: ({ key }) => key })

type Handle = (task: z.infer<typeof schema>, context: HandlerContext) => Promise<void>

class Worker extends Agent<typeof Worker> {
  static readonly role = 'worker'
  static readonly publishes = [Task, Done]
  static readonly config = z.object({ handle: z.custom<Handle>() })
  protected override onStart() {
    this.subscribe(Task, this.config.handle)
  }
}

/** What went wrong when an operator did random things while messages came: nothing may be lost, done twice, or out of order. */
async function faultsOf(seed: number, acts: readonly Act[], oneByOne: boolean): Promise<readonly string[]> {
  const random = createSeededRandom(seed)
  const below = (bound: number): number => Math.floor(random.next() * bound)
  const handle: Handle = async (task, context) => {
    await context.publish(Done, task)
    const fate = below(20)
    if (fate === 0) throw new Error('by chance')
    if (fate === 1 && acts.includes('hang')) await new Promise(() => undefined)
    if (fate === 2) await new Promise<void>((resolve) => void clock.at(clock.now() + 50, resolve))
    else if (fate < 10) await settle()
  }
  const { swarm, clock, storage } = realTimeSwarm({
    handlerTimeoutMs: 200,
    maximumTries: 1000,
    restartIntensity: { restarts: 1000, perMs: 1 },
    agents: [{ agent: Worker, replicas: 2, config: { handle } }],
  })
  await swarm.start()
  const faults: string[] = []
  let given = 0

  const perform = (act: Act, control: AgentControl): Promise<unknown> => {
    if (act === 'scale') return swarm.scale('worker', 1 + below(3))
    return act === 'hang' ? swarm.checkpoint() : control[act]()
  }
  for (let step = 0; step < 60; step += 1) {
    for (let count = below(4); count > 0; count -= 1) {
      given += 1
      await swarm.publish(Task, { key: `key-${below(5)}`, number: given })
    }
    const act = acts[below(acts.length)] as Act
    const ids = swarm.status().agents.map(({ id }) => id)
    let isOver = false
    perform(act, swarm.agent(ids[below(ids.length)] as string))
      .catch((error: unknown) => {
        if (!SwarmError.isInstance(error) || !told.has(error.code)) faults.push(`${act}: ${String(error)}`)
      })
      .finally(() => {
        isOver = true
      })
    for (let round = 0; oneByOne && !isOver && round < 100; round += 1) await clock.advance(20)
    if (oneByOne && !isOver) faults.push(`${act} never ended`)
    if (below(2) === 1) await clock.advance(below(30))
  }
  await clock.advance(2_000)
  for (let round = 0; round < 5; round += 1) {
    for (const { id, state } of swarm.status().agents) {
      if (state === 'stopped' || state === 'failed')
        await swarm
          .agent(id)
          .start()
          .catch(() => undefined)
      if (state === 'paused') await swarm.agent(id).resume()
    }
    // The longest wait before a further restart or try is half a minute.
    await clock.advance(40_000)
  }
  const stopping = swarm.stop()
  await clock.advance(60_000)
  await stopping

  const times = new Map<number, number>()
  const lastOfKey = new Map<string, number>()
  for (const { text } of storage.entries) {
    const { topic, payload } = JSON.parse(text) as { topic: string; payload: z.infer<typeof schema> }
    if (topic !== Done.name) continue
    times.set(payload.number, (times.get(payload.number) ?? 0) + 1)
    const last = lastOfKey.get(payload.key) ?? 0
    if (last > payload.number) faults.push(`${payload.key}: ${payload.number} after ${last}`)
    lastOfKey.set(payload.key, payload.number)
  }
  for (let number = 1; number <= given; number += 1)
    if (times.get(number) !== 1) faults.push(`${number} was done ${times.get(number) ?? 0} times`)
  return faults
}

describe('an operator who does random things while messages come', () => {
  it.each<[string, readonly Act[]]>([
    ['pauses and resumes', ['pause', 'resume']],
    ['restarts and kills', ['restart', 'kill']],
    ['stops and starts', ['stop', 'start']],
    ['scales while handlers hang', ['scale', 'hang']],
    ['pauses, resumes and scales', ['pause', 'resume', 'scale']],
    ['kills, stops, starts and scales', ['kill', 'stop', 'start', 'scale']],
    ['does all of it', ['pause', 'resume', 'restart', 'kill', 'stop', 'start', 'scale', 'hang']],
  ])('%s: each message takes effect once, those of one key in order', async (_name, acts) => {
    await fc.assert(
      fc.asyncProperty(fc.nat(), fc.boolean(), async (seed, oneByOne) => {
        expect(await faultsOf(seed, acts, oneByOne)).toEqual([])
      }),
      { numRuns: 60 },
    )
  })
})
