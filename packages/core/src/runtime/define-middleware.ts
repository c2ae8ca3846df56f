import { SwarmError } from '../errors/swarm-error.js'
import type { Message } from '../messages/message.js'
import type { MessageOptions } from './bus.js'

/** Which handler is about to run, and for what. */
export type HandlingInfo = {
  readonly kind: 'topic' | 'request' | 'timer'
  readonly agent: string
  readonly role: string
  /** Of the topic or request; absent for a timer. */
  readonly name: string | undefined
  /** The message that is handled; absent for requests and timers. */
  readonly message: Message | undefined
  /** The agent that asks; absent but for requests. */
  readonly caller: string | undefined
  /** Empty for a timer. */
  readonly correlationId: string
  /** Aborted when the handler's context is revoked. */
  readonly signal: AbortSignal
}

/** What is about to be published, and by whom. */
export type PublishingInfo = {
  readonly topic: string
  /** The id of the agent, the name of the service, or `operator`. */
  readonly publisher: string
  /** Absent where a new chain begins. */
  readonly correlationId: string | undefined
  readonly causationId: string | undefined
  readonly options: MessageOptions
  /** As it was given: not validated yet. */
  readonly payload: unknown
}

/** What is about to be asked, and by whom. */
export type RequestingInfo = {
  readonly request: string
  readonly caller: string
  readonly role: string
  readonly correlationId: string | undefined
  /** As it was given: not validated yet. */
  readonly input: unknown
}

/** Something that is done around what all agents of a swarm handle, publish and ask. */
export type Middleware = {
  readonly name: string
  /**
   * Around each attempt of an agent's handler, inside of its transaction and its time limit: what it throws fails the attempt, and what it
   * returns counts as what the handler returned. Where it does not call `next` the handler does not run. The commit comes after it.
   */
  readonly handle?: (info: HandlingInfo, next: () => Promise<unknown>) => unknown
  /**
   * Around the validation of each payload that is published: calls `next` with the payload, or with another in its place, before it returns,
   * or refuses by throwing. `next` returns the message as it will be sent, if its handler succeeds. Must not be async.
   */
  readonly publish?: (info: PublishingInfo, next: (payload: unknown) => Message) => void
  /** Around each request of an agent: `next` asks, with this input or another, and resolves to the answer. May answer by itself. */
  readonly request?: (info: RequestingInfo, next: (input: unknown) => Promise<unknown>) => unknown
}

const hooks = ['handle', 'publish', 'request'] as const

/** Declares a middleware for `createSwarm`. Throws `INVALID_OPTION` without a name, or with nothing to do. */
export function defineMiddleware(middleware: Middleware): Middleware {
  const { name } = middleware
  if (typeof name !== 'string' || name === '') throw invalid('defineMiddleware: name must be a text that is not empty')
  const wrong = hooks.find((hook) => middleware[hook] !== undefined && typeof middleware[hook] !== 'function')
  if (wrong !== undefined) throw invalid(`middleware ${name}: ${wrong} must be a function`)
  if (hooks.every((hook) => middleware[hook] === undefined))
    throw invalid(`middleware ${name}: give it at least one of ${hooks.join(', ')}`)
  return Object.freeze({ ...middleware })
}

function invalid(message: string): SwarmError {
  return new SwarmError({ code: 'INVALID_OPTION', message })
}
