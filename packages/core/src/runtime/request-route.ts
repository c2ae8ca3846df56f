import { SwarmError } from '../errors/swarm-error.js'
import { PayloadParser } from '../messages/payload-parser.js'
import type { Request } from '../messages/request.js'
import type { Random } from '../random/random.js'
import type { RegistryQuery } from '../registry/registry.js'
import { type Selection, selectionByName } from '../registry/selection.js'
import type { Backoff } from '../resilience/backoff.js'
import { CircuitBreaker } from '../resilience/circuit-breaker.js'
import type { OperationTelemetry } from '../telemetry/operation-telemetry.js'
import type { AgentLabels } from '../telemetry/semantic-attributes.js'
import type { Telemetry } from '../telemetry/telemetry.js'
import type { ClockAndTimers } from '../time/clock.js'
import type { Deadlines } from '../time/deadlines.js'
import type { AgentCounts } from './agent-counts.js'
import type { AgentDeclaration, HandlerContext } from './agent-types.js'
import type { CallAttempt } from './call-attempt.js'
import type { RequestCall } from './request-call.js'

/** One who answers a request. */
export type Responder = {
  readonly instance: string
  /** What an agent says of itself; a service is known by its name alone. */
  readonly declaration?: AgentDeclaration
  isAvailable(): boolean
  readonly handler: (input: unknown, context: HandlerContext) => unknown
  /** How its answers are traced and measured. */
  readonly operation: OperationTelemetry | undefined
  /** Counts the answers. */
  readonly counts?: AgentCounts
  /** Runs the handler in a transaction of its own; tells the work how it ended. */
  answer(attempt: CallAttempt): void
  /** Told of the end of each attempt that it was given. */
  answered?(): void
}

/** What all calls of a swarm share. */
export type CallScope = {
  /** Absent in virtual time, where nothing is late. */
  readonly deadlines: Deadlines | undefined
  readonly timers: ClockAndTimers
  readonly backoff: Backoff
  readonly random: Random
  /** So often a call is tried before its error is the caller's. */
  readonly maximumAttempts: number
  elapsed(): number
  readonly telemetry: Telemetry | undefined
}

/**
 * So long one replica may take before another is asked too, or so many times as long as answers took of late, whichever is longer:
 * a dead replica is found out soon, and one that is merely slow by nature is not asked twice.
 */
const shortestFailoverMs = 500
const failoverFactor = 3
/** The weight of each new answer in the average. */
const averageWeight = 0.1

/** So many calls one replica answers side by side; the next one goes to another, or waits. */
const maximumConcurrentAnswers = 1_000

/** Those who could answer one request, and how one is chosen. */
export class RequestRoute {
  readonly request: Request
  readonly #answerPlace: string
  readonly #inputPlace: string
  readonly #scope: CallScope
  readonly #selection: Selection
  readonly #candidates: Candidate[] = []
  readonly #available: Candidate[] = []
  readonly #asking = new Map<string, OperationTelemetry>()
  readonly #output: PayloadParser
  #input: PayloadParser
  #averageMs = 0

  constructor(request: Request, scope: CallScope) {
    this.request = request
    this.#scope = scope
    this.#selection = selectionByName(request.selection, { random: scope.random })
    this.#input = new PayloadParser(request.input)
    this.#output = new PayloadParser(request.output)
    this.#answerPlace = `answer to ${request.name}`
    this.#inputPlace = `request ${request.name}`
  }

  /** What is asked, parsed by the request that the caller has. Throws `INVALID_PAYLOAD`. */
  inputOf({ input }: Request, given: unknown): unknown {
    if (this.#input.schema !== input) this.#input = new PayloadParser(input)
    return this.#input.parse(given, this.#inputPlace)
  }

  /** What was answered, parsed. Throws `INVALID_PAYLOAD`. */
  answerOf(given: unknown): unknown {
    return this.#output.parse(given, this.#answerPlace)
  }

  /** How calls of an agent are traced and measured. */
  askingOf(labels: AgentLabels): OperationTelemetry | undefined {
    const { telemetry } = this.#scope
    if (telemetry === undefined) return undefined
    let operation = this.#asking.get(labels.agent)
    if (operation === undefined) {
      operation = telemetry.asking(this.request.name, labels)
      this.#asking.set(labels.agent, operation)
    }
    return operation
  }

  get size(): number {
    return this.#candidates.length
  }

  get failoverAfterMs(): number {
    return Math.round(Math.max(shortestFailoverMs, this.#averageMs * failoverFactor))
  }

  noteTime(elapsedMs: number): void {
    this.#averageMs += (elapsedMs - this.#averageMs) * averageWeight
  }

  /** Throws `DUPLICATE_RESPONDER` when the instance answers the request already. */
  add(responder: Responder): void {
    const { instance } = responder
    const known = this.#candidates.find((candidate) => candidate.id === instance)
    if (known?.responder !== undefined) throw answersTwice(this.request, instance)
    if (known === undefined) this.#candidates.push(new Candidate(instance, responder, this, this.#scope))
    else known.cameBack(responder)
  }

  /** The instance is gone: for good, or to come back under the same name. */
  remove(instance: string, willReturn: boolean): void {
    const place = this.#candidates.findIndex((candidate) => candidate.id === instance)
    if (place < 0) return
    if (willReturn) this.#candidates[place]?.wentAway()
    else this.#candidates.splice(place, 1)
  }

  /** One who is meant, can answer now and was not asked yet; one that has left a call waiting only where there is no other. */
  choose(call: RequestCall): Candidate | undefined {
    const first = this.#candidates[0]
    if (this.#candidates.length === 1 && first !== undefined) return canAnswer(first, call) ? first : undefined
    const available = this.#available
    available.length = 0
    for (const candidate of this.#candidates)
      if (!candidate.suspect && canAnswer(candidate, call)) available.push(candidate)
    if (available.length === 0)
      for (const candidate of this.#candidates) if (canAnswer(candidate, call)) available.push(candidate)
    return this.#selection.choose(available, this.request.key(call.input))
  }

  hasOther(call: RequestCall): boolean {
    return this.#candidates.some((candidate) => canAnswer(candidate, call))
  }

  /** True while one that is meant is being restarted or is overloaded: soon it may answer. One whose circuit is open is left alone for longer. */
  mayComeBack(to: RegistryQuery | undefined): boolean {
    return this.#candidates.some(
      (candidate) =>
        isMeant(candidate, to) &&
        (candidate.responder === undefined || (candidate.isAvailable() && !candidate.isCircuitOpen())),
    )
  }

  /** Why nobody can answer. */
  nobody(to: RegistryQuery | undefined): SwarmError {
    const meant = this.#candidates.filter((candidate) => isMeant(candidate, to))
    const unable = meant.find((candidate) => candidate.responder === undefined || candidate.isAvailable())
    const { name } = this.request
    return new SwarmError({
      code: unable === undefined ? 'NO_RESPONDER' : 'RESPONDER_UNAVAILABLE',
      message:
        unable === undefined ? this.#whyNobody(meant, to) : `${unable.id} answers ${name}, but ${unable.whyNot()}`,
      retryability: 'retryable',
      context: { request: name, ...(to === undefined ? {} : { to }) },
    })
  }

  #whyNobody(meant: readonly Candidate[], to: RegistryQuery | undefined): string {
    const { name } = this.request
    if (this.#candidates.length > 0 && meant.length === 0) {
      const others = this.#candidates.slice(0, 20).map(({ id }) => id)
      return `nobody who answers ${name} is what "to" asks for, ${JSON.stringify(to)}: those who answer it are ${others.join(', ')}`
    }
    return `nobody answers ${name}: add an agent that declares it in "responds", or resume the one that does`
  }
}

function canAnswer(candidate: Candidate, call: RequestCall): boolean {
  if (!candidate.isAvailable() || candidate.isRefusing()) return false
  const { to } = call.parameters
  return (to === undefined || isMeant(candidate, to)) && !call.hasTried(candidate)
}

function isMeant({ id, declaration }: Candidate, to: RegistryQuery | undefined): boolean {
  if (to === undefined) return true
  return (
    (to.id === undefined || to.id === id) &&
    (to.role === undefined || to.role === declaration?.role) &&
    (to.capability === undefined || declaration?.capabilities?.includes(to.capability) === true) &&
    (to.tag === undefined || declaration?.tags?.includes(to.tag) === true)
  )
}

/** One who could answer, with what its last answers say about it. */
export class Candidate {
  readonly id: string
  readonly declaration: AgentDeclaration | undefined
  responder: Responder | undefined
  /** True from when it left a call waiting until it answers one. */
  suspect = false
  readonly route: RequestRoute
  readonly scope: CallScope
  readonly breaker: CircuitBreaker | undefined
  underWay = 0

  constructor(id: string, responder: Responder, route: RequestRoute, scope: CallScope) {
    this.id = id
    this.declaration = responder.declaration
    this.responder = responder
    this.route = route
    this.scope = scope
    // In virtual time nothing is late and nothing is overloaded.
    this.breaker =
      scope.deadlines === undefined
        ? undefined
        : new CircuitBreaker({ clock: scope.timers, isFailure: (error) => isFailureOf(id, error) })
  }

  load(): number {
    return this.underWay
  }

  isAvailable(): boolean {
    return this.responder?.isAvailable() ?? false
  }

  isRefusing(): boolean {
    return this.underWay >= maximumConcurrentAnswers || this.isCircuitOpen()
  }

  /** Also while the one call that it was given on trial is under way. */
  isCircuitOpen(): boolean {
    return this.breaker !== undefined && this.breaker.state !== 'closed' && this.breaker.retryAfterMs() > 0
  }

  whyNot(): string {
    if (this.responder === undefined) return 'it has failed and is being restarted'
    if (this.underWay >= maximumConcurrentAnswers)
      return `${maximumConcurrentAnswers} calls of it are under way: add replicas or ask less`
    return this.isCircuitOpen()
      ? 'its last calls failed or were too slow, so it is left alone for some seconds'
      : 'it was not ready in time'
  }

  wentAway(): void {
    this.responder = undefined
  }

  cameBack(responder: Responder): void {
    this.responder = responder
    this.suspect = false
    this.breaker?.reset()
  }
}

/** That the replica died or hung while it answered. Errors that the handler threw are answers too, also those of whoever it asked in turn. */
export function isFailureOf(instance: string, error: unknown): boolean {
  return (
    SwarmError.isInstance(error) &&
    (error.code === 'AGENT_RESTARTED' || error.code === 'HANDLER_TIMED_OUT') &&
    error.context['agent'] === instance
  )
}

function answersTwice(request: Request, instance: string): SwarmError {
  return new SwarmError({
    code: 'DUPLICATE_RESPONDER',
    message: `${instance} registers two answers to ${request.name}: register one`,
    context: { request: request.name, instance },
  })
}
