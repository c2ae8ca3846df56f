import { describe, expect, it } from 'vitest'
import { z } from 'zod'
import { defineRequest } from '../messages/request.js'
import { defineTopic, type Topic } from '../messages/topic.js'
import { realTimeSwarm } from '../testing-support/swarm-bench.test-support.js'
import { Agent } from './agent.js'
import type { Service } from './service.js'
import type { Swarm } from './swarm.js'

const schema = z.object({ n: z.number() })
const topicOf = (name: string) => defineTopic(name, { schema, delivery: 'durable' })
const Heard = topicOf('order.heard')
const Declared = topicOf('order.declared')
const ByPattern = topicOf('price.moved')
const Unknown = topicOf('order.unknown')

class Listener extends Agent<typeof Listener> {
  static readonly role = 'listener'
  static readonly publishes = [Declared]

  protected override onStart() {
    this.subscribe(Heard, () => undefined)
    this.subscribe('price.*', () => undefined)
  }
}

describe('what is published from outside', () => {
  it.each([Heard, Declared, ByPattern])('is taken where somebody hears or declares its topic', async (topic) => {
    const { swarm, storage } = realTimeSwarm({ agents: [Listener] })
    await swarm.start()
    await swarm.publish(topic, { n: 1 })
    await swarm.agent('listener').stop()
    await swarm.publish(topic, { n: 2 })
    await swarm.stop()
    expect(storage.entries.filter(({ kind }) => kind === 'message')).toHaveLength(2)
  })

  it('is refused where nobody does, and where the topic is another of the same name', async () => {
    const { swarm, storage } = realTimeSwarm({ agents: [Listener] })
    await swarm.start()
    await swarm.publish(ByPattern, { n: 1 })
    const refused = async (topic: unknown, error: object) => {
      await expect(swarm.publish(topic as Topic, { n: 1 })).rejects.toMatchObject(error)
    }
    const named = (name: string) => expect.stringContaining(name)
    await refused(Unknown, { code: 'TOPIC_UNKNOWN', message: named('order.unknown') })
    for (const { name } of [Heard, Declared, ByPattern])
      await refused(topicOf(name), { code: 'DUPLICATE_TOPIC', message: named(name) })
    await refused(defineRequest('ask.it', { input: schema, output: schema, idempotent: true }), {
      code: 'INVALID_OPTION',
      message: named('ask.it'),
    })
    await refused(undefined, { code: 'INVALID_OPTION' })
    expect(storage.entries.filter(({ kind }) => kind === 'message')).toHaveLength(1)
    await swarm.stop()
  })

  it('while the swarm starts waits for those who are to subscribe', async () => {
    let made: Swarm | undefined
    const service: Service = {
      name: 'feed',
      start: async () => void (await made?.publish(Heard, { n: 1 })),
      stop: async () => undefined,
    }
    const { swarm, clock } = realTimeSwarm({ services: [service], agents: [Listener] })
    made = swarm
    await swarm.start()
    await clock.advance(100)
    expect(swarm.agent('listener').status().handled).toBe(1)
    await swarm.stop()
  })
})
