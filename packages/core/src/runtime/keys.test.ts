import { expect, it } from 'vitest'
import { z } from 'zod'
import { defineTopic } from '../messages/topic.js'
import { realTimeSwarm } from '../testing-support/swarm-bench.test-support.js'
import { settle } from '../testing-support/system-settle.test-support.js'
import { Agent } from './agent.js'

const keys: Readonly<Record<string, unknown>> = { text: 'a', empty: '', number: 1, null: null, object: {} }
const schema = z.object({ kind: z.string() })
const key = ({ kind }: { kind: string }): string => keys[kind] as string
const Durable = defineTopic('order.wanted', { schema, delivery: 'durable', key })
const Ephemeral = defineTopic('price.moved', { schema, delivery: 'ephemeral', key })

class Listener extends Agent<typeof Listener> {
  static readonly role = 'listener'
  static readonly config = z.object({ heard: z.custom<string[]>() })

  protected override onStart() {
    for (const topic of [Durable, Ephemeral]) this.subscribe(topic, ({ kind }) => void this.config.heard.push(kind))
  }
}

it.each([Durable, Ephemeral])(
  'a message without a key that is a text is refused with the name of its topic',
  async (topic) => {
    const heard: string[] = []
    const { swarm, storage } = realTimeSwarm({ agents: [{ agent: Listener, config: { heard } }] })
    await swarm.start()
    for (const [kind, type] of Object.entries({ number: 'number', null: 'null', object: 'object', none: 'undefined' }))
      await expect(swarm.publish(topic, { kind })).rejects.toMatchObject({
        code: 'INVALID_KEY',
        message: expect.stringMatching(new RegExp(`topic ${topic.name}: its key function made .*${type}`)),
      })
    for (const kind of ['text', 'empty']) await swarm.publish(topic, { kind })
    await settle()
    expect(heard).toEqual(['text', 'empty'])
    await swarm.stop()
    expect(storage.entries.length).toBe(topic.delivery === 'durable' ? 2 : 0)
  },
)
