import { describe, expect, it } from 'vitest'
import { z } from 'zod'
import { defineTopic } from '../messages/topic.js'
import type { RestartIntensity } from '../supervision/define-supervisor.js'
import { createGate, type Gate } from '../testing-support/fake-clock.test-support.js'
import { realTimeSwarm } from '../testing-support/swarm-bench.test-support.js'
import { settle } from '../testing-support/system-settle.test-support.js'
import { Agent } from './agent.js'
import type { HandlerContext } from './agent-types.js'

const schema = z.object({ key: z.string(), n: z.number() })
const keyed = { schema, key: (event: { key: string }) => event.key }
const Order = defineTopic('order', { ...keyed, delivery: 'durable' })
const Done = defineTopic('done', { ...keyed, delivery: 'durable', overflow: 'block' })
const Quote = defineTopic('quote', { ...keyed, delivery: 'ephemeral', overflow: 'conflate' })

type Work = (event: { key: string; n: number }, context: HandlerContext<typeof Worker>, life: number) => unknown

class Worker extends Agent<typeof Worker> {
  static readonly role = 'worker'
  static readonly publishes = [Done]
  static readonly config = z.object({ work: z.custom<Work>(), lives: z.custom<{ count: number }>() })

  protected override onStart() {
    const { work, lives } = this.config
    lives.count += 1
    const life = lives.count
    this.subscribe(Order, async (event, context) => {
      await work(event, context as HandlerContext<typeof Worker>, life)
    })
  }
}

class Hearer extends Agent<typeof Hearer> {
  static readonly role = 'hearer'
  static readonly config = z.object({ heard: z.custom<string[]>(), gate: z.custom<Gate>().optional() })

  protected override onStart() {
    const hear = async ({ key, n }: { key: string; n: number }): Promise<void> => {
      this.config.heard.push(`${key}${n}`)
      await this.config.gate?.passed
    }
    this.subscribe(Done, hear, { capacity: 1 })
    this.subscribe(Quote, hear, { capacity: 2 })
  }
}

const started = async (
  work: Work,
  more: { replicas?: number; timeoutMs?: number; intensity?: RestartIntensity } = {},
) => {
  const heard: string[] = []
  const lives = { count: 0 }
  const made = realTimeSwarm({
    agents: [
      { agent: Worker, config: { work, lives }, replicas: more.replicas ?? 1 },
      { agent: Hearer, config: { heard } },
    ],
    handlerTimeoutMs: more.timeoutMs ?? 100_000,
    ...(more.intensity === undefined ? {} : { restartIntensity: more.intensity }),
  })
  await made.swarm.start()
  const publish = (...names: string[]) =>
    Promise.all(names.map((name) => made.swarm.publish(Order, { key: name.slice(0, 1), n: Number(name.slice(1)) })))
  const done = (): string[] =>
    made.storage.entries
      .map(({ text }) => JSON.parse(text) as { topic: string; payload: { key: string; n: number } })
      .filter(({ topic }) => topic === 'done')
      .map(({ payload }) => `${payload.key}${payload.n}`)
  return { ...made, heard, lives, publish, done }
}

describe('the context of a handler', () => {
  it('refuses everything once the handler has ended, also while its commit waits for room', async () => {
    const late: unknown[] = []
    const gate = createGate()
    const { swarm, publish, done, storage, heard } = await started(async ({ key, n }, context) => {
      await context.publish(Done, { key, n })
      context.state.set('last', `${key}${n}`)
      if (n !== 2) return
      // Goes on by itself, after the handler has ended.
      void gate.passed.then(async () => {
        late.push(await context.publish(Done, { key, n: 666 }).catch((error: unknown) => error))
        for (const act of [() => context.state.set('zombie', 1), () => context.putBlob('zombie')]) {
          try {
            late.push(act())
          } catch (error) {
            late.push(error)
          }
        }
      })
    })
    await swarm.agent('hearer').pause()
    await publish('A1', 'A2')
    await settle()
    expect(done()).toEqual(['A1'])
    gate.open()
    await settle()
    await swarm.agent('hearer').resume()
    await settle()
    const revoked = { code: 'CONTEXT_REVOKED' }
    expect(late).toMatchObject([revoked, revoked, revoked])
    await swarm.stop()
    expect([done(), heard]).toEqual([
      ['A1', 'A2'],
      ['A1', 'A2'],
    ])
    expect([storage.keyValues.has('state/worker/zombie'), storage.blobs.size]).toEqual([false, 0])
  })

  it('I38 of a handler that hangs is revoked at its deadline; what another handler of the agent was at is done by the new one, once', async () => {
    const gates = new Map(['A1', 'B1'].map((name) => [name, createGate()] as const))
    const calls: string[] = []
    const { swarm, clock, publish, done } = await started(
      async ({ key, n }, context, life) => {
        calls.push(`${key}${n} in life ${life}`)
        if (life === 1) await gates.get(`${key}${n}`)?.passed
        await context.publish(Done, { key, n })
      },
      { timeoutMs: 1_000 },
    )
    await publish('A1')
    await clock.advance(600)
    await publish('B1', 'A2')
    await clock.advance(2_000)
    for (const gate of gates.values()) gate.open()
    await clock.advance(1_000)
    expect(calls.slice(0, 2)).toEqual(['A1 in life 1', 'B1 in life 1'])
    expect(calls.slice(2).sort()).toEqual(['A1 in life 2', 'A2 in life 2', 'B1 in life 2'])
    expect([...done()].sort()).toEqual(['A1', 'A2', 'B1'])
    expect(done().indexOf('A1')).toBeLessThan(done().indexOf('A2'))
    expect(swarm.agent('worker').status()).toMatchObject({ restarts: 1, failed: 1, handled: 3, deadLetters: 0 })
    await swarm.stop()
  })
})

describe('a restart', () => {
  it('while a commit waits for room lets it take effect once', async () => {
    const { swarm, clock, publish, done, heard, lives } = await started(async ({ key, n }, context) => {
      await context.publish(Done, { key, n })
    })
    await swarm.agent('hearer').pause()
    await publish('A1', 'A2', 'A3')
    await settle()
    expect(done()).toEqual(['A1'])
    await swarm.agent('worker').restart()
    await swarm.agent('worker').restart()
    await clock.advance(1_000)
    await swarm.agent('hearer').resume()
    await clock.advance(1_000)
    expect([lives.count, done(), heard]).toEqual([3, ['A1', 'A2', 'A3'], ['A1', 'A2', 'A3']])
    await swarm.stop()
  })

  it('of the agent that is full lets who waits go on, in order', async () => {
    const { swarm, clock, publish, done, heard } = await started(async ({ key, n }, context) => {
      await context.publish(Done, { key, n })
    })
    await swarm.agent('hearer').pause()
    await publish('A1', 'A2', 'A3', 'A4')
    await settle()
    await swarm.agent('hearer').restart()
    await clock.advance(1_000)
    expect([done(), heard]).toEqual([
      ['A1', 'A2', 'A3', 'A4'],
      ['A1', 'A2', 'A3', 'A4'],
    ])
    await swarm.stop()
  })
})

describe('a pause', () => {
  it('keeps conflating what waits, and hands over the newest when it ends', async () => {
    const { swarm, heard } = await started(() => undefined)
    await swarm.agent('hearer').pause()
    for (let n = 0; n < 50; n += 1) await swarm.publish(Quote, { key: n % 2 === 0 ? 'A' : 'B', n })
    expect(swarm.agent('hearer').status()).toMatchObject({ mailboxDepth: 2, dropped: 48 })
    await swarm.agent('hearer').restart()
    await settle()
    expect([...heard].sort()).toEqual(['A48', 'B49'])
    await swarm.stop()
  })
})

describe('a replica that is quarantined', () => {
  it('I35 leaves what it was at, and what waits for it, to the others: each takes effect once, in order', async () => {
    const hanging = new Set(['A1'])
    const gates: Gate[] = []
    const { swarm, clock, done, publish } = await started(
      async ({ key, n }, context) => {
        if (hanging.has(`${key}${n}`)) await createGate().passed
        if (n === 7) {
          gates.push(createGate())
          await gates.at(-1)?.passed
        }
        await context.publish(Done, { key, n })
      },
      { replicas: 2, timeoutMs: 1_000, intensity: { restarts: 1, perMs: 1_000_000 } },
    )
    const keys = Array.from({ length: 20 }, (_, index) => String.fromCharCode(66 + index))
    await publish('A1')
    // The second time that it hangs its replica is quarantined, while it is at work on other keys as well.
    await clock.advance(1_500)
    await publish(...keys.map((key) => `${key}7`), ...keys.map((key) => `${key}8`))
    await clock.advance(900)
    expect(swarm.status().agents.filter(({ quarantine }) => quarantine !== undefined).length).toBe(1)
    hanging.clear()
    for (let round = 0; round < 50; round += 1) {
      for (const gate of gates.splice(0)) gate.open()
      await clock.advance(100)
    }
    const all = ['A1', ...keys.flatMap((key) => [`${key}7`, `${key}8`])]
    expect([...done()].sort()).toEqual([...all].sort())
    for (const key of keys) expect(done().indexOf(`${key}7`)).toBeLessThan(done().indexOf(`${key}8`))
    expect(await swarm.deadLetters.list()).toEqual([])
    await swarm.stop()
  })
})
