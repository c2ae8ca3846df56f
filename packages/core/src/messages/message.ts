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
  readonly causationId?: string
  readonly payload: Payload
}
