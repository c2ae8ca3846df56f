import { assertKnownOptions } from '../errors/known-options.js'
import { SwarmError } from '../errors/swarm-error.js'
import type { Ids } from '../ids/ids.js'
import { createSystemIds } from '../ids/system-ids.js'
import type { Logger } from '../logging/logger.js'
import { createRedactor, type RedactorOptions } from '../logging/redactor.js'
import { createSecretMask, type SecretMask } from '../logging/secret-mask.js'
import { createSilentLogger } from '../logging/silent-logger.js'
import { createConsoleJsonLogger } from '../logging/system-console-logger.js'
import { withRedaction } from '../logging/with-redaction.js'
import type { Random } from '../random/random.js'
import { createSystemRandom } from '../random/system-random.js'
import { type BackoffOptions, createBackoff } from '../resilience/backoff.js'
import type { StorageDefinition } from '../storage/storage.js'
import {
  defineSupervisor,
  isSupervisorDefinition,
  type RestartIntensity,
  type SupervisorDefinition,
} from '../supervision/define-supervisor.js'
import type { TelemetryOptions } from '../telemetry/telemetry.js'
import { createSystemClock } from '../time/system-clock.js'
import type { AgentEntry } from './agent-entries.js'
import type { AgentClass } from './agent-types.js'
import { createConcurrentDispatcher } from './concurrent-dispatcher.js'
import type { Middleware } from './define-middleware.js'
import type { Dispatcher } from './dispatcher.js'
import { createMiddlewareChain, type MiddlewareChain } from './middleware-chain.js'
import type { RecordedRun } from './recorded-run.js'
import type { Service } from './service.js'
import type { VirtualDispatcher } from './virtual-dispatcher.js'

/** The world that a swarm runs in: time, ids, randomness and log. */
export type SwarmRuntime = {
  readonly dispatcher: Dispatcher | VirtualDispatcher
  readonly ids: Ids
  readonly random: Random
  readonly logger: Logger
  /** Present where a recorded run runs again. */
  readonly recorded?: RecordedRun
  /**
   * Nobody publishes from outside, as in a backtest: a subscription to what nobody declares, where something of nearly the same name is declared,
   * is refused at the start. Otherwise it is an alert.
   */
  readonly isClosed?: boolean
}

/** Something that a person should know at once: the storage failed, an agent stays down, a topic seems misspelt. */
export type SwarmAlert = {
  readonly code: string
  readonly message: string
  readonly time: number
  readonly context: Readonly<Record<string, unknown>>
}

/** An agent of a swarm, or a supervisor over several. */
export type SwarmMember = AgentClass | AgentEntry | SupervisorDefinition<AgentClass | AgentEntry>

/** What a swarm is made of. */
export type SwarmOptions = {
  readonly agents: readonly SwarmMember[]
  readonly storage: StorageDefinition
  /** Started first, in this order, and stopped last. */
  readonly services?: readonly Service[]
  /** Default: the machine's clock, random ids, and warnings and errors as JSON on the console, but for virtual time, which has no log. */
  readonly runtime?: Partial<SwarmRuntime>
  /**
   * How long a handler may wait in real time before its agent counts as hung and is restarted; default 30,000. The time in which it waits for
   * answers does not count: each of its requests has a time-out of its own.
   */
  readonly handlerTimeoutMs?: number
  /**
   * How long `stop()` lets agents finish in real time, default 30,000: then their handlers are revoked, an alert `DRAIN_TIMED_OUT` names agents
   * and messages, and what is durable waits for the next start.
   */
  readonly drainTimeoutMs?: number
  /** How often a message is tried before it is dead-lettered; default 3. */
  readonly maximumTries?: number
  /** The waits between the tries of a message; default 50 ms, doubled each time, up to half of it left to chance. */
  readonly retryBackoff?: BackoffOptions
  /** How often an agent, each by itself, is restarted before it is quarantined; default 5 times in 60,000 ms. */
  readonly restartIntensity?: RestartIntensity
  /** How often agents are asked for their health in real time; default 10,000. Three bad answers in a row count as a failure. */
  readonly healthCheckMs?: number
  /** How long an agent is found after its last sign of life; default 15,000. */
  readonly leaseMs?: number
  /** Where spans and metrics go; default what is registered with the OpenTelemetry API. `false`: nowhere. Virtual time has none. */
  readonly telemetry?: TelemetryOptions | false
  /** What is secret beside what is so by default: it is taken out before the logger, a span, or the journal of what operators do sees it. */
  readonly redact?: RedactorOptions
  /** Done around what all agents handle, publish and ask; the first is the outermost. */
  readonly middleware?: readonly Middleware[]
  /** Told what a person should know at once. What it throws, or rejects with, is logged. */
  readonly onAlert?: (alert: SwarmAlert) => void
}

/** The options with nothing left open. */
export type ResolvedSwarmOptions = {
  readonly handlerTimeoutMs: number
  readonly drainTimeoutMs: number
  readonly maximumTries: number
  readonly healthCheckMs: number
  readonly leaseMs: number
  readonly runtime: SwarmRuntime
  readonly telemetry: TelemetryOptions | undefined
  readonly middleware: MiddlewareChain
  readonly maskSecrets: SecretMask
  readonly supervisor: SupervisorDefinition<AgentClass | AgentEntry>
}

const swarmOptions: readonly (keyof SwarmOptions)[] = [
  'agents',
  'storage',
  'services',
  'runtime',
  'handlerTimeoutMs',
  'drainTimeoutMs',
  'maximumTries',
  'retryBackoff',
  'restartIntensity',
  'healthCheckMs',
  'leaseMs',
  'telemetry',
  'redact',
  'middleware',
  'onAlert',
]
const runtimeOptions: readonly (keyof SwarmRuntime)[] = [
  'dispatcher',
  'ids',
  'random',
  'logger',
  'recorded',
  'isClosed',
]
const defaults = {
  handlerTimeoutMs: 30_000,
  drainTimeoutMs: 30_000,
  maximumTries: 3,
  healthCheckMs: 10_000,
  leaseMs: 15_000,
}

/** The options with their defaults. Throws `INVALID_OPTION`. */
export function resolveSwarmOptions(options: SwarmOptions): ResolvedSwarmOptions {
  assertKnownOptions('createSwarm', options, swarmOptions)
  if (options.runtime !== undefined) assertKnownOptions('createSwarm: runtime', options.runtime, runtimeOptions)
  assertComposition(options)
  createBackoff(options.retryBackoff)
  const redactor = createRedactor(options.redact)
  const chosen = { ...defaults, ...options }
  const dispatcher = options.runtime?.dispatcher ?? createConcurrentDispatcher(createSystemClock())
  return {
    handlerTimeoutMs: wholeNumber('handlerTimeoutMs', chosen.handlerTimeoutMs),
    drainTimeoutMs: wholeNumber('drainTimeoutMs', chosen.drainTimeoutMs),
    maximumTries: wholeNumber('maximumTries', chosen.maximumTries),
    healthCheckMs: wholeNumber('healthCheckMs', chosen.healthCheckMs),
    leaseMs: wholeNumber('leaseMs', chosen.leaseMs),
    runtime: {
      dispatcher,
      ids: options.runtime?.ids ?? createSystemIds(),
      random: options.runtime?.random ?? createSystemRandom(),
      logger: withRedaction(options.runtime?.logger ?? defaultLogger(dispatcher), redactor),
      ...(options.runtime?.recorded === undefined ? {} : { recorded: options.runtime.recorded }),
      ...(options.runtime?.isClosed === undefined ? {} : { isClosed: options.runtime.isClosed }),
    },
    telemetry: options.telemetry === false ? undefined : { redactText: redactor.redactText, ...options.telemetry },
    middleware: createMiddlewareChain(options.middleware ?? []),
    maskSecrets: createSecretMask(options.redact),
    supervisor: defineSupervisor<SwarmMember>({
      name: rootSupervisor,
      strategy: 'one-for-one',
      children: options.agents,
      ...(options.restartIntensity === undefined ? {} : { intensity: options.restartIntensity }),
    }),
  }
}

/** What fails is never silent where things are done for real; a backtest has its report. */
function defaultLogger(dispatcher: Dispatcher | VirtualDispatcher): Logger {
  return dispatcher.virtual ? createSilentLogger() : createConsoleJsonLogger({ clock: dispatcher, level: 'warn' })
}

/** The name of the supervisor over all that no other one is over. */
const rootSupervisor = 'swarm'

/** The agents of a list that may hold supervisors, in order, each with the name of its supervisor. */
export function supervisedAgents(
  members: readonly SwarmMember[],
  supervisor: string = rootSupervisor,
): readonly { readonly agent: AgentClass | AgentEntry; readonly supervisor: string }[] {
  return members.flatMap((member) =>
    isSupervisorDefinition<AgentClass | AgentEntry>(member)
      ? supervisedAgents(member.children, member.name)
      : [{ agent: member, supervisor }],
  )
}

/** What the compiler cannot hold a program in JavaScript to. */
function assertComposition({ agents, storage }: SwarmOptions): void {
  const fault = !Array.isArray(agents)
    ? 'agents is no list: give it agent classes, or entries such as { agent: MyAgent, replicas: 2 }'
    : typeof storage?.open !== 'function'
      ? `storage is ${storage === undefined ? 'missing' : 'none that can be opened'}: give it one that is not opened yet, such as createMemoryStorage()`
      : undefined
  if (fault !== undefined) throw new SwarmError({ code: 'INVALID_OPTION', message: `createSwarm: ${fault}` })
}

function wholeNumber(option: string, value: number): number {
  if (Number.isInteger(value) && value >= 1) return value
  throw new SwarmError({
    code: 'INVALID_OPTION',
    message: `${option}: ${value} is not a whole number from 1`,
    context: { option, value },
  })
}
