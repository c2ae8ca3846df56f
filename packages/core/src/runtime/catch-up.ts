import { z } from 'zod'
import { messageOf, SwarmError } from '../errors/swarm-error.js'
import type { Message } from '../messages/message.js'
import type { Topic } from '../messages/topic.js'
import { freezeJson } from '../state/plain-json.js'
import type { Journal, JournalEntry } from '../storage/journal.js'
import type { Dispatcher } from './dispatcher.js'
import type { JournalWriter } from './journal-writer.js'
import type { Group, Subscriptions } from './subscriptions.js'

export type CatchUpOptions = {
  readonly journal: Pick<Journal, 'read'>
  readonly writer: Pick<JournalWriter, 'durableSequence'>
  readonly subscriptions: Subscriptions
  readonly dispatcher: Dispatcher
  /** A topic that somebody has declared or hears. */
  readonly topicOf: (name: string) => Topic | undefined
  /** Called when the journal cannot be read. */
  readonly onFailure: (error: unknown) => void
}

/** How long to wait before looking again whether a full mailbox has room. */
const roomPollMs = 5

/**
 * Lets each consumer group that lags (after a restart, after its agent was stopped, or sent back by an operator) read from the journal what it
 * has not handled, in order, until it has caught up with what is published now. Returns what starts it; groups that lag already go on. Where the
 * journal cannot be read, a group stays where it is until it is started again.
 */
export function createCatchUp(options: CatchUpOptions): () => void {
  const reading = new Set<Group>()
  let isClosed = false

  const readOn = async (group: Group): Promise<void> => {
    reading.add(group)
    try {
      for (;;) {
        const { consumer } = group
        if (consumer === undefined || group.size === 0 || isClosed) return
        const end = options.writer.durableSequence()
        // What is published from here on reaches the group at once: between this look and the flag nothing can happen.
        if (consumer.position >= end) {
          consumer.live = true
          return
        }
        await readUpTo(options, group, end)
      }
    } catch (error) {
      if (SwarmError.isInstance(error, 'STORAGE_CLOSED')) isClosed = true
      else options.onFailure(error)
    } finally {
      reading.delete(group)
    }
  }

  return () => {
    for (const group of options.subscriptions.all()) {
      if (group.consumer === undefined || group.consumer.live || group.size === 0 || reading.has(group)) continue
      void readOn(group)
    }
  }
}

async function readUpTo(options: CatchUpOptions, group: Group, end: number): Promise<void> {
  const { journal, subscriptions } = options
  const { consumer } = group
  if (consumer === undefined) return
  const { generation } = consumer
  const isOver = (): boolean => group.size === 0 || consumer.generation !== generation
  for await (const entry of journal.read({ from: consumer.position + 1, to: end, kinds: ['message'] })) {
    if (isOver()) return
    const message = readMessage(entry, options.topicOf)
    const isForGroup = subscriptions.groupsOf(message.topic).includes(group)
    if (isForGroup && (message.group === undefined || message.group === group.name)) {
      await waitForRoom(options.dispatcher, group, message, isOver)
      if (isOver()) return
      group.catchUp(message, 0)
    } else consumer.skipTo(entry.sequence)
  }
  if (!isOver()) consumer.skipTo(end)
}

async function waitForRoom(
  dispatcher: Dispatcher,
  group: Group,
  message: Message,
  isOver: () => boolean,
): Promise<void> {
  while (!isOver()) {
    const member = group.memberFor(message.key)
    if (member === undefined) return
    if (member.refusal(message, 0) === undefined && member.hasRoom(0, 0)) return
    await new Promise<void>((resolve) => void dispatcher.at(dispatcher.now() + roomPollMs, resolve))
  }
}

const envelope = z.object({
  topic: z.string(),
  key: z.string(),
  publisher: z.string(),
  correlationId: z.string(),
  causationId: z.string().optional(),
  expiresAt: z.number().optional(),
  group: z.string().optional(),
  payload: z.unknown(),
})

/** The message that a journal entry holds. Throws `JOURNAL_UNREADABLE`. */
function readMessage(entry: JournalEntry, topicOf: (name: string) => Topic | undefined): Message {
  try {
    const { causationId, expiresAt, group, ...rest } = envelope.parse(JSON.parse(entry.text))
    freezeJson(rest.payload)
    return {
      id: entry.id,
      time: entry.time,
      priority: topicOf(rest.topic)?.priority ?? 'normal',
      causationId,
      expiresAt,
      traceparent: undefined,
      sequence: entry.sequence,
      group,
      ...rest,
    }
  } catch (error) {
    throw new SwarmError({
      code: 'JOURNAL_UNREADABLE',
      message: `entry ${entry.sequence} ("${entry.id}") of the journal is no message: ${messageOf(error)}`,
      cause: error,
      context: { sequence: entry.sequence },
    })
  }
}
