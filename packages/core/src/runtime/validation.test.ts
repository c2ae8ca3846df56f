import { describe, expect, it } from 'vitest'
import { z } from 'zod'
import { defineRequest } from '../messages/request.js'
import { defineTopic } from '../messages/topic.js'
import { realTimeSwarm, virtualSwarm } from '../testing-support/swarm-bench.test-support.js'
import { settle } from '../testing-support/system-settle.test-support.js'
import { Agent } from './agent.js'
import type { Service, ServiceHost } from './service.js'

const schema = z.object({ symbol: z.string(), legs: z.array(z.object({ price: z.number().positive() })) })
const Order = defineTopic('order.wanted', { schema, delivery: 'durable' })
const Quote = defineTopic('quote.seen', { schema, delivery: 'ephemeral' })
const Go = defineTopic('go', { schema: z.object({ n: z.number() }), delivery: 'durable' })
const Price = defineRequest('price.get', {
  input: z.object({ symbol: z.string() }),
  output: z.object({ price: z.number() }),
  idempotent: true,
})

type Work = { payload: unknown; input: unknown; answer: unknown; asked: unknown[] }

/** Publishes a good message, then what the test gives it. */
class Speaker extends Agent<typeof Speaker> {
  static readonly role = 'speaker'
  static readonly publishes = [Order, Quote]
  static readonly requests = [Price]
  static readonly config = z.object({ work: z.custom<Work>() })

  protected override onStart() {
    const { work } = this.config
    this.subscribe(Go, async ({ n }, context) => {
      context.state.set('n', n)
      await context.publish(Quote, { symbol: 'good', legs: [] })
      await context.publish(Order, { symbol: 'good', legs: [] })
      if (work.input !== undefined) work.asked.push(await context.request(Price, work.input as never))
      if (work.payload !== undefined) await context.publish(Order, work.payload as never)
    })
  }
}

class Hearer extends Agent<typeof Hearer> {
  static readonly role = 'hearer'
  static readonly responds = [Price]
  static readonly config = z.object({ heard: z.custom<unknown[]>(), work: z.custom<Work>() })

  protected override onStart() {
    const { heard, work } = this.config
    this.subscribe(Order, (order) => void heard.push(order))
    this.subscribe(Quote, (quote) => void heard.push(quote))
    this.respond(Price, (_input, context) => {
      context.state.set('answered', true)
      return work.answer as { price: number }
    })
  }
}

const bad = { symbol: 'A', legs: [{ price: 1 }, { price: -1 }] }
const named = /^topic order\.wanted: legs\[1\]\.price: /

const partsOf = (given: Partial<Work>) => {
  const heard: unknown[] = []
  const work: Work = { payload: undefined, input: undefined, answer: { price: 1 }, asked: [], ...given }
  const agents = [
    { agent: Speaker, config: { work } },
    { agent: Hearer, config: { heard, work } },
  ]
  return { heard, work, agents }
}

describe('a payload that does not fit its topic', () => {
  it('is refused by topic and field, and is neither journalled nor delivered', async () => {
    const { heard, agents } = partsOf({})
    const { swarm, storage } = realTimeSwarm({ agents })
    await swarm.start()
    await expect(swarm.publish(Order, bad)).rejects.toMatchObject({
      code: 'INVALID_PAYLOAD',
      message: expect.stringMatching(named),
      context: { fields: ['legs.1.price'] },
    })
    await expect(swarm.publish(Quote, { symbol: 7 } as never)).rejects.toMatchObject({
      message: expect.stringMatching(/^topic quote\.seen: symbol: .*; legs: /),
    })
    await expect(swarm.publish(Order, undefined as never)).rejects.toMatchObject({
      message: expect.stringContaining('topic order.wanted: (the whole value): '),
    })
    await settle()
    await swarm.checkpoint()
    expect([heard, storage.entries, swarm.status().messages.published]).toEqual([[], [], 0])
    await swarm.stop()
  })

  it('is refused of a service', async () => {
    let host: ServiceHost | undefined
    const source: Service = {
      name: 'source',
      publishes: [Order],
      async start(given) {
        host = given
      },
      async stop() {},
    }
    class Deaf extends Agent<typeof Deaf> {
      static readonly role = 'deaf'
    }
    const { swarm, storage } = realTimeSwarm({ agents: [Deaf], services: [source] })
    await swarm.start()
    await expect(host?.publish(Order, bad)).rejects.toMatchObject({ message: expect.stringMatching(named) })
    expect(storage.entries).toEqual([])
    await swarm.stop()
  })

  it.each(['real', 'virtual'] as const)(
    'fails the handler that publishes it, of which nothing is left: %s time',
    async (time) => {
      const { heard, agents } = partsOf({ payload: bad })
      const made = time === 'real' ? realTimeSwarm({ agents }) : virtualSwarm({ agents })
      await made.swarm.start()
      const id = await made.swarm.publish(Go, { n: 1 })
      if ('clock' in made) await made.clock.advance(1_000)
      else while (await made.dispatcher.step());
      expect(await made.swarm.deadLetters.list()).toMatchObject([
        { id: `${id} speaker`, error: expect.stringMatching(named) },
      ])
      await made.swarm.checkpoint()
      expect(heard).toEqual([])
      expect(made.storage.entries.map((entry) => JSON.parse(entry.text) as object)).toMatchObject([{ topic: 'go' }])
      expect(made.storage.keyValues.has('state/speaker/n')).toBe(false)
      await made.swarm.stop()
    },
  )

  it('is told to a handler that catches it, whose other work takes effect', async () => {
    const { heard, agents, work } = partsOf({})
    work.payload = undefined
    const { swarm, clock } = realTimeSwarm({ agents })
    await swarm.start()
    await swarm.publish(Go, { n: 1 })
    await clock.advance(100)
    expect(heard).toEqual([
      { symbol: 'good', legs: [] },
      { symbol: 'good', legs: [] },
    ])
    await swarm.stop()
  })

  it('is refused where it has no canonical JSON, by its topic', async () => {
    const Loose = defineTopic('loose', { schema: z.unknown(), delivery: 'durable' })
    class Careless extends Agent<typeof Careless> {
      static readonly role = 'careless'
      static readonly publishes = [Loose]
    }
    const { swarm, storage } = realTimeSwarm({ agents: [Careless] })
    await swarm.start()
    const circular: Record<string, unknown> = {}
    circular['self'] = circular
    for (const payload of [{ n: Number.NaN }, { f: () => 1 }, { b: 1n }, circular])
      await expect(swarm.publish(Loose, payload)).rejects.toMatchObject({
        code: 'NOT_CANONICAL',
        message: expect.stringContaining('topic loose: '),
      })
    expect(storage.entries).toEqual([])
    await swarm.stop()
  })
})

describe('what is asked and answered', () => {
  it('is refused by request and field where the input does not fit, and reaches nobody', async () => {
    const { agents } = partsOf({ input: { symbol: 7 } })
    const { swarm, clock, storage } = realTimeSwarm({ agents })
    await swarm.start()
    await swarm.publish(Go, { n: 1 })
    await clock.advance(1_000)
    expect(await swarm.deadLetters.list()).toMatchObject([
      { error: expect.stringMatching(/^request price\.get: symbol: /) },
    ])
    expect([storage.keyValues.has('state/hearer/answered'), swarm.agent('hearer').status().handled]).toEqual([false, 0])
    await swarm.stop()
  })

  it('is refused by request and field where the answer does not fit, and leaves nothing behind', async () => {
    const { agents } = partsOf({ input: { symbol: 'A' }, answer: { price: 'dear' } })
    const { swarm, clock, storage } = realTimeSwarm({ agents })
    await swarm.start()
    await swarm.publish(Go, { n: 1 })
    await clock.advance(1_000)
    expect(await swarm.deadLetters.list()).toMatchObject([
      { error: expect.stringMatching(/^answer to price\.get: price: /) },
    ])
    await swarm.stop()
    expect(storage.keyValues.has('state/hearer/answered')).toBe(false)
  })
})
