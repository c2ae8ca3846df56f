import { SwarmError } from '../errors/swarm-error.js'
import { describeIssues } from '../messages/validate.js'
import type { AgentClass, AgentDeclaration } from './agent-types.js'
import { checkDeclarations, type DeclaredEntry } from './check-declarations.js'
import type { Service } from './service.js'

/** An agent of a swarm: its class, with an id, replicas and config of its own. */
export type AgentEntry = {
  readonly agent: AgentClass
  /** Default: the role. Lower case, digits and dashes. */
  readonly id?: string
  /** How many run side by side, sharing the messages by key; default 1. */
  readonly replicas?: number
  /** Parsed by the class's `config` schema. */
  readonly config?: unknown
}

/** One agent to be: a replica of an entry, with its config parsed. */
export type ExpandedEntry = {
  readonly id: string
  readonly group: string
  readonly agent: AgentClass
  /** What the class said of itself when the swarm was made; what becomes of the class later changes nothing. */
  readonly declaration: AgentDeclaration
  readonly config: unknown
}

const maximumReplicas = 1_000
const namePattern = /^[a-z][a-z0-9-]*$/

/**
 * Every agent that the entries ask for, each declaring nothing that it may not do. Throws `INVALID_ROLE`, `INVALID_OPTION`,
 * `INVALID_CONFIG`, `DUPLICATE_AGENT`, or what {@link checkDeclarations} throws.
 */
export function expandEntries(
  agents: readonly (AgentClass | AgentEntry)[],
  services: readonly Service[],
): readonly ExpandedEntry[] {
  const expanded: ExpandedEntry[] = []
  const taken = new Set<string>()
  const declared: DeclaredEntry[] = []
  for (const service of services) claimName(taken, service.name)
  for (const item of agents) {
    const entry: AgentEntry = typeof item === 'function' ? { agent: item } : item
    const group = groupOf(entry)
    const declaration = declarationOf(entry.agent)
    declared.push({ ...declaration, name: group })
    const replicas = replicasOf(entry)
    for (let replica = 1; replica <= replicas; replica += 1) {
      const id = replica === 1 ? group : `${group}-${replica}`
      claimName(taken, id)
      expanded.push({ id, group, agent: entry.agent, declaration, config: parseConfig(id, entry) })
    }
  }
  checkDeclarations(declared, services)
  return expanded
}

function declarationOf({ role, capabilities, publishes, requests, responds }: AgentClass): AgentDeclaration {
  return {
    role,
    capabilities: [...(capabilities ?? [])],
    publishes: [...(publishes ?? [])],
    requests: [...(requests ?? [])],
    responds: [...(responds ?? [])],
  }
}

function groupOf(entry: AgentEntry): string {
  const { role } = entry.agent
  if (typeof role !== 'string' || !namePattern.test(role)) {
    throw new SwarmError({
      code: 'INVALID_ROLE',
      message: `${entry.agent.name}: add "static readonly role = 'my-role'" (lower case, digits and dashes)`,
    })
  }
  const id = entry.id ?? role
  if (namePattern.test(id)) return id
  throw new SwarmError({
    code: 'INVALID_OPTION',
    message: `id of ${role}: "${id}" is not lower case letters, digits and dashes`,
    context: { id },
  })
}

function replicasOf(entry: AgentEntry): number {
  const replicas = entry.replicas ?? 1
  if (Number.isInteger(replicas) && replicas >= 1 && replicas <= maximumReplicas) return replicas
  throw new SwarmError({
    code: 'INVALID_OPTION',
    message: `replicas of ${entry.agent.role}: ${replicas} is not a whole number from 1 to ${maximumReplicas}`,
    context: { replicas },
  })
}

function claimName(taken: Set<string>, id: string): void {
  if (taken.has(id)) {
    throw new SwarmError({
      code: 'DUPLICATE_AGENT',
      message: `two agents or services have the id "${id}": give one of them an id of its own, or use replicas`,
      context: { id },
    })
  }
  taken.add(id)
}

function parseConfig(id: string, entry: AgentEntry): unknown {
  const schema = entry.agent.config
  if (schema === undefined) return {}
  const result = schema.safeParse(entry.config ?? {})
  if (result.success) return result.data
  throw new SwarmError({
    code: 'INVALID_CONFIG',
    message: `config of agent ${id}: ${describeIssues(result.error)}`,
    context: { agent: id },
  })
}
