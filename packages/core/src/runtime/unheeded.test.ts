import { describe, expect, it } from 'vitest'
import { z } from 'zod'
import { defineRequest } from '../messages/request.js'
import { defineTopic } from '../messages/topic.js'
import { createGate } from '../testing-support/fake-clock.test-support.js'
import { realTimeSwarm } from '../testing-support/swarm-bench.test-support.js'
import { settle } from '../testing-support/system-settle.test-support.js'
import { Agent } from './agent.js'
import type { HandlerContext } from './agent-types.js'
import { Refusal } from './refusal.js'

// A rejection that nobody waits for fails the run of the tests, as it ends a process.

const Go = defineTopic('go', { schema: z.object({ n: z.number() }), delivery: 'ephemeral' })
const Done = defineTopic('done', { schema: z.object({ n: z.number() }), delivery: 'ephemeral' })
const Wrong = defineTopic('wrong', { schema: z.object({}), delivery: 'ephemeral' })
const Ask = defineRequest('ask', { input: z.object({ n: z.number() }), output: z.object({}), idempotent: false })

type Work = (context: HandlerContext<typeof Careless>, agent: Careless) => unknown

class Careless extends Agent<typeof Careless> {
  static readonly role = 'careless'
  static readonly publishes = [Done]
  static readonly requests = [Ask]
  static readonly config = z.object({ work: z.custom<Work>() })

  protected override onStart() {
    this.subscribe(Go, (_event, context) => this.config.work(context, this))
  }

  /** What its handlers are not told by their context. */
  say(n: unknown): Promise<string> {
    return this.publish(Done, { n } as { n: number })
  }
}

class Answerer extends Agent<typeof Answerer> {
  static readonly role = 'answerer'
  static readonly responds = [Ask]
  static readonly config = z.object({ answer: z.custom<() => Promise<unknown>>() })

  protected override onStart() {
    this.respond(Ask, async () => {
      await this.config.answer()
      return {}
    })
  }
}

async function run(work: Work, answer: () => Promise<unknown> = async () => undefined) {
  const { swarm, log } = realTimeSwarm({
    agents: [
      { agent: Careless, config: { work } },
      { agent: Answerer, config: { answer } },
    ],
    maximumTries: 1,
  })
  await swarm.start()
  await swarm.publish(Go, { n: 1 })
  await settle()
  await settle()
  const { handled, failed } = swarm.agent('careless').status()
  const errors = log.filter(({ level }) => level === 'error').map(({ error }) => error)
  return { swarm, handled, failed, published: swarm.status().messages.published - 1, errors }
}

const bad = { n: 'x' } as unknown as { n: number }

describe('what a handler does not wait for', () => {
  it('and is refused fails it, with all that it has done', async () => {
    const result = await run((context) => {
      void context.publish(Done, { n: 1 })
      void context.publish(Done, bad)
    })
    expect(result).toMatchObject({ handled: 0, failed: 1, published: 0 })
    expect(await run((context) => void context.request(Ask, bad))).toMatchObject({ handled: 0, failed: 1 })
    expect(await run((context) => void context.publish(Wrong as never, {} as never))).toMatchObject({ failed: 1 })
  })

  it('and is refused does not fail it where it takes note of that', async () => {
    const waits = await run(async (context) => {
      await expect(context.publish(Done, bad)).rejects.toMatchObject({ code: 'INVALID_PAYLOAD' })
      const caught: unknown = await context.publish(Done, bad).catch((error: unknown) => error)
      await Promise.allSettled([context.publish(Done, bad), context.request(Ask, bad)])
      try {
        await context.publish(Done, bad)
      } catch {
        void context.publish(Done, { n: caught instanceof Error ? 1 : 2 })
      }
    })
    expect(waits).toMatchObject({ handled: 1, failed: 0, published: 1 })
  })

  it('of a request is given up when it ends', async () => {
    const gate = createGate()
    const gone = await run(
      (context) => void context.request(Ask, { n: 1 }),
      () => gate.passed,
    )
    expect(gone).toMatchObject({ handled: 1, failed: 0 })
    gate.open()
    const refused = await run(
      async (context) => {
        void context.request(Ask, { n: 1 })
        await settle()
      },
      () => Promise.reject(new Error('no')),
    )
    expect(refused).toMatchObject({ handled: 1, failed: 0 })
  })

  it('of a request with middleware around it either', async () => {
    const { swarm } = realTimeSwarm({
      agents: [
        { agent: Careless, config: { work: (context: Parameters<Work>[0]) => void context.request(Ask, { n: 1 }) } },
        { agent: Answerer, config: { answer: () => Promise.reject(new Error('no')) } },
      ],
      middleware: [{ name: 'around', request: (_info, next) => next(undefined as never) }],
    })
    await swarm.start()
    await swarm.publish(Go, { n: 1 })
    await settle()
    expect(swarm.agent('careless').status().handled).toBe(1)
  })
})

describe('a message that is refused while nobody waits for it', () => {
  it('is logged, and only then', async () => {
    const careless = await run((_context, agent) => void agent.say('x'))
    expect(careless).toMatchObject({ handled: 1, failed: 0, errors: [expect.stringContaining('topic done: n')] })
    const careful = await run((_context, agent) => agent.say('x').catch(() => undefined))
    expect(careful).toMatchObject({ handled: 1, failed: 0, errors: [] })
    const { swarm } = careful
    await expect(swarm.publish(Go, bad)).rejects.toMatchObject({ code: 'INVALID_PAYLOAD' })
    await swarm.stop()
    void swarm.publish(Go, { n: 1 })
    await settle()
  })

  it('is a promise like any other to whoever does', async () => {
    const error = new Error('no')
    expect(await new Refusal(error).catch((caught: unknown) => caught)).toBe(error)
    expect(await new Refusal(error).then(undefined, () => 1).finally(() => undefined)).toBe(1)
    await expect(Promise.all([Promise.resolve(), new Refusal(error)])).rejects.toBe(error)
  })
})

describe('whoever listens to alerts', () => {
  it('may fail later: that is logged', async () => {
    const { swarm, storage, log } = realTimeSwarm({
      agents: [{ agent: Careless, config: { work: () => undefined } }],
      onAlert: (async () => {
        await Promise.resolve()
        throw new Error('no line to the pager')
      }) as () => void,
    })
    await swarm.start()
    storage.beforeCommit = () => {
      throw new Error('disk full')
    }
    void swarm.noteOperatorAct({ act: 'pause', agent: 'careless' })
    await swarm.checkpoint().catch(() => undefined)
    await settle()
    expect(log).toContainEqual(expect.objectContaining({ error: 'no line to the pager' }))
  })
})
