import type { EpochMs, Priority } from '../time/clock.js'

/** A payload with its envelope. */
export type Message<Payload = unknown> = {
  readonly id: string
  readonly topic: string
  readonly key: string
  readonly time: EpochMs
  readonly priority: Priority
  /** The id of the agent or service that published it. */
  readonly publisher: string
  /** The same from the first message of a chain to the last. */
  readonly correlationId: string
  /** The message whose handling published this one. */
  readonly causationId?: string | undefined
  /** It is not delivered later than this. */
  readonly expiresAt?: EpochMs | undefined
  /** W3C trace context of whoever published it: in memory only, for a journal holds nothing that differs from run to run. */
  readonly traceparent?: string | undefined
  /** Its place in the journal, once a durable message has one. */
  readonly sequence?: number | undefined
  /** The only consumer group that it is for: one that was given up and requeued. */
  readonly group?: string | undefined
  /** One object for all who hear the message, and for each try: to be read, never changed. That of a durable message is frozen. */
  readonly payload: Payload
}
