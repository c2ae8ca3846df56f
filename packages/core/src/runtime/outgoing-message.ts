import type { Message } from '../messages/message.js'
import type { Topic } from '../messages/topic.js'
import type { Origin, OutgoingMessage } from './bus.js'
import type { TopicNotes } from './topic-notes.js'

/**
 * Of classes, not literals: V8 counts how many objects of a literal survive, and makes all of a literal in the old space once
 * many did, as they do in a burst. From then on each message would live until the next full collection, a third of the time gone.
 */
export class StampedMessage implements Message {
  readonly id: string
  readonly topic: string
  readonly key: string
  readonly time: number
  readonly priority: Topic['priority']
  readonly publisher: string
  readonly correlationId: string
  readonly causationId: string | undefined
  readonly expiresAt: number | undefined
  readonly traceparent: string | undefined
  sequence: number | undefined
  readonly group: string | undefined
  readonly payload: unknown

  constructor(
    id: string,
    topic: Topic,
    key: string,
    time: number,
    origin: Origin,
    expiresAt: number | undefined,
    traceparent: string | undefined,
    payload: unknown,
  ) {
    this.id = id
    this.topic = topic.name
    this.key = key
    this.time = time
    this.priority = topic.priority
    this.publisher = origin.publisher
    this.correlationId = origin.correlationId || id
    this.causationId = origin.causationId
    this.expiresAt = expiresAt
    this.traceparent = traceparent
    this.sequence = undefined
    this.group = undefined
    this.payload = payload
  }
}

/** With what the journal will hold of it. */
export class Outgoing implements OutgoingMessage {
  readonly message: Message
  readonly journalText: string | undefined
  readonly hasOwnId: boolean
  readonly notes: TopicNotes

  constructor(message: Message, journalText: string | undefined, hasOwnId: boolean, notes: TopicNotes) {
    this.message = message
    this.journalText = journalText
    this.hasOwnId = hasOwnId
    this.notes = notes
  }
}
