import { SwarmError } from '../errors/swarm-error.js'

/** True where nobody knows whether the call took effect: it must not be mistaken for one that did not. */
export function isUnknownOutcome(error: unknown): error is SwarmError {
  return SwarmError.isInstance(error) && error.retryability === 'unknown-outcome'
}
