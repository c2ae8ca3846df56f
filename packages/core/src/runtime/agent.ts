import { SwarmError } from '../errors/swarm-error.js'
import type { Logger } from '../logging/logger.js'
import type { Request } from '../messages/request.js'
import type { PayloadInputOf, Topic } from '../messages/topic.js'
import type { Random } from '../random/random.js'
import type { Registration, RegistryQuery } from '../registry/registry.js'
import type { Clock } from '../time/clock.js'
import { type Duration, durationMs } from '../time/duration.js'
import type {
  AgentDeclaration,
  AnsweredBy,
  ConfigOf,
  Health,
  PatternHandler,
  PublishedBy,
  RequestHandler,
  SubscribeOptions,
  TimerHandler,
  TopicHandler,
} from './agent-types.js'
import type { MessageOptions } from './bus.js'

/** What the swarm lends to an agent while it runs. */
export type AgentHost = {
  readonly id: string
  readonly config: unknown
  readonly clock: Clock
  readonly random: Random
  readonly logger: Logger
  subscribe(heard: Topic | string, handler: TopicHandler<never, Topic>, options: SubscribeOptions): void
  respond(request: Request, handler: RequestHandler<never, Request>): void
  every(intervalMs: number, handler: TimerHandler<never>): void
  publish(topic: Topic, payload: unknown, options?: MessageOptions): Promise<string>
  discover(query: RegistryQuery): readonly Registration[]
}

const hosts = new WeakMap<object, AgentHost>()

/** Lends (or with undefined takes back) the swarm's services. For the swarm only. */
export function attachHost(agent: object, host: AgentHost | undefined): void {
  if (host) hosts.set(agent, host)
  else hosts.delete(agent)
}

/** Runs a lifecycle hook. For the swarm only. */
export function callHook(
  agent: object,
  hook: 'onStart' | 'onStop' | 'onHealth' | 'onReconfigure',
  previous?: unknown,
): unknown {
  return (agent as Record<typeof hook, (previous?: unknown) => unknown>)[hook](previous)
}

/**
 * The base of every agent. A subclass declares its role and what it may say in static fields, and
 * registers its handlers in `onStart`. `extends Agent<typeof Self>` lets the compiler hold it to its declaration;
 * the bus does so always.
 */
export abstract class Agent<Self = AgentDeclaration> {
  /** Unique in the swarm: the role, with `-2`, `-3` and so on for further replicas. */
  protected get id(): string {
    return this.#host().id
  }

  /** Parsed by the static `config` schema. */
  protected get config(): ConfigOf<Self> {
    return this.#host().config as ConfigOf<Self>
  }

  protected get clock(): Clock {
    return this.#host().clock
  }

  /** A stream of randomness of this agent's own. */
  protected get random(): Random {
    return this.#host().random
  }

  protected get logger(): Logger {
    return this.#host().logger
  }

  /** Registers handlers and timers. A throw here counts as a failure of the agent. */
  protected onStart(): void | Promise<void> {}

  /** Called after the last handler has ended. */
  protected onStop(): void | Promise<void> {}

  /** Called when an operator has given the agent a new configuration, which `config` holds already. A throw here brings the old one back. */
  protected onReconfigure(_previous: ConfigOf<Self>): void | Promise<void> {}

  protected onHealth(): Health | Promise<Health> {
    return { status: 'healthy' }
  }

  /** Handles each message of a topic, one at a time for each key. Throws `INVALID_OPTION`. */
  protected subscribe<T extends Topic>(topic: T, handler: TopicHandler<Self, T>, options?: SubscribeOptions): void
  /**
   * Handles each message of all topics whose names fit a pattern: `*` stands for one word, `**` for one or more, such as `signal.*`. What a
   * payload holds is told by `context.message.topic`. Throws `INVALID_NAME`, `INVALID_OPTION`.
   */
  protected subscribe(pattern: string, handler: PatternHandler<Self>, options?: SubscribeOptions): void
  protected subscribe(heard: Topic | string, handler: unknown, options: SubscribeOptions = {}): void {
    this.#host().subscribe(heard, handler as TopicHandler<never, Topic>, options)
  }

  /** Answers a request that the class declares in `responds`. */
  protected respond<R extends AnsweredBy<Self>>(request: R, handler: RequestHandler<Self, R>): void {
    this.#host().respond(request, handler as unknown as RequestHandler<never, Request>)
  }

  /** Calls the handler at each multiple of the interval from now on; a call that is due while the last still runs is skipped. */
  protected every(interval: Duration, handler: TimerHandler<Self>): void {
    this.#host().every(durationMs(interval), handler as TimerHandler<never>)
  }

  /** Publishes outside of any handler and starts a new chain. Resolves to the message's id when it is durable, if its topic is. */
  protected publish<T extends PublishedBy<Self>>(
    topic: T,
    payload: PayloadInputOf<T>,
    options?: MessageOptions,
  ): Promise<string> {
    return this.#host().publish(topic, payload, options)
  }

  /** The agents that are there now and meet all conditions, in order of their start. */
  protected discover(query: RegistryQuery): readonly Registration[] {
    return this.#host().discover(query)
  }

  #host(): AgentHost {
    const host = hosts.get(this)
    if (host) return host
    throw new SwarmError({
      code: 'AGENT_NOT_RUNNING',
      message: `${this.constructor.name} is not running in a swarm: use its services in onStart and in handlers, not in its constructor or after its stop`,
      context: { agent: this.constructor.name },
    })
  }
}
