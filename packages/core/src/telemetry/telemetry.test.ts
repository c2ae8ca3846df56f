import { context, metrics, type Span, SpanKind, SpanStatusCode, trace } from '@opentelemetry/api'
import { AsyncLocalStorageContextManager } from '@opentelemetry/context-async-hooks'
import {
  AggregationTemporality,
  InMemoryMetricExporter,
  MeterProvider,
  PeriodicExportingMetricReader,
} from '@opentelemetry/sdk-metrics'
import { AlwaysOffSampler, type ReadableSpan, type SpanProcessor, TracerProvider } from '@opentelemetry/sdk-trace'
import { afterEach, describe, expect, it } from 'vitest'
import { SwarmError } from '../errors/swarm-error.js'
import { createTelemetry, type Telemetry } from './telemetry.js'
import { inject } from './traceparent.js'

const watcher = { agent: 'watcher-1', group: 'watcher' }
const moody = { agent: 'moody-2', group: 'moody' }
const nothing = (): void => undefined

afterEach(() => {
  trace.disable()
  metrics.disable()
  context.disable()
})

function tracing(options: { sampler?: AlwaysOffSampler } = {}) {
  const ended: ReadableSpan[] = []
  const processor: SpanProcessor = {
    onStart: nothing,
    onEnd: (span) => void ended.push(span),
    forceFlush: async () => undefined,
    shutdown: async () => undefined,
  }
  const provider = new TracerProvider({ spanProcessors: [processor], ...options })
  const spans = () =>
    ended.map((span) => ({
      name: span.name,
      kind: span.kind,
      id: span.spanContext().spanId,
      traceId: span.spanContext().traceId,
      parent: span.parentSpanContext?.spanId,
      attributes: span.attributes,
      status: span.status,
      events: span.events,
    }))
  return { provider, spans }
}

function metering() {
  const exporter = new InMemoryMetricExporter(AggregationTemporality.CUMULATIVE)
  const reader = new PeriodicExportingMetricReader({ exporter, exportIntervalMillis: 2 ** 30 })
  const provider = new MeterProvider({ readers: [reader] })
  /** The data points by the name of the metric. */
  const read = async () => {
    exporter.reset()
    await reader.forceFlush()
    const found: Record<string, { value: unknown; attributes: unknown }[]> = {}
    for (const { scopeMetrics } of exporter.getMetrics()) {
      for (const metric of scopeMetrics.flatMap((scope) => scope.metrics)) {
        found[metric.descriptor.name] = metric.dataPoints.map(({ value, attributes }) => ({ value, attributes }))
      }
    }
    return found
  }
  return { provider, read, close: () => provider.shutdown() }
}

type Traced = { readonly id: string; readonly correlationId: string; readonly traceparent?: string | undefined }

/** What a runtime does with one message: the handler gets the span, as its context would. */
async function handle(telemetry: Telemetry, topic: string, message: Traced, handler: (span: Span) => unknown) {
  const handling = telemetry.handling(topic, watcher)
  const span = handling.start(message.traceparent, message)
  try {
    await handling.run(span, (_message, own: Span) => handler(own), message, span)
    handling.succeeded(span, 2)
  } catch (error) {
    handling.failed(span, 2, error)
  }
}

describe('telemetry with an SDK', () => {
  it('makes what a handler publishes a child of that handler', async () => {
    const { provider, spans } = tracing()
    const telemetry = createTelemetry({ tracerProvider: provider })
    const first: Traced = {
      id: 'm-1',
      correlationId: 'c-1',
      traceparent: telemetry.publishing('a.b').traceparent(undefined),
    }
    let second: Traced | undefined
    await handle(telemetry, 'a.b', first, (span) => {
      second = { id: 'm-2', correlationId: 'c-1', traceparent: telemetry.publishing('c.d').traceparent(span) }
    })
    await handle(telemetry, 'c.d', second as Traced, nothing)
    const [one, two] = spans()
    expect(one).toMatchObject({
      name: 'process a.b',
      kind: SpanKind.CONSUMER,
      parent: undefined,
      attributes: {
        'messaging.system.name': 'tradeswarm',
        'messaging.operation.name': 'process',
        'messaging.operation.type': 'process',
        'messaging.destination.name': 'a.b',
        'messaging.consumer.group.name': 'watcher',
        'messaging.message.id': 'm-1',
        'messaging.message.conversation_id': 'c-1',
        'tradeswarm.agent': 'watcher-1',
      },
      status: { code: SpanStatusCode.UNSET },
    })
    expect(two).toMatchObject({ name: 'process c.d', parent: one?.id, traceId: one?.traceId })
  })

  it('makes the answer a child of the request, and that of the handler that asks', async () => {
    const { provider, spans } = tracing()
    const telemetry = createTelemetry({ tracerProvider: provider })
    const asking = telemetry.asking('mood.get', watcher)
    const answering = telemetry.answering('mood.get', moody)
    await handle(telemetry, 'a.b', { id: 'm-1', correlationId: 'c-1' }, (handler) => {
      const asked = asking.startWithin(handler, { correlationId: 'c-1' })
      const answered = answering.start(inject(asked), { correlationId: 'c-1' })
      answering.succeeded(answered, 1)
      asking.succeeded(asked, 1)
    })
    const [answer, request, handler] = spans()
    expect(answer).toMatchObject({
      name: 'mood.get',
      kind: SpanKind.SERVER,
      parent: request?.id,
      attributes: { 'rpc.system.name': 'tradeswarm', 'rpc.method': 'mood.get', 'tradeswarm.agent': 'moody-2' },
    })
    expect(request).toMatchObject({
      kind: SpanKind.CLIENT,
      parent: handler?.id,
      attributes: { 'tradeswarm.correlation_id': 'c-1', 'tradeswarm.agent': 'watcher-1' },
    })
  })

  it('starts a trace anew where the traceparent is missing or invalid', async () => {
    const { provider, spans } = tracing()
    const telemetry = createTelemetry({ tracerProvider: provider })
    for (const traceparent of [undefined, '', 'nonsense', `00-${'0'.repeat(32)}-b7ad6b7169203331-01`]) {
      await handle(telemetry, 'a.b', { id: 'm', correlationId: 'c', traceparent }, nothing)
    }
    expect(spans().map(({ parent }) => parent)).toEqual([undefined, undefined, undefined, undefined])
    expect(new Set(spans().map(({ traceId }) => traceId)).size).toBe(4)
  })

  it('marks a failure, with its kind and without its secrets', async () => {
    const { provider, spans } = tracing()
    const telemetry = createTelemetry({ tracerProvider: provider })
    await handle(telemetry, 'a.b', { id: 'm', correlationId: 'c' }, () => {
      throw new SwarmError({ code: 'VENUE_DOWN', message: 'login with password=hunter2 failed' })
    })
    const [span] = spans()
    expect(span).toMatchObject({
      attributes: { 'error.type': 'VENUE_DOWN' },
      status: { code: SpanStatusCode.ERROR, message: 'login with password=[redacted] failed' },
      events: [
        {
          name: 'exception',
          attributes: {
            'exception.type': 'VENUE_DOWN',
            'exception.message': 'login with password=[redacted] failed',
            'exception.stacktrace': expect.stringMatching(/^ +at .*telemetry\.test.*\n +at /),
          },
        },
      ],
    })
    expect(JSON.stringify(span)).not.toContain('hunter2')
  })

  it('survives whatever is thrown', () => {
    const { provider, spans } = tracing()
    const handling = createTelemetry({ tracerProvider: provider }).handling('a.b', watcher)
    const hostile = new Proxy(new Error('x'), {
      get: () => {
        throw new Error('no')
      },
    })
    const thrown = [undefined, 'text', 5, {}, hostile, { name: 'token=abc def', code: 7 }, Object.create(null)]
    for (const error of thrown) handling.failed(handling.start(undefined), 1, error)
    expect(spans().map((span) => span.attributes['error.type'])).toEqual(thrown.map(() => '_OTHER'))
  })

  it('has the span active while the handler runs, across its awaits, and only then', async () => {
    context.setGlobalContextManager(new AsyncLocalStorageContextManager().enable())
    const { provider, spans } = tracing()
    const telemetry = createTelemetry({ tracerProvider: provider })
    const tracer = provider.getTracer('of the user')
    await tracer.startActiveSpan('whoever woke the mailbox', async (waker) => {
      await handle(telemetry, 'a.b', { id: 'm', correlationId: 'c' }, async (handler) => {
        await Promise.resolve()
        await tracer.startActiveSpan('own', async (own) => {
          await Promise.resolve()
          const asking = telemetry.asking('mood.get', watcher)
          asking.succeeded(asking.startWithin(handler), 1)
          expect(telemetry.publishing('c.d').traceparent(handler)).toBe(inject(own))
          own.end()
        })
      })
      expect(trace.getActiveSpan()).toBe(waker)
      waker.end()
    })
    const [request, own, handler] = spans()
    expect(request?.parent).toBe(own?.id)
    expect(own?.parent).toBe(handler?.id)
    expect(handler).toMatchObject({ name: 'process a.b', parent: undefined })
  })

  it('hands on a trace that is not sampled', async () => {
    context.setGlobalContextManager(new AsyncLocalStorageContextManager().enable())
    const { provider, spans } = tracing({ sampler: new AlwaysOffSampler() })
    const telemetry = createTelemetry({ tracerProvider: provider })
    await handle(telemetry, 'a.b', { id: 'm', correlationId: 'c' }, (span) => {
      expect(trace.getActiveSpan()).toBe(span)
      expect(telemetry.publishing('c.d').traceparent(span)).toMatch(/-00$/)
    })
    expect(spans()).toEqual([])
  })

  it('counts and measures', async () => {
    const meters = metering()
    const telemetry = createTelemetry({ meterProvider: meters.provider })
    telemetry.publishing('a.b').published()
    const handling = telemetry.handling('a.b', watcher)
    handling.waited(250)
    handling.deadLettered()
    handling.expired()
    handling.dropped()
    await handle(telemetry, 'a.b', { id: 'm', correlationId: 'c' }, nothing)
    await handle(telemetry, 'a.b', { id: 'm', correlationId: 'c' }, () => {
      throw new RangeError('far')
    })
    const asking = telemetry.asking('mood.get', watcher)
    asking.succeeded(asking.startWithin(undefined), 5)
    asking.failed(asking.startWithin(undefined), 7, new SwarmError({ code: 'REQUEST_TIMED_OUT', message: 'late' }))
    telemetry.restarted('moody')
    telemetry.committed(3)
    let looks = 0
    const stop = telemetry.observeMailboxes((report) => {
      looks += 1
      report('watcher', 17)
    })

    const found = await meters.read()
    const messages = { 'messaging.system.name': 'tradeswarm', 'messaging.destination.name': 'a.b' }
    const handled = { ...messages, 'messaging.operation.name': 'process', 'messaging.consumer.group.name': 'watcher' }
    const request = { 'rpc.system.name': 'tradeswarm', 'rpc.method': 'mood.get' }
    expect(found).toMatchObject({
      'messaging.client.sent.messages': [
        { value: 1, attributes: { ...messages, 'messaging.operation.name': 'publish' } },
      ],
      'messaging.client.consumed.messages': [
        { value: 1, attributes: handled },
        { value: 1, attributes: { ...handled, 'error.type': 'RangeError' } },
      ],
      'tradeswarm.messages.dead_lettered': [{ value: 1, attributes: handled }],
      'tradeswarm.messages.expired': [{ value: 1, attributes: handled }],
      'tradeswarm.messages.dropped': [{ value: 1, attributes: handled }],
      'tradeswarm.requests': [
        { value: 1, attributes: request },
        { value: 1, attributes: { ...request, 'error.type': 'REQUEST_TIMED_OUT' } },
      ],
      'tradeswarm.agents.restarts': [{ value: 1, attributes: { 'tradeswarm.group': 'moody' } }],
      'messaging.process.duration': [{ value: { count: 1, sum: 0.002 } }, { value: { count: 1, sum: 0.002 } }],
      'rpc.client.call.duration': [{ value: { count: 1, sum: 0.005 } }, { value: { count: 1, sum: 0.007 } }],
      'tradeswarm.mailbox.wait': [{ value: { count: 1, sum: 0.25 } }],
      'tradeswarm.commit.duration': [{ value: { count: 1, sum: 0.003 } }],
      'tradeswarm.mailbox.depth': [{ value: 17, attributes: { 'tradeswarm.group': 'watcher' } }],
    })
    stop()
    await meters.read()
    expect(looks).toBe(1)
    await meters.close()
  })

  it('names no more than 32 kinds of error', async () => {
    const meters = metering()
    const asking = createTelemetry({ meterProvider: meters.provider }).asking('mood.get', watcher)
    for (let index = 0; index < 50; index += 1) {
      asking.failed(asking.startWithin(undefined), 1, new SwarmError({ code: `E${index}`, message: 'm' }))
    }
    const points = (await meters.read())['tradeswarm.requests'] ?? []
    expect(points).toHaveLength(33)
    expect(points.at(-1)).toMatchObject({ value: 18, attributes: { 'error.type': '_OTHER' } })
    await meters.close()
  })

  it('is the same when the SDK comes after the start', async () => {
    const telemetry = createTelemetry()
    const handling = telemetry.handling('a.b', watcher)
    const asking = telemetry.asking('mood.get', watcher)
    telemetry.observeMailboxes((report) => report('watcher', 3))
    handling.succeeded(handling.start(undefined), 1)
    asking.succeeded(asking.startWithin(undefined), 1)

    const { provider, spans } = tracing()
    const meters = metering()
    trace.setGlobalTracerProvider(provider)
    metrics.setGlobalMeterProvider(meters.provider)
    handling.succeeded(handling.start(undefined), 1)
    asking.succeeded(asking.startWithin(undefined), 1)
    expect(spans().map(({ name }) => name)).toEqual(['process a.b', 'mood.get'])
    expect(await meters.read()).toMatchObject({
      'messaging.client.consumed.messages': [{ value: 1 }],
      'rpc.client.call.duration': [{ value: { count: 1 } }],
      'tradeswarm.mailbox.depth': [{ value: 3 }],
    })
    await meters.close()
  })

  it('is the same when the SDK was there before the start', async () => {
    const { provider, spans } = tracing()
    const meters = metering()
    trace.setGlobalTracerProvider(provider)
    metrics.setGlobalMeterProvider(meters.provider)
    await handle(createTelemetry(), 'a.b', { id: 'm', correlationId: 'c' }, nothing)
    expect(spans()).toHaveLength(1)
    expect(await meters.read()).toMatchObject({ 'messaging.client.consumed.messages': [{ value: 1 }] })
    await meters.close()
  })
})

describe('telemetry without an SDK', () => {
  it('has no traces, and calls the handler directly with what it is given', () => {
    const telemetry = createTelemetry()
    const handling = telemetry.handling('a.b', watcher)
    const span = handling.start(undefined, { id: 'm', correlationId: 'c' })
    expect(inject(span)).toBeUndefined()
    expect(telemetry.publishing('a.b').traceparent(span)).toBeUndefined()
    expect(handling.run(span, (one: number, two: number) => one + two, 1, 2)).toBe(3)
    const boom = new Error('boom')
    expect(() =>
      handling.run(
        span,
        () => {
          throw boom
        },
        1,
        2,
      ),
    ).toThrow(boom)
    handling.failed(span, 1, boom)
  })

  it('hands on the trace of a message that comes with one', () => {
    const telemetry = createTelemetry()
    const traceparent = '00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01'
    const span = telemetry.handling('a.b', watcher).start(traceparent)
    expect(telemetry.publishing('c.d').traceparent(span)).toBe(traceparent)
  })
})
