import type { Span } from '@opentelemetry/api'
import { canonicalJson, createCanonicalCopier, notOrderable } from '../encoding/canonical-json.js'
import { messageOf, SwarmError } from '../errors/swarm-error.js'
import type { Ids } from '../ids/ids.js'
import type { Message } from '../messages/message.js'
import type { Topic } from '../messages/topic.js'
import { validate } from '../messages/validate.js'
import type { PublishingTelemetry } from '../telemetry/publishing-telemetry.js'
import type { Telemetry } from '../telemetry/telemetry.js'
import type { Dispatcher } from './dispatcher.js'
import type { JournalWriter } from './journal-writer.js'
import type { AroundPublishing } from './middleware-chain.js'
import type { RequestRouter } from './request-router.js'
import type { Subscriptions } from './subscriptions.js'

/** Who publishes or asks, and in which chain. */
export type Origin = {
  readonly publisher: string
  readonly correlationId: string | undefined
  readonly causationId: string | undefined
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
}

/** Carries messages from publishers to consumer groups. */
export type Bus = {
  readonly subscriptions: Subscriptions
  readonly requests: RequestRouter
  /** Validates and stamps a payload. Throws `INVALID_PAYLOAD`, naming topic and field, `NOT_CANONICAL` or `INVALID_OPTION`. */
  prepare(topic: Topic, payload: unknown, origin: Origin, options?: MessageOptions, handler?: Span): OutgoingMessage
  /** Returns a promise when a recipient has to make room first. Throws `MAILBOX_FULL` when one has no room, `JOURNAL_FAILED` when nothing more can be written. */
  admit(messages: readonly OutgoingMessage[]): Promise<void> | undefined
  /**
   * Journals the durable ones, then delivers all. In real time delivery waits for the commit where there is a durable one, or where
   * `afterCommit` says so. What is dispatched must have been admitted.
   */
  dispatch(messages: readonly OutgoingMessage[], afterCommit: boolean): void
  /** Leaves out those whose id is in the journal already. */
  withoutKnown(messages: readonly OutgoingMessage[]): Promise<readonly OutgoingMessage[]>
  /** Admits and dispatches; resolves once it is durable, if it is to be. */
  send(message: OutgoingMessage): Promise<void>
  /** Until then messages are journalled but held back, so that what is published during the start reaches agents that start later. */
  open(): void
  /** Hands a message to its groups; for whoever knows that it is durable. */
  deliver(message: Message): void
  readonly counts: { published: number }
}

export type BusParts = {
  readonly dispatcher: Dispatcher
  readonly ids: Ids
  readonly writer: () => JournalWriter
  readonly subscriptions: Subscriptions
  readonly requests: RequestRouter
  readonly telemetry: Telemetry | undefined
  /** Absent where there is no middleware around publishing. */
  readonly around: AroundPublishing | undefined
  /** Whether the journal holds an entry of this id. */
  readonly isJournalled: (id: string) => Promise<boolean>
}

export function createBus(parts: BusParts): Bus {
  const { dispatcher, ids, subscriptions, requests, telemetry, around } = parts
  const notes = new Map<string, TopicNotes>()
  const counts = { published: 0 }
  let held: Message[] | undefined = []

  const notesOf = (topic: Topic): TopicNotes => {
    let known = notes.get(topic.name)
    if (known === undefined) {
      known = { publishing: telemetry?.publishing(topic.name), copy: createCanonicalCopier() }
      notes.set(topic.name, known)
    }
    return known
  }

  const deliver = (message: Message): void => {
    counts.published += 1
    notes.get(message.topic)?.publishing?.published()
    if (held === undefined) subscriptions.deliver(message)
    // In real time durable messages are read from the journal when the agents have started.
    else if (dispatcher.virtual || message.sequence === undefined) held.push(message)
    else for (const group of subscriptions.groupsOf(message.topic)) group.skip(message)
  }

  const admit = (messages: readonly OutgoingMessage[]): Promise<void> | undefined => {
    parts.writer().assertSound()
    const added = messages.length > 1 ? new Map<string, number>() : undefined
    for (const { message } of messages) {
      for (const group of subscriptions.groupsOf(message.topic)) {
        if (message.group !== undefined && message.group !== group.name) continue
        const member = group.memberFor(message.key)
        if (member === undefined) continue
        const own = added?.get(member.instance) ?? 0
        const more = own + group.held + member.expected
        const refusal = member.refusal(message, more)
        if (refusal !== undefined) throw refusal
        const room = member.room(more, own)
        // A handler that waited for room with its own agent would wait for itself.
        if (room !== undefined && message.publisher !== member.instance) return room.then(() => admit(messages))
        added?.set(member.instance, own + 1)
      }
    }
    return undefined
  }

  const dispatch = (messages: readonly OutgoingMessage[], afterCommit: boolean): void => {
    const writer = parts.writer()
    let waits = afterCommit
    for (const { message, journalText, hasOwnId } of messages) {
      if (journalText !== undefined) {
        // Another of the same id may have been sent while this one was looked up.
        if (hasOwnId && writer.hasTaken(message.id)) continue
        writer.appendMessage(message, journalText, hasOwnId)
        waits = true
        if (!dispatcher.virtual) for (const group of subscriptions.groupsOf(message.topic)) group.expect(message)
      } else if (waits && !dispatcher.virtual) writer.deliverAfterCommit(message)
      else deliver(message)
    }
    if (!dispatcher.virtual) return
    for (const { message, journalText } of messages)
      if (journalText !== undefined && message.sequence !== undefined) deliver(message)
  }

  const sendNow = (outgoing: OutgoingMessage): Promise<void> => {
    const waiting = admit([outgoing])
    if (waiting !== undefined) return waiting.then(() => sendNow(outgoing))
    dispatch([outgoing], false)
    return outgoing.journalText === undefined || dispatcher.virtual ? done : parts.writer().flush()
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
    while ((await withoutKnown([outgoing])).length > 0) {
      const waiting = admit([outgoing])
      if (waiting === undefined) {
        dispatch([outgoing], false)
        break
      }
      // Another of the same id may be sent meanwhile.
      await waiting
    }
    if (!dispatcher.virtual) await parts.writer().flush()
  }

  const stamp: Bus['prepare'] = (topic, payload, origin, options, handler) => {
    const parsed = validate(topic.schema, payload, topic.place)
    const { publishing, copy } = notesOf(topic)
    const id = options?.id ?? ids.next('message')
    const ttlMs = options?.ttlMs ?? topic.ttlMs
    const time = dispatcher.now()
    const message: Message = {
      id,
      topic: topic.name,
      key: topic.key(parsed),
      time,
      priority: topic.priority,
      publisher: origin.publisher,
      correlationId: origin.correlationId || id,
      causationId: origin.causationId,
      expiresAt: ttlMs === undefined ? undefined : expiryOf(topic, time, ttlMs),
      traceparent: publishing?.traceparent(handler),
      sequence: undefined,
      group: undefined,
      payload: parsed,
    }
    const durable = topic.delivery === 'durable'
    if (options?.id !== undefined) assertOwnId(topic, options.id)
    return {
      message,
      journalText: durable ? journalTextOf(message, copy) : undefined,
      hasOwnId: options?.id !== undefined,
    }
  }

  return {
    subscriptions,
    requests,
    counts,
    prepare:
      around === undefined
        ? stamp
        : (topic, payload, origin, options, handler) =>
            around(topic, payload, origin, options, (given) => stamp(topic, given, origin, options, handler)),
    admit,
    dispatch,
    withoutKnown,
    send: (outgoing) => (outgoing.hasOwnId ? sendUnknown(outgoing) : sendNow(outgoing)),
    open() {
      const waiting = held ?? []
      held = undefined
      for (const message of waiting) subscriptions.deliver(message)
    },
    deliver,
  }
}

/** What the bus keeps of each topic that was published. */
type TopicNotes = { readonly publishing: PublishingTelemetry | undefined; readonly copy: Copier }

const done: Promise<void> = Promise.resolve()

/** Copies payloads so that their keys are in order: one for each topic, as its payloads are of few shapes. */
type Copier = (payload: unknown) => unknown

/** What the journal holds of a message beside its id and time: canonical JSON. */
export function journalTextOf(message: Message, copy: Copier = createCanonicalCopier()): string {
  const { causationId, correlationId, expiresAt, group, key, payload, publisher, topic } = message
  try {
    const content = payload === undefined ? undefined : copy(payload)
    // The names of the envelope stand in their order already.
    const envelope = { causationId, correlationId, expiresAt, group, key, payload: content, publisher, topic }
    if (content === notOrderable) return canonicalJson({ ...envelope, payload })
    return JSON.stringify(envelope)
  } catch (error) {
    throw new SwarmError({
      code: 'NOT_CANONICAL',
      message: `topic ${topic}: ${messageOf(error)}`,
      cause: error,
      context: { topic },
    })
  }
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
