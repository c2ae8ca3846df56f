import { describe, expect, it } from 'vitest'
import { z } from 'zod'
import { defineTopic } from '../messages/topic.js'
import { createGate, type Gate } from '../testing-support/fake-clock.test-support.js'
import { realTimeSwarm } from '../testing-support/swarm-bench.test-support.js'
import { settle } from '../testing-support/system-settle.test-support.js'
import { Agent } from './agent.js'

const shape = z.object({ n: z.number() })
const Offer = defineTopic('offer.made', { schema: shape, delivery: 'durable' })
const Order = defineTopic('order.wanted', { schema: shape, delivery: 'durable', overflow: 'block' })
const Start = defineTopic('start.now', { schema: z.object({ orders: z.number() }), delivery: 'durable' })

type Script = { readonly gate: Gate; readonly handled: number[] }

class Slow extends Agent<typeof Slow> {
  static readonly role = 'slow'
  static readonly config = z.object({ script: z.custom<Script>() })

  protected override onStart() {
    const { script } = this.config
    for (const topic of [Offer, Order])
      this.subscribe(
        topic,
        async ({ n }) => {
          await script.gate.passed
          script.handled.push(n)
        },
        { capacity: 3 },
      )
  }
}

class Busy extends Agent<typeof Busy> {
  static readonly role = 'busy'
  static readonly publishes = [Order]

  protected override onStart() {
    this.subscribe(Start, async ({ orders }, context) => {
      for (let n = 1; n <= orders; n += 1) await context.publish(Order, { n })
    })
  }
}

async function started() {
  const script: Script = { gate: createGate(), handled: [] }
  const made = realTimeSwarm({ agents: [{ agent: Slow, config: { script } }, Busy] })
  await made.swarm.start()
  const depth = () => made.swarm.agent('slow').status().mailboxDepth
  return { ...made, script, depth }
}

const oneToTen = [1, 2, 3, 4, 5, 6, 7, 8, 9, 10]

describe('a durable message in a burst', () => {
  it('is refused once those that wait for the same commit take all the room', async () => {
    const { swarm, script, depth } = await started()
    const outcomes = await Promise.allSettled(oneToTen.map((n) => swarm.publish(Offer, { n })))
    expect(outcomes.map(({ status }) => status)).toEqual([
      'fulfilled',
      'fulfilled',
      'fulfilled',
      ...Array.from({ length: 7 }, () => 'rejected'),
    ])
    // One is being handled, so there is room for one more.
    expect(depth()).toBe(2)
    await swarm.publish(Offer, { n: 11 })
    await expect(swarm.publish(Offer, { n: 12 })).rejects.toMatchObject({ code: 'MAILBOX_FULL' })
    script.gate.open()
    await swarm.stop()
    expect(script.handled).toEqual([1, 2, 3, 11])
  })

  it('waits where the topic blocks, and so many as there is room for go on each time', async () => {
    const { swarm, script, depth } = await started()
    let published = 0
    const publishing = oneToTen.map((n) => swarm.publish(Order, { n }).then(() => (published += 1)))
    await settle()
    expect([published, depth()]).toEqual([4, 3])
    script.gate.open()
    await Promise.all(publishing)
    await swarm.stop()
    expect(script.handled).toEqual(oneToTen)
  })

  it('that one handler publishes goes through even where it is larger than all the room', async () => {
    const { swarm, script, depth } = await started()
    await swarm.publish(Start, { orders: 10 })
    await settle()
    expect(depth()).toBe(9)
    script.gate.open()
    await swarm.stop()
    expect(script.handled).toEqual(oneToTen)
  })
})

describe('a swarm whose publishers wait for room with an agent that is paused', () => {
  const blocked = async () => {
    const made = await started()
    const { swarm } = made
    made.script.gate.open()
    await swarm.agent('slow').pause()
    for (const n of [1, 2, 3]) await swarm.publish(Order, { n })
    await swarm.publish(Start, { orders: 1 })
    await settle()
    return made
  }
  const orders = (entries: readonly { text: string }[]) =>
    entries.filter(({ text }) => text.includes('"topic":"order.wanted"')).length

  it('can be stopped: what they publish is kept for the next one', async () => {
    const { swarm, storage } = await blocked()
    expect(orders(storage.entries)).toBe(3)
    await swarm.stop()
    expect(orders(storage.entries)).toBe(4)
    const script: Script = { gate: createGate(), handled: [] }
    script.gate.open()
    const next = realTimeSwarm({ agents: [{ agent: Slow, config: { script } }, Busy], storage })
    await next.swarm.start()
    await next.clock.advance(100)
    await next.swarm.stop()
    expect(script.handled).toEqual([1, 2, 3, 1])
  })

  it('can be stopped when its storage has failed, too', async () => {
    const { swarm, storage } = await blocked()
    storage.beforeCommit = () => {
      throw new Error('disk full')
    }
    await expect(swarm.publish(Offer, { n: 5 })).rejects.toThrow()
    expect(swarm.status().state).toBe('suspended')
    await expect(swarm.stop()).rejects.toMatchObject({ code: 'JOURNAL_FAILED' })
    expect(storage.closed).toBe(1)
  })
})

describe('a handler whose message finds no room', () => {
  class Eager extends Agent<typeof Eager> {
    static readonly role = 'eager'
    static readonly publishes = [Offer]

    protected override onStart() {
      this.subscribe(Start, async ({ orders }, context) => void (await context.publish(Offer, { n: orders })))
    }
  }

  const overloaded = async () => {
    const script: Script = { gate: createGate(), handled: [] }
    const made = realTimeSwarm({ handlerTimeoutMs: 10_000_000, agents: [{ agent: Slow, config: { script } }, Eager] })
    await made.swarm.start()
    for (let orders = 1; orders <= 6; orders += 1) await made.swarm.publish(Start, { orders })
    return { ...made, script }
  }

  it('is tried again until there is room, however long that is, and its tries are not used up', async () => {
    const { swarm, clock, script } = await overloaded()
    await clock.advance(60_000)
    expect(swarm.agent('eager').status()).toMatchObject({ handled: 4, deadLetters: 0 })
    script.gate.open()
    await clock.advance(60_000)
    expect(script.handled).toEqual([1, 2, 3, 4, 5, 6])
    expect(swarm.agent('eager').status()).toMatchObject({ handled: 6, deadLetters: 0 })
    await swarm.stop()
  })

  it('is given up in the end', async () => {
    const { swarm, clock } = await overloaded()
    await clock.advance(30 * 60_000)
    expect(await swarm.deadLetters.list({ agent: 'eager' })).toMatchObject([
      { error: expect.stringContaining('messages waiting') },
      { error: expect.stringContaining('messages waiting') },
    ])
  })
})
