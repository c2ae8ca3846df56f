import { describe, expect, it } from 'vitest'
import { z } from 'zod'
import { defineRequest } from '../messages/request.js'
import { defineTopic } from '../messages/topic.js'
import { createGate } from '../testing-support/fake-clock.test-support.js'
import { createStorageDouble } from '../testing-support/storage-double.test-support.js'
import { realTimeSwarm, virtualSwarm } from '../testing-support/swarm-bench.test-support.js'
import { settle } from '../testing-support/system-settle.test-support.js'
import { Agent } from './agent.js'
import type { AgentClass } from './agent-types.js'
import { createSwarm } from './create-swarm.js'
import type { Service } from './service.js'

const Tick = defineTopic('tick', { schema: z.object({ n: z.number() }), delivery: 'durable' })
const Ask = defineRequest('ask', { input: z.object({}), output: z.object({}), idempotent: true })

class Counter extends Agent<typeof Counter> {
  static readonly role: string = 'counter'
  static readonly capabilities = ['counting']

  protected override onStart() {
    this.subscribe(Tick, ({ n }, context) => context.state.set('sum', (context.state.get<number>('sum') ?? 0) + n))
  }
}

class Answerer extends Agent<typeof Answerer> {
  static readonly role: string = 'answerer'
  static readonly responds = [Ask]
}

function journalOf(storage: ReturnType<typeof createStorageDouble>): unknown[] {
  return storage.entries.map((entry) => JSON.parse(entry.text) as unknown)
}

describe('a swarm', () => {
  it('goes from created over running to stopped, and reports every agent', async () => {
    const { swarm, storage } = realTimeSwarm({ agents: [Counter] })
    expect(swarm.status()).toEqual({
      state: 'created',
      agents: [],
      messages: { published: 0, requests: 0, requestFailures: 0 },
    })
    await swarm.start()
    await swarm.publish(Tick, { n: 2 })
    await settle()
    expect(swarm.status()).toEqual({
      state: 'running',
      agents: [
        {
          id: 'counter',
          role: 'counter',
          capabilities: ['counting'],
          tags: [],
          state: 'running',
          health: 'healthy',
          mailboxDepth: 0,
          handled: 1,
          failed: 0,
          deadLetters: 0,
          expired: 0,
          dropped: 0,
          restarts: 0,
          latency: expect.objectContaining({ count: 1 }),
        },
      ],
      messages: { published: 1, requests: 0, requestFailures: 0 },
    })
    await swarm.stop()
    expect([swarm.status().state, swarm.agent('counter').status().state, storage.closed]).toEqual([
      'stopped',
      'stopped',
      1,
    ])
  })

  it('is refused, without a compiler, where something is missing or of a wrong kind, and says what to give', async () => {
    const storage = createStorageDouble()
    const refusal = (message: string) =>
      expect.objectContaining({ code: 'INVALID_OPTION', message: expect.stringContaining(message) })
    for (const [options, message] of [
      [{ storage }, 'agents'],
      [{ agents: Counter, storage }, 'agents'],
      [{ agents: [Counter] }, 'storage'],
      [{ agents: [Counter], storage: {} }, 'storage'],
      [{ agents: [new Counter()], storage }, 'class'],
      [{ agents: [undefined], storage }, 'class'],
      [{ agents: [Counter], storage, retryBackoff: { firstMs: -1 } }, 'firstMs'],
    ] as const)
      expect(() => createSwarm(options as never)).toThrow(refusal(message))
    expect(() => createSwarm({ agents: [{ agent: Counter, config: { n: 1 } }], storage })).toThrow(
      expect.objectContaining({ code: 'INVALID_CONFIG', message: expect.stringContaining('static readonly config') }),
    )
    class Wrong extends Agent<typeof Wrong> {
      static readonly role = 'wrong'
      static readonly config = z.object({ heard: z.unknown(), handler: z.unknown() })
      protected override onStart() {
        this.subscribe(this.config.heard as never, this.config.handler as never)
      }
    }
    for (const [config, message] of [
      [{ heard: Ask, handler: () => undefined }, 'respond'],
      [{ heard: null, handler: () => undefined }, 'pattern'],
      [{ heard: Tick, handler: 5 }, 'handler'],
    ] as const)
      await expect(
        createSwarm({ agents: [{ agent: Wrong, config }], storage: createStorageDouble() }).start(),
      ).rejects.toThrow(message)
  })

  it('starts once: neither twice at the same time, nor when it runs, nor after its stop', async () => {
    const { swarm } = realTimeSwarm({ agents: [Counter] })
    const first = swarm.start()
    const refused = { code: 'ALREADY_STARTED' }
    await expect(swarm.start()).rejects.toMatchObject(refused)
    await first
    await expect(swarm.start()).rejects.toMatchObject(refused)
    await expect(swarm.agent('counter').start()).rejects.toMatchObject(refused)
    await swarm.agent('counter').pause()
    await expect(swarm.agent('counter').start()).rejects.toMatchObject(refused)
    await swarm.stop()
    await expect(swarm.start()).rejects.toMatchObject(refused)
  })

  it('can be stopped from several places; all wait for the one stop', async () => {
    const { swarm, storage } = realTimeSwarm({ agents: [Counter] })
    await swarm.stop()
    await swarm.start()
    await Promise.all([swarm.stop(), swarm.stop()])
    await swarm.stop()
    expect(storage.closed).toBe(1)
  })

  it('refuses what needs a running swarm, and says what to do', async () => {
    const { swarm } = realTimeSwarm({ agents: [Counter] })
    await expect(swarm.publish(Tick, { n: 1 })).rejects.toMatchObject({
      code: 'SWARM_NOT_RUNNING',
      message: expect.stringContaining('start()'),
    })
    await swarm.start()
    expect(() => swarm.agent('nobody')).toThrow(
      expect.objectContaining({ code: 'AGENT_NOT_FOUND', message: expect.stringContaining('counter') }),
    )
    await swarm.stop()
    for (const late of [
      swarm.publish(Tick, { n: 1 }),
      swarm.agent('counter').start(),
      swarm.agent('counter').restart(),
      swarm.agent('counter').resume(),
    ]) {
      await expect(late).rejects.toMatchObject({ code: 'SWARM_NOT_RUNNING' })
    }
  })

  it('drains on stop: what is published while it stops is handled, and every onStop comes after the last handler', async () => {
    const events: string[] = []
    class Source extends Agent<typeof Source> {
      static readonly role = 'source'
      static readonly publishes = [Tick]
      protected override onStart() {
        this.every('1s', async (context) => {
          events.push('source works')
          await gate.passed
          await context.publish(Tick, { n: 1 })
        })
        this.every('2s', () => void events.push('source ticks after the stop'))
      }
      protected override onStop() {
        events.push('source stops')
      }
    }
    class Sink extends Agent<typeof Sink> {
      static readonly role = 'sink'
      protected override onStart() {
        this.subscribe(Tick, () => void events.push('sink handles'))
      }
      protected override onStop() {
        events.push('sink stops')
      }
    }
    const gate = createGate()
    const { swarm, clock } = realTimeSwarm({ agents: [Source, Sink] })
    await swarm.start()
    await clock.advance(1_000)
    const stopped = swarm.stop()
    await clock.advance(5_000)
    expect(events).toEqual(['source works'])
    gate.open()
    await stopped
    expect(events).toEqual(['source works', 'sink handles', 'sink stops', 'source stops'])
    expect(clock.pending()).toBe(0)
  })

  it('delivers what is published during the start to agents that start later', async () => {
    class Early extends Agent<typeof Early> {
      static readonly role = 'early'
      static readonly publishes = [Tick]
      protected override async onStart() {
        await this.publish(Tick, { n: 5 })
      }
    }
    const { swarm, storage } = realTimeSwarm({ agents: [Early, Counter] })
    await swarm.start()
    await swarm.stop()
    expect(storage.keyValues.get('state/counter/sum')).toBe('{"version":1,"value":5}')
    expect(journalOf(storage)).toEqual([
      { topic: 'tick', key: '', publisher: 'early', correlationId: 'message-1', payload: { n: 5 } },
    ])
  })

  it('starts services before agents and stops them after; one that fails to stop does not keep the storage open', async () => {
    const events: string[] = []
    const service = (name: string, stop: () => Promise<void>): Service => ({
      name,
      start: async () => void events.push(`${name} starts`),
      stop,
    })
    class Late extends Agent<typeof Late> {
      static readonly role = 'late'
      protected override onStart() {
        events.push('agent starts')
      }
      protected override onStop() {
        events.push('agent stops')
        throw new Error('stuck')
      }
    }
    const services = [
      service('one', async () => void events.push('one stops')),
      service('two', async () => {
        throw new Error('jammed')
      }),
    ]
    const { swarm, storage, log } = realTimeSwarm({ agents: [Late], services })
    await swarm.start()
    await swarm.stop()
    expect(events).toEqual(['one starts', 'two starts', 'agent starts', 'agent stops', 'one stops'])
    expect(storage.closed).toBe(1)
    expect(log).toMatchObject([
      { agent: 'late', error: 'stuck' },
      { service: 'two', error: 'jammed' },
    ])
  })

  it('stops whatever has started, and closes the storage, when an agent does not start', async () => {
    class Broken extends Agent<typeof Broken> {
      static readonly role = 'broken'
      protected override onStart() {
        throw new Error('no key')
      }
    }
    const { swarm, storage } = realTimeSwarm({ agents: [Counter, Broken] })
    await expect(swarm.start()).rejects.toMatchObject({
      code: 'AGENT_START_FAILED',
      message: 'agent broken did not start: no key',
    })
    expect([storage.closed, swarm.status().state, swarm.agent('counter').status().state]).toEqual([
      1,
      'stopped',
      'stopped',
    ])
  })

  it('closes a storage whose state it cannot read, and can be started once that is mended', async () => {
    const storage = createStorageDouble()
    storage.keyValues.set('state/counter/sum', 'garbage')
    const { swarm } = realTimeSwarm({ agents: [Counter], storage })
    await expect(swarm.start()).rejects.toMatchObject({ code: 'STATE_UNREADABLE' })
    expect([storage.closed, swarm.status().state]).toEqual([1, 'created'])
    storage.keyValues.clear()
    await swarm.start()
    await swarm.stop()
  })

  it('finds the documents and the journal of the swarm before it on the same storage', async () => {
    const storage = createStorageDouble()
    for (const n of [1, 2]) {
      const { swarm } = realTimeSwarm({ agents: [Counter], storage })
      await swarm.start()
      await swarm.publish(Tick, { n })
      await swarm.stop()
    }
    expect(storage.keyValues.get('state/counter/sum')).toBe('{"version":2,"value":3}')
    expect(storage.entries.map((entry) => entry.sequence)).toEqual([1, 2])
  })

  it('saves documents at a checkpoint in virtual time, and commits once per instant', async () => {
    const { swarm, storage, dispatcher } = virtualSwarm({ agents: [Counter] })
    await swarm.start()
    for (const n of [1, 2, 3]) await swarm.publish(Tick, { n })
    await dispatcher.step()
    expect(storage.batches.map((batch) => batch.journal?.length)).toEqual([3])
    expect(storage.keyValues.size).toBe(0)
    await swarm.checkpoint()
    expect(storage.keyValues.get('state/counter/sum')).toBe('{"version":3,"value":6}')
    expect(swarm.journalHead()).toMatchObject({ sequence: 3 })
  })

  it('asks an agent for its health, and takes a throw for ill', async () => {
    let health = (): 'degraded' => 'degraded'
    class Patient extends Agent<typeof Patient> {
      static readonly role = 'patient'
      protected override onHealth() {
        return { status: health() }
      }
    }
    const { swarm } = realTimeSwarm({ agents: [Patient] })
    await swarm.start()
    expect(await swarm.agent('patient').health()).toBe('degraded')
    health = () => {
      throw new Error('dead')
    }
    expect(await swarm.agent('patient').health()).toBe('unhealthy')
  })

  it('refuses the services of an agent that is not running', () => {
    class Hasty extends Agent<typeof Hasty> {
      static readonly role = 'hasty'
      readonly early = this.clock.now()
    }
    expect(() => new Hasty()).toThrow(expect.objectContaining({ code: 'AGENT_NOT_RUNNING' }))
  })
})

describe('the composition of a swarm', () => {
  const storage = createStorageDouble()
  const compose =
    (agents: Parameters<typeof createSwarm>[0]['agents'], more: object = {}) =>
    (): unknown =>
      createSwarm({ agents, storage, ...more })

  it('gives replicas the ids of their entry with numbers', async () => {
    const { swarm } = realTimeSwarm({
      agents: [
        { agent: Counter, replicas: 3 },
        { agent: Answerer, id: 'other' },
      ],
    })
    await swarm.start()
    expect(swarm.status().agents.map((agent) => agent.id)).toEqual(['counter', 'counter-2', 'counter-3', 'other'])
    expect(swarm.agent('answerer').id).toBe('other')
    await swarm.stop()
  })

  it.each([0, -1, 1.5, 10_001, Number.NaN])('refuses %d replicas', (replicas) => {
    expect(compose([{ agent: Counter, replicas }])).toThrow(expect.objectContaining({ code: 'INVALID_OPTION' }))
  })

  it('refuses options out of their range', () => {
    expect(compose([Counter], { maximumTries: 0 })).toThrow(/maximumTries: 0/)
    expect(compose([Counter], { handlerTimeoutMs: Number.NaN })).toThrow(/handlerTimeoutMs: NaN/)
  })

  it('refuses two agents of one id, and an agent named as a service', () => {
    expect(compose([Counter, Counter])).toThrow(
      expect.objectContaining({ code: 'DUPLICATE_AGENT', message: expect.stringContaining('"counter"') }),
    )
    expect(
      compose([
        { agent: Counter, replicas: 2 },
        { agent: Answerer, id: 'counter-2' },
      ]),
    ).toThrow(expect.objectContaining({ code: 'DUPLICATE_AGENT' }))
    const service: Service = { name: 'counter', start: async () => undefined, stop: async () => undefined }
    expect(compose([Counter], { services: [service] })).toThrow(expect.objectContaining({ code: 'DUPLICATE_AGENT' }))
  })

  it.each([undefined, '', 'Counter', '2nd', 'a b', 'a/b', 5])('refuses the role %j', (role) => {
    class Odd extends Counter {
      static override readonly role = role as string
    }
    expect(compose([Odd as AgentClass])).toThrow(
      expect.objectContaining({ code: 'INVALID_ROLE', message: expect.stringContaining('Odd') }),
    )
  })

  it('refuses an id with a slash, which would reach into the documents of another agent', () => {
    expect(compose([{ agent: Counter, id: 'a/b' }])).toThrow(expect.objectContaining({ code: 'INVALID_OPTION' }))
  })

  it('lets none but one entry or service own a request', () => {
    class Usurper extends Answerer {
      static override readonly role = 'usurper'
    }
    const owned = expect.objectContaining({ code: 'DUPLICATE_RESPONDER', message: expect.stringContaining('ask') })
    expect(compose([Answerer, Usurper])).toThrow(owned)
    const kernel: Service = {
      name: 'kernel',
      responds: [Ask],
      start: async () => undefined,
      stop: async () => undefined,
    }
    expect(compose([Answerer], { services: [kernel] })).toThrow(owned)
    expect(compose([Answerer, { agent: Answerer, id: 'other' }])).toThrow(owned)
    expect(compose([{ agent: Answerer, replicas: 2 }])).not.toThrow()
  })

  it('refuses a config outside its schema, naming agent and field, before anything is opened', () => {
    class Configured extends Agent<typeof Configured> {
      static readonly role = 'configured'
      static readonly config = z.object({ mood: z.number().max(1).default(0.7) })
    }
    expect(compose([{ agent: Configured, config: { mood: 2 } }])).toThrow(
      expect.objectContaining({
        code: 'INVALID_CONFIG',
        message: expect.stringMatching(/^config of agent configured: mood: /),
      }),
    )
    expect(compose([Configured])).not.toThrow()
  })

  it('refuses a field of a config that its schema would drop in silence, with the name that was meant', () => {
    class Configured extends Agent<typeof Configured> {
      static readonly role = 'configured'
      static readonly config = z.object({ mood: z.number(), limits: z.object({ most: z.number() }).optional() })
    }
    const refused = (field: string, message: string) =>
      expect.objectContaining({ code: 'INVALID_CONFIG', message, context: { agent: 'configured', field } })
    expect(compose([{ agent: Configured, config: { moood: 2 } }])).toThrow(
      refused('moood', 'config of agent configured: there is no field moood; did you mean mood?'),
    )
    expect(compose([{ agent: Configured, config: { mood: 1, limits: { most: 1, least: 1 } } }])).toThrow(
      refused('limits.least', 'config of agent configured: there is no field limits.least; there are: most'),
    )
    class Loose extends Configured {
      static override readonly config = z.looseObject({ mood: z.number() }) as unknown as typeof Configured.config
    }
    expect(compose([{ agent: Loose, config: { mood: 1, moood: 2 } }])).not.toThrow()
  })
})
