import { describe, expect, it } from 'vitest'
import { z } from 'zod'
import { defineTopic } from '../messages/topic.js'
import { createGate, type Gate } from '../testing-support/fake-clock.test-support.js'
import { createStorageDouble, type StorageDouble } from '../testing-support/storage-double.test-support.js'
import { realTimeSwarm, virtualSwarm } from '../testing-support/swarm-bench.test-support.js'
import { settle } from '../testing-support/system-settle.test-support.js'
import { Agent } from './agent.js'

const schema = z.object({ n: z.number() })
const Order = defineTopic('order', { schema, delivery: 'durable' })
const Fill = defineTopic('fill', { schema, delivery: 'durable', overflow: 'block', key: ({ n }) => String(n) })
const Quote = defineTopic('quote', { schema, delivery: 'ephemeral' })

/** Publishes a fill of an id of its own, twice in one handler. */
class Filler extends Agent<typeof Filler> {
  static readonly role = 'filler'
  static readonly publishes = [Fill, Quote]
  static readonly config = z.object({ failures: z.number().default(0) })
  #failures = 0

  protected override onStart() {
    this.subscribe(Order, async ({ n }, context) => {
      await context.publish(Fill, { n }, { id: `fill:${n}` })
      await context.publish(Fill, { n: n + 0.5 }, { id: `fill:${n}` })
      context.state.set('last', n)
      this.#failures += 1
      if (this.#failures <= this.config.failures) throw new Error('not yet')
    })
  }
}

class Hearer extends Agent<typeof Hearer> {
  static readonly role = 'hearer'
  static readonly config = z.object({ heard: z.custom<number[]>(), capacity: z.number().default(100) })

  protected override onStart() {
    this.subscribe(Fill, ({ n }) => void this.config.heard.push(n), { capacity: this.config.capacity })
  }
}

const agentsOf = (heard: number[], config: { failures?: number; capacity?: number } = {}) => [
  { agent: Filler, config: { failures: config.failures ?? 0 } },
  { agent: Hearer, config: { heard, capacity: config.capacity ?? 100 } },
]

const started = async (config: { failures?: number; capacity?: number } = {}, storage?: StorageDouble) => {
  const heard: number[] = []
  const made = realTimeSwarm({ agents: agentsOf(heard, config), ...(storage === undefined ? {} : { storage }) })
  await made.swarm.start()
  const fills = () => made.storage.entries.filter(({ id }) => id.startsWith('fill:')).map(({ id }) => id)
  return { ...made, heard, fills }
}

/** Lets look-ups in the journal wait, as they do on a machine that is far away; they find what there was when they began. */
function slowLookups(storage: StorageDouble): { gate: Gate } {
  const slow = { gate: createGate() }
  const open = storage.open.bind(storage)
  storage.open = async (options) => {
    const opened = await open(options)
    return {
      ...opened,
      journal: {
        ...opened.journal,
        async get(id) {
          const found = await opened.journal.get(id)
          await slow.gate.passed
          return found
        },
      },
    }
  }
  return slow
}

describe('a message with an id of its publisher’s own', () => {
  it('is taken once, whoever publishes it again, and its publisher is told the id', async () => {
    const { swarm, heard, fills } = await started()
    expect(await swarm.publish(Fill, { n: 1 }, { id: 'fill:1' })).toBe('fill:1')
    expect(await swarm.publish(Fill, { n: 2 }, { id: 'fill:1' })).toBe('fill:1')
    await settle()
    expect([heard, fills()]).toEqual([[1], ['fill:1']])
    await swarm.stop()
  })

  it('is taken once where it is published many times at once', async () => {
    const { swarm, heard, fills } = await started()
    await Promise.all(Array.from({ length: 20 }, (_, n) => swarm.publish(Fill, { n }, { id: 'fill:1' })))
    await settle()
    expect([heard, fills()]).toEqual([[0], ['fill:1']])
    await swarm.stop()
  })

  it('is taken once while look-ups take longer than writing', async () => {
    const storage = createStorageDouble()
    const slow = slowLookups(storage)
    const { swarm, heard, fills } = await started({}, storage)
    const first = slow.gate
    const publishing = [swarm.publish(Fill, { n: 1 }, { id: 'fill:1' })]
    await settle()
    // The second look-up begins before the first message is written, and ends after it.
    const second = createGate()
    slow.gate = second
    publishing.push(swarm.publish(Fill, { n: 2 }, { id: 'fill:1' }))
    await settle()
    first.open()
    await settle()
    expect(fills()).toEqual(['fill:1'])
    second.open()
    await Promise.all(publishing)
    await settle()
    expect([heard, fills()]).toEqual([[1], ['fill:1']])
    slow.gate.open()
    await swarm.stop()
  })

  it('is taken once where publishers wait for room meanwhile', async () => {
    const { swarm, heard, fills } = await started({ capacity: 1 })
    await swarm.agent('hearer').pause()
    await swarm.publish(Fill, { n: 0 })
    const publishing = [1, 2, 3].map((n) => swarm.publish(Fill, { n }, { id: 'fill:1' }))
    await settle()
    await swarm.agent('hearer').resume()
    await Promise.all(publishing)
    await settle()
    expect([heard, fills()]).toEqual([[0, 1], ['fill:1']])
    await swarm.stop()
  })

  it('is taken once where handlers wait for room meanwhile, with all else that they do', async () => {
    const { swarm, heard, fills, storage } = await started({ capacity: 1 })
    await swarm.agent('hearer').pause()
    await swarm.publish(Fill, { n: 0 })
    await swarm.publish(Order, { n: 1 })
    await settle()
    const publishing = swarm.publish(Fill, { n: 7 }, { id: 'fill:1' })
    await settle()
    await swarm.agent('hearer').resume()
    await publishing
    await settle()
    // Whoever comes first when there is room again.
    expect([heard.length, fills()]).toEqual([2, ['fill:1']])
    expect(storage.keyValues.get('state/filler/last')).toBe('{"version":1,"value":1}')
    await swarm.stop()
  })

  it('is taken once, the first, of those of one handler, and however often the handler is tried', async () => {
    const { swarm, clock, heard, fills } = await started({ failures: 2 })
    await swarm.publish(Order, { n: 1 })
    await clock.advance(1_000)
    expect([heard, fills()]).toEqual([[1], ['fill:1']])
    await swarm.publish(Order, { n: 1 })
    await clock.advance(1_000)
    expect([heard, fills(), swarm.agent('filler').status().handled]).toEqual([[1], ['fill:1'], 2])
    await swarm.stop()
  })

  it('is taken once over restarts of the process', async () => {
    const first = await started()
    await first.swarm.publish(Fill, { n: 1 }, { id: 'fill:1' })
    await first.swarm.stop()
    const { swarm, heard, fills } = await started({}, first.storage)
    await swarm.publish(Fill, { n: 2 }, { id: 'fill:1' })
    await swarm.publish(Fill, { n: 3 }, { id: 'fill:3' })
    await settle()
    expect([heard, fills()]).toEqual([[3], ['fill:1', 'fill:3']])
    await swarm.stop()
  })

  it('is taken once through a storage that failed', async () => {
    const { swarm, storage, heard, fills } = await started()
    storage.beforeCommit = () => {
      throw new Error('disk full')
    }
    await expect(swarm.publish(Fill, { n: 1 }, { id: 'fill:1' })).rejects.toThrow('disk full')
    storage.beforeCommit = undefined
    await swarm.resume()
    await swarm.publish(Fill, { n: 2 }, { id: 'fill:1' })
    await settle()
    expect([heard, fills()]).toEqual([[1], ['fill:1']])
    await swarm.stop()
  })

  it('is taken once in virtual time', async () => {
    const heard: number[] = []
    const { swarm, dispatcher, storage } = virtualSwarm({ agents: agentsOf(heard, { failures: 1 }) })
    await swarm.start()
    for (const at of [1, 1, 2]) dispatcher.at(at, () => swarm.publish(Order, { n: 1 }).then(() => undefined))
    dispatcher.at(3, () => swarm.publish(Fill, { n: 9 }, { id: 'fill:1' }).then(() => undefined))
    while (await dispatcher.step());
    expect([heard, storage.entries.filter(({ id }) => id.startsWith('fill:')).length]).toEqual([[1], 1])
  })

  it.each(['', 'with space', 'x'.repeat(201), 'ünlaut'])('may not be "%s"', async (id) => {
    const { swarm, storage } = await started()
    await expect(swarm.publish(Fill, { n: 1 }, { id })).rejects.toMatchObject({
      code: 'INVALID_OPTION',
      message: expect.stringContaining('topic fill: id'),
    })
    expect(storage.entries).toEqual([])
    await swarm.stop()
  })

  it('may not be ephemeral', async () => {
    const { swarm } = await started()
    await expect(swarm.publish(Quote, { n: 1 }, { id: 'a' })).rejects.toMatchObject({
      code: 'INVALID_OPTION',
      message: expect.stringContaining('durable topics'),
    })
    await swarm.stop()
  })
})

describe('a storage that failed', () => {
  it('writes what it left behind once, also when two operators resume the swarm at once', async () => {
    const { swarm, storage } = await started()
    storage.beforeCommit = () => {
      throw new Error('disk full')
    }
    await expect(swarm.publish(Fill, { n: 1 })).rejects.toThrow('disk full')
    storage.beforeCommit = () => Promise.resolve()
    await Promise.all([swarm.resume(), swarm.resume()])
    await settle()
    expect(storage.entries.map(({ sequence }) => sequence)).toEqual([1])
    await swarm.stop()
  })
})
