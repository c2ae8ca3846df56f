import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { z } from 'zod'
import { defineTopic } from '../messages/topic.js'
import { createGate, type Gate } from '../testing-support/fake-clock.test-support.js'
import { realTimeSwarm, virtualSwarm } from '../testing-support/swarm-bench.test-support.js'
import { settle } from '../testing-support/system-settle.test-support.js'
import { Agent } from './agent.js'

const schema = z.object({ symbol: z.string(), n: z.number() })
const Moved = defineTopic('price.moved', { schema, delivery: 'durable', key: (event) => event.symbol })
const Quoted = defineTopic('price.quoted', {
  schema,
  delivery: 'ephemeral',
  key: (event) => event.symbol,
  priority: 'low',
})
const Halted = defineTopic('halt.ordered', { schema, delivery: 'durable', priority: 'critical' })

type Heard = {
  readonly id: string
  readonly topic: string
  readonly symbol: string
  readonly n: number
  readonly at: number
}

/** Writes down what it hears, and waits at the gate that the test has put up for a message. */
class Hearer extends Agent<typeof Hearer> {
  static readonly role: string = 'hearer'
  static readonly config = z.object({
    heard: z.custom<Heard[]>(),
    gates: z.custom<Map<number, Gate>>().default(new Map()),
  })

  protected override onStart() {
    const { heard, gates } = this.config
    for (const topic of [Moved, Quoted, Halted]) {
      this.subscribe(topic, async ({ symbol, n }) => {
        heard.push({ id: this.id, topic: topic.name, symbol, n, at: this.clock.now() })
        await gates.get(n)?.passed
      })
    }
  }
}

class OtherHearer extends Hearer {
  static override readonly role = 'other-hearer'
}

describe('delivery in real time', () => {
  it('is in the order of publishing for each key, and side by side for different keys', async () => {
    const heard: Heard[] = []
    const gates = new Map([1, 2].map((n) => [n, createGate()] as const))
    const { swarm } = realTimeSwarm({ agents: [{ agent: Hearer, config: { heard, gates } }] })
    await swarm.start()
    for (const [symbol, n] of [
      ['A', 1],
      ['B', 2],
      ['A', 3],
      ['B', 4],
    ] as const)
      await swarm.publish(Moved, { symbol, n })
    await settle()
    expect(heard.map(({ n }) => n)).toEqual([1, 2])
    expect(swarm.agent('hearer').status().mailboxDepth).toBe(2)
    gates.get(2)?.open()
    await settle()
    expect(heard.map(({ n }) => n)).toEqual([1, 2, 4])
    gates.get(1)?.open()
    await settle()
    expect(heard.map(({ n }) => n)).toEqual([1, 2, 4, 3])
  })

  it('reaches each group once, and for one key always the same replica', async () => {
    const heard: Heard[] = []
    const { swarm } = realTimeSwarm({
      agents: [
        { agent: Hearer, replicas: 4, config: { heard } },
        { agent: OtherHearer, config: { heard } },
        { agent: Hearer, id: 'apart', config: { heard } },
      ],
    })
    await swarm.start()
    const symbols = Array.from({ length: 40 }, (_, index) => `S${index}`)
    for (const n of [0, 1, 2]) for (const symbol of symbols) await swarm.publish(Moved, { symbol, n })
    await settle()
    expect(heard.length).toBe(40 * 3 * 3)
    const ofReplicas = heard.filter(({ id }) => /^hearer(-\d)?$/.test(id))
    expect(ofReplicas.length).toBe(120)
    for (const symbol of symbols)
      expect(new Set(ofReplicas.filter((event) => event.symbol === symbol).map(({ id }) => id)).size).toBe(1)
    expect(new Set(ofReplicas.map(({ id }) => id)).size).toBe(4)
    for (const id of ['other-hearer', 'apart']) expect(heard.filter((event) => event.id === id).length).toBe(120)
  })

  it('waits for a paused agent and goes on in order when it is resumed, critical messages first', async () => {
    const heard: Heard[] = []
    const { swarm } = realTimeSwarm({
      agents: [
        { agent: Hearer, config: { heard } },
        { agent: OtherHearer, config: { heard: [] } },
      ],
    })
    await swarm.start()
    await swarm.agent('hearer').pause()
    await swarm.publish(Quoted, { symbol: 'A', n: 3 })
    for (const [symbol, n] of [
      ['A', 1],
      ['B', 2],
    ] as const)
      await swarm.publish(Moved, { symbol, n })
    await swarm.publish(Halted, { symbol: 'A', n: 4 })
    await settle()
    expect([heard, swarm.agent('hearer').status()]).toMatchObject([
      [],
      { state: 'paused', health: 'degraded', mailboxDepth: 4 },
    ])
    expect(swarm.agent('other-hearer').status().handled).toBe(4)
    await swarm.agent('hearer').resume()
    await settle()
    expect(heard.map(({ n }) => n)).toEqual([4, 1, 2, 3])
    expect(swarm.agent('hearer').status()).toMatchObject({ state: 'running', mailboxDepth: 0 })
  })

  it('I35 ends for an agent that is stopped, after what waits for it; what was published since is handled when it is started', async () => {
    const heard: Heard[] = []
    const gates = new Map([[1, createGate()] as const])
    const { swarm } = realTimeSwarm({
      agents: [
        { agent: Hearer, config: { heard, gates } },
        { agent: OtherHearer, config: { heard: [] } },
      ],
    })
    await swarm.start()
    for (const n of [1, 2]) await swarm.publish(Moved, { symbol: 'A', n })
    const stopped = swarm.agent('hearer').stop()
    await settle()
    await swarm.publish(Moved, { symbol: 'A', n: 3 })
    expect(swarm.agent('hearer').status().state).toBe('draining')
    await expect(swarm.agent('hearer').restart()).rejects.toMatchObject({ code: 'AGENT_STOPPING' })
    gates.get(1)?.open()
    await stopped
    expect([heard.map(({ n }) => n), swarm.agent('hearer').status().state]).toEqual([[1, 2], 'stopped'])
    await swarm.agent('hearer').start()
    await swarm.publish(Moved, { symbol: 'A', n: 4 })
    await settle()
    expect(heard.map(({ n }) => n)).toEqual([1, 2, 3, 4])
    await swarm.stop()
  })

  it('stops one agent while the others go on without a rest', async () => {
    const busy = createGate()
    const heard: Heard[] = []
    const { swarm } = realTimeSwarm({
      agents: [
        { agent: Hearer, config: { heard } },
        { agent: OtherHearer, config: { heard, gates: new Map([[1, busy]]) } },
      ],
    })
    await swarm.start()
    await swarm.publish(Moved, { symbol: 'A', n: 1 })
    await swarm.agent('hearer').stop()
    expect(swarm.agent('hearer').status().state).toBe('stopped')
    busy.open()
  })

  it('names topic and field of a payload that does not fit, and delivers nothing', async () => {
    const heard: Heard[] = []
    const { swarm, storage } = realTimeSwarm({ agents: [{ agent: Hearer, config: { heard } }] })
    await swarm.start()
    await expect(swarm.publish(Moved, { symbol: 'A', n: Number.NaN })).rejects.toMatchObject({
      code: 'INVALID_PAYLOAD',
      message: expect.stringMatching(/^topic price\.moved: n: /),
    })
    await settle()
    expect([heard, storage.entries]).toEqual([[], []])
  })
})

describe('delivery in virtual time', () => {
  it('is one at a time, in order of time, priority and publishing: the same in every run', async () => {
    const event = fc.record({
      topic: fc.constantFrom(Moved, Quoted, Halted),
      symbol: fc.constantFrom('A', 'B', 'C'),
      at: fc.integer({ min: 1, max: 4 }),
    })
    await fc.assert(
      fc.asyncProperty(fc.array(event, { maxLength: 25 }), async (events) => {
        const runs = []
        for (let run = 0; run < 2; run += 1) {
          const heard: Heard[] = []
          const { swarm, dispatcher, storage } = virtualSwarm({
            agents: [
              { agent: Hearer, config: { heard }, replicas: 2 },
              { agent: OtherHearer, config: { heard } },
            ],
          })
          await swarm.start()
          for (const [n, { topic, symbol, at }] of events.entries())
            dispatcher.at(at, () => swarm.publish(topic, { symbol, n }).then(() => undefined))
          while (await dispatcher.step());
          await swarm.stop()
          runs.push({ heard, head: storage.entries.at(-1)?.hash })
        }
        expect(runs[1]).toEqual(runs[0])
        const rank = (topic: string): number => ['halt.ordered', 'price.moved', 'price.quoted'].indexOf(topic)
        const first = runs[0]?.heard ?? []
        expect(first.length).toBe(events.length * 2)
        // All of an instant are published by timers of one priority before the first is handled, unless a critical one overtakes.
        for (const id of new Set(first.map((each) => each.id))) {
          const ofOne = first.filter((each) => each.id === id && each.topic !== 'halt.ordered')
          expect(ofOne).toEqual([...ofOne].sort((a, b) => a.at - b.at || rank(a.topic) - rank(b.topic) || a.n - b.n))
        }
      }),
      { numRuns: 30 },
    )
  })

  it('holds what waits for a paused agent until it is resumed', async () => {
    const heard: Heard[] = []
    const { swarm, dispatcher } = virtualSwarm({ agents: [{ agent: Hearer, config: { heard } }] })
    await swarm.start()
    await swarm.agent('hearer').pause()
    for (const n of [1, 2]) await swarm.publish(Moved, { symbol: 'A', n })
    while (await dispatcher.step());
    expect([heard, swarm.agent('hearer').status().mailboxDepth]).toEqual([[], 2])
    await swarm.agent('hearer').resume()
    while (await dispatcher.step());
    expect(heard.map(({ n }) => n)).toEqual([1, 2])
  })
})
