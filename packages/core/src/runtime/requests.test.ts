import { describe, expect, it } from 'vitest'
import { z } from 'zod'
import type { SwarmError } from '../errors/swarm-error.js'
import { defineRequest } from '../messages/request.js'
import { defineTopic } from '../messages/topic.js'
import { createGate } from '../testing-support/fake-clock.test-support.js'
import { realTimeSwarm, virtualSwarm } from '../testing-support/swarm-bench.test-support.js'
import { settle } from '../testing-support/system-settle.test-support.js'
import { Agent } from './agent.js'
import type { HandlerContext } from './agent-types.js'
import type { Service, ServiceHost } from './service.js'

const Go = defineTopic('go', { schema: z.object({}), delivery: 'ephemeral' })
const Secret = defineTopic('secret', { schema: z.object({}), delivery: 'ephemeral' })
const GetMood = defineRequest('mood.get', {
  input: z.object({ symbol: z.string().min(1) }),
  output: z.object({ mood: z.number(), by: z.string() }),
  idempotent: true,
})
const Spend = defineRequest('money.spend', { input: z.object({}), output: z.object({}), idempotent: false })
const Forbidden = defineRequest('risk.assess', { input: z.object({}), output: z.object({}), idempotent: true })

type AskerContext = HandlerContext<typeof Asker>

class Asker extends Agent<typeof Asker> {
  static readonly role = 'asker'
  static readonly requests = [GetMood, Spend]
  static readonly config = z.object({
    ask: z.custom<(context: AskerContext) => Promise<unknown>>(),
    answers: z.custom<unknown[]>(),
  })

  protected override onStart() {
    const { ask, answers } = this.config
    this.subscribe(Go, async (_event, context) => {
      answers.push(await ask(context).catch((error: unknown) => error))
    })
  }
}

class Moody extends Agent<typeof Moody> {
  static readonly role = 'moody'
  static readonly responds = [GetMood, Spend]
  static readonly config = z.object({ mood: z.custom<() => unknown>().default(() => () => 0.5) })

  protected override onStart() {
    this.respond(GetMood, async ({ symbol }) => ({
      mood: (await this.config.mood()) as number,
      by: `${this.id} for ${symbol}`,
    }))
    this.respond(Spend, async () => {
      await this.config.mood()
      return {}
    })
  }
}

function asking(ask: (context: AskerContext) => Promise<unknown>, moody: readonly object[] = [{ agent: Moody }]) {
  const answers: unknown[] = []
  const agents = [{ agent: Asker, config: { ask, answers } }, ...(moody as { agent: typeof Moody }[])]
  return { agents, answers }
}

const getMood = (context: AskerContext) => context.request(GetMood, { symbol: 'A' }, { timeoutMs: 500 })

describe('a request', () => {
  it('is answered, and counted', async () => {
    const { agents, answers } = asking(getMood)
    const { swarm } = realTimeSwarm({ agents })
    await swarm.start()
    await swarm.publish(Go, {})
    await settle()
    expect(answers).toEqual([{ mood: 0.5, by: 'moody for A' }])
    expect(swarm.status().messages).toEqual({ published: 1, requests: 1, requestFailures: 0 })
    await swarm.stop()
  })

  it('takes turns over the replicas that are available', async () => {
    const { agents, answers } = asking(getMood, [{ agent: Moody, replicas: 3 }])
    const { swarm, dispatcher } = virtualSwarm({ agents })
    await swarm.start()
    const ask = async (times: number): Promise<string[]> => {
      answers.length = 0
      for (let index = 0; index < times; index += 1) await swarm.publish(Go, {})
      while (await dispatcher.step());
      return (answers as { by: string }[]).map(({ by }) => by.split(' ')[0] ?? '')
    }
    expect(await ask(6)).toEqual(['moody', 'moody-2', 'moody-3', 'moody', 'moody-2', 'moody-3'])
    await swarm.agent('moody-2').pause()
    expect(new Set(await ask(6))).toEqual(new Set(['moody', 'moody-3']))
    await swarm.agent('moody-2').resume()
    await swarm.agent('moody').stop()
    expect(new Set(await ask(6))).toEqual(new Set(['moody-2', 'moody-3']))
  })

  it('finds nobody when no responder is there or all are paused, and says what to do', async () => {
    const { agents, answers } = asking(getMood)
    const { swarm } = realTimeSwarm({ agents })
    await swarm.start()
    await swarm.agent('moody').pause()
    await swarm.publish(Go, {})
    await settle()
    expect(answers).toMatchObject([
      { code: 'NO_RESPONDER', retryability: 'retryable', message: expect.stringContaining('mood.get') },
    ])
    await swarm.stop()
  })

  it('that leads to itself in a circle of agents ends in an error that says what to do, and leaves all at work', async () => {
    let asked = 0
    class Circle extends Agent<typeof Circle> {
      static readonly role = 'circle'
      static readonly requests = [Spend]
      static readonly responds = [GetMood]

      protected override onStart() {
        this.respond(GetMood, async ({ symbol }, context) => {
          asked += 1
          if (symbol !== 'flat') await context.request(Spend, {})
          return { mood: 1, by: this.id }
        })
      }
    }
    class Back extends Agent<typeof Back> {
      static readonly role = 'back'
      static readonly requests = [GetMood]
      static readonly responds = [Spend]

      protected override onStart() {
        this.respond(Spend, async (_input, context) => {
          await context.request(GetMood, { symbol: 'A' })
          return {}
        })
      }
    }
    const answers: unknown[] = []
    const ask = (context: AskerContext) =>
      context.request(GetMood, { symbol: answers.length === 0 ? 'A' : 'flat' }, { timeoutMs: 500 })
    const { swarm, clock } = realTimeSwarm({
      agents: [{ agent: Asker, config: { ask, answers } }, { agent: Circle }, { agent: Back }],
    })
    await swarm.start()
    await swarm.publish(Go, {})
    await settle()
    expect([answers, asked]).toEqual([
      [expect.objectContaining({ code: 'REQUEST_TOO_DEEP', message: expect.stringContaining('in a circle') })],
      32,
    ])
    await swarm.publish(Go, {})
    await settle()
    expect(answers[1]).toEqual({ mood: 1, by: 'circle' })
    await swarm.stop()
    expect(clock.pending()).toBe(0)
  })

  it('does not make its asker count as hung while the answer is late; what its handler takes itself still counts', async () => {
    const never = createGate()
    const pause = createGate()
    const { agents, answers } = asking(async (context) => {
      await pause.passed
      answers.push(await context.request(Spend, {}, { timeoutMs: 2_500 }).catch(({ code }: SwarmError) => code))
      await never.passed
    }, [])
    const kernel: Service = {
      name: 'kernel',
      responds: [Spend],
      start: async (host) => host.respond(Spend, () => never.passed.then(() => ({}))),
      stop: async () => undefined,
    }
    const { swarm, clock } = realTimeSwarm({ agents, services: [kernel], handlerTimeoutMs: 1_000, maximumTries: 1 })
    await swarm.start()
    const failed = () => swarm.agent('asker').status().failed
    await swarm.publish(Go, {})
    await clock.advance(600)
    pause.open()
    await clock.advance(2_499)
    expect([answers, failed()]).toEqual([[], 0])
    await clock.advance(1)
    expect([answers, failed()]).toEqual([['REQUEST_TIMED_OUT'], 0])
    await clock.advance(399)
    expect(failed()).toBe(0)
    await clock.advance(1)
    expect([failed(), swarm.agent('asker').status().restarts]).toEqual([1, 1])
  })

  it('to a responder that hangs has that one restarted alone', async () => {
    const never = createGate()
    const { agents, answers } = asking(
      (context) => context.request(Spend, {}).catch(({ code }: SwarmError) => code),
      [{ agent: Moody, config: { mood: () => never.passed } }],
    )
    const { swarm, clock } = realTimeSwarm({ agents, handlerTimeoutMs: 1_000 })
    await swarm.start()
    await swarm.publish(Go, {})
    await clock.advance(2_000)
    const restarts = ['asker', 'moody'].map((id) => swarm.agent(id).status().restarts)
    expect([answers, restarts]).toEqual([['HANDLER_TIMED_OUT'], [0, 1]])
  })

  it('is validated both ways: the fault of the caller and of the responder are told apart', async () => {
    const { agents, answers } = asking(
      async (context) => [
        await context.request(GetMood, { symbol: '' }).catch((error: SwarmError) => error.message),
        await getMood(context).catch((error: SwarmError) => error.message),
      ],
      [{ agent: Moody, config: { mood: () => 'grumpy' } }],
    )
    const { swarm } = realTimeSwarm({ agents })
    await swarm.start()
    await swarm.publish(Go, {})
    await settle()
    expect(answers).toEqual([
      [expect.stringMatching(/^request mood\.get: symbol: /), expect.stringMatching(/^answer to mood\.get: mood: /)],
    ])
    await swarm.stop()
  })

  it('times out in real time: a repeatable one may be tried again, the outcome of another is unknown', async () => {
    const gate = createGate()
    const { agents, answers } = asking(
      (context) =>
        Promise.all([
          getMood(context).catch((error: unknown) => error),
          context.request(Spend, {}).catch((error: unknown) => error),
        ]),
      [{ agent: Moody, config: { mood: () => gate.passed } }],
    )
    const { swarm, clock } = realTimeSwarm({ agents })
    await swarm.start()
    await swarm.publish(Go, {})
    await clock.advance(4_999)
    expect(answers).toEqual([])
    await clock.advance(1)
    expect(answers).toMatchObject([
      [
        { code: 'REQUEST_TIMED_OUT', retryability: 'retryable', context: { timeoutMs: 500 } },
        { code: 'REQUEST_TIMED_OUT', retryability: 'unknown-outcome', context: { timeoutMs: 5_000 } },
      ],
    ])
    gate.open()
    await settle()
    await swarm.stop()
    expect(clock.pending()).toBe(0)
  })

  it('fails with what the responder threw, and at once when the responder is restarted, unless asking twice does no harm', async () => {
    const gate = createGate()
    let moods = 0
    const mood = () => {
      moods += 1
      if (moods === 1) throw new RangeError('too moody')
      return moods <= 3 ? gate.passed : 0.25
    }
    const outcome = (asked: Promise<unknown>): Promise<unknown> => asked.catch((error: unknown) => error)
    const { agents, answers } = asking(
      async (context) => [
        await outcome(context.request(Spend, {})),
        ...(await Promise.all([outcome(context.request(Spend, {})), outcome(getMood(context))])),
      ],
      [{ agent: Moody, config: { mood } }],
    )
    const { swarm, clock } = realTimeSwarm({ agents })
    await swarm.start()
    await swarm.publish(Go, {})
    await settle()
    await swarm.agent('moody').restart()
    await clock.advance(400)
    expect(answers).toMatchObject([
      [
        { name: 'RangeError', message: 'too moody' },
        { code: 'AGENT_RESTARTED', retryability: 'unknown-outcome' },
        { mood: 0.25 },
      ],
    ])
    gate.open()
    await swarm.stop()
  })
})

describe('what an agent has not declared', () => {
  const undeclared = async (act: (agent: AskerContext) => Promise<unknown>) => {
    const { agents, answers } = asking(act)
    const { swarm, dispatcher } = virtualSwarm({ agents })
    await swarm.start()
    await swarm.publish(Go, {})
    await dispatcher.step()
    return answers
  }

  it('it cannot publish', async () => {
    expect(await undeclared((context) => context.publish(Secret as never, {} as never))).toMatchObject([
      { code: 'PUBLISH_NOT_DECLARED', message: expect.stringMatching(/asker may not publish secret.*publishes/) },
    ])
  })

  it('it cannot request', async () => {
    expect(await undeclared((context) => context.request(Forbidden as never, {} as never))).toMatchObject([
      { code: 'REQUEST_NOT_DECLARED', message: expect.stringMatching(/asker may not request risk\.assess.*requests/) },
    ])
  })

  it('it cannot publish outside of a handler either, nor by a topic that only bears the same name', async () => {
    const impostor = defineTopic('go', { schema: z.object({}), delivery: 'ephemeral' })
    class Talker extends Agent<typeof Talker> {
      static readonly role = 'talker'
      static readonly publishes = [Go]
      protected override async onStart() {
        await this.publish(impostor, {})
      }
    }
    await expect(virtualSwarm({ agents: [Talker] }).swarm.start()).rejects.toMatchObject({
      cause: { code: 'PUBLISH_NOT_DECLARED' },
    })
  })

  it('it cannot answer, and nothing twice', async () => {
    class Liar extends Agent<typeof Liar> {
      static readonly role = 'liar'
      protected override onStart() {
        this.respond(Forbidden as never, (() => ({})) as never)
      }
    }
    await expect(virtualSwarm({ agents: [Liar] }).swarm.start()).rejects.toMatchObject({
      cause: { code: 'RESPOND_NOT_DECLARED' },
    })
    class Double extends Agent<typeof Double> {
      static readonly role = 'double'
      static readonly responds = [Spend]
      protected override onStart() {
        this.respond(Spend, () => ({}))
        this.respond(Spend, () => ({}))
      }
    }
    await expect(virtualSwarm({ agents: [Double] }).swarm.start()).rejects.toMatchObject({
      cause: { code: 'DUPLICATE_RESPONDER' },
    })
  })
})

describe('a service', () => {
  const serviceWith = (start: (host: ServiceHost) => unknown, declares: Partial<Service> = {}): Service => ({
    name: 'kernel',
    ...declares,
    start: async (host) => void (await start(host)),
    stop: async () => undefined,
  })

  it('answers agents, validated, and is held to what it declares', async () => {
    const { agents, answers } = asking(getMood, [])
    const services = [
      serviceWith((host) => host.respond(GetMood, ({ symbol }) => ({ mood: 1, by: symbol })), { responds: [GetMood] }),
    ]
    const { swarm, dispatcher } = virtualSwarm({ agents, services })
    await swarm.start()
    await swarm.publish(Go, {})
    await dispatcher.step()
    expect(answers).toEqual([{ mood: 1, by: 'A' }])

    const rogue = (start: (host: ServiceHost) => unknown) =>
      virtualSwarm({ agents: [], services: [serviceWith(start)] }).swarm.start()
    await expect(rogue((host) => host.publish(Go, {}))).rejects.toMatchObject({ code: 'PUBLISH_NOT_DECLARED' })
    await expect(rogue((host) => host.respond(Spend, () => ({})))).rejects.toMatchObject({
      code: 'RESPOND_NOT_DECLARED',
    })
  })

  it('writes to the journal in the order of its calls, and at once where it must', async () => {
    const { swarm, storage } = realTimeSwarm({
      agents: [],
      services: [
        serviceWith(async (host) => {
          host.append({ id: 'order-1', kind: 'order', time: 0, payload: { side: 'buy' } })
          host.putRecord('orders', { id: 'order-1', time: 0, tags: {}, text: '{}' })
          await host.saveNow('latch', 'on')
          expect([storage.keyValues.get('latch'), storage.entries.length]).toEqual(['on', 0])
          await host.durable()
          expect([storage.entries.length, storage.records.length]).toEqual([1, 1])
        }),
      ],
    })
    await swarm.start()
    expect(swarm.journalHead().sequence).toBe(1)
    await swarm.stop()
    expect.assertions(3)
  })
})
