import type { Ids } from '../ids/ids.js'
import type { Message } from '../messages/message.js'
import type { Topic } from '../messages/topic.js'
import type { Telemetry } from '../telemetry/telemetry.js'
import { type AdmitMessages, createAdmission } from './admission.js'
import type { Dispatcher } from './dispatcher.js'
import type { JournalWriter } from './journal-writer.js'
import { createMessageStamper, type StampMessage } from './message-stamper.js'
import type { AroundPublishing } from './middleware-chain.js'
import { refuse, unheeded } from './refusal.js'
import type { RequestRouter } from './request-router.js'
import type { Member, Subscriptions } from './subscriptions.js'
import { createTopicNotes, type TopicNotes } from './topic-notes.js'

/** Who publishes or asks, and in which chain. */
export type Origin = {
  readonly publisher: string
  readonly correlationId: string | undefined
  readonly causationId: string | undefined
  /** How what the journal holds of its messages begins, once one was published: a handler may publish a hundred. */
  journalBeginning?: string
}

/** What a publisher may say of one message beside its payload. */
export type MessageOptions = {
  /** An id of the publisher's own: a message of an id that the journal holds already is dropped. Durable topics only. */
  readonly id?: string
  /** How long from now on it may be delivered; default that of the topic. */
  readonly ttlMs?: number
}

/** A message ready to be sent; durable ones with the text that the journal will hold. */
export type OutgoingMessage = {
  readonly message: Message
  readonly journalText: string | undefined
  /** True when its id is the publisher's own: then it may be in the journal already. */
  readonly hasOwnId: boolean
  /** What the bus keeps of its topic. */
  readonly notes: TopicNotes
}

/** Carries messages from publishers to consumer groups. */
export type Bus = {
  readonly subscriptions: Subscriptions
  readonly requests: RequestRouter
  /** Validates and stamps a payload. */
  readonly prepare: StampMessage
  /** As {@link AdmitMessages}; throws `JOURNAL_FAILED` when nothing more can be written. */
  readonly admit: AdmitMessages
  /**
   * Journals the durable ones, then delivers all. In real time delivery waits for the commit where there is a durable one, or where
   * `afterCommit` says so. What is dispatched must have been admitted.
   */
  dispatch(messages: readonly OutgoingMessage[], afterCommit: boolean): void
  /** Leaves out those whose id is in the journal already. */
  withoutKnown(messages: readonly OutgoingMessage[]): Promise<readonly OutgoingMessage[]>
  /** Admits and dispatches; resolves once it is durable, if it is to be. Throws at once what {@link Bus.admit} throws. */
  send(message: OutgoingMessage): Promise<void>
  /** Prepares and sends; resolves to the message's id. Rejects with what either throws. */
  publish(topic: Topic, payload: unknown, origin: Origin, options?: MessageOptions): Promise<string>
  /** Until then messages are journalled but held back, so that what is published during the start reaches agents that start later. */
  open(): void
  /** Hands messages to their groups; for whoever knows that they are durable. */
  deliverAll(messages: readonly Message[]): void
  notesOf(topic: string): TopicNotes
  readonly counts: { published: number }
}

export type BusParts = {
  readonly dispatcher: Dispatcher
  readonly ids: Ids
  readonly writer: () => JournalWriter
  readonly subscriptions: Subscriptions
  readonly requests: RequestRouter
  readonly telemetry: Telemetry | undefined
  /** Milliseconds on a clock that never goes back; 0 where nothing is measured. */
  readonly elapsed: () => number
  /** Absent where there is no middleware around publishing. */
  readonly around: AroundPublishing | undefined
  /** Whether the journal holds an entry of this id. */
  readonly isJournalled: (id: string) => Promise<boolean>
  /** Told of a message that was refused when nobody waits to hear it. */
  readonly onUnheard: (error: unknown, topic: string, publisher: string) => void
}

export function createBus(parts: BusParts): Bus {
  const { dispatcher, ids, subscriptions, requests, telemetry, around } = parts
  const notesOf = createTopicNotes(subscriptions, telemetry)
  const counts = { published: 0 }
  let held: Message[] | undefined = []

  const deliver = (message: Message, time: number): void => {
    counts.published += 1
    if (held === undefined) subscriptions.deliver(message, time)
    // In real time durable messages are read from the journal when the agents have started.
    else if (dispatcher.virtual || message.sequence === undefined) held.push(message)
    else for (const group of subscriptions.groupsOf(message.topic)) group.skip(message)
  }

  const admit = createAdmission(() => parts.writer().assertSound())

  const dispatch = (messages: readonly OutgoingMessage[], afterCommit: boolean): void => {
    const writer = parts.writer()
    const time = parts.elapsed()
    let waits = afterCommit
    for (const { message, journalText, hasOwnId, notes } of messages) {
      if (journalText !== undefined) {
        // Another of the same id may have been sent while this one was looked up.
        if (hasOwnId && writer.hasTaken(message.id)) continue
        writer.appendMessage(message, journalText, hasOwnId)
        waits = true
        if (!dispatcher.virtual) for (const group of notes.groups) group.expect(message)
      } else if (waits && !dispatcher.virtual) writer.deliverAfterCommit(message)
      else {
        notes.publishing?.published()
        deliver(message, time)
      }
    }
    if (!dispatcher.virtual) return
    for (const { message, journalText, notes } of messages) {
      if (journalText === undefined || message.sequence === undefined) continue
      notes.publishing?.published()
      deliver(message, time)
    }
  }

  const sendNow = (outgoing: OutgoingMessage): Promise<void> => {
    const room = admit([outgoing])
    if (room !== undefined) return sendWhenRoom(outgoing, room)
    dispatch([outgoing], false)
    return outgoing.journalText === undefined || dispatcher.virtual ? done : parts.writer().flush()
  }

  const sendWhenRoom = async (outgoing: OutgoingMessage, first: Promise<Member>): Promise<void> => {
    for (let room: Promise<Member> | undefined = first; room !== undefined; ) room = admit([outgoing], await room)
    dispatch([outgoing], false)
    if (outgoing.journalText !== undefined) await parts.writer().flush()
  }

  const withoutKnown = async (messages: readonly OutgoingMessage[]): Promise<readonly OutgoingMessage[]> => {
    const fresh: OutgoingMessage[] = []
    for (const each of messages) {
      const { id } = each.message
      const isKnown = each.hasOwnId && (parts.writer().hasTaken(id) || (await parts.isJournalled(id)))
      if (!isKnown) fresh.push(each)
    }
    return fresh
  }

  const sendUnknown = async (outgoing: OutgoingMessage): Promise<void> => {
    let waited: Member | undefined
    let isSent = false
    while ((await withoutKnown([outgoing])).length > 0) {
      const room = admit([outgoing], waited)
      if (room === undefined) {
        dispatch([outgoing], false)
        isSent = true
        break
      }
      // Another of the same id may be sent meanwhile.
      waited = await room
    }
    if (!isSent && waited !== undefined) {
      waited.claimRoom()
      waited.tellRoom()
    }
    if (!dispatcher.virtual) await parts.writer().flush()
  }

  const stamp = createMessageStamper({ clock: dispatcher, ids, notesOf })

  const prepare: Bus['prepare'] =
    around === undefined
      ? stamp
      : (topic, payload, origin, options, handler) =>
          around(topic, payload, origin, options, (given) => stamp(topic, given, origin, options, handler))

  return {
    subscriptions,
    requests,
    counts,
    publish(topic, payload, origin, options) {
      try {
        const outgoing = prepare(topic, payload, origin, options)
        const { id } = outgoing.message
        const sent = outgoing.hasOwnId ? sendUnknown(outgoing) : sendNow(outgoing)
        if (sent === done) return Promise.resolve(id)
        const published: Promise<string> = sent.then(
          () => id,
          (error: unknown) => {
            // That the storage has failed is told to whoever listens to alerts.
            unheeded(published)
            throw error
          },
        )
        return published
      } catch (error) {
        return refuse(error, () => parts.onUnheard(error, topic.name, origin.publisher))
      }
    },
    prepare,
    admit,
    dispatch,
    withoutKnown,
    send: (outgoing) => (outgoing.hasOwnId ? sendUnknown(outgoing) : sendNow(outgoing)),
    open() {
      const waiting = held ?? []
      held = undefined
      for (const message of waiting) subscriptions.deliver(message, parts.elapsed())
    },
    deliverAll(messages) {
      const time = parts.elapsed()
      countPublished(messages, notesOf)
      for (const message of messages) deliver(message, time)
    },
    notesOf,
  }
}

const done: Promise<void> = Promise.resolve()

/** Counts those that follow each other on one topic at once. */
function countPublished(messages: readonly Message[], notesOf: (topic: string) => TopicNotes): void {
  for (let start = 0; start < messages.length; ) {
    const topic = messages[start]?.topic ?? ''
    let end = start + 1
    while (messages[end]?.topic === topic) end += 1
    notesOf(topic).publishing?.published(end - start)
    start = end
  }
}
