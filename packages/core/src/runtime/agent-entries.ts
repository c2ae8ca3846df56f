import { z } from 'zod'
import { assertKnownOptions } from '../errors/known-options.js'
import { nearestName } from '../errors/nearest-name.js'
import { SwarmError } from '../errors/swarm-error.js'
import type { Request } from '../messages/request.js'
import { strayField } from '../messages/stray-field.js'
import type { Topic } from '../messages/topic.js'
import { describeIssues } from '../messages/validate.js'
import { type DocumentRules, documentRules } from '../state/define-document.js'
import type { AgentClass, AgentDeclaration } from './agent-types.js'
import { checkDeclarations, type DeclaredEntry } from './check-declarations.js'
import type { Service } from './service.js'
import { type SwarmMember, supervisedAgents } from './swarm-options.js'

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

/** What a class said of itself when the swarm was made, ready to be looked up. */
export type DeclaredAgent = AgentDeclaration & {
  readonly mayPublish: ReadonlySet<Topic>
  readonly mayRequest: ReadonlySet<Request>
}

/** An entry with its names and its configuration settled. */
export type PlannedEntry = {
  /** What it was made from. */
  readonly source: AgentClass | AgentEntry
  /** The id of its first replica, and the name of the consumer groups that all share. */
  readonly group: string
  /** The supervisor that it is under. */
  readonly supervisor: string
  readonly agent: AgentClass
  /** What the class said of itself when the swarm was made; what becomes of the class later changes nothing. */
  readonly declaration: DeclaredAgent
  readonly config: unknown
  /** How its documents are kept, where it has declared some. */
  readonly documents: DocumentRules | undefined
  readonly replicas: number
}

export const maximumReplicas = 10_000
const entryOptions: readonly (keyof AgentEntry)[] = ['agent', 'id', 'replicas', 'config']
const namePattern = /^[a-z][a-z0-9-]*$/

/**
 * Every entry of a swarm, each declaring nothing that it may not do. Throws `INVALID_ROLE`, `INVALID_OPTION`,
 * `INVALID_CONFIG`, `DUPLICATE_AGENT`, or what {@link checkDeclarations} throws.
 */
export function planEntries(members: readonly SwarmMember[], services: readonly Service[]): readonly PlannedEntry[] {
  const planned: PlannedEntry[] = []
  const taken = new Set<string>()
  const declared: DeclaredEntry[] = []
  for (const service of services) claimName(taken, service.name)
  for (const { agent: source, supervisor } of supervisedAgents(members)) {
    const entry = entryOf(source)
    const group = groupOf(entry)
    const declaration = declarationOf(entry.agent)
    declared.push({ ...declaration, name: group })
    const replicas = replicasOf(entry)
    const config = parseConfig(group, entry.agent, entry.config)
    const one = {
      source,
      group,
      supervisor,
      agent: entry.agent,
      declaration,
      config,
      documents: documentRules(declaration.documents),
      replicas,
    }
    for (const id of expandEntry(one, replicas)) claimName(taken, id)
    planned.push(one)
  }
  checkDeclarations(declared, services)
  return planned
}

/** The ids of so many replicas of an entry. */
export function expandEntry({ group }: Pick<PlannedEntry, 'group'>, replicas: number): readonly string[] {
  return Array.from({ length: replicas }, (_, index) => (index === 0 ? group : `${group}-${index + 1}`))
}

/** The configuration of an agent as its class wants it. Throws `INVALID_CONFIG`, naming agent and field, also one that the class does not know. */
export function parseConfig(id: string, agent: AgentClass, config: unknown): unknown {
  const schema = agent.config
  if (schema !== undefined && typeof schema.safeParse !== 'function') {
    throw new SwarmError({
      code: 'INVALID_CONFIG',
      message: `config of ${agent.name} is no schema of zod: write "static readonly config = z.object({ … })"`,
      context: { agent: id },
    })
  }
  if (schema === undefined) {
    if (config === undefined) return {}
    throw new SwarmError({
      code: 'INVALID_CONFIG',
      message: `config of agent ${id}: ${agent.name} takes none; add "static readonly config = z.object({ … })" to it`,
      context: { agent: id },
    })
  }
  // Before what is missing: a misspelt name is mostly both.
  assertNoStray(id, schema, config)
  const result = schema.safeParse(config ?? {})
  if (result.success) return result.data
  throw new SwarmError({
    code: 'INVALID_CONFIG',
    message: `config of agent ${id}: ${describeIssues(result.error)}`,
    context: { agent: id },
  })
}

function assertNoStray(id: string, schema: z.ZodType, config: unknown): void {
  const stray = strayField(schema, config)
  if (stray === undefined) return
  const { path, known } = stray
  const field = z.core.toDotPath(path)
  const nearest = nearestName(String(path.at(-1)), known)
  const hint = nearest === undefined ? `there are: ${known.join(', ') || 'none'}` : `did you mean ${nearest}?`
  throw new SwarmError({
    code: 'INVALID_CONFIG',
    message: `config of agent ${id}: there is no field ${field}; ${hint}`,
    context: { agent: id, field },
  })
}

function entryOf(source: AgentClass | AgentEntry): AgentEntry {
  if (typeof source === 'function') return { agent: source }
  if (typeof source?.agent === 'function') {
    assertKnownOptions(`agents: entry of ${source.agent.name}`, source, entryOptions)
    return source
  }
  throw new SwarmError({
    code: 'INVALID_OPTION',
    message:
      'agents: one of them is neither a class nor an entry such as { agent: MyAgent }; give the class itself, not an instance',
  })
}

function declarationOf({
  role,
  capabilities,
  tags,
  publishes,
  requests,
  responds,
  documents,
}: AgentClass): DeclaredAgent {
  for (const [list, values] of Object.entries({ capabilities, tags, publishes, requests, responds })) {
    if (values === undefined || Array.isArray(values)) continue
    throw new SwarmError({
      code: 'INVALID_OPTION',
      message: `${list} of the agent with role ${role} is no list: write "static readonly ${list} = [ … ]"`,
      context: { role },
    })
  }
  return {
    role,
    capabilities: [...(capabilities ?? [])],
    tags: [...(tags ?? [])],
    publishes: [...(publishes ?? [])],
    requests: [...(requests ?? [])],
    responds: [...(responds ?? [])],
    mayPublish: new Set(publishes),
    mayRequest: new Set(requests),
    ...(documents === undefined ? {} : { documents }),
  }
}

function groupOf(entry: AgentEntry): string {
  const { role } = entry.agent
  if (typeof role !== 'string' || !namePattern.test(role)) {
    throw new SwarmError({
      code: 'INVALID_ROLE',
      message: `${entry.agent.name}: its role is ${JSON.stringify(role)}; add "static readonly role = 'my-role'" (lower case, digits and dashes)`,
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
