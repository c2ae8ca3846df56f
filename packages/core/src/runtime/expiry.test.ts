import { describe, expect, it } from 'vitest'
import { z } from 'zod'
import { defineTopic, type Topic } from '../messages/topic.js'
import { createGate, type Gate } from '../testing-support/fake-clock.test-support.js'
import type { StorageDouble } from '../testing-support/storage-double.test-support.js'
import { realTimeSwarm, virtualSwarm } from '../testing-support/swarm-bench.test-support.js'
import { settle } from '../testing-support/system-settle.test-support.js'
import type { Priority } from '../time/clock.js'
import { Agent } from './agent.js'
import type { HandlerContext } from './agent-types.js'
import type { Service, ServiceHost } from './service.js'

const schema = z.object({ key: z.string(), n: z.number() })
const keyed = { schema, key: (event: { key: string }) => event.key }
const Brief = defineTopic('brief', { ...keyed, delivery: 'durable', ttlMs: 100 })
const Fleeting = defineTopic('fleeting', { ...keyed, delivery: 'ephemeral', ttlMs: 100 })
const Lasting = defineTopic('lasting', { ...keyed, delivery: 'durable' })
const ofPriority = (priority: Priority, delivery: 'durable' | 'ephemeral' = 'durable') =>
  defineTopic(`${delivery}.${priority}`, { ...keyed, delivery, priority })
const Low = ofPriority('low')
const Normal = ofPriority('normal')
const High = ofPriority('high')
const Critical = ofPriority('critical')
const topics: readonly Topic[] = [Brief, Fleeting, Lasting, Low, Normal, High, Critical]

class Hearer extends Agent<typeof Hearer> {
  static readonly role = 'hearer'
  static readonly config = z.object({
    heard: z.custom<string[]>(),
    gates: z.custom<Map<string, Gate>>().default(new Map()),
    failing: z.string().array().default([]),
    pattern: z.boolean().default(false),
    /** Writes down the priorities too. */
    priorities: z.boolean().default(false),
  })

  protected override onStart() {
    const { heard, gates, failing, pattern } = this.config
    const hear = async (payload: unknown, { message }: HandlerContext): Promise<void> => {
      const { key, n } = payload as { key: string; n: number }
      heard.push(this.config.priorities ? `${key}${n} ${message?.priority}` : `${key}${n}`)
      await gates.get(`${key}${n}`)?.passed
      if (failing.includes(`${key}${n}`)) throw new Error('not this one')
    }
    if (pattern) this.subscribe('**', hear)
    else for (const topic of topics) this.subscribe(topic, hear)
  }
}

const started = async (config: object = {}, storage?: StorageDouble, services: Service[] = []) => {
  const heard: string[] = []
  const made = realTimeSwarm({
    agents: [{ agent: Hearer, config: { heard, ...config } }],
    services,
    ...(storage === undefined ? {} : { storage }),
  })
  await made.swarm.start()
  const publish = (topic: Topic, name: string, options: { ttlMs?: number } = {}) =>
    made.swarm.publish(topic, { key: name.slice(0, 1), n: Number(name.slice(1)) } as never, options)
  return { ...made, heard, publish }
}

describe('a message whose time is over', () => {
  it.each([Brief, Fleeting])('is not delivered, by the rule of its topic: $name', async (topic) => {
    const { swarm, clock, heard, publish } = await started()
    await swarm.agent('hearer').pause()
    await publish(topic, 'A1')
    await clock.advance(60)
    await publish(topic, 'A2')
    await clock.advance(41)
    await swarm.agent('hearer').resume()
    await settle()
    expect(heard).toEqual(['A2'])
    expect(swarm.agent('hearer').status()).toMatchObject({ expired: 1, handled: 1, deadLetters: 0, mailboxDepth: 0 })
    await swarm.stop()
  })

  it('is delivered at its last moment', async () => {
    const { swarm, clock, heard, publish } = await started()
    await swarm.agent('hearer').pause()
    await publish(Brief, 'A1')
    await clock.advance(100)
    await swarm.agent('hearer').resume()
    await settle()
    expect(heard).toEqual(['A1'])
    await swarm.stop()
  })

  it('is told by its publisher, in place of the topic', async () => {
    const { swarm, clock, heard, publish } = await started()
    await swarm.agent('hearer').pause()
    await publish(Lasting, 'A1', { ttlMs: 10 })
    await publish(Lasting, 'A2')
    await publish(Brief, 'B1', { ttlMs: 1_000 })
    await clock.advance(500)
    await swarm.agent('hearer').resume()
    await settle()
    expect([...heard].sort()).toEqual(['A2', 'B1'])
    await swarm.stop()
  })

  it('is not tried again', async () => {
    const { swarm, clock, heard, publish } = await started({ failing: ['A1'] })
    await publish(Brief, 'A1', { ttlMs: 10 })
    await clock.advance(5_000)
    expect(heard).toEqual(['A1'])
    expect(swarm.agent('hearer').status()).toMatchObject({ expired: 1, failed: 1, deadLetters: 0 })
    expect(await swarm.deadLetters.list()).toEqual([])
    await swarm.stop()
  })

  it('is not redelivered by the next process, and is done with', async () => {
    const first = await started()
    await first.swarm.agent('hearer').pause()
    await first.publish(Lasting, 'A1', { ttlMs: 1_000 })
    await first.publish(Lasting, 'A2', { ttlMs: 50_000 })
    await first.clock.advance(10)
    await first.swarm.stop()
    const second = realTimeSwarm({ agents: [{ agent: Hearer, config: { heard: [] } }], storage: first.storage })
    await second.clock.advance(10_000)
    await second.swarm.start()
    await second.clock.advance(1_000)
    expect(second.swarm.agent('hearer').status()).toMatchObject({ expired: 1, handled: 1 })
    await second.swarm.stop()
    const third = await started({}, first.storage)
    await settle()
    expect([third.heard, third.swarm.agent('hearer').status().expired]).toEqual([[], 0])
    await third.swarm.stop()
  })

  it('is not delivered in virtual time either', async () => {
    const heard: string[] = []
    const { swarm, dispatcher } = virtualSwarm({ agents: [{ agent: Hearer, config: { heard } }] })
    await swarm.start()
    await swarm.agent('hearer').pause()
    dispatcher.at(0, () => swarm.publish(Brief, { key: 'A', n: 1 }).then(() => undefined))
    dispatcher.at(50, () => swarm.publish(Brief, { key: 'A', n: 2 }).then(() => undefined))
    dispatcher.at(120, () => swarm.agent('hearer').resume())
    while (await dispatcher.step());
    expect([heard, swarm.agent('hearer').status().expired]).toEqual([['A2'], 1])
  })

  it.each([0, -5, Number.NaN, Number.POSITIVE_INFINITY])('may not be %s ms', async (ttlMs) => {
    const { swarm, storage, publish } = await started()
    await expect(publish(Lasting, 'A1', { ttlMs })).rejects.toMatchObject({
      code: 'INVALID_OPTION',
      message: expect.stringContaining('topic lasting: ttlMs is'),
    })
    expect(storage.entries).toEqual([])
    await swarm.stop()
  })
})

describe('priorities', () => {
  const publishAll = async (publish: (topic: Topic, name: string) => Promise<string>): Promise<void> => {
    for (const place of [0, 1])
      for (const [topic, names] of [
        [Low, ['L1', 'M1']],
        [Normal, ['N1', 'O1']],
        [High, ['H1', 'I1']],
        [Critical, ['C1', 'D1']],
      ] as const)
        await publish(topic, names[place] ?? '')
  }
  const inOrder = ['C1', 'D1', 'H1', 'I1', 'N1', 'O1', 'L1', 'M1']

  it('decide the order of what waits', async () => {
    const { swarm, heard, publish } = await started()
    await swarm.agent('hearer').pause()
    await publishAll(publish)
    await swarm.agent('hearer').resume()
    await settle()
    expect(heard).toEqual(inOrder)
    await swarm.stop()
  })

  it('decide it through a pattern too', async () => {
    const { swarm, heard, publish } = await started({ pattern: true })
    await swarm.agent('hearer').pause()
    await publishAll(publish)
    await swarm.agent('hearer').resume()
    await settle()
    expect(heard).toEqual(inOrder)
    await swarm.stop()
  })

  it('let critical messages go by 100 handlers that wait', async () => {
    const gates = new Map(Array.from({ length: 100 }, (_, n) => [`${String.fromCharCode(0x100 + n)}1`, createGate()]))
    const { swarm, heard, publish } = await started({ gates })
    for (const name of gates.keys()) await publish(Lasting, name)
    await publish(High, 'H1')
    await settle()
    expect(heard.length).toBe(100)
    await publish(Critical, 'C1')
    await settle()
    expect(heard.slice(100)).toEqual(['C1'])
    for (const gate of gates.values()) gate.open()
    await settle()
    expect(heard.slice(100)).toEqual(['C1', 'H1'])
    await swarm.stop()
  })

  it.each([false, true])(
    'hold for what a next process redelivers, whoever published it; by pattern: %s',
    async (pattern) => {
      let host: ServiceHost | undefined
      const service: Service = {
        name: 'source',
        publishes: [Low, Normal, High, Critical],
        async start(given) {
          host = given
        },
        async stop() {},
      }
      const first = await started({ pattern }, undefined, [service])
      await first.swarm.agent('hearer').pause()
      await publishAll(
        (topic, name) =>
          host?.publish(topic, { key: name.slice(0, 1), n: Number(name.slice(1)) }) ??
          Promise.reject(new Error('the service has not started')),
      )
      await first.swarm.stop()
      const heard: string[] = []
      const second = realTimeSwarm({
        agents: [{ agent: Hearer, config: { heard, pattern, priorities: true } }],
        services: pattern ? [service] : [],
        storage: first.storage,
      })
      await second.swarm.start()
      await settle()
      expect([...heard].sort()).toEqual([
        'C1 critical',
        'D1 critical',
        'H1 high',
        'I1 high',
        'L1 low',
        'M1 low',
        'N1 normal',
        'O1 normal',
      ])
      await second.swarm.stop()
    },
  )
})
