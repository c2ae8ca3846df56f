import type { Span } from '@opentelemetry/api'
import { SwarmError } from '../errors/swarm-error.js'
import type { Ids } from '../ids/ids.js'
import { PayloadParser } from '../messages/payload-parser.js'
import type { Topic } from '../messages/topic.js'
import { freezeJson } from '../state/plain-json.js'
import type { Clock } from '../time/clock.js'
import type { MessageOptions, Origin, OutgoingMessage } from './bus.js'
import { beginningFor, endingFor, journalTextOf } from './journal-text.js'
import { Outgoing, StampedMessage } from './outgoing-message.js'
import type { TopicNotes } from './topic-notes.js'

/**
 * Makes a message of a payload: validated, with its envelope, and with what the journal will hold of it where it is durable. Throws
 * `INVALID_PAYLOAD`, naming topic and field, `INVALID_KEY`, `NOT_CANONICAL` or `INVALID_OPTION`.
 */
export type StampMessage = (
  topic: Topic,
  payload: unknown,
  origin: Origin,
  options?: MessageOptions,
  handler?: Span,
) => OutgoingMessage

export type MessageStamperParts = {
  readonly clock: Clock
  readonly ids: Ids
  readonly notesOf: (topic: string) => TopicNotes
}

export function createMessageStamper({ clock, ids, notesOf }: MessageStamperParts): StampMessage {
  return (topic, payload, origin, options, handler) => {
    const notes = notesOf(topic.name)
    const durable = topic.delivery === 'durable'
    const parser = parserOf(topic, notes)
    const parsed = parser.parse(payload, topic.place)
    if (parser.isFlat) Object.freeze(parsed)
    const id = options?.id ?? ids.next('message')
    const ttlMs = options?.ttlMs ?? topic.ttlMs
    const time = clock.now()
    const message = new StampedMessage(
      id,
      topic,
      keyOf(topic, parsed),
      time,
      origin,
      ttlMs === undefined ? undefined : expiryOf(topic, time, ttlMs),
      notes.publishing?.traceparent(handler),
      parsed,
    )
    if (options?.id !== undefined) assertOwnId(topic, options.id)
    if (!durable) return new Outgoing(message, undefined, options?.id !== undefined, notes)
    const text = journalTextOf(message, beginningFor(origin, message), endingFor(notes, message), parser.isFlat)
    // What is tried again, given up and heard by others is what was published and journalled, whatever a handler does to it.
    if (!parser.isFlat) freezeJson(parsed)
    return new Outgoing(message, text, options?.id !== undefined, notes)
  }
}

/** Payloads of durable topics come with their keys in the order of the journal. */
function parserOf(topic: Topic, notes: TopicNotes): PayloadParser {
  if (notes.parser?.schema !== topic.schema)
    notes.parser = new PayloadParser(topic.schema, { inKeyOrder: topic.delivery === 'durable' })
  return notes.parser
}

/** Without a key that is a text, messages would share a lane, or a document, that is nobody's. */
function keyOf(topic: Topic, payload: unknown): string {
  const key: unknown = topic.key(payload)
  if (typeof key === 'string') return key
  throw new SwarmError({
    code: 'INVALID_KEY',
    message: `topic ${topic.name}: its key function made ${key === null ? 'null' : `a value of type ${typeof key}`} of the payload; it must return a string`,
    context: { topic: topic.name },
  })
}

function expiryOf(topic: Topic, time: number, ttlMs: number): number {
  if (ttlMs > 0 && Number.isFinite(ttlMs)) return time + ttlMs
  throw new SwarmError({
    code: 'INVALID_OPTION',
    message: `topic ${topic.name}: ttlMs is ${ttlMs}; it must be a positive number of milliseconds`,
  })
}

function assertOwnId(topic: Topic, id: string): void {
  const fault =
    topic.delivery !== 'durable'
      ? 'ids of one’s own are for durable topics: nothing remembers what was ephemeral'
      : !/^[\w.:-]{1,200}$/.test(id)
        ? `id "${id.slice(0, 40)}" must be 1 to 200 letters, digits or . : _ -`
        : undefined
  if (fault !== undefined)
    throw new SwarmError({ code: 'INVALID_OPTION', message: `topic ${topic.name}: ${fault}`, context: { id } })
}
