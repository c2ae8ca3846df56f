import { messageOf, SwarmError } from '../errors/swarm-error.js'
import type { Ids } from '../ids/ids.js'
import { createSystemIds } from '../ids/system-ids.js'
import type { Logger } from '../logging/logger.js'
import { createSilentLogger } from '../logging/silent-logger.js'
import type { PayloadInputOf, Topic } from '../messages/topic.js'
import type { Random } from '../random/random.js'
import { createSystemRandom } from '../random/system-random.js'
import { createStateStore } from '../state/state-store.js'
import type { JournalHead } from '../storage/journal.js'
import type { Storage, StorageDefinition } from '../storage/storage.js'
import { createSystemClock } from '../time/system-clock.js'
import { type AgentEntry, expandEntries } from './agent-entries.js'
import { AgentInstance, type AgentStatus } from './agent-instance.js'
import type { AgentClass } from './agent-types.js'
import { type Bus, createBus } from './bus.js'
import { createConcurrentDispatcher } from './concurrent-dispatcher.js'
import type { Dispatcher } from './dispatcher.js'
import { createJournalWriter, type JournalWriter } from './journal-writer.js'
import type { Service } from './service.js'
import { createServiceHost } from './service-host.js'
import type { VirtualDispatcher } from './virtual-dispatcher.js'

/** The world that a swarm runs in: time, ids, randomness and log. */
export type SwarmRuntime = {
  readonly dispatcher: Dispatcher | VirtualDispatcher
  readonly ids: Ids
  readonly random: Random
  readonly logger: Logger
}

/** What a swarm is made of. */
export type SwarmOptions = {
  readonly agents: readonly (AgentClass | AgentEntry)[]
  readonly storage: StorageDefinition
  /** Started first, in this order, and stopped last. */
  readonly services?: readonly Service[]
  /** Default: the machine's clock, random ids and no log. */
  readonly runtime?: Partial<SwarmRuntime>
  /** How long a handler may take in real time; default 30,000. */
  readonly handlerTimeoutMs?: number
  /** How often a message is tried before it is dead-lettered; default 3. */
  readonly maximumTries?: number
}

/** How a swarm is at the moment; `suspended` when its storage has failed. */
export type SwarmStatus = {
  readonly state: 'created' | 'running' | 'stopped' | 'suspended'
  readonly agents: readonly AgentStatus[]
  readonly messages: { readonly published: number; readonly requests: number }
}

/** One agent, as its operator handles it. */
export type AgentControl = {
  readonly id: string
  status(): AgentStatus
  health(): Promise<AgentStatus['health']>
  /** Its messages wait until it is resumed; its requests find nobody. */
  pause(): Promise<void>
  resume(): Promise<void>
  stop(): Promise<void>
  start(): Promise<void>
  /** Drops it as a crash would, and starts a new one on its state and its waiting messages. */
  restart(): Promise<void>
}

/** Something a person did to a running swarm: an input like any other, so it is journalled before it takes effect. */
export type OperatorAct = { readonly act: string } & Readonly<Record<string, unknown>>

/** The kind of journal entry that holds an {@link OperatorAct}. */
export const operatorActKind = 'operator'

/** A swarm of agents, as its operator handles it. */
export type Swarm = {
  /** Opens the storage, then starts services and agents. Throws `ALREADY_STARTED`, `AGENT_START_FAILED` or what the storage threw. */
  start(): Promise<void>
  /** Lets the agents finish what waits for them, stops them and the services, and closes the storage. Throws `JOURNAL_FAILED` when what was pending could not be written. */
  stop(): Promise<void>
  status(): SwarmStatus
  /** By id or, when there is no such id, the first of a role. Throws `AGENT_NOT_FOUND`. */
  agent(idOrRole: string): AgentControl
  /** Publishes from outside, as `operator`. */
  publish<T extends Topic>(topic: T, payload: PayloadInputOf<T>): Promise<string>
  /** Journals an act of an operator's that is about to take effect. What is done through {@link Swarm.agent} is journalled already. */
  noteOperatorAct(act: OperatorAct): void
  /** Saves the agents' documents and commits all that is pending. */
  checkpoint(): Promise<void>
  /** The head of the journal with everything written so far. */
  journalHead(): JournalHead
  readonly storage: Storage
}

type Running = { readonly storage: Storage; readonly writer: JournalWriter; readonly bus: Bus }

const defaultHandlerTimeoutMs = 30_000
const defaultMaximumTries = 3

/**
 * Makes a swarm of agents that share a bus, a journal and a clock. Nothing is opened before `start()`. Throws `INVALID_ROLE`,
 * `INVALID_CONFIG`, `INVALID_OPTION`, `DUPLICATE_AGENT`, or, of what agents declare: `DUPLICATE_RESPONDER`, `DUPLICATE_TOPIC`,
 * `DUPLICATE_REQUEST`, `DUPLICATE_ROLE`, `TOPIC_RESERVED`, `PUBLISHER_NOT_ALLOWED`, `CALLER_NOT_ALLOWED`.
 */
export function createSwarm(options: SwarmOptions): Swarm {
  const services = options.services ?? []
  const entries = expandEntries(options.agents, services)
  const handlerTimeoutMs = wholeNumber('handlerTimeoutMs', options.handlerTimeoutMs ?? defaultHandlerTimeoutMs)
  const maximumTries = wholeNumber('maximumTries', options.maximumTries ?? defaultMaximumTries)
  const runtime: SwarmRuntime = {
    dispatcher: options.runtime?.dispatcher ?? createConcurrentDispatcher(createSystemClock()),
    ids: options.runtime?.ids ?? createSystemIds(),
    random: options.runtime?.random ?? createSystemRandom(),
    logger: options.runtime?.logger ?? createSilentLogger(),
  }
  const { dispatcher, logger } = runtime
  const states = createStateStore()
  const instances = new Map<string, AgentInstance>()
  let state: SwarmStatus['state'] = 'created'
  let opening = false
  let running: Running | undefined
  let stopping: Promise<void> | undefined

  const current = (): Running => {
    if (running) return running
    throw new SwarmError({ code: 'SWARM_NOT_RUNNING', message: 'the swarm is not running: call start() first' })
  }

  const assertRunning = (): void => {
    if (state === 'running') return
    if (state === 'suspended') {
      throw new SwarmError({
        code: 'SWARM_SUSPENDED',
        message: 'the storage failed and the swarm is suspended: mend the storage and start a new swarm on it',
      })
    }
    throw new SwarmError({
      code: 'SWARM_NOT_RUNNING',
      message: `the swarm is ${state}: ${state === 'created' ? 'call start() first' : 'create a new one on the same storage'}`,
    })
  }

  const noteOperatorAct = (act: OperatorAct): void => {
    current().writer.append({
      id: runtime.ids.next(operatorActKind),
      kind: operatorActKind,
      time: dispatcher.now(),
      payload: act,
    })
  }

  const saveStates = (): void => {
    for (const write of states.takeUnsaved()) current().writer.putKeyValue(write)
  }

  const suspend = (error: unknown): void => {
    if (state === 'running') state = 'suspended'
    logger.error('the storage failed: all agents are paused', { error: messageOf(error) })
    for (const instance of instances.values()) instance.suspend()
  }

  const open = async (): Promise<Running> => {
    const storage = await options.storage.open({ clock: dispatcher })
    try {
      const writer = createJournalWriter(storage, await storage.journal.head(), suspend)
      await states.load(storage.keyValue)
      const bus = createBus({ dispatcher, ids: runtime.ids, writer })
      if ('onInstantEnd' in dispatcher) dispatcher.onInstantEnd(() => writer.flush())
      return { storage, writer, bus }
    } catch (error) {
      await storage.close()
      throw error
    }
  }

  const createInstances = (): void => {
    for (const entry of entries) {
      const instance = new AgentInstance({
        id: entry.id,
        group: entry.group,
        agentClass: entry.agent,
        declaration: entry.declaration,
        config: entry.config,
        bus: current().bus,
        dispatcher,
        writer: current().writer,
        states,
        random: runtime.random.fork(entry.id),
        logger: logger.child({ agent: entry.id }),
        handlerTimeoutMs,
        maximumTries,
      })
      instances.set(entry.id, instance)
    }
  }

  const stopAll = async (): Promise<void> => {
    if (running === undefined) return
    const { storage, writer } = running
    try {
      // All drain together: what one publishes at the last, the others handle still.
      for (const instance of instances.values()) instance.drain()
      await dispatcher.idle()
      for (const instance of [...instances.values()].reverse()) await instance.stop()
      for (const service of [...services].reverse()) await stopService(service)
      saveStates()
      await writer.flush()
    } finally {
      await storage.close()
    }
  }

  const stopService = async (service: Service): Promise<void> => {
    try {
      await service.stop()
    } catch (error) {
      logger.error('a service failed while it stopped', { service: service.name, error: messageOf(error) })
    }
  }

  return {
    async start() {
      if (state !== 'created' || opening) {
        throw new SwarmError({
          code: 'ALREADY_STARTED',
          message: `the swarm is ${opening ? 'starting' : state}: a swarm starts once; create a new one on the same storage`,
        })
      }
      opening = true
      try {
        running = await open()
      } finally {
        opening = false
      }
      state = 'running'
      try {
        createInstances()
        for (const service of services) await service.start(createServiceHost({ service, ...running, ...runtime }))
        for (const instance of instances.values()) await instance.start()
        running.bus.open()
        await running.writer.flush()
      } catch (error) {
        state = 'stopped'
        stopping = stopAll()
        await stopping.catch((stopError: unknown) =>
          logger.error('stopping after a failed start failed', { error: messageOf(stopError) }),
        )
        throw error
      }
    },
    stop() {
      if (state === 'created') return Promise.resolve()
      state = 'stopped'
      stopping ??= stopAll()
      return stopping
    },
    status: () => ({
      state,
      agents: [...instances.values()].map((instance) => instance.statusNow()),
      messages: { published: running?.bus.counts.published ?? 0, requests: running?.bus.counts.requests ?? 0 },
    }),
    agent: (idOrRole) => control(findInstance(instances, idOrRole), assertRunning, noteOperatorAct),
    noteOperatorAct,
    async publish(topic, payload) {
      assertRunning()
      const { bus } = current()
      const prepared = bus.prepare(topic, payload, { publisher: 'operator' })
      await bus.send(prepared)
      return prepared.message.id
    },
    async checkpoint() {
      saveStates()
      await current().writer.flush()
    },
    journalHead: () => current().writer.head(),
    get storage() {
      return current().storage
    },
  }
}

function control(
  instance: AgentInstance,
  assertRunning: () => void,
  noteOperatorAct: (act: OperatorAct) => void,
): AgentControl {
  const noted =
    (act: 'pause' | 'resume' | 'stop' | 'start' | 'restart', perform: () => void | Promise<void>) =>
    async (): Promise<void> => {
      assertRunning()
      noteOperatorAct({ act, agent: instance.id })
      await perform()
    }
  return {
    id: instance.id,
    status: () => instance.statusNow(),
    health: async () => (await instance.status()).health,
    pause: noted('pause', () => instance.pause()),
    resume: noted('resume', () => instance.resume()),
    stop: noted('stop', () => instance.stop()),
    start: noted('start', () => instance.start()),
    restart: noted('restart', () => instance.restart()),
  }
}

function findInstance(instances: ReadonlyMap<string, AgentInstance>, idOrRole: string): AgentInstance {
  const found = instances.get(idOrRole) ?? [...instances.values()].find((instance) => instance.role === idOrRole)
  if (found) return found
  throw new SwarmError({
    code: 'AGENT_NOT_FOUND',
    message: `there is no agent "${idOrRole}"; there are: ${[...instances.keys()].join(', ') || 'none (the swarm has not started)'}`,
    context: { agent: idOrRole },
  })
}

function wholeNumber(option: string, value: number): number {
  if (Number.isInteger(value) && value >= 1) return value
  throw new SwarmError({
    code: 'INVALID_OPTION',
    message: `${option}: ${value} is not a whole number from 1 on`,
    context: { option, value },
  })
}
