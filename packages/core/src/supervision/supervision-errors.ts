import { SwarmError } from '../errors/swarm-error.js'

export function duplicateSupervisor(name: string): SwarmError {
  return new SwarmError({
    code: 'DUPLICATE_SUPERVISOR',
    message: `two supervisors have the name "${name}": give one of them another name`,
    context: { supervisor: name },
  })
}

export function supervisedTwice(id: string, supervisor: string): SwarmError {
  return new SwarmError({
    code: 'DUPLICATE_AGENT',
    message: `"${id}" is in the supervision tree already and was given to supervisor ${supervisor} too: list it once, or give it an id of its own`,
    context: { agent: id, supervisor },
  })
}

export function supervisionStopped(id: string): SwarmError {
  return new SwarmError({
    code: 'SUPERVISION_STOPPED',
    message: `agent ${id} cannot be released: the swarm is stopping, and nothing is started any more`,
    context: { agent: id },
  })
}

export function notSupervised(id: string): SwarmError {
  return new SwarmError({
    code: 'AGENT_NOT_FOUND',
    message: `there is no agent "${id}" under supervision: see status() for those there are`,
    context: { agent: id },
  })
}

export function notQuarantined(id: string): SwarmError {
  return new SwarmError({
    code: 'NOT_QUARANTINED',
    message: `agent ${id} is not in quarantine: only one that is can be released`,
    context: { agent: id },
  })
}

export function supervisorNotFound(name: string, names: Iterable<string>): SwarmError {
  return new SwarmError({
    code: 'SUPERVISOR_NOT_FOUND',
    message: `there is no supervisor "${name}"; there are: ${[...names].join(', ')}`,
    context: { supervisor: name },
  })
}
