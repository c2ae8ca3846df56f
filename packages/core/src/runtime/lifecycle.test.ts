import { describe, expect, it } from 'vitest'
import { z } from 'zod'
import { defineRequest } from '../messages/request.js'
import { defineTopic } from '../messages/topic.js'
import { createGate } from '../testing-support/fake-clock.test-support.js'
import { createStorageDouble } from '../testing-support/storage-double.test-support.js'
import { realTimeSwarm, virtualSwarm } from '../testing-support/swarm-bench.test-support.js'
import { settle } from '../testing-support/system-settle.test-support.js'
import { Agent } from './agent.js'

const Tick = defineTopic('tick', {
  schema: z.object({ n: z.number() }),
  delivery: 'durable',
  key: ({ n }) => String(n),
})
const Ask = defineRequest('ask', {
  input: z.object({ n: z.number() }),
  output: z.object({ n: z.number() }),
  idempotent: false,
})

type Script = {
  readonly log: unknown[]
  handle?: (n: number) => unknown
  answer?: (n: number) => unknown
  reconfigured?: (previous: unknown) => unknown
  start?: () => unknown
}

class Ticker extends Agent<typeof Ticker> {
  static readonly role = 'ticker'
  static readonly responds = [Ask]
  static readonly config = z.object({
    limit: z.number().int().max(10).default(3),
    venue: z.object({ name: z.string().default('here') }).prefault({}),
    script: z.custom<Script>().default(() => ({ log: [] })),
  })
  #script: Script = { log: [] }

  protected override async onStart() {
    this.#script = this.config.script
    this.every('1s', () => void this.#script.log.push('timer'))
    this.subscribe(Tick, async ({ n }) => {
      await this.#script.handle?.(n)
      this.#script.log.push(`${n} within ${this.config.limit}`)
    })
    this.respond(Ask, async ({ n }) => {
      await this.#script.answer?.(n)
      return { n }
    })
    await this.#script.start?.()
  }

  protected override async onReconfigure(previous: { limit: number }) {
    await this.#script.reconfigured?.(previous.limit)
  }
}

class Asker extends Agent<typeof Asker> {
  static readonly role = 'asker'
  static readonly requests = [Ask]
  static readonly config = z.object({ answers: z.custom<unknown[]>() })
  protected override onStart() {
    this.subscribe(Tick, async ({ n }, context) => {
      this.config.answers.push(await context.request(Ask, { n }).catch((error: unknown) => error))
    })
  }
}

function ticking(script: Partial<Script> = {}, more: object = {}) {
  const whole: Script = { log: [], ...script }
  return { script: whole, ...realTimeSwarm({ agents: [{ agent: Ticker, config: { script: whole } }], ...more }) }
}

describe('an operator', () => {
  it('pauses and resumes one agent: its messages wait, its timers too, and status tells', async () => {
    const { swarm, clock, script } = ticking()
    await swarm.start()
    await swarm.agent('ticker').pause()
    await swarm.publish(Tick, { n: 1 })
    await clock.advance(2_500)
    expect(script.log).toEqual([])
    expect(swarm.agent('ticker').status()).toMatchObject({ state: 'paused', health: 'degraded', handled: 0 })
    expect(swarm.agent('ticker').status().mailboxDepth).toBeGreaterThanOrEqual(1)
    await swarm.agent('ticker').pause()
    await swarm.agent('ticker').resume()
    await settle()
    expect(script.log).toContain('1 within 3')
    expect(swarm.agent('ticker').status()).toMatchObject({ state: 'running', mailboxDepth: 0 })
    await swarm.stop()
  })

  it('stops one agent, which finishes what waits, and starts it: what came meanwhile is handled then', async () => {
    const gate = createGate()
    const { swarm, clock, script } = ticking({ handle: (n) => (n === 1 ? gate.passed : undefined) })
    await swarm.start()
    await swarm.publish(Tick, { n: 1 })
    await settle()
    const stopping = swarm.agent('ticker').stop()
    await settle()
    expect(swarm.agent('ticker').status().state).toBe('draining')
    await expect(swarm.agent('ticker').start()).rejects.toMatchObject({ code: 'AGENT_STOPPING' })
    await expect(swarm.agent('ticker').restart()).rejects.toMatchObject({ code: 'AGENT_STOPPING' })
    gate.open()
    await stopping
    expect(swarm.agent('ticker').status().state).toBe('stopped')
    await swarm.publish(Tick, { n: 2 })
    await clock.advance(5_000)
    expect(script.log).toEqual(['1 within 3'])
    await swarm.agent('ticker').start()
    await settle()
    expect(script.log).toEqual(['1 within 3', '2 within 3'])
    await swarm.stop()
  })

  it.each(['real', 'virtual'])(
    'stops an agent, paused or not, in %s time: durable messages wait for its start, in order',
    async (time) => {
      const script: Script = { log: [] }
      const agents = [{ agent: Ticker, config: { script } }]
      const { swarm } = time === 'real' ? realTimeSwarm({ agents }) : virtualSwarm({ agents })
      const handled = () => script.log.filter((line) => line !== 'timer')
      await swarm.start()
      for (const first of ['pause', 'resume'] as const) {
        script.log.length = 0
        await swarm.agent('ticker')[first]()
        await swarm.publish(Tick, { n: 1 })
        await swarm.publish(Tick, { n: 2 })
        await swarm.agent('ticker').stop()
        await swarm.publish(Tick, { n: 3 })
        await settle()
        expect(handled()).toHaveLength(first === 'pause' ? 0 : 2)
        await swarm.agent('ticker').start()
        await settle()
        await swarm.agent('ticker').stop()
        expect(handled()).toEqual(['1 within 3', '2 within 3', '3 within 3'])
        await swarm.agent('ticker').start()
      }
      await swarm.stop()
    },
  )

  it('stops an agent that is answering a request: it finishes the answer, and takes no new one', async () => {
    const gate = createGate()
    const answers: unknown[] = []
    const script: Script = { log: [], answer: () => gate.passed }
    const { swarm } = realTimeSwarm({
      agents: [
        { agent: Asker, config: { answers } },
        { agent: Ticker, config: { script } },
      ],
    })
    await swarm.start()
    await swarm.publish(Tick, { n: 1 })
    await settle()
    let stopped = false
    const stopping = swarm
      .agent('ticker')
      .stop()
      .then(() => {
        stopped = true
      })
    await settle()
    expect(stopped).toBe(false)
    await swarm.publish(Tick, { n: 2 })
    await settle()
    expect(answers).toMatchObject([{ code: 'NO_RESPONDER' }])
    gate.open()
    await stopping
    expect(answers).toMatchObject([{ code: 'NO_RESPONDER' }, { n: 1 }])
    await swarm.stop()
  })

  it('stops the swarm while agents ask each other: they answer to the end', async () => {
    const gate = createGate()
    const answers: unknown[] = []
    const script: Script = { log: [], answer: () => gate.passed }
    const { swarm } = realTimeSwarm({
      agents: [
        { agent: Ticker, config: { script } },
        { agent: Asker, config: { answers } },
      ],
    })
    await swarm.start()
    for (const n of [1, 2]) await swarm.publish(Tick, { n })
    const stopping = swarm.stop()
    await settle()
    gate.open()
    await stopping
    expect(answers).toEqual([{ n: 1 }, { n: 2 }])
  })

  it('starts what runs already: told so, and of the swarm too', async () => {
    const { swarm } = ticking()
    await swarm.start()
    await expect(swarm.agent('ticker').start()).rejects.toMatchObject({
      code: 'ALREADY_STARTED',
      message: 'agent ticker is running: only one that is stopped or has failed can be started',
    })
    await expect(swarm.start()).rejects.toMatchObject({ code: 'ALREADY_STARTED' })
    await swarm.stop()
    await expect(swarm.start()).rejects.toMatchObject({
      code: 'ALREADY_STARTED',
      message: expect.stringContaining('create a new one'),
    })
  })

  it('starts a swarm twice at once: the second is told that it is starting', async () => {
    const { swarm } = ticking()
    const first = swarm.start()
    await expect(swarm.start()).rejects.toMatchObject({
      code: 'ALREADY_STARTED',
      message: expect.stringContaining('is starting'),
    })
    await first
    await swarm.stop()
  })

  it('stops a swarm that is only opening its storage: it does not start behind his back', async () => {
    const gate = createGate()
    const double = createStorageDouble()
    const storage = { ...double, open: async (options: never) => gate.passed.then(() => double.open(options)) }
    const { swarm, clock } = realTimeSwarm({ agents: [Ticker], storage })
    const starting = swarm.start().catch((error: unknown) => error)
    const stopping = swarm.stop()
    gate.open()
    expect(await starting).toMatchObject({ code: 'SWARM_NOT_RUNNING' })
    await stopping
    expect([swarm.status().state, double.closed, clock.pending()]).toEqual(['stopped', 1, 0])
  })

  it('names an agent that there is not: told which there are', async () => {
    const { swarm } = ticking()
    expect(() => swarm.agent('ticker')).toThrow(/has not started/)
    await swarm.start()
    expect(() => swarm.agent('tocker')).toThrow(
      expect.objectContaining({ code: 'AGENT_NOT_FOUND', message: 'there is no agent "tocker"; there are: ticker' }),
    )
    await swarm.stop()
  })

  it('gives two agents one id: refused when the swarm is made', () => {
    expect(() => realTimeSwarm({ agents: [Ticker, Ticker] })).toThrow(
      expect.objectContaining({ code: 'DUPLICATE_AGENT', message: expect.stringContaining('"ticker"') }),
    )
    expect(() =>
      realTimeSwarm({
        agents: [
          { agent: Ticker, replicas: 2 },
          { agent: Ticker, id: 'ticker-2' },
        ],
      }),
    ).toThrow(expect.objectContaining({ code: 'DUPLICATE_AGENT', message: expect.stringContaining('"ticker-2"') }))
  })
})

describe('a new configuration', () => {
  it('is there for the next message, and defaults are filled in', async () => {
    const previous: unknown[] = []
    const { swarm, script } = ticking({ reconfigured: (limit) => void previous.push(limit) })
    await swarm.start()
    await swarm.agent('ticker').reconfigure({ limit: 7 })
    await swarm.publish(Tick, { n: 1 })
    await settle()
    expect([script.log, previous]).toEqual([['1 within 7'], [3]])
    await swarm.stop()
  })

  it('outside its schema is refused, naming the field, before anything is journalled', async () => {
    const { swarm, script } = ticking()
    await swarm.start()
    const entries = swarm.journalHead().sequence
    await expect(swarm.agent('ticker').reconfigure({ limit: 11 })).rejects.toMatchObject({
      code: 'INVALID_CONFIG',
      message: expect.stringMatching(/^config of agent ticker: limit: /),
    })
    await expect(swarm.agent('ticker').reconfigure({ venue: { name: 5 } })).rejects.toMatchObject({
      code: 'INVALID_CONFIG',
      message: expect.stringMatching(/venue\.name: /),
    })
    expect(swarm.journalHead().sequence).toBe(entries)
    await swarm.publish(Tick, { n: 1 })
    await settle()
    expect(script.log).toEqual(['1 within 3'])
    await swarm.stop()
  })

  it('that is no plain data is refused: the journal could not hold it', async () => {
    const { swarm } = ticking()
    await swarm.start()
    const config = { limit: 7, script: { log: [], handle: () => undefined } }
    await expect(swarm.agent('ticker').reconfigure(config)).rejects.toMatchObject({
      code: 'INVALID_CONFIG',
      message: expect.stringMatching(/^config of agent ticker: .*plain data: .*function/),
    })
    expect(swarm.journalHead().sequence).toBe(0)
    await swarm.stop()
  })

  it.each([
    ['throws', () => Promise.reject(new Error('not while positions are open'))],
    ['hangs', () => createGate().passed],
  ])('is taken back where onReconfigure %s', async (_, reconfigured) => {
    const { swarm, clock, script } = ticking({ reconfigured }, { handlerTimeoutMs: 1_000 })
    await swarm.start()
    const refused = swarm
      .agent('ticker')
      .reconfigure({ limit: 7 })
      .catch((error: unknown) => error)
    await clock.advance(1_000)
    expect(await refused).toMatchObject({
      code: 'RECONFIGURE_FAILED',
      message: expect.stringContaining('keeps the old one'),
    })
    script.log.length = 0
    await swarm.publish(Tick, { n: 1 })
    await settle()
    expect(script.log).toEqual(['1 within 3'])
    await swarm.stop()
  })

  it('survives a restart, and waits for an agent that is stopped', async () => {
    const { swarm, script } = ticking()
    await swarm.start()
    const keep = { script }
    await swarm.agent('ticker').reconfigure({ ...keep, limit: 7 })
    await swarm.agent('ticker').kill()
    await swarm.publish(Tick, { n: 1 })
    await settle()
    await swarm.agent('ticker').stop()
    await swarm.agent('ticker').reconfigure({ ...keep, limit: 8 })
    await swarm.agent('ticker').start()
    await swarm.publish(Tick, { n: 2 })
    await settle()
    expect(script.log).toEqual(['1 within 7', '2 within 8'])
    await swarm.stop()
  })

  it('takes effect with its secrets, of which the journal has none but says where they were', async () => {
    const seen: unknown[] = []
    class Keyed extends Agent<typeof Keyed> {
      static readonly role = 'keyed'
      static readonly config = z.object({
        apiKey: z.string().default(''),
        pin: z.string().meta({ secret: true }).optional(),
        motto: z.string().default(''),
        limit: z.number().default(3),
      })
      protected override onReconfigure() {
        seen.push(this.config)
      }
    }
    const { swarm, storage } = realTimeSwarm({ agents: [Keyed], redact: { patterns: ['sesame'] } })
    await swarm.start()
    const config = { apiKey: 'key-of-venue', pin: 'pin-of-venue', motto: 'open sesame', limit: 7 }
    await swarm.agent('keyed').reconfigure(config)
    await swarm.agent('keyed').reconfigure({ limit: 8 })
    await swarm.checkpoint()
    expect(seen).toEqual([config, { apiKey: '', motto: '', limit: 8 }])
    const acts = storage.entries.map(({ text }) => JSON.parse(text) as unknown)
    expect(acts).toEqual([
      {
        act: 'reconfigure',
        agent: 'keyed',
        config: { apiKey: '[redacted]', pin: '[redacted]', motto: 'open [redacted]', limit: 7 },
        masked: ['apiKey', 'pin', 'motto'],
      },
      { act: 'reconfigure', agent: 'keyed', config: { limit: 8 } },
    ])
    await swarm.stop()
    expect(JSON.stringify(storage.entries)).not.toMatch(/key-of-venue|pin-of-venue|sesame/)
  })

  it('with a secret that is no plain data is refused as any other', async () => {
    const { swarm } = ticking()
    await swarm.start()
    await expect(
      swarm.agent('ticker').reconfigure({ script: { log: [], secret: () => undefined } }),
    ).rejects.toMatchObject({ code: 'INVALID_CONFIG', message: expect.stringContaining('plain data') })
    expect(swarm.journalHead().sequence).toBe(0)
    await swarm.stop()
  })

  it('is that of one replica alone', async () => {
    const script: Script = { log: [] }
    const { swarm } = realTimeSwarm({ agents: [{ agent: Ticker, replicas: 2, config: { script } }] })
    await swarm.start()
    await swarm.agent('ticker').reconfigure({ limit: 7 })
    await swarm.agent('ticker-2').reconfigure({ limit: 9 })
    for (let n = 0; n < 20; n += 1) await swarm.publish(Tick, { n })
    await settle()
    const limits = new Set(script.log.map((line) => String(line).split(' ').at(-1)))
    expect(limits).toEqual(new Set(['7', '9']))
    await swarm.stop()
  })
})

describe('the status of a swarm', () => {
  it('counts what each agent has handled, failed and given up, how long it took and how much waits', async () => {
    const { swarm, clock } = ticking({
      handle(n) {
        if (n === 2) throw new Error('no')
        if (n !== 3) return undefined
        return new Promise<void>((resolve) => void clock.at(clock.now() + 40, resolve))
      },
    })
    await swarm.start()
    for (const n of [1, 2, 3]) await swarm.publish(Tick, { n })
    await clock.advance(900)
    const status = swarm.status()
    expect(status).toMatchObject({ state: 'running', messages: { published: 3 } })
    expect(status.agents).toMatchObject([
      {
        id: 'ticker',
        role: 'ticker',
        state: 'running',
        health: 'healthy',
        mailboxDepth: 0,
        handled: 2,
        failed: 3,
        deadLetters: 1,
        restarts: 0,
      },
    ])
    const { latency } = status.agents[0] ?? {}
    expect(latency?.count).toBe(5)
    expect(latency?.maximum).toBeGreaterThanOrEqual(40)
    await swarm.stop()
    expect(swarm.status().agents).toMatchObject([{ state: 'stopped', health: 'degraded' }])
  })
})

describe('a storage that fails while an agent is being restarted', () => {
  it('leaves the agent paused when its start ends, until the swarm is resumed', async () => {
    const slow = createGate()
    let starts = 0
    const { swarm, clock, storage, script } = ticking({
      start() {
        starts += 1
        return starts === 2 ? slow.passed : undefined
      },
    })
    await swarm.start()
    await swarm.publish(Tick, { n: 1 })
    await settle()
    await swarm.agent('ticker').kill()
    storage.beforeCommit = () => {
      throw new Error('disk full')
    }
    await swarm.publish(Tick, { n: 2 }).catch(() => undefined)
    await clock.advance(100)
    expect(swarm.status().state).toBe('suspended')
    slow.open()
    await settle()
    expect(swarm.status().agents).toMatchObject([{ state: 'paused' }])
    storage.beforeCommit = undefined
    await swarm.resume()
    await clock.advance(100)
    expect(swarm.status().agents).toMatchObject([{ state: 'running' }])
    expect(script.log).toEqual(['1 within 3', '2 within 3'])
    await swarm.stop()
  })
})
