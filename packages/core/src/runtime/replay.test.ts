import { describe, expect, it } from 'vitest'
import { z } from 'zod'
import { createSequentialIds } from '../ids/sequential-ids.js'
import { defineTopic } from '../messages/topic.js'
import { createGate, type Gate } from '../testing-support/fake-clock.test-support.js'
import type { StorageDouble } from '../testing-support/storage-double.test-support.js'
import { realTimeSwarm, virtualSwarm } from '../testing-support/swarm-bench.test-support.js'
import { settle } from '../testing-support/system-settle.test-support.js'
import { Agent } from './agent.js'

const schema = z.object({ key: z.string(), n: z.number() })
const keyed = { schema, key: (event: { key: string }) => event.key }
const Order = defineTopic('order.wanted', { ...keyed, delivery: 'durable' })
const Fill = defineTopic('fill.seen', { ...keyed, delivery: 'durable' })
const Quote = defineTopic('quote.seen', { ...keyed, delivery: 'ephemeral' })

const config = z.object({
  heard: z.custom<string[]>(),
  gates: z.custom<Map<string, Gate>>().default(new Map()),
  capacity: z.number().default(1_000),
})

class Hearer extends Agent<typeof Hearer> {
  static readonly role = 'hearer'
  static readonly config = config

  protected override onStart() {
    const { heard, gates, capacity } = this.config
    for (const topic of [Order, Fill])
      this.subscribe(
        topic,
        async ({ key, n }) => {
          heard.push(`${key}${n}`)
          await gates.get(`${key}${n}`)?.passed
        },
        { overflow: 'block', capacity },
      )
  }
}

/** Hears the same, and is not to hear anything twice. */
class Other extends Agent<typeof Other> {
  static readonly role = 'other'
  static readonly config = config

  protected override onStart() {
    this.subscribe('order.*', (payload) => void this.config.heard.push(`${(payload as { n: number }).n}`))
  }
}

class Quoter extends Agent<typeof Quoter> {
  static readonly role = 'quoter'

  protected override onStart() {
    this.subscribe(Quote, () => undefined)
  }
}

const started = async (more: object = {}, storage?: StorageDouble) => {
  const heard: string[] = []
  const others: string[] = []
  const ids = createSequentialIds()
  const before = storage?.entries.length ?? 0
  const made = realTimeSwarm({
    agents: [{ agent: Hearer, config: { heard, ...more } }, { agent: Other, config: { heard: others } }, Quoter],
    ids: { next: (kind) => `${ids.next(kind)}-after-${before}` },
    ...(storage === undefined ? {} : { storage }),
  })
  await made.swarm.start()
  const publish = async (...names: string[]): Promise<void> => {
    for (const name of names)
      await made.swarm.publish(name.startsWith('F') ? Fill : Order, {
        key: name.slice(0, 1),
        n: Number(name.slice(1)),
      })
  }
  return { ...made, heard, others, publish }
}

/** All in the order in which they were published, for each key. */
function expectInOrder(heard: readonly string[], names: readonly string[]): void {
  expect([...heard].sort()).toEqual([...names].sort())
  for (const key of new Set(names.map((name) => name.slice(0, 1))))
    expect(heard.filter((name) => name.startsWith(key))).toEqual(names.filter((name) => name.startsWith(key)))
}

describe('a replay', () => {
  it('lets one agent handle again what the journal holds from an entry on, and no other', async () => {
    const { swarm, clock, heard, others, publish, storage } = await started()
    await publish('A1', 'B2', 'F3', 'A4')
    await settle()
    heard.length = 0
    await swarm.replay({ agent: 'hearer', from: 2 })
    await clock.advance(100)
    expectInOrder(heard, ['B2', 'F3', 'A4'])
    expect(others).toEqual(['1', '2', '4'])
    expect(storage.entries.find(({ kind }) => kind === 'operator')?.text).toContain('"replay"')
    await swarm.stop()
  })

  it('may be of one topic alone', async () => {
    const { swarm, clock, heard, publish } = await started()
    await publish('A1', 'B2', 'F3', 'A4')
    await settle()
    heard.length = 0
    await swarm.replay({ agent: 'hearer', topic: 'order.wanted', from: 1 })
    await clock.advance(100)
    expectInOrder(heard, ['A1', 'B2', 'A4'])
    await swarm.stop()
  })

  it('may be of a pattern', async () => {
    const { swarm, clock, others, publish } = await started()
    await publish('A1', 'F2', 'A3')
    await settle()
    others.length = 0
    await swarm.replay({ agent: 'other', topic: 'order.*', from: 1 })
    await clock.advance(100)
    expect(others).toEqual(['1', '3'])
    await swarm.stop()
  })

  it('goes before what is published meanwhile, which is handled once', async () => {
    const { swarm, clock, heard, publish } = await started({ capacity: 2 })
    await publish('A1', 'A2', 'A3', 'A4', 'A5', 'A6')
    await clock.advance(100)
    heard.length = 0
    const replaying = swarm.replay({ agent: 'hearer', topic: 'order.wanted', from: 1 })
    const publishing = publish('A7', 'A8')
    await clock.advance(100)
    await publish('A9')
    await clock.advance(100)
    await Promise.all([replaying, publishing])
    expect(heard).toEqual(['A1', 'A2', 'A3', 'A4', 'A5', 'A6', 'A7', 'A8', 'A9'])
    await swarm.stop()
  })

  it('begins when what waits is done', async () => {
    const gates = new Map([['A1', createGate()]])
    const { swarm, clock, heard, publish } = await started({ gates })
    await publish('A1', 'A2')
    await settle()
    let begun = false
    const replaying = swarm.replay({ agent: 'hearer', from: 1 }).then(() => {
      begun = true
    })
    await clock.advance(1_000)
    expect([begun, heard]).toEqual([false, ['A1']])
    gates.get('A1')?.open()
    await clock.advance(100)
    await replaying
    expect(heard).toEqual(['A1', 'A2', 'A1', 'A2'])
    await swarm.stop()
  })

  it('that follows another begins anew', async () => {
    const { swarm, clock, heard, publish } = await started({ capacity: 1 })
    const names = Array.from({ length: 12 }, (_, index) => `A${index + 1}`)
    await publish(...names)
    await clock.advance(200)
    heard.length = 0
    await swarm.replay({ agent: 'hearer', topic: 'order.wanted', from: 1 })
    await clock.advance(12)
    const soFar = heard.length
    expect(soFar).toBeGreaterThan(1)
    expect(soFar).toBeLessThan(12)
    const again = swarm.replay({ agent: 'hearer', topic: 'order.wanted', from: 1 })
    await clock.advance(500)
    await again
    expect(heard.slice(-12)).toEqual(names)
    expect(heard.length).toBeGreaterThanOrEqual(soFar + 12)
    await swarm.stop()
  })

  it('under way begins anew where its agent is stopped and started in between', async () => {
    const { swarm, clock, heard, publish } = await started({ capacity: 1 })
    await publish('A1', 'A2', 'A3', 'A4')
    await clock.advance(100)
    heard.length = 0
    await swarm.agent('hearer').pause()
    await swarm.replay({ agent: 'hearer', topic: 'order.wanted', from: 1 })
    await clock.advance(100)
    expect(swarm.agent('hearer').status().mailboxDepth).toBe(1)
    await swarm.agent('hearer').stop()
    await swarm.agent('hearer').start()
    await clock.advance(100)
    expect(heard).toEqual(['A1', 'A2', 'A3', 'A4'])
    await swarm.stop()
  })

  it('leaves out nothing of what was handled ahead, after a restart of the process too', async () => {
    const gates = new Map(['A1', 'B2'].map((name) => [name, createGate()] as const))
    const first = await started({ gates })
    await first.publish('A1', 'B2', 'C3', 'D4')
    await first.clock.advance(1_000)
    // The process dies: A1 and B2 are to be redelivered, what came after them is not.
    const second = await started({ gates }, first.storage)
    await second.clock.advance(100)
    expect([...second.heard].sort()).toEqual(['A1', 'B2'])
    const replaying = second.swarm.replay({ agent: 'hearer', topic: 'order.wanted', from: 1 })
    await second.clock.advance(100)
    expect(second.heard.length).toBe(2)
    for (const gate of gates.values()) gate.open()
    await second.clock.advance(100)
    await replaying
    await second.clock.advance(100)
    expectInOrder(second.heard.slice(2), ['A1', 'B2', 'C3', 'D4'])
    await second.publish('A5')
    await second.swarm.stop()
    // Nothing of it is left over for the next process.
    const third = await started({}, second.storage)
    await third.clock.advance(100)
    expect(third.heard).toEqual([])
    await third.swarm.stop()
  })

  it('that a crash cuts short goes on with the next process', async () => {
    const gates = new Map([['A2', createGate()]])
    const first = await started()
    await first.publish('A1', 'A2', 'A3')
    await first.clock.advance(100)
    await first.swarm.stop()
    const second = await started({ gates }, first.storage)
    await second.swarm.replay({ agent: 'hearer', topic: 'order.wanted', from: 1 })
    await second.clock.advance(1_000)
    expect(second.heard).toEqual(['A1', 'A2'])
    const third = await started({}, second.storage)
    await third.clock.advance(100)
    expect(third.heard).toEqual(['A2', 'A3'])
    await third.swarm.stop()
  })

  it('ends where its agent is stopped while it waits; the agent reads again once it is started', async () => {
    const { swarm, clock, heard, publish } = await started()
    await publish('A1', 'A2')
    await settle()
    await swarm.agent('hearer').pause()
    await publish('A3')
    const replaying = swarm.replay({ agent: 'hearer', topic: 'order.wanted', from: 2 })
    await clock.advance(100)
    await swarm.agent('hearer').stop()
    await clock.advance(100)
    await replaying
    await swarm.agent('hearer').start()
    await clock.advance(100)
    expect(heard).toEqual(['A1', 'A2', 'A2', 'A3'])
    await swarm.stop()
    await clock.advance(1_000)
    expect(clock.pending()).toBe(0)
  })

  it('from behind the last entry does nothing; from further on, or from none, it is refused', async () => {
    const { swarm, clock, heard, publish, storage } = await started()
    await publish('A1', 'A2')
    await settle()
    heard.length = 0
    const count = storage.entries.length
    for (const from of [0, -1, 1.5, Number.NaN, count + 2])
      await expect(swarm.replay({ agent: 'hearer', from })).rejects.toMatchObject({
        code: 'INVALID_OPTION',
        message: `replay: from is ${from}; it must be the number of a journal entry, 1 to ${count + 1}`,
      })
    await swarm.checkpoint()
    expect(storage.entries.length).toBe(count)
    await swarm.replay({ agent: 'hearer', from: count + 1 })
    await publish('A3')
    await clock.advance(100)
    expect(heard).toEqual(['A3'])
    await swarm.stop()
  })

  it('of an agent or a topic that there is not is refused by name', async () => {
    const { swarm, storage } = await started()
    await expect(swarm.replay({ agent: 'nobody', from: 1 })).rejects.toMatchObject({
      code: 'AGENT_NOT_FOUND',
      message: expect.stringContaining('"nobody"'),
    })
    await expect(swarm.replay({ agent: 'hearer', topic: 'no.such', from: 1 })).rejects.toMatchObject({
      code: 'NOT_SUBSCRIBED',
      message: expect.stringMatching(/hearer has no durable subscription to no\.such; there are: .*order\.wanted/),
    })
    await expect(swarm.replay({ agent: 'quoter', from: 1 })).rejects.toMatchObject({ code: 'NOT_SUBSCRIBED' })
    expect(storage.entries).toEqual([])
    await swarm.stop()
  })

  it('is refused in virtual time, where a run is repeated instead', async () => {
    const { swarm } = virtualSwarm({ agents: [{ agent: Hearer, config: { heard: [] } }] })
    await swarm.start()
    await expect(swarm.replay({ agent: 'hearer', from: 1 })).rejects.toMatchObject({ code: 'NOT_SUBSCRIBED' })
  })
})
