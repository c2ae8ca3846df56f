import type { Span } from '@opentelemetry/api'
import { SwarmError } from '../errors/swarm-error.js'
import type { Request } from '../messages/request.js'
import { validate } from '../messages/validate.js'
import type { RegistryQuery } from '../registry/registry.js'
import type { OperationTelemetry } from '../telemetry/operation-telemetry.js'
import { inject } from '../telemetry/traceparent.js'
import type { Cancel, EpochMs } from '../time/clock.js'
import type { Deadline } from '../time/deadlines.js'
import type { HandlerContext } from './agent-types.js'
import type { HandlerRun, HandlerWork, Revocable } from './handler-run.js'
import { type CallAttempt, type CallScope, isFailureOf, type RequestRoute } from './request-route.js'

/** Who asks, and for how long. */
export type CallParameters = {
  readonly publisher: string
  readonly correlationId: string | undefined
  readonly causationId: string | undefined
  readonly timeoutMs: number
  readonly deadlineAt: EpochMs
  /** The asking handler: when its context is revoked, the call is given up. */
  readonly run: HandlerRun | undefined
  readonly signal: AbortSignal | undefined
  /** Who is to answer, where not all may who can. */
  readonly to: RegistryQuery | undefined
  /** How the call is traced and measured. */
  readonly asking: OperationTelemetry | undefined
}

/** One call of a request, from its first attempt to its answer: it goes to the next replica when one dies, is overloaded or does not answer. */
export class RequestCall implements HandlerWork, Revocable {
  readonly message = undefined
  readonly durable = true
  readonly caller: string
  readonly correlationId: string
  readonly causationId: string | undefined
  readonly deadlineAt: EpochMs
  readonly #scope: CallScope
  readonly #route: RequestRoute
  readonly #request: Request
  readonly #input: unknown
  readonly #key: string
  readonly #parameters: CallParameters
  readonly #resolve: (answer: unknown) => void
  readonly #reject: (error: unknown) => void
  readonly #span: Span | undefined
  readonly #startedAt: number
  #ended = false
  #attempts = 0
  #waits = 0
  #underWay = 0
  #tried: CallAttempt[] | undefined
  #asked: CallAttempt | undefined
  #deadline: Deadline | undefined
  #hedge: Deadline | undefined
  #cancelWait: Cancel | undefined
  #answering: HandlerRun[] | undefined
  #onAbort: (() => void) | undefined

  constructor(
    scope: CallScope,
    route: RequestRoute,
    input: unknown,
    parameters: CallParameters,
    settle: { readonly resolve: (answer: unknown) => void; readonly reject: (error: unknown) => void },
  ) {
    this.#scope = scope
    this.#route = route
    this.#request = route.request
    this.#input = input
    this.#parameters = parameters
    this.#key = route.request.key(input)
    this.#resolve = settle.resolve
    this.#reject = settle.reject
    this.caller = parameters.publisher
    this.correlationId = parameters.correlationId ?? ''
    this.causationId = parameters.causationId
    this.deadlineAt = parameters.deadlineAt
    this.#span = parameters.asking?.startWithin(parameters.run?.span, this)
    this.#startedAt = this.#span === undefined ? 0 : scope.elapsed()
  }

  get operation(): OperationTelemetry | undefined {
    return this.#asked?.candidate.responder?.operation
  }

  get traceparent(): string | undefined {
    return this.#span === undefined ? undefined : inject(this.#span)
  }

  start(): void {
    const { run, signal, timeoutMs } = this.#parameters
    this.#deadline = this.#scope.deadlines?.set(timeoutMs, () => this.#fail(this.#timedOut()))
    run?.noteCall(this)
    if (signal !== undefined) {
      if (signal.aborted) {
        this.abort(signal.reason)
        return
      }
      this.#onAbort = () => this.abort(signal.reason)
      signal.addEventListener('abort', this.#onAbort)
    }
    this.#attempt(undefined)
  }

  /** The caller no longer waits: whoever answers is told by its signal. */
  abort(reason: unknown): void {
    this.#fail(reason)
  }

  invoke(context: HandlerContext): unknown {
    return this.#asked?.candidate.responder?.handler(this.#input, context)
  }

  check(answer: unknown): unknown {
    // Within the attempt, so that a wrong answer leaves nothing behind.
    return validate(this.#request.output, answer, this.#route.answerPlace)
  }

  /** Called with each attempt of a handler to answer it. */
  began(run: HandlerRun): void {
    this.#answering ??= []
    this.#answering.push(run)
  }

  #attempt(lastError: unknown): void {
    const candidate = this.#route.choose(this.#key, this.#tried, this.#parameters.to)
    if (candidate === undefined) {
      this.#nobody(lastError)
      return
    }
    this.#attempts += 1
    const attempt = candidate.begin()
    this.#tried ??= []
    this.#tried.push(attempt)
    this.#underWay += 1
    let answer: unknown
    try {
      this.#asked = attempt
      answer = candidate.responder?.answer(this)
    } catch (error) {
      this.#attemptFailed(attempt, error)
      return
    } finally {
      this.#asked = undefined
    }
    if (!(answer instanceof Promise)) {
      this.#answered(attempt, answer)
      return
    }
    this.#armHedge()
    answer.then(
      (value) => this.#answered(attempt, value),
      (error: unknown) => this.#attemptFailed(attempt, error),
    )
  }

  /** One that does not answer for a while may be dead without anyone having noticed: another is asked too, where that does no harm. */
  #armHedge(): void {
    if (!this.#request.idempotent || this.#route.size < 2) return
    const failoverAfterMs = this.#route.failoverAfterMs
    if (this.#parameters.timeoutMs <= failoverAfterMs) return
    this.#hedge = this.#scope.deadlines?.set(failoverAfterMs, () => {
      if (this.#ended || !this.#route.hasOther(this.#tried, this.#parameters.to)) return
      for (const { candidate } of this.#tried ?? []) candidate.suspect = true
      this.#attempt(undefined)
    })
  }

  #answered(attempt: CallAttempt, answer: unknown): void {
    this.#underWay -= 1
    attempt.succeeded()
    if (this.#ended) return
    this.#end()
    if (this.#span !== undefined)
      this.#parameters.asking?.succeeded(this.#span, this.#scope.elapsed() - this.#startedAt)
    this.#resolve(answer)
  }

  #attemptFailed(attempt: CallAttempt, error: unknown): void {
    this.#underWay -= 1
    attempt.failed(error)
    if (this.#ended) return
    if (!this.#mayTryAgain(attempt, error)) this.#fail(error)
    // Another attempt that is under way may still answer.
    else if (this.#underWay === 0) this.#attempt(error)
  }

  /** Only what does no harm twice is tried again. */
  #mayTryAgain({ candidate }: CallAttempt, error: unknown): boolean {
    if (!this.#request.idempotent || this.#scope.deadlines === undefined) return false
    return isFailureOf(candidate.id, error)
  }

  /** Nobody is left to ask at the moment: waits while one is being restarted or is overloaded, and there are attempts left. */
  #nobody(lastError: unknown): void {
    if (this.#underWay > 0) return
    const { deadlines, timers, backoff, random, maximumAttempts } = this.#scope
    const { to } = this.#parameters
    const isHopeful = this.#route.mayComeBack(to) && this.#attempts < maximumAttempts
    if (deadlines === undefined || !isHopeful) {
      this.#fail(lastError ?? this.#route.nobody(to))
      return
    }
    this.#tried = undefined
    this.#waits += 1
    const wait = backoff.delayMs(this.#waits, random)
    this.#cancelWait = timers.at(timers.now() + wait, () => {
      if (!this.#ended) this.#attempt(lastError)
    })
  }

  #fail(error: unknown): void {
    if (this.#ended) return
    this.#end()
    if (this.#span !== undefined)
      this.#parameters.asking?.failed(this.#span, this.#scope.elapsed() - this.#startedAt, error)
    for (const run of this.#answering ?? []) run.giveUp(error)
    this.#reject(error)
  }

  #end(): void {
    this.#ended = true
    this.#deadline?.clear()
    this.#hedge?.clear()
    this.#cancelWait?.()
    this.#parameters.run?.forgetCall(this)
    if (this.#onAbort !== undefined) this.#parameters.signal?.removeEventListener('abort', this.#onAbort)
  }

  #timedOut(): SwarmError {
    const { name, idempotent } = this.#request
    const { timeoutMs, to } = this.#parameters
    // Nobody was asked, so nothing has happened.
    if (this.#attempts === 0) return this.#route.nobody(to)
    for (const attempt of this.#tried ?? []) attempt.tooSlow()
    return new SwarmError({
      code: 'REQUEST_TIMED_OUT',
      message: `${name} was not answered within ${timeoutMs} ms`,
      retryability: idempotent ? 'retryable' : 'unknown-outcome',
      context: { request: name, timeoutMs },
    })
  }
}
