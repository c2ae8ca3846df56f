import { type Counter, type Histogram, type Meter, type MeterProvider, metrics } from '@opentelemetry/api'

/** All that is counted and measured, made by one meter provider. */
export type Instruments = {
  readonly published: Counter
  readonly consumed: Counter
  readonly deadLettered: Counter
  readonly expired: Counter
  readonly dropped: Counter
  readonly requests: Counter
  readonly restarts: Counter
  readonly handlerSeconds: Histogram
  readonly requestSeconds: Histogram
  readonly answerSeconds: Histogram
  readonly waitSeconds: Histogram
  readonly commitSeconds: Histogram
}

/** Says how many messages wait for the agents of a group. */
export type ReportDepth = (group: string, depth: number) => void
export type DepthObserver = (report: ReportDepth) => void

/** The instruments of the meter provider that is registered now. */
export type Meters = {
  /** The very same object until another provider is registered. */
  current(): Instruments
  /** Asked whenever metrics are collected. Returns what ends it. */
  observeDepth(observer: DepthObserver): () => void
}

/** The scope of spans and metrics. */
export const instrumentationScope = '@tradeswarm/core'

/** Those of the conventions, from 5 ms to 10 s, and below them the microseconds that a hop in one process takes. */
const secondsBoundaries = [
  0.00001, 0.000025, 0.00005, 0.0001, 0.00025, 0.0005, 0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.075, 0.1, 0.25, 0.5,
  0.75, 1, 2.5, 5, 7.5, 10,
]

/** With the provider given, or the global one, which may be registered later: the API's meters, unlike its tracers, do not wait for it. */
export function createMeters(given: MeterProvider | undefined): Meters {
  const observers = new Set<DepthObserver>()
  let bound: MeterProvider | undefined
  let instruments: Instruments

  const bind = (provider: MeterProvider): Instruments => {
    const meter = provider.getMeter(instrumentationScope)
    bound = provider
    instruments = createInstruments(meter)
    observeDepths(meter, observers)
    return instruments
  }

  const current = (): Instruments => {
    const provider = given ?? metrics.getMeterProvider()
    return provider === bound ? instruments : bind(provider)
  }

  return {
    current,
    observeDepth(observer) {
      observers.add(observer)
      current()
      return () => void observers.delete(observer)
    },
  }
}

function createInstruments(meter: Meter): Instruments {
  const messages = (name: string, description: string): Counter =>
    meter.createCounter(name, { unit: '{message}', description })
  const seconds = (name: string, description: string): Histogram =>
    meter.createHistogram(name, {
      unit: 's',
      description,
      advice: { explicitBucketBoundaries: secondsBoundaries },
    })
  return {
    published: messages('messaging.client.sent.messages', 'Messages published.'),
    consumed: messages(
      'messaging.client.consumed.messages',
      'Messages handled; with error.type, attempts that failed.',
    ),
    deadLettered: messages('tradeswarm.messages.dead_lettered', 'Messages given up.'),
    expired: messages('tradeswarm.messages.expired', 'Messages whose time was over before they were handled.'),
    dropped: messages('tradeswarm.messages.dropped', 'Messages that a full mailbox let go.'),
    requests: meter.createCounter('tradeswarm.requests', {
      unit: '{request}',
      description: 'Requests asked; with error.type, those that failed.',
    }),
    restarts: meter.createCounter('tradeswarm.agents.restarts', {
      unit: '{restart}',
      description: 'Agents restarted.',
    }),
    handlerSeconds: seconds('messaging.process.duration', 'How long handlers took.'),
    requestSeconds: seconds('rpc.client.call.duration', 'How long callers waited for an answer.'),
    answerSeconds: seconds('rpc.server.call.duration', 'How long answering took.'),
    waitSeconds: seconds('tradeswarm.mailbox.wait', 'How long messages waited in a mailbox.'),
    commitSeconds: seconds('tradeswarm.commit.duration', 'How long commits took.'),
  }
}

function observeDepths(meter: Meter, observers: ReadonlySet<DepthObserver>): void {
  const gauge = meter.createObservableGauge('tradeswarm.mailbox.depth', {
    unit: '{message}',
    description: 'Messages that wait in the mailboxes of a group.',
  })
  gauge.addCallback((result) => {
    for (const observe of observers) observe((group, depth) => result.observe(depth, { 'tradeswarm.group': group }))
  })
}
