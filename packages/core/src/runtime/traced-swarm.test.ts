import { context, metrics, SpanKind, SpanStatusCode, trace } from '@opentelemetry/api'
import { AsyncLocalStorageContextManager } from '@opentelemetry/context-async-hooks'
import {
  AggregationTemporality,
  InMemoryMetricExporter,
  MeterProvider,
  PeriodicExportingMetricReader,
} from '@opentelemetry/sdk-metrics'
import { type ReadableSpan, TracerProvider } from '@opentelemetry/sdk-trace'
import { afterEach, describe, expect, it } from 'vitest'
import { z } from 'zod'
import { defineRequest } from '../messages/request.js'
import { defineTopic } from '../messages/topic.js'
import { realTimeSwarm } from '../testing-support/swarm-bench.test-support.js'
import { settle } from '../testing-support/system-settle.test-support.js'
import { Agent } from './agent.js'

const secret = 'sesame-street-4711'
const Seen = defineTopic('seen', { schema: z.object({ n: z.number() }), delivery: 'durable' })
const Judged = defineTopic('judged', { schema: z.object({ n: z.number() }), delivery: 'ephemeral' })
const Weigh = defineRequest('weigh', {
  input: z.object({ n: z.number() }),
  output: z.object({ n: z.number() }),
  idempotent: true,
})

class Scout extends Agent<typeof Scout> {
  static readonly role = 'scout'
  static readonly publishes = [Judged]
  protected override onStart() {
    this.subscribe(Seen, async ({ n }, { logger, publish }) => {
      logger.info('scouted', { note: `with ${secret}` })
      if (n < 0) throw new Error(`refused, with ${secret}`)
      await settle()
      await publish(Judged, { n })
    })
  }
}

class Judge extends Agent<typeof Judge> {
  static readonly role = 'judge'
  static readonly requests = [Weigh]
  protected override onStart() {
    this.subscribe(Judged, async ({ n }, { logger, request }) => {
      logger.info('judging')
      await settle()
      await request(Weigh, { n })
    })
  }
}

class Scale extends Agent<typeof Scale> {
  static readonly role = 'scale'
  static readonly responds = [Weigh]
  protected override onStart() {
    this.every('1h', () => undefined)
    this.respond(Weigh, async ({ n }, { logger }) => {
      logger.info('weighing')
      await settle()
      if (n === 13) throw new RangeError(`too heavy: ${secret}`)
      return { n }
    })
  }
}

/** The handlers here wait for some turns of the platform. */
async function turns(): Promise<void> {
  for (let turn = 0; turn < 10; turn += 1) await settle()
}

const agents = [Scout, Judge, Scale]

afterEach(() => {
  trace.disable()
  metrics.disable()
  context.disable()
})

function observing() {
  const ended: ReadableSpan[] = []
  const tracerProvider = new TracerProvider({
    spanProcessors: [
      {
        onStart: () => undefined,
        onEnd: (span) => void ended.push(span),
        forceFlush: async () => undefined,
        shutdown: async () => undefined,
      },
    ],
  })
  const exporter = new InMemoryMetricExporter(AggregationTemporality.CUMULATIVE)
  const reader = new PeriodicExportingMetricReader({ exporter, exportIntervalMillis: 2 ** 30 })
  const meterProvider = new MeterProvider({ readers: [reader] })
  const spanOf = (name: string, kind: SpanKind): ReadableSpan => {
    const found = ended.find((span) => span.name === name && span.kind === kind)
    if (found === undefined) throw new Error(`no span ${name}; there are: ${ended.map((span) => span.name).join(', ')}`)
    return found
  }
  /** The data points of a metric. */
  const pointsOf = async (
    name: string,
  ): Promise<readonly { readonly value: unknown; readonly attributes: object }[]> => {
    exporter.reset()
    await reader.forceFlush()
    return exporter
      .getMetrics()
      .flatMap(({ scopeMetrics }) => scopeMetrics.flatMap((scope) => scope.metrics))
      .filter((metric) => metric.descriptor.name === name)
      .flatMap((metric): readonly { readonly value: unknown; readonly attributes: object }[] => metric.dataPoints)
      .map(({ value, attributes }) => ({ value, attributes }))
  }
  return { ended, tracerProvider, meterProvider, spanOf, pointsOf, close: () => meterProvider.shutdown() }
}

describe('with an OpenTelemetry SDK', () => {
  it('publish, handle, publish, request and answer are one trace, each under what caused it', async () => {
    context.setGlobalContextManager(new AsyncLocalStorageContextManager().enable())
    const { tracerProvider, meterProvider, spanOf, ended, close } = observing()
    const { swarm } = realTimeSwarm({ agents, telemetry: { tracerProvider, meterProvider } })
    await swarm.start()
    await tracerProvider.getTracer('outside').startActiveSpan('outside', async (span) => {
      await swarm.publish(Seen, { n: 1 })
      span.end()
    })
    await turns()
    await swarm.stop()
    const chain = [
      spanOf('outside', SpanKind.INTERNAL),
      spanOf('process seen', SpanKind.CONSUMER),
      spanOf('process judged', SpanKind.CONSUMER),
      spanOf('weigh', SpanKind.CLIENT),
      spanOf('weigh', SpanKind.SERVER),
    ]
    expect(ended).toHaveLength(chain.length)
    for (const [index, span] of chain.entries()) {
      expect(span.spanContext().traceId, span.name).toBe(chain[0]?.spanContext().traceId)
      expect(span.parentSpanContext?.spanId, span.name).toBe(chain[index - 1]?.spanContext().spanId)
      expect(span.status.code).toBe(SpanStatusCode.UNSET)
    }
    expect(chain.slice(1).map((span) => span.attributes['tradeswarm.agent'])).toEqual([
      'scout',
      'judge',
      'judge',
      'scale',
    ])
    await close()
  })

  it('and none registered for contexts the parents are the same', async () => {
    const { tracerProvider, meterProvider, spanOf, close } = observing()
    const { swarm } = realTimeSwarm({ agents, telemetry: { tracerProvider, meterProvider } })
    await swarm.start()
    await swarm.publish(Seen, { n: 1 })
    await turns()
    await swarm.stop()
    const seen = spanOf('process seen', SpanKind.CONSUMER)
    const judged = spanOf('process judged', SpanKind.CONSUMER)
    const asked = spanOf('weigh', SpanKind.CLIENT)
    expect(seen.parentSpanContext).toBeUndefined()
    expect(judged.parentSpanContext?.spanId).toBe(seen.spanContext().spanId)
    expect(asked.parentSpanContext?.spanId).toBe(judged.spanContext().spanId)
    expect(spanOf('weigh', SpanKind.SERVER).parentSpanContext?.spanId).toBe(asked.spanContext().spanId)
    await close()
  })

  it('messages, requests, restarts and dead letters are counted', async () => {
    const { tracerProvider, meterProvider, pointsOf, close } = observing()
    const { swarm, clock } = realTimeSwarm({
      agents,
      telemetry: { tracerProvider, meterProvider },
      maximumTries: 2,
    })
    await swarm.start()
    for (const n of [1, 13, -1]) await swarm.publish(Seen, { n })
    for (let round = 0; round < 10; round += 1) {
      await clock.advance(100)
      await turns()
    }
    await swarm.agent('scale').pause()
    await swarm.agent('scout').kill()
    await settle()
    await clock.advance(3_600_000)
    const value = (points: readonly { value: unknown; attributes: object }[], some: object) =>
      points.find(({ attributes }) =>
        Object.entries(some).every(([key, each]) => Reflect.get(attributes, key) === each),
      )?.value
    const sent = await pointsOf('messaging.client.sent.messages')
    expect(value(sent, { 'messaging.destination.name': 'seen' })).toBe(3)
    expect(value(sent, { 'messaging.destination.name': 'judged' })).toBe(2)
    const handled = await pointsOf('messaging.client.consumed.messages')
    expect(value(handled, { 'messaging.destination.name': 'seen', 'error.type': undefined })).toBe(2)
    expect(value(handled, { 'messaging.destination.name': 'seen', 'error.type': 'Error' })).toBe(2)
    expect(value(handled, { 'messaging.destination.name': 'judged', 'error.type': 'RangeError' })).toBe(2)
    const requests = await pointsOf('tradeswarm.requests')
    expect(value(requests, { 'rpc.method': 'weigh', 'error.type': undefined })).toBe(1)
    expect(value(requests, { 'rpc.method': 'weigh', 'error.type': 'RangeError' })).toBe(2)
    const dead = await pointsOf('tradeswarm.messages.dead_lettered')
    expect(dead.map((point) => point.value)).toEqual([1, 1])
    expect(await pointsOf('tradeswarm.agents.restarts')).toMatchObject([
      { value: 1, attributes: { 'tradeswarm.group': 'scout' } },
    ])
    expect(value(await pointsOf('tradeswarm.mailbox.depth'), { 'tradeswarm.group': 'scale' })).toBe(1)
    const [wait] = await pointsOf('tradeswarm.mailbox.wait')
    expect(wait?.value).toMatchObject({ count: expect.any(Number) })
    await swarm.stop()
    await close()
  })

  it('an error is recorded without its secrets, and the span says what kind it was', async () => {
    const { tracerProvider, meterProvider, ended, spanOf, close } = observing()
    const { swarm, clock } = realTimeSwarm({
      agents,
      telemetry: { tracerProvider, meterProvider },
      redact: { patterns: [secret] },
      maximumTries: 1,
    })
    await swarm.start()
    for (const n of [-1, 13]) await swarm.publish(Seen, { n })
    await clock.advance(1_000)
    await swarm.stop()
    expect(spanOf('process seen', SpanKind.CONSUMER)).toMatchObject({
      status: { code: SpanStatusCode.ERROR, message: expect.stringMatching(/^refused, with /) },
      attributes: { 'error.type': 'Error' },
    })
    expect(spanOf('weigh', SpanKind.SERVER)).toMatchObject({ attributes: { 'error.type': 'RangeError' } })
    const told = JSON.stringify(ended.map(({ status, events, attributes }) => ({ status, events, attributes })))
    expect(told).toContain('too heavy')
    expect(told).not.toContain(secret)
    await close()
  })

  it('and telemetry switched off nothing is traced or counted, and all works', async () => {
    const { tracerProvider, meterProvider, ended, pointsOf, close } = observing()
    trace.setGlobalTracerProvider(tracerProvider)
    metrics.setGlobalMeterProvider(meterProvider)
    const { swarm } = realTimeSwarm({ agents, telemetry: false })
    await swarm.start()
    await swarm.publish(Seen, { n: 1 })
    await turns()
    await swarm.stop()
    expect(swarm.status().messages).toEqual({ published: 2, requests: 1, requestFailures: 0 })
    expect([ended, await pointsOf('messaging.client.sent.messages')]).toEqual([[], []])
    await close()
  })
})

describe('the log of a swarm', () => {
  it('has the correlation id of the chain in every line of every handler, and in what is said of its failure', async () => {
    const { swarm, clock, log } = realTimeSwarm({ agents, maximumTries: 1 })
    await swarm.start()
    const id = await swarm.publish(Seen, { n: 13 })
    await clock.advance(1_000)
    await swarm.stop()
    const lines = (text: string) => log.filter(({ message, msg }) => (message ?? msg) === text)
    expect(lines('scouted')).toMatchObject([{ agent: 'scout', topic: 'seen', messageId: id, correlationId: id }])
    expect(lines('judging')).toMatchObject([{ agent: 'judge', topic: 'judged', correlationId: id }])
    expect(lines('weighing')).toMatchObject([{ agent: 'scale', correlationId: id }])
    expect(lines('a handler failed')).toMatchObject([{ agent: 'judge', correlationId: id }])
    expect(lines('a message was given up')).toMatchObject([{ agent: 'judge', correlationId: id }])
  })

  it('never shows a secret: in a handler’s own line, or in an error', async () => {
    const { swarm, clock, log } = realTimeSwarm({ agents, redact: { patterns: [secret] }, maximumTries: 1 })
    await swarm.start()
    await swarm.publish(Seen, { n: -1 })
    await clock.advance(1_000)
    await swarm.stop()
    const text = JSON.stringify(log)
    expect(text).toContain('refused, with ')
    expect(text).not.toContain(secret)
  })

  it('is told nothing of a secret that a storage or an agent throws at the swarm', async () => {
    class Leaky extends Agent {
      static readonly role = 'leaky'
      protected override onStop() {
        throw new Error(`cannot close ${secret}`)
      }
    }
    const { swarm, storage, log } = realTimeSwarm({
      agents: [Leaky, Scout],
      redact: { patterns: [secret] },
      onAlert() {
        throw new Error(`no pager at ${secret}`)
      },
    })
    await swarm.start()
    storage.beforeCommit = () => {
      throw new Error(`cannot write with ${secret}`)
    }
    await swarm.publish(Seen, { n: 1 }).catch(() => undefined)
    storage.beforeCommit = undefined
    await swarm.resume()
    await swarm.stop()
    const text = JSON.stringify(log)
    for (const part of ['cannot close', 'no pager at', 'cannot write with']) expect(text).toContain(part)
    expect(text).not.toContain(secret)
  })
})
