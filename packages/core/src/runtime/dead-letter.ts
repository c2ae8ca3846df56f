import { z } from 'zod'
import { messageOf, SwarmError } from '../errors/swarm-error.js'
import type { Message } from '../messages/message.js'
import type { QueryRecord } from '../storage/query-store.js'

/** The collection that holds them. */
export const deadLetters = 'dead-letters'

/** A message that an agent could not handle after all its tries. */
export type DeadLetter = {
  readonly id: string
  /** The agent that gave it up, and the consumer group for which it did. */
  readonly agent: string
  readonly group: string
  readonly topic: string
  readonly time: number
  readonly message: Message
  /** What the last try ended in. */
  readonly error: string
  /** `requeued` and `discarded` tell what an operator did about it. */
  readonly status: 'dead' | 'requeued' | 'discarded'
}

/** The record of a message that was given up. */
export function deadLetterOf(
  message: Message,
  { agent, group, error }: { readonly agent: string; readonly group: string; readonly error: unknown },
): QueryRecord {
  return recordOf({
    id: letterId(message, agent, group),
    agent,
    group,
    topic: message.topic,
    time: message.time,
    message,
    error: messageOf(error),
    status: 'dead',
  })
}

/** Names the subscription too where it is not the agent's first to the topic by its name: each of them may give a message up. */
function letterId({ id, topic }: Message, agent: string, group: string): string {
  const [heard, owner = ''] = group.split(' ')
  const [, number] = owner.split('#')
  const isFirst = heard === topic && number === undefined
  return isFirst ? `${id} ${agent}` : `${id} ${agent} ${heard}${number === undefined ? '' : `#${number}`}`
}

/** The record of a dead letter, as it stands now. */
export function recordOf({ id, agent, group, topic, time, message, error, status }: DeadLetter): QueryRecord {
  // Without the trace: it is random, and over.
  const { traceparent: _traceparent, ...kept } = message
  return { id, time, tags: { agent, topic, status }, text: JSON.stringify({ message: kept, error, group }) }
}

const text = z.object({
  message: z.object({
    id: z.string(),
    topic: z.string(),
    key: z.string(),
    time: z.number(),
    priority: z.enum(['critical', 'high', 'normal', 'low']),
    publisher: z.string(),
    correlationId: z.string(),
    causationId: z.string().optional(),
    expiresAt: z.number().optional(),
    sequence: z.number().optional(),
    group: z.string().optional(),
    payload: z.unknown(),
  }),
  error: z.string(),
  group: z.string().default(''),
})

/** Reads a dead letter back. Throws `DEAD_LETTER_UNREADABLE`. */
export function parseDeadLetter({ id, time, tags, text: json }: QueryRecord): DeadLetter {
  try {
    const { message, error, group } = text.parse(JSON.parse(json))
    const status = tags['status'] === 'requeued' || tags['status'] === 'discarded' ? tags['status'] : 'dead'
    return {
      id,
      time,
      agent: tags['agent'] ?? '',
      topic: tags['topic'] ?? message.topic,
      group,
      message,
      error,
      status,
    }
  } catch (error) {
    throw new SwarmError({
      code: 'DEAD_LETTER_UNREADABLE',
      message: `record "${id}" of ${deadLetters} is no dead letter: ${messageOf(error)}`,
      cause: error,
      context: { id },
    })
  }
}
