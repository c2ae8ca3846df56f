import {
  type Attributes,
  type Context,
  type Counter,
  context,
  type Histogram,
  ROOT_CONTEXT,
  type Span,
  type SpanOptions,
  type Tracer,
  trace,
} from '@opentelemetry/api'
import { errorTypeOf, otherError, type RedactText, recordFailure } from './failure.js'
import type { Instruments, Meters } from './instruments.js'
import { attributeName } from './semantic-attributes.js'
import { extract, isTraced } from './traceparent.js'

/** What all operations of a swarm share. */
export type TelemetryParts = { readonly tracer: Tracer; readonly meters: Meters; readonly redactText: RedactText }

/** One thing that is done over and over: made once, so that its attributes are. */
export type OperationShape = {
  readonly spanName: string
  readonly spanOptions: SpanOptions
  readonly metricAttributes: Attributes
  /** The attributes that hold a message's id and correlation id. */
  readonly idName: string | undefined
  readonly correlationName: string
  readonly counter: 'consumed' | 'requests' | undefined
  readonly duration: 'handlerSeconds' | 'requestSeconds' | 'answerSeconds' | undefined
}

/** The ids that a recorded span carries. */
export type TracedIds = { readonly id?: string | undefined; readonly correlationId: string }

/** An operation names no more kinds of error than this; the others are `_OTHER`. */
const maximumErrorTypes = 32

/** Spans and metrics of one operation: `start`, then `run`, then `succeeded` or `failed`, once each. Nothing here throws but what `run` runs. */
export class OperationTelemetry {
  protected readonly parts: TelemetryParts
  readonly #shape: OperationShape
  #failureAttributes: Map<string, Attributes> | undefined
  /** Those that there were when the last operation started: asked for once for each. */
  protected instruments: Instruments | undefined
  #counter: Counter | undefined
  #duration: Histogram | undefined

  constructor(parts: TelemetryParts, shape: OperationShape) {
    this.parts = parts
    this.#shape = shape
  }

  /** Starts a span under the one that the `traceparent` of a message or request names; without one, or with an invalid one, the first of a trace. */
  start(traceparent: string | undefined, ids?: TracedIds): Span {
    // Never under what happens to be active: that is whoever woke the mailbox.
    const parent = traceparent === undefined ? undefined : extract(traceparent)
    return this.#start(parent === undefined ? ROOT_CONTEXT : trace.setSpanContext(ROOT_CONTEXT, parent), ids)
  }

  /** Starts a span under the one that is active, such as one of the caller's own, else under that of the handler it is called from. */
  startWithin(handler: Span | undefined, ids?: TracedIds): Span {
    const active = context.active()
    const inHandler = handler !== undefined && trace.getSpan(active) === undefined && isTraced(handler)
    return this.#start(inHandler ? trace.setSpan(active, handler) : active, ids)
  }

  /** Calls with the span active, so that what is started within knows its parent. Without an SDK it only calls. */
  run<First, Second, Result>(
    span: Span,
    call: (first: First, second: Second) => Result,
    first: First,
    second: Second,
  ): Result {
    if (!isTraced(span)) return call(first, second)
    return context.with(trace.setSpan(ROOT_CONTEXT, span), call, undefined, first, second)
  }

  /** Ends the span and counts. */
  succeeded(span: Span, durationMs: number): void {
    const { metricAttributes } = this.#shape
    this.#counter?.add(1, metricAttributes)
    this.#duration?.record(durationMs / 1_000, metricAttributes)
    span.end()
  }

  /** Ends the span as failed, with the error without its secrets, and counts by the kind of error. */
  failed(span: Span, durationMs: number, error: unknown): void {
    const errorType = errorTypeOf(error)
    const attributes = this.#attributesOfFailure(errorType)
    this.#counter?.add(1, attributes)
    this.#duration?.record(durationMs / 1_000, attributes)
    if (span.isRecording()) recordFailure(span, error, errorType, this.parts.redactText)
    span.end()
  }

  #start(parent: Context, ids: TracedIds | undefined): Span {
    this.#bind()
    const { spanName, spanOptions, idName, correlationName } = this.#shape
    const span = this.parts.tracer.startSpan(spanName, spanOptions, parent)
    if (ids !== undefined && span.isRecording()) {
      if (idName !== undefined && ids.id !== undefined) span.setAttribute(idName, ids.id)
      span.setAttribute(correlationName, ids.correlationId)
    }
    return span
  }

  #bind(): void {
    const instruments = this.parts.meters.current()
    if (instruments === this.instruments) return
    const { counter, duration } = this.#shape
    this.instruments = instruments
    this.#counter = counter && instruments[counter]
    this.#duration = duration && instruments[duration]
  }

  #attributesOfFailure(errorType: string): Attributes {
    // Made at the first failure: most of ten thousand agents never see one.
    this.#failureAttributes ??= new Map()
    const known = this.#failureAttributes.get(errorType)
    if (known !== undefined) return known
    const type = this.#failureAttributes.size < maximumErrorTypes ? errorType : otherError
    const attributes = { ...this.#shape.metricAttributes, [attributeName.errorType]: type }
    if (type === errorType) this.#failureAttributes.set(errorType, attributes)
    return attributes
  }
}
