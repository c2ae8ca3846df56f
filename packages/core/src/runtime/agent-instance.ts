import { messageOf, SwarmError } from '../errors/swarm-error.js'
import { failureFields } from '../logging/failure-fields.js'
import type { Logger } from '../logging/logger.js'
import type { Request } from '../messages/request.js'
import { assertFunction, type Topic } from '../messages/topic.js'
import type { Random } from '../random/random.js'
import type { Registration, RegistryQuery } from '../registry/registry.js'
import type { Backoff } from '../resilience/backoff.js'
import type { DocumentRules } from '../state/define-document.js'
import type { StateStore } from '../state/state-store.js'
import { LatencyHistogram } from '../telemetry/latency-histogram.js'
import type { OperationTelemetry } from '../telemetry/operation-telemetry.js'
import type { AgentLabels } from '../telemetry/semantic-attributes.js'
import type { Telemetry } from '../telemetry/telemetry.js'
import type { Cancel, Clock } from '../time/clock.js'
import type { Deadlines } from '../time/deadlines.js'
import { type AgentHost, attachHost, callHook } from './agent.js'
import { type AgentCounts, createAgentCounts } from './agent-counts.js'
import { type DeclaredAgent, parseConfig } from './agent-entries.js'
import type { AgentStatus } from './agent-status.js'
import { AgentSubscriptions } from './agent-subscriptions.js'
import { startAgentTimer } from './agent-timer.js'
import type { AgentClass, AgentLifecycle, HandlerContext, Health, SubscribeOptions } from './agent-types.js'
import type { Bus, MessageOptions } from './bus.js'
import type { CallAttempt } from './call-attempt.js'
import type { DeliveryHost } from './delivery.js'
import type { Dispatcher } from './dispatcher.js'
import { HandlerAttempts } from './handler-attempts.js'
import { RoomQueue } from './inbox.js'
import type { JournalWriter } from './journal-writer.js'
import type { MiddlewareChain } from './middleware-chain.js'
import { Naps } from './naps.js'
import { assertMayPublish } from './permissions.js'
import { refuse } from './refusal.js'

/** What all agents of a swarm share. */
export type InstanceScope = {
  readonly bus: Bus
  readonly dispatcher: Dispatcher
  readonly writer: JournalWriter
  readonly states: StateStore
  /** Absent in virtual time. */
  readonly deadlines: Deadlines | undefined
  readonly random: Random
  readonly logger: Logger
  /** Milliseconds on a clock that never goes back. */
  readonly elapsed: () => number
  /** Waits between the tries of a message. */
  readonly backoff: Backoff
  /** A handler that still waits for something after this long hangs, in real time; the time in which it waits for answers to requests does not count. */
  readonly handlerTimeoutMs: number
  /** How often a message is tried before it is dead-lettered. */
  readonly maximumTries: number
  /** Absent in virtual time, and where it is switched off. */
  readonly telemetry: Telemetry | undefined
  /** Told when an agent has failed and is to be started again. */
  readonly onFailed: (id: string, error: unknown) => void
  /** Told when an agent has started, and when it is gone or about to be. */
  readonly onPresence: (instance: AgentInstance, isPresent: boolean) => void
  readonly discover: (query: RegistryQuery) => readonly Registration[]
  readonly middleware: MiddlewareChain
  /** Lets consumer groups that lag read from the journal what was published meanwhile. */
  readonly catchUp: () => void
}

export type InstanceParts = {
  readonly id: string
  /** Replicas of one entry share its consumer groups. */
  readonly group: string
  readonly agentClass: AgentClass
  /** What the class said of itself when the swarm was made. */
  readonly declaration: DeclaredAgent
  /** Parsed already. */
  readonly config: unknown
  /** How its documents are kept, where it has declared some. */
  readonly documents: DocumentRules | undefined
}

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

  /** Starts it, to run whatever it did before. Throws `ALREADY_STARTED`, `AGENT_STOPPING` or `AGENT_START_FAILED`. */
  async start(): Promise<void> {
    this.#assertNotStopping()
    if (this.#state !== 'created' && this.#state !== 'stopped' && this.#state !== 'failed') {
      throw new SwarmError({
        code: 'ALREADY_STARTED',
        message: `agent ${this.id} is ${this.#state}: only one that is stopped or has failed can be started`,
        context: { agent: this.id },
      })
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
    throw new SwarmError({
      code: 'AGENT_NOT_RUNNING',
      message: `agent ${this.id} is ${this.#state}: start it`,
      context: { agent: this.id },
    })
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
      throw new SwarmError({
        code: 'RECONFIGURE_FAILED',
        message: `agent ${this.id} refused its new configuration and keeps the old one: ${messageOf(error)}`,
        cause: error,
        context: { agent: this.id },
      })
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
      throw new SwarmError({
        code: 'RESPOND_NOT_DECLARED',
        message: `${this.id} may not answer ${request.name}: add the request to "static readonly responds" of its class`,
        context: { agent: this.id, request: request.name },
      })
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
      if (this.#agent !== agent || this.#stopping !== undefined) throw this.#replaced()
      this.#abandonStart = undefined
      this.#release(true)
      this.#state = 'failed'
      throw new SwarmError({
        code: 'AGENT_START_FAILED',
        message: `agent ${this.id} did not start: ${messageOf(error)}`,
        cause: error,
        context: { agent: this.id },
      })
    }
    if (this.#agent !== agent || this.#stopping !== undefined) throw this.#replaced()
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
    this.#abandonStart?.(this.#replaced())
    this.#abandonStart = undefined
  }

  #assertNotStopping(): void {
    if (this.#stopping === undefined && this.#state !== 'draining') return
    throw new SwarmError({
      code: 'AGENT_STOPPING',
      message: `agent ${this.id} is stopping: wait for its stop, then start it`,
      context: { agent: this.id },
    })
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

  /** A hook that hangs counts as one that failed. */
  #withinDeadline(hook: string, running: unknown): Promise<unknown> {
    const { deadlines, handlerTimeoutMs } = this.#scope
    if (deadlines === undefined || !(running instanceof Promise)) return Promise.resolve(running)
    return new Promise((resolve, reject) => {
      const deadline = deadlines.set(handlerTimeoutMs, () =>
        reject(new Error(`its ${hook} did not end within ${handlerTimeoutMs} ms`)),
      )
      running.then(resolve, reject).finally(() => deadline.clear())
    })
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

  #replaced(): SwarmError {
    return new SwarmError({
      code: 'AGENT_RESTARTED',
      message: `agent ${this.id} was stopped or restarted while it started`,
      context: { agent: this.id },
    })
  }
}
