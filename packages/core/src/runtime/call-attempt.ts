import type { Message } from '../messages/message.js'
import type { OperationTelemetry } from '../telemetry/operation-telemetry.js'
import type { EpochMs } from '../time/clock.js'
import type { HandlerContext } from './agent-types.js'
import type { HandlerRun, HandlerWork } from './handler-run.js'
import type { RequestCall } from './request-call.js'
import type { Candidate, Responder } from './request-route.js'

/** One attempt of a call with one candidate. How it ended, or that it takes too long, is told to the candidate once. */
export class CallAttempt implements HandlerWork {
  readonly call: RequestCall
  readonly candidate: Candidate
  readonly #responder: Responder | undefined
  readonly #startedAt: number
  #pass: number
  #run: HandlerRun | undefined = undefined
  #isOver = false

  constructor(call: RequestCall, candidate: Candidate, startedAt: number) {
    this.call = call
    this.candidate = candidate
    this.#responder = candidate.responder
    this.#startedAt = startedAt
    this.#pass = candidate.breaker?.tryAcquire() ?? 0
    candidate.underWay += 1
  }

  get message(): Message | undefined {
    return undefined
  }

  get durable(): boolean {
    return true
  }

  get caller(): string {
    return this.call.parameters.publisher
  }

  get requestName(): string {
    return this.call.route.request.name
  }

  get correlationId(): string {
    return this.call.parameters.correlationId ?? ''
  }

  get causationId(): string | undefined {
    return this.call.parameters.causationId
  }

  get deadlineAt(): EpochMs {
    return this.call.parameters.deadlineAt
  }

  get giveUpAt(): number {
    const { startedAt, timeoutMs } = this.call.parameters
    return startedAt + timeoutMs
  }

  get requestDepth(): number {
    return this.call.parameters.depth
  }

  get operation(): OperationTelemetry | undefined {
    return this.#responder?.operation
  }

  get traceparent(): string | undefined {
    return this.call.traceparent
  }

  start(): void {
    this.#responder?.answer(this)
  }

  invoke(context: HandlerContext): unknown {
    return this.#responder?.handler(this.call.input, context)
  }

  check(answer: unknown): unknown {
    // Within the attempt, so that a wrong answer leaves nothing behind.
    return this.call.route.answerOf(answer)
  }

  began(run: HandlerRun): void {
    this.#run = run
  }

  succeeded(answer: unknown): void {
    const { candidate } = this
    this.#isOver = true
    this.#responder?.answered?.()
    const now = candidate.scope.elapsed()
    const elapsedMs = now - this.#startedAt
    candidate.underWay -= 1
    candidate.suspect = false
    candidate.route.noteTime(elapsedMs)
    if (this.#pass !== 0) candidate.breaker?.onSuccess(this.#pass, elapsedMs)
    if (this.#responder?.counts !== undefined) this.#responder.counts.handled += 1
    this.call.answered(answer, now)
  }

  failed(error: unknown): void {
    this.#isOver = true
    this.#responder?.answered?.()
    this.candidate.underWay -= 1
    if (this.#pass !== 0) this.candidate.breaker?.onFailure(this.#pass, error)
    if (this.#responder?.counts !== undefined) this.#responder.counts.failed += 1
    this.call.attemptFailed(this, error)
  }

  /** Its caller has waited in vain, unless it has ended. */
  tooSlow(): void {
    if (this.#isOver) return
    this.candidate.suspect = true
    if (this.#pass !== 0) this.candidate.breaker?.onSlow(this.#pass)
    this.#pass = 0
  }

  /** Its caller no longer waits: the handler is told by its signal. */
  giveUp(reason: unknown): void {
    this.#run?.giveUp(reason)
  }
}
