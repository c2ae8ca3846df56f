import { describe, expect, it } from 'vitest'
import { z } from 'zod'
import { defineTopic, type Overflow, type Topic } from '../messages/topic.js'
import { createGate, type Gate } from '../testing-support/fake-clock.test-support.js'
import { realTimeSwarm, virtualSwarm } from '../testing-support/swarm-bench.test-support.js'
import { settle } from '../testing-support/system-settle.test-support.js'
import { Agent } from './agent.js'
import type { HandlerContext } from './agent-types.js'

const schema = z.object({ key: z.string(), n: z.number() })
const keyed = { schema, key: (event: { key: string }) => event.key }
const Quote = defineTopic('quote', { ...keyed, delivery: 'ephemeral' })
const Order = defineTopic('order', { ...keyed, delivery: 'durable' })
const Other = defineTopic('other', { ...keyed, delivery: 'ephemeral' })
const Go = defineTopic('go', { schema, delivery: 'durable' })

type Settings = { readonly topic: Topic; readonly overflow: Overflow; readonly capacity: number }

/** Writes down what it hears; waits at the gate where there is one. */
class Hearer extends Agent<typeof Hearer> {
  static readonly role = 'hearer'
  static readonly config = z.object({
    heard: z.custom<string[]>(),
    settings: z.custom<Settings>(),
    gate: z.custom<Gate>().optional(),
  })

  protected override onStart() {
    const { heard, settings } = this.config
    const { topic, overflow, capacity } = settings
    const hear = async ({ key, n }: { key: string; n: number }): Promise<void> => {
      heard.push(`${key}${n}`)
      await this.config.gate?.passed
    }
    this.subscribe(topic, (payload) => hear(payload as { key: string; n: number }), { overflow, capacity })
    this.subscribe(Other, hear)
  }
}

/** Publishes in its handler as many orders as it is told. */
class Teller extends Agent<typeof Teller> {
  static readonly role = 'teller'
  static readonly publishes = [Order, Quote]
  static readonly config = z.object({ topic: z.custom<Topic>().optional(), ended: z.array(z.number()).default([]) })

  protected override onStart() {
    this.subscribe(Go, async ({ n }, context) => {
      for (let index = 1; index <= n; index += 1)
        await context.publish(this.config.topic === Quote ? Quote : Order, { key: 'T', n: index })
      context.state.set('told', n)
    })
  }
}

const started = async (settings: Settings, more: { gate?: Gate; teller?: Topic } = {}) => {
  const heard: string[] = []
  const { gate, teller } = more
  const made = realTimeSwarm({
    agents: [
      { agent: Hearer, config: { heard, settings, ...(gate === undefined ? {} : { gate }) } },
      { agent: Teller, config: teller === undefined ? {} : { topic: teller } },
    ],
  })
  await made.swarm.start()
  const publish = (topic: Topic, ...names: string[]): Promise<PromiseSettledResult<string>[]> =>
    Promise.allSettled(
      names.map((name) => made.swarm.publish(topic, { key: name.slice(0, 1), n: Number(name.slice(1)) })),
    )
  const depth = (): number => made.swarm.agent('hearer').status().mailboxDepth
  return { ...made, heard, publish, depth }
}

const codesOf = (results: readonly PromiseSettledResult<string>[]) =>
  results.map((result) => (result.status === 'fulfilled' ? 'taken' : (result.reason as { code: string }).code))

describe('a subscription that has no room', () => {
  it('and rejects tells the publisher, and neither journals nor delivers', async () => {
    const { swarm, publish, heard, storage, depth } = await started({ topic: Order, overflow: 'reject', capacity: 2 })
    await swarm.agent('hearer').pause()
    expect(codesOf(await publish(Order, 'A1', 'B2'))).toEqual(['taken', 'taken'])
    const [refused] = await publish(Order, 'A3')
    expect(refused).toMatchObject({
      reason: { code: 'MAILBOX_FULL', retryability: 'retryable', message: expect.stringContaining('2 messages') },
    })
    expect([storage.entries.filter(({ kind }) => kind === 'message').length, depth()]).toEqual([2, 2])
    await swarm.agent('hearer').resume()
    await settle()
    expect(codesOf(await publish(Order, 'A3'))).toEqual(['taken'])
    await settle()
    expect(heard).toEqual(['A1', 'B2', 'A3'])
    await swarm.stop()
  })

  it('and blocks lets publishers wait, and takes them in order when there is room', async () => {
    const gate = createGate()
    const { swarm, publish, heard, storage, depth } = await started(
      { topic: Order, overflow: 'block', capacity: 2 },
      { gate },
    )
    const done: number[] = []
    for (let n = 1; n <= 6; n += 1) void publish(Order, `A${n}`).then(() => done.push(n))
    await settle()
    expect([heard, depth()]).toEqual([['A1'], 2])
    expect(done).toEqual([1, 2, 3])
    expect(storage.entries.length).toBe(3)
    gate.open()
    await settle()
    expect([heard, done, depth()]).toEqual([['A1', 'A2', 'A3', 'A4', 'A5', 'A6'], [1, 2, 3, 4, 5, 6], 0])
    await swarm.stop()
  })

  it('and blocks lets a handler wait before anything of it takes effect', async () => {
    const { swarm, publish, heard, storage } = await started({ topic: Order, overflow: 'block', capacity: 1 })
    await swarm.agent('hearer').pause()
    await publish(Order, 'A1')
    await swarm.publish(Go, { key: '', n: 1 })
    await settle()
    expect(swarm.agent('teller').status()).toMatchObject({ handled: 0, failed: 0 })
    expect(storage.entries.filter(({ text }) => text.includes('"order"')).length).toBe(1)
    expect(storage.keyValues.has('state/teller/told')).toBe(false)
    await swarm.agent('hearer').resume()
    await settle()
    expect(heard).toEqual(['A1', 'T1'])
    expect(swarm.agent('teller').status()).toMatchObject({ handled: 1, failed: 0 })
    expect(storage.keyValues.get('state/teller/told')).toBe('{"version":1,"value":1}')
    await swarm.stop()
  })

  it('takes a transaction that is larger than it once nothing waits, where it blocks', async () => {
    const { swarm, heard } = await started({ topic: Order, overflow: 'block', capacity: 2 })
    await swarm.publish(Go, { key: '', n: 5 })
    await settle()
    expect([heard, swarm.agent('teller').status().handled]).toEqual([['T1', 'T2', 'T3', 'T4', 'T5'], 1])
    await swarm.stop()
  })

  it('and drops the oldest keeps the newest and counts what it dropped', async () => {
    const { swarm, publish, heard, depth } = await started({ topic: Quote, overflow: 'drop-oldest', capacity: 3 })
    await swarm.agent('hearer').pause()
    expect(codesOf(await publish(Quote, 'A1', 'B2', 'A3', 'C4', 'B5', 'A6'))).toEqual(Array(6).fill('taken'))
    expect([depth(), swarm.agent('hearer').status().dropped]).toEqual([3, 3])
    await swarm.agent('hearer').resume()
    await settle()
    expect([...heard].sort()).toEqual(['A6', 'B5', 'C4'])
    await swarm.stop()
  })

  it('and conflates keeps the newest of each key in the place of the first', async () => {
    const { swarm, publish, heard, depth } = await started({ topic: Quote, overflow: 'conflate', capacity: 3 })
    await swarm.agent('hearer').pause()
    await publish(Quote, 'A1', 'B2', 'A3', 'C4', 'B5', 'A6')
    expect([depth(), swarm.agent('hearer').status().dropped]).toEqual([3, 3])
    expect(codesOf(await publish(Quote, 'D7', 'C8'))).toEqual(['MAILBOX_FULL', 'taken'])
    await swarm.agent('hearer').resume()
    await settle()
    expect(heard).toEqual(['A6', 'B5', 'C8'])
    await swarm.stop()
  })

  it('conflates nothing with what is being handled', async () => {
    const gate = createGate()
    const { swarm, publish, heard } = await started({ topic: Quote, overflow: 'conflate', capacity: 3 }, { gate })
    await publish(Quote, 'A1')
    await settle()
    await publish(Quote, 'A2', 'A3')
    gate.open()
    await settle()
    expect(heard).toEqual(['A1', 'A3'])
    await swarm.stop()
  })

  it.each(['drop-oldest', 'conflate'] as const)('may not %s where the topic is durable', async (overflow) => {
    await expect(started({ topic: Order, overflow, capacity: 3 })).rejects.toMatchObject({
      code: 'AGENT_START_FAILED',
      message: expect.stringContaining('would lose durable messages'),
    })
    expect(() => defineTopic('order', { ...keyed, delivery: 'durable', overflow })).toThrow('would lose')
  })

  it.each([0, -1, 1.5, Number.NaN, 100_001])('refuses a capacity of %s', async (capacity) => {
    await expect(started({ topic: Order, overflow: 'block', capacity })).rejects.toMatchObject({
      message: expect.stringContaining('hearer: subscription to order: capacity is'),
    })
  })

  it.each(['drop-oldest', 'conflate'] as const)(
    'I37 holds no more than its capacity at 100 times the load: %s',
    async (overflow) => {
      const capacity = 50
      const { swarm, publish, heard, depth } = await started({ topic: Quote, overflow, capacity })
      await swarm.agent('hearer').pause()
      for (let n = 0; n < capacity * 100; n += 1) {
        await publish(Quote, `${String.fromCharCode(65 + (n % capacity))}${n}`)
        expect(depth()).toBeLessThanOrEqual(capacity)
      }
      expect(swarm.agent('hearer').status().dropped).toBe(capacity * 99)
      await swarm.agent('hearer').resume()
      await settle()
      expect(heard.map((name) => Number(name.slice(1)))).toEqual(
        Array.from({ length: capacity }, (_, n) => capacity * 99 + n),
      )
      await swarm.stop()
    },
  )

  it.each(['block', 'reject'] as const)(
    'I37 holds no more than its capacity at 100 times the load, and loses nothing that it took: %s',
    async (overflow) => {
      const capacity = 10
      const { swarm, publish, heard, storage, depth } = await started({ topic: Order, overflow, capacity })
      await swarm.agent('hearer').pause()
      const results: Promise<PromiseSettledResult<string>[]>[] = []
      for (let n = 1; n <= capacity * 100; n += 1) results.push(publish(Order, `A${n}`))
      await settle()
      expect([depth(), storage.entries.filter(({ kind }) => kind === 'message').length]).toEqual([capacity, capacity])
      await swarm.agent('hearer').resume()
      await settle()
      const taken = (await Promise.all(results)).flatMap((result, index) =>
        codesOf(result)[0] === 'taken' ? [`A${index + 1}`] : [],
      )
      expect(taken.length).toBe(overflow === 'block' ? capacity * 100 : capacity)
      expect(heard).toEqual(taken)
      await swarm.stop()
    },
  )
})

describe('a publisher that waits for room', () => {
  it('goes on when the room came from another subscription of the agent', async () => {
    const { swarm, publish, heard } = await started({ topic: Order, overflow: 'block', capacity: 100_000 })
    await swarm.agent('hearer').pause()
    for (let n = 0; n < 100_000; n += 1) await swarm.publish(Other, { key: 'O', n })
    const publishing = publish(Order, 'A1')
    await settle()
    await swarm.agent('hearer').resume()
    await settle()
    expect(codesOf(await Promise.race([publishing, settle().then(() => [])]))).toEqual(['taken'])
    expect(heard.length).toBe(100_001)
    await swarm.stop()
  })

  it('goes on when the agent that is full is stopped', async () => {
    const { swarm, clock, publish, heard } = await started({ topic: Order, overflow: 'block', capacity: 1 })
    await swarm.agent('hearer').pause()
    const publishing = publish(Order, 'A1', 'A2', 'A3')
    await settle()
    await swarm.agent('hearer').stop()
    await settle()
    expect(codesOf(await Promise.race([publishing, settle().then(() => [])]))).toEqual(['taken', 'taken', 'taken'])
    await swarm.agent('hearer').start()
    await clock.advance(100)
    expect(heard).toEqual(['A1', 'A2', 'A3'])
    await swarm.stop()
  })

  it('goes on when the agent that is full is restarted', async () => {
    const { swarm, clock, publish, heard } = await started({ topic: Order, overflow: 'block', capacity: 1 })
    await swarm.agent('hearer').pause()
    const publishing = publish(Order, 'A1', 'A2', 'A3')
    await settle()
    await swarm.agent('hearer').restart()
    await clock.advance(100)
    expect(codesOf(await publishing)).toEqual(['taken', 'taken', 'taken'])
    expect(heard).toEqual(['A1', 'A2', 'A3'])
    await swarm.stop()
  })

  it('does not keep the swarm from stopping, and what it published is handled by the next one', async () => {
    const { swarm, clock, publish, storage } = await started({ topic: Order, overflow: 'block', capacity: 1 })
    await swarm.agent('hearer').pause()
    await publish(Order, 'A1')
    await swarm.publish(Go, { key: '', n: 2 })
    await settle()
    let stopped = false
    const stopping = swarm.stop().then(() => {
      stopped = true
    })
    await clock.advance(60_000)
    expect(stopped).toBe(true)
    await stopping
    const heard: string[] = []
    const next = realTimeSwarm({
      agents: [
        { agent: Hearer, config: { heard, settings: { topic: Order, overflow: 'block', capacity: 1 } } },
        Teller,
      ],
      storage,
    })
    await next.swarm.start()
    await next.clock.advance(1_000)
    expect(heard).toEqual(['A1', 'T1', 'T2'])
    await next.swarm.stop()
  })

  it('waits for nothing in virtual time, where whoever waits would keep the clock from moving', async () => {
    const heard: string[] = []
    const { swarm, dispatcher } = virtualSwarm({
      agents: [
        { agent: Hearer, config: { heard, settings: { topic: Order, overflow: 'block', capacity: 1 } } },
        Teller,
      ],
    })
    await swarm.start()
    await swarm.publish(Order, { key: 'A', n: 1 })
    await swarm.publish(Go, { key: '', n: 3 })
    const stepping = dispatcher.step().then(() => 'done')
    expect(await Promise.race([stepping, settle().then(() => 'waits')])).toBe('done')
    expect(heard).toEqual(['A1', 'T1', 'T2', 'T3'])
  })
})

describe('a mailbox that an agent of 100,000 waiting messages has', () => {
  it('I37 gives up the oldest of a subscription that drops them, and keeps no dead letter of it', async () => {
    const { swarm, publish, heard } = await started({ topic: Quote, overflow: 'drop-oldest', capacity: 100_000 })
    await swarm.agent('hearer').pause()
    await publish(Quote, 'A1')
    for (let n = 0; n < 99_999; n += 1) await swarm.publish(Other, { key: 'O', n })
    expect(codesOf(await publish(Quote, 'A2', 'A3'))).toEqual(['taken', 'taken'])
    expect(swarm.agent('hearer').status()).toMatchObject({ mailboxDepth: 100_000, dropped: 2, deadLetters: 0 })
    await swarm.agent('hearer').resume()
    await settle()
    expect(heard.filter((name) => name.startsWith('A'))).toEqual(['A3'])
    await swarm.stop()
  })
})

/** Subscribes with a larger capacity in each life; in its first its handler hangs. */
class Growing extends Agent<typeof Growing> {
  static readonly role = 'growing'
  static readonly config = z.object({ heard: z.custom<string[]>(), lives: z.custom<{ count: number }>() })

  protected override onStart() {
    const { heard, lives } = this.config
    lives.count += 1
    const life = lives.count
    this.subscribe(
      Order,
      async ({ key, n }) => {
        heard.push(`${key}${n} in life ${life}`)
        if (life === 1) await createGate().passed
      },
      { overflow: 'block', capacity: life * 10 },
    )
  }
}

const Step = defineTopic('step', { ...keyed, delivery: 'durable', overflow: 'block' })
const Ping = defineTopic('ping', { ...keyed, delivery: 'durable', overflow: 'block' })
const Pong = defineTopic('pong', { ...keyed, delivery: 'durable', overflow: 'block' })

/** Answers each step with two smaller ones, to itself. */
class Walker extends Agent<typeof Walker> {
  static readonly role = 'walker'
  static readonly publishes = [Step]

  protected override onStart() {
    const walk = async (
      { key, n }: { key: string; n: number },
      context: HandlerContext<typeof Walker>,
    ): Promise<void> => {
      if (n === 0) return
      await context.publish(Step, { key, n: n - 1 })
      await context.publish(Step, { key, n: n - 1 })
    }
    this.subscribe(Step, walk, { capacity: 1 })
  }
}

/** Two who answer each message of the other's with two, a few times. */
class Pinger extends Agent<typeof Pinger> {
  static readonly role: string = 'pinger'
  static readonly publishes = [Ping, Pong]

  protected override onStart() {
    this.hear(Pong, Ping)
  }

  protected hear(heard: typeof Ping | typeof Pong, answer: typeof Ping | typeof Pong): void {
    const reply = async (
      { key, n }: { key: string; n: number },
      context: HandlerContext<typeof Pinger>,
    ): Promise<void> => {
      for (let count = 0; count < 2 && n > 0; count += 1) await context.publish(answer, { key, n: n - 1 })
    }
    this.subscribe(heard as typeof Ping, reply, { capacity: 1 })
  }
}

class Ponger extends Pinger {
  static override readonly role = 'ponger'

  protected override onStart() {
    this.hear(Ping, Pong)
  }
}

/** Its handler hangs in its first life; its second takes as long to start as the test wants. */
class Slow extends Agent<typeof Slow> {
  static readonly role = 'slow'
  static readonly config = z.object({
    heard: z.custom<string[]>(),
    lives: z.custom<{ count: number }>(),
    start: z.custom<Gate>(),
  })

  protected override async onStart() {
    const { heard, lives, start } = this.config
    lives.count += 1
    const life = lives.count
    const hear = async ({ key, n }: { key: string; n: number }): Promise<void> => {
      heard.push(`${key}${n} in life ${life}`)
      if (life === 1) await createGate().passed
    }
    this.subscribe(Quote, hear, { overflow: 'drop-oldest', capacity: 3 })
    if (life > 1) await start.passed
  }
}

describe('a restarted agent that drops the oldest', () => {
  it('drops what its old life was at before what came later', async () => {
    const heard: string[] = []
    const start = createGate()
    const { swarm, clock } = realTimeSwarm({ agents: [{ agent: Slow, config: { heard, lives: { count: 0 }, start } }] })
    await swarm.start()
    for (const n of [1, 2, 3]) await swarm.publish(Quote, { key: 'A', n })
    await settle()
    const restarting = swarm.agent('slow').restart()
    await clock.advance(1_000)
    for (const n of [4, 5]) await swarm.publish(Quote, { key: 'A', n })
    start.open()
    await restarting
    await clock.advance(100)
    expect(heard).toEqual(['A1 in life 1', ...[3, 4, 5].map((n) => `A${n} in life 2`)])
    await swarm.stop()
  })
})

describe('an agent that blocks', () => {
  it('does not wait for itself', async () => {
    const { swarm } = realTimeSwarm({ agents: [Walker] })
    await swarm.start()
    await swarm.publish(Step, { key: 'A', n: 4 })
    await settle()
    expect(swarm.agent('walker').status()).toMatchObject({ handled: 31, failed: 0, mailboxDepth: 0 })
    await swarm.stop()
  })

  it('does not wait for ever for another that waits for it: a commit that waits is bound by its deadline', async () => {
    const { swarm, clock } = realTimeSwarm({ agents: [Pinger, Ponger] })
    await swarm.start()
    await swarm.publish(Ping, { key: 'A', n: 4 })
    await clock.advance(600_000)
    expect(swarm.status().agents.map(({ mailboxDepth }) => mailboxDepth)).toEqual([0, 0])
    await swarm.stop()
  })
})

describe('a restarted agent that subscribes with other options', () => {
  it('handles what waited and what was being handled with its new handler, in order', async () => {
    const heard: string[] = []
    const { swarm, clock } = realTimeSwarm({ agents: [{ agent: Growing, config: { heard, lives: { count: 0 } } }] })
    await swarm.start()
    for (let n = 1; n <= 4; n += 1) await swarm.publish(Order, { key: 'A', n })
    await settle()
    await swarm.agent('growing').restart()
    await clock.advance(1_000)
    expect(heard).toEqual(['A1 in life 1', 'A1 in life 2', 'A2 in life 2', 'A3 in life 2', 'A4 in life 2'])
    await swarm.stop()
  })
})
