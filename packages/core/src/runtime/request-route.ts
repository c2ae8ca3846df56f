import { SwarmError } from '../errors/swarm-error.js'
import type { Request } from '../messages/request.js'
import type { Random } from '../random/random.js'
import { type Selection, selectionByName } from '../registry/selection.js'
import type { Backoff } from '../resilience/backoff.js'
import { CircuitBreaker } from '../resilience/circuit-breaker.js'
import type { OperationTelemetry } from '../telemetry/operation-telemetry.js'
import type { AgentLabels } from '../telemetry/semantic-attributes.js'
import type { Telemetry } from '../telemetry/telemetry.js'
import type { ClockAndTimers } from '../time/clock.js'
import type { Deadlines } from '../time/deadlines.js'
import type { AgentCounts } from './agent-counts.js'
import type { HandlerContext } from './agent-types.js'
import type { HandlerWork } from './handler-run.js'
import type { RequestCall } from './request-call.js'

/** One who answers a request. */
export type Responder = {
  readonly instance: string
  isAvailable(): boolean
  readonly handler: (input: unknown, context: HandlerContext) => unknown
  /** How its answers are traced and measured. */
  readonly operation: OperationTelemetry | undefined
  /** Counts the answers. */
  readonly counts?: AgentCounts
  /** Runs the handler in a transaction of its own; tells the work how it ended. */
  answer(work: HandlerWork): void
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
  readonly answerPlace: string
  readonly inputPlace: string
  readonly #scope: CallScope
  readonly #selection: Selection
  readonly #candidates: Candidate[] = []
  readonly #available: Candidate[] = []
  readonly #asking = new Map<string, OperationTelemetry>()
  #averageMs = 0

  constructor(request: Request, scope: CallScope) {
    this.request = request
    this.#scope = scope
    this.#selection = selectionByName(request.selection, { random: scope.random })
    this.answerPlace = `answer to ${request.name}`
    this.inputPlace = `request ${request.name}`
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

  /** One who can answer now and was not asked yet; one that has left a call waiting only where there is no other. */
  choose(input: unknown, call: RequestCall): Candidate | undefined {
    const first = this.#candidates[0]
    if (this.#candidates.length === 1 && first !== undefined) return canAnswer(first, call) ? first : undefined
    const available = this.#available
    available.length = 0
    for (const candidate of this.#candidates)
      if (!candidate.suspect && canAnswer(candidate, call)) available.push(candidate)
    if (available.length === 0)
      for (const candidate of this.#candidates) if (canAnswer(candidate, call)) available.push(candidate)
    return this.#selection.choose(available, this.request.key(input))
  }

  hasOther(call: RequestCall): boolean {
    return this.#candidates.some((candidate) => canAnswer(candidate, call))
  }

  /** True while one of them is being restarted, is overloaded or has its circuit open. */
  mayComeBack(): boolean {
    return this.#candidates.some((candidate) => candidate.responder === undefined || candidate.isAvailable())
  }

  nobody(): SwarmError {
    const { name } = this.request
    const refusing = this.#candidates.find((candidate) => candidate.isAvailable() && candidate.isRefusing())
    return new SwarmError({
      code: refusing === undefined ? 'NO_RESPONDER' : 'RESPONDER_UNAVAILABLE',
      message:
        refusing === undefined
          ? `nobody answers ${name}: add an agent that declares it in "responds", or resume the one that does`
          : `${refusing.id} answers ${name}, but ${refusing.whyRefusing()}`,
      retryability: 'retryable',
      context: { request: name },
    })
  }
}

function canAnswer(candidate: Candidate, call: RequestCall): boolean {
  return candidate.isAvailable() && !candidate.isRefusing() && !call.hasTried(candidate)
}

/** One who could answer, with what its last answers say about it. */
export class Candidate {
  readonly id: string
  responder: Responder | undefined
  /** True from when it left a call waiting until it answers one. */
  suspect = false
  readonly route: RequestRoute
  readonly scope: CallScope
  readonly breaker: CircuitBreaker | undefined
  underWay = 0

  constructor(id: string, responder: Responder, route: RequestRoute, scope: CallScope) {
    this.id = id
    this.responder = responder
    this.route = route
    this.scope = scope
    // In virtual time nothing is late and nothing is overloaded.
    this.breaker =
      scope.deadlines === undefined ? undefined : new CircuitBreaker({ clock: scope.timers, isFailure: speaksAgainst })
  }

  load(): number {
    return this.underWay
  }

  isAvailable(): boolean {
    return this.responder?.isAvailable() ?? false
  }

  isRefusing(): boolean {
    return this.underWay >= maximumConcurrentAnswers || this.breaker?.state === 'open'
  }

  whyRefusing(): string {
    return this.underWay >= maximumConcurrentAnswers
      ? `${maximumConcurrentAnswers} calls of it are under way: add replicas or ask less`
      : 'its last calls failed or were too slow, so it is left alone for some seconds'
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

/** Errors that the handler threw on purpose are answers too. */
function speaksAgainst(error: unknown): boolean {
  return SwarmError.isInstance(error, 'AGENT_RESTARTED') || SwarmError.isInstance(error, 'HANDLER_TIMED_OUT')
}

function answersTwice(request: Request, instance: string): SwarmError {
  return new SwarmError({
    code: 'DUPLICATE_RESPONDER',
    message: `${instance} registers two answers to ${request.name}: register one`,
    context: { request: request.name, instance },
  })
}
