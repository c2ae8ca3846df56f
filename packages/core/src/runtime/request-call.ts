import type { Span } from '@opentelemetry/api'
import { SwarmError } from '../errors/swarm-error.js'
import type { RegistryQuery } from '../registry/registry.js'
import type { OperationTelemetry } from '../telemetry/operation-telemetry.js'
import { inject } from '../telemetry/traceparent.js'
import type { Cancel, EpochMs } from '../time/clock.js'
import type { Deadline, Expiring } from '../time/deadlines.js'
import { CallAttempt } from './call-attempt.js'
import type { HandlerRun, Revocable } from './handler-run.js'
import { type CallScope, isFailureOf, type RequestRoute } from './request-route.js'

/** Who asks, and for how long. */
export type CallParameters = {
  readonly publisher: string
  readonly correlationId: string | undefined
  readonly causationId: string | undefined
  readonly timeoutMs: number
  readonly deadlineAt: EpochMs
  /** On the clock that never goes back. */
  readonly startedAt: number
  /** How many requests led to this one, itself among them. */
  readonly depth: number
  /** The asking handler: when its context is revoked, the call is given up. */
  readonly run: HandlerRun | undefined
  readonly signal: AbortSignal | undefined
  /** Who is to answer, where not all may who can. */
  readonly to: RegistryQuery | undefined
  /** How the call is traced and measured. */
  readonly asking: OperationTelemetry | undefined
}

/** One call of a request, from its first attempt to its answer: it goes to the next replica when one dies, is overloaded or does not answer. */
export class RequestCall implements Revocable, Expiring {
  readonly route: RequestRoute
  readonly input: unknown
  readonly parameters: CallParameters
  readonly #scope: CallScope
  readonly #resolve: (answer: unknown) => void
  readonly #reject: (error: unknown) => void
  readonly #span: Span | undefined
  readonly #startedAt: number
  #ended = false
  #attempts = 0
  #waits = 0
  #underWay = 0
  /** The first attempt, and those after it. */
  #first: CallAttempt | undefined = undefined
  #others: CallAttempt[] | undefined = undefined
  #deadline: Deadline | undefined = undefined
  #hedge: Deadline | undefined = undefined
  #cancelWait: Cancel | undefined = undefined
  #onAbort: (() => void) | undefined = undefined

  constructor(
    scope: CallScope,
    route: RequestRoute,
    input: unknown,
    parameters: CallParameters,
    resolve: (answer: unknown) => void,
    reject: (error: unknown) => void,
  ) {
    this.#scope = scope
    this.route = route
    this.input = input
    this.parameters = parameters
    this.#resolve = resolve
    this.#reject = reject
    this.#startedAt = parameters.startedAt
    this.#span = parameters.asking?.startWithin(parameters.run?.span, {
      correlationId: parameters.correlationId ?? '',
    })
  }

  get traceparent(): string | undefined {
    return this.#span === undefined ? undefined : inject(this.#span)
  }

  start(): void {
    const { run, signal, timeoutMs } = this.parameters
    this.#deadline = this.#scope.deadlines?.set(timeoutMs, this)
    run?.noteCall(this, this.#startedAt)
    if (signal !== undefined) {
      if (signal.aborted) {
        this.abort(signal.reason)
        return
      }
      this.#onAbort = () => this.abort(signal.reason)
      signal.addEventListener('abort', this.#onAbort)
    }
    this.#attempt(undefined, this.#startedAt)
  }

  /** The caller no longer waits: whoever answers is told by its signal. */
  abort(reason: unknown): void {
    this.#fail(reason)
  }

  /** The time is up. */
  expire(): void {
    if (this.#ended) return
    const { timeoutMs, to } = this.parameters
    // Nobody was asked, so nothing has happened.
    if (this.#attempts === 0) {
      this.#fail(this.route.nobody(to))
      return
    }
    for (const attempt of this.#tried()) attempt.tooSlow()
    const { name, idempotent } = this.route.request
    this.#fail(
      new SwarmError({
        code: 'REQUEST_TIMED_OUT',
        message: `${name} was not answered within ${timeoutMs} ms`,
        retryability: idempotent ? 'retryable' : 'unknown-outcome',
        context: { request: name, timeoutMs },
      }),
    )
  }

  /** An attempt was answered, at this time of the clock that never goes back. */
  answered(answer: unknown, now: number): void {
    this.#underWay -= 1
    if (this.#ended) return
    this.#end(now)
    if (this.#span !== undefined) this.parameters.asking?.succeeded(this.#span, now - this.#startedAt)
    if (this.#scope.deadlines === undefined) void afterConsequences(() => this.#resolve(answer))
    else this.#resolve(answer)
  }

  attemptFailed(attempt: CallAttempt, error: unknown): void {
    this.#underWay -= 1
    if (this.#ended) return
    if (!this.#mayTryAgain(attempt, error)) this.#fail(error)
    // Another attempt that is under way may still answer.
    else if (this.#underWay === 0) this.#attempt(error, this.#scope.elapsed())
  }

  #attempt(lastError: unknown, now: number): void {
    const candidate = this.route.choose(this)
    if (candidate === undefined) {
      this.#nobody(lastError)
      return
    }
    const attempt = new CallAttempt(this, candidate, now)
    if (this.#first === undefined) this.#first = attempt
    else {
      this.#others ??= []
      this.#others.push(attempt)
    }
    this.#attempts += 1
    this.#underWay += 1
    attempt.start()
    if (!this.#ended && this.#underWay > 0) this.#armHedge()
  }

  /** True when the candidate was asked in this round. */
  hasTried(candidate: CallAttempt['candidate']): boolean {
    if (this.#first?.candidate === candidate) return true
    return this.#others?.some((attempt) => attempt.candidate === candidate) ?? false
  }

  *#tried(): Iterable<CallAttempt> {
    if (this.#first !== undefined) yield this.#first
    yield* this.#others ?? []
  }

  /** One that does not answer for a while may be dead without anyone having noticed: another is asked too, where that does no harm. */
  #armHedge(): void {
    const { route } = this
    if (!route.request.idempotent || route.size < 2) return
    const { failoverAfterMs } = route
    if (this.parameters.timeoutMs <= failoverAfterMs) return
    this.#hedge = this.#scope.deadlines?.set(failoverAfterMs, () => {
      if (this.#ended || !route.hasOther(this)) return
      for (const { candidate } of this.#tried()) candidate.suspect = true
      this.#attempt(undefined, this.#scope.elapsed())
    })
  }

  /** Only what does no harm twice is tried again. */
  #mayTryAgain({ candidate }: CallAttempt, error: unknown): boolean {
    if (!this.route.request.idempotent || this.#scope.deadlines === undefined) return false
    return isFailureOf(candidate.id, error)
  }

  /** Nobody is left to ask at the moment: waits while one is being restarted or is overloaded, and there are attempts left. */
  #nobody(lastError: unknown): void {
    if (this.#underWay > 0) return
    const { deadlines, timers, backoff, random, maximumAttempts } = this.#scope
    const { to } = this.parameters
    const isHopeful = this.route.mayComeBack(to) && this.#attempts < maximumAttempts
    if (deadlines === undefined || !isHopeful) {
      this.#fail(lastError ?? this.route.nobody(to))
      return
    }
    this.#first = undefined
    this.#others = undefined
    this.#waits += 1
    const wait = backoff.delayMs(this.#waits, random)
    this.#cancelWait = timers.at(timers.now() + wait, () => {
      if (!this.#ended) this.#attempt(lastError, this.#scope.elapsed())
    })
  }

  #fail(error: unknown): void {
    if (this.#ended) return
    const now = this.#scope.elapsed()
    this.#end(now)
    if (this.#span !== undefined) this.parameters.asking?.failed(this.#span, now - this.#startedAt, error)
    for (const attempt of this.#tried()) attempt.giveUp(error)
    this.#reject(error)
  }

  #end(now: number): void {
    this.#ended = true
    this.#deadline?.clear()
    this.#hedge?.clear()
    this.#cancelWait?.()
    this.parameters.run?.forgetCall(this, now)
    if (this.#onAbort !== undefined) this.parameters.signal?.removeEventListener('abort', this.#onAbort)
  }
}

/** So many turns of the queue of microtasks. */
const turnsOfConsequences = 9

/**
 * In virtual time whoever asked goes on when what the answer set off at once in a service has happened: a journal has its consequences before
 * what the asker does next.
 */
async function afterConsequences(goOn: () => void): Promise<void> {
  for (let turn = 0; turn < turnsOfConsequences; turn += 1) await Promise.resolve()
  goOn()
}
