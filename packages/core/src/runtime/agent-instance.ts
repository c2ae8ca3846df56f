import { messageOf, SwarmError } from '../errors/swarm-error.js'
import type { Logger } from '../logging/logger.js'
import type { Request } from '../messages/request.js'
import type { Topic } from '../messages/topic.js'
import { validate } from '../messages/validate.js'
import type { Random } from '../random/random.js'
import type { StateStore } from '../state/state-store.js'
import type { Cancel } from '../time/clock.js'
import { type AgentHost, attachHost, callHook } from './agent.js'
import { type AgentMailbox, createAgentMailbox, type MailboxCounts, type Subscription } from './agent-mailbox.js'
import { startAgentTimer } from './agent-timer.js'
import type { AgentClass, AgentDeclaration, AgentLifecycle, HandlerContext, Health } from './agent-types.js'
import type { Bus } from './bus.js'
import type { Dispatcher } from './dispatcher.js'
import { createHandlerAttempts, type HandlerAttempts } from './handler-attempts.js'
import { assertMayPublish } from './handler-run.js'
import type { JournalWriter } from './journal-writer.js'

/** How one agent is at the moment; counters are since its swarm started. */
export type AgentStatus = {
  readonly id: string
  readonly role: string
  readonly capabilities: readonly string[]
  readonly state: AgentLifecycle
  readonly health: Health['status']
  readonly mailboxDepth: number
  readonly handled: number
  readonly failed: number
  readonly deadLetters: number
  readonly restarts: number
}

export type InstanceParts = {
  readonly id: string
  /** Replicas of one entry share its consumer groups. */
  readonly group: string
  readonly agentClass: AgentClass
  /** What the class said of itself when the swarm was made. */
  readonly declaration: AgentDeclaration
  /** Parsed already. */
  readonly config: unknown
  readonly bus: Bus
  readonly dispatcher: Dispatcher
  readonly writer: JournalWriter
  readonly states: StateStore
  readonly random: Random
  readonly logger: Logger
  /** A handler that still runs after this long is given up, in real time. */
  readonly handlerTimeoutMs: number
  /** How often a message is tried before it is dead-lettered. */
  readonly maximumTries: number
}

/** One running agent: its lifecycle, its handlers and their failures. */
export class AgentInstance {
  readonly id: string
  readonly role: string
  #parts: InstanceParts
  #attempts: HandlerAttempts
  #agent: object | undefined
  #state: AgentLifecycle = 'created'
  #timers: Cancel[] = []
  /** By topic and group. They outlive a restart, so that messages go on to wait in the mailbox meanwhile. */
  #subscriptions = new Map<string, Subscription>()
  #stopping: Promise<void> | undefined
  #counts: MailboxCounts = { handled: 0, failed: 0, deadLetters: 0 }
  #mailbox: AgentMailbox
  #restarts = 0

  constructor(parts: InstanceParts) {
    this.#parts = parts
    this.id = parts.id
    this.role = parts.declaration.role
    this.#attempts = createHandlerAttempts(
      {
        instance: parts.id,
        declaration: parts.declaration,
        bus: parts.bus,
        writer: parts.writer,
        states: parts.states,
        dispatcher: parts.dispatcher,
        logger: parts.logger,
      },
      { timeoutMs: parts.handlerTimeoutMs },
    )
    this.#mailbox = createAgentMailbox({
      ...parts,
      attempts: this.#attempts,
      counts: this.#counts,
      lifecycle: () => this.#state,
      subscription: (name) => this.#subscriptions.get(name),
    })
  }

  get state(): AgentLifecycle {
    return this.#state
  }

  async start(): Promise<void> {
    if (this.#state !== 'created' && this.#state !== 'stopped' && this.#state !== 'failed') {
      throw new SwarmError({
        code: 'ALREADY_STARTED',
        message: `agent ${this.id} is ${this.#state}: only one that is stopped or has failed can be started`,
        context: { agent: this.id },
      })
    }
    const { dispatcher } = this.#parts
    this.#state = 'starting'
    // Messages wait until onStart has ended.
    dispatcher.pause(this.id)
    const earlier = this.#subscriptions
    this.#subscriptions = new Map()
    const agent = new this.#parts.agentClass()
    this.#agent = agent
    attachHost(agent, this.#host())
    try {
      await callHook(agent, 'onStart')
    } catch (error) {
      if (this.#agent !== agent) throw this.#replaced()
      this.#release()
      for (const [name, subscription] of earlier)
        if (!this.#subscriptions.has(name)) this.#subscriptions.set(name, subscription)
      this.#state = 'failed'
      throw new SwarmError({
        code: 'AGENT_START_FAILED',
        message: `agent ${this.id} did not start: ${messageOf(error)}`,
        cause: error,
        context: { agent: this.id },
      })
    }
    if (this.#agent !== agent) throw this.#replaced()
    for (const [name, { topic, group }] of earlier)
      if (!this.#subscriptions.has(name)) this.#parts.bus.subscriptions.remove(topic.name, group, this.id)
    this.#state = 'running'
    dispatcher.resume(this.id)
  }

  pause(): void {
    if (this.#state !== 'running') return
    this.#state = 'paused'
    this.#parts.dispatcher.pause(this.id)
  }

  resume(): void {
    if (this.#state !== 'paused') return
    this.#state = 'running'
    this.#parts.dispatcher.resume(this.id)
  }

  /** Handles nothing more, whatever the agent is doing. */
  suspend(): void {
    this.#parts.dispatcher.pause(this.id)
    if (this.#state === 'running') this.#state = 'paused'
  }

  /** No more timers; messages are handled still. */
  drain(): void {
    if (this.#state !== 'running') return
    this.#state = 'draining'
    for (const cancel of this.#timers.splice(0)) cancel()
  }

  /** Ends the agent after the messages that wait for it, unless it is paused. */
  stop(): Promise<void> {
    if (this.#state === 'created' || this.#state === 'stopped') return Promise.resolve()
    this.#stopping ??= this.#stop().finally(() => {
      this.#stopping = undefined
    })
    return this.#stopping
  }

  /** Drops the agent as a crash would and starts a new one on the same state; what waits, and what it was handling, is kept. */
  async restart(): Promise<void> {
    if (this.#state === 'draining') {
      throw new SwarmError({
        code: 'AGENT_STOPPING',
        message: `agent ${this.id} is stopping: wait for its stop, then start it`,
        context: { agent: this.id },
      })
    }
    this.#parts.dispatcher.pause(this.id)
    this.#state = 'failed'
    this.#attempts.revokeAll()
    this.#release()
    this.#restarts += 1
    await this.start()
  }

  async status(): Promise<AgentStatus> {
    return { ...this.statusNow(), health: (await this.#health()).status }
  }

  statusNow(): AgentStatus {
    return {
      id: this.id,
      role: this.role,
      capabilities: this.#parts.declaration.capabilities ?? [],
      state: this.#state,
      health: this.#state === 'running' ? 'healthy' : this.#state === 'failed' ? 'unhealthy' : 'degraded',
      mailboxDepth: this.#parts.dispatcher.depth(this.id),
      ...this.#counts,
      restarts: this.#restarts,
    }
  }

  async #stop(): Promise<void> {
    const { bus, dispatcher, logger } = this.#parts
    this.drain()
    bus.subscriptions.removeInstance(this.id)
    await dispatcher.idle(this.id)
    try {
      if (this.#agent) await callHook(this.#agent, 'onStop')
    } catch (error) {
      logger.error('an agent failed while it stopped', { agent: this.id, error: messageOf(error) })
    }
    this.#release()
    this.#attempts.revokeAll()
    this.#subscriptions.clear()
    dispatcher.discard(this.id)
    this.#state = 'stopped'
  }

  async #health(): Promise<Health> {
    if (this.#state !== 'running' || this.#agent === undefined) return { status: this.statusNow().health }
    try {
      return (await callHook(this.#agent, 'onHealth')) as Health
    } catch (error) {
      return { status: 'unhealthy', detail: messageOf(error) }
    }
  }

  #release(): void {
    for (const cancel of this.#timers.splice(0)) cancel()
    this.#parts.bus.removeResponders(this.id)
    if (this.#agent) attachHost(this.#agent, undefined)
    this.#agent = undefined
  }

  #replaced(): SwarmError {
    return new SwarmError({
      code: 'AGENT_RESTARTED',
      message: `agent ${this.id} was restarted while it started`,
      context: { agent: this.id },
    })
  }

  #host(): AgentHost {
    const { bus, dispatcher, declaration } = this.#parts
    return {
      id: this.id,
      config: this.#parts.config,
      clock: dispatcher,
      random: this.#parts.random,
      logger: this.#parts.logger,
      subscribe: (topic, handler) => this.#subscribe(topic, handler as Subscription['handler']),
      respond: (request, handler) => this.#addResponder(request, (input, context) => handler(input, context as never)),
      every: (intervalMs, handler) => this.#every(intervalMs, (context) => handler(context as never)),
      publish: async (topic, payload) => {
        assertMayPublish(declaration, topic, this.id)
        const prepared = bus.prepare(topic, payload, { publisher: this.id })
        await bus.send(prepared)
        return prepared.message.id
      },
    }
  }

  #subscribe(topic: Topic, handler: Subscription['handler']): void {
    const group = `${this.#parts.group}#${this.#subscriptions.size}`
    const name = `${topic.name} ${group}`
    this.#subscriptions.set(name, { topic, group, handler })
    this.#parts.bus.subscriptions.add(topic.name, group, {
      instance: this.id,
      accept: (message) => this.#mailbox.accept(name, message),
    })
  }

  #addResponder(request: Request, handler: (input: unknown, context: HandlerContext) => unknown): void {
    const { declaration, bus } = this.#parts
    if (!declaration.responds?.includes(request)) {
      throw new SwarmError({
        code: 'RESPOND_NOT_DECLARED',
        message: `${this.id} may not answer ${request.name}: add the request to "static readonly responds" of its class`,
        context: { agent: this.id, request: request.name },
      })
    }
    bus.addResponder(request, {
      instance: this.id,
      isAvailable: () => this.#state === 'running' || this.#state === 'draining',
      answer: (input, origin) =>
        this.#attempts.run(
          {
            message: undefined,
            caller: origin.publisher,
            correlationId: origin.correlationId ?? '',
            causationId: origin.causationId,
            durable: true,
          },
          async (context) =>
            // Within the attempt, so that a wrong answer leaves nothing behind.
            validate(request.output, await handler(input, context), `answer to ${request.name}`),
        ),
    })
  }

  #every(intervalMs: number, handler: (context: HandlerContext) => unknown): void {
    const run = async (): Promise<void> => {
      try {
        await this.#attempts.run(
          { message: undefined, caller: undefined, correlationId: '', causationId: undefined, durable: true },
          handler,
        )
        this.#counts.handled += 1
      } catch (error) {
        this.#counts.failed += 1
        this.#parts.logger.error('a timer of an agent failed', { agent: this.id, error: messageOf(error) })
      }
    }
    this.#timers.push(
      startAgentTimer({
        dispatcher: this.#parts.dispatcher,
        owner: this.id,
        name: String(this.#timers.length),
        intervalMs,
        run,
      }),
    )
  }
}
