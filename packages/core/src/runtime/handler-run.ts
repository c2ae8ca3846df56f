import type { Span } from '@opentelemetry/api'
import { assertKnownOptions } from '../errors/known-options.js'
import { SwarmError } from '../errors/swarm-error.js'
import type { Logger } from '../logging/logger.js'
import type { Message } from '../messages/message.js'
import type { Request } from '../messages/request.js'
import type { DocumentRules } from '../state/define-document.js'
import type { StateStore } from '../state/state-store.js'
import type { AgentState } from '../state/transaction.js'
import type { OperationTelemetry } from '../telemetry/operation-telemetry.js'
import type { AgentLabels } from '../telemetry/semantic-attributes.js'
import type { Clock, EpochMs } from '../time/clock.js'
import type { Deadline } from '../time/deadlines.js'
import type { DeclaredAgent } from './agent-entries.js'
import type { CallOptions, HandlerContext } from './agent-types.js'
import type { Bus } from './bus.js'
import type { Dispatcher } from './dispatcher.js'
import { HandlerEffects } from './handler-effects.js'
import type { JournalWriter } from './journal-writer.js'
import type { AroundHandling } from './middleware-chain.js'
import { assertMayRequest } from './permissions.js'
import { Refusal } from './refusal.js'

/** What all handlers of one agent share. */
export type HandlerScope = {
  readonly instance: string
  /** As it was when the swarm was made. */
  readonly declaration: DeclaredAgent
  readonly bus: Bus
  readonly writer: JournalWriter
  readonly states: StateStore
  /** How its documents are kept, where it has declared some. */
  readonly documents: DocumentRules | undefined
  readonly dispatcher: Dispatcher
  readonly logger: () => Logger
  readonly labels: AgentLabels
  /** Absent where there is no middleware around handlers. */
  readonly around: AroundHandling | undefined
}

/** What a handler is called for. */
export type HandlerWork = {
  /** Absent in timers and requests. */
  readonly message: Message | undefined
  /** The agent that asks; absent but in requests. */
  readonly caller: string | undefined
  /** Present in requests alone. */
  readonly requestName?: string
  readonly correlationId: string
  readonly causationId: string | undefined
  /** False for ephemeral messages: what their handlers write is saved with the next durable commit, not with one of its own. */
  readonly durable: boolean
  /** When whoever waits for it gives up, if someone does. */
  readonly deadlineAt?: EpochMs | undefined
  /** The same on the clock that never goes back. */
  readonly giveUpAt?: number
  /** How many requests led to this one, itself among them, each asked by the handler of the one before; absent but in requests. */
  readonly requestDepth?: number
  readonly invoke: (context: HandlerContext) => unknown
  /** Looks at what the handler returned, before anything takes effect; what it throws fails the attempt. */
  readonly check?: (result: unknown) => unknown
  /** Told of each attempt, before it is invoked. */
  readonly began?: (run: HandlerRun) => void
  /** Told once how it ended: the handler's effects are durable where they are to be, or none has taken effect. */
  readonly succeeded: (result: unknown) => void
  readonly failed: (error: unknown) => void
  /** How the work is traced and measured; absent in virtual time, where nothing takes long. */
  readonly operation?: OperationTelemetry | undefined
  /** The trace that whoever published or asked was in. */
  readonly traceparent?: string | undefined
  /** Notes that the message is done with: part of the handler's transaction. */
  readonly acknowledge?: () => void
}

/** What is to be told when a handler's context is revoked. */
export type Revocable = { abort(reason: unknown): void }

/** What few handlers ask for. */
type Extras = {
  abort?: AbortController
  logger?: Logger
  calls?: Set<Revocable>
  /** When the calls that are under way began, on the clock that never goes back, and how long those before took. */
  waitsSince?: number
  waitedMs?: number
  refusals?: Refusal[]
  request?: (request: Request, input: unknown, options?: CallOptions) => Promise<unknown>
  putBlob?: (text: string) => string
}

const callOptions: readonly (keyof CallOptions)[] = ['timeoutMs', 'signal', 'to']

/**
 * One attempt of one handler, which is also the context that the handler is given: what it publishes and writes takes effect at
 * {@link HandlerRun.commit}, or never. A class of few fields, and not closures, for one is made for each message.
 */
export class HandlerRun {
  readonly work: HandlerWork
  /** How often it was run anew because another had written its documents. */
  readonly collisions: number
  /** True once its outcome is settled, whatever its handler still does. */
  ended = false
  /** True from when its effects are the swarm's, though they may not be durable yet. */
  isCommitted = false
  /** Its place among {@link WaitingRuns}, which alone writes it. */
  isWaiting = false
  previousWaiting: HandlerRun | undefined = undefined
  nextWaiting: HandlerRun | undefined = undefined
  startedAt = 0
  deadline: Deadline | undefined = undefined
  /** The span of the handler, where it is traced. */
  span: Span | undefined = undefined
  operation: OperationTelemetry | undefined = undefined
  readonly #scope: HandlerScope
  #revoked = false
  /** True once its handler has ended: its commit may have to wait still, and takes nothing more. */
  #sealed = false
  #effects: HandlerEffects | undefined = undefined
  #extras: Extras | undefined = undefined

  constructor(scope: HandlerScope, work: HandlerWork, collisions: number) {
    this.#scope = scope
    this.work = work
    this.collisions = collisions
  }

  get message(): Message | undefined {
    return this.work.message
  }

  get caller(): string | undefined {
    return this.work.caller
  }

  get correlationId(): string {
    return this.work.correlationId
  }

  get clock(): Clock {
    return this.#scope.dispatcher
  }

  get deadlineAt(): EpochMs | undefined {
    return this.work.deadlineAt
  }

  /** Made when first asked for: most handlers log nothing. */
  get logger(): Logger {
    const extras = this.#more()
    if (extras.logger === undefined) {
      const { message, correlationId } = this
      const fields = message === undefined ? {} : { topic: message.topic, messageId: message.id }
      extras.logger = this.#scope.logger().child(correlationId === '' ? fields : { ...fields, correlationId })
    }
    return extras.logger
  }

  get state(): AgentState {
    return this.#written().state
  }

  /** Made when first asked for: most handlers never look at it. */
  get signal(): AbortSignal {
    const extras = this.#more()
    extras.abort ??= new AbortController()
    if (this.#revoked && !extras.abort.signal.aborted) extras.abort.abort(revokedError(this.#scope.instance))
    return extras.abort.signal
  }

  // Functions of their own, so that a handler may take them out of its context; made when first asked for.

  get publish(): HandlerEffects['publish'] {
    return this.#written().publish
  }

  get request(): (request: Request, input: unknown, options?: CallOptions) => Promise<unknown> {
    const extras = this.#more()
    extras.request ??= (request, input, options) => this.#request(request, input, options)
    return extras.request
  }

  get putBlob(): (text: string) => string {
    const extras = this.#more()
    extras.putBlob ??= (text) => this.#written().putBlob(text)
    return extras.putBlob
  }

  /** Throws `CONTEXT_REVOKED` once it takes nothing more. */
  assertLive(): void {
    if (this.#revoked || this.#sealed) throw revokedError(this.#scope.instance)
  }

  /** What it was refused, and is not told as it does not wait for it, fails it when it ends. */
  refuse(error: unknown): Promise<never> {
    const refusal = new Refusal(error)
    const extras = this.#more()
    extras.refusals ??= []
    extras.refusals.push(refusal)
    return refusal
  }

  #request(request: Request, input: unknown, options?: CallOptions): Promise<unknown> {
    try {
      this.assertLive()
      const { bus, declaration, instance, labels } = this.#scope
      assertMayRequest(declaration, request, instance)
      if (options !== undefined) assertKnownOptions(`request ${request.name}`, options, callOptions)
      const asking = { role: declaration.role, options, run: this, labels }
      return bus.requests.call(request, input, this.#written().originOf(undefined), asking)
    } catch (error) {
      return this.refuse(error)
    }
  }

  /** Lets a call of the handler's be given up when its context is revoked; `now` is on the clock that never goes back. */
  noteCall(call: Revocable, now: number): void {
    const extras = this.#more()
    extras.calls ??= new Set()
    if (extras.calls.size === 0) extras.waitsSince = now
    extras.calls.add(call)
  }

  forgetCall(call: Revocable, now: number): void {
    const extras = this.#more()
    if (extras.calls?.delete(call) !== true || extras.calls.size > 0) return
    extras.waitedMs = (extras.waitedMs ?? 0) + now - (extras.waitsSince ?? now)
  }

  /** Whether it waits for an answer, so that not it is at fault when it does not end. */
  get isAsking(): boolean {
    return (this.#extras?.calls?.size ?? 0) > 0
  }

  /** How long calls were under way since this was last asked. */
  takeWaitedMs(now: number): number {
    const extras = this.#extras
    if (extras?.calls === undefined) return 0
    const isWaiting = extras.calls.size > 0
    const waitedMs = (extras.waitedMs ?? 0) + (isWaiting ? now - (extras.waitsSince ?? now) : 0)
    extras.waitedMs = 0
    extras.waitsSince = now
    return waitedMs
  }

  /**
   * Makes all of it take effect together with the acknowledgement. Returns a promise where something has to become durable first.
   * Throws `CONTEXT_REVOKED`, `JOURNAL_FAILED`, `STATE_CONFLICT`, `STATE_NOT_JSON`, `MAILBOX_FULL` or what the handler was refused and did not
   * wait for, before anything has taken effect.
   */
  commit(): Promise<void> | undefined {
    if (this.#revoked) throw revokedError(this.#scope.instance)
    this.#sealed = true
    if (this.#extras?.refusals !== undefined) assertHeard(this.#extras.refusals)
    if (this.#effects?.isEmpty === false) return this.#effects.commit()
    if (this.work.durable) this.#scope.writer.assertSound()
    this.noteCommitted()
    this.work.acknowledge?.()
    return undefined
  }

  /** Its effects are the swarm's from now on. */
  noteCommitted(): void {
    this.#revoked = true
    this.isCommitted = true
    this.deadline?.clear()
  }

  /** Whoever asked no longer waits: the handler is told by its signal, as is whoever it asks itself, and may still end. */
  giveUp(reason: unknown): void {
    const extras = this.#more()
    extras.abort ??= new AbortController()
    extras.abort.abort(reason)
    for (const call of extras.calls ?? []) call.abort(reason)
  }

  /** From now on the context refuses everything. */
  revoke(): void {
    this.#revoked = true
    this.deadline?.clear()
    if (this.#extras?.abort === undefined && this.#extras?.calls === undefined) return
    const reason = revokedError(this.#scope.instance)
    this.#extras.abort?.abort(reason)
    for (const call of this.#extras.calls ?? []) call.abort(reason)
  }

  #more(): Extras {
    this.#extras ??= {}
    return this.#extras
  }

  #written(): HandlerEffects {
    this.#effects ??= new HandlerEffects(this, this.#scope)
    return this.#effects
  }
}

function assertHeard(refusals: readonly Refusal[]): void {
  for (const { isHeard, error } of refusals) if (!isHeard) throw error
}

function revokedError(instance: string): SwarmError {
  return new SwarmError({
    code: 'CONTEXT_REVOKED',
    message: `a handler of ${instance} went on after it had ended, timed out or been restarted; what it did since then is dropped`,
    context: { instance },
  })
}
