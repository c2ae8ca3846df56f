import { messageOf, SwarmError } from '../errors/swarm-error.js'
import type { AgentLifecycle } from './agent-types.js'

/** A start of an agent that is up. */
export function alreadyStarted(agent: string, state: AgentLifecycle): SwarmError {
  return new SwarmError({
    code: 'ALREADY_STARTED',
    message: `agent ${agent} is ${state}: only one that is stopped or has failed can be started`,
    context: { agent },
  })
}

/** A restart of an agent that is down by an operator's will. */
export function agentNotRunning(agent: string, state: AgentLifecycle): SwarmError {
  return new SwarmError({
    code: 'AGENT_NOT_RUNNING',
    message: `agent ${agent} is ${state}: start it`,
    context: { agent },
  })
}

/** A start of an agent that has not ended yet. */
export function agentStopping(agent: string): SwarmError {
  return new SwarmError({
    code: 'AGENT_STOPPING',
    message: `agent ${agent} is stopping: wait for its stop, then start it`,
    context: { agent },
  })
}

/** Its constructor or its `onStart` threw. */
export function agentStartFailed(agent: string, cause: unknown): SwarmError {
  return new SwarmError({
    code: 'AGENT_START_FAILED',
    message: `agent ${agent} did not start: ${messageOf(cause)}`,
    cause,
    context: { agent },
  })
}

/** A start that a stop or another start has overtaken. */
export function agentRestarted(agent: string): SwarmError {
  return new SwarmError({
    code: 'AGENT_RESTARTED',
    message: `agent ${agent} was stopped or restarted while it started`,
    context: { agent },
  })
}

/** Its `onReconfigure` threw. */
export function reconfigureFailed(agent: string, cause: unknown): SwarmError {
  return new SwarmError({
    code: 'RECONFIGURE_FAILED',
    message: `agent ${agent} refused its new configuration and keeps the old one: ${messageOf(cause)}`,
    cause,
    context: { agent },
  })
}

/** An answer to a request that its class does not declare. */
export function respondNotDeclared(agent: string, request: string): SwarmError {
  return new SwarmError({
    code: 'RESPOND_NOT_DECLARED',
    message: `${agent} may not answer ${request}: add the request to "static readonly responds" of its class`,
    context: { agent, request },
  })
}
