import type { z } from 'zod'
import type { Logger } from '../logging/logger.js'
import type { Message } from '../messages/message.js'
import type { Request } from '../messages/request.js'
import type { Overflow, PayloadInputOf, PayloadOf, Topic } from '../messages/topic.js'
import type { RegistryQuery } from '../registry/registry.js'
import type { DocumentDeclarations } from '../state/define-document.js'
import type { AgentState } from '../state/transaction.js'
import type { Clock, EpochMs } from '../time/clock.js'
import type { Agent } from './agent.js'
import type { MessageOptions } from './bus.js'

/** What an agent class says of itself in its static fields. */
export type AgentDeclaration = {
  readonly role: string
  /** What it can be found by. */
  readonly capabilities?: readonly string[]
  /** Further words to find it by, such as a venue or a region. */
  readonly tags?: readonly string[]
  /** The only topics it may publish. */
  readonly publishes?: readonly Topic[]
  /** The only requests it may make. */
  readonly requests?: readonly Request[]
  /** The only requests it may answer. */
  readonly responds?: readonly Request[]
  readonly config?: z.ZodType
  /** Documents whose versions are kept and whose colliding writes are merged, by key or by the beginning of keys with `*` after it. */
  readonly documents?: DocumentDeclarations
}

/** A class that extends {@link Agent}. */
// biome-ignore lint/suspicious/noExplicitAny: a class for every declaration, which no other type argument admits
export type AgentClass = AgentDeclaration & (new () => Agent<any>)

type ElementOf<List> = List extends readonly (infer Element)[] ? Element : never

export type PublishedBy<Self> = Self extends { readonly publishes: infer List }
  ? Extract<ElementOf<List>, Topic>
  : AgentDeclaration extends Self
    ? Topic
    : never
export type RequestedBy<Self> = Self extends { readonly requests: infer List }
  ? Extract<ElementOf<List>, Request>
  : AgentDeclaration extends Self
    ? Request
    : never
export type AnsweredBy<Self> = Self extends { readonly responds: infer List }
  ? Extract<ElementOf<List>, Request>
  : AgentDeclaration extends Self
    ? Request
    : never
export type ConfigOf<Self> = Self extends { readonly config: infer Schema extends z.ZodType }
  ? z.output<Schema>
  : Record<string, never>

/** How a request is made. */
export type CallOptions = {
  /** The caller gives up after this long, with `REQUEST_TIMED_OUT`; sooner where it answers a request itself whose caller gives up sooner. Default that of the request. */
  readonly timeoutMs?: number
  /** Gives the call up: it rejects with the signal's reason, and whoever answers is told by its own signal. */
  readonly signal?: AbortSignal
  /** Only those are asked that meet all these conditions; `NO_RESPONDER` when none who answers does. A service is found by its name as id. */
  readonly to?: RegistryQuery
}

/** How an agent hears a topic. */
export type SubscribeOptions = {
  /** So many messages may wait for the handler, 1 to 100,000; default 100,000. */
  readonly capacity?: number
  /** What happens when there is no room; default what the topic says. */
  readonly overflow?: Overflow
}

/** Which chain a message belongs to, and how it is delivered. */
export type ContextPublishOptions = MessageOptions & {
  /** The message that this one answers, in place of the handled one; `none` starts a new chain. */
  readonly cause?: { readonly id: string; readonly correlationId: string } | 'none'
}

/** What a handler is given beside its message. It is revoked when the handler has ended, timed out or its agent is gone. */
export type HandlerContext<Self = AgentDeclaration, Payload = unknown> = {
  /** The message that is handled; absent in timers and requests. */
  readonly message: Message<Payload> | undefined
  /** The id of the agent that asks, in the handler of a request; absent elsewhere. */
  readonly caller: string | undefined
  /** The chain that whatever is published here belongs to; empty in a timer, which starts a chain with each message. */
  readonly correlationId: string
  /** In the handler of a request: when whoever asks gives up. Requests that the handler makes itself are bound by it too. */
  readonly deadlineAt: EpochMs | undefined
  readonly signal: AbortSignal
  readonly clock: Clock
  readonly logger: Logger
  readonly state: AgentState
  /** Published when the handler has succeeded, together with its state, and with this message as its cause. Resolves to the message's id. */
  publish<T extends PublishedBy<Self>>(
    topic: T,
    payload: PayloadInputOf<T>,
    options?: ContextPublishOptions,
  ): Promise<string>
  request<R extends RequestedBy<Self>>(
    request: R,
    input: z.input<R['input']>,
    options?: CallOptions,
  ): Promise<z.output<R['output']>>
  /** Keeps a text under its SHA-256, so that messages can name it by hash. */
  putBlob(text: string): string
}

/**
 * Handles the messages of a topic. What it throws fails the message, which is tried again; what it returns is awaited, and dropped. The payload is one
 * object for all who hear the message: copy it before changing anything in it. That of a durable message is frozen.
 */
export type TopicHandler<Self, T extends Topic> = (
  payload: PayloadOf<T>,
  context: HandlerContext<Self, PayloadOf<T>>,
) => unknown
/** Handles the messages of all topics that fit a pattern. */
export type PatternHandler<Self> = (payload: unknown, context: HandlerContext<Self>) => unknown
/** Answers a request. What it throws reaches whoever asked. */
export type RequestHandler<Self, R extends Request> = (
  input: z.output<R['input']>,
  context: HandlerContext<Self>,
) => z.input<R['output']> | Promise<z.input<R['output']>>
/** Called at each interval. What it throws is counted and logged. */
export type TimerHandler<Self> = (context: HandlerContext<Self>) => unknown

/** How an agent feels, in its own words. */
export type Health = { readonly status: 'healthy' | 'degraded' | 'unhealthy'; readonly detail?: string }

/** Where an agent stands. A paused one keeps its messages waiting; a failed one too, until it is started again. */
export type AgentLifecycle = 'created' | 'starting' | 'running' | 'paused' | 'draining' | 'stopped' | 'failed'
