import { canonicalJson, inCanonicalOrder, notOrderable, quoteJson } from '../encoding/canonical-json.js'
import { messageOf, SwarmError } from '../errors/swarm-error.js'
import type { Message } from '../messages/message.js'

/** What the journal holds of a message beside its id and time: canonical JSON. Throws `NOT_CANONICAL`, naming the topic. */
export function journalTextOf(message: Message): string {
  try {
    const payload = message.payload === undefined ? undefined : inCanonicalOrder(message.payload)
    return payload === notOrderable ? writtenByParts(message) : JSON.stringify(new Envelope(message, payload))
  } catch (error) {
    throw notCanonical(message.topic, error)
  }
}

/**
 * The fields in the order of canonical JSON, so that the platform writes the text in one go: one that is put together waits for its commit
 * in ten pieces, each an object to the collector.
 */
class Envelope {
  readonly causationId: string | undefined
  readonly correlationId: string
  readonly expiresAt: number | undefined
  readonly group: string | undefined
  readonly key: string
  readonly payload: unknown
  readonly publisher: string
  readonly topic: string

  constructor(message: Message, payload: unknown) {
    this.causationId = message.causationId
    this.correlationId = message.correlationId
    this.expiresAt = message.expiresAt
    this.group = message.group
    this.key = message.key
    this.payload = payload
    this.publisher = message.publisher
    this.topic = message.topic
  }
}

/** For a payload in which some object cannot have its keys in the order of canonical JSON. */
function writtenByParts(message: Message): string {
  const { causationId, correlationId, expiresAt, group, key, payload, publisher, topic } = message
  const cause = causationId === undefined ? '' : `"causationId":${quoteJson(causationId)},`
  const expiry = expiresAt === undefined ? '' : `"expiresAt":${expiresAt},`
  const target = group === undefined ? '' : `"group":${quoteJson(group)},`
  const before = `{${cause}"correlationId":${quoteJson(correlationId)},${expiry}${target}"key":${quoteJson(key)}`
  return `${before},"payload":${canonicalJson(payload)},"publisher":${quoteJson(publisher)},"topic":${quoteJson(topic)}}`
}

function notCanonical(topic: string, error: unknown): SwarmError {
  return new SwarmError({
    code: 'NOT_CANONICAL',
    message: `topic ${topic}: ${messageOf(error)}`,
    cause: error,
    context: { topic },
  })
}
