import { type Attributes, context, type Span, trace } from '@opentelemetry/api'
import type { Meters } from './instruments.js'
import { publishingAttributes } from './semantic-attributes.js'
import { inject } from './traceparent.js'

/** What is published of one topic. It has no span of its own: a message in one process is with its handlers at once. */
export class PublishingTelemetry {
  readonly #meters: Meters
  readonly #attributes: Attributes

  constructor(meters: Meters, topic: string) {
    this.#meters = meters
    this.#attributes = publishingAttributes(topic)
  }

  /** The `traceparent` for a message: of the span that is active, else of the handler that publishes; undefined outside of a trace. */
  traceparent(handler: Span | undefined): string | undefined {
    return inject(trace.getSpan(context.active()) ?? handler)
  }

  published(messages = 1): void {
    this.#meters.current().published.add(messages, this.#attributes)
  }
}
