import { describe, expect, it } from 'vitest'
import { z } from 'zod'
import { defineRequest } from '../messages/request.js'
import { defineTopic } from '../messages/topic.js'
import { createGate } from '../testing-support/fake-clock.test-support.js'
import { realTimeSwarm, virtualSwarm } from '../testing-support/swarm-bench.test-support.js'
import { Agent } from './agent.js'
import { defineMiddleware, type Middleware } from './define-middleware.js'

const Asked = defineTopic('question.asked', { schema: z.object({ n: z.number() }), delivery: 'durable' })
const Told = defineTopic('answer.told', { schema: z.object({ text: z.string() }), delivery: 'durable' })
const GetText = defineRequest('text.get', {
  input: z.object({ n: z.number() }),
  output: z.object({ text: z.string() }),
  idempotent: true,
})

class Asker extends Agent<typeof Asker> {
  static readonly role = 'asker'
  static readonly publishes = [Told]
  static readonly requests = [GetText]
  static readonly config = z.object({ tries: z.number().array().default([]), failing: z.number().default(0) })

  protected override onStart() {
    const { tries, failing } = this.config
    this.subscribe(Asked, async ({ n }, context) => {
      tries.push(n)
      if (tries.length <= failing) throw new Error('not yet')
      const { text } = await context.request(GetText, { n })
      await context.publish(Told, { text })
      context.state.set('last', text)
    })
    this.every('1h', () => undefined)
  }
}

class Teller extends Agent<typeof Teller> {
  static readonly role = 'teller'
  static readonly responds = [GetText]

  protected override onStart() {
    // Returns at once, without a promise.
    this.respond(GetText, ({ n }) => ({ text: `text ${n}` }))
  }
}

/** Writes down what passes through it, on the way in and on the way out. */
const noting = (name: string, log: string[]): Middleware =>
  defineMiddleware({
    name,
    async handle({ kind, agent, role, name: what, message, caller }, next) {
      const place = `${name}: ${kind} ${what ?? ''} of ${agent} (${role})${caller === undefined ? '' : ` for ${caller}`}`
      log.push(`${place} begins${message === undefined ? '' : ` with ${JSON.stringify(message.payload)}`}`)
      try {
        const result = await next()
        log.push(`${place} ends${result === undefined ? '' : ` in ${JSON.stringify(result)}`}`)
        return result
      } catch (error) {
        log.push(`${place} fails: ${(error as Error).message}`)
        throw error
      }
    },
    publish({ topic, publisher, payload }, next) {
      const { id } = next(payload)
      log.push(`${name}: ${publisher} publishes ${topic} as ${id}`)
    },
    async request({ request, caller, input }, next) {
      const answer = await next(input)
      log.push(`${name}: ${caller} asked ${request}: ${JSON.stringify(input)} gave ${JSON.stringify(answer)}`)
      return answer
    },
  })

describe.each(['real', 'virtual'] as const)('middleware in %s time', (time) => {
  const started = async (middleware: readonly Middleware[], config: object = {}) => {
    const agents = [{ agent: Asker, config }, Teller]
    const made = time === 'real' ? realTimeSwarm({ agents, middleware }) : virtualSwarm({ agents, middleware })
    await made.swarm.start()
    const run = async (ms: number): Promise<void> => {
      if ('clock' in made) await made.clock.advance(ms)
      else await made.runUntil(made.dispatcher.now() + ms)
    }
    const payloads = (topic: string) =>
      made.storage.entries
        .map(({ text }) => JSON.parse(text) as { topic: string; payload: unknown })
        .filter((message) => message.topic === topic)
        .map(({ payload }) => payload)
    return { ...made, run, payloads }
  }

  it('is around handlers, publishing and requests, the first the outermost', async () => {
    const log: string[] = []
    const { swarm, run, payloads } = await started([noting('outer', log), noting('inner', log)])
    await swarm.publish(Asked, { n: 1 })
    await run(100)
    expect(log).toEqual([
      'inner: operator publishes question.asked as message-1',
      'outer: operator publishes question.asked as message-1',
      'outer: topic question.asked of asker (asker) begins with {"n":1}',
      'inner: topic question.asked of asker (asker) begins with {"n":1}',
      'outer: request text.get of teller (teller) for asker begins',
      'inner: request text.get of teller (teller) for asker begins',
      'inner: request text.get of teller (teller) for asker ends in {"text":"text 1"}',
      'outer: request text.get of teller (teller) for asker ends in {"text":"text 1"}',
      'inner: asker asked text.get: {"n":1} gave {"text":"text 1"}',
      'outer: asker asked text.get: {"n":1} gave {"text":"text 1"}',
      'inner: asker publishes answer.told as message-2',
      'outer: asker publishes answer.told as message-2',
      'inner: topic question.asked of asker (asker) ends',
      'outer: topic question.asked of asker (asker) ends',
    ])
    expect(payloads('answer.told')).toEqual([{ text: 'text 1' }])
    await swarm.stop()
  })

  it('is around timers', async () => {
    const log: string[] = []
    const { run } = await started([noting('one', log)])
    await run(3_600_000)
    expect(log).toEqual(['one: timer  of asker (asker) begins', 'one: timer  of asker (asker) ends'])
  })

  it('is around each attempt of a handler, and sees its error', async () => {
    const log: string[] = []
    const { swarm, run } = await started([noting('one', log)], { failing: 2 })
    await swarm.publish(Asked, { n: 1 })
    await run(1_000)
    const ofTopic = log.filter((line) => line.startsWith('one: topic'))
    expect(ofTopic).toEqual([
      'one: topic question.asked of asker (asker) begins with {"n":1}',
      'one: topic question.asked of asker (asker) fails: not yet',
      'one: topic question.asked of asker (asker) begins with {"n":1}',
      'one: topic question.asked of asker (asker) fails: not yet',
      'one: topic question.asked of asker (asker) begins with {"n":1}',
      'one: topic question.asked of asker (asker) ends',
    ])
    expect(swarm.agent('asker').status()).toMatchObject({ handled: 1, failed: 2 })
  })

  it('that throws after the handler leaves nothing of it', async () => {
    const { swarm, storage, run, payloads } = await started([
      defineMiddleware({
        name: 'audit',
        async handle({ kind }, next) {
          const result = await next()
          if (kind === 'topic') throw new Error('not in order')
          return result
        },
      }),
    ])
    await swarm.publish(Asked, { n: 1 })
    await run(1_000)
    await swarm.checkpoint()
    expect(payloads('answer.told')).toEqual([])
    expect(storage.keyValues.has('state/asker/last')).toBe(false)
    expect(swarm.agent('asker').status()).toMatchObject({ handled: 0, failed: 3, deadLetters: 1 })
  })

  it('that does not go on handles the message in place of the handler', async () => {
    const tries: number[] = []
    const { swarm, run } = await started(
      [defineMiddleware({ name: 'filter', handle: ({ kind }, next) => (kind === 'topic' ? undefined : next()) })],
      { tries },
    )
    await swarm.publish(Asked, { n: 1 })
    await run(1_000)
    expect([tries, swarm.agent('asker').status()]).toMatchObject([[], { handled: 1, failed: 0, deadLetters: 0 }])
  })

  it('may replace a payload before it is validated', async () => {
    const { swarm, run, payloads } = await started([
      defineMiddleware({
        name: 'loud',
        publish({ topic, payload }, next) {
          next(
            topic === Told.name ? { text: (payload as { text: string }).text.toUpperCase() } : { n: Number(payload) },
          )
        },
      }),
    ])
    // @ts-expect-error: the middleware makes it what it has to be
    await swarm.publish(Asked, '7')
    await run(100)
    expect([payloads('question.asked'), payloads('answer.told')]).toEqual([[{ n: 7 }], [{ text: 'TEXT 7' }]])
  })

  it('that makes a payload wrong is told so, naming topic and field; nothing is published', async () => {
    const { swarm, storage } = await started([
      defineMiddleware({ name: 'wrong', publish: (_info, next) => void next({ n: 'seven' }) }),
    ])
    await expect(swarm.publish(Asked, { n: 1 })).rejects.toMatchObject({
      code: 'INVALID_PAYLOAD',
      message: expect.stringMatching(/^topic question\.asked: n: /),
    })
    await swarm.checkpoint()
    expect(storage.entries).toEqual([])
  })

  it('refuses by throwing: the publisher is told, and the handler fails', async () => {
    const { swarm, run, payloads } = await started([
      defineMiddleware({
        name: 'guard',
        publish({ publisher, payload }, next) {
          if (publisher !== 'operator') throw new Error(`${publisher} is not to publish`)
          if ((payload as { n: number }).n < 0) throw new Error('no negative numbers')
          next(payload)
        },
      }),
    ])
    await expect(swarm.publish(Asked, { n: -1 })).rejects.toThrow('no negative numbers')
    await swarm.publish(Asked, { n: 1 })
    await run(1_000)
    expect(payloads('answer.told')).toEqual([])
    expect(await swarm.deadLetters.list()).toMatchObject([{ error: 'asker is not to publish' }])
  })

  it('may answer requests, or ask something else', async () => {
    const { swarm, run, payloads } = await started([
      defineMiddleware({
        name: 'cache',
        request({ input }, next) {
          const { n } = input as { n: number }
          return n === 1 ? { text: 'known' } : next({ n: n * 10 })
        },
      }),
    ])
    for (const n of [1, 2]) await swarm.publish(Asked, { n })
    await run(100)
    expect(payloads('answer.told')).toEqual([{ text: 'known' }, { text: 'text 20' }])
    expect(swarm.status().messages.requests).toBe(1)
  })

  it('that calls next twice is told so', async () => {
    const { swarm, run } = await started([
      defineMiddleware({
        name: 'twice',
        async handle(_info, next) {
          await next()
          return next()
        },
      }),
    ])
    await swarm.publish(Asked, { n: 1 })
    await run(1_000)
    expect(await swarm.deadLetters.list()).toMatchObject([{ error: 'middleware twice: next may be called once only' }])
  })

  it.each([
    ['forgets next', () => undefined],
    ['is async', async (_info: unknown, next: (payload: unknown) => unknown) => void next({ n: 1 })],
    ['is async and fails', async () => Promise.reject(new Error('too late'))],
  ])('around publishing that %s is told so, and nothing is published', async (_what, publish) => {
    const { swarm, storage } = await started([defineMiddleware({ name: 'odd', publish: publish as never })])
    await expect(swarm.publish(Asked, { n: 1 })).rejects.toMatchObject({ code: 'MIDDLEWARE_FAULT' })
    await swarm.checkpoint()
    expect(storage.entries).toEqual([])
  })
})

describe('middleware', () => {
  it('in virtual time leaves the same journal in every run, also where it waits', async () => {
    const heads = []
    for (let run = 0; run < 2; run += 1) {
      const { swarm, dispatcher } = virtualSwarm({
        agents: [Asker, Teller],
        middleware: [
          defineMiddleware({
            name: 'slow',
            async handle(_info, next) {
              for (let turn = 0; turn < 5; turn += 1) await Promise.resolve()
              return next()
            },
          }),
        ],
      })
      await swarm.start()
      for (const n of [1, 2, 3]) dispatcher.at(n, () => swarm.publish(Asked, { n }).then(() => undefined))
      for (let step = 0; step < 10; step += 1) await dispatcher.step()
      heads.push(swarm.journalHead())
      expect(swarm.agent('asker').status().handled).toBeGreaterThanOrEqual(3)
    }
    expect(heads[1]).toEqual(heads[0])
  })

  it('counts towards the time that a handler may take, and is told when that is over', async () => {
    const aborted: boolean[] = []
    const { swarm, clock } = realTimeSwarm({
      agents: [Asker, Teller],
      handlerTimeoutMs: 100,
      maximumTries: 1,
      middleware: [
        defineMiddleware({
          name: 'hanging',
          async handle({ kind, signal }, next) {
            signal.addEventListener('abort', () => aborted.push(signal.aborted))
            if (kind === 'topic') await createGate().passed
            return next()
          },
        }),
      ],
    })
    await swarm.start()
    await swarm.publish(Asked, { n: 1 })
    await clock.advance(1_000)
    expect([aborted, swarm.agent('asker').status().restarts]).toEqual([[true], 1])
    expect(await swarm.deadLetters.list()).toMatchObject([
      { error: expect.stringContaining('did not end within 100 ms') },
    ])
    await swarm.stop()
  })

  it.each([
    [{ name: '', handle: () => undefined }, 'name must be a text'],
    [{ name: 'idle' }, 'middleware idle: give it at least one of handle, publish, request'],
    [{ name: 'odd', publish: 7 }, 'middleware odd: publish must be a function'],
  ])('is checked when it is declared: %o', (options, message) => {
    expect(() => defineMiddleware(options as Middleware)).toThrow(message)
    expect(() => realTimeSwarm({ agents: [Asker], middleware: [options as Middleware] })).toThrow(message)
  })

  it('has names that differ', () => {
    const each = defineMiddleware({ name: 'same', handle: (_info, next) => next() })
    expect(() => realTimeSwarm({ agents: [Asker], middleware: [each, { ...each }] })).toThrow('two are named "same"')
  })
})
