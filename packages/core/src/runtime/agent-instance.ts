import type { SwarmError } from '../errors/swarm-error.js'
import { failureFields } from '../logging/failure-fields.js'
import { LatencyHistogram } from '../telemetry/latency-histogram.js'
import type { AgentLabels } from '../telemetry/semantic-attributes.js'
import { attachHost, callHook } from './agent.js'
import { type AgentCounts, createAgentCounts } from './agent-counts.js'
import { type DeclaredAgent, parseConfig } from './agent-entries.js'
import {
  agentNotRunning,
  agentRestarted,
  agentStartFailed,
  agentStopping,
  alreadyStarted,
  reconfigureFailed,
} from './agent-errors.js'
import { AgentHooks } from './agent-hooks.js'
import type { AgentStatus } from './agent-status.js'
import { AgentSubscriptions } from './agent-subscriptions.js'
import type { AgentClass, AgentLifecycle, Health } from './agent-types.js'
import type { DeliveryHost } from './delivery.js'
import { HandlerAttempts } from './handler-attempts.js'
import { RoomQueue } from './inbox.js'
import { type HostedInstance, InstanceHost } from './instance-host.js'
import type { InstanceParts, InstanceScope } from './instance-scope.js'
import { Naps } from './naps.js'

/** One running agent: its lifecycle through starts, failures and stops. What its agent calls is {@link InstanceHost}. */
export class AgentInstance {
  readonly id: string
  readonly #parts: InstanceParts
  readonly #scope: InstanceScope
  readonly #attempts: HandlerAttempts
  readonly #subscriptions: AgentSubscriptions
  readonly #host: InstanceHost
  readonly #hooks: AgentHooks
  readonly #counts: AgentCounts = createAgentCounts()
  readonly #labels: AgentLabels
  readonly #room = new RoomQueue()
  readonly #naps: Naps
  #config: unknown
  #latency: LatencyHistogram | undefined
  #agent: object | undefined
  #state: AgentLifecycle = 'created'
  #quarantine: string | undefined
  #stopping: Promise<void> | undefined
  #restarts = 0
  /** The storage has failed: whatever becomes of the agent, it handles nothing until that is over. */
  #suspended = false
  /** An operator wants it paused, and so it is again after a restart. */
  #pauseWanted = false
  /** Ends a start that is under way. */
  #abandonStart: ((error: SwarmError) => void) | undefined

  constructor(parts: InstanceParts, scope: InstanceScope) {
    this.#parts = parts
    this.#scope = scope
    this.id = parts.id
    this.#config = parts.config
    const labels: AgentLabels = { agent: parts.id, group: parts.group }
    this.#labels = labels
    this.#naps = new Naps(scope.dispatcher)
    this.#subscriptions = new AgentSubscriptions(parts, scope, () => this.#deliveryHost())
    this.#attempts = new HandlerAttempts(
      {
        instance: parts.id,
        declaration: parts.declaration,
        bus: scope.bus,
        writer: scope.writer,
        states: scope.states,
        dispatcher: scope.dispatcher,
        logger: () => this.#host.logger,
        labels,
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
    this.#hooks = new AgentHooks(scope)
    this.#host = new InstanceHost(parts, scope, this.#hosted())
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

  /** How much waits for it and is under way. */
  get load(): number {
    return this.#scope.dispatcher.depth(this.id) + this.#attempts.waiting
  }

  /** What it has begun and not ended, in words. */
  get awaited(): readonly string[] {
    const handlers = this.#attempts.awaited.map((handler) => `the handler of ${this.id} ${handler}`)
    const hook = this.#hooks.awaited
    return hook === undefined ? handlers : [`${hook} of ${this.id}`, ...handlers]
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
    this.#host.cancelTimers()
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
    this.#host.cancelTimers()
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
      await this.#hooks.within('onReconfigure', callHook(this.#agent, 'onReconfigure', previous))
    } catch (error) {
      this.#config = previous
      throw reconfigureFailed(this.id, error)
    }
  }

  /** Asks the agent how it is. */
  async checkHealth(): Promise<Health> {
    if (this.#state !== 'running' || this.#agent === undefined) return { status: this.status().health }
    const agent = this.#agent
    const health = await this.#hooks.askHealth(agent, () => agent === this.#agent)
    // What an agent says of itself counts for that life of it alone.
    return health ?? { status: this.status().health }
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
    await this.#host.allAnswered()
    try {
      if (this.#agent) await this.#hooks.within('onStop', callHook(this.#agent, 'onStop'))
    } catch (error) {
      this.#host.logger.error('an agent failed while it stopped', failureFields(error))
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
      attachHost(agent, this.#host)
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
      this.#hooks.within('onStart', starting).then(resolve, reject)
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

  #recordTime(elapsedMs: number): void {
    this.#latency ??= new LatencyHistogram()
    this.#latency.record(elapsedMs)
  }

  #hung(error: SwarmError): void {
    if (this.#isEnding) {
      this.#host.logger.warn('a handler hung while its agent drained: what is durable waits for the next start', {
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
    return this.#hooks.health?.status ?? 'healthy'
  }

  #hosted(): HostedInstance {
    return {
      labels: this.#labels,
      counts: this.#counts,
      attempts: this.#attempts,
      subscriptions: this.#subscriptions,
      config: () => this.#config,
      lifecycle: () => this.#state,
    }
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
      logger: () => this.#host.logger,
      random: () => this.#host.random,
      lifecycle: () => this.#state,
      isEnding: () => this.#isEnding,
      naps: this.#naps,
    }
  }

  #release(willReturn: boolean): void {
    this.#host.cancelTimers()
    this.#hooks.forgetHealth()
    this.#scope.bus.requests.removeResponders(this.id, willReturn)
    if (this.#agent) attachHost(this.#agent, undefined)
    this.#agent = undefined
  }
}
