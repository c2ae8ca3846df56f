import { messageOf } from '../errors/swarm-error.js'
import { failureFields } from '../logging/failure-fields.js'
import type { Logger } from '../logging/logger.js'
import type { Request } from '../messages/request.js'
import { assertFunction, type Topic } from '../messages/topic.js'
import type { Random } from '../random/random.js'
import type { Registration, RegistryQuery } from '../registry/registry.js'
import type { OperationTelemetry } from '../telemetry/operation-telemetry.js'
import type { AgentLabels } from '../telemetry/semantic-attributes.js'
import type { Cancel, Clock } from '../time/clock.js'
import type { AgentHost } from './agent.js'
import type { AgentCounts } from './agent-counts.js'
import { respondNotDeclared } from './agent-errors.js'
import type { AgentSubscriptions } from './agent-subscriptions.js'
import { startAgentTimer } from './agent-timer.js'
import type { AgentLifecycle, HandlerContext, SubscribeOptions } from './agent-types.js'
import type { MessageOptions } from './bus.js'
import type { CallAttempt } from './call-attempt.js'
import type { HandlerAttempts } from './handler-attempts.js'
import type { InstanceParts, InstanceScope } from './instance-scope.js'
import { assertMayPublish } from './permissions.js'
import { refuse } from './refusal.js'

/** What the host asks of the instance whose agent it serves. */
export type HostedInstance = {
  readonly labels: AgentLabels
  readonly counts: AgentCounts
  readonly attempts: HandlerAttempts
  readonly subscriptions: AgentSubscriptions
  config(): unknown
  lifecycle(): AgentLifecycle
}

/** What an agent calls while it runs: what it hears, answers, publishes, finds and does at intervals. It serves all lives of one instance. */
export class InstanceHost implements AgentHost {
  readonly id: string
  readonly #parts: InstanceParts
  readonly #scope: InstanceScope
  readonly #instance: HostedInstance
  #timers: Cancel[] | undefined
  #timing: OperationTelemetry | undefined
  /** How many requests the agent is answering. */
  #answering = 0
  #whenAnswered: (() => void) | undefined
  #random: Random | undefined
  #logger: Logger | undefined

  constructor(parts: InstanceParts, scope: InstanceScope, instance: HostedInstance) {
    this.id = parts.id
    this.#parts = parts
    this.#scope = scope
    this.#instance = instance
  }

  get config(): unknown {
    return this.#instance.config()
  }

  get clock(): Clock {
    return this.#scope.dispatcher
  }

  get random(): Random {
    this.#random ??= this.#scope.random.fork(this.id)
    return this.#random
  }

  get logger(): Logger {
    this.#logger ??= this.#scope.logger.child({ agent: this.id })
    return this.#logger
  }

  subscribe(heard: Topic | string, handler: unknown, options: SubscribeOptions): void {
    this.#instance.subscriptions.subscribe(heard, handler, options)
  }

  respond(request: Request, handler: unknown): void {
    const { declaration } = this.#parts
    if (declaration.responds?.includes(request) !== true) {
      throw respondNotDeclared(this.id, request.name)
    }
    const { labels, counts } = this.#instance
    this.#scope.bus.requests.addResponder(request, {
      instance: this.id,
      declaration,
      isAvailable: () => {
        const state = this.#instance.lifecycle()
        return state === 'running' || state === 'draining'
      },
      handler: handler as (input: unknown, context: HandlerContext) => unknown,
      operation: this.#scope.telemetry?.answering(request.name, labels),
      counts,
      answer: (work) => this.#answer(work),
      answered: () => this.#answered(),
    })
  }

  every(intervalMs: number, handler: unknown): void {
    assertFunction(handler, `${this.id}: handler of every()`)
    this.#timers ??= []
    this.#timers.push(
      startAgentTimer({
        dispatcher: this.#scope.dispatcher,
        owner: this.id,
        intervalMs,
        run: () => this.#runTimer(handler as (context: HandlerContext) => unknown),
      }),
    )
  }

  discover(query: RegistryQuery): readonly Registration[] {
    return this.#scope.discover(query)
  }

  publish(topic: Topic, payload: unknown, options?: MessageOptions): Promise<string> {
    try {
      assertMayPublish(this.#parts.declaration, topic, this.id)
    } catch (error) {
      return refuse(error, () =>
        this.logger.error('a message was refused, and its agent does not wait for it', { error: messageOf(error) }),
      )
    }
    const origin = { publisher: this.id, correlationId: undefined, causationId: undefined }
    return this.#scope.bus.publish(topic, payload, origin, options)
  }

  /** What the agent does at intervals ends. */
  cancelTimers(): void {
    for (const cancel of this.#timers ?? []) cancel()
    this.#timers = undefined
  }

  /** Resolves when the agent has answered every request that it was asked. */
  async allAnswered(): Promise<void> {
    while (this.#answering > 0) {
      await new Promise<void>((resolve) => {
        this.#whenAnswered = resolve
      })
    }
  }

  /** Runs the handler of a request; whoever stops the agent waits until it has ended. */
  #answer(work: CallAttempt): void {
    this.#answering += 1
    this.#instance.attempts.run(work)
  }

  /** A request that it was asked has ended. */
  #answered(): void {
    this.#answering -= 1
    if (this.#answering === 0) this.#whenAnswered?.()
  }

  /** Resolves when a timer's handler has ended, well or not. */
  #runTimer(handler: (context: HandlerContext) => unknown): Promise<void> {
    const { attempts, counts } = this.#instance
    return new Promise((resolve) => {
      attempts.run({
        message: undefined,
        caller: undefined,
        correlationId: '',
        causationId: undefined,
        durable: true,
        operation: this.#timingOperation(),
        invoke: handler,
        succeeded: () => {
          counts.handled += 1
          resolve()
        },
        failed: (error) => {
          counts.failed += 1
          this.logger.error('a timer of an agent failed', failureFields(error))
          resolve()
        },
      })
    })
  }

  #timingOperation(): OperationTelemetry | undefined {
    this.#timing ??= this.#scope.telemetry?.timing(this.#instance.labels)
    return this.#timing
  }
}
