import { messageOf, SwarmError } from '../errors/swarm-error.js'
import type { LogFields } from './logger.js'
import { stackFrames } from './stack-frames.js'

/** What a log says of an error: its message, and the places in the code where it is not one of ours, whose message says enough. */
export function failureFields(error: unknown): LogFields {
  const frames = error instanceof Error && !SwarmError.isInstance(error) ? stackFrames(error.stack, error.message) : []
  return {
    error: messageOf(error),
    ...(frames.length === 0 ? {} : { stack: frames.map((frame) => frame.trim()).slice(0, framesOfFailure) }),
  }
}

/** The nearest ones lead to the line; further ones are the runtime's own. */
const framesOfFailure = 4
