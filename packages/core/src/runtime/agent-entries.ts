import { SwarmError } from '../errors/swarm-error.js'
import type { Request } from '../messages/request.js'
import { describeIssues } from '../messages/validate.js'
import type { AgentClass } from './agent-types.js'
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
  readonly config: unknown
}

const maximumReplicas = 1_000
const namePattern = /^[a-z][a-z0-9-]*$/

/** Every agent that the entries ask for. Throws `INVALID_ROLE`, `INVALID_OPTION`, `INVALID_CONFIG`, `DUPLICATE_AGENT` or `DUPLICATE_RESPONDER`. */
export function expandEntries(
  agents: readonly (AgentClass | AgentEntry)[],
  services: readonly Service[],
): readonly ExpandedEntry[] {
  const expanded: ExpandedEntry[] = []
  const taken = new Set<string>()
  const owners = new Map<string, string>()
  for (const service of services) {
    claimName(taken, service.name)
    claimRequests(owners, service.responds, service.name)
  }
  for (const item of agents) {
    const entry: AgentEntry = typeof item === 'function' ? { agent: item } : item
    const group = groupOf(entry)
    claimRequests(owners, entry.agent.responds, entry.agent.role)
    const replicas = replicasOf(entry)
    for (let replica = 1; replica <= replicas; replica += 1) {
      const id = replica === 1 ? group : `${group}-${replica}`
      claimName(taken, id)
      expanded.push({ id, group, agent: entry.agent, config: parseConfig(id, entry) })
    }
  }
  return expanded
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

/** No two roles may answer the same request: whose answer would it be? */
function claimRequests(owners: Map<string, string>, requests: readonly Request[] | undefined, owner: string): void {
  for (const request of requests ?? []) {
    const other = owners.get(request.name)
    if (other !== undefined && other !== owner) {
      throw new SwarmError({
        code: 'DUPLICATE_RESPONDER',
        message: `both ${other} and ${owner} declare that they answer ${request.name}: only one may`,
        context: { request: request.name },
      })
    }
    owners.set(request.name, owner)
  }
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
