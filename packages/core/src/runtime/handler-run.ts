import type { z } from 'zod'
import { sha256Hex } from '../encoding/sha256.js'
import { SwarmError } from '../errors/swarm-error.js'
import type { Logger } from '../logging/logger.js'
import type { Message } from '../messages/message.js'
import type { Request } from '../messages/request.js'
import type { Topic } from '../messages/topic.js'
import type { StateStore } from '../state/state-store.js'
import { beginStateTransaction } from '../state/transaction.js'
import type { AgentDeclaration, CallOptions, ContextPublishOptions, HandlerContext } from './agent-types.js'
import type { Bus, Origin, OutgoingMessage } from './bus.js'
import type { Dispatcher } from './dispatcher.js'
import type { JournalWriter } from './journal-writer.js'

const defaultRequestTimeoutMs = 5_000

/** What all handlers of one agent share. */
export type HandlerScope = {
  readonly instance: string
  /** As it was when the swarm was made. */
  readonly declaration: AgentDeclaration
  readonly bus: Bus
  readonly writer: JournalWriter
  readonly states: StateStore
  readonly dispatcher: Dispatcher
  readonly logger: Logger
}

/** What a handler was called for. */
export type HandlerCause = {
  /** Absent in timers and requests. */
  readonly message: Message | undefined
  /** The agent that asks; absent but in requests. */
  readonly caller: string | undefined
  readonly correlationId: string
  readonly causationId: string | undefined
  /** False for ephemeral messages: what their handlers write is saved with the next durable commit, not with one of its own. */
  readonly durable: boolean
}

/** One attempt of one handler: what it publishes and writes takes effect at {@link HandlerRun.commit}, or never. */
export type HandlerRun = {
  readonly context: HandlerContext
  /** Throws `CONTEXT_REVOKED`, `JOURNAL_FAILED`, `STATE_CONFLICT`, `STATE_NOT_JSON` or `MAILBOX_FULL` before anything has taken effect. */
  commit(): Promise<void>
  /** From now on the context refuses everything. */
  revoke(): void
}

export function beginHandlerRun(scope: HandlerScope, cause: HandlerCause): HandlerRun {
  const { instance, declaration, bus, writer, states, dispatcher } = scope
  const outgoing: OutgoingMessage[] = []
  const blobs: { hash: string; text: string }[] = []
  let abort: AbortController | undefined
  let revoked = false
  const assertLive = (): void => {
    if (revoked) throw revokedError(instance)
  }
  const state = beginStateTransaction(states, instance, assertLive)
  const origin: Origin =
    cause.causationId === undefined
      ? { publisher: instance, correlationId: cause.correlationId }
      : { publisher: instance, correlationId: cause.correlationId, causationId: cause.causationId }
  const originOf = ({ cause: answered }: ContextPublishOptions): Origin => {
    if (answered === undefined) return origin
    return answered === 'none'
      ? { publisher: instance }
      : { publisher: instance, correlationId: answered.correlationId, causationId: answered.id }
  }

  const signalOf = (): AbortSignal => {
    abort ??= new AbortController()
    if (revoked && !abort.signal.aborted) abort.abort(revokedError(instance))
    return abort.signal
  }

  const context = Object.assign(new LazySignal(signalOf), {
    message: cause.message,
    caller: cause.caller,
    correlationId: cause.correlationId,
    clock: dispatcher,
    logger: scope.logger,
    state,
    async publish(topic: Topic, payload: unknown, publishOptions: ContextPublishOptions = {}) {
      assertLive()
      assertMayPublish(declaration, topic, instance)
      const prepared = bus.prepare(topic, payload, originOf(publishOptions))
      outgoing.push(prepared)
      return prepared.message.id
    },
    async request(request: Request, input: unknown, callOptions: CallOptions = {}) {
      assertLive()
      assertMayRequest(declaration, request, instance)
      return bus.call(request, input, {
        ...origin,
        role: declaration.role,
        timeoutMs: callOptions.timeoutMs ?? defaultRequestTimeoutMs,
      }) as Promise<z.output<z.ZodType>>
    },
    putBlob(text: string) {
      assertLive()
      const hash = sha256Hex(text)
      blobs.push({ hash, text })
      return hash
    },
  })

  return {
    context: context as unknown as HandlerContext,
    async commit() {
      assertLive()
      state.assertUnchanged()
      if (!dispatcher.virtual) state.assertJson()
      bus.admit(outgoing)
      revoked = true
      const mustSave = cause.durable && (state.hasWrites() || blobs.length > 0)
      for (const blob of blobs) writer.putBlob(blob.hash, blob.text)
      state.commit()
      const publishesDurably = outgoing.some((prepared) => prepared.journalText !== undefined)
      // In virtual time the instant commits as a whole, and documents are saved at checkpoints.
      if (!dispatcher.virtual && (mustSave || publishesDurably))
        for (const write of states.takeUnsaved()) writer.putKeyValue(write)
      await bus.dispatch(outgoing)
      if (!dispatcher.virtual && mustSave && !publishesDurably) await writer.flush()
    },
    revoke() {
      revoked = true
      abort?.abort(revokedError(instance))
    },
  }
}

/**
 * A getter in an object literal makes V8 give each object a hidden class of its own, and those, with the message and all
 * else that they reach, live until a full collection: a run took half as much memory again. So it is a class that has it.
 */
class LazySignal {
  readonly #make: () => AbortSignal

  constructor(make: () => AbortSignal) {
    this.#make = make
  }

  /** Made when first asked for: most handlers never look at it. */
  get signal(): AbortSignal {
    return this.#make()
  }
}

function revokedError(instance: string): SwarmError {
  return new SwarmError({
    code: 'CONTEXT_REVOKED',
    message: `a handler of ${instance} went on after it had ended, timed out or been restarted; what it did since then is dropped`,
    context: { instance },
  })
}

export function assertMayPublish(declaration: AgentDeclaration, topic: Topic, instance: string): void {
  if (declaration.publishes?.includes(topic)) return
  throw new SwarmError({
    code: 'PUBLISH_NOT_DECLARED',
    message: `${instance} may not publish ${topic.name}: add the topic to "static readonly publishes" of its class`,
    context: { instance, topic: topic.name },
  })
}

function assertMayRequest(declaration: AgentDeclaration, request: Request, instance: string): void {
  if (declaration.requests?.includes(request)) return
  throw new SwarmError({
    code: 'REQUEST_NOT_DECLARED',
    message: `${instance} may not request ${request.name}: add the request to "static readonly requests" of its class`,
    context: { instance, request: request.name },
  })
}
