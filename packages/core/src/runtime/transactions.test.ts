import { describe, expect, it } from 'vitest'
import { z } from 'zod'
import { sha256Hex } from '../encoding/sha256.js'
import { defineRequest } from '../messages/request.js'
import { defineTopic } from '../messages/topic.js'
import { createGate, type Gate } from '../testing-support/fake-clock.test-support.js'
import type { StorageDouble } from '../testing-support/storage-double.test-support.js'
import { realTimeSwarm, virtualSwarm } from '../testing-support/swarm-bench.test-support.js'
import { settle } from '../testing-support/system-settle.test-support.js'
import { Agent } from './agent.js'
import type { HandlerContext } from './agent-types.js'
import { maximumMailboxDepth } from './dispatcher.js'

const Order = defineTopic('order.wanted', {
  schema: z.object({ symbol: z.string() }),
  delivery: 'durable',
  key: (order) => order.symbol,
})
const Quote = defineTopic('quote', {
  schema: z.object({ symbol: z.string() }),
  delivery: 'ephemeral',
  key: (quote) => quote.symbol,
})
const Done = defineTopic('order.done', {
  schema: z.object({ symbol: z.string(), sum: z.number().optional(), any: z.unknown().optional() }),
  delivery: 'durable',
})
const Filler = defineTopic('filler', { schema: z.object({}), delivery: 'ephemeral' })
const Poke = defineRequest('poke', { input: z.object({}), output: z.object({ ok: z.literal(true) }), idempotent: true })

type WorkerContext = HandlerContext<typeof Worker>

/** Handles orders as each test says. */
class Worker extends Agent<typeof Worker> {
  static readonly role = 'worker'
  static readonly publishes = [Done]
  static readonly requests = [Poke]
  static readonly config = z.object({ work: z.custom<(symbol: string, context: WorkerContext) => unknown>() })

  protected override onStart() {
    const handle = async (event: { symbol: string }, context: unknown): Promise<void> => {
      await this.config.work(event.symbol, context as WorkerContext)
    }
    this.subscribe(Order, handle)
    this.subscribe(Quote, handle)
  }
}

class Listener extends Agent<typeof Listener> {
  static readonly role = 'listener'
  static readonly responds = [Poke]
  static readonly config = z.object({
    heard: z.array(z.string()).default([]),
    answer: z.unknown().default({ ok: true }),
  })

  protected override onStart() {
    this.subscribe(Done, (done, context) => {
      context.state.set(`heard/${done.symbol}`, context.message?.causationId)
    })
    this.subscribe(Filler, () => undefined)
    this.respond(Poke, (_input, context) => {
      context.state.set('poked', (context.state.get<number>('poked') ?? 0) + 1)
      return this.config.answer as { ok: true }
    })
  }
}

/** What agents have saved; acknowledgements lie beside it. */
function documentsOf(storage: StorageDouble): string[] {
  return [...storage.keyValues.keys()].filter((key) => key.startsWith('state/'))
}

const worker = (work: (symbol: string, context: WorkerContext) => unknown) => ({ agent: Worker, config: { work } })

describe.each(['real', 'virtual'] as const)('one transaction per handler, in %s time', (time) => {
  const started = async (work: (symbol: string, context: WorkerContext) => unknown, answer?: unknown) => {
    const agents = [worker(work), { agent: Listener, config: answer === undefined ? {} : { answer } }]
    const made = time === 'real' ? realTimeSwarm({ agents }) : virtualSwarm({ agents })
    await made.swarm.start()
    const run = async (): Promise<void> => {
      if ('clock' in made) await made.clock.advance(1_000)
      else while (await made.dispatcher.step());
      await made.swarm.checkpoint()
    }
    const { swarm, storage } = made
    const published = () =>
      storage.entries.map((entry) => JSON.parse(entry.text) as { topic: string; payload: { symbol: string } })
    return { swarm, storage, run, published }
  }

  it('commits messages, documents and blobs together, with cause and correlation', async () => {
    const { swarm, storage, run } = await started(async (symbol, context) => {
      context.state.set('last', symbol)
      context.putBlob('the text')
      await context.publish(Done, { symbol })
    })
    const id = await swarm.publish(Order, { symbol: 'A' })
    await run()
    const [order, done] = storage.entries
    expect(order).toMatchObject({ id, sequence: 1, kind: 'message' })
    expect(JSON.parse(done?.text ?? '')).toEqual({
      topic: 'order.done',
      key: '',
      publisher: 'worker',
      correlationId: id,
      causationId: id,
      payload: { symbol: 'A' },
    })
    expect(storage.keyValues.get('state/worker/last')).toBe('{"version":1,"value":"A"}')
    expect(storage.keyValues.get('state/listener/heard/A')).toBe(`{"version":1,"value":"${id}"}`)
    expect(storage.blobs.get(sha256Hex('the text'))).toBe('the text')
  })

  it('lets a handler name another cause, or none, for what it publishes', async () => {
    let first: WorkerContext['message']
    const { swarm, storage, run } = await started(async (symbol, context) => {
      first ??= context.message
      if (symbol === 'B' && first) {
        await context.publish(Done, { symbol: 'answers the first' }, { cause: first })
        await context.publish(Done, { symbol: 'begins anew' }, { cause: 'none' })
      }
    })
    const cause = await swarm.publish(Order, { symbol: 'A' })
    await swarm.publish(Order, { symbol: 'B' })
    await run()
    const [answer, fresh] = storage.entries
      .slice(2)
      .map((entry) => ({ id: entry.id, ...(JSON.parse(entry.text) as object) }))
    expect(answer).toMatchObject({ correlationId: cause, causationId: cause })
    expect(fresh).toMatchObject({ correlationId: fresh?.id })
    expect(fresh).not.toHaveProperty('causationId')
  })

  it('leaves nothing of a handler that throws after it published and wrote', async () => {
    let tries = 0
    const { swarm, storage, run, published } = await started(async (symbol, context) => {
      tries += 1
      expect(context.state.get('last')).toBeUndefined()
      context.state.set('last', symbol)
      context.putBlob('the text')
      await context.publish(Done, { symbol })
      throw new Error('too late')
    })
    await swarm.publish(Order, { symbol: 'A' })
    await run()
    expect([tries, published().map(({ topic }) => topic), documentsOf(storage), storage.blobs.size]).toEqual([
      3,
      ['order.wanted'],
      [],
      0,
    ])
  })

  it('I36 dead-letters a poison message after its tries, while others on the topic progress', async () => {
    const { swarm, storage, run, published } = await started(async (symbol, context) => {
      if (symbol === 'POISON') throw new Error('indigestible')
      await context.publish(Done, { symbol })
    })
    const poison = await swarm.publish(Order, { symbol: 'POISON' })
    await swarm.publish(Order, { symbol: 'A' })
    await settle()
    if (time === 'real') expect(published().map(({ payload }) => payload.symbol)).toEqual(['POISON', 'A', 'A'])
    await swarm.publish(Order, { symbol: 'B' })
    await run()
    expect(
      published()
        .filter(({ topic }) => topic === 'order.done')
        .map(({ payload }) => payload.symbol),
    ).toEqual(['A', 'B'])
    expect(swarm.agent('worker').status()).toMatchObject({ handled: 2, failed: 3, deadLetters: 1 })
    expect(storage.records).toMatchObject([
      {
        collection: 'dead-letters',
        record: { id: `${poison} worker`, tags: { agent: 'worker', topic: 'order.wanted' } },
      },
    ])
    expect(JSON.parse(storage.records[0]?.record.text ?? '')).toMatchObject({
      message: { id: poison, payload: { symbol: 'POISON' } },
      error: 'indigestible',
    })
  })

  it('takes effect once when a try succeeds after others failed', async () => {
    let tries = 0
    const { swarm, storage, run, published } = await started(async (symbol, context) => {
      context.state.set('count', (context.state.get<number>('count') ?? 0) + 1)
      await context.publish(Done, { symbol })
      tries += 1
      if (tries < 3) throw new Error('not yet')
    })
    await swarm.publish(Order, { symbol: 'A' })
    await run()
    expect(published().map(({ topic }) => topic)).toEqual(['order.wanted', 'order.done'])
    expect(storage.keyValues.get('state/worker/count')).toBe('{"version":1,"value":1}')
    expect(swarm.agent('worker').status()).toMatchObject({ handled: 1, failed: 2, deadLetters: 0 })
  })

  it('fails the handler, and not the swarm, for a payload that no journal can hold', async () => {
    const { swarm, run, published } = await started(async (symbol, context) => {
      if (symbol !== 'BAD') return context.publish(Done, { symbol })
      context.state.set('last', symbol)
      await context.publish(Done, { symbol: 'first' })
      return context.publish(Done, { symbol, any: { big: 1n } })
    })
    await swarm.publish(Order, { symbol: 'BAD' })
    await swarm.publish(Order, { symbol: 'A' })
    await run()
    expect(swarm.status().state).toBe('running')
    expect(
      published()
        .filter(({ topic }) => topic === 'order.done')
        .map(({ payload }) => payload.symbol),
    ).toEqual(['A'])
    expect(swarm.agent('worker').status()).toMatchObject({ handled: 1, deadLetters: 1 })
  })

  it('gives a context that refuses everything once its handler has ended', async () => {
    let kept: WorkerContext | undefined
    const { swarm, run, published } = await started((_symbol, context) => {
      kept = context
    })
    await swarm.publish(Order, { symbol: 'A' })
    await run()
    const revoked = expect.objectContaining({ code: 'CONTEXT_REVOKED' })
    await expect(kept?.publish(Done, { symbol: 'late' })).rejects.toEqual(revoked)
    await expect(kept?.request(Poke, {})).rejects.toEqual(revoked)
    expect(() => kept?.state.set('late', 1)).toThrow(revoked)
    expect(() => kept?.state.delete('late')).toThrow(revoked)
    expect(() => kept?.putBlob('late')).toThrow(revoked)
    expect(kept?.signal.aborted).toBe(true)
    await run()
    expect(published().length).toBe(1)
  })

  it('leaves nothing of a responder whose answer does not fit its schema', async () => {
    const seen: unknown[] = []
    const { swarm, storage, run } = await started(
      async (_symbol, context) => {
        seen.push(await context.request(Poke, {}).catch((error: unknown) => error))
      },
      { ok: false },
    )
    await swarm.publish(Order, { symbol: 'A' })
    await run()
    expect(seen).toMatchObject([{ code: 'INVALID_PAYLOAD', message: expect.stringMatching(/^answer to poke: ok: /) }])
    expect(storage.keyValues.has('state/listener/poked')).toBe(false)
  })

  it('keeps the effects of an answered request when the caller fails later: they are a transaction of their own', async () => {
    const { swarm, storage, run } = await started(async (_symbol, context) => {
      await context.request(Poke, {})
      throw new Error('after')
    })
    await swarm.publish(Order, { symbol: 'A' })
    await run()
    expect(storage.keyValues.get('state/listener/poked')).toBe('{"version":3,"value":3}')
  })
})

describe('transactions in real time', () => {
  it('lose no update when handlers of several keys write the same document side by side', async () => {
    const { swarm, clock, storage } = realTimeSwarm({
      agents: [
        worker(async (_symbol, context) => {
          const count = context.state.get<number>('count') ?? 0
          await settle()
          context.state.set('count', count + 1)
        }),
      ],
    })
    await swarm.start()
    for (let index = 0; index < 50; index += 1) await swarm.publish(Order, { symbol: `S${index}` })
    for (let round = 0; round < 60; round += 1) await clock.advance(1)
    expect(swarm.agent('worker').status()).toMatchObject({ handled: 50, failed: 0 })
    await swarm.stop()
    expect(storage.keyValues.get('state/worker/count')).toBe('{"version":50,"value":50}')
  })

  it('save the documents of a durable handler with its messages, and those of ephemeral ones with the next commit', async () => {
    const { swarm, storage } = realTimeSwarm({
      agents: [
        worker(async (symbol, context) => {
          context.state.set(symbol, 1)
          if (symbol === 'B') await context.publish(Done, { symbol })
        }),
      ],
    })
    await swarm.start()
    await swarm.publish(Quote, { symbol: 'Q' })
    await settle()
    expect(documentsOf(storage)).toEqual([])
    await swarm.publish(Order, { symbol: 'A' })
    await settle()
    expect(storage.batches.at(-1)).toMatchObject({
      cursors: [{ consumer: 'order.wanted worker', sequence: 1 }],
      keyValue: [{ key: 'state/worker/A' }, { key: 'state/worker/Q' }],
    })
    await swarm.publish(Order, { symbol: 'B' })
    await settle()
    expect(storage.batches.at(-1)).toMatchObject({
      keyValue: [{ key: 'state/worker/B' }],
      journal: [{ kind: 'message' }],
    })
  })

  it('wait for the journal before anything is delivered', async () => {
    const gate = createGate()
    const handled: string[] = []
    const { swarm, storage } = realTimeSwarm({ agents: [worker((symbol) => handled.push(symbol))] })
    await swarm.start()
    storage.beforeCommit = () => gate.passed
    const publishing = swarm.publish(Order, { symbol: 'A' })
    await settle()
    expect(handled).toEqual([])
    gate.open()
    await publishing
    await settle()
    expect(handled).toEqual(['A'])
  })

  it('dead-letter a message whose handler does not save plain data', async () => {
    const { swarm, clock } = realTimeSwarm({ agents: [worker((_symbol, context) => context.state.set('big', 1n))] })
    await swarm.start()
    await swarm.publish(Order, { symbol: 'A' })
    await clock.advance(1_000)
    expect([swarm.status().state, swarm.agent('worker').status().deadLetters]).toEqual(['running', 1])
    await swarm.stop()
  })

  it('I38 give up a handler past its deadline, try again, and let the zombie do nothing', async () => {
    const gates: Gate[] = []
    const zombies: unknown[] = []
    const { swarm, clock, storage } = realTimeSwarm({
      handlerTimeoutMs: 1_000,
      agents: [
        worker(async (symbol, context) => {
          if (gates.length > 0) return context.publish(Done, { symbol })
          const gate = createGate()
          gates.push(gate)
          const { signal } = context
          await gate.passed
          zombies.push(signal.aborted)
          return context.publish(Done, { symbol: 'zombie' }).catch((error: unknown) => zombies.push(error))
        }),
      ],
    })
    await swarm.start()
    await swarm.publish(Order, { symbol: 'A' })
    await clock.advance(999)
    expect(swarm.agent('worker').status()).toMatchObject({ handled: 0, failed: 0 })
    await clock.advance(100)
    expect(swarm.agent('worker').status()).toMatchObject({ handled: 1, failed: 1 })
    gates[0]?.open()
    await settle()
    expect(zombies).toMatchObject([true, { code: 'CONTEXT_REVOKED' }])
    await swarm.stop()
    expect(storage.entries.map((entry) => JSON.parse(entry.text) as object)).toMatchObject([
      { topic: 'order.wanted' },
      { topic: 'order.done', payload: { symbol: 'A' } },
    ])
    expect(clock.pending()).toBe(0)
  })
})

describe('a full mailbox', () => {
  it('I37 is told to the publisher before anything is journalled; nobody loses or doubles a message', async () => {
    const { swarm, storage } = virtualSwarm({ agents: [worker(() => undefined), Listener] })
    await swarm.start()
    await swarm.agent('worker').pause()
    for (let index = 0; index < maximumMailboxDepth; index += 1) await swarm.publish(Quote, { symbol: 'Q' })
    const journalled = storage.entries.length
    await expect(swarm.publish(Order, { symbol: 'A' })).rejects.toMatchObject({
      code: 'MAILBOX_FULL',
      retryability: 'retryable',
    })
    expect(storage.entries.length).toBe(journalled)
    expect([swarm.status().state, swarm.agent('worker').status().mailboxDepth]).toEqual([
      'running',
      maximumMailboxDepth,
    ])
    await swarm.publish(Done, { symbol: 'for the listener' })
  })

  it('I37 fails the handler that publishes into it, which leaves nothing behind and is tried again', async () => {
    const gate = createGate()
    const { swarm, clock, storage } = realTimeSwarm({
      agents: [
        worker(async (symbol, context) => {
          await gate.passed
          context.state.set('last', symbol)
          await context.publish(Done, { symbol })
        }),
        Listener,
      ],
    })
    await swarm.start()
    await swarm.agent('listener').pause()
    await swarm.publish(Order, { symbol: 'A' })
    for (let index = 0; index < maximumMailboxDepth; index += 1) await swarm.publish(Filler, {})
    gate.open()
    await settle()
    expect(swarm.agent('worker').status()).toMatchObject({ handled: 0, failed: 1 })
    const messages = () => storage.entries.filter(({ kind }) => kind === 'message')
    expect([messages().length, documentsOf(storage), swarm.status().state]).toEqual([1, [], 'running'])
    await swarm.agent('listener').resume()
    await settle()
    await clock.advance(50)
    expect(swarm.agent('worker').status()).toMatchObject({ handled: 1, failed: 1, deadLetters: 0 })
    expect(messages().length).toBe(2)
    await swarm.stop()
  })

  it('I37 that fills while a message is being journalled keeps the message as a dead letter', async () => {
    const gate = createGate()
    const { swarm, storage } = realTimeSwarm({ agents: [worker(() => undefined)] })
    await swarm.start()
    await swarm.agent('worker').pause()
    storage.beforeCommit = () => gate.passed
    const publishing = swarm.publish(Order, { symbol: 'A' })
    for (let index = 0; index < maximumMailboxDepth; index += 1) await swarm.publish(Quote, { symbol: 'Q' })
    gate.open()
    const id = await publishing
    await settle()
    expect(storage.records).toMatchObject([{ collection: 'dead-letters', record: { id: `${id} worker` } }])
  })
})
