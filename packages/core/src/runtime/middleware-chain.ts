import { SwarmError } from '../errors/swarm-error.js'
import type { Topic } from '../messages/topic.js'
import type { HandlerContext } from './agent-types.js'
import type { MessageOptions, Origin, OutgoingMessage } from './bus.js'
import { defineMiddleware, type HandlingInfo, type Middleware } from './define-middleware.js'
import type { HandlerRun, HandlerWork } from './handler-run.js'

/** Runs the handler of a work, with all that is around it. */
export type AroundHandling = (work: HandlerWork, run: HandlerRun) => unknown

export type AroundPublishing = (
  topic: Topic,
  payload: unknown,
  origin: Origin,
  options: MessageOptions | undefined,
  prepare: (payload: unknown) => OutgoingMessage,
) => OutgoingMessage

export type AroundRequesting = (
  info: { readonly request: string; readonly role: string; readonly origin: Origin },
  input: unknown,
  ask: (input: unknown) => Promise<unknown>,
) => Promise<unknown>

/** The middleware of a swarm, outermost first. What is undefined has nothing around it, and costs nothing. */
export type MiddlewareChain = {
  readonly handling: ((agent: string, role: string) => AroundHandling) | undefined
  readonly publishing: AroundPublishing | undefined
  readonly requesting: AroundRequesting | undefined
}

/** Throws `INVALID_OPTION` as {@link defineMiddleware} does, and for two of one name. */
export function createMiddlewareChain(middleware: readonly Middleware[]): MiddlewareChain {
  const names = new Set<string>()
  for (const each of middleware) {
    defineMiddleware(each)
    if (names.has(each.name)) throw namedTwice(each.name)
    names.add(each.name)
  }
  const handling = middleware.filter((each) => each.handle !== undefined)
  const publishing = middleware.filter((each) => each.publish !== undefined)
  const requesting = middleware.filter((each) => each.request !== undefined)
  return {
    handling: handling.length === 0 ? undefined : (agent, role) => aroundHandling(handling, agent, role),
    publishing: publishing.length === 0 ? undefined : aroundPublishing(publishing),
    requesting: requesting.length === 0 ? undefined : aroundRequesting(requesting),
  }
}

function aroundHandling(middleware: readonly Middleware[], agent: string, role: string): AroundHandling {
  return (work, run) => {
    const info: HandlingInfo = {
      kind: work.message !== undefined ? 'topic' : work.requestName === undefined ? 'timer' : 'request',
      agent,
      role,
      name: work.message?.topic ?? work.requestName,
      message: work.message,
      caller: work.caller,
      correlationId: work.correlationId,
      get signal() {
        return run.signal
      },
    }
    const from = async (place: number): Promise<unknown> => {
      const each = middleware[place]
      if (each?.handle === undefined) return work.invoke(run as unknown as HandlerContext)
      return each.handle(
        info,
        once(each, () => from(place + 1)),
      )
    }
    return from(0)
  }
}

function aroundPublishing(middleware: readonly Middleware[]): AroundPublishing {
  return (topic, payload, { publisher, correlationId, causationId }, options = {}, prepare) => {
    const from = (place: number, given: unknown): OutgoingMessage => {
      const each = middleware[place]
      if (each?.publish === undefined) return prepare(given)
      let prepared: OutgoingMessage | undefined
      const next = once(each, (replaced: unknown) => {
        prepared = from(place + 1, replaced)
        return prepared.message
      })
      const info = { topic: topic.name, publisher, correlationId, causationId, options, payload: given }
      const returned: unknown = each.publish(info, next)
      if (prepared !== undefined && !(returned instanceof Promise)) return prepared
      if (returned instanceof Promise) returned.catch(() => undefined)
      throw fault(each, 'publish must call next before it returns, or throw; it must not be async')
    }
    return from(0, payload)
  }
}

function aroundRequesting(middleware: readonly Middleware[]): AroundRequesting {
  return ({ request, role, origin }, input, ask) => {
    const from = async (place: number, given: unknown): Promise<unknown> => {
      const each = middleware[place]
      if (each?.request === undefined) return ask(given)
      return each.request(
        { request, caller: origin.publisher, role, correlationId: origin.correlationId, input: given },
        once(each, (replaced: unknown) => from(place + 1, replaced)),
      )
    }
    return from(0, input)
  }
}

/** A handler runs, a message is sent and a request is asked once, whatever is around it. */
function once<Arguments extends readonly unknown[], Result>(
  middleware: Middleware,
  next: (...args: Arguments) => Result,
): (...args: Arguments) => Result {
  let called = false
  return (...args) => {
    if (called) throw fault(middleware, 'next may be called once only')
    called = true
    return next(...args)
  }
}

function fault({ name }: Middleware, what: string): SwarmError {
  return new SwarmError({
    code: 'MIDDLEWARE_FAULT',
    message: `middleware ${name}: ${what}`,
    context: { middleware: name },
  })
}

function namedTwice(name: string): SwarmError {
  return new SwarmError({
    code: 'INVALID_OPTION',
    message: `middleware: two are named "${name}"; give each a name of its own`,
    context: { name },
  })
}
