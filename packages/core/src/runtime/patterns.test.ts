import { describe, expect, it } from 'vitest'
import { z } from 'zod'
import { createSequentialIds } from '../ids/sequential-ids.js'
import { defineTopic } from '../messages/topic.js'
import type { StorageDouble } from '../testing-support/storage-double.test-support.js'
import { realTimeSwarm, virtualSwarm } from '../testing-support/swarm-bench.test-support.js'
import { Agent } from './agent.js'

const schema = z.object({ n: z.number() })
const topicOf = (name: string, delivery: 'durable' | 'ephemeral' = 'durable') =>
  defineTopic(name, { schema, delivery, key: ({ n }) => String(n % 2) })
const Bought = topicOf('order.bought')
const Sold = topicOf('order.sold')
const Late = topicOf('order.late.more')
const Quote = topicOf('quote', 'ephemeral')

class Hearer extends Agent<typeof Hearer> {
  static readonly role = 'hearer'
  static readonly config = z.object({ heard: z.custom<string[]>(), patterns: z.string().array() })

  protected override onStart() {
    const { heard, patterns } = this.config
    for (const pattern of patterns)
      this.subscribe(pattern, (payload, { message }) => {
        heard.push(`${this.id} ${pattern} ${message?.topic} ${(payload as { n: number }).n}`)
      })
    this.subscribe(Bought, ({ n }) => void heard.push(`${this.id} by name ${n}`))
  }
}

const agentsOf = (heard: string[], patterns: readonly string[], replicas = 1) => [
  { agent: Hearer, config: { heard, patterns }, replicas },
]

const started = async (patterns: readonly string[], storage?: StorageDouble, replicas = 1) => {
  const heard: string[] = []
  const ids = createSequentialIds()
  const before = storage?.entries.length ?? 0
  const made = realTimeSwarm({
    agents: agentsOf(heard, patterns, replicas),
    ids: { next: (kind) => `${ids.next(kind)}-after-${before}` },
    ...(storage === undefined ? {} : { storage }),
  })
  await made.swarm.start()
  return { ...made, heard }
}

describe('a subscription by pattern', () => {
  it('hears what fits it, each message once, beside a subscription by name', async () => {
    const { swarm, clock, heard } = await started(['order.*', '**', '*.sold'])
    await swarm.publish(Bought, { n: 1 })
    await swarm.publish(Sold, { n: 2 })
    await swarm.publish(Quote, { n: 3 })
    await clock.advance(100)
    expect([...heard].sort()).toEqual([
      'hearer ** order.bought 1',
      'hearer ** order.sold 2',
      'hearer ** quote 3',
      'hearer *.sold order.sold 2',
      'hearer by name 1',
      'hearer order.* order.bought 1',
      'hearer order.* order.sold 2',
    ])
    await swarm.stop()
  })

  it('hears topics that are first published later, and * stands for one word', async () => {
    const { swarm, clock, heard } = await started(['order.*', 'order.**'])
    await swarm.publish(Sold, { n: 1 })
    await clock.advance(100)
    heard.length = 0
    await swarm.publish(Late, { n: 2 })
    await clock.advance(100)
    expect(heard).toEqual(['hearer order.** order.late.more 2'])
    await swarm.stop()
  })

  it('shares its messages among replicas, those of one key to one of them', async () => {
    const { swarm, clock, heard } = await started(['**'], undefined, 3)
    for (let n = 0; n < 12; n += 1) await swarm.publish(n % 3 === 0 ? Bought : Sold, { n })
    await clock.advance(100)
    const byPattern = heard.filter((line) => line.includes('**'))
    expect(byPattern.length).toBe(12)
    for (const key of [0, 1]) {
      const ofKey = byPattern.filter((line) => Number(line.split(' ').at(-1)) % 2 === key)
      expect(new Set(ofKey.map((line) => line.split(' ')[0])).size).toBe(1)
    }
    await swarm.stop()
  })

  it('is redelivered what it has not handled, by a next process, also of topics that it has not seen yet', async () => {
    const first = await started(['order.**', '**'])
    await first.swarm.publish(Bought, { n: 0 })
    await first.clock.advance(100)
    await first.swarm.agent('hearer').pause()
    await first.swarm.publish(Bought, { n: 1 })
    await first.swarm.publish(Late, { n: 2 })
    await first.swarm.publish(Quote, { n: 3 })
    await first.swarm.stop()
    const second = await started(['order.**', '**'], first.storage)
    await second.clock.advance(100)
    expect([...second.heard].sort()).toEqual([
      'hearer ** order.bought 1',
      'hearer ** order.late.more 2',
      'hearer by name 1',
      'hearer order.** order.bought 1',
      'hearer order.** order.late.more 2',
    ])
    await second.swarm.stop()
    const third = await started(['order.**', '**'], second.storage)
    await third.clock.advance(100)
    expect(third.heard).toEqual([])
    await third.swarm.stop()
  })

  it('that is new begins with what is published from then on', async () => {
    const first = await started(['order.*'])
    await first.swarm.publish(Sold, { n: 1 })
    await first.clock.advance(100)
    await first.swarm.stop()
    const second = await started(['order.*', '**'], first.storage)
    await second.swarm.publish(Sold, { n: 2 })
    await second.clock.advance(100)
    expect([...second.heard].sort()).toEqual(['hearer ** order.sold 2', 'hearer order.* order.sold 2'])
    await second.swarm.stop()
  })

  it('hears the same in virtual time', async () => {
    const heard: string[] = []
    const { swarm, dispatcher } = virtualSwarm({ agents: agentsOf(heard, ['order.*', '**']) })
    await swarm.start()
    dispatcher.at(1, () => swarm.publish(Bought, { n: 1 }).then(() => undefined))
    dispatcher.at(2, () => swarm.publish(Late, { n: 2 }).then(() => undefined))
    while (await dispatcher.step());
    expect([...heard].sort()).toEqual([
      'hearer ** order.bought 1',
      'hearer ** order.late.more 2',
      'hearer by name 1',
      'hearer order.* order.bought 1',
    ])
  })

  it.each(['', 'Order', 'order.', 'order.*x', '.', '***', 'order..*', 'order .*'])(
    'may not be "%s"',
    async (pattern) => {
      await expect(started([pattern])).rejects.toMatchObject({
        code: 'AGENT_START_FAILED',
        message: expect.stringContaining(`"${pattern}" is no pattern of topics`),
      })
    },
  )
})
