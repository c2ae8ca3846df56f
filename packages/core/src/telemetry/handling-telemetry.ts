import { type Attributes, SpanKind } from '@opentelemetry/api'
import { OperationTelemetry, type TelemetryParts } from './operation-telemetry.js'
import { type AgentLabels, agentAttributes, attributeName, handlingAttributes } from './semantic-attributes.js'

/** What one agent does with the messages of one topic. */
export class HandlingTelemetry extends OperationTelemetry {
  readonly #attributes: Attributes

  constructor(parts: TelemetryParts, topic: string, labels: AgentLabels) {
    const metricAttributes = handlingAttributes(topic, labels.group)
    super(parts, {
      spanName: `process ${topic}`,
      spanOptions: {
        kind: SpanKind.CONSUMER,
        attributes: { ...metricAttributes, 'messaging.operation.type': 'process', ...agentAttributes(labels) },
      },
      metricAttributes,
      idName: attributeName.messageId,
      correlationName: attributeName.conversationId,
      counter: 'consumed',
      duration: 'handlerSeconds',
    })
    this.#attributes = metricAttributes
  }

  /** How long a message waited in the mailbox. To be called once its handling has started, before that ends. */
  waited(waitMs: number): void {
    ;(this.instruments ?? this.parts.meters.current()).waitSeconds.record(waitMs / 1_000, this.#attributes)
  }

  deadLettered(): void {
    this.parts.meters.current().deadLettered.add(1, this.#attributes)
  }

  /** Its time was over before it was handled. */
  expired(): void {
    this.parts.meters.current().expired.add(1, this.#attributes)
  }

  /** A full mailbox let it go. */
  dropped(): void {
    this.parts.meters.current().dropped.add(1, this.#attributes)
  }
}
