import { SwarmError } from '../errors/swarm-error.js'
import type { StateVersion } from './document-versions.js'

export function stateConflict(agent: string, key: string): SwarmError {
  return new SwarmError({
    code: 'STATE_CONFLICT',
    message: `document "${key}" of agent ${agent} was written by another handler while this one ran`,
    retryability: 'retryable',
    context: { agent, key },
  })
}

export function notDeclared(agent: string, key: string): SwarmError {
  return new SwarmError({
    code: 'STATE_NOT_DECLARED',
    message: `document "${key}" of agent ${agent} has no history: add it to "static readonly documents" of the agent's class, with defineDocument`,
    context: { agent, key },
  })
}

export function versionGone(agent: string, key: string, version: number, kept: readonly StateVersion[]): SwarmError {
  const [newest, oldest] = [kept.at(0), kept.at(-1)]
  const range = newest && oldest ? `kept are ${oldest.version} to ${newest.version}` : 'none is kept yet'
  return new SwarmError({
    code: 'STATE_VERSION_GONE',
    message: `version ${version} of document "${key}" of agent ${agent} is not kept (${range}): raise "history" in its defineDocument to keep more`,
    context: { agent, key, version },
  })
}

export function noConflict(agent: string, key: string): SwarmError {
  return new SwarmError({
    code: 'STATE_NO_CONFLICT',
    message: `document "${key}" of agent ${agent} has no conflict to resolve: look at conflicts(key) first, or use set`,
    context: { agent, key },
  })
}
