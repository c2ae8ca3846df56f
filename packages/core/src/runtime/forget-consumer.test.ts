import { expect, it } from 'vitest'
import { z } from 'zod'
import { createSequentialIds } from '../ids/sequential-ids.js'
import { defineTopic } from '../messages/topic.js'
import { createStorageDouble } from '../testing-support/storage-double.test-support.js'
import { realTimeSwarm } from '../testing-support/swarm-bench.test-support.js'
import { settle } from '../testing-support/system-settle.test-support.js'
import { Agent } from './agent.js'
import type { AgentEntry } from './agent-entries.js'

const Order = defineTopic('order.wanted', {
  schema: z.object({ n: z.number() }),
  delivery: 'durable',
  key: ({ n }) => `${n % 2}`,
})

class Worker extends Agent<typeof Worker> {
  static readonly role: string = 'worker'
  static readonly config = z.object({ heard: z.custom<number[]>() })

  protected override onStart() {
    this.subscribe(Order, async ({ n }) => {
      this.config.heard.push(n)
      // The first key is stuck; the others go on ahead of it.
      if (n === 1) await new Promise(() => undefined)
    })
  }
}

class Other extends Worker {
  static override readonly role = 'other'
}

const gone = 'order.wanted worker'

function life(storage: ReturnType<typeof createStorageDouble>, number: number, agents: readonly AgentEntry[]) {
  const sequential = createSequentialIds()
  return realTimeSwarm({ storage, agents, ids: { next: (prefix) => `${sequential.next(prefix)}-${number}` } })
}

/** A storage on which a worker, that is no longer there, has left something behind. */
async function abandoned() {
  const storage = createStorageDouble()
  const first = life(storage, 1, [
    { agent: Worker, config: { heard: [] } },
    { agent: Other, config: { heard: [] } },
  ])
  await first.swarm.start()
  for (const n of [1, 2, 4]) await first.swarm.publish(Order, { n })
  await first.clock.advance(100)
  // A crash: it is never stopped.
  return storage
}

it('a consumer whose agent is gone is forgotten, with an entry in the journal, and holds no archiving back', async () => {
  const storage = await abandoned()
  expect([...storage.keyValues.keys()].filter((key) => key.startsWith(`acks/${gone}`))).toHaveLength(2)
  const { swarm, clock } = life(storage, 2, [{ agent: Other, config: { heard: [] } }])
  await swarm.start()
  await swarm.publish(Order, { n: 6 })
  await clock.advance(100)
  expect((await swarm.archive({ keepEntries: 1 })).heldBack).toEqual({ consumer: gone, sequence: 0 })
  await swarm.forgetConsumer(gone)
  expect((await swarm.archive({ keepEntries: 1 })).heldBack?.consumer).not.toBe(gone)
  expect([...storage.keyValues.keys()].filter((key) => key.startsWith(`acks/${gone}`))).toEqual([])
  expect(storage.entries.at(-1)).toMatchObject({
    kind: 'operator',
    text: `{"act":"forget-consumer","consumer":"${gone}"}`,
  })

  const heard: number[] = []
  const third = life(storage, 3, [{ agent: Worker, config: { heard } }])
  await third.swarm.start()
  await third.swarm.publish(Order, { n: 8 })
  await settle()
  expect(heard).toEqual([8])
})

it('one of an agent that is there is not forgotten, nor one that is not there', async () => {
  const storage = await abandoned()
  const { swarm } = life(storage, 2, [{ agent: Other, config: { heard: [] } }])
  await swarm.start()
  const running = { code: 'CONSUMER_RUNNING', message: expect.stringContaining('order.wanted other') }
  await expect(swarm.forgetConsumer('order.wanted other')).rejects.toMatchObject(running)
  const entries = storage.entries.length
  await expect(swarm.forgetConsumer('order.wanted nobody')).rejects.toMatchObject({
    code: 'CONSUMER_NOT_FOUND',
    message: `there is no consumer "order.wanted nobody"; those without an agent are: "${gone}"`,
  })
  expect([storage.entries.length, storage.cursors.has(gone)]).toEqual([entries, true])
  await swarm.forgetConsumer(gone)
  await expect(swarm.forgetConsumer(gone)).rejects.toMatchObject({ code: 'CONSUMER_NOT_FOUND' })
})
