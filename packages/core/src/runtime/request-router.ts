import { SwarmError } from '../errors/swarm-error.js'
import type { Request } from '../messages/request.js'
import type { AgentLabels } from '../telemetry/semantic-attributes.js'
import type { CallOptions } from './agent-types.js'
import type { Origin } from './bus.js'
import { callerNotAllowed } from './check-declarations.js'
import type { HandlerRun } from './handler-run.js'
import type { AroundRequesting } from './middleware-chain.js'
import { unheeded } from './refusal.js'
import { RequestCall } from './request-call.js'
import { type CallScope, RequestRoute, type Responder } from './request-route.js'

/** Beside who asks and in which chain: with which right, for how long, and from which handler. */
export type Asking = {
  readonly role: string
  readonly options: CallOptions | undefined
  readonly run: HandlerRun | undefined
  readonly labels: AgentLabels
}

/** So many requests may each be asked by the handler of the one before: more are a circle of agents that ask one another. */
const maximumRequestDepth = 64

/** Carries requests to one who answers, and on to another where that does no harm. */
export type RequestRouter = {
  /** Throws `DUPLICATE_RESPONDER` when the instance answers the request already. */
  addResponder(request: Request, responder: Responder): void
  /** The instance answers nothing any more: for good, or until it has been restarted. */
  removeResponders(instance: string, willReturn: boolean): void
  /**
   * Rejects with `CALLER_NOT_ALLOWED`, `REQUEST_TOO_DEEP`, `NO_RESPONDER`, `RESPONDER_UNAVAILABLE`, `REQUEST_TIMED_OUT`, `INVALID_PAYLOAD`, the reason of an
   * abort, or whatever the responder threw.
   */
  call(request: Request, input: unknown, origin: Origin, asking: Asking): Promise<unknown>
  readonly counts: { requests: number; requestFailures: number }
}

/** `around` is absent where there is no middleware around requests. */
export function createRequestRouter(scope: CallScope, around?: AroundRequesting): RequestRouter {
  const routes = new Map<string, RequestRoute>()
  const routesOfInstance = new Map<string, Set<RequestRoute>>()
  const counts = { requests: 0, requestFailures: 0 }

  const routeOf = (request: Request): RequestRoute => {
    let route = routes.get(request.name)
    if (route === undefined) {
      route = new RequestRoute(request, scope)
      routes.set(request.name, route)
    }
    return route
  }

  const ask = (
    request: Request,
    input: unknown,
    origin: Origin,
    { options, run, labels }: Asking,
  ): Promise<unknown> => {
    const route = routeOf(request)
    counts.requests += 1
    const parsed = route.inputOf(request, input)
    const depth = depthOf(request, run, origin.publisher)
    const startedAt = scope.elapsed()
    const timeoutMs = timeoutOf(request, options, run, startedAt)
    const { publisher, correlationId, causationId } = origin
    const parameters = {
      publisher,
      correlationId,
      causationId,
      timeoutMs,
      deadlineAt: scope.timers.now() + timeoutMs,
      startedAt,
      depth,
      run,
      signal: options?.signal,
      to: options?.to,
      asking: route.askingOf(labels),
    }
    let fail: (error: unknown) => void = () => undefined
    let call: RequestCall | undefined
    const answer = new Promise<unknown>((resolve, reject) => {
      fail = reject
      call = new RequestCall(scope, route, parsed, parameters, resolve, (error) => {
        counts.requestFailures += 1
        // A handler may end without waiting for the answer, which gives the call up.
        unheeded(answer)
        fail(error)
      })
    })
    call?.start()
    return answer
  }

  return {
    counts,
    addResponder(request, responder) {
      const route = routeOf(request)
      route.add(responder)
      const ofInstance = routesOfInstance.get(responder.instance)
      if (ofInstance === undefined) routesOfInstance.set(responder.instance, new Set([route]))
      else ofInstance.add(route)
    },
    removeResponders(instance, willReturn) {
      for (const route of routesOfInstance.get(instance) ?? []) route.remove(instance, willReturn)
      if (!willReturn) routesOfInstance.delete(instance)
    },
    call(request, input, origin, asking) {
      const { role } = asking
      // Beside the check of all declarations when the swarm was made.
      if (request.callers?.includes(role) === false) throw callerNotAllowed(request, origin.publisher, role)
      if (around === undefined) return ask(request, input, origin, asking)
      const answer = around({ request: request.name, role, origin }, input, (given) =>
        ask(request, given, origin, asking),
      )
      unheeded(answer)
      return answer
    },
  }
}

/** Throws `REQUEST_TOO_DEEP`: agents that ask one another in a circle would go on until the stack or the memory is full. */
function depthOf(request: Request, run: HandlerRun | undefined, caller: string): number {
  const depth = (run?.work.requestDepth ?? 0) + 1
  if (depth <= maximumRequestDepth) return depth
  throw new SwarmError({
    code: 'REQUEST_TOO_DEEP',
    message:
      `${caller} asks ${request.name} within ${maximumRequestDepth} requests, each asked by the handler of the one before: ` +
      'agents ask one another in a circle; let one of them answer without asking, or publish a message instead',
    context: { request: request.name, caller, maximumDepth: maximumRequestDepth },
  })
}

/** Whoever asks on behalf of another waits no longer than that one does. */
function timeoutOf(
  request: Request,
  options: CallOptions | undefined,
  run: HandlerRun | undefined,
  now: number,
): number {
  const wanted = options?.timeoutMs ?? request.timeoutMs
  if (!(wanted > 0)) {
    throw new SwarmError({
      code: 'INVALID_OPTION',
      message: `request ${request.name}: timeoutMs is ${wanted}; it must be a positive number of milliseconds`,
    })
  }
  const left = run?.work.giveUpAt === undefined ? wanted : run.work.giveUpAt - now
  return Math.max(1, Math.min(wanted, left))
}
