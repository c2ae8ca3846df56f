import { expect, it } from 'vitest'
import { z } from 'zod'
import { defineTopic } from '../messages/topic.js'
import { createStorageDouble } from '../testing-support/storage-double.test-support.js'
import { realTimeSwarm } from '../testing-support/swarm-bench.test-support.js'
import { Agent } from './agent.js'

const Hello = defineTopic('hello', { schema: z.object({ life: z.number() }), delivery: 'durable' })

/** Publishes while it starts, before the other has subscribed. */
class Greeter extends Agent<typeof Greeter> {
  static readonly role = 'greeter'
  static readonly publishes = [Hello]
  static readonly config = z.object({ life: z.number() })

  protected override async onStart() {
    await this.publish(Hello, { life: this.config.life }, { id: `hello:${this.config.life}` })
  }
}

class Hearer extends Agent<typeof Hearer> {
  static readonly role = 'hearer'
  static readonly config = z.object({ heard: z.custom<number[]>() })

  protected override onStart() {
    this.subscribe(Hello, ({ life }) => void this.config.heard.push(life))
  }
}

const swarmOf = (life: number, heard: number[], storage = createStorageDouble()) =>
  realTimeSwarm({
    agents: [
      { agent: Greeter, config: { life } },
      { agent: Hearer, config: { heard } },
    ],
    storage,
  })

it('I35 what was published while a swarm started for the first time reaches all, also where it died before they had subscribed', async () => {
  const storage = createStorageDouble()
  let commits = 0
  storage.beforeCommit = () => {
    commits += 1
    if (commits > 1) throw new Error('the process has died')
  }
  await expect(swarmOf(1, [], storage).swarm.start()).rejects.toThrow()
  expect(storage.entries.map(({ id }) => id)).toEqual(['hello:1'])

  storage.beforeCommit = undefined
  const heard: number[] = []
  const second = swarmOf(2, heard, storage)
  await second.swarm.start()
  await second.clock.advance(100)
  expect(heard).toEqual([1, 2])
  await second.swarm.stop()

  const again: number[] = []
  const third = swarmOf(3, again, storage)
  await third.swarm.start()
  await third.clock.advance(100)
  expect(again).toEqual([3])
  await third.swarm.stop()
  expect([...storage.keyValues.keys()].filter((key) => !key.startsWith('acks/'))).toEqual([])
})
