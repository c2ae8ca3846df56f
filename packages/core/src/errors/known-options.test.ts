import { expect, it } from 'vitest'
import { z } from 'zod'
import { defineRequest } from '../messages/request.js'
import { defineTopic, type TopicOptions } from '../messages/topic.js'
import { Agent } from '../runtime/agent.js'
import { createSwarm } from '../runtime/create-swarm.js'
import type { Swarm } from '../runtime/swarm.js'
import type { SwarmOptions } from '../runtime/swarm-options.js'
import { defineDocument } from '../state/define-document.js'
import { defineSupervisor } from '../supervision/define-supervisor.js'
import { createStorageDouble } from '../testing-support/storage-double.test-support.js'
import { realTimeSwarm } from '../testing-support/swarm-bench.test-support.js'

const schema = z.object({ n: z.number() })
const Counted = defineTopic('it.counted', { schema, delivery: 'ephemeral' })

class Counter extends Agent<typeof Counter> {
  static readonly role = 'counter'
  static readonly publishes = [Counted]
}

const storage = createStorageDouble()
const swarmWith = (options: object): Swarm => createSwarm({ agents: [Counter], storage, ...options } as SwarmOptions)
const topicWith = (options: object): unknown =>
  defineTopic('a.topic', { schema, delivery: 'durable', ...options } as TopicOptions<typeof schema>)

it.each<[string, () => unknown, string]>([
  [
    'createSwarm',
    () => swarmWith({ maximumTrys: 5 }),
    'createSwarm: there is no option maximumTrys; did you mean maximumTries?',
  ],
  [
    'runtime',
    () => swarmWith({ runtime: { log: 1 } }),
    'createSwarm: runtime: there is no option log; there are: dispatcher, ids, random, logger, recorded, isClosed',
  ],
  [
    'an entry',
    () => swarmWith({ agents: [{ agent: Counter, replica: 2 }] }),
    'agents: entry of Counter: there is no option replica; did you mean replicas?',
  ],
  ['defineTopic', () => topicWith({ ttlMS: 5 }), 'topic a.topic: there is no option ttlMS; did you mean ttlMs?'],
  [
    'publishers',
    () => topicWith({ publishers: 'xyz' }),
    "topic a.topic: publishers is no list of roles; write it as ['my-role']",
  ],
  ['a key that is none', () => topicWith({ key: 'symbol' }), 'topic a.topic: key is symbol; it must be a function'],
  [
    'defineRequest',
    () => defineRequest('a.request', { input: schema, output: schema, idempotent: true, timeoutMS: 5 } as never),
    'request a.request: there is no option timeoutMS; did you mean timeoutMs?',
  ],
  [
    'defineDocument',
    () => defineDocument({ histroy: 3 } as never),
    'defineDocument: there is no option histroy; did you mean history?',
  ],
  [
    'defineSupervisor',
    () => defineSupervisor({ name: 's', strategy: 'one-for-one', children: [], intensty: {} } as never),
    'supervisor s: there is no option intensty; did you mean intensity?',
  ],
  [
    'a list of a class that is none',
    () =>
      swarmWith({
        agents: [
          class Loose extends Counter {
            static override readonly publishes = Counted as never
          },
        ],
      }),
    'publishes of the agent with role counter is no list: write "static readonly publishes = [ … ]"',
  ],
  [
    'a config of a class that is no schema',
    () =>
      swarmWith({
        agents: [
          class Loose extends Counter {
            static readonly config = { n: 1 } as never
          },
        ],
      }),
    'config of Loose is no schema of zod: write "static readonly config = z.object({ … })"',
  ],
])('refuses what is misspelt or of a wrong kind, in %s', (_place, make, message) => {
  expect(make).toThrow(expect.objectContaining({ message }))
})

it('refuses misspelt options of publishing and subscribing, and what is no topic', async () => {
  const faults: unknown[] = []
  class Careless extends Counter {
    protected override async onStart() {
      try {
        this.subscribe(Counted, () => undefined, { capcity: 5 } as never)
      } catch (error) {
        faults.push(error)
      }
      this.every(10, async (context) => {
        await context.publish(Counted, { n: 1 }, { idd: 'x' } as never).catch((error) => faults.push(error))
        await context.publish(undefined as never, {} as never).catch((error) => faults.push(error))
      })
    }
  }
  const { swarm, clock } = realTimeSwarm({ agents: [Careless] })
  await swarm.start()
  await clock.advance(10)
  await swarm.publish(Counted, { n: 1 }, { ttl: 5 } as never).catch((error) => faults.push(error))
  await swarm.publish('it.counted' as never, { n: 1 } as never).catch((error) => faults.push(error))
  await swarm.stop()

  expect(faults.map((error) => (error as Error).message)).toEqual([
    'counter: subscription to it.counted: there is no option capcity; did you mean capacity?',
    'topic it.counted: there is no option idd; did you mean id?',
    'counter publishes on undefined: give publish() a topic that defineTopic() made (where it is undefined, look for modules that import each other)',
    'topic it.counted: there is no option ttl; there are: id, ttlMs',
    'operator publishes on "it.counted": give publish() a topic that defineTopic() made (where it is undefined, look for modules that import each other)',
  ])
})
