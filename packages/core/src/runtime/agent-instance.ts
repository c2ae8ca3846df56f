import { messageOf, type SwarmError } from '../errors/swarm-error.js'
import { failureFields } from '../logging/failure-fields.js'
import type { Logger } from '../logging/logger.js'
import type { Request } from '../messages/request.js'
import { assertFunction, type Topic } from '../messages/topic.js'
import type { Random } from '../random/random.js'
import type { Registration, RegistryQuery } from '../registry/registry.js'
import { LatencyHistogram } from '../telemetry/latency-histogram.js'
import type { OperationTelemetry } from '../telemetry/operation-telemetry.js'
import type { AgentLabels } from '../telemetry/semantic-attributes.js'
import type { Cancel, Clock } from '../time/clock.js'
import { type AgentHost, attachHost, callHook } from './agent.js'
import { type AgentCounts, createAgentCounts } from './agent-counts.js'
import { type DeclaredAgent, parseConfig } from './agent-entries.js'
import {
  agentNotRunning,
  agentRestarted,
  agentStartFailed,
  agentStopping,
  alreadyStarted,
  reconfigureFailed,
  respondNotDeclared,
} from './agent-errors.js'
import type { AgentStatus } from './agent-status.js'
import { AgentSubscriptions } from './agent-subscriptions.js'
import { startAgentTimer } from './agent-timer.js'
import type { AgentClass, AgentLifecycle, HandlerContext, Health, SubscribeOptions } from './agent-types.js'
import type { MessageOptions } from './bus.js'
import type { CallAttempt } from './call-attempt.js'
import type { DeliveryHost } from './delivery.js'
import { HandlerAttempts } from './handler-attempts.js'
import { hookWithin } from './hook-within.js'
import { RoomQueue } from './inbox.js'
import type { InstanceParts, InstanceScope } from './instance-scope.js'
import { Naps } from './naps.js'
import { assertMayPublish } from './permissions.js'
import { refuse } from './refusal.js'

/** One running agent: its lifecycle, its handlers and their failures. It is also the host that its agent talks to. */
export class AgentInstance implements AgentHost {
  readonly id: string
  readonly #parts: InstanceParts
  readonly #scope: InstanceScope
  readonly #attempts: HandlerAttempts
  readonly #counts: AgentCounts = createAgentCounts()
  readonly #labels: AgentLabels
  readonly #room = new RoomQueue()
  readonly #naps: Naps
  #config: unknown
  #latency: LatencyHistogram | undefined
  #timing: OperationTelemetry | undefined
  #agent: object | undefined
  #state: AgentLifecycle = 'created'
  #quarantine: string | undefined
  #timers: Cancel[] | undefined
  readonly #subscriptions: AgentSubscriptions
  #stopping: Promise<void> | undefined
  #restarts = 0
  /** The storage has failed: whatever becomes of the agent, it handles nothing until that is over. */
  #suspended = false
  /** An operator wants it paused, and so it is again after a restart. */
  #pauseWanted = false
  /** Ends a start that is under way. */
  #abandonStart: ((error: SwarmError) => void) | undefined
  /** How many requests it is answering. */
  #answering = 0
  #whenAnswered: (() => void) | undefined
  #health: Health | undefined
  /** The hook of its agent that is awaited. */
  #hook: string | undefined
  #random: Random | undefined
  #logger: Logger | undefined

  constructor(parts: InstanceParts, scope: InstanceScope) {
    this.#parts = parts
    this.#scope = scope
    this.id = parts.id
    this.#config = parts.config
    this.#labels = { agent: parts.id, group: parts.group }
    this.#naps = new Naps(scope.dispatcher)
    this.#subscriptions = new AgentSubscriptions(parts, scope.bus.subscriptions, () => this.#deliveryHost())
    this.#attempts = new HandlerAttempts(
      {
        instance: parts.id,
        declaration: parts.declaration,
        bus: scope.bus,
        writer: scope.writer,
        states: scope.states,
        dispatcher: scope.dispatcher,
        logger: () => this.logger,
        labels: this.#labels,
        documents: parts.documents,
        around: scope.middleware.handling?.(parts.id, parts.declaration.role),
      },
      {
        timeoutMs: scope.handlerTimeoutMs,
        deadlines: scope.deadlines,
        elapsed: scope.dispatcher.virtual ? undefined : scope.elapsed,
        onTime: (elapsedMs) => this.#recordTime(elapsedMs),
        onHung: (error) => this.#hung(error),
      },
    )
  }

  get role(): string {
    return this.#parts.declaration.role
  }

  get declaration(): DeclaredAgent {
    return this.#parts.declaration
  }

  get agentClass(): AgentClass {
    return this.#parts.agentClass
  }

  get group(): string {
    return this.#parts.group
  }

  get state(): AgentLifecycle {
    return this.#state
  }

  get config(): unknown {
    return this.#config
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

  /** How much waits for it and is under way. */
  get load(): number {
    return this.#scope.dispatcher.depth(this.id) + this.#attempts.waiting
  }

  /** What it has begun and not ended, in words. */
  get awaited(): readonly string[] {
    const handlers = this.#attempts.awaited.map((handler) => `the handler of ${this.id} ${handler}`)
    return this.#hook === undefined ? handlers : [`${this.#hook} of ${this.id}`, ...handlers]
  }

  /** Starts it, to run whatever it did before. Throws `ALREADY_STARTED`, `AGENT_STOPPING` or `AGENT_START_FAILED`. */
  async start(): Promise<void> {
    this.#assertNotStopping()
    if (this.#state !== 'created' && this.#state !== 'stopped' && this.#state !== 'failed') {
      throw alreadyStarted(this.id, this.#state)
    }
    this.#pauseWanted = false
    await this.#begin()
  }

  pause(): void {
    if (this.#state === 'created' || this.#state === 'stopped' || this.#state === 'draining') return
    this.#pauseWanted = true
    if (this.#state !== 'running') return
    this.#state = 'paused'
    this.#scope.dispatcher.pause(this.id)
  }

  resume(): void {
    this.#pauseWanted = false
    if (this.#state === 'paused') this.#goOn()
  }

  /** Handles nothing more, whatever the agent is doing. */
  suspend(): void {
    this.#suspended = true
    this.#scope.dispatcher.pause(this.id)
    if (this.#state === 'running') this.#state = 'paused'
  }

  /** Goes on after a suspension, unless an operator has paused the agent. */
  endSuspension(): void {
    if (!this.#suspended) return
    this.#suspended = false
    if (this.#state === 'paused') this.#goOn()
    else if (this.#state === 'draining') this.#scope.dispatcher.resume(this.id)
  }

  /** Nobody waits any more until it has room: the swarm stops. */
  openMailbox(): void {
    this.#room.isOpen = true
    this.#room.tell()
  }

  /** No more timers; messages are handled still. */
  drain(): void {
    if (this.#state !== 'running') return
    this.#state = 'draining'
    this.#cancelTimers()
  }

  /**
   * Handles nothing more of what it drains: the handlers at work are revoked, and their messages and those that wait stay unacknowledged.
   * Returns the ids of those that it was at.
   */
  giveUpDraining(): readonly string[] {
    if (this.#state === 'created' || this.#state === 'stopped' || this.#state === 'failed') return []
    const ids = [...this.#attempts.messageIds, ...this.#naps.messageIds]
    this.#scope.dispatcher.pause(this.id)
    this.#state = 'failed'
    this.#cancelTimers()
    this.#scope.bus.requests.removeResponders(this.id, false)
    this.#attempts.revokeAll(true)
    this.#naps.wakeAll()
    return ids
  }

  /** Ends the agent after the messages that wait for it, unless it is paused. */
  stop(): Promise<void> {
    if (this.#state === 'created' || this.#state === 'stopped') return Promise.resolve()
    this.#stopping ??= this.#stop().finally(() => {
      this.#stopping = undefined
    })
    return this.#stopping
  }

  /**
   * Drops the agent as a crash would; what waits for it, and what it was handling, is kept. `innocent` says that what it was
   * handling is not to blame.
   */
  crash(innocent: boolean): void {
    if (this.#state === 'stopped' || this.#state === 'created' || this.#stopping !== undefined) return
    this.#scope.dispatcher.pause(this.id)
    this.#state = 'failed'
    this.#endStart()
    // Before whoever asks it is told, so that they look for another, or wait for it.
    this.#scope.bus.requests.removeResponders(this.id, true)
    this.#attempts.revokeAll(innocent)
    this.#release(true)
    this.#scope.onPresence(this, false)
  }

  /** Throws `AGENT_NOT_RUNNING` or `AGENT_STOPPING` for one that is down by an operator's will: there is nothing to restart. */
  assertRestartable(): void {
    this.#assertNotStopping()
    if (this.#state !== 'stopped' && this.#state !== 'created') return
    throw agentNotRunning(this.id, this.#state)
  }

  /** Drops the agent and starts a new one on the same state, to run even where the old one was paused. */
  async restart(): Promise<void> {
    this.assertRestartable()
    this.#pauseWanted = false
    this.crash(false)
    await this.startAgain()
  }

  /**
   * Starts it after a failure, paused if it was paused, unless an operator has started or stopped it meanwhile; it counts as a restart.
   * One that was stopped in quarantine is started when it is released.
   */
  async startAgain(): Promise<void> {
    const isDown = this.#state === 'failed' || (this.#state === 'stopped' && this.isQuarantined)
    if (!isDown || this.#stopping !== undefined) return
    this.#restarts += 1
    this.#scope.telemetry?.restarted(this.#parts.group)
    await this.#begin()
  }

  get isQuarantined(): boolean {
    return this.#quarantine !== undefined
  }

  /** It has failed too often and stays down; others answer and handle in its stead, where there are replicas. */
  quarantine(reason: string): void {
    this.#quarantine = reason
    this.#scope.bus.requests.removeResponders(this.id, false)
    this.leaveToOthers()
  }

  /** Gives what waits for it, and what comes, to the other replicas; keeps it where there are none. */
  leaveToOthers(): void {
    this.#subscriptions.leaveToOthers()
  }

  /** Throws `INVALID_CONFIG` for a configuration that does not fit. */
  assertConfig(config: unknown): void {
    parseConfig(this.id, this.#parts.agentClass, config)
  }

  /** Takes a new configuration. Throws `INVALID_CONFIG` and keeps the old one when it does not fit. */
  async reconfigure(config: unknown): Promise<void> {
    const parsed = parseConfig(this.id, this.#parts.agentClass, config)
    const previous = this.#config
    this.#config = parsed
    if (this.#agent === undefined) return
    try {
      await this.#withinDeadline('onReconfigure', callHook(this.#agent, 'onReconfigure', previous))
    } catch (error) {
      this.#config = previous
      throw reconfigureFailed(this.id, error)
    }
  }

  /** Asks the agent how it is. */
  async checkHealth(): Promise<Health> {
    if (this.#state !== 'running' || this.#agent === undefined) return { status: this.status().health }
    const agent = this.#agent
    try {
      return this.#noteHealth(agent, (await this.#withinDeadline('onHealth', callHook(agent, 'onHealth'))) as Health)
    } catch (error) {
      return this.#noteHealth(agent, { status: 'unhealthy', detail: messageOf(error) })
    }
  }

  /** Stands for the present life of the agent: another one after each start, undefined while it is down. */
  get life(): object | undefined {
    return this.#agent
  }

  status(): AgentStatus {
    const { declaration } = this.#parts
    return {
      id: this.id,
      role: declaration.role,
      capabilities: declaration.capabilities ?? [],
      tags: declaration.tags ?? [],
      state: this.#state,
      health: this.#healthNow(),
      ...(this.#quarantine === undefined ? {} : { quarantine: this.#quarantine }),
      mailboxDepth: this.#scope.dispatcher.depth(this.id),
      ...this.#counts,
      restarts: this.#restarts,
      ...(this.#latency === undefined ? {} : { latency: this.#latency.summary() }),
    }
  }

  // What follows is what its agent calls.

  subscribe(heard: Topic | string, handler: unknown, options: SubscribeOptions): void {
    this.#subscriptions.subscribe(heard, handler, options)
  }

  respond(request: Request, handler: unknown): void {
    const { declaration } = this.#parts
    if (declaration.responds?.includes(request) !== true) {
      throw respondNotDeclared(this.id, request.name)
    }
    this.#scope.bus.requests.addResponder(request, {
      instance: this.id,
      declaration,
      isAvailable: () => this.#state === 'running' || this.#state === 'draining',
      handler: handler as (input: unknown, context: HandlerContext) => unknown,
      operation: this.#scope.telemetry?.answering(request.name, this.#labels),
      counts: this.#counts,
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

  /** Runs the handler of a request; whoever stops the agent waits until it has ended. */
  #answer(work: CallAttempt): void {
    this.#answering += 1
    this.#attempts.run(work)
  }

  /** A request that it was asked has ended. */
  #answered(): void {
    this.#answering -= 1
    if (this.#answering === 0) this.#whenAnswered?.()
  }

  /** Resolves when a timer's handler has ended, well or not. */
  #runTimer(handler: (context: HandlerContext) => unknown): Promise<void> {
    return new Promise((resolve) => {
      this.#attempts.run({
        message: undefined,
        caller: undefined,
        correlationId: '',
        causationId: undefined,
        durable: true,
        operation: this.#timingOperation(),
        invoke: handler,
        succeeded: () => {
          this.#counts.handled += 1
          resolve()
        },
        failed: (error) => {
          this.#counts.failed += 1
          this.logger.error('a timer of an agent failed', failureFields(error))
          resolve()
        },
      })
    })
  }

  async #stop(): Promise<void> {
    const { bus, dispatcher, onPresence } = this.#scope
    onPresence(this, false)
    this.#endStart()
    this.drain()
    bus.subscriptions.removeInstance(this.id)
    this.#room.tell()
    await dispatcher.idle(this.id)
    // From here on requests go to others; those that it is answering it finishes.
    bus.requests.removeResponders(this.id, false)
    while (this.#answering > 0) {
      await new Promise<void>((resolve) => {
        this.#whenAnswered = resolve
      })
    }
    try {
      if (this.#agent) await this.#withinDeadline('onStop', callHook(this.#agent, 'onStop'))
    } catch (error) {
      this.logger.error('an agent failed while it stopped', failureFields(error))
    }
    this.#release(false)
    this.#attempts.revokeAll(true)
    // What a paused agent leaves behind is handled by others, or when it is started again.
    this.#subscriptions.left()
    dispatcher.discard(this.id)
    this.#pauseWanted = false
    this.#state = 'stopped'
  }

  async #begin(): Promise<void> {
    const { dispatcher } = this.#scope
    this.#state = 'starting'
    this.#quarantine = undefined
    // Messages wait until onStart has ended.
    dispatcher.pause(this.id)
    this.#subscriptions.beginLife()
    let agent: object | undefined
    try {
      agent = new this.#parts.agentClass()
      this.#agent = agent
      attachHost(agent, this)
      const starting = callHook(agent, 'onStart')
      if (starting instanceof Promise) await this.#started(starting)
    } catch (error) {
      if (this.#agent !== agent || this.#stopping !== undefined) throw agentRestarted(this.id)
      this.#abandonStart = undefined
      this.#release(true)
      this.#state = 'failed'
      throw agentStartFailed(this.id, error)
    }
    if (this.#agent !== agent || this.#stopping !== undefined) throw agentRestarted(this.id)
    this.#abandonStart = undefined
    this.#subscriptions.forgetOld()
    this.#goOn()
    this.#scope.onPresence(this, true)
    this.#scope.catchUp()
  }

  /** Runs, unless it is to stay paused. */
  #goOn(): void {
    const staysPaused = this.#suspended || this.#pauseWanted
    this.#state = staysPaused ? 'paused' : 'running'
    if (!staysPaused) this.#scope.dispatcher.resume(this.id)
  }

  /** Resolves when `onStart` has; rejects when it does, hangs, or is given up by a crash or a stop. */
  #started(starting: Promise<unknown>): Promise<unknown> {
    return new Promise((resolve, reject) => {
      this.#abandonStart = reject
      this.#withinDeadline('onStart', starting).then(resolve, reject)
    })
  }

  #endStart(): void {
    this.#abandonStart?.(agentRestarted(this.id))
    this.#abandonStart = undefined
  }

  #assertNotStopping(): void {
    if (this.#stopping === undefined && this.#state !== 'draining') return
    throw agentStopping(this.id)
  }

  /** What an agent says of itself counts for that life of it alone. */
  #noteHealth(agent: object, health: Health): Health {
    if (agent !== this.#agent) return { status: this.status().health }
    this.#health = health
    return health
  }

  #recordTime(elapsedMs: number): void {
    this.#latency ??= new LatencyHistogram()
    this.#latency.record(elapsedMs)
  }

  #timingOperation(): OperationTelemetry | undefined {
    this.#timing ??= this.#scope.telemetry?.timing(this.#labels)
    return this.#timing
  }

  #hung(error: SwarmError): void {
    if (this.#isEnding) {
      this.logger.warn('a handler hung while its agent drained: what is durable waits for the next start', {
        error: error.message,
        unfinished: this.giveUpDraining(),
        waiting: this.#scope.dispatcher.depth(this.id),
      })
      return
    }
    if (this.#state !== 'running' && this.#state !== 'paused') return
    this.crash(true)
    this.#scope.onFailed(this.id, error)
  }

  get #isEnding(): boolean {
    return this.#state === 'draining' || this.#stopping !== undefined
  }

  #healthNow(): Health['status'] {
    if (this.#state === 'failed') return 'unhealthy'
    if (this.#state !== 'running') return 'degraded'
    return this.#health?.status ?? 'healthy'
  }

  #deliveryHost(): DeliveryHost {
    const { dispatcher, writer, backoff, maximumTries, telemetry } = this.#scope
    return {
      id: this.id,
      dispatcher,
      writer,
      backoff,
      maximumTries,
      attempts: this.#attempts,
      room: this.#room,
      counts: this.#counts,
      handling: telemetry === undefined ? undefined : (topic: string) => telemetry.handling(topic, this.#labels),
      logger: () => this.logger,
      random: () => this.random,
      lifecycle: () => this.#state,
      isEnding: () => this.#isEnding,
      naps: this.#naps,
    }
  }

  #withinDeadline(hook: string, running: unknown): Promise<unknown> {
    const within = hookWithin(this.#scope, hook, running)
    const ended = (): void => {
      this.#hook = undefined
    }
    this.#hook = hook
    within.then(ended, ended)
    return within
  }

  #cancelTimers(): void {
    for (const cancel of this.#timers ?? []) cancel()
    this.#timers = undefined
  }

  #release(willReturn: boolean): void {
    this.#cancelTimers()
    this.#health = undefined
    this.#scope.bus.requests.removeResponders(this.id, willReturn)
    if (this.#agent) attachHost(this.#agent, undefined)
    this.#agent = undefined
  }
}
