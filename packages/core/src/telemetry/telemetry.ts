import { type MeterProvider, SpanKind, type TracerProvider, trace } from '@opentelemetry/api'
import { createRedactor } from '../logging/redactor.js'
import type { RedactText } from './failure.js'
import { HandlingTelemetry } from './handling-telemetry.js'
import { createMeters, type DepthObserver, instrumentationScope } from './instruments.js'
import { OperationTelemetry, type TelemetryParts } from './operation-telemetry.js'
import { PublishingTelemetry } from './publishing-telemetry.js'
import {
  type AgentLabels,
  agentAttributes,
  attributeName,
  groupAttributes,
  requestAttributes,
} from './semantic-attributes.js'

/** Where spans and metrics go. */
export type TelemetryOptions = {
  /** Default: the one registered with the OpenTelemetry API, whenever that is. */
  readonly tracerProvider?: TracerProvider
  /** Default: the one registered with the OpenTelemetry API, whenever that is. */
  readonly meterProvider?: MeterProvider
  /** What errors go through before a span holds them. Default: that of `createRedactor()`. */
  readonly redactText?: RedactText
}

/** Spans and metrics of a swarm, through the OpenTelemetry API. What it returns is made once for each topic or request and agent, and kept. */
export type Telemetry = {
  /** Consumer spans: a handler of a topic. */
  handling(topic: string, labels: AgentLabels): HandlingTelemetry
  /** What is published, and the `traceparent` that goes with it. */
  publishing(topic: string): PublishingTelemetry
  /** Client spans: whoever asks. */
  asking(request: string, labels: AgentLabels): OperationTelemetry
  /** Server spans: whoever answers. */
  answering(request: string, labels: AgentLabels): OperationTelemetry
  /** Internal spans: what an agent does of itself, on a timer. */
  timing(labels: AgentLabels): OperationTelemetry
  /** An agent of the group was restarted. */
  restarted(group: string): void
  committed(durationMs: number): void
  /** Has the mailboxes looked at whenever metrics are collected. Returns what ends it. */
  observeMailboxes(observer: DepthObserver): () => void
}

/** Telemetry through the OpenTelemetry API: nothing leaves the process, and next to nothing is spent, until an SDK is registered, before the swarm starts or after. */
export function createTelemetry(options: TelemetryOptions = {}): Telemetry {
  const meters = createMeters(options.meterProvider)
  const tracer = (options.tracerProvider ?? trace).getTracer(instrumentationScope)
  const redactText = options.redactText ?? createRedactor().redactText
  const parts: TelemetryParts = { tracer, meters, redactText }
  return {
    handling: (topic, labels) => new HandlingTelemetry(parts, topic, labels),
    publishing: (topic) => new PublishingTelemetry(meters, topic),
    asking: (request, labels) => requestTelemetry(parts, 'client', request, labels),
    answering: (request, labels) => requestTelemetry(parts, 'server', request, labels),
    timing: (labels) =>
      new OperationTelemetry(parts, {
        spanName: 'timer',
        spanOptions: { kind: SpanKind.INTERNAL, attributes: agentAttributes(labels) },
        metricAttributes: groupAttributes(labels.group),
        idName: undefined,
        correlationName: attributeName.correlationId,
        counter: undefined,
        duration: undefined,
      }),
    restarted: (group) => meters.current().restarts.add(1, groupAttributes(group)),
    committed: (durationMs) => meters.current().commitSeconds.record(durationMs / 1_000),
    observeMailboxes: (observer) => meters.observeDepth(observer),
  }
}

function requestTelemetry(
  parts: TelemetryParts,
  side: 'client' | 'server',
  request: string,
  labels: AgentLabels,
): OperationTelemetry {
  const metricAttributes = requestAttributes(request)
  return new OperationTelemetry(parts, {
    // The conventions want the method alone as the name; the kind tells the two sides apart.
    spanName: request,
    spanOptions: {
      kind: side === 'client' ? SpanKind.CLIENT : SpanKind.SERVER,
      attributes: { ...metricAttributes, ...agentAttributes(labels) },
    },
    metricAttributes,
    idName: undefined,
    correlationName: attributeName.correlationId,
    counter: side === 'client' ? 'requests' : undefined,
    duration: side === 'client' ? 'requestSeconds' : 'answerSeconds',
  })
}
