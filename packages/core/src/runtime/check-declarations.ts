import { SwarmError } from '../errors/swarm-error.js'
import type { Request } from '../messages/request.js'
import type { Topic } from '../messages/topic.js'
import type { AgentDeclaration } from './agent-types.js'
import type { Service } from './service.js'

/** What one entry of a swarm says of itself; its replicas say it together. */
export type DeclaredEntry = AgentDeclaration & { readonly name: string }

/**
 * Makes sure that nobody declares what is another's. A topic that a service publishes is closed to agents, a request or topic that names
 * roles is open to one entry of each of them, and a request has one entry or service to answer it.
 * Throws `DUPLICATE_RESPONDER`, `DUPLICATE_TOPIC`, `DUPLICATE_REQUEST`, `DUPLICATE_ROLE`, `TOPIC_RESERVED`, `PUBLISHER_NOT_ALLOWED`
 * or `CALLER_NOT_ALLOWED`.
 */
export function checkDeclarations(entries: readonly DeclaredEntry[], services: readonly Service[]): void {
  const claims = createClaims()
  const reserved = new Map<string, string>()
  for (const { name, publishes = [], responds = [] } of services) {
    for (const topic of publishes) {
      claims.name(topic, name)
      reserved.set(topic.name, name)
    }
    for (const request of responds) claims.answer(request, name)
  }
  for (const { name, role, publishes = [], requests = [], responds = [] } of entries) {
    for (const topic of publishes) {
      claims.name(topic, name)
      const { publishers } = topic
      const service = reserved.get(topic.name)
      if (publishers === undefined && service !== undefined) throw topicReserved(topic, name, service)
      if (publishers === undefined) continue
      if (!publishers.includes(role)) throw publisherNotAllowed(topic, name, role)
      claims.privilege(topic, name, role)
    }
    for (const request of requests) {
      claims.name(request, name)
      if (request.callers === undefined) continue
      if (!request.callers.includes(role)) throw callerNotAllowed(request, name, role)
      claims.privilege(request, name, role)
    }
    for (const request of responds) claims.answer(request, name)
  }
}

/** One who asks what only certain roles may ask. */
export function callerNotAllowed(request: Request, caller: string, role: string): SwarmError {
  return new SwarmError({
    code: 'CALLER_NOT_ALLOWED',
    message: `${caller} has the role ${role} and may not ask ${request.name}: ${rolesOf(request.callers)}`,
    context: { request: request.name, caller, role },
  })
}

type Claims = {
  /** A name means one topic or request: under another definition of the same name its rules would not hold. */
  name(declared: Topic | Request, owner: string): void
  /** What is for a role is for one entry of it: by taking the role of another nobody gets its rights. */
  privilege(declared: Topic | Request, owner: string, role: string): void
  answer(request: Request, owner: string): void
}

function createClaims(): Claims {
  const names = new Map<string, { readonly declared: Topic | Request; readonly owner: string }>()
  const privileged = new Map<string, string>()
  const answered = new Map<string, string>()

  const name: Claims['name'] = (declared, owner) => {
    const key = `${declared.kind} ${declared.name}`
    const known = names.get(key)
    if (known === undefined) names.set(key, { declared, owner })
    else if (known.declared !== declared) throw definedTwice(declared, known.owner, owner)
  }

  return {
    name,
    privilege(declared, owner, role) {
      const key = `${declared.kind} ${declared.name} ${role}`
      const holder = privileged.get(key) ?? owner
      if (holder !== owner) throw duplicateRole(declared, role, holder, owner)
      privileged.set(key, owner)
    },
    answer(request, owner) {
      const other = answered.get(request.name) ?? owner
      if (other !== owner) throw duplicateResponder(request, other, owner)
      name(request, owner)
      answered.set(request.name, owner)
    },
  }
}

function definedTwice({ kind, name }: Topic | Request, first: string, second: string): SwarmError {
  return new SwarmError({
    code: kind === 'topic' ? 'DUPLICATE_TOPIC' : 'DUPLICATE_REQUEST',
    message: `${first} and ${second} declare two different ${kind}s of the name ${name}: import the one that there is, or give the other a name of its own (two installed copies of a package define everything twice)`,
    context: { [kind]: name, first, second },
  })
}

function duplicateRole({ name }: Topic | Request, role: string, first: string, second: string): SwarmError {
  return new SwarmError({
    code: 'DUPLICATE_ROLE',
    message: `both ${first} and ${second} have the role ${role} and declare ${name}, which is for one entry of that role: give the other another role, or use replicas`,
    context: { name, role, first, second },
  })
}

function duplicateResponder({ name }: Request, first: string, second: string): SwarmError {
  return new SwarmError({
    code: 'DUPLICATE_RESPONDER',
    message: `both ${first} and ${second} declare that they answer ${name}: only one may`,
    context: { request: name, first, second },
  })
}

function topicReserved({ name }: Topic, agent: string, service: string): SwarmError {
  return new SwarmError({
    code: 'TOPIC_RESERVED',
    message: `${agent} may not publish ${name}: it is published by the service ${service}, and agents can only subscribe to it`,
    context: { agent, topic: name, service },
  })
}

function publisherNotAllowed(topic: Topic, agent: string, role: string): SwarmError {
  return new SwarmError({
    code: 'PUBLISHER_NOT_ALLOWED',
    message: `${agent} has the role ${role} and may not publish ${topic.name}: ${rolesOf(topic.publishers)}`,
    context: { agent, topic: topic.name, role },
  })
}

function rolesOf(roles: readonly string[] = []): string {
  return roles.length === 0 ? 'it is for no agent' : `it is for ${roles.join(', ')} only`
}
