import { SwarmError } from '../errors/swarm-error.js'
import { createRegistry, type Registration, type RegistryQuery } from '../registry/registry.js'
import type { SupervisorDefinition } from '../supervision/define-supervisor.js'
import { resolveSupervisor } from '../supervision/resolve-supervisor.js'
import { createSupervision, type Supervision } from '../supervision/supervision.js'
import { type AgentEntry, expandEntry, maximumReplicas, type PlannedEntry } from './agent-entries.js'
import { AgentInstance } from './agent-instance.js'
import type { AgentClass } from './agent-types.js'
import type { InstanceScope } from './instance-scope.js'
import type { SwarmAlert, SwarmRuntime } from './swarm-options.js'

/** An agent as others find it. */
export type RegisteredAgent = Registration

export type RosterParts = {
  readonly entries: readonly PlannedEntry[]
  readonly supervisor: SupervisorDefinition<AgentClass | AgentEntry>
  readonly runtime: SwarmRuntime
  readonly scope: Omit<InstanceScope, 'onFailed' | 'onPresence' | 'discover'>
  readonly leaseMs: number
  readonly alert: (alert: Omit<SwarmAlert, 'time'>) => void
}

/** All agents of a running swarm: who they are, who watches over them, and how they are found. */
export type Roster = {
  readonly instances: ReadonlyMap<string, AgentInstance>
  readonly supervision: Supervision
  /** Throws what the first start that failed threw, or `SWARM_NOT_RUNNING` when it was closed meanwhile. */
  start(): Promise<void>
  /** Nothing is started or scaled from now on; a start that is under way is given up. */
  close(): void
  /** By id or, when there is no such id, the first of a role. Throws `AGENT_NOT_FOUND`. */
  find(idOrRole: string): AgentInstance
  /** Throws `AGENT_NOT_FOUND` for one that was scaled away, also when another has its id since then. */
  assertPresent(instance: AgentInstance): void
  discover(query: RegistryQuery): readonly RegisteredAgent[]
  /** Throws `AGENT_NOT_FOUND` or `INVALID_OPTION` when {@link Roster.scale} would. */
  assertScale(idOrRole: string, replicas: number): void
  /** Starts further replicas of an entry, or stops the last ones, one change after the other. Throws `AGENT_NOT_FOUND`, `INVALID_OPTION`, `AGENT_START_FAILED`. */
  scale(entry: string, replicas: number): Promise<void>
  /** Every agent that is alive gives a sign of life. */
  heartbeat(): void
}

export function createRoster(parts: RosterParts): Roster {
  const { runtime, entries } = parts
  const { dispatcher, random, logger } = runtime
  const instances = new Map<string, AgentInstance>()
  const quarantined = new Set<AgentInstance>()
  let isClosed = false
  let scaling: Promise<void> = Promise.resolve()
  const registry = createRegistry<RegisteredAgent>({
    clock: dispatcher,
    leaseMs: dispatcher.virtual ? Number.POSITIVE_INFINITY : parts.leaseMs,
  })
  const scope: InstanceScope = {
    ...parts.scope,
    onFailed: (id, error) => supervision.failed(id, error),
    onPresence(instance, isPresent) {
      registry.deregister(instance.id)
      if (!isPresent) return
      registry.register(registrationOf(instance.id, instance.declaration))
      for (const each of quarantined) {
        if (!each.isQuarantined) quarantined.delete(each)
        else if (each.group === instance.group) each.leaveToOthers()
      }
    },
    discover: (query) => registry.find(query),
  }

  const create = (entry: PlannedEntry, id: string): AgentInstance => {
    const { group, agent, declaration } = entry
    const instance = new AgentInstance(
      { id, group, agentClass: agent, declaration, config: entry.config, documents: entry.documents },
      scope,
    )
    instances.set(id, instance)
    return instance
  }

  /** A start that an operator has overtaken, by a stop or by another start, is no failure. */
  const unlessOvertaken = async (instance: AgentInstance, starting: Promise<void>): Promise<void> => {
    try {
      await starting
    } catch (error) {
      if (instance.state === 'failed' || !SwarmError.isInstance(error, 'AGENT_RESTARTED')) throw error
    }
  }

  for (const entry of entries) for (const id of expandEntry(entry, entry.replicas)) create(entry, id)

  const bySource = new Map(entries.map((entry) => [entry.source, entry]))
  const idsOf = (source: AgentClass | AgentEntry): readonly string[] => {
    const entry = bySource.get(source)
    return entry === undefined ? [] : expandEntry(entry, entry.replicas)
  }
  const supervision = createSupervision({
    root: resolveSupervisor(parts.supervisor, idsOf),
    host: {
      async stop(id) {
        instances.get(id)?.crash(true)
      },
      async start(id) {
        const instance = instances.get(id)
        if (instance !== undefined) await unlessOvertaken(instance, instance.startAgain())
      },
      quarantine(id, reason) {
        const instance = instances.get(id)
        instance?.crash(true)
        instance?.quarantine(reason)
        if (instance !== undefined) quarantined.add(instance)
        parts.alert({
          code: 'AGENT_QUARANTINED',
          message: `agent ${id} has failed too often and stays down until it is released: ${reason}`,
          context: { agent: id },
        })
      },
    },
    timers: dispatcher,
    random: random.fork('supervision'),
    logger,
  })

  const find = (idOrRole: string): AgentInstance => {
    const found = instances.get(idOrRole) ?? [...instances.values()].find((instance) => instance.role === idOrRole)
    if (found) return found
    throw new SwarmError({
      code: 'AGENT_NOT_FOUND',
      message: `there is no agent "${idOrRole}"; there are: ${namesOf(instances) || 'none (the swarm has not started)'}`,
      context: { agent: idOrRole },
    })
  }

  const assertScale = (idOrRole: string, replicas: number): void => {
    const { group } = find(idOrRole)
    if (Number.isInteger(replicas) && replicas >= 1 && replicas <= maximumReplicas) return
    throw new SwarmError({
      code: 'INVALID_OPTION',
      message: `replicas of ${group}: ${replicas} is not a whole number from 1 to ${maximumReplicas}`,
      context: { replicas },
    })
  }

  const assertOpen = (): void => {
    if (!isClosed) return
    throw new SwarmError({ code: 'SWARM_NOT_RUNNING', message: 'the swarm is stopping: nothing is started any more' })
  }

  const addReplica = async (entry: PlannedEntry, id: string): Promise<void> => {
    assertOpen()
    const instance = create(entry, id)
    try {
      await instance.start()
    } catch (error) {
      // Whatever it has subscribed to before it failed goes to the others.
      await instance.stop()
      instances.delete(id)
      throw error
    }
    supervision.add(id, entry.supervisor)
    // Nobody watched over it until now.
    if (instance.state === 'failed') supervision.failed(id, new Error('it failed as soon as it had started'))
  }

  const removeReplica = async (instance: AgentInstance): Promise<void> => {
    supervision.remove(instance.id)
    await instance.stop()
    quarantined.delete(instance)
    instances.delete(instance.id)
  }

  const scaleNow = async (entry: PlannedEntry, replicas: number): Promise<void> => {
    const wanted = expandEntry(entry, replicas)
    const surplus = [...instances.values()].filter((each) => each.group === entry.group && !wanted.includes(each.id))
    for (const instance of surplus.reverse()) await removeReplica(instance)
    for (const id of wanted) if (!instances.has(id)) await addReplica(entry, id)
  }

  return {
    instances,
    supervision,
    find,
    assertPresent(instance) {
      if (instances.get(instance.id) === instance) return
      throw new SwarmError({
        code: 'AGENT_NOT_FOUND',
        message: `agent ${instance.id} was scaled away: scale ${instance.group} up, then ask for it by swarm.agent() again`,
        context: { agent: instance.id },
      })
    },
    discover: (query) => registry.find(query),
    async start() {
      for (const instance of instances.values()) {
        assertOpen()
        await unlessOvertaken(instance, instance.start())
      }
      assertOpen()
    },
    close() {
      isClosed = true
      for (const instance of instances.values()) if (instance.state === 'starting') void instance.stop()
    },
    assertScale,
    async scale(idOrRole, replicas) {
      assertScale(idOrRole, replicas)
      const { group } = find(idOrRole)
      const entry = entries.find((each) => each.group === group)
      if (entry === undefined) return
      const scaled = scaling.then(() => scaleNow(entry, replicas))
      scaling = scaled.catch(() => undefined)
      await scaled
    },
    heartbeat() {
      for (const { id, state } of instances.values())
        if (state === 'running' || state === 'paused' || state === 'draining') registry.heartbeat(id)
      registry.expire()
    },
  }
}

function registrationOf(id: string, declaration: AgentInstance['declaration']): RegisteredAgent {
  const { role, capabilities = [], tags = [] } = declaration
  return { id, role, capabilities, tags }
}

function namesOf(instances: ReadonlyMap<string, AgentInstance>): string {
  const names = [...instances.keys()]
  return names.length <= 20 ? names.join(', ') : `${names.slice(0, 20).join(', ')} and ${names.length - 20} more`
}
