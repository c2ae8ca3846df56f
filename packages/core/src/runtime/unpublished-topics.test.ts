import { describe, expect, it } from 'vitest'
import { z } from 'zod'
import { defineTopic, type Topic } from '../messages/topic.js'
import { createSeededRandom } from '../random/seeded-random.js'
import { createFakeClock } from '../testing-support/fake-clock.test-support.js'
import { createStorageDouble } from '../testing-support/storage-double.test-support.js'
import { realTimeSwarm } from '../testing-support/swarm-bench.test-support.js'
import { Agent } from './agent.js'
import type { AgentClass } from './agent-types.js'
import { createConcurrentDispatcher } from './concurrent-dispatcher.js'
import { createSwarm } from './create-swarm.js'
import type { Service } from './service.js'
import type { SwarmAlert } from './swarm-options.js'

const topicOf = (name: string): Topic => defineTopic(name, { schema: z.object({}), delivery: 'durable' })
const Filled = topicOf('order.filled')
const Opened = topicOf('session.opened')

class Publisher extends Agent<typeof Publisher> {
  static readonly role = 'publisher'
  static readonly publishes = [Filled]
}

const calendar: Service = {
  name: 'calendar',
  publishes: [Opened],
  start: async () => undefined,
  stop: async () => undefined,
}

const listenerTo = (heard: Topic | string): AgentClass =>
  class Listener extends Agent {
    static readonly role = 'listener'

    protected override onStart() {
      if (typeof heard === 'string') this.subscribe(heard, () => undefined)
      else this.subscribe(heard, () => undefined)
    }
  }

/** The alerts and log lines of a swarm into which messages may come from outside. */
const open = async (heard: Topic | string, replicas = 1) => {
  const alerts: SwarmAlert[] = []
  const { swarm, log } = realTimeSwarm({
    agents: [Publisher, { agent: listenerTo(heard), replicas }],
    services: [calendar],
    onAlert: (alert) => alerts.push(alert),
  })
  await swarm.start()
  await swarm.agent('listener').restart()
  await swarm.stop()
  return { alerts, log: log.filter(({ topic }) => topic !== undefined) }
}

const startClosed = (heard: Topic | string): Promise<void> =>
  createSwarm({
    agents: [Publisher, listenerTo(heard)],
    services: [calendar],
    storage: createStorageDouble(),
    runtime: {
      dispatcher: createConcurrentDispatcher(createFakeClock()),
      random: createSeededRandom(1),
      isClosed: true,
    },
  }).start()

const misspelt: readonly [Topic | string, string][] = [
  [topicOf('order.fileld'), 'order.filled'],
  ['order.fileld', 'order.filled'],
  ['orders.filled', 'order.filled'],
  ['sesion.*', 'session.*'],
  ['**.fillled', '**.filled'],
]

const sound: readonly (Topic | string)[] = [Filled, Opened, 'order.filled', 'order.*', '*.opened', '**']

/** Of one subject with what there is, or of none. */
const others: readonly (Topic | string)[] = [topicOf('order.wanted'), 'order.filled.again', 'price.*', topicOf('mood')]

describe('a subscription to what nobody in the swarm declares', () => {
  it.each(misspelt)('is told by one alert where something is declared of nearly its name', async (heard, nearest) => {
    const name = typeof heard === 'string' ? heard : heard.name
    const { alerts, log } = await open(heard, 3)
    const message = `listener subscribes to ${name}, which no agent or service of the swarm publishes: did you mean ${nearest}?`
    expect(alerts).toEqual([{ code: 'TOPIC_UNKNOWN', message, time: 0, context: { agent: 'listener', topic: name } }])
    expect(log).toMatchObject([{ level: 'warn', alert: 'TOPIC_UNKNOWN' }])
  })

  it.each(misspelt)('fails the start where nobody publishes from outside', async (heard, nearest) => {
    await expect(startClosed(heard)).rejects.toMatchObject({
      code: 'AGENT_START_FAILED',
      message: expect.stringContaining(`did you mean ${nearest}?`),
      cause: expect.objectContaining({ code: 'TOPIC_UNKNOWN' }),
    })
  })

  it.each(others)('is left alone where nothing is near, as it may come from outside', async (heard) => {
    expect(await open(heard, 3)).toEqual({ alerts: [], log: [] })
    await startClosed(heard)
  })

  it.each(sound)('is not one where somebody declares it', async (heard) => {
    expect(await open(heard)).toEqual({ alerts: [], log: [] })
    await startClosed(heard)
  })
})
