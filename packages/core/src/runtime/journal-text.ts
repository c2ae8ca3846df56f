import { canonicalJson, inCanonicalOrder, notOrderable, quoteJson } from '../encoding/canonical-json.js'
import { messageOf, SwarmError } from '../errors/swarm-error.js'
import type { Message } from '../messages/message.js'
import type { Origin } from './bus.js'
import type { TopicNotes } from './topic-notes.js'

/**
 * What the journal holds of a message beside its id and time: canonical JSON. It is put together from its parts, for the names of the envelope
 * stand in their order already, and `beginning` and `ending` are the same for many; `isCanonical` says that the payload is known to be
 * canonical as it is. Throws `NOT_CANONICAL`, naming the topic.
 */
export function journalTextOf(
  message: Message,
  beginning = beginningOf(message),
  ending = endingOf(message),
  isCanonical = message.payload === undefined,
): string {
  const { key, payload, topic } = message
  try {
    const content = isCanonical ? payload : inCanonicalOrder(payload)
    const body = content === notOrderable ? canonicalJson(payload) : JSON.stringify(content)
    // A text of few parts is best left as it is: it is copied into that of its block in any case.
    return body === undefined
      ? `${beginning}${quoteJson(key)}${ending}`
      : `${beginning}${quoteJson(key)},"payload":${body}${ending}`
  } catch (error) {
    throw new SwarmError({
      code: 'NOT_CANONICAL',
      message: `topic ${topic}: ${messageOf(error)}`,
      cause: error,
      context: { topic },
    })
  }
}

/** How the text begins, kept with the origin where its messages have that in common: one that starts a chain has its own id for correlation. */
export function beginningFor(origin: Origin, message: Message): string {
  if (!origin.correlationId || message.expiresAt !== undefined) return beginningOf(message)
  origin.journalBeginning ??= inOnePiece(beginningOf(message))
  return origin.journalBeginning
}

/** How the text ends, kept with the topic: the next publisher is most likely the same. */
export function endingFor(notes: TopicNotes, message: Message): string {
  if (notes.ending?.publisher !== message.publisher)
    notes.ending = { publisher: message.publisher, text: inOnePiece(endingOf(message)) }
  return notes.ending.text
}

function beginningOf({ causationId, correlationId, expiresAt, group }: Message): string {
  const cause = causationId === undefined ? '' : `"causationId":${quoteJson(causationId)},`
  const expiry = expiresAt === undefined ? '' : `"expiresAt":${expiresAt},`
  const target = group === undefined ? '' : `"group":${quoteJson(group)},`
  return `{${cause}"correlationId":${quoteJson(correlationId)},${expiry}${target}"key":`
}

function endingOf({ publisher, topic }: Message): string {
  return `,"publisher":${quoteJson(publisher)},"topic":${quoteJson(topic)}}`
}

/** Has the engine join the parts of a text that many others will contain, so that they are copied as one. */
function inOnePiece(text: string): string {
  return text.charCodeAt(text.length - 1) === 0 ? '' : text
}
