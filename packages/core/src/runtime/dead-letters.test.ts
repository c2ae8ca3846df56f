import { describe, expect, it } from 'vitest'
import { z } from 'zod'
import { createSequentialIds } from '../ids/sequential-ids.js'
import { defineTopic } from '../messages/topic.js'
import { createStorageDouble, type StorageDouble } from '../testing-support/storage-double.test-support.js'
import { realTimeSwarm, virtualSwarm } from '../testing-support/swarm-bench.test-support.js'
import { settle } from '../testing-support/system-settle.test-support.js'
import { Agent } from './agent.js'

const schema = z.object({ key: z.string(), n: z.number() })
const Order = defineTopic('order.wanted', { schema, delivery: 'durable', key: (event) => event.key })
const Quote = defineTopic('quote.seen', { schema, delivery: 'ephemeral', ttlMs: 60_000 })

type Bad = { names: string[] }

const config = z.object({
  heard: z.custom<string[]>(),
  /** Messages that it cannot handle. */
  bad: z.custom<Bad>().default({ names: [] }),
})

/** Hears orders and quotes by name. */
class Eater extends Agent<typeof Eater> {
  static readonly role: string = 'eater'
  static readonly config = config

  protected override onStart() {
    for (const topic of [Order, Quote]) this.subscribe(topic, (event) => this.eat('eats', event))
  }

  protected eat(how: string, { key, n }: { key: string; n: number }): void {
    this.config.heard.push(`${this.id} ${how} ${key}${n}`)
    if (this.config.bad.names.includes(`${key}${n}`)) throw new Error(`${key}${n} is indigestible`)
  }
}

/** Hears them all through a pattern, beside orders by name. */
class Omnivore extends Eater {
  static override readonly role = 'omnivore'

  protected override onStart() {
    this.subscribe('**', (event) => this.eat('sees', event as { key: string; n: number }))
    this.subscribe(Order, (event) => this.eat('eats', event))
  }
}

const started = async (parts: { bad?: string[]; storage?: StorageDouble; replicas?: number } = {}) => {
  const heard: string[] = []
  const bad: Bad = { names: parts.bad ?? [] }
  const ids = createSequentialIds()
  const before = parts.storage?.entries.length ?? 0
  const made = realTimeSwarm({
    agents: [
      { agent: Eater, config: { heard, bad }, replicas: parts.replicas ?? 1 },
      { agent: Omnivore, config: { heard } },
    ],
    ...(parts.storage === undefined ? {} : { storage: parts.storage }),
    ids: { next: (kind) => `${ids.next(kind)}-after-${before}` },
  })
  await made.swarm.start()
  const publish = (...names: string[]) =>
    Promise.all(names.map((name) => made.swarm.publish(Order, { key: name.slice(0, 1), n: Number(name.slice(1)) })))
  return { ...made, heard, bad, publish }
}

describe('a message that a handler cannot handle', () => {
  it('I36 is given up after its tries; others, of other keys and of its own, are handled meanwhile', async () => {
    const { swarm, clock, heard, publish } = await started({ bad: ['P1'] })
    await publish('P1', 'A1', 'A2', 'B1')
    await settle()
    expect(heard.filter((each) => each.startsWith('eater')).sort()).toEqual([
      'eater eats A1',
      'eater eats A2',
      'eater eats B1',
      'eater eats P1',
    ])
    await publish('P2', 'A3')
    await settle()
    expect(heard.at(-1)).not.toBe('eater eats P2')
    await clock.advance(1_000)
    expect(heard.filter((each) => each.startsWith('eater eats P'))).toEqual([
      'eater eats P1',
      'eater eats P1',
      'eater eats P1',
      'eater eats P2',
    ])
    expect(swarm.agent('eater').status()).toMatchObject({ deadLetters: 1, failed: 3, handled: 5, mailboxDepth: 0 })
    await swarm.stop()
  })

  it('is listed with what it was, who gave it up and why', async () => {
    const { swarm, clock, publish } = await started({ bad: ['P1'] })
    const [id] = await publish('P1')
    await clock.advance(1_000)
    const [letter, ...others] = await swarm.deadLetters.list()
    expect(others).toEqual([])
    expect(letter).toMatchObject({
      id: `${id} eater`,
      agent: 'eater',
      group: 'order.wanted eater',
      topic: 'order.wanted',
      status: 'dead',
      error: 'P1 is indigestible',
      message: { id, topic: 'order.wanted', key: 'P', payload: { key: 'P', n: 1 }, publisher: 'operator', sequence: 1 },
    })
    expect(await swarm.deadLetters.get(`${id} eater`)).toEqual(letter)
    expect(await swarm.deadLetters.get('another')).toBeUndefined()
    expect(await swarm.deadLetters.list({ agent: 'omnivore' })).toEqual([])
    expect(await swarm.deadLetters.list({ topic: 'quote.seen' })).toEqual([])
    expect(await swarm.deadLetters.list({ agent: 'eater', topic: 'order.wanted' })).toEqual([letter])
    await swarm.stop()
  })

  it('is kept once for each subscription of one agent that gave it up', async () => {
    const heard: string[] = []
    const { swarm, clock } = realTimeSwarm({
      agents: [{ agent: Omnivore, config: { heard, bad: { names: ['P1'] } } }],
    })
    await swarm.start()
    await swarm.publish(Order, { key: 'P', n: 1 })
    await clock.advance(1_000)
    const letters = await swarm.deadLetters.list()
    expect(letters.map(({ group }) => group).sort()).toEqual(['** omnivore', 'order.wanted omnivore'])
    expect(new Set(letters.map(({ id }) => id)).size).toBe(2)
    await swarm.stop()
  })

  it('is kept of ephemeral topics too', async () => {
    const { swarm, clock, heard, bad } = await started({ bad: ['Q1'] })
    await swarm.publish(Quote, { key: 'Q', n: 1 })
    await clock.advance(1_000)
    const [letter] = await swarm.deadLetters.list({ agent: 'eater' })
    expect(letter).toMatchObject({ topic: 'quote.seen', error: 'Q1 is indigestible' })
    bad.names = []
    await clock.advance(100_000)
    await swarm.deadLetters.requeue(letter?.id ?? '')
    await settle()
    expect(heard.filter((each) => each === 'eater eats Q1').length).toBe(4)
    await swarm.stop()
  })
})

describe('a dead letter that is requeued', () => {
  it('reaches the group that gave it up, and no other', async () => {
    const { swarm, clock, heard, bad, publish, storage } = await started({ bad: ['P1'], replicas: 3 })
    const [id] = await publish('P1')
    await clock.advance(1_000)
    const [letter] = await swarm.deadLetters.list()
    bad.names = []
    heard.length = 0
    const requeued = await swarm.deadLetters.requeue(letter?.id ?? '')
    await settle()
    expect(heard).toEqual([`${letter?.agent} eats P1`])
    expect(requeued).not.toBe(id)
    const entry = storage.entries.find((each) => each.id === requeued)
    expect(JSON.parse(entry?.text ?? '')).toMatchObject({
      topic: 'order.wanted',
      causationId: id,
      correlationId: id,
      group: 'order.wanted eater',
    })
    expect(storage.entries.map(({ kind }) => kind)).toContain('operator')
    expect(await swarm.deadLetters.list()).toEqual([])
    expect(await swarm.deadLetters.list({ status: 'requeued' })).toMatchObject([{ id: letter?.id }])
    await expect(swarm.deadLetters.requeue(letter?.id ?? '')).rejects.toMatchObject({
      code: 'DEAD_LETTER_SETTLED',
      message: expect.stringContaining('requeued'),
    })
    await swarm.stop()
  })

  it('reaches the pattern that gave it up, and no other', async () => {
    const heard: string[] = []
    const bad: Bad = { names: ['P1'] }
    const { swarm, clock } = realTimeSwarm({ agents: [{ agent: Omnivore, config: { heard, bad } }] })
    await swarm.start()
    await swarm.publish(Order, { key: 'P', n: 1 })
    await clock.advance(1_000)
    bad.names = []
    heard.length = 0
    const letter = (await swarm.deadLetters.list()).find(({ group }) => group === '** omnivore')
    await swarm.deadLetters.requeue(letter?.id ?? '')
    await settle()
    expect(heard).toEqual(['omnivore sees P1'])
    expect((await swarm.deadLetters.list()).map(({ group }) => group)).toEqual(['order.wanted omnivore'])
    await swarm.stop()
  })

  it('does so after a restart of the process, and its redelivery is for the group alone too', async () => {
    const first = await started({ bad: ['P1'] })
    await first.publish('P1')
    await first.clock.advance(1_000)
    await first.swarm.stop()
    const second = await started({ storage: first.storage })
    await second.swarm.agent('eater').pause()
    const [letter] = await second.swarm.deadLetters.list()
    await second.swarm.deadLetters.requeue(letter?.id ?? '')
    await settle()
    expect(second.heard).toEqual([])
    await second.swarm.stop()
    const third = await started({ storage: second.storage })
    await settle()
    expect(third.heard).toEqual(['eater eats P1'])
    await third.swarm.stop()
  })

  it('is given up again where it fails again, as a new one', async () => {
    const { swarm, clock, publish } = await started({ bad: ['P1'] })
    const [id] = await publish('P1')
    await clock.advance(1_000)
    const requeued = await swarm.deadLetters.requeue(`${id} eater`)
    await clock.advance(1_000)
    expect((await swarm.deadLetters.list()).map((each) => each.id)).toEqual([`${requeued} eater`])
    await swarm.stop()
  })

  it('by two operators at once is requeued once', async () => {
    const { swarm, clock, bad, heard, publish } = await started({ bad: ['P1'] })
    const [id] = await publish('P1')
    await clock.advance(1_000)
    bad.names = []
    heard.length = 0
    const results = await Promise.allSettled([
      swarm.deadLetters.requeue(`${id} eater`),
      swarm.deadLetters.requeue(`${id} eater`),
      swarm.deadLetters.discard(`${id} eater`),
    ])
    await settle()
    expect(results.map(({ status }) => status).sort()).toEqual(['fulfilled', 'rejected', 'rejected'])
    expect(results.find(({ status }) => status === 'rejected')).toMatchObject({
      reason: { code: 'DEAD_LETTER_SETTLED' },
    })
    expect(heard).toEqual(['eater eats P1'])
    await swarm.stop()
  })

  it('is not kept from its group by another that has no room', async () => {
    const { swarm, clock, bad, heard, publish } = await started({ bad: ['P1'] })
    const [id] = await publish('P1')
    await clock.advance(1_000)
    await swarm.agent('omnivore').pause()
    for (let n = 0; n < 50_000; n += 1) await swarm.publish(Order, { key: 'A', n })
    await swarm.agent('eater').pause()
    await expect(publish('A1')).rejects.toMatchObject({ code: 'MAILBOX_FULL' })
    await swarm.agent('eater').resume()
    bad.names = []
    heard.length = 0
    await swarm.deadLetters.requeue(`${id} eater`)
    await settle()
    expect(heard).toEqual(['eater eats P1'])
    await swarm.stop()
  }, 20_000)
})

describe('a dead letter', () => {
  it('is discarded once, and listed as such', async () => {
    const { swarm, clock, publish, heard } = await started({ bad: ['P1'] })
    const [id] = await publish('P1')
    await clock.advance(1_000)
    heard.length = 0
    await swarm.deadLetters.discard(`${id} eater`)
    expect(await swarm.deadLetters.list()).toEqual([])
    expect(await swarm.deadLetters.list({ status: 'discarded' })).toMatchObject([{ id: `${id} eater` }])
    for (const act of [swarm.deadLetters.discard, swarm.deadLetters.requeue])
      await expect(act(`${id} eater`)).rejects.toMatchObject({ code: 'DEAD_LETTER_SETTLED' })
    await settle()
    expect(heard).toEqual([])
    await swarm.stop()
  })

  it('that there is not is named', async () => {
    const { swarm } = await started()
    for (const act of [swarm.deadLetters.discard, swarm.deadLetters.requeue])
      await expect(act('none')).rejects.toMatchObject({
        code: 'DEAD_LETTER_NOT_FOUND',
        message: expect.stringContaining('"none"'),
      })
    await swarm.stop()
  })

  it('is found page by page, in order of time and id', async () => {
    const names = Array.from({ length: 25 }, (_, n) => `P${n}`)
    const { swarm, clock, publish } = await started({ bad: names })
    for (const name of names) {
      await publish(name)
      await clock.advance(names.indexOf(name) % 3 === 0 ? 0 : 1)
    }
    await clock.advance(30_000)
    const found: string[] = []
    let after: { time: number; id: string } | undefined
    for (let pages = 0; ; pages += 1) {
      const page = await swarm.deadLetters.list({ limit: 4, ...(after === undefined ? {} : { after }) })
      found.push(...page.map(({ id }) => id))
      const last = page.at(-1)
      if (last === undefined) break
      expect([page.length <= 4, pages < 8]).toEqual([true, true])
      after = { time: last.time, id: last.id }
    }
    const all = await swarm.deadLetters.list()
    expect([found.length, new Set(found).size]).toEqual([25, 25])
    expect(all.map(({ id }) => id)).toEqual(found)
    expect(all.map(({ time }) => time)).toEqual(all.map(({ time }) => time).sort((a, b) => a - b))
    await swarm.stop()
  })

  it('is the same in virtual time', async () => {
    const heard: string[] = []
    const bad: Bad = { names: ['P1'] }
    const { swarm, dispatcher } = virtualSwarm({
      agents: [
        { agent: Eater, config: { heard, bad } },
        { agent: Omnivore, config: { heard } },
      ],
      storage: createStorageDouble(),
    })
    await swarm.start()
    const id = await swarm.publish(Order, { key: 'P', n: 1 })
    while (await dispatcher.step());
    expect((await swarm.deadLetters.list()).map((each) => each.id)).toEqual([`${id} eater`])
    bad.names = []
    heard.length = 0
    await swarm.deadLetters.requeue(`${id} eater`)
    while (await dispatcher.step());
    expect(heard).toEqual(['eater eats P1'])
    await swarm.stop()
  })
})
