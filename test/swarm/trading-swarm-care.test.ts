import { TracerProvider } from '@opentelemetry/sdk-trace'
import {
  createTradingSwarm,
  defineTradingSwarm,
  type TradingSwarmCare,
  type TradingSwarmRuntime,
} from '@tradeswarm/agents'
import { createPaperBroker } from '@tradeswarm/broker-paper'
import {
  Agent,
  createConcurrentDispatcher,
  createJsonLogger,
  createSeededRandom,
  createSequentialIds,
  defineMiddleware,
  defineTopic,
  type SwarmAlert,
  type SwarmOptions,
} from '@tradeswarm/core'
import { defineSignalSource, type SignalSource } from '@tradeswarm/signals'
import { createMemoryStorage } from '@tradeswarm/storage-memory'
import { createSimulatedClock } from '@tradeswarm/testing'
import { expect, expectTypeOf, test, vi } from 'vitest'
import { z } from 'zod'
import { smallSymbols, smallTape } from './small-tape.test-support.js'

const Noted = defineTopic('note.taken', { schema: z.object({ text: z.string() }), delivery: 'durable' })

/** Fails, or hangs, with what it hears of. */
class Scribe extends Agent<typeof Scribe> {
  static readonly role = 'scribe'

  protected override onStart() {
    this.subscribe(Noted, ({ text }, { logger }) => {
      logger.info('noted', { text })
      if (text === 'hang') return new Promise(() => undefined)
      if (text === 'fail') throw new Error('no pen')
      return undefined
    })
  }
}

/** A trading swarm in simulated real time, with an agent that does as it is told. */
function tradingSwarm(more: Partial<TradingSwarmRuntime> = {}, sources: readonly SignalSource[] = []) {
  const { instruments } = smallTape
  const clock = createSimulatedClock({ start: Date.UTC(2014, 0, 2) })
  const lines: string[] = []
  const swarm = createTradingSwarm(
    defineTradingSwarm({
      symbols: smallSymbols,
      brokers: [createPaperBroker({ instruments, cash: { USD: '5000' } })],
      agents: [Scribe],
      sources,
    }),
    {
      ...more,
      storage: createMemoryStorage(),
      feed: { name: 'quiet', subscribe: () => () => undefined },
      instruments,
      deposits: { paper: '5000' },
      runtime: {
        dispatcher: createConcurrentDispatcher(clock),
        ids: createSequentialIds(),
        random: createSeededRandom(1),
        logger: createJsonLogger({ clock, write: (line) => void lines.push(line) }),
      },
    },
  )
  const say = async (text: string): Promise<void> => {
    await swarm.publish(Noted, { text })
    await clock.advance(1)
  }
  return { swarm, clock, lines, say, scribe: () => swarm.agent('scribe') }
}

test('each option of createSwarm is handed on, or is one of those that a trading swarm decides about', () => {
  expectTypeOf<keyof TradingSwarmCare>().toEqualTypeOf<
    Exclude<keyof SwarmOptions, 'agents' | 'services' | 'storage' | 'runtime'>
  >()
})

test.each<readonly [keyof TradingSwarmRuntime, Partial<TradingSwarmRuntime>, RegExp]>([
  ['handlerTimeoutMs', { handlerTimeoutMs: 0 }, /^handlerTimeoutMs: 0/],
  ['maximumTries', { maximumTries: 0.5 }, /^maximumTries: 0\.5/],
  ['healthCheckMs', { healthCheckMs: -1 }, /^healthCheckMs: -1/],
  ['leaseMs', { leaseMs: 0 }, /^leaseMs: 0/],
  ['retryBackoff', { retryBackoff: { factor: 0 } }, /factor of a backoff is 0/],
  ['restartIntensity', { restartIntensity: { restarts: -1, perMs: 1 } }, /intensity\.restarts/],
  ['outbound', { outbound: { concurrency: 0 } }, /^option concurrency of an outbound limiter is 0/],
  ['redact', { redact: { keys: ['--'] } }, /^keys: "--"/],
  ['middleware', { middleware: [{ name: 'idle' }] }, /^middleware idle: give it at least one of/],
])('a wrong %s is refused, by its name', (_option, care, message) => {
  expect(() => tradingSwarm(care)).toThrow(expect.objectContaining({ code: 'INVALID_OPTION' }))
  expect(() => tradingSwarm(care)).toThrow(message)
})

test('an agent that fails beyond its restart intensity is quarantined, and onAlert is told', async () => {
  const alerts: SwarmAlert[] = []
  const { swarm, clock, scribe } = tradingSwarm({
    restartIntensity: { restarts: 1, perMs: 60_000 },
    onAlert: (alert) => void alerts.push(alert),
  })
  await swarm.start()
  await scribe().kill()
  await clock.advance(1_000)
  expect([scribe().status().state, alerts]).toEqual(['running', []])
  await scribe().kill()
  await clock.advance(1_000)
  expect(scribe().status().quarantine).toContain('failed again after 1 restarts within 60000 ms')
  expect(alerts).toMatchObject([{ code: 'AGENT_QUARANTINED', context: { agent: 'scribe' } }])
  await swarm.stop()
})

test('handlers are tried so often, and wait so long, as is said', async () => {
  const { swarm, clock, say, scribe } = tradingSwarm({ maximumTries: 1, handlerTimeoutMs: 500 })
  await swarm.start()
  await say('fail')
  expect(scribe().status()).toMatchObject({ failed: 1, deadLetters: 1, restarts: 0 })
  await say('hang')
  await clock.advance(600)
  expect(scribe().status()).toMatchObject({ failed: 2, deadLetters: 2, restarts: 1 })
  await swarm.stop()
})

test('middleware is around the agents, secrets are kept from the log, and telemetry goes where it is told', async () => {
  const handled: string[] = []
  const tracerProvider = new TracerProvider()
  const asked = vi.spyOn(tracerProvider, 'getTracer')
  const { swarm, lines, say } = tradingSwarm({
    middleware: [
      defineMiddleware({
        name: 'witness',
        handle({ agent, name }, next) {
          handled.push(`${agent} ${name}`)
          return next()
        },
      }),
    ],
    redact: { patterns: ['sesame-4711'] },
    telemetry: { tracerProvider },
  })
  await swarm.start()
  expect(asked).toHaveBeenCalled()
  await say('open sesame-4711')
  expect(handled).toEqual(['scribe note.taken'])
  expect(lines.join('\n')).toContain('open [redacted]')
  expect(lines.join('\n')).not.toContain('sesame')
  await swarm.stop()
})

test('the requests of all sources together go out so many at a time, and none after the swarm has stopped', async () => {
  const sent: string[] = []
  const answers: ((answer: Response) => void)[] = []
  const sources = ['one', 'two', 'three', 'four'].map((name) =>
    defineSignalSource({
      name,
      every: '1m',
      async poll({ fetch, signal }) {
        await fetch(`https://feed.test/${name}`, { signal })
        return []
      },
    }),
  )
  const { swarm, clock, lines } = tradingSwarm(
    {
      outbound: { concurrency: 2 },
      fetch(input) {
        sent.push((input instanceof Request ? input.url : String(input)).slice('https://feed.test/'.length))
        return new Promise((resolve) => void answers.push(resolve))
      },
    },
    sources,
  )
  await swarm.start()
  await clock.advance('1m')
  expect(sent).toEqual(['one', 'two'])
  answers[0]?.(new Response())
  await clock.advance(1)
  expect(sent).toEqual(['one', 'two', 'three'])
  await swarm.stop()
  for (const answer of answers) answer(new Response())
  await clock.advance('1m')
  expect(sent).toEqual(['one', 'two', 'three'])
  expect(lines.filter((line) => line.includes('could not be polled'))).toEqual([
    expect.stringContaining('"source":"four"'),
  ])
})
