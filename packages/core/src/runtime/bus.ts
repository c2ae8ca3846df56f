import { canonicalJson } from '../encoding/canonical-json.js'
import { messageOf, SwarmError } from '../errors/swarm-error.js'
import type { Ids } from '../ids/ids.js'
import type { Message } from '../messages/message.js'
import type { Request } from '../messages/request.js'
import type { Topic } from '../messages/topic.js'
import { validate } from '../messages/validate.js'
import { callerNotAllowed } from './check-declarations.js'
import { type Dispatcher, mailboxFull, maximumMailboxDepth } from './dispatcher.js'
import type { JournalWriter } from './journal-writer.js'
import { createSubscriptions, type Subscriptions } from './subscriptions.js'

export type Origin = { readonly publisher: string; readonly correlationId?: string; readonly causationId?: string }

export type Responder = {
  readonly instance: string
  isAvailable(): boolean
  /** Resolves to an answer that fits the request's output schema. */
  answer(input: unknown, origin: Origin): Promise<unknown>
}

export type CallParameters = Origin & { readonly role: string; readonly timeoutMs: number }

/** A message ready to be sent; durable ones with the text that the journal will hold. */
export type OutgoingMessage = { readonly message: Message; readonly journalText: string | undefined }

/** Carries messages from publishers to consumer groups, and requests to one responder. */
export type Bus = {
  readonly subscriptions: Subscriptions
  /** Validates and stamps a payload. Throws `INVALID_PAYLOAD`, naming topic and field, or `NOT_CANONICAL`. */
  prepare(topic: Topic, payload: unknown, origin: Origin): OutgoingMessage
  /** Throws `MAILBOX_FULL` when a recipient has no room, `JOURNAL_FAILED` when nothing more can be written. */
  admit(messages: readonly OutgoingMessage[]): void
  /** Journals the durable ones, then delivers all. In real time delivery waits for the commit. What is sent must have been admitted. */
  dispatch(messages: readonly OutgoingMessage[]): Promise<void>
  /** Admits and dispatches. */
  send(message: OutgoingMessage): Promise<void>
  /** Until then messages are journalled but held back, so that what is published during the start reaches agents that start later. */
  open(): void
  /** Throws `DUPLICATE_RESPONDER` when the instance answers the request already. */
  addResponder(request: Request, responder: Responder): void
  removeResponders(instance: string): void
  /** Throws `CALLER_NOT_ALLOWED`, `NO_RESPONDER`, `REQUEST_TIMED_OUT`, `INVALID_PAYLOAD` or whatever the responder threw. */
  call(request: Request, input: unknown, parameters: CallParameters): Promise<unknown>
  readonly counts: { published: number; requests: number }
}

export function createBus(parts: {
  readonly dispatcher: Dispatcher
  readonly ids: Ids
  readonly writer: JournalWriter
}): Bus {
  const { dispatcher, ids, writer } = parts
  const subscriptions = createSubscriptions()
  const responders = new Map<string, Responder[]>()
  const turns = new Map<string, number>()
  const counts = { published: 0, requests: 0 }
  let held: Message[] | undefined = []

  const pick = (request: Request): Responder => {
    const available = (responders.get(request.name) ?? []).filter((responder) => responder.isAvailable())
    const turn = turns.get(request.name) ?? 0
    const chosen = available[turn % available.length]
    if (chosen === undefined) throw noResponder(request)
    turns.set(request.name, turn + 1)
    return chosen
  }

  const admit = (messages: readonly OutgoingMessage[]): void => {
    writer.assertSound()
    const added = messages.length > 1 ? new Map<string, number>() : undefined
    for (const { message } of messages) {
      for (const { instance } of subscriptions.recipients(message)) {
        const more = added?.get(instance) ?? 0
        if (dispatcher.depth(instance) + more >= maximumMailboxDepth) throw mailboxFull(instance)
        added?.set(instance, more + 1)
      }
    }
  }

  const dispatch = async (messages: readonly OutgoingMessage[]): Promise<void> => {
    let durable = false
    for (const { message, journalText } of messages) {
      if (journalText === undefined) continue
      durable = true
      writer.appendText({ id: message.id, kind: 'message', time: message.time, text: journalText })
    }
    if (durable && !dispatcher.virtual) await writer.flush()
    for (const { message } of messages) {
      counts.published += 1
      if (held) held.push(message)
      else subscriptions.deliver(message)
    }
  }

  return {
    subscriptions,
    counts,
    prepare(topic, payload, origin) {
      const parsed = validate(topic.schema, payload, `topic ${topic.name}`)
      const id = ids.next('message')
      const message: Message = {
        id,
        topic: topic.name,
        key: topic.key(parsed),
        time: dispatcher.now(),
        priority: topic.priority,
        publisher: origin.publisher,
        correlationId: origin.correlationId || id,
        ...(origin.causationId === undefined ? {} : { causationId: origin.causationId }),
        payload: parsed,
      }
      return { message, journalText: topic.delivery === 'durable' ? journalTextOf(message) : undefined }
    },
    admit,
    dispatch,
    async send(message) {
      admit([message])
      await dispatch([message])
    },
    open() {
      const waiting = held ?? []
      held = undefined
      for (const message of waiting) subscriptions.deliver(message)
    },
    addResponder(request, responder) {
      const list = responders.get(request.name) ?? []
      if (list.some((other) => other.instance === responder.instance)) throw answersTwice(request, responder)
      list.push(responder)
      responders.set(request.name, list)
    },
    removeResponders(instance) {
      for (const [name, list] of responders) {
        responders.set(
          name,
          list.filter((responder) => responder.instance !== instance),
        )
      }
    },
    async call(request, input, parameters) {
      assertMayCall(request, parameters)
      counts.requests += 1
      const parsed = validate(request.input, input, `request ${request.name}`)
      const answer = pick(request).answer(parsed, parameters)
      return dispatcher.virtual ? answer : withDeadline(dispatcher, answer, parameters.timeoutMs, request)
    },
  }
}

/** Beside the check of all declarations when the swarm was made. */
function assertMayCall(request: Request, { publisher, role }: CallParameters): void {
  if (request.callers && !request.callers.includes(role)) throw callerNotAllowed(request, publisher, role)
}

/** What the journal holds of a message beside its id and time. */
function journalTextOf(message: Message): string {
  const { id: _id, time: _time, priority: _priority, ...rest } = message
  try {
    return canonicalJson(rest)
  } catch (error) {
    throw new SwarmError({
      code: 'NOT_CANONICAL',
      message: `topic ${message.topic}: ${messageOf(error)}`,
      cause: error,
      context: { topic: message.topic },
    })
  }
}

function answersTwice(request: Request, responder: Responder): SwarmError {
  return new SwarmError({
    code: 'DUPLICATE_RESPONDER',
    message: `${responder.instance} registers two answers to ${request.name}: register one`,
    context: { request: request.name, instance: responder.instance },
  })
}

function noResponder(request: Request): SwarmError {
  return new SwarmError({
    code: 'NO_RESPONDER',
    message: `nobody answers ${request.name}: add an agent that declares it in "responds", or resume the one that does`,
    retryability: 'retryable',
    context: { request: request.name },
  })
}

function withDeadline<Value>(
  dispatcher: Dispatcher,
  answer: Promise<Value>,
  timeoutMs: number,
  request: Request,
): Promise<Value> {
  return new Promise((resolve, reject) => {
    const cancel = dispatcher.at(dispatcher.now() + timeoutMs, () =>
      reject(
        new SwarmError({
          code: 'REQUEST_TIMED_OUT',
          message: `${request.name} was not answered within ${timeoutMs} ms`,
          retryability: request.idempotent ? 'retryable' : 'unknown-outcome',
          context: { request: request.name, timeoutMs },
        }),
      ),
    )
    answer.then(resolve, reject).finally(cancel)
  })
}
