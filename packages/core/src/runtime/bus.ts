import type { Span } from '@opentelemetry/api'
import { SwarmError } from '../errors/swarm-error.js'
import type { Ids } from '../ids/ids.js'
import type { Message } from '../messages/message.js'
import { PayloadParser } from '../messages/payload-parser.js'
import type { Topic } from '../messages/topic.js'
import { freezeJson } from '../state/plain-json.js'
import type { PublishingTelemetry } from '../telemetry/publishing-telemetry.js'
import type { Telemetry } from '../telemetry/telemetry.js'
import type { Dispatcher } from './dispatcher.js'
import { beginningFor, endingFor, journalTextOf } from './journal-text.js'
import type { JournalWriter } from './journal-writer.js'
import type { AroundPublishing } from './middleware-chain.js'
import { Outgoing, StampedMessage } from './outgoing-message.js'
import { refuse, unheeded } from './refusal.js'
import type { RequestRouter } from './request-router.js'
import type { Group, Member, Subscriptions } from './subscriptions.js'

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

/** What the bus keeps of each topic that was published, looked up once for each message. */
export type TopicNotes = {
  readonly publishing: PublishingTelemetry | undefined
  /** Of the topic that was published last under the name. */
  parser: PayloadParser | undefined
  /** How what the journal holds of the messages of the publisher that was the last ends. */
  ending: { readonly publisher: string; readonly text: string } | undefined
  /** Those who hear it, as they are at the moment. */
  readonly groups: readonly Group[]
}

/** Carries messages from publishers to consumer groups. */
export type Bus = {
  readonly subscriptions: Subscriptions
  readonly requests: RequestRouter
  /** Validates and stamps a payload. Throws `INVALID_PAYLOAD`, naming topic and field, `INVALID_KEY`, `NOT_CANONICAL` or `INVALID_OPTION`. */
  prepare(topic: Topic, payload: unknown, origin: Origin, options?: MessageOptions, handler?: Span): OutgoingMessage
  /**
   * Returns a promise when a recipient has to make room first: what it resolves to is given with the next attempt. Throws `MAILBOX_FULL` when
   * one has no room, `JOURNAL_FAILED` when nothing more can be written.
   */
  admit(messages: readonly OutgoingMessage[], waited?: Member): Promise<Member> | undefined
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
  const notes = new Map<string, TopicNotes>()
  const counts = { published: 0 }
  let held: Message[] | undefined = []

  const notesOf = (name: string): TopicNotes => {
    let known = notes.get(name)
    if (known === undefined) {
      known = {
        publishing: telemetry?.publishing(name),
        parser: undefined,
        ending: undefined,
        groups: subscriptions.groupsOf(name),
      }
      notes.set(name, known)
    }
    return known
  }

  const deliver = (message: Message, publishing: PublishingTelemetry | undefined, time: number): void => {
    counts.published += 1
    publishing?.published()
    if (held === undefined) subscriptions.deliver(message, time)
    // In real time durable messages are read from the journal when the agents have started.
    else if (dispatcher.virtual || message.sequence === undefined) held.push(message)
    else for (const group of subscriptions.groupsOf(message.topic)) group.skip(message)
  }

  /** The member without room that the last admission met. */
  let blocking: Member | undefined

  const admit: Bus['admit'] = (messages, waited) => {
    parts.writer().assertSound()
    waited?.claimRoom()
    const only = messages.length === 1 ? messages[0] : undefined
    try {
      const room = only === undefined ? admitAll(messages) : admitOne(only, undefined)
      // It waits for another now, so that what it waited for before is the next one's.
      if (room !== undefined && blocking !== waited) waited?.tellRoom()
      return room
    } catch (error) {
      waited?.tellRoom()
      throw error
    }
  }

  const admitAll = (messages: readonly OutgoingMessage[]): Promise<Member> | undefined => {
    const touched: Member[] = []
    try {
      for (const outgoing of messages) {
        const room = admitOne(outgoing, touched)
        if (room !== undefined) return room
      }
      return undefined
    } finally {
      for (const member of touched) member.admitted = 0
    }
  }

  const admitOne = (
    { message, notes }: OutgoingMessage,
    touched: Member[] | undefined,
  ): Promise<Member> | undefined => {
    for (const group of notes.groups) {
      if (message.group !== undefined && message.group !== group.name) continue
      const member = group.memberFor(message.key)
      if (member === undefined) continue
      const own = member.admitted
      const more = own + group.held + member.expected
      const refusal = member.refusal(message, more)
      if (refusal !== undefined) throw refusal
      // An agent does not wait for itself.
      if (!member.hasRoom(more, own) && message.publisher !== member.instance) {
        blocking = member
        return member.waitForRoom()
      }
      if (touched === undefined) continue
      if (member.admitted === 0) touched.push(member)
      member.admitted += 1
    }
    return undefined
  }

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
      else deliver(message, notes.publishing, time)
    }
    if (!dispatcher.virtual) return
    for (const { message, journalText, notes } of messages)
      if (journalText !== undefined && message.sequence !== undefined) deliver(message, notes.publishing, time)
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

  const stamp: Bus['prepare'] = (topic, payload, origin, options, handler) => {
    const topicNotes = notesOf(topic.name)
    const parsed = payloadOf(topic, payload, topicNotes)
    const id = options?.id ?? ids.next('message')
    const ttlMs = options?.ttlMs ?? topic.ttlMs
    const time = dispatcher.now()
    const message = new StampedMessage(
      id,
      topic,
      keyOf(topic, parsed),
      time,
      origin,
      ttlMs === undefined ? undefined : expiryOf(topic, time, ttlMs),
      topicNotes.publishing?.traceparent(handler),
      parsed,
    )
    const durable = topic.delivery === 'durable'
    if (options?.id !== undefined) assertOwnId(topic, options.id)
    const journalText = durable
      ? journalTextOf(message, beginningFor(origin, message), endingFor(topicNotes, message))
      : undefined
    // What is tried again, given up and heard by others is what was published and journalled, whatever a handler does to it.
    if (durable) freezeJson(parsed)
    return new Outgoing(message, journalText, options?.id !== undefined, topicNotes)
  }

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
      for (const message of messages) deliver(message, notesOf(message.topic).publishing, time)
    },
    notesOf,
  }
}

const done: Promise<void> = Promise.resolve()

/** The payload of a message, parsed; that of a durable one with its keys in the order of the journal. Throws `INVALID_PAYLOAD`. */
function payloadOf(topic: Topic, payload: unknown, notes: TopicNotes): unknown {
  if (notes.parser?.schema !== topic.schema)
    notes.parser = new PayloadParser(topic.schema, { inKeyOrder: topic.delivery === 'durable' })
  return notes.parser.parse(payload, topic.place)
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
